// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/vio/luns.c: the table that GRUB walks.
#include <setjmp.h>
#include <stdarg.h>

#include "drivers/scsi/scsi.h"
#include "drivers/vio/luns.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/heap.h"

static struct scsi_unit units[8];
static struct list list;
static struct vscsi_luns luns;

static void make(const uint64_t *all, unsigned n)
{
	unsigned i;

	list_init(&list);
	for (i = 0; i < n; i++) {
		units[i].lun = all[i];
		list_add_tail(&list, &units[i].link);
	}
	assert_int_equal(vscsi_luns_make(&luns, &list), 0);
}

static int teardown(void **state)
{
	(void)state;
	vscsi_luns_free(&luns);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* The list that entry `i` of the table points to. */
static const be64 *list_of(unsigned i)
{
	return (const be64 *)(uintptr_t)be64_get(luns.table[i]);
}

static void a_host_without_units_has_an_empty_table(void **state)
{
	(void)state;
	make(NULL, 0);
	assert_int_equal(luns.n, 0);
	assert_non_null(luns.table);
}

/* grub-core/disk/ieee1275/ofdisk.c: one entry per target, lists end with 0. */
static void grub_finds_one_entry_per_target_and_lists_that_end(void **state)
{
	static const uint64_t all[] = {
		0x8000000000000000, 0x8001000000000000, 0x8020000000000000,
		0x8100000000000000, 0xbfe0000000000000, 0xbfff000000000000,
	};

	(void)state;
	make(all, ARRAY_SIZE(all));
	assert_int_equal(luns.n, 4);
	assert_int_equal(be64_get(list_of(0)[0]), all[0]);
	assert_int_equal(be64_get(list_of(0)[1]), all[1]);
	assert_int_equal(be64_get(list_of(0)[2]), 0);
	assert_int_equal(be64_get(list_of(1)[0]), all[2]);
	assert_int_equal(be64_get(list_of(1)[1]), 0);
	assert_int_equal(be64_get(list_of(2)[0]), all[3]);
	assert_int_equal(be64_get(list_of(2)[1]), 0);
	assert_int_equal(be64_get(list_of(3)[0]), all[4]);
	assert_int_equal(be64_get(list_of(3)[1]), all[5]);
	assert_int_equal(be64_get(list_of(3)[2]), 0);
}

static void no_memory_leaves_an_empty_table(void **state)
{
	(void)state;
	list_init(&list);
	fake_heap_fail_after(0);
	assert_int_equal(vscsi_luns_make(&luns, &list), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(luns.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			a_host_without_units_has_an_empty_table, teardown),
		cmocka_unit_test_teardown(
			grub_finds_one_entry_per_target_and_lists_that_end,
			teardown),
		cmocka_unit_test_teardown(no_memory_leaves_an_empty_table,
					  teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

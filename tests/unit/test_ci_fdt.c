// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/fdt.c: the tree that is handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/fdt.h"
#include "ci/mem.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/fdt.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

/* The last tree that was handed over, and what is to be in it. */
static uint8_t handed[65536];
static size_t handed_size;
static int64_t update_status;

static int64_t update(struct hcall *h)
{
	const uint8_t *blob = (const uint8_t *)(uintptr_t)h->reg[0];

	handed_size = be32_load(blob + 4);
	assert_true(handed_size <= sizeof(handed));
	memcpy(handed, blob, handed_size);
	return update_status;
}

static bool handed_has(const char *text)
{
	return memmem(handed, handed_size, text, strlen(text)) != NULL;
}

/* Hands over with a limit of `limit` bytes. */
static void hand_over(size_t limit)
{
	ci_fdt_set_qemu_size((limit + 1) / 2);
	fake_hcall_set(KVMPPC_H_UPDATE_DT, update);
	update_status = H_SUCCESS;
	handed_size = 0;
	fake_events_clear();
	ci_fdt_update();
}

static void fill(const char *path, const char *name, const char *value)
{
	char text[401];

	memset(text, value[0], 400);
	text[400] = '\0';
	memcpy(text, value, strlen(value));
	assert_int_equal(tree_set_str(tree_find(path), name, text), 0);
}

/* Five parts of 400 bytes, each to be left out in its turn. */
static void fill_tree(void)
{
	struct node *pkg = tree_find("/packages/disk-label");
	struct node *disk =
		tree_add_node(tree_find("/vdevice"), "disk@9", TREE_QUOIN);

	assert_non_null(pkg);
	assert_non_null(disk);
	assert_int_equal(tree_set_str(disk, "device_type", "block"), 0);
	fill("/openprom", "quoin,boot-log", "part-openprom");
	fill("/options", "nvramrc", "part-options");
	fill("/packages/disk-label", "doc", "part-packages");
	fill("/vdevice/disk@9", "doc", "part-disks");
	fill("/aliases", "zz", "part-aliases");
	fill("/chosen", "bootpath", "part-chosen");
}

static void the_whole_tree_is_handed_over(void **state)
{
	(void)state;
	fill_tree();
	hand_over(60000);
	assert_true(handed_has("part-openprom"));
	assert_true(handed_has("part-options"));
	assert_true(handed_has("part-packages"));
	assert_true(handed_has("part-disks"));
	assert_true(handed_has("part-aliases"));
	assert_true(handed_has("part-chosen"));
	assert_string_equal(fake_printed, "");
}

static void parts_are_left_out_in_order(void **state)
{
	static const char *const parts[] = {
		"part-openprom", "part-options", "part-packages",
		"part-disks",	 "part-aliases",
	};
	static const char *const lines[] = {
		"without /openprom:",
		"without /openprom, /options:",
		"without /openprom, /options, /packages:",
		"without /openprom, /options, /packages, disks:",
		"without /openprom, /options, /packages, disks, /aliases:",
	};

	(void)state;
	fill_tree();
	hand_over(60000);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t before = handed_size;

		/* Two bytes too few for what went last time. */
		hand_over(before - 2);
		assert_true(handed_size < before);
		for (size_t k = 0; k < ARRAY_SIZE(parts); k++)
			assert_int_equal(handed_has(parts[k]), k > i);
		assert_true(handed_has("part-chosen"));
		assert_non_null(strstr(fake_printed, lines[i]));
	}
}

/* QEMU refuses it then; it is asked all the same, and the line is printed. */
static void what_cannot_be_made_small_is_handed_over_small(void **state)
{
	(void)state;
	fill_tree();
	hand_over(64);
	assert_true(handed_size > 64);
	assert_false(handed_has("part-aliases"));
	assert_true(handed_has("part-chosen"));
	assert_non_null(strstr(fake_printed, "accepts 64"));
}

static void refusals_are_printed_unless_the_machine_is_old(void **state)
{
	(void)state;
	fake_hcall_set(KVMPPC_H_UPDATE_DT, NULL);
	ci_fdt_update();
	assert_string_equal(fake_printed, "");
	fake_hcall_set(KVMPPC_H_UPDATE_DT, update);
	update_status = H_PARAMETER;
	ci_fdt_update();
	assert_non_null(strstr(fake_printed, "the hypervisor refused it"));
	fake_events_clear();
	fake_blocks_fail_after(0);
	ci_fdt_update();
	assert_non_null(strstr(fake_printed, "not handed over: out of memory"));
}

static void handing_over_leaks_nothing(void **state)
{
	size_t live = fake_blocks_live();

	(void)state;
	ci_fdt_update();
	assert_int_equal(fake_blocks_live(), live);
}

/* boot_cpuid_phys: the processor that runs the client. */
static void the_tree_names_the_boot_processor(void **state)
{
	(void)state;
	assert_int_equal(ci_fdt_fetch(handed, sizeof(handed)), 0);
	assert_int_equal(be32_load(handed + 28), 8);
	tree_remove_node(tree_find("/cpus"));
	assert_int_equal(ci_fdt_fetch(handed, sizeof(handed)), 0);
	assert_int_equal(be32_load(handed + 28), 0);
	assert_int_equal(ci_fdt_fetch(handed, 100), ERR_NOSPACE);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_whole_tree_is_handed_over),
		T(parts_are_left_out_in_order),
		T(what_cannot_be_made_small_is_handed_over_small),
		T(refusals_are_printed_unless_the_machine_is_old),
		T(handing_over_leaks_nothing),
		T(the_tree_names_the_boot_processor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

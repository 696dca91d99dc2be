// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/scan.c: LUN lists, true and false, and their nodes.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/cdb.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

TABLE_LINK(drivers, driver_scsi_disk);

/* Targets in the upper half of a LUN, their LUNs in the lower. */
#define TARGET(t) ((uint64_t)(t) << 32)
#define TARGETS 100u

static struct device *controller;
static uint64_t targets[TARGETS];
static struct scsi_host *host;

static uint64_t entry_of(uint64_t lun)
{
	return lun << 48;
}

static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	/* Entries beyond 16 bits are not for us. */
	if (entry & 0xffffffffffff)
		return 0;
	return target | entry >> 48;
}

static int setup(void **state)
{
	unsigned i;

	(void)state;
	fake_scsi_start();
	controller = fake_scsi_plug("scsi@3");
	fake_lun_mask = ~0xffffffffULL;
	fake_lun_entry = entry_of;
	fake_lun_of = lun_of;
	host = &fake_scsi_host.host;
	for (i = 0; i < TARGETS; i++)
		targets[i] = TARGET(i + 1);
	fake_scsi_host.targets = targets;
	fake_scsi_host.n_targets = TARGETS;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_remove_node(controller->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static unsigned children(void)
{
	const struct node *child;
	unsigned n = 0;

	for (child = controller->node->child; child; child = child->next)
		n++;
	return n;
}

/* All of it, as often as the test wants: device_scan_all() does it once. */
static void scan(void)
{
	while (scsi_scan(controller))
		request_wait();
	scsi_found(controller);
}

/* After a response, there is no further round. */
static bool one_has_answered(void)
{
	return fake_scsi_host.rounds == 1;
}

static void each_disk_found_gets_a_node_and_an_alias(void **state)
{
	struct node *node;
	uint64_t reg;

	(void)state;
	fake_unit_add(TARGET(2), 0);
	fake_unit_add(TARGET(7) | 0x12c, 5)->removable = true;
	scan();
	assert_true(one_has_answered());
	assert_int_equal(children(), 2);
	node = tree_find("/scsi@3/disk@200000000");
	assert_non_null(node);
	assert_ptr_equal(tree_find("disk"), node);
	assert_string_equal(tree_get_str(node, "device_type"), "block");
	assert_int_equal(tree_get_u64(node, "reg", 0, &reg), 0);
	assert_int_equal(reg, TARGET(2));
	assert_false(block_of(device_of(node))->removable);
	node = tree_find("/scsi@3/disk@70000012c");
	assert_non_null(node);
	assert_ptr_equal(tree_find("cdrom"), node);
	assert_true(block_of(device_of(node))->read_only);
	assert_true(block_of(device_of(node))->removable);
}

static void aliases_follow_the_luns_whatever_the_lists_order(void **state)
{
	(void)state;
	fake_unit_add(TARGET(5) | 3, 0);
	fake_unit_add(TARGET(5) | 1, 0);
	fake_unit_add(TARGET(2) | 9, 0);
	scan();
	assert_true(one_has_answered());
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/scsi@3/disk@200000009"));
	assert_ptr_equal(tree_find("disk1"),
			 tree_find("/scsi@3/disk@500000001"));
	assert_ptr_equal(tree_find("disk2"),
			 tree_find("/scsi@3/disk@500000003"));
}

static void targets_are_asked_together(void **state)
{
	(void)state;
	fake_scsi_host.room = 64;
	scan();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], TARGETS);
	assert_int_equal(fake_scsi_host.kicks, 4);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 0);
}

static void units_that_are_not_there_are_skipped_silently(void **state)
{
	(void)state;
	fake_unit_add(TARGET(1), 0x7f);	    /* no unit */
	fake_unit_add(TARGET(1) | 1, 0x20); /* not connected */
	fake_unit_add(TARGET(1) | 2, 0x01); /* a tape */
	fake_unit_add(TARGET(1) | 3, 0x0d); /* an enclosure */
	fake_unit_add(TARGET(1) | 4, 0x1f); /* unknown */
	scan();
	assert_int_equal(children(), 0);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 5);
}

static void optical_and_reduced_disks_are_disks(void **state)
{
	(void)state;
	fake_unit_add(TARGET(1), SCSI_TYPE_OPTICAL);
	fake_unit_add(TARGET(2), SCSI_TYPE_RBC);
	scan();
	assert_int_equal(children(), 2);
	assert_non_null(tree_find("disk1"));
}

static void where_report_luns_fails_lun_0_is_tried(void **state)
{
	struct fake_unit *unit = fake_unit_add(TARGET(4), 0);

	(void)state;
	fake_unit_add(TARGET(4) | 1, 0);
	fake_unit_sense(unit, 100, 5, 0x20, 0);
	unit->fail_op = SCSI_REPORT_LUNS;
	scan();
	assert_false(one_has_answered());
	assert_int_equal(children(), 1);
	assert_non_null(tree_find("/scsi@3/disk@400000000"));
}

static void a_list_that_does_not_fit_is_asked_for_again(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++)
		fake_unit_add(TARGET(3) | i, 0);
	scan();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], TARGETS + 1);
	assert_int_equal(children(), 200);
}

static void one_target_has_room_for_a_long_list_at_once(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 600; i++)
		fake_unit_add(TARGET(1) | i, 0);
	fake_scsi_host.n_targets = 1;
	scan();
	assert_true(one_has_answered());
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 1);
	assert_int_equal(children(), 600);
}

/* virtio-scsi's max_sectors may be as small as this. */
static void a_list_is_asked_for_within_the_hosts_largest_transfer(void **state)
{
	unsigned i;

	(void)state;
	host->max_transfer = 1024;
	for (i = 0; i < 200; i++)
		fake_unit_add(TARGET(3) | i, 0);
	scan();
	assert_int_equal(children(), 1024 / 8 - 1);
}

static uint32_t note_room(uint64_t lun, uint8_t *list, uint32_t room)
{
	assert_true(room <= host->max_transfer);
	return fake_report_target(lun, list, room);
}

static void the_first_list_is_within_the_largest_transfer_too(void **state)
{
	(void)state;
	host->max_transfer = 512;
	fake_report = note_room;
	fake_unit_add(TARGET(1), 0);
	fake_scsi_host.n_targets = 1;
	scan();
	assert_true(one_has_answered());
	assert_int_equal(children(), 1);
}

/* What a lying target says about its list, and what it really sends. */
static uint32_t claimed, sent;

static uint32_t lie(uint64_t lun, uint8_t *list, uint32_t room)
{
	uint32_t i;

	(void)lun;
	be32_store(list, claimed);
	for (i = 8; i + 8 <= MIN(sent, room); i += 8)
		be64_store(list + i, entry_of(i / 8));
	return MIN(sent, room);
}

static void lists_with_false_lengths_do_no_harm(void **state)
{
	static const struct {
		uint32_t claimed, sent;
		unsigned inquiries;
	} cases[] = {
		{ 0, 8, 0 },
		{ 7, 16, 0 },
		{ 15, 24, 1 },
		{ 80, 24, 2 },
		{ UINT32_MAX, 24, 2 },
		{ UINT32_MAX - 7, 24, 2 },
		{ 0x20000, 0x20008, 16384 },
		{ 8, 4, 1 },
		{ 8, 0, 1 },
	};
	unsigned i;

	(void)state;
	host->max_transfer = MiB;
	fake_scsi_host.n_targets = 1;
	fake_report = lie;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		claimed = cases[i].claimed;
		sent = cases[i].sent;
		fake_scsi_served[SCSI_INQUIRY] = 0;
		scan();
		assert_int_equal(fake_scsi_served[SCSI_INQUIRY],
				 cases[i].inquiries);
	}
	assert_int_equal(children(), 0);
}

static uint32_t repeat(uint64_t lun, uint8_t *list, uint32_t room)
{
	(void)lun;
	assert_true(room >= 40);
	be32_store(list, 32);
	be64_store(list + 8, entry_of(1));
	be64_store(list + 16, entry_of(1));
	be64_store(list + 24, 0x1234);
	be64_store(list + 32, entry_of(1));
	return 40;
}

static void repeated_and_unknown_entries_are_dropped(void **state)
{
	(void)state;
	fake_report = repeat;
	fake_unit_add(TARGET(1) | 1, 0);
	fake_scsi_host.n_targets = 1;
	scan();
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 1);
	assert_int_equal(children(), 1);
}

static void silent_targets_are_waited_for_a_bounded_time(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_scsi_host.silent = true;
	fake_scsi_host.n_targets = 10;
	scan();
	assert_false(one_has_answered());
	assert_in_range(deadline_ms() - before, 5000, 5200);
	assert_int_equal(children(), 0);
}

static void running_out_of_memory_leaks_nothing(void **state)
{
	unsigned n;

	(void)state;
	fake_unit_add(TARGET(1), 0);
	for (n = 0; n < 12; n++) {
		fake_heap_fail_after(n);
		scan();
	}
	/* Whatever was made is whole; the teardown counts the rest. */
	fake_heap_fail_after(-1);
	scan();
	assert_int_equal(children(), 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_disk_found_gets_a_node_and_an_alias),
		TEST(aliases_follow_the_luns_whatever_the_lists_order),
		TEST(targets_are_asked_together),
		TEST(units_that_are_not_there_are_skipped_silently),
		TEST(optical_and_reduced_disks_are_disks),
		TEST(where_report_luns_fails_lun_0_is_tried),
		TEST(a_list_that_does_not_fit_is_asked_for_again),
		TEST(one_target_has_room_for_a_long_list_at_once),
		TEST(a_list_is_asked_for_within_the_hosts_largest_transfer),
		TEST(the_first_list_is_within_the_largest_transfer_too),
		TEST(lists_with_false_lengths_do_no_harm),
		TEST(repeated_and_unknown_entries_are_dropped),
		TEST(silent_targets_are_waited_for_a_bounded_time),
		TEST(running_out_of_memory_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/scan.c: several hosts, scanned at the same time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_scsi_disk);

/* Targets in the upper half of a LUN, their LUNs in the lower. */
#define TARGET(t) ((uint64_t)(t) << 32)
/* What a silent target is given. */
#define SILENCE_MS 5000u

static struct device *first, *second;

static uint64_t entry_of(uint64_t lun)
{
	return lun << 48;
}

static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	return target | entry >> 48;
}

static uint64_t ticks(unsigned ms)
{
	return (uint64_t)ms * (TIMEBASE_DEFAULT_HZ / 1000);
}

static struct device *plug_second(void)
{
	static const uint64_t targets[] = { TARGET(3), TARGET(4) };

	second = fake_scsi_plug("scsi@4");
	fake_scsi_other.targets = targets;
	fake_scsi_other.n_targets = ARRAY_SIZE(targets);
	return second;
}

/* Hosts of two targets each; their disks have LUNs in descending order. */
static int plug_one(void **state)
{
	static const uint64_t targets[] = { TARGET(1), TARGET(2) };

	(void)state;
	fake_scsi_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100000);
	fake_lun_mask = ~0xffffffffULL;
	fake_lun_entry = entry_of;
	fake_lun_of = lun_of;
	second = NULL;
	first = fake_scsi_plug("scsi@3");
	fake_scsi_host.targets = targets;
	fake_scsi_host.n_targets = ARRAY_SIZE(targets);
	fake_unit_add(TARGET(4) | 7, SCSI_TYPE_DISK);
	fake_unit_add(TARGET(3) | 1, SCSI_TYPE_DISK);
	fake_unit_add(TARGET(2) | 5, SCSI_TYPE_DISK);
	fake_unit_add(TARGET(2), SCSI_TYPE_CDROM);
	fake_unit_add(TARGET(1) | 9, SCSI_TYPE_DISK);
	return 0;
}

static int plug(void **state)
{
	plug_one(state);
	plug_second();
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(first->node);
	if (second)
		tree_remove_node(second->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* Returns how many milliseconds it took. */
static uint64_t scan(void)
{
	uint64_t before = deadline_ms();

	device_scan_all();
	return deadline_ms() - before;
}

static void assert_alias(const char *alias, const char *path)
{
	assert_non_null(tree_find(path));
	assert_ptr_equal(tree_find(alias), tree_find(path));
	assert_non_null(block_of(device_of(tree_find(path))));
}

static void assert_child(const struct node *child, const char *unit)
{
	assert_non_null(child);
	assert_string_equal(child->name, "disk");
	assert_string_equal(child->unit, unit);
}

/* All of both, and in the order of hosts and LUNs. */
static void assert_all_found(void)
{
	const struct node *child = first->node->child;

	assert_child(child, "100000009");
	assert_child(child->next, "200000000");
	assert_child(child->next->next, "200000005");
	assert_null(child->next->next->next);
	child = second->node->child;
	assert_child(child, "300000001");
	assert_child(child->next, "400000007");
	assert_null(child->next->next);
	assert_alias("cdrom", "/scsi@3/disk@200000000");
	assert_alias("disk", "/scsi@3/disk@100000009");
	assert_alias("disk1", "/scsi@3/disk@200000005");
	assert_alias("disk2", "/scsi@4/disk@300000001");
	assert_alias("disk3", "/scsi@4/disk@400000007");
	assert_null(tree_find("disk4"));
	assert_null(tree_find("cdrom1"));
}

/* How long the commands of each host take, and which responds first. */
struct speed {
	unsigned first_ms, second_ms;
	bool backwards;
};

static void set_speed(const struct speed *speed)
{
	fake_scsi_host.delay = ticks(speed->first_ms);
	fake_scsi_other.delay = ticks(speed->second_ms);
	fake_scsi_host.backwards = speed->backwards;
	fake_scsi_other.backwards = speed->backwards;
}

static struct speed slow[] = {
	{ 1000, 700, false },
	{ 700, 1000, false },
	{ 1000, 1000, false },
};

/* REPORT LUNS, then INQUIRY: each command of a batch takes its time. */
static void two_hosts_take_the_time_of_the_slower_one(void **state)
{
	set_speed(*state);
	assert_in_range(scan(), 2000, 2050);
	assert_all_found();
}

static void a_host_that_ends_early_is_asked_on_without_the_other(void **state)
{
	uint64_t start = timebase_read();

	(void)state;
	fake_scsi_host.delay = ticks(1000);
	fake_scsi_other.delay = ticks(100);
	scan();
	/* Its INQUIRY did not wait for the other's REPORT LUNS. */
	assert_in_range(fake_scsi_other.last - start, ticks(200), ticks(250));
	assert_all_found();
}

static void a_host_that_does_not_respond_delays_no_other(void **state)
{
	uint64_t start = timebase_read();

	(void)state;
	fake_scsi_host.silent = true;
	fake_scsi_other.delay = ticks(1000);
	assert_in_range(scan(), SILENCE_MS, SILENCE_MS + 50);
	assert_in_range(fake_scsi_other.last - start, ticks(2000), ticks(2050));
	assert_null(first->node->child);
	assert_alias("disk", "/scsi@4/disk@300000001");
	assert_alias("disk1", "/scsi@4/disk@400000007");
	/* That it was reset is its own affair. */
	assert_true(fake_scsi_host.stops > 0);
	assert_int_equal(fake_scsi_other.starts, 1);
}

static void the_second_host_may_be_the_silent_one(void **state)
{
	(void)state;
	fake_scsi_other.silent = true;
	fake_scsi_host.delay = ticks(1000);
	assert_in_range(scan(), SILENCE_MS, SILENCE_MS + 50);
	assert_null(second->node->child);
	assert_alias("disk", "/scsi@3/disk@100000009");
	assert_alias("disk1", "/scsi@3/disk@200000005");
	assert_int_equal(fake_scsi_host.starts, 1);
}

static void two_silent_hosts_are_given_up_together(void **state)
{
	(void)state;
	fake_scsi_host.silent = fake_scsi_other.silent = true;
	assert_in_range(scan(), SILENCE_MS, SILENCE_MS + 50);
	assert_null(first->node->child);
	assert_null(second->node->child);
}

static struct speed orders[] = {
	{ 0, 0, false },  { 500, 0, false }, { 0, 500, false },	 { 0, 0, true },
	{ 500, 0, true }, { 0, 500, true },  { 500, 499, true },
};

static void nodes_and_aliases_do_not_follow_the_responses(void **state)
{
	set_speed(*state);
	scan();
	assert_all_found();
}

static void a_host_that_does_not_start_is_left_out(void **state)
{
	(void)state;
	fake_scsi_host.start_error = ERR_IO;
	scan();
	assert_null(first->node->child);
	assert_alias("disk", "/scsi@4/disk@300000001");
}

static void a_host_that_comes_later_is_scanned_alone(void **state)
{
	unsigned commands;

	(void)state;
	scan();
	commands = fake_scsi_served[SCSI_REPORT_LUNS];
	assert_int_equal(commands, 2);
	plug_second();
	scan();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], commands + 2);
	assert_int_equal(fake_scsi_host.starts, 1);
	assert_all_found();
	/* Each of them once in all. */
	scan();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], commands + 2);
}

static void no_host_is_active_after_the_scan(void **state)
{
	(void)state;
	scan();
	assert_false(fake_scsi_host.running);
	assert_false(fake_scsi_other.running);
	assert_int_equal(first->users, 0);
	assert_int_equal(second->users, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)
#define AT(test, speed)                                                        \
	cmocka_unit_test_prestate_setup_teardown(test, plug, unplug, speed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT(two_hosts_take_the_time_of_the_slower_one, &slow[0]),
		AT(two_hosts_take_the_time_of_the_slower_one, &slow[1]),
		AT(two_hosts_take_the_time_of_the_slower_one, &slow[2]),
		TEST(a_host_that_ends_early_is_asked_on_without_the_other),
		TEST(a_host_that_does_not_respond_delays_no_other),
		TEST(the_second_host_may_be_the_silent_one),
		TEST(two_silent_hosts_are_given_up_together),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[0]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[1]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[2]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[3]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[4]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[5]),
		AT(nodes_and_aliases_do_not_follow_the_responses, &orders[6]),
		TEST(a_host_that_does_not_start_is_left_out),
		cmocka_unit_test_setup_teardown(
			a_host_that_comes_later_is_scanned_alone, plug_one,
			unplug),
		TEST(no_host_is_active_after_the_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

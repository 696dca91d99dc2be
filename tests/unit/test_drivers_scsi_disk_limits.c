// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/disk.c: the most that a unit transfers at a time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tests/fake/block_read.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

TABLE_LINK(drivers, driver_scsi_disk);

#define LUN 0x8000000000000000ULL

static struct device *controller;
static struct fake_unit *unit;
static struct block_device *bd;
static uint8_t data[4 * MiB], buf[4 * MiB];

static void plug(uint8_t type, uint8_t version)
{
	unsigned i;

	fake_scsi_start();
	unit = fake_scsi_plug_unit("v-scsi@1", LUN, type);
	controller = fake_scsi_host.host.dev;
	fake_scsi_host.host.max_transfer = 4 * MiB;
	fake_scsi_host.host.vital = true;
	unit->version = version;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i / 512 * 5 + i);
	unit->data = data;
	unit->len = sizeof(data);
	unit->blocks = sizeof(data) / 512;
	device_scan_all();
	bd = block_of(device_of(controller->node->child));
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	fake_scsi_host.kicks = 0;
}

static int plug_disk(void **state)
{
	(void)state;
	plug(SCSI_TYPE_DISK, 5);
	return 0;
}

/* At USB, for example. */
static int plug_reticent(void **state)
{
	(void)state;
	plug(SCSI_TYPE_DISK, 5);
	fake_scsi_host.host.vital = false;
	return 0;
}

static int plug_old(void **state)
{
	(void)state;
	plug(SCSI_TYPE_DISK, 4);
	return 0;
}

static int plug_cd(void **state)
{
	(void)state;
	plug(SCSI_TYPE_CDROM, 5);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(controller->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void read_all(void)
{
	memset(buf, 0, sizeof(buf));
	assert_int_equal(block_read(bd, 0, unit->blocks, buf), 0);
	assert_memory_equal(buf, data, sizeof(data));
}

static void the_limit_of_a_unit_is_kept(void **state)
{
	(void)state;
	unit->limit = 300;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->max_blocks, 300);
	read_all();
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 8192 / 300 + 1);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 1);
}

static void the_question_costs_no_notification(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 1);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 1);
	assert_int_equal(fake_scsi_host.kicks, 1);
}

static void no_limit_is_that_of_the_host(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->max_blocks, 8192);
	unit->limit = UINT32_MAX;
	device_stop(controller);
	assert_int_equal(block_use(bd), 0);
	assert_int_equal(bd->max_blocks, 8192);
}

static void a_limit_of_one_block_is_slow_but_works(void **state)
{
	(void)state;
	unit->limit = 1;
	unit->blocks = 100;
	assert_int_equal(block_read(bd, 0, 100, buf), 0);
	assert_memory_equal(buf, data, 100 * 512);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 100);
}

static void who_is_not_asked_has_no_limit(void **state)
{
	(void)state;
	unit->limit = 4;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 0);
	assert_int_equal(bd->max_blocks, 8192);
}

static void a_unit_without_the_page_has_no_limit(void **state)
{
	(void)state;
	unit->hides_limit = true;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->max_blocks, 8192);
}

static void a_failed_start_tells_the_capacitys_reason(void **state)
{
	(void)state;
	unit->hides_limit = true;
	fake_scsi_host.backwards = true;
	fake_unit_sense(unit, 1000, 4, 0x44, 0);
	unit->fail_op = SCSI_READ_CAPACITY_10;
	assert_int_equal(block_open(bd), ERR_IO);
	assert_non_null(strstr(reason(), "(target failure)"));
}

/* Both commands and their data are on the stack. */
static void a_silent_unit_leaves_nothing_in_flight(void **state)
{
	(void)state;
	fake_scsi_host.silent = true;
	assert_int_equal(block_open(bd), ERR_TIMEOUT);
	assert_int_equal(fake_scsi_host.n, 0);
	fake_scsi_host.silent = false;
	assert_int_equal(block_open(bd), 0);
}

static void a_larger_capacity_16_keeps_the_hosts_limit(void **state)
{
	(void)state;
	fake_scsi_host.host.max_transfer = 1 * MiB;
	unit->blocks = 1ULL << 33;
	unit->block_size = 512;
	unit->block_size_16 = 4096;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->block_size, 4096);
	assert_int_equal(bd->max_blocks, 256);
}

static void what_is_refused_is_halved_until_it_fits(void **state)
{
	(void)state;
	unit->hides_limit = true;
	unit->limit = 1000;
	read_all();
	assert_int_equal(bd->max_blocks, 512);
	/* Once is enough, until the next start. */
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	read_all();
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 16);
	memset(buf, 0x99, sizeof(buf));
	assert_int_equal(block_write(bd, 40, 8000, buf), 0);
	assert_memory_equal(data + 40 * 512, buf, 8000 * 512);
}

static void the_last_piece_may_be_the_one_that_is_refused(void **state)
{
	(void)state;
	unit->hides_limit = true;
	unit->limit = 150;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read(bd, 0, 200, buf), 0);
	assert_memory_equal(buf, data, 200 * 512);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1 + 2);
}

static void what_is_refused_for_another_reason_fails_with_it(void **state)
{
	(void)state;
	unit->hides_limit = true;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 1000, 5, 0x24, 0);
	assert_int_equal(block_read(bd, 0, 8192, buf), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 0 failed: sense key 5 "
					 "(illegal request), code 24/00 "
					 "(invalid field)"));
	/* 4 MiB down to 64 KiB, and all that went out with the last. */
	assert_in_range(fake_scsi_served[SCSI_READ_10], 7, 7 * BLOCK_FLIGHT);
}

#define DISK(test) cmocka_unit_test_setup_teardown(test, plug_disk, unplug)
#define OLD(test) cmocka_unit_test_setup_teardown(test, plug_old, unplug)
#define RETICENT(test)                                                         \
	cmocka_unit_test_setup_teardown(test, plug_reticent, unplug)
#define CD(test) cmocka_unit_test_setup_teardown(test, plug_cd, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK(the_limit_of_a_unit_is_kept),
		DISK(the_question_costs_no_notification),
		DISK(no_limit_is_that_of_the_host),
		DISK(a_limit_of_one_block_is_slow_but_works),
		OLD(who_is_not_asked_has_no_limit),
		RETICENT(who_is_not_asked_has_no_limit),
		CD(who_is_not_asked_has_no_limit),
		DISK(a_unit_without_the_page_has_no_limit),
		DISK(a_failed_start_tells_the_capacitys_reason),
		DISK(a_silent_unit_leaves_nothing_in_flight),
		DISK(a_larger_capacity_16_keeps_the_hosts_limit),
		DISK(what_is_refused_is_halved_until_it_fits),
		DISK(the_last_piece_may_be_the_one_that_is_refused),
		DISK(what_is_refused_for_another_reason_fails_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

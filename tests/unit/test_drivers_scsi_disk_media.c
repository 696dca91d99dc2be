// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/disk.c: discs that are changed, disks that grow.
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
#define BLOCKS 512u

static struct device *controller;
static struct fake_unit *unit;
static struct block_device *bd;
static uint8_t buf[BLOCKS * 2048];

static void plug(uint8_t type, bool removable)
{
	fake_scsi_start();
	unit = fake_scsi_plug_unit("v-scsi@1", LUN, type);
	controller = fake_scsi_host.host.dev;
	unit->removable = removable;
	unit->block_size = 2048;
	unit->blocks = BLOCKS;
	device_scan_all();
	bd = block_of(device_of(controller->node->child));
	assert_int_equal(block_open(bd), 0);
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	fake_scsi_host.stops = 0;
}

static int plug_cd(void **state)
{
	(void)state;
	plug(SCSI_TYPE_CDROM, true);
	return 0;
}

static int plug_disk(void **state)
{
	(void)state;
	plug(SCSI_TYPE_DISK, false);
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

static void a_disc_that_stays_is_asked_once_for_each_opening(void **state)
{
	uint32_t medium = bd->medium;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 2);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 0);
	assert_int_equal(block_check_medium(bd, medium), 0);
	/* Reading asks for nothing. */
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 2);
}

static void a_changed_disc_has_its_own_size_when_opened(void **state)
{
	static const uint8_t codes[] = { 0x28, 0x3a };
	uint32_t medium = bd->medium;
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		unit->blocks = BLOCKS / 2 + i;
		fake_unit_sense(unit, 1, 6, codes[i], 0);
		assert_int_equal(block_open(bd), 0);
		assert_int_equal(bd->blocks, BLOCKS / 2 + i);
		assert_int_equal(block_check_medium(bd, medium), ERR_IO);
		medium = bd->medium;
		assert_int_equal(block_read(bd, BLOCKS / 2 - 1, 1, buf), 0);
	}
}

static void a_changed_disc_of_the_same_size_is_another(void **state)
{
	uint32_t medium = bd->medium;

	(void)state;
	fake_unit_sense(unit, 1, 6, 0x28, 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_check_medium(bd, medium), ERR_IO);
}

static void
a_disc_changed_while_it_is_read_is_not_mixed_with_another(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1, 6, 0x28, 0);
	/* Many requests; all but the first would succeed. */
	assert_int_equal(block_read(bd, 0, BLOCKS, buf), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 0 failed: the medium "
					 "was changed or removed"));
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "medium was changed or removed"));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
}

static void a_disc_that_is_ejected_is_no_medium(void **state)
{
	uint32_t medium = bd->medium;

	(void)state;
	fake_unit_sense(unit, 1000, 2, 0x3a, 0);
	assert_int_equal(block_open(bd), ERR_NOMEDIUM);
	assert_non_null(strstr(reason(), "no medium"));
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	/* One of the same size comes in, and says nothing of it. */
	unit->fail_times = 0;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_check_medium(bd, medium), ERR_IO);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
}

static void a_disc_that_is_ejected_while_it_is_read_is_told(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1, 2, 0x3a, 0);
	assert_int_equal(block_read(bd, 3, 1, buf), ERR_NOMEDIUM);
	assert_non_null(strstr(reason(), "read of block 3 failed: no medium"));
	assert_int_equal(block_read(bd, 3, 1, buf), ERR_IO);
	assert_int_equal(block_open(bd), 0);
}

static void a_disc_changed_during_a_reset_is_another(void **state)
{
	(void)state;
	device_stop(controller);
	fake_unit_sense(unit, 1, 6, 0x28, 0);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "medium was changed or removed"));
	assert_int_equal(block_open(bd), 0);
	/* A reset hides what was to be said before: the size tells. */
	device_stop(controller);
	fake_unit_sense(unit, 1, 6, 0x29, 0);
	unit->blocks++;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "capacity changed from 512"));
	unit->blocks--;
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
}

static void a_disk_that_grows_is_larger_when_opened_again(void **state)
{
	uint32_t medium = bd->medium;

	(void)state;
	unit->blocks = 2 * BLOCKS;
	fake_unit_sense(unit, 1, 6, 0x2a, 9);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_int_equal(bd->blocks, BLOCKS);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->blocks, 2 * BLOCKS);
	/* What was there is where it was. */
	assert_int_equal(block_check_medium(bd, medium), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 1);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 1);
}

static void a_disk_that_stays_in_its_place_is_not_changed(void **state)
{
	uint32_t medium = bd->medium;

	(void)state;
	fake_unit_sense(unit, 1, 6, 0x28, 0);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_check_medium(bd, medium), 0);
}

static void a_drive_that_falls_silent_at_opening_is_reset(void **state)
{
	(void)state;
	fake_scsi_host.silent = true;
	assert_int_equal(block_open(bd), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "scsi-disk /v-scsi@1/disk@8000000000000000: no "
			    "response in 15 s; device reset");
	assert_int_equal(fake_scsi_host.stops, 1);
	fake_scsi_host.silent = false;
	assert_int_equal(block_open(bd), 0);
}

#define DISK(test) cmocka_unit_test_setup_teardown(test, plug_disk, unplug)
#define CD(test) cmocka_unit_test_setup_teardown(test, plug_cd, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CD(a_disc_that_stays_is_asked_once_for_each_opening),
		CD(a_changed_disc_has_its_own_size_when_opened),
		CD(a_changed_disc_of_the_same_size_is_another),
		CD(a_disc_changed_while_it_is_read_is_not_mixed_with_another),
		CD(a_disc_that_is_ejected_is_no_medium),
		CD(a_disc_that_is_ejected_while_it_is_read_is_told),
		CD(a_disc_changed_during_a_reset_is_another),
		DISK(a_disk_that_grows_is_larger_when_opened_again),
		DISK(a_disk_that_stays_in_its_place_is_not_changed),
		CD(a_drive_that_falls_silent_at_opening_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/scsi.c: errors, units that go, lying devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/scsi.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/virtio_scsi.h"
#include "tests/fake/watched.h"

static void sense_data_reaches_the_reason(void **state)
{
	struct fake_unit *unit = scsi_card_add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = scsi_card_open_disk("disk");
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 9, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "sense key 3 (medium error)"));
}

static void false_lengths_are_cut(void **state)
{
	struct fake_unit *unit = scsi_card_add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = scsi_card_open_disk("disk");
	scsi_card.sense_len_lie = UINT32_MAX;
	fake_unit_sense(unit, 1, 2, 0x3a, 0);
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_NOMEDIUM);
	scsi_card.residual_lie = UINT32_MAX;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "512 bytes of 512 are missing"));
}

static void responses_of_the_transport_are_told(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	scsi_card.response = 9;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 9 (failure)"));
	scsi_card.response = 8;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "response 8 (nexus failure: reserved "
					 "by another)"));
	scsi_card.response = 12;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "response 12 (incorrect LUN)"));
	scsi_card.response = 13;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 13 (unknown)"));
	scsi_card.response = 0xff;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "wrote no response"));
	scsi_card.response = 5;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "busy"));
	scsi_card.response = 0;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), 0);
}

static void data_that_does_not_fit_is_an_error(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	scsi_card.response = 1;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 1 (overrun: "));
}

static void of_two_failures_the_first_ones_response_is_told(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_set_limits(256, 0);
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	scsi_card.response = 9;
	scsi_card.response_behind = 7;
	assert_int_equal(watched_read(bd, 0, 512, scsi_card.buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 9"));
}

/* For a scan an absent target is no error, here it is one. */
static void a_unit_that_went_away_says_so(void **state)
{
	struct fake_unit *unit = scsi_card_add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = scsi_card_open_disk("disk");
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 9, 1, scsi_card.buf), ERR_IO);
	unit->lun = SCSI_CARD_UNIT(1, 0);
	assert_int_equal(watched_use(bd, 9, 1, scsi_card.buf), ERR_IO);
	assert_string_equal(reason(),
			    "scsi-disk /scsi@2/disk@100000000000000: read of "
			    "block 9 failed: the device is gone");
}

/* QEMU's answer depends on whether its target has other units. */
static void a_unit_that_goes_while_it_is_read_ends_the_read(void **state)
{
	static const char *const reasons[] = {
		"read of block 0 failed: the device is gone",
		"read of block 0 failed: sense key 5 (illegal request), code "
		"25/00 (the unit is gone)",
	};
	struct fake_unit *unit = scsi_card_add_disk(0, 0);
	struct block_device *bd;
	unsigned i;

	(void)state;
	scsi_card_set_limits(256, 255);
	bd = scsi_card_open_disk("disk");
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		/* Many commands are in flight. */
		unit->lun = SCSI_CARD_UNIT(i ? 0 : 1, 5);
		assert_true(watched_use(bd, 0, 2048, scsi_card.buf) < 0);
		assert_non_null(strstr(reason(), reasons[i]));
		assert_int_equal(fake_dma_live(), 1);
		unit->lun = SCSI_CARD_UNIT(0, 0);
		assert_int_equal(watched_use(bd, 0, 2048, scsi_card.buf), 0);
	}
}

static void a_device_that_breaks_the_protocol_is_reset(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	fake_virtio.lie = FAKE_WRONG_ID;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_IO);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), 0);
}

static void a_silent_device_is_reset_and_comes_back(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "no response in 15 s; device reset"));
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), 0);
}

/* [virtio 1.2, 2.1.2] */
static void a_device_that_needs_a_reset_is_named(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	fake_virtio.lie = FAKE_SILENT;
	fake_virtio.status |= VIRTIO_NEEDS_RESET;
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "no response in 15 s: the device "
					 "reports an error (NEEDS_RESET); "
					 "device reset"));
}

static void a_controller_that_does_not_start_is_told_once(void **state)
{
	(void)state;
	fake_virtio.queue_size[2] = 0;
	device_scan_all();
	assert_string_equal(fake_printed, "virtio-scsi /scsi@2: queue 2 has 0 "
					  "entries\r\n");
	assert_null(scsi_card.node->child);
}

static void quiesce_resets_the_controller_and_ends_its_disks(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(bd, 0, 1, scsi_card.buf), ERR_NODEV);
}

#define MODERN(test)                                                           \
	cmocka_unit_test_setup_teardown(test, scsi_card_plug_modern,           \
					scsi_card_unplug)
#define LEGACY(test)                                                           \
	cmocka_unit_test_setup_teardown(test, scsi_card_plug_legacy,           \
					scsi_card_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(sense_data_reaches_the_reason),
		LEGACY(sense_data_reaches_the_reason),
		MODERN(false_lengths_are_cut),
		MODERN(responses_of_the_transport_are_told),
		MODERN(data_that_does_not_fit_is_an_error),
		MODERN(of_two_failures_the_first_ones_response_is_told),
		MODERN(a_unit_that_went_away_says_so),
		MODERN(a_unit_that_goes_while_it_is_read_ends_the_read),
		MODERN(a_device_that_breaks_the_protocol_is_reset),
		MODERN(a_silent_device_is_reset_and_comes_back),
		MODERN(a_device_that_needs_a_reset_is_named),
		MODERN(a_controller_that_does_not_start_is_told_once),
		MODERN(quiesce_resets_the_controller_and_ends_its_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

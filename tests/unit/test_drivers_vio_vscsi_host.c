// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/vio/vscsi_host.c: commands, lying partners, aborts.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/instance.h"
#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/vscsi.h"
#include "tests/fake/vscsi_machine.h"
#include "tests/fake/watched.h"

/* A client's own driver registers its queue; bypass would mislead its DMA. */
static bool nothing_is_active(void)
{
	return !fake_vscsi.queue && !fake_vscsi.bypass && !fake_dma_live();
}

static void nothing_is_active_but_while_a_disk_is_open(void **state)
{
	struct block_device *bd, *other;

	(void)state;
	vscsi_add_disk(VSCSI_UNIT(0, 0, 0));
	vscsi_add_disk(VSCSI_UNIT(0, 1, 0));
	device_scan_all();
	assert_true(nothing_is_active());
	bd = vscsi_disk("disk");
	other = vscsi_disk("disk1");
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_open(other), 0);
	assert_true(fake_vscsi.bypass);
	block_close(bd);
	assert_false(nothing_is_active());
	block_close(other);
	assert_true(nothing_is_active());
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(watched_use(bd, 2, 2000, vscsi_buf), 0);
	block_close(bd);
	assert_true(nothing_is_active());
}

static void blocks_are_read_and_written(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	assert_int_equal(watched_read(bd, 2, 2000, vscsi_buf), 0);
	assert_memory_equal(vscsi_buf, vscsi_data + 2 * 512, 2000 * 512);
	memset(vscsi_buf, 0x33, 1024);
	assert_int_equal(block_write(bd, 70, 2, vscsi_buf), 0);
	assert_memory_equal(vscsi_data + 70 * 512, vscsi_buf, 1024);
}

/* QEMU loses count of a descriptor past 64 KiB: GRUB's modules came corrupt. */
static void a_mebibyte_is_one_command_in_segments_of_64_kib(void **state)
{
	struct block_device *bd = vscsi_open_disk();
	unsigned before = fake_vscsi.commands;

	(void)state;
	assert_int_equal(watched_read(bd, 0, 2048, vscsi_buf), 0);
	assert_memory_equal(vscsi_buf, vscsi_data, sizeof(vscsi_data));
	assert_int_equal(fake_vscsi.commands, before + 1);
	memset(vscsi_buf, 0x44, sizeof(vscsi_buf));
	assert_int_equal(block_write(bd, 100, 1000, vscsi_buf), 0);
	assert_memory_equal(vscsi_data + 100 * 512, vscsi_buf, 1000 * 512);
}

/* H_SEND_CRQ, whatever the size; the response comes without one. */
static void a_read_costs_one_hypercall(void **state)
{
	static const unsigned sizes[] = { 8, 2048 };
	struct block_device *bd = vscsi_open_disk();
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned sent = fake_hcall_count(H_SEND_CRQ);

		assert_int_equal(watched_use(bd, 0, sizes[i], vscsi_buf), 0);
		assert_int_equal(fake_hcall_count(H_SEND_CRQ) - sent, 1);
		assert_int_equal(fake_dma_calls(), 0);
	}
}

static void without_bypass_the_devices_window_is_used(void **state)
{
	struct block_device *bd;

	(void)state;
	fake_vscsi.no_bypass = true;
	bd = vscsi_open_disk();
	assert_true(fake_dma_used_window());
	assert_int_equal(watched_read(bd, 0, 100, vscsi_buf), 0);
	assert_memory_equal(vscsi_buf, vscsi_data, 100 * 512);
}

static void sense_data_reaches_the_reason(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_unit_sense(&fake_units[0], 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "sense key 3 (medium error)"));
	fake_vscsi.lie = FAKE_SRP_RESPONSE;
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_NOMEDIUM);
}

/* [QEMU hw/scsi/spapr_vscsi.c, vscsi_queue_cmd] */
static void a_unit_that_is_gone_ends_the_read(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_unit_sense(&fake_units[0], 1000, 5, 0x24, 0);
	assert_int_equal(watched_read(bd, 0, 2048, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 0 failed: sense key 5 "
					 "(illegal request), code 24/00 (the "
					 "unit is gone, or refuses the "
					 "command)"));
}

static void false_lengths_are_cut(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	fake_vscsi.lie = FAKE_SRP_SENSE_LEN;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_NOMEDIUM);
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	fake_vscsi.lie = FAKE_SRP_RESPONSE_LEN;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "without sense data"));
}

static void malformed_responses_are_errors(void **state)
{
	static const enum fake_srp_lie lies[] = { FAKE_SRP_OPCODE,
						  FAKE_SRP_SHORT,
						  FAKE_SRP_LONG };
	struct block_device *bd = vscsi_open_disk();
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_vscsi.lie = lies[i];
		assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
		assert_non_null(strstr(reason(), "malformed response"));
	}
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), 0);
}

static void a_response_to_an_unknown_command_is_ignored(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_TWICE;
	assert_int_equal(watched_read(bd, 5, 1000, vscsi_buf), 0);
	assert_int_equal(watched_read(bd, 5, 1000, vscsi_buf), 0);
	assert_memory_equal(vscsi_buf, vscsi_data + 5 * 512, 1000 * 512);
	fake_vscsi.lie = FAKE_SRP_GARBAGE;
	assert_int_equal(watched_read(bd, 5, 1000, vscsi_buf), 0);
	assert_int_equal(watched_read(bd, 5, 1000, vscsi_buf), 0);
	assert_string_equal(
		fake_printed,
		"Warning: spapr-vscsi /v-scsi@71000002: response "
		"to an unknown command; searching the queue for the "
		"next\r\n");
}

/*
 * Unregistering a queue stops responses, not data: QEMU writes it when its disk
 * delivers it. [hw/scsi/spapr_vscsi.c, vscsi_transfer_data]
 */
static void late_data_of_a_lost_command_reaches_nothing(void **state)
{
	struct block_device *bd = vscsi_open_disk();
	unsigned frees = fake_vscsi.frees, i;

	(void)state;
	fake_vscsi.lie = FAKE_SRP_SILENT;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_TIMEOUT);
	assert_int_equal(fake_vscsi.frees, frees + 1);
	assert_true(nothing_is_active());
	/* The host continues through its window. */
	fake_vscsi.lie = FAKE_SRP_HONEST;
	for (i = 0; i < 20; i++) {
		assert_int_equal(watched_read(bd, i, 2000, vscsi_buf), 0);
		assert_true(fake_dma_used_window());
		assert_false(fake_vscsi.bypass);
		assert_false(fake_dma_mapped(fake_vscsi.late_iu));
		assert_false(fake_dma_mapped(fake_vscsi.late_data));
	}
	assert_string_equal(fake_printed, "");
}

static void a_late_response_is_reported_once_and_does_no_harm(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_SILENT;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_TIMEOUT);
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(block_open(bd), 0);
	fake_vscsi_post(0x8001000000000024ULL, 1);
	fake_vscsi_post(0x8001000000000024ULL, 2);
	assert_int_equal(watched_use(bd, 5, 1, vscsi_buf), 0);
	assert_memory_equal(vscsi_buf, vscsi_data + 5 * 512, 512);
	assert_true(fake_log_has("response to an unknown command"));
}

static void without_a_window_a_host_that_lost_one_is_not_used(void **state)
{
	struct block_device *bd = vscsi_open_disk();
	unsigned registered;

	(void)state;
	tree_delprop(vscsi_node, "ibm,my-dma-window");
	fake_vscsi.lie = FAKE_SRP_SILENT;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_TIMEOUT);
	registered = fake_hcall_count(H_REG_CRQ);
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_string_equal(reason(),
			    "scsi-disk /v-scsi@71000002/disk@8000000000000000: "
			    "an abandoned command may still write to memory");
	assert_int_equal(fake_hcall_count(H_REG_CRQ), registered);
	assert_true(nothing_is_active());
}

/* An exception: what they point to may be in use for something else. */
static void a_command_of_who_is_gone_is_not_touched(void **state)
{
	struct block_request *reqs = calloc(2, sizeof(*reqs));
	struct block_device *bd = vscsi_open_disk();
	unsigned i;

	(void)state;
	fake_vscsi.answers = 1;
	watch_begin("what is cut off");
	watch_allow(vscsi_buf, 1024);
	for (i = 0; i < 2; i++) {
		reqs[i] = (struct block_request){ .op = BLOCK_READ,
						  .count = 1,
						  .buf = vscsi_buf + i * 512 };
		reqs[i].rq.timeout_ms = BLOCK_TIMEOUT_MS;
		request_add(bd->queue, &reqs[i].rq);
	}
	/* One has ended, the other is in flight. */
	request_wait();
	assert_int_equal(reqs[0].rq.status, 0);
	assert_int_equal(reqs[1].rq.status, REQUEST_PENDING);
	free(reqs);
	device_abandon_all();
	watch_end();
	assert_true(nothing_is_active());
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(watched_use(bd, 0, 2000, vscsi_buf), 0);
	block_close(bd);
	assert_true(nothing_is_active());
}

static void a_partner_that_goes_away_fails_what_is_in_flight(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_CLOSES;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "closed the connection"));
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), 0);
}

static void a_command_that_cannot_be_sent_is_an_error(void **state)
{
	struct block_device *bd = vscsi_open_disk();
	unsigned live = fake_dma_live();

	(void)state;
	fake_vscsi.send_error = H_HARDWARE;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "cannot send the command"));
	assert_int_equal(fake_dma_live(), live);
	fake_vscsi.send_error = H_CLOSED;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "cannot send the command"));
	assert_int_equal(fake_dma_live(), live);
}

static void residuals_are_believed_where_they_are_told(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_UNDER;
	fake_units[0].shorter = 100;
	assert_int_equal(watched_read(bd, 5, 1, vscsi_buf), ERR_IO);
	assert_non_null(strstr(reason(), "100 bytes of 512 are missing"));
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, vscsi_plug, vscsi_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_active_but_while_a_disk_is_open),
		TEST(blocks_are_read_and_written),
		TEST(a_mebibyte_is_one_command_in_segments_of_64_kib),
		TEST(a_read_costs_one_hypercall),
		TEST(without_bypass_the_devices_window_is_used),
		TEST(sense_data_reaches_the_reason),
		TEST(a_unit_that_is_gone_ends_the_read),
		TEST(false_lengths_are_cut),
		TEST(malformed_responses_are_errors),
		TEST(a_response_to_an_unknown_command_is_ignored),
		TEST(late_data_of_a_lost_command_reaches_nothing),
		TEST(a_late_response_is_reported_once_and_does_no_harm),
		TEST(without_a_window_a_host_that_lost_one_is_not_used),
		TEST(a_command_of_who_is_gone_is_not_touched),
		TEST(a_partner_that_goes_away_fails_what_is_in_flight),
		TEST(a_command_that_cannot_be_sent_is_an_error),
		TEST(residuals_are_believed_where_they_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

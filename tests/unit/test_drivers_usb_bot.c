// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bot.c: devices that do not keep to the transport.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/timebase.h"
#include "tests/fake/usb_lies.h"
#include "tests/fake/watched.h"

static struct fake_stick *const stick = &usb_stick[0];

/* A fault: the port is reset, and the command begins again. */
static void expect_recovery(void)
{
	stick->fd.resets = 0;
	stick->commands[SCSI_READ_10] = 0;
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 1);
	assert_int_equal(stick->commands[SCSI_READ_10], 2);
	assert_int_equal(stick->lies, 0);
	assert_string_equal(fake_printed, "");
}

/* Two: it is given up, with one line. */
static void expect_drop(const char *why)
{
	char line[256];

	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("ignored after errors");
	snprintf(line, sizeof(line),
		 "usb /usb@3 port 2: device ignored: %s\r\n", why);
	assert_string_equal(fake_printed, line);
	stick->lie = NULL;
	assert_true(lies_read() < 0);
	block_close(lies_disk);
	assert_int_equal(block_open(lies_disk), ERR_IO);
	assert_string_equal(fake_printed, line);
}

static void one_fault_is_recovered_from(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(1, LIES_SIGNATURE, 0x42425355);
	expect_recovery();
	lies_in_status(1, LIES_TAG, 0);
	expect_recovery();
	lies_in_status(1, LIES_RESIDUE, 513);
	expect_recovery();
	lies_in_status(1, LIES_STATUS, 2);
	expect_recovery();
	lies_in_status(1, LIES_STATUS, 255);
	expect_recovery();
	lies_with(1, STICK_STATUS, 12);
	expect_recovery();
	/* The end of a longer one does not fit. */
	lies_with(1, STICK_STATUS, ERR_IO);
	expect_recovery();
	lies_with(1, STICK_DATA, ERR_IO);
	expect_recovery();
	lies_with(1, STICK_COMMAND, ERR_IO);
	expect_recovery();
	lies_with(1, STICK_COMMAND, USB_STALL);
	expect_recovery();
	block_close(lies_disk);
}

static void two_wrong_signatures_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(2, LIES_SIGNATURE, 0x55534242);
	expect_drop("status with a wrong signature");
}

static void two_wrong_tags_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(2, LIES_TAG, 0x80000000);
	expect_drop("status of another command");
}

static void two_wrong_residues_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(2, LIES_RESIDUE, UINT32_MAX);
	expect_drop("a residue of 4294967295 bytes of 512");
}

static void two_phase_errors_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(2, LIES_STATUS, 2);
	expect_drop("phase error");
}

static void two_unknown_statuses_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(2, LIES_STATUS, 255);
	expect_drop("unknown status 255");
}

static void two_short_statuses_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_with(2, STICK_STATUS, 12);
	expect_drop("status of 12 bytes");
}

/* More data or a longer status than was asked for. */
static void babble_twice_is_too_much(void **state)
{
	(void)state;
	lies_open();
	lies_with(2, STICK_DATA, ERR_IO);
	expect_drop("fake error");
}

static void two_refused_commands_are_too_many(void **state)
{
	(void)state;
	lies_open();
	lies_with(2, STICK_COMMAND, USB_STALL);
	expect_drop("the command was refused");
}

/* After a good one they are counted anew. */
static void faults_far_apart_are_forgiven(void **state)
{
	unsigned i;

	(void)state;
	lies_open();
	for (i = 0; i < 10; i++) {
		lies_in_status(1, LIES_STATUS, 2);
		expect_recovery();
	}
	block_close(lies_disk);
}

static void a_unit_attention_after_a_reset_is_no_good_command(void **state)
{
	(void)state;
	lies_open();
	lies_in_status(1, LIES_STATUS, 2);
	fake_unit_sense(usb_unit(0, 0), 2, 6, 0x29, 0);
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 1);
	block_close(lies_disk);
}

/* The other stick of the controller is not disturbed. */
static void the_others_go_on(void **state)
{
	struct block_device *other;

	(void)state;
	usb_plug_stick(1, 5, USB_SUPER);
	lies_open();
	other = usb_disk("disk1");
	assert_int_equal(block_open(other), 0);
	lies_in_status(2, LIES_TAG, 0);
	assert_int_equal(lies_read(), ERR_IO);
	assert_int_equal(watched_use(other, 9, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 9 * 512, 512);
	block_close(lies_disk);
	block_close(other);
}

static void another_device_after_the_reset_is_not_used(void **state)
{
	static uint8_t other[18] = {
		18, 1, 0, 2, 0, 0, 0, 64, 0xf4, 0x46, 2, 0, 0, 0, 0, 0, 0, 1,
	};

	(void)state;
	lies_open();
	stick->fd.descriptor = other;
	lies_in_status(1, LIES_STATUS, 2);
	assert_int_equal(lies_read(), ERR_IO);
	assert_string_equal(fake_printed,
			    "usb /usb@3 port 2: device ignored: another "
			    "device after a reset\r\n");
	block_close(lies_disk);
}

static void silence_in_any_phase_is_a_time_out(void **state)
{
	enum stick_phase phase;
	uint64_t before;

	(void)state;
	lies_open();
	for (phase = STICK_COMMAND; phase <= STICK_STATUS; phase++) {
		stick->mute[phase] = true;
		before = deadline_ms();
		assert_int_equal(lies_read(), ERR_TIMEOUT);
		assert_in_range(deadline_ms() - before, 15000, 15500);
		lies_expect_reason("no response in 15 s; device reset");
		assert_false(fake_usb.running);
		stick->mute[phase] = false;
		/* The next use starts the controller again. */
		assert_int_equal(watched_read(lies_disk, 7, 1, usb_buf), 0);
		block_close(lies_disk);
	}
	block_close(lies_disk);
}

static void unplugging_ends_a_command_at_once(void **state)
{
	enum stick_phase phase;
	uint64_t before = deadline_ms();

	(void)state;
	for (phase = STICK_COMMAND; phase <= STICK_STATUS; phase++) {
		lies_open();
		lies_with(1, phase, ERR_NODEV);
		assert_int_equal(lies_read(), ERR_IO);
		lies_expect_reason("read of block 7 failed: unplugged");
		stick->fd.gone = true;
		assert_int_equal(lies_read(), ERR_IO);
		lies_expect_reason("read of block 7 failed: unplugged");
		block_close(lies_disk);
		assert_int_equal(block_open(lies_disk), ERR_IO);
		lies_expect_reason("unplugged");
		assert_string_equal(fake_printed, "");
		assert_in_range(deadline_ms() - before, 0, 1000);
		usb_unplug(NULL);
		usb_plug(NULL);
	}
}

static void go_at_reset(struct fake_usb_device *fd)
{
	fd->gone = true;
}

static void it_may_be_unplugged_during_its_recovery(void **state)
{
	(void)state;
	lies_open();
	stick->fd.reset = go_at_reset;
	lies_in_status(1, LIES_STATUS, 2);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("read of block 7 failed: unplugged");
	block_close(lies_disk);
}

/* A scan ends soon, with the other disks. */
static void a_mute_device_is_not_found(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	usb_plug_stick(1, 4, USB_HIGH);
	stick->mute_max_lun = true;
	device_scan_rest();
	assert_in_range(deadline_ms() - before, 5000, 5500);
	assert_null(tree_find("/usb@3/storage@2/disk"));
	assert_int_equal(stick->max_luns, 0);
}

/* The controller is stopped and started while it waits for GET MAX LUN. */
static void a_scan_may_end_by_anothers_start(void **state)
{
	struct device *mute, *other;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	usb_plug_stick(1, 5, USB_HIGH);
	while (usb_scan(usb_controller))
		request_wait();
	usb_found(usb_controller);
	mute = device_of(tree_find("/usb@3/storage@2"));
	other = device_of(tree_find("/usb@3/storage@5"));
	stick->mute_max_lun = true;
	assert_true(scsi_scan(mute));
	while (scsi_scan(other))
		request_wait();
	device_stop(usb_controller);
	assert_int_equal(device_open(other), 0);
	while (scsi_scan(mute))
		request_wait();
	device_close(other);
	usb_settled(usb_controller);
	scsi_found(mute);
	assert_null(mute->node->child);
}

/* Starts to read block 7 of a stick. */
static void add_read(const char *path, uint64_t lun, struct scsi_command *cmd,
		     uint8_t *buf)
{
	struct scsi_host *host = device_of(tree_find(path))->priv;

	scsi_cdb_transfer(cmd, lun, false, 7, 1);
	scsi_command_read(cmd, buf, 512);
	cmd->rq.timeout_ms = 60000;
	request_add(&host->queue, &cmd->rq);
}

/* Returns while it waits for the device: meanwhile another one works. */
static void begin_read(struct scsi_command *cmd, uint8_t *buf)
{
	add_read("/usb@3/storage@2", 0x0102ULL << 48, cmd, buf);
	assert_int_equal(block_open(usb_disk("disk1")), 0);
	assert_int_equal(cmd->rq.status, REQUEST_PENDING);
}

/* An exception: the command's memory is in use again. */
static void expect_forgotten(struct scsi_command *cmd)
{
	device_abandon_all();
	memset(cmd, 0x55, sizeof(*cmd));
	stick->mute[STICK_COMMAND] = false;
	assert_int_equal(block_open(lies_disk), 0);
	lies_expect_block();
	block_close(lies_disk);
}

static void abandoned_commands_are_forgotten(void **state)
{
	struct scsi_command cmd;
	uint8_t buf[512];

	(void)state;
	usb_plug_stick(1, 5, USB_HIGH);
	lies_open();
	stick->mute[STICK_COMMAND] = true;
	begin_read(&cmd, buf);
	expect_forgotten(&cmd);
}

static void abandoned_recoveries_are_forgotten(void **state)
{
	struct scsi_command cmd;
	uint8_t buf[512];

	(void)state;
	usb_plug_stick(1, 5, USB_HIGH);
	lies_open();
	lies_in_status(1, LIES_STATUS, 2);
	lies_in_control(USB_TO_DEVICE, USB_SET_CONFIGURATION, FAKE_USB_NAK);
	begin_read(&cmd, buf);
	assert_int_equal(stick->fd.resets, 1);
	lies_in_control(0xff, 0xff, 0);
	expect_forgotten(&cmd);
}

/* The time-out of one device resets the controller of all. */
static void anothers_time_out_is_not_its_fault(void **state)
{
	struct block_device *other;
	struct scsi_command cmd;
	uint8_t buf[512];

	(void)state;
	usb_plug_stick(1, 5, USB_HIGH);
	lies_open();
	stick->mute[STICK_STATUS] = true;
	begin_read(&cmd, buf);
	other = usb_disk("disk1");
	usb_stick[1].mute[STICK_DATA] = true;
	assert_int_equal(watched_use(other, 9, 1, usb_buf), ERR_TIMEOUT);
	stick->mute[STICK_STATUS] = usb_stick[1].mute[STICK_DATA] = false;
	while (cmd.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(cmd.rq.status, ERR_IO);
	assert_string_equal(cmd.rq.why, "the device was reset in the meantime");
	/* So a fault is its first. */
	assert_int_equal(block_open(lies_disk), 0);
	lies_in_status(1, LIES_STATUS, 2);
	expect_recovery();
	block_close(lies_disk);
	block_close(lies_disk);
	block_close(other);
}

/* The first time-out stops the controller, which is not polled then. */
static void two_may_time_out_together(void **state)
{
	struct scsi_command cmds[2];
	uint8_t buf[512];
	unsigned i;

	(void)state;
	usb_plug_stick(1, 5, USB_HIGH);
	usb_plug_stick(2, 7, USB_HIGH);
	lies_open();
	assert_int_equal(block_open(usb_disk("disk2")), 0);
	stick->mute[STICK_STATUS] = usb_stick[2].mute[STICK_DATA] = true;
	add_read("/usb@3/storage@7", 0x0107ULL << 48, &cmds[1], buf);
	begin_read(&cmds[0], buf);
	fake_clock_step(30000ull * (TIMEBASE_DEFAULT_HZ / 1000));
	for (i = 0; i < 2; i++) {
		while (cmds[i].rq.status == REQUEST_PENDING)
			request_wait();
		assert_int_equal(cmds[i].rq.status, ERR_TIMEOUT);
	}
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	stick->mute[STICK_STATUS] = false;
	assert_int_equal(block_open(lies_disk), 0);
	lies_expect_block();
	block_close(lies_disk);
	block_close(lies_disk);
	block_close(usb_disk("disk1"));
	block_close(usb_disk("disk2"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_fault_is_recovered_from),
		TEST(two_wrong_signatures_are_too_many),
		TEST(two_wrong_tags_are_too_many),
		TEST(two_wrong_residues_are_too_many),
		TEST(two_phase_errors_are_too_many),
		TEST(two_unknown_statuses_are_too_many),
		TEST(two_short_statuses_are_too_many),
		TEST(babble_twice_is_too_much),
		TEST(two_refused_commands_are_too_many),
		TEST(faults_far_apart_are_forgiven),
		TEST(a_unit_attention_after_a_reset_is_no_good_command),
		TEST(the_others_go_on),
		TEST(another_device_after_the_reset_is_not_used),
		TEST(silence_in_any_phase_is_a_time_out),
		TEST(unplugging_ends_a_command_at_once),
		TEST(it_may_be_unplugged_during_its_recovery),
		TEST(a_mute_device_is_not_found),
		TEST(abandoned_commands_are_forgotten),
		TEST(abandoned_recoveries_are_forgotten),
		TEST(anothers_time_out_is_not_its_fault),
		TEST(a_scan_may_end_by_anothers_start),
		TEST(two_may_time_out_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

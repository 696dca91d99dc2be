// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bot.c: sense data, residues, LUNs, odd devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/usb_lies.h"

static struct fake_stick *const stick = &usb_stick[0];

static void set_sense(uint8_t key, uint8_t asc)
{
	fake_unit_sense(usb_unit(0, 0), 1, key, asc, 0);
}

static void a_failure_brings_its_sense_data(void **state)
{
	(void)state;
	lies_open();
	for (stick->how = STICK_ENDS; stick->how <= STICK_STALLS;
	     stick->how++) {
		set_sense(3, 0x11);
		assert_int_equal(lies_read(), ERR_IO);
		lies_expect_reason("sense key 3 (medium error), code 11/00");
	}
	assert_int_equal(stick->commands[SCSI_REQUEST_SENSE], 3);
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 0);
	assert_int_equal(stick->fd.halted, 0);
	block_close(lies_disk);
}

/* An answer to REQUEST SENSE with other bytes at `at`. */
static uint8_t sense_n, sense_status;

static long lie_about_sense(struct fake_stick *s, enum stick_phase phase,
			    uint8_t *data, uint32_t len, long n)
{
	if (s->cbw[15] != SCSI_REQUEST_SENSE)
		return n;
	if (phase == STICK_DATA)
		return MIN(sense_n, len);
	if (phase == STICK_STATUS)
		data[12] = sense_status;
	return n;
}

static void expect_no_sense(uint8_t n, uint8_t status)
{
	sense_n = n;
	sense_status = status;
	stick->lie = lie_about_sense;
	set_sense(3, 0x11);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("check condition without sense data");
	stick->lie = NULL;
	lies_expect_block();
}

static void sense_data_may_be_missing(void **state)
{
	(void)state;
	lies_open();
	expect_no_sense(0, 0);
	expect_no_sense(3, 0);
	/* A failure of REQUEST SENSE is not asked about. */
	expect_no_sense(18, 1);
	expect_no_sense(0, 1);
	assert_int_equal(stick->commands[SCSI_REQUEST_SENSE], 4);
	assert_int_equal(stick->fd.resets, 0);
	block_close(lies_disk);
}

static void short_sense_data_is_enough(void **state)
{
	(void)state;
	lies_open();
	sense_n = 8;
	sense_status = 0;
	stick->lie = lie_about_sense;
	set_sense(3, 0x11);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("sense key 3 (medium error), code 00/00");
	block_close(lies_disk);
}

/* Linux calls it a hardware error, too. */
static void a_failure_that_says_all_is_well_is_a_failure(void **state)
{
	(void)state;
	lies_open();
	set_sense(0, 0);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("check condition without sense data");
	block_close(lies_disk);
}

static void a_fault_of_request_sense_repeats_the_command(void **state)
{
	(void)state;
	lies_open();
	sense_n = 18;
	sense_status = 2;
	stick->lie = lie_about_sense;
	set_sense(3, 0x11);
	/* The sense data is lost, and the failure was only one. */
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 1);
	block_close(lies_disk);
}

static void unit_attention_for_ever_is_an_error(void **state)
{
	(void)state;
	lies_open();
	fake_unit_sense(usb_unit(0, 0), UINT32_MAX, 6, 0x29, 0);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("sense key 6 (unit attention)");
	assert_int_equal(stick->commands[SCSI_READ_10], 1 + REQUEST_RETRIES);
	assert_int_equal(stick->fd.resets, 0);
	block_close(lies_disk);
}

static void missing_data_is_told(void **state)
{
	(void)state;
	lies_open();
	for (stick->how = STICK_ENDS; stick->how <= STICK_STALLS;
	     stick->how++) {
		usb_unit(0, 0)->shorter = 100;
		assert_int_equal(lies_read(), ERR_IO);
		lies_expect_reason("100 bytes of 512 are missing");
	}
	usb_unit(0, 0)->shorter = 512;
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("512 bytes of 512 are missing");
	usb_unit(0, 0)->shorter = 0;
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 0);
	block_close(lies_disk);
}

/* The controller's count is believed where the device says less. */
static void a_short_packet_counts_without_a_residue(void **state)
{
	(void)state;
	lies_open();
	lies_with(1, STICK_DATA, 412);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("100 bytes of 512 are missing");
	block_close(lies_disk);
}

static void a_stalled_status_is_read_again(void **state)
{
	(void)state;
	lies_open();
	lies_with(1, STICK_STATUS, USB_STALL);
	/* It has taken its answer for sent. */
	assert_int_equal(stick->phase, STICK_COMMAND);
	lies_expect_block();
	block_close(lies_disk);
}

/* Answers something else, and keeps the status. */
static long late_n;

static long stall_status(struct fake_stick *s, enum stick_phase phase,
			 uint8_t *data, uint32_t len, long n)
{
	(void)data;
	(void)len;
	if (phase != STICK_STATUS || !s->lies)
		return n;
	s->lies--;
	s->phase = STICK_STATUS;
	return late_n;
}

static void a_status_may_be_late(void **state)
{
	(void)state;
	lies_open();
	stick->lie = stall_status;
	stick->lies = 1;
	late_n = USB_STALL;
	lies_expect_block();
	/* An empty packet that ends the data. */
	stick->lies = 1;
	late_n = 0;
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 0);
	assert_int_equal(stick->commands[SCSI_READ_10], 2);
	block_close(lies_disk);
}

static void a_status_that_is_always_late_is_none(void **state)
{
	(void)state;
	lies_open();
	stick->lie = stall_status;
	stick->lies = 4;
	late_n = USB_STALL;
	assert_int_equal(lies_read(), ERR_IO);
	assert_string_equal(fake_printed,
			    "usb /usb@3 port 2: device ignored: no status\r\n");
	block_close(lies_disk);
}

static void a_status_that_is_always_empty_is_none(void **state)
{
	(void)state;
	lies_open();
	stick->lie = stall_status;
	stick->lies = 4;
	late_n = 0;
	assert_int_equal(lies_read(), ERR_IO);
	assert_string_equal(
		fake_printed,
		"usb /usb@3 port 2: device ignored: status of 0 bytes\r\n");
	block_close(lies_disk);
}

static void a_stall_that_cannot_be_cleared_is_a_fault(void **state)
{
	(void)state;
	lies_open();
	lies_in_control(USB_TO_ENDPOINT, USB_CLEAR_FEATURE, USB_STALL);
	lies_with(1, STICK_DATA, USB_STALL);
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 1);
	lies_in_control(USB_TO_ENDPOINT, USB_CLEAR_FEATURE, ERR_IO);
	lies_with(1, STICK_DATA, USB_STALL);
	lies_expect_block();
	assert_int_equal(stick->fd.resets, 2);
	block_close(lies_disk);
}

/* The status in place of the data, as some devices do. */
static long skip_data(struct fake_stick *s, enum stick_phase phase,
		      uint8_t *data, uint32_t len, long n)
{
	(void)len;
	if (phase != STICK_DATA || !s->lies)
		return n;
	s->lies--;
	s->phase = STICK_COMMAND;
	le32_store(data, 0x53425355);
	memcpy(data + 4, s->cbw + 4, 4);
	le32_store(data + 8, 512);
	data[12] = s->res.status != SCSI_GOOD;
	return STICK_CSW;
}

static void a_status_in_place_of_the_data_is_understood(void **state)
{
	(void)state;
	lies_open();
	stick->lie = skip_data;
	stick->lies = 1;
	set_sense(3, 0x11);
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("sense key 3 (medium error), code 11/00");
	stick->lies = 1;
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("512 bytes of 512 are missing");
	assert_int_equal(stick->fd.resets, 0);
	lies_expect_block();
	block_close(lies_disk);
}

/* The next command's data, and no status. */
static void thirteen_bytes_of_data_are_data(void **state)
{
	(void)state;
	lies_open();
	memset(usb_data + 7 * 512, 0, 13);
	le32_store(usb_data + 7 * 512, 0x53425355);
	usb_unit(0, 0)->shorter = 512 - 13;
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("499 bytes of 512 are missing");
	assert_int_equal(stick->fd.resets, 0);
	block_close(lies_disk);
}

/* The residue of each command is nonsense. */
static long count_wrongly(struct fake_stick *s, enum stick_phase phase,
			  uint8_t *data, uint32_t len, long n)
{
	(void)len;
	if (phase == STICK_STATUS && s->lies)
		le32_store(data + 8, s->lies);
	return n;
}

/* [Linux drivers/usb/storage/transport.c, US_FL_IGNORE_RESIDUE] */
static void a_device_that_counts_wrongly_is_usable(void **state)
{
	static const unsigned residues[] = { 8, 36, 512, UINT32_MAX };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(residues); i++) {
		usb_plug_stick(0, 2, USB_HIGH);
		stick->lie = count_wrongly;
		stick->lies = residues[i];
		device_scan_rest();
		lies_disk = usb_disk("disk");
		assert_int_equal(block_open(lies_disk), 0);
		lies_expect_block();
		/* What the controller counts is still believed. */
		usb_unit(0, 0)->shorter = 100;
		assert_int_equal(lies_read(), ERR_IO);
		lies_expect_reason("100 bytes of 512 are missing");
		block_close(lies_disk);
		usb_unplug(NULL);
		usb_plug(NULL);
	}
}

/* An honest residue is no reason to doubt the next one. */
static long send_less(struct fake_stick *s, enum stick_phase phase,
		      uint8_t *data, uint32_t len, long n)
{
	(void)len;
	if (s->cbw[15] != SCSI_INQUIRY)
		return n;
	if (phase == STICK_STATUS)
		le32_store(data + 8, 16);
	return phase == STICK_DATA ? 20 : n;
}

static void a_device_that_counts_rightly_is_believed(void **state)
{
	(void)state;
	usb_plug_stick(0, 2, USB_HIGH)->lie = send_less;
	device_scan_rest();
	lies_disk = usb_disk("disk");
	assert_int_equal(block_open(lies_disk), 0);
	usb_unit(0, 0)->shorter = 100;
	stick->how = STICK_PADS;
	assert_int_equal(lies_read(), ERR_IO);
	lies_expect_reason("100 bytes of 512 are missing");
	block_close(lies_disk);
}

static void a_write_may_stall(void **state)
{
	(void)state;
	lies_open();
	lies_with(1, STICK_DATA, USB_STALL);
	stick->fd.partial = 100;
	assert_int_equal(block_write(lies_disk, 90, 1, usb_buf), ERR_IO);
	lies_expect_reason("412 bytes of 512 are missing");
	assert_int_equal(stick->fd.halted, 0);
	assert_int_equal(block_write(lies_disk, 90, 1, usb_buf), 0);
	assert_int_equal(stick->fd.resets, 0);
	block_close(lies_disk);
}

/* Answers to GET MAX LUN, as they come from real devices. */
static void expect_luns(int answer, uint32_t len, unsigned luns)
{
	usb_plug_stick(0, 2, USB_HIGH);
	usb_add_unit(0, 1, 0);
	stick->max_lun = answer;
	stick->max_lun_len = len;
	device_scan_rest();
	assert_int_equal(stick->commands[SCSI_INQUIRY], luns);
	assert_non_null(tree_find("disk"));
	assert_int_equal(tree_find("disk1") != NULL, luns > 1);
	assert_string_equal(fake_printed, "");
	usb_unplug(NULL);
	usb_plug(NULL);
}

static void bad_answers_to_get_max_lun_mean_one(void **state)
{
	(void)state;
	expect_luns(1, 1, 2);
	expect_luns(-1, 1, 1);
	expect_luns(16, 1, 1);
	expect_luns(255, 1, 1);
	expect_luns(1, 0, 1);
}

static void get_max_lun_may_fail(void **state)
{
	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	lies_in_control(USB_IN | USB_TYPE_CLASS | USB_TO_INTERFACE, 0xfe,
			ERR_IO);
	device_scan_rest();
	assert_non_null(tree_find("disk"));
}

static long lie_about_inquiry(struct fake_stick *s, enum stick_phase phase,
			      uint8_t *data, uint32_t len, long n)
{
	if (phase != STICK_DATA || s->cbw[15] != SCSI_INQUIRY)
		return n;
	/* As if it had never been written: what a scan starts with. */
	memset(data, 0, len);
	data[0] = 0x7f;
	return 0;
}

static void an_empty_inquiry_is_no_disk(void **state)
{
	(void)state;
	usb_plug_stick(0, 2, USB_HIGH)->lie = lie_about_inquiry;
	device_scan_rest();
	assert_non_null(tree_find("/usb@3/storage@2"));
	assert_null(tree_find("disk"));
	assert_string_equal(fake_printed, "");
}

static void impossible_capacities_are_refused(void **state)
{
	static const struct {
		uint64_t blocks;
		uint32_t block_size;
	} cases[] = {
		{ 1000, 0 }, { 1000, 3 },	   { 1000, 256 },
		{ 0, 512 },  { 1000, 0xfffffe00 }, { 1000, 1u << 31 },
	};
	unsigned i;

	(void)state;
	lies_open();
	block_close(lies_disk);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		usb_unit(0, 0)->blocks = cases[i].blocks;
		usb_unit(0, 0)->block_size = cases[i].block_size;
		assert_true(block_open(lies_disk) < 0);
	}
	usb_unit(0, 0)->blocks = UINT64_MAX;
	usb_unit(0, 0)->block_size = 512;
	assert_int_equal(block_open(lies_disk), 0);
	lies_expect_block();
	block_close(lies_disk);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_brings_its_sense_data),
		TEST(sense_data_may_be_missing),
		TEST(short_sense_data_is_enough),
		TEST(a_failure_that_says_all_is_well_is_a_failure),
		TEST(a_fault_of_request_sense_repeats_the_command),
		TEST(unit_attention_for_ever_is_an_error),
		TEST(missing_data_is_told),
		TEST(a_short_packet_counts_without_a_residue),
		TEST(a_stalled_status_is_read_again),
		TEST(a_status_may_be_late),
		TEST(a_status_that_is_always_late_is_none),
		TEST(a_status_that_is_always_empty_is_none),
		TEST(a_stall_that_cannot_be_cleared_is_a_fault),
		TEST(a_status_in_place_of_the_data_is_understood),
		TEST(thirteen_bytes_of_data_are_data),
		TEST(a_device_that_counts_wrongly_is_usable),
		TEST(a_device_that_counts_rightly_is_believed),
		TEST(a_write_may_stall),
		TEST(bad_answers_to_get_max_lun_mean_one),
		TEST(get_max_lun_may_fail),
		TEST(an_empty_inquiry_is_no_disk),
		TEST(impossible_capacities_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

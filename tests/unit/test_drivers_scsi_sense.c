// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/sense.c: what status and sense data mean.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/scsi/scsi.h"
#include "lib/reason.h"
#include <cmocka.h>

static struct scsi_host host;
static struct scsi_command cmd;

static void set_status(uint8_t status)
{
	cmd = (struct scsi_command){ .status = status };
	cmd.rq.queue = &host.queue;
}

static void set_fixed(uint8_t key, uint8_t asc, uint8_t ascq)
{
	set_status(SCSI_CHECK_CONDITION);
	cmd.sense_len = 18;
	cmd.sense[0] = 0xf0; /* current, with the VALID bit */
	cmd.sense[2] = key;
	cmd.sense[12] = asc;
	cmd.sense[13] = ascq;
}

static void set_descriptor(uint8_t key, uint8_t asc, uint8_t ascq)
{
	set_status(SCSI_CHECK_CONDITION);
	cmd.sense_len = 8;
	cmd.sense[0] = 0x72;
	cmd.sense[1] = key;
	cmd.sense[2] = asc;
	cmd.sense[3] = ascq;
}

/* What is decided about a command that the host has ended with `result`. */
static void expect_of(int result, enum request_disposition disposition,
		      int error)
{
	int status = result;

	assert_int_equal(scsi_decide(&cmd.rq, &status), disposition);
	assert_int_equal(status, error);
}

static void expect(enum request_disposition disposition, int error)
{
	reason_clear();
	expect_of(0, disposition, error);
}

static void good_status_is_success(void **state)
{
	(void)state;
	set_status(SCSI_GOOD);
	expect(REQUEST_DONE, 0);
	assert_string_equal(reason(), "");
}

static void an_error_of_the_host_is_not_changed(void **state)
{
	(void)state;
	set_fixed(6, 0x29, 0);
	expect_of(ERR_TIMEOUT, REQUEST_DONE, ERR_TIMEOUT);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_NONE);
}

static void both_formats_say_the_same(void **state)
{
	static const struct {
		uint8_t key, asc, ascq;
		enum request_disposition disposition;
		int error;
	} cases[] = {
		{ 0x0, 0, 0, REQUEST_DONE, 0 },
		{ 0x1, 0x17, 0, REQUEST_DONE, 0 },
		{ 0x2, 0x3a, 0, REQUEST_DONE, ERR_NOMEDIUM },
		{ 0x2, 0x3a, 2, REQUEST_DONE, ERR_NOMEDIUM },
		{ 0x2, 0x04, 1, REQUEST_WAIT, ERR_IO },
		{ 0x2, 0x04, 3, REQUEST_DONE, ERR_IO },
		{ 0x3, 0x11, 0, REQUEST_DONE, ERR_IO },
		{ 0x4, 0x44, 0, REQUEST_DONE, ERR_IO },
		{ 0x5, 0x20, 0, REQUEST_DONE, ERR_NOTSUP },
		{ 0x5, 0x21, 0, REQUEST_DONE, ERR_RANGE },
		{ 0x5, 0x24, 0, REQUEST_DONE, ERR_INVAL },
		{ 0x6, 0x29, 0, REQUEST_RETRY, ERR_IO },
		{ 0x6, 0x3a, 0, REQUEST_RETRY, ERR_IO },
		{ 0x7, 0x27, 0, REQUEST_DONE, ERR_PERM },
		{ 0x7, 0x27, 7, REQUEST_DONE, ERR_PERM },
		{ 0x7, 0x99, 7, REQUEST_DONE, ERR_PERM },
		{ 0xb, 0x00, 0, REQUEST_RETRY, ERR_IO },
		{ 0xf, 0xff, 0xff, REQUEST_DONE, ERR_IO },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		set_fixed(cases[i].key, cases[i].asc, cases[i].ascq);
		expect(cases[i].disposition, cases[i].error);
		set_descriptor(cases[i].key, cases[i].asc, cases[i].ascq);
		expect(cases[i].disposition, cases[i].error);
	}
}

static void deferred_errors_count_like_current_ones(void **state)
{
	(void)state;
	set_fixed(3, 0x11, 0);
	cmd.sense[0] = 0x71;
	expect(REQUEST_DONE, ERR_IO);
	set_descriptor(6, 0x29, 0);
	cmd.sense[0] = 0x73;
	expect(REQUEST_RETRY, ERR_IO);
}

static void short_or_strange_sense_data_is_an_error(void **state)
{
	(void)state;
	set_fixed(6, 0x29, 0);
	cmd.sense_len = 0;
	expect(REQUEST_DONE, ERR_IO);
	assert_string_equal(reason(), "check condition without sense data");
	cmd.sense_len = 3;
	expect(REQUEST_DONE, ERR_IO);
	/* The key is there, its code is not. */
	set_fixed(2, 0x3a, 0);
	cmd.sense_len = 12;
	expect(REQUEST_DONE, ERR_IO);
	set_fixed(6, 0x29, 0);
	cmd.sense[0] = 0x7f;
	expect(REQUEST_DONE, ERR_IO);
}

static void busy_is_waited_for(void **state)
{
	(void)state;
	set_status(SCSI_BUSY);
	expect(REQUEST_WAIT, ERR_IO);
	cmd.status = SCSI_TASK_SET_FULL;
	expect(REQUEST_WAIT, ERR_IO);
}

static void statuses_have_names(void **state)
{
	static const struct {
		uint8_t status;
		enum request_disposition disposition;
		const char *text;
	} cases[] = {
		{ 0x04, REQUEST_DONE, "SCSI status 0x04 (condition met)" },
		{ 0x08, REQUEST_WAIT, "SCSI status 0x08 (busy)" },
		{ 0x18, REQUEST_DONE,
		  "SCSI status 0x18 (reservation conflict: another host has "
		  "reserved the disk)" },
		{ 0x28, REQUEST_WAIT, "SCSI status 0x28 (task set full)" },
		{ 0x30, REQUEST_DONE, "SCSI status 0x30 (ACA active)" },
		{ 0x40, REQUEST_RETRY, "SCSI status 0x40 (task aborted)" },
		{ 0x77, REQUEST_DONE, "SCSI status 0x77 (unknown)" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		set_status(cases[i].status);
		expect(cases[i].disposition, ERR_IO);
		assert_string_equal(reason(), cases[i].text);
	}
}

static void the_reason_names_key_and_code(void **state)
{
	(void)state;
	set_fixed(3, 0x11, 0x04);
	expect(REQUEST_DONE, ERR_IO);
	assert_string_equal(reason(), "sense key 3 (medium error), code 11/04 "
				      "(unrecovered read error)");
	set_fixed(0xe, 0x12, 0x34);
	expect(REQUEST_DONE, ERR_IO);
	assert_string_equal(reason(), "sense key e (miscompare), code 12/34");
	set_fixed(2, 0x3a, 0);
	expect(REQUEST_DONE, ERR_NOMEDIUM);
	assert_string_equal(reason(), "no medium");
}

/* As QEMU and its host send them. [scsi/utils.c] */
static void what_hosts_send_is_told_in_words(void **state)
{
	static const struct {
		uint8_t key, asc, ascq;
		const char *words;
	} cases[] = {
		{ 0x2, 0x04, 1, "code 04/01 (becoming ready)" },
		{ 0x2, 0x04, 3, "code 04/03 (manual intervention required)" },
		{ 0x3, 0x11, 0, "code 11/00 (unrecovered read error)" },
		{ 0x4, 0x44, 0, "code 44/00 (target failure)" },
		{ 0x5, 0x20, 0,
		  "code 20/00 (no such command, or the unit is gone)" },
		{ 0x5, 0x21, 0, "code 21/00 (block out of range)" },
		{ 0x5, 0x24, 0, "code 24/00 (invalid field)" },
		{ 0x5, 0x25, 0, "code 25/00 (the unit is gone)" },
		{ 0x5, 0x30, 0, "code 30/00 (medium of the wrong format)" },
		{ 0x6, 0x28, 0, "code 28/00 (medium changed)" },
		{ 0x6, 0x29, 3, "code 29/03 (reset)" },
		{ 0x6, 0x2a, 9, "code 2a/09 (capacity changed)" },
		{ 0x6, 0x3f, 0xe, "code 3f/0e (units changed)" },
		{ 0x7, 0x27, 0, "code 27/00 (write-protected)" },
		{ 0x7, 0x27, 7, "code 27/07 (the host's storage is full)" },
		{ 0xb, 0x00, 6, "code 00/06 (I/O error on the host)" },
		{ 0xb, 0x05, 0, "code 05/00 (path lost)" },
		{ 0xb, 0x08, 0, "code 08/00 (path lost)" },
		{ 0xb, 0x29, 7, "code 29/07 (path lost)" },
		{ 0xb, 0x2e, 2, "code 2e/02 (timed out)" },
		{ 0xb, 0x2f, 2, "code 2f/02 (cleared)" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int status = 0;

		set_fixed(cases[i].key, cases[i].asc, cases[i].ascq);
		(void)scsi_decide(&cmd.rq, &status);
		assert_string_equal(strstr(reason(), "code"), cases[i].words);
	}
}

/* [QEMU hw/scsi/spapr_vscsi.c, vscsi_queue_cmd] */
static void a_host_may_call_a_unit_that_is_gone_an_invalid_field(void **state)
{
	(void)state;
	host.gone_invalid = true;
	set_fixed(5, 0x24, 0);
	expect(REQUEST_DONE, ERR_INVAL);
	host.gone_invalid = false;
	assert_string_equal(reason(),
			    "sense key 5 (illegal request), code 24/00 (the "
			    "unit is gone, or refuses the command)");
}

static void the_hosts_own_reason_is_kept(void **state)
{
	(void)state;
	reason_fail(ERR_IO, "the partner has closed the connection");
	set_status(SCSI_BUSY);
	expect_of(ERR_IO, REQUEST_DONE, ERR_IO);
	assert_string_equal(reason(), "the partner has closed the connection");
}

/* [SPC-4 annex F] */
static void the_worst_attention_of_all_tries_is_kept(void **state)
{
	enum scsi_attention worst;

	(void)state;
	set_fixed(6, 0x29, 0);
	expect(REQUEST_RETRY, ERR_IO);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_OTHER);
	worst = cmd.attention;
	set_fixed(6, 0x28, 0);
	cmd.attention = worst;
	expect(REQUEST_RETRY, ERR_IO);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_MEDIUM);
	worst = cmd.attention;
	set_fixed(6, 0x2a, 9);
	cmd.attention = worst;
	expect(REQUEST_RETRY, ERR_IO);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_MEDIUM);
	set_fixed(6, 0x2a, 9);
	expect(REQUEST_RETRY, ERR_IO);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_CAPACITY);
	/* It is no unit attention, whatever its code. */
	set_fixed(2, 0x3a, 0);
	expect(REQUEST_DONE, ERR_NOMEDIUM);
	assert_int_equal(cmd.attention, SCSI_ATTENTION_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_status_is_success),
		cmocka_unit_test(an_error_of_the_host_is_not_changed),
		cmocka_unit_test(both_formats_say_the_same),
		cmocka_unit_test(deferred_errors_count_like_current_ones),
		cmocka_unit_test(short_or_strange_sense_data_is_an_error),
		cmocka_unit_test(busy_is_waited_for),
		cmocka_unit_test(statuses_have_names),
		cmocka_unit_test(the_reason_names_key_and_code),
		cmocka_unit_test(what_hosts_send_is_told_in_words),
		cmocka_unit_test(
			a_host_may_call_a_unit_that_is_gone_an_invalid_field),
		cmocka_unit_test(the_hosts_own_reason_is_kept),
		cmocka_unit_test(the_worst_attention_of_all_tries_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

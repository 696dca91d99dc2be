// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/sense.c: what status and sense data mean.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/scsi/scsi.h"
#include "lib/reason.h"
#include <cmocka.h>

static struct scsi_command cmd;

static void set_fixed(uint8_t key, uint8_t asc, uint8_t ascq)
{
	cmd = (struct scsi_command){ .status = SCSI_CHECK_CONDITION };
	cmd.sense_len = 18;
	cmd.sense[0] = 0xf0; /* current, with the VALID bit */
	cmd.sense[2] = key;
	cmd.sense[12] = asc;
	cmd.sense[13] = ascq;
}

static void set_descriptor(uint8_t key, uint8_t asc, uint8_t ascq)
{
	cmd = (struct scsi_command){ .status = SCSI_CHECK_CONDITION };
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
	cmd = (struct scsi_command){ .status = SCSI_GOOD };
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
		{ 0x2, 0x04, 2, REQUEST_DONE, ERR_IO },
		{ 0x3, 0x11, 0, REQUEST_DONE, ERR_IO },
		{ 0x4, 0x44, 0, REQUEST_DONE, ERR_IO },
		{ 0x5, 0x20, 0, REQUEST_DONE, ERR_NOTSUP },
		{ 0x5, 0x21, 0, REQUEST_DONE, ERR_RANGE },
		{ 0x5, 0x24, 0, REQUEST_DONE, ERR_IO },
		{ 0x6, 0x29, 0, REQUEST_RETRY, ERR_IO },
		{ 0x6, 0x3a, 0, REQUEST_RETRY, ERR_IO },
		{ 0x7, 0x27, 0, REQUEST_DONE, ERR_PERM },
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
	cmd = (struct scsi_command){ .status = SCSI_BUSY };
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
		  "SCSI status 0x18 (reservation conflict)" },
		{ 0x28, REQUEST_WAIT, "SCSI status 0x28 (task set full)" },
		{ 0x30, REQUEST_DONE, "SCSI status 0x30 (ACA active)" },
		{ 0x40, REQUEST_RETRY, "SCSI status 0x40 (task aborted)" },
		{ 0x77, REQUEST_DONE, "SCSI status 0x77 (unknown)" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cmd = (struct scsi_command){ .status = cases[i].status };
		expect(cases[i].disposition, ERR_IO);
		assert_string_equal(reason(), cases[i].text);
	}
}

static void the_reason_names_key_and_code(void **state)
{
	(void)state;
	set_fixed(3, 0x11, 0x04);
	expect(REQUEST_DONE, ERR_IO);
	assert_string_equal(reason(), "sense key 3 (medium error), code 11/04");
	set_fixed(2, 0x3a, 0);
	expect(REQUEST_DONE, ERR_NOMEDIUM);
	assert_string_equal(reason(), "no medium");
}

static void the_hosts_own_reason_is_kept(void **state)
{
	(void)state;
	reason_fail(ERR_IO, "the partner has closed the connection");
	cmd = (struct scsi_command){ .status = SCSI_BUSY };
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
		cmocka_unit_test(the_hosts_own_reason_is_kept),
		cmocka_unit_test(the_worst_attention_of_all_tries_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

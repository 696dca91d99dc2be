// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/vtpm.c: a partner and a TPM that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/vtpm.h"

#include "tests/fake/timebase.h"

static struct device *dev;
static struct tpm_device *tpm;
static const uint8_t cmd[20] = { 0x80, 1 };
static uint8_t rsp[TPM_BUFFER_MAX];

static int plug(void **state)
{
	(void)state;
	dev = device_of(fake_vtpm_plug("IBM,vtpm20"));
	tpm = tpm_device_of(device_role(dev, &tpm_role));
	assert_int_equal(device_open(dev), 0);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	device_close(dev);
	fake_vtpm_unplug();
	return 0;
}

static void prepare(uint32_t number)
{
	fake_vtpm.response_len = 20;
	be32_store(fake_vtpm.response + 2, 20);
	be32_store(fake_vtpm.response + 16, number);
}

static long transmit(void)
{
	return tpm_transmit(tpm, cmd, sizeof(cmd), rsp, sizeof(rsp));
}

/* It works, and this is no other's response. */
static void expect(uint32_t number)
{
	prepare(number);
	assert_int_equal(transmit(), 20);
	assert_int_equal(be32_load(rsp + 16), number);
	assert_memory_equal(fake_vtpm.command, cmd, sizeof(cmd));
}

static void expect_failure(int err, const char *why)
{
	uint64_t start = deadline_ms();

	prepare(0xbad);
	assert_int_equal(transmit(), err);
	assert_string_equal(reason(), why);
	assert_in_range(deadline_ms() - start, 0, 32000);
}

/* The queue was freed and registered again, and the next command works. */
static void expect_recovery(void)
{
	unsigned registers = fake_vtpm.registers;

	fake_vtpm.lie = FAKE_VTPM_HONEST;
	expect(1);
	assert_int_equal(fake_vtpm.registers, registers + 1);
	assert_int_equal(fake_vtpm.frees, fake_vtpm.registers - 1);
	expect(2);
	expect(3);
}

static void errors_of_the_host_are_named(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_ERROR_4;
	expect_failure(ERR_IO, "the host reports error 4");
	expect_recovery();
}

/* QEMU runs what was in its buffer, and a second response follows. */
static void the_response_after_an_error_is_nobodys(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_ERROR_3;
	expect_failure(ERR_IO, "the host reports error 3");
	fake_vtpm.busy = 3;
	expect_recovery();
}

/* The same, but it comes when the queue is new, before the next command. */
static void the_late_response_is_nobodys(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_ERROR_3;
	expect_failure(ERR_IO, "the host reports error 3");
	assert_int_equal(device_start(dev), 0);
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	fake_vtpm_end();
	expect(1);
	expect(2);
}

/* Nor is it the answer to another message; of it, nothing is left behind. */
static void the_late_response_is_no_answer_to_a_message(void **state)
{
	static const uint8_t zero[TPM_BUFFER_MAX];

	(void)state;
	fake_vtpm.lie = FAKE_VTPM_LATE;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	memset(fake_vtpm.response, 0x42, sizeof(fake_vtpm.response));
	fake_vtpm.response_len = 100;
	assert_int_equal(device_start(dev), 0);
	assert_int_equal(tpm->max, 4096);
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	for (unsigned i = 0; i < 2; i++) {
		expect(i);
		assert_memory_equal(fake_vtpm.command + sizeof(cmd), zero,
				    sizeof(zero) - sizeof(cmd));
	}
}

/* A response of the same command: its page is not that of the next one. */
static void the_second_response_is_nobodys(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_TWICE;
	for (unsigned i = 0; i < 10; i++)
		expect(i);
	assert_int_equal(fake_vtpm.registers, 1);
}

static void a_silent_tpm_fails_in_30_s(void **state)
{
	uint64_t start = deadline_ms();

	(void)state;
	fake_vtpm.lie = FAKE_VTPM_SILENT;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	assert_in_range(deadline_ms() - start, 30000, 32000);
	fake_vtpm.busy = 2;
	expect_recovery();
}

static void a_tpm_that_never_ends_fails_each_time(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_SILENT;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	expect_failure(ERR_TIMEOUT, "busy with another command");
	assert_int_equal(fake_vtpm.commands, 1);
	/* Nor does its response overwrite what waits. */
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	for (unsigned i = 0; i < 2; i++) {
		fake_vtpm.busy = 2;
		expect(i);
	}
}

/* The page of the response is there until it is read. */
static void an_error_behind_a_response_is_the_next_commands(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_THEN_ERROR;
	expect(1);
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	expect_failure(ERR_IO, "the host reports error 4");
	expect_recovery();
}

/* Its page is still there, and is no other's. */
static void a_late_response_does_not_overwrite_anything(void **state)
{
	uint64_t page;

	(void)state;
	fake_vtpm.lie = FAKE_VTPM_SILENT;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	page = fake_vtpm.running;
	device_close(dev);
	assert_true(fake_dma_mapped(page));
	assert_int_equal(fake_vtpm.queue, 0);
	assert_int_equal(device_open(dev), 0);
	fake_vtpm_end();
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	expect(1);
	assert_true(fake_vtpm.last_page != page);
	device_close(dev);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(device_open(dev), 0);
}

static void after_quiesce_a_late_response_leads_nowhere(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_SILENT;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	device_quiesce_all(NULL);
	assert_false(fake_dma_mapped(fake_vtpm.running));
	assert_int_equal(fake_dma_live(), 0);
}

static void lengths_outside_the_buffer_are_refused(void **state)
{
	static const struct {
		uint16_t len;
		const char *why;
	} cases[] = {
		{ 0, "response of 0 bytes" },
		{ 9, "response of 9 bytes" },
		{ 4097, "response of 4097 bytes" },
		{ 65535, "response of 65535 bytes" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_vtpm.lie = FAKE_VTPM_LEN;
		fake_vtpm.lie_len = cases[i].len;
		expect_failure(ERR_FORMAT, cases[i].why);
		expect_recovery();
	}
}

/* What the partner says of its buffer holds, whatever room the caller has. */
static void more_than_the_buffer_is_refused(void **state)
{
	(void)state;
	device_close(dev);
	fake_vtpm.buffer_size = 1024;
	assert_int_equal(device_open(dev), 0);
	fake_vtpm.lie = FAKE_VTPM_LEN;
	fake_vtpm.lie_len = 1025;
	expect_failure(ERR_FORMAT, "response of 1025 bytes");
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	expect(1);
}

static void more_than_the_callers_room_is_refused(void **state)
{
	(void)state;
	prepare(1);
	rsp[19] = 0x77;
	assert_int_equal(tpm_transmit(tpm, cmd, sizeof(cmd), rsp, 19),
			 ERR_FORMAT);
	assert_int_equal(rsp[19], 0x77);
	expect_recovery();
}

/* The element has 19 bytes, the header says 20. */
static void a_header_longer_than_its_element_is_refused(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_LEN;
	fake_vtpm.lie_len = 19;
	expect_failure(ERR_FORMAT, "response of 19 bytes says it has 20");
	fake_vtpm.lie = FAKE_VTPM_HONEST;
	expect(1);
}

static void responses_to_others_are_ignored(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_ADDRESS;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	expect_recovery();
	fake_vtpm.lie = FAKE_VTPM_OTHER;
	expect_failure(ERR_TIMEOUT, "no response in 30 s; device reset");
	expect_recovery();
	fake_vtpm.lie = FAKE_VTPM_UNKNOWN;
	expect(1);
}

static void a_closed_connection_is_opened_again(void **state)
{
	(void)state;
	fake_vtpm.lie = FAKE_VTPM_CLOSES;
	expect_failure(ERR_IO, "the host closed the connection");
	expect_recovery();
}

static void what_cannot_be_sent_fails(void **state)
{
	(void)state;
	fake_vtpm.send_error = H_PARAMETER;
	prepare(1);
	assert_true(transmit() < 0);
	assert_string_equal(reason(), "cannot send: malformed argument");
	fake_vtpm.send_error = 0;
	expect(1);
}

static void reopen(int err, const char *why)
{
	device_close(dev);
	assert_int_equal(device_open(dev), err);
	assert_string_equal(reason(), why);
	assert_int_equal(fake_vtpm.queue, 0);
	assert_int_equal(fake_dma_live(), 0);
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	fake_vtpm.version = 1;
	reopen(ERR_NOTSUP, "TPM version 1");
	fake_vtpm.version = 3;
	reopen(ERR_NOTSUP, "TPM version 3");
}

static void odd_buffers_are_refused(void **state)
{
	(void)state;
	fake_vtpm.buffer_size = 1023;
	reopen(ERR_FORMAT, "buffer of 1023 bytes");
	fake_vtpm.buffer_size = 4097;
	reopen(ERR_FORMAT, "buffer of 4097 bytes");
	fake_vtpm.buffer_size = 0;
	reopen(ERR_FORMAT, "buffer of 0 bytes");
}

static void a_mute_partner_does_not_open(void **state)
{
	uint64_t start = deadline_ms();

	(void)state;
	fake_vtpm.lie = FAKE_VTPM_MUTE;
	reopen(ERR_TIMEOUT, "no response in 5 s; device reset");
	fake_vtpm.no_init = true;
	reopen(ERR_TIMEOUT, "the partner does not respond");
	assert_in_range(deadline_ms() - start, 10000, 12000);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(errors_of_the_host_are_named),
		TEST(the_response_after_an_error_is_nobodys),
		TEST(the_late_response_is_nobodys),
		TEST(the_late_response_is_no_answer_to_a_message),
		TEST(the_second_response_is_nobodys),
		TEST(a_silent_tpm_fails_in_30_s),
		TEST(a_tpm_that_never_ends_fails_each_time),
		TEST(an_error_behind_a_response_is_the_next_commands),
		TEST(a_late_response_does_not_overwrite_anything),
		TEST(after_quiesce_a_late_response_leads_nowhere),
		TEST(lengths_outside_the_buffer_are_refused),
		TEST(more_than_the_buffer_is_refused),
		TEST(more_than_the_callers_room_is_refused),
		TEST(a_header_longer_than_its_element_is_refused),
		TEST(responses_to_others_are_ignored),
		TEST(a_closed_connection_is_opened_again),
		TEST(what_cannot_be_sent_fails),
		TEST(other_versions_are_refused),
		TEST(odd_buffers_are_refused),
		TEST(a_mute_partner_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

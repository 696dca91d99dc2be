// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/tpm.c: what holds for every transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/tpm.h"

static uint8_t startup[] = { 0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x44, 0, 0 };
static uint8_t rsp[64];

static int setup(void **state)
{
	(void)state;
	fake_tpm_init(DIGEST_ALL);
	memset(rsp, 0x77, sizeof(rsp));
	return 0;
}

static long transmit(size_t len, size_t room)
{
	return tpm_transmit(&fake_tpm.tpm, startup, len, rsp, room);
}

static void a_response_has_the_length_of_its_header(void **state)
{
	(void)state;
	assert_int_equal(transmit(12, sizeof(rsp)), 10);
	assert_memory_equal(rsp, "\x80\1\0\0\0\xa\0\0\0\0", 10);
	/* More came: that is no part of it. */
	fake_tpm_answer(FAKE_TPM_ANY, "\x80\1\0\0\0\xb\0\0\0\0\1\2\3", 13);
	assert_int_equal(transmit(12, sizeof(rsp)), 11);
}

static void a_response_may_replace_its_command(void **state)
{
	uint8_t buf[12];

	(void)state;
	memcpy(buf, startup, sizeof(buf));
	assert_int_equal(tpm_transmit(&fake_tpm.tpm, buf, sizeof(buf), buf,
				      sizeof(buf)),
			 10);
	assert_memory_equal(buf, "\x80\1\0\0\0\xa\0\0\0\0", 10);
}

static void wrong_lengths_do_not_reach_the_device(void **state)
{
	(void)state;
	fake_tpm.tpm.max = 1024;
	assert_int_equal(transmit(9, sizeof(rsp)), ERR_INVAL);
	assert_int_equal(transmit(0, sizeof(rsp)), ERR_INVAL);
	assert_int_equal(transmit(1025, sizeof(rsp)), ERR_INVAL);
	assert_int_equal(transmit(12, 9), ERR_INVAL);
	assert_int_equal(fake_tpm.count, 0);
	assert_string_equal(reason(), "command of 12 bytes, room for 9");
}

static void a_header_that_is_not_intact_is_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 9, 11, 0x80000000, UINT32_MAX };
	uint8_t bad[10] = { 0x80, 1 };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		fake_tpm_answer(FAKE_TPM_ANY, bad, i);
		assert_int_equal(transmit(12, sizeof(rsp)), ERR_FORMAT);
	}
	assert_string_equal(reason(), "response of 9 bytes");
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		be32_store(bad + 2, sizes[i]);
		fake_tpm_answer(FAKE_TPM_ANY, bad, sizeof(bad));
		assert_int_equal(transmit(12, sizeof(rsp)), ERR_FORMAT);
	}
	assert_string_equal(reason(),
			    "response of 10 bytes says it has 4294967295");
}

static long overlong(struct tpm_device *tpm, const void *cmd, size_t len,
		     void *buf, size_t room)
{
	(void)tpm;
	(void)cmd;
	(void)len;
	(void)buf;
	return (long)room + 1;
}

static void more_than_there_is_room_for_is_refused(void **state)
{
	(void)state;
	fake_tpm.tpm.transmit = overlong;
	memcpy(rsp, "\x80\1\0\0\0\x41\0\0\0\0", 10);
	assert_int_equal(transmit(12, sizeof(rsp)), ERR_FORMAT);
}

static void errors_of_the_transport_are_passed_on(void **state)
{
	(void)state;
	fake_tpm_fail(FAKE_TPM_ANY, ERR_TIMEOUT);
	assert_int_equal(transmit(12, sizeof(rsp)), ERR_TIMEOUT);
	assert_string_equal(reason(), "the fake TPM fails");
}

static void a_device_that_is_shut_down_gets_no_command(void **state)
{
	(void)state;
	fake_tpm.tpm.as.dev->state = DEVICE_QUIESCED;
	assert_int_equal(transmit(12, sizeof(rsp)), ERR_NODEV);
	fake_tpm.tpm.as.dev->state = DEVICE_READY;
	assert_int_equal(fake_tpm.count, 0);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_response_has_the_length_of_its_header),
		TEST(a_response_may_replace_its_command),
		TEST(wrong_lengths_do_not_reach_the_device),
		TEST(a_header_that_is_not_intact_is_refused),
		TEST(more_than_there_is_room_for_is_refused),
		TEST(errors_of_the_transport_are_passed_on),
		TEST(a_device_that_is_shut_down_gets_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

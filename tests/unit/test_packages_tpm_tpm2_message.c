// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/tpm/tpm2_message.c and tpm2.c: malformed responses. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/tpm/tpm2.h"
#include "tests/fake/tpm.h"

static struct tpm_device *tpm;
static struct tpm2_banks banks;
static uint8_t value[DIGEST_MAX];

static int setup(void **state)
{
	(void)state;
	fake_tpm_init(DIGEST_ALL);
	tpm = &fake_tpm.tpm;
	assert_int_equal(tpm2_startup(tpm), 0);
	return 0;
}

/* Sets the answer: a header with the right size, and parameters. */
static void answer(uint16_t tag, const char *bytes, size_t len)
{
	uint8_t rsp[TPM_BUFFER_MAX] = { 0 };

	be16_store(rsp, tag);
	be32_store(rsp + 2, (uint32_t)len + 10);
	memcpy(rsp + 10, bytes, len);
	fake_tpm_answer(FAKE_TPM_ANY, rsp, len + 10);
}
#define ANSWER(tag, bytes) answer(tag, bytes, sizeof(bytes) - 1)

#define MALFORMED(call, text)                                                  \
	do {                                                                   \
		assert_int_equal(call, ERR_FORMAT);                            \
		assert_string_equal(reason(), text);                           \
	} while (0)

static void the_tag_is_that_of_a_tpm_2_0(void **state)
{
	(void)state;
	/* QEMU's answer if swtpm has gone. */
	fake_tpm_answer(FAKE_TPM_ANY, "\0\xc4\0\0\0\x0a\0\0\0\x09", 10);
	MALFORMED(tpm2_self_test(tpm), "TPM2_SelfTest: response has tag 00c4");
	ANSWER(0x8000, "");
	MALFORMED(tpm2_self_test(tpm), "TPM2_SelfTest: response has tag 8000");
	ANSWER(0x8003, "");
	MALFORMED(tpm2_self_test(tpm), "TPM2_SelfTest: response has tag 8003");
}

static void a_success_has_the_tag_of_its_command(void **state)
{
	const struct digest_values values = { .set = DIGEST_ALL };

	(void)state;
	ANSWER(0x8002, "\0\0\0\0\0\0\1\0\0");
	MALFORMED(tpm2_self_test(tpm), "TPM2_SelfTest: response has tag 8002");
	ANSWER(0x8001, "");
	MALFORMED(tpm2_extend(tpm, 0, &values),
		  "TPM2_PCR_Extend: response has tag 8001");
}

static void a_refusal_is_named_by_its_code(void **state)
{
	const struct digest_values values = { .set = DIGEST_ALL };

	(void)state;
	fake_tpm_refuse(FAKE_TPM_PCR_EXTEND, 0x1c3);
	assert_int_equal(tpm2_extend(tpm, 0, &values), ERR_IO);
	assert_string_equal(reason(), "TPM2_PCR_Extend: response code 1c3");
	/* With either tag. */
	fake_tpm_answer(FAKE_TPM_ANY, "\x80\2\0\0\0\x0a\xff\xff\xff\xff", 10);
	assert_int_equal(tpm2_extend(tpm, 0, &values), ERR_IO);
	assert_string_equal(reason(),
			    "TPM2_PCR_Extend: response code ffffffff");
}

static void errors_of_the_device_are_named_by_the_command(void **state)
{
	(void)state;
	fake_tpm_fail(FAKE_TPM_SHUTDOWN, ERR_TIMEOUT);
	assert_int_equal(tpm2_shutdown(tpm), ERR_TIMEOUT);
	assert_string_equal(reason(), "TPM2_Shutdown: the fake TPM fails");
	fake_tpm_answer(FAKE_TPM_ANY, "\x80\1\0\0\0\x0a\0\0\0", 9);
	MALFORMED(tpm2_shutdown(tpm), "TPM2_Shutdown: response of 9 bytes");
	fake_tpm_answer(FAKE_TPM_ANY, "\x80\1\0\0\0\x0b\0\0\0\0", 10);
	MALFORMED(tpm2_shutdown(tpm),
		  "TPM2_Shutdown: response of 10 bytes says it has 11");
}

static void a_long_response_is_refused(void **state)
{
	char bytes[600] = { 0 };

	(void)state;
	answer(0x8001, bytes, sizeof(bytes));
	assert_true(tpm2_get_banks(tpm, &banks) < 0);
	assert_string_equal(reason(),
			    "TPM2_GetCapability: response of 610 bytes");
}

static void parameters_do_not_leave_a_response(void **state)
{
	const struct digest_values values = { .set = DIGEST_ALL };

	(void)state;
	ANSWER(0x8002, "\0\0\0\6\0\0\1\0\0");
	MALFORMED(tpm2_extend(tpm, 0, &values),
		  "TPM2_PCR_Extend: malformed response");
	ANSWER(0x8002, "\xff\xff\xff\xff\0\0\1\0\0");
	MALFORMED(tpm2_extend(tpm, 0, &values),
		  "TPM2_PCR_Extend: malformed response");
	ANSWER(0x8002, "\0\0\0");
	MALFORMED(tpm2_extend(tpm, 0, &values),
		  "TPM2_PCR_Extend: malformed response");
}

/* A count, and two good banks, of 14 bytes in all. */
#define TWO_BANKS "\0\4\3\xff\xff\xff\0\x0b\3\xff\xff\xff"

#define BANKS_MALFORMED(bytes)                                                 \
	do {                                                                   \
		ANSWER(0x8001, bytes);                                         \
		MALFORMED(tpm2_get_banks(tpm, &banks),                         \
			  "TPM2_GetCapability: malformed response");           \
	} while (0)

static void odd_capabilities_are_refused(void **state)
{
	(void)state;
	ANSWER(0x8001, "\0\0\0\0\5\0\0\0\2" TWO_BANKS);
	assert_int_equal(tpm2_get_banks(tpm, &banks), 0);
	assert_int_equal(banks.count, 2);
	/* More data. */
	BANKS_MALFORMED("\1\0\0\0\5\0\0\0\2" TWO_BANKS);
	/* Another capability. */
	BANKS_MALFORMED("\0\0\0\0\6\0\0\0\2" TWO_BANKS);
	/* Cut in the capability and in the count. */
	BANKS_MALFORMED("");
	BANKS_MALFORMED("\0\0\0\0");
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0");
}

static void odd_lists_of_banks_are_refused(void **state)
{
	(void)state;
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\3" TWO_BANKS);
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\4" TWO_BANKS);
	BANKS_MALFORMED("\0\0\0\0\5\xff\xff\xff\xff" TWO_BANKS);
	BANKS_MALFORMED("\0\0\0\0\5\x55\x55\x55\x57" TWO_BANKS);
	/* The same one twice; the third one's selection is cut, or absent. */
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\3" TWO_BANKS "\0\4\3\0\0\0");
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\3" TWO_BANKS "\0\x0c\3\xff\xff");
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\3" TWO_BANKS "\0\x0c\x20\xff");
	BANKS_MALFORMED("\0\0\0\0\5\0\0\0\3" TWO_BANKS "\0\x0c");
}

/* A selection of 33 bytes is longer than any TPM's, even if all come. */
static void overlong_selections_are_refused(void **state)
{
	char bytes[9 + 3 + 33] = "\0\0\0\0\5\0\0\0\1\0\4";

	(void)state;
	bytes[11] = 32;
	bytes[43] = 1;
	answer(0x8001, bytes, 9 + 3 + 32);
	assert_int_equal(tpm2_get_banks(tpm, &banks), 0);
	assert_true(banks.bank[0].active);
	bytes[11] = 33;
	answer(0x8001, bytes, sizeof(bytes));
	assert_int_equal(tpm2_get_banks(tpm, &banks), ERR_FORMAT);
}

static void more_banks_than_we_know_of_are_refused(void **state)
{
	char bytes[9 + 3 * (TPM2_BANKS_MAX + 1)] = "\0\0\0\0\5";

	(void)state;
	for (unsigned i = 0; i <= TPM2_BANKS_MAX; i++)
		bytes[9 + 3 * i] = (char)i;
	bytes[8] = TPM2_BANKS_MAX;
	answer(0x8001, bytes, sizeof(bytes) - 3);
	assert_int_equal(tpm2_get_banks(tpm, &banks), 0);
	assert_int_equal(banks.count, TPM2_BANKS_MAX);
	assert_false(banks.bank[15].active);
	bytes[8]++;
	answer(0x8001, bytes, sizeof(bytes));
	assert_int_equal(tpm2_get_banks(tpm, &banks), ERR_FORMAT);
}

#define RANDOM_MALFORMED(bytes)                                                \
	do {                                                                   \
		ANSWER(0x8001, bytes);                                         \
		MALFORMED(tpm2_random(tpm, value, 4),                          \
			  "TPM2_GetRandom: malformed response");               \
	} while (0)

static void random_bytes_are_as_many_as_asked_for_or_fewer(void **state)
{
	(void)state;
	RANDOM_MALFORMED("");
	RANDOM_MALFORMED("\0");
	/* None: it would go on for ever. */
	RANDOM_MALFORMED("\0\0");
	RANDOM_MALFORMED("\0\0\1\2\3\4");
	RANDOM_MALFORMED("\0\5\1\2\3\4\5");
	RANDOM_MALFORMED("\0\4\1\2\3");
	RANDOM_MALFORMED("\xff\xff\1\2\3\4");
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_GET_RANDOM), 7);
}

#define SHA1_20 "\1\2\3\4\5\6\7\x08\x09\x0a\1\2\3\4\5\6\7\x08\x09\x0a"
#define READ(count, alg, select, n, size, digest)                              \
	"\0\0\0\7" count alg select n size digest

#define READ_MALFORMED(bytes)                                                  \
	do {                                                                   \
		ANSWER(0x8001, bytes);                                         \
		MALFORMED(tpm2_pcr_read(tpm, 8, DIGEST_SHA1, value),           \
			  "TPM2_PCR_Read: malformed response");                \
	} while (0)

static void only_the_pcr_that_was_asked_for_is_read(void **state)
{
	(void)state;
	ANSWER(0x8001, READ("\0\0\0\1", "\0\4", "\3\0\1\0", "\0\0\0\1",
			    "\0\x14", SHA1_20));
	assert_int_equal(tpm2_pcr_read(tpm, 8, DIGEST_SHA1, value), 0);
	assert_memory_equal(value, SHA1_20, 20);
	/* Selections: none, two; algorithm; PCR; digests: none, two; sizes. */
	READ_MALFORMED(READ("\0\0\0\0", "", "", "\0\0\0\0", "", ""));
	READ_MALFORMED(READ("\0\0\0\2", "\0\4", "\3\0\1\0", "\0\0\0\1",
			    "\0\x14", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\5", "\3\0\1\0", "\0\0\0\1",
			    "\0\x14", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\3\1\0\0", "\0\0\0\1",
			    "\0\x14", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\1\1", "\0\0\0\1", "\0\x14",
			    SHA1_20));
	READ_MALFORMED(
		READ("\0\0\0\1", "\0\4", "\3\0\0\0", "\0\0\0\0", "", ""));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\3\0\1\0", "\0\0\0\0",
			    "\0\x14", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\3\0\1\0", "\0\0\0\2",
			    "\0\x14", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\3\0\1\0", "\0\0\0\1",
			    "\0\x20", SHA1_20));
	READ_MALFORMED(READ("\0\0\0\1", "\0\4", "\3\0\1\0", "\0\0\0\1",
			    "\0\x14", "\1\2\3"));
	READ_MALFORMED("\0\0\0");
}

static void an_inactive_bank_has_no_pcr(void **state)
{
	(void)state;
	fake_tpm.banks = DIGEST_BIT(DIGEST_SHA256);
	assert_int_equal(tpm2_pcr_read(tpm, 8, DIGEST_SHA1, value), ERR_FORMAT);
}

static void odd_allocations_are_refused(void **state)
{
	static const char rsp[] = "\0\0\0\1\2\0\0\1\0\0";

	(void)state;
	banks.count = 1;
	answer(0x8002, rsp, sizeof(rsp) - 1);
	MALFORMED(tpm2_allocate(tpm, &banks),
		  "TPM2_PCR_Allocate: malformed response");
	ANSWER(0x8002, "\0\0\0\0\0\0\1\0\0");
	MALFORMED(tpm2_allocate(tpm, &banks),
		  "TPM2_PCR_Allocate: malformed response");
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_tag_is_that_of_a_tpm_2_0),
		TEST(a_success_has_the_tag_of_its_command),
		TEST(a_refusal_is_named_by_its_code),
		TEST(errors_of_the_device_are_named_by_the_command),
		TEST(a_long_response_is_refused),
		TEST(parameters_do_not_leave_a_response),
		TEST(odd_capabilities_are_refused),
		TEST(odd_lists_of_banks_are_refused),
		TEST(overlong_selections_are_refused),
		TEST(more_banks_than_we_know_of_are_refused),
		TEST(random_bytes_are_as_many_as_asked_for_or_fewer),
		TEST(only_the_pcr_that_was_asked_for_is_read),
		TEST(an_inactive_bank_has_no_pcr),
		TEST(odd_allocations_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/tpm/tpm2.c: the bytes of commands, and what they do. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/tpm/tpm2.h"
#include "tests/fake/tpm.h"

/* The password session of a command. */
#define PW "\0\0\0\x09\x40\0\0\x09\0\0\1\0\0"
#define PLATFORM "\x40\0\0\x0c" PW

static struct tpm_device *tpm;

static int setup(void **state)
{
	(void)state;
	fake_tpm_init(DIGEST_ALL);
	tpm = &fake_tpm.tpm;
	assert_int_equal(tpm2_startup(tpm), 0);
	return 0;
}

static void sent(const char *bytes, size_t len)
{
	assert_int_equal(fake_tpm.command_len, len);
	assert_memory_equal(fake_tpm.command, bytes, len);
}
#define SENT(bytes) sent(bytes, sizeof(bytes) - 1)

static void it_is_started_tested_and_shut_down(void **state)
{
	(void)state;
	SENT("\x80\1\0\0\0\x0c\0\0\1\x44\0\0");
	assert_true(fake_tpm.started);
	assert_int_equal(tpm2_self_test(tpm), 0);
	SENT("\x80\1\0\0\0\x0b\0\0\1\x43\1");
	assert_true(fake_tpm.tested);
	assert_int_equal(tpm2_shutdown(tpm), 0);
	SENT("\x80\1\0\0\0\x0c\0\0\1\x45\0\0");
	assert_true(fake_tpm.shut_down);
}

static void a_second_start_is_no_failure(void **state)
{
	(void)state;
	assert_int_equal(tpm2_startup(tpm), ERR_EXIST);
	fake_tpm_refuse(FAKE_TPM_STARTUP, 0x101);
	assert_int_equal(tpm2_startup(tpm), ERR_IO);
	assert_string_equal(reason(), "TPM2_Startup: response code 101");
}

static void banks_are_listed_in_the_tpms_order(void **state)
{
	struct tpm2_banks banks;

	(void)state;
	fake_tpm_init(DIGEST_BIT(DIGEST_SHA256) | DIGEST_BIT(DIGEST_SHA512));
	fake_tpm_add_bank(0x0012, 32, true);
	assert_int_equal(tpm2_startup(tpm), 0);
	assert_int_equal(tpm2_get_banks(tpm, &banks), 0);
	SENT("\x80\1\0\0\0\x16\0\0\1\x7a\0\0\0\5\0\0\0\0\0\0\0\x40");
	assert_int_equal(banks.count, 5);
	assert_int_equal(banks.bank[0].alg, 0x0004);
	assert_false(banks.bank[0].active);
	assert_int_equal(banks.bank[1].alg, 0x000b);
	assert_true(banks.bank[1].active);
	assert_false(banks.bank[2].active);
	assert_true(banks.bank[3].active);
	assert_int_equal(banks.bank[4].alg, 0x0012);
	assert_true(banks.bank[4].active);
}

/* Each bank by its own calculation. */
static void expect_pcr(unsigned pcr, const struct digest_values *values,
		       unsigned set)
{
	static const uint8_t zero[DIGEST_MAX];

	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		uint8_t both[2 * DIGEST_MAX] = { 0 }, got[DIGEST_MAX];
		size_t size = digest_infos[i].size;
		struct digest_values after;

		memcpy(both + size, values->value[i], size);
		digest_of(DIGEST_BIT(i), both, 2 * size, &after);
		assert_memory_equal(fake_tpm_pcr(i, pcr),
				    set & DIGEST_BIT(i) ? after.value[i] : zero,
				    size);
		assert_int_equal(tpm2_pcr_read(tpm, pcr, i, got), 0);
		assert_memory_equal(got, fake_tpm_pcr(i, pcr), size);
	}
}

static void a_pcr_is_extended_in_each_bank(void **state)
{
	struct digest_values values;

	(void)state;
	digest_of(DIGEST_ALL, "event", 5, &values);
	assert_int_equal(tpm2_extend(tpm, 4, &values), 0);
	assert_int_equal(fake_tpm.command_len, 203);
	assert_memory_equal(fake_tpm.command,
			    "\x80\2\0\0\0\xcb\0\0\1\x82\0\0\0\4" PW
			    "\0\0\0\4\0\4",
			    33);
	expect_pcr(4, &values, DIGEST_ALL);
	expect_pcr(5, &values, 0);
}

static void only_banks_with_a_value_are_extended(void **state)
{
	struct digest_values values;

	(void)state;
	digest_of(DIGEST_ALL, "event", 5, &values);
	values.set = DIGEST_BIT(DIGEST_SHA256);
	assert_int_equal(tpm2_extend(tpm, 23, &values), 0);
	assert_int_equal(fake_tpm.command_len, 65);
	assert_memory_equal(fake_tpm.command,
			    "\x80\2\0\0\0\x41\0\0\1\x82\0\0\0\x17" PW
			    "\0\0\0\1\0\x0b",
			    33);
	assert_memory_equal(fake_tpm.command + 33, values.value[DIGEST_SHA256],
			    32);
	/* PCR 16 and 23 are cleared at start: 17 to 22 are not. */
	expect_pcr(23, &values, DIGEST_BIT(DIGEST_SHA256));
}

static void a_pcr_that_is_none_does_not_reach_the_tpm(void **state)
{
	struct digest_values values = { .set = DIGEST_ALL };
	uint8_t value[DIGEST_MAX];
	unsigned count = fake_tpm.count;

	(void)state;
	assert_int_equal(tpm2_extend(tpm, 24, &values), ERR_INVAL);
	assert_string_equal(reason(), "no PCR 24");
	assert_int_equal(tpm2_extend(tpm, UINT32_MAX, &values), ERR_INVAL);
	assert_int_equal(tpm2_cap(tpm, 24, 0x12), ERR_INVAL);
	assert_int_equal(tpm2_pcr_read(tpm, 24, DIGEST_SHA1, value), ERR_INVAL);
	assert_int_equal(fake_tpm.count, count);
}

static void banks_without_a_hash_are_capped(void **state)
{
	static const struct {
		uint16_t alg;
		uint8_t size;
	} cases[] = {
		{ 0x0012, 32 }, { 0x0027, 32 }, { 0x0028, 48 }, { 0x0029, 64 }
	};
	uint8_t ones[DIGEST_MAX];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_tpm_other *other =
			fake_tpm_add_bank(cases[i].alg, cases[i].size, true);

		assert_int_equal(tpm2_cap(tpm, 7, cases[i].alg), 0);
		assert_int_equal(other->extends[7], 1);
		assert_memory_equal(other->last[7], ones, cases[i].size);
	}
	assert_int_equal(tpm2_cap(tpm, 7, 0x0666), ERR_NOTSUP);
	assert_string_equal(reason(), "unknown hash 0666");
	/* Those that have one are no such banks. */
	assert_int_equal(tpm2_cap(tpm, 7, 0x000b), ERR_NOTSUP);
}

static void a_pcr_is_read(void **state)
{
	uint8_t value[DIGEST_MAX];

	(void)state;
	assert_int_equal(tpm2_pcr_read(tpm, 17, DIGEST_SHA256, value), 0);
	SENT("\x80\1\0\0\0\x14\0\0\1\x7e\0\0\0\1\0\x0b\3\0\0\2");
	assert_memory_equal(value, fake_tpm_pcr(DIGEST_SHA256, 17), 32);
	assert_int_equal(value[0], 0xff);
}

static void random_bytes_come_in_rounds(void **state)
{
	uint8_t buf[100] = { 0 };

	(void)state;
	assert_int_equal(tpm2_random(tpm, buf, 99), 0);
	SENT("\x80\1\0\0\0\x0c\0\0\1\x7b\0\3");
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_GET_RANDOM), 4);
	for (unsigned i = 1; i < 99; i++)
		assert_int_equal(buf[i], (uint8_t)(buf[i - 1] + 1));
	assert_int_equal(buf[99], 0);
	fake_tpm.random_max = 1;
	assert_int_equal(tpm2_random(tpm, buf, 32), 0);
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_GET_RANDOM), 36);
	assert_int_equal(tpm2_random(tpm, buf, 0), 0);
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_GET_RANDOM), 36);
}

static void the_platform_is_locked_once(void **state)
{
	uint8_t auth[TPM2_AUTH];

	(void)state;
	for (unsigned i = 0; i < sizeof(auth); i++)
		auth[i] = (uint8_t)(i + 1);
	assert_int_equal(tpm2_lock_platform(tpm, auth), 0);
	assert_int_equal(fake_tpm.command_len, 0x3d);
	assert_memory_equal(fake_tpm.command,
			    "\x80\2\0\0\0\x3d\0\0\1\x29" PLATFORM "\0\x20", 29);
	assert_memory_equal(fake_tpm.auth, auth, sizeof(auth));
	assert_int_equal(tpm2_lock_platform(tpm, auth), ERR_IO);
	assert_string_equal(reason(),
			    "TPM2_HierarchyChangeAuth: response code 9a2");
}

static void the_last_resort_switches_off_what_it_can(void **state)
{
	(void)state;
	tpm2_disable(tpm);
	SENT("\x80\2\0\0\0\x20\0\0\1\x21" PLATFORM "\x40\0\0\x0c\0");
	assert_int_equal(fake_tpm.disabled, FAKE_TPM_OWNER |
						    FAKE_TPM_ENDORSEMENT |
						    FAKE_TPM_PLATFORM);
	/* Whatever it answers, all three are tried. */
	fake_tpm_fail(FAKE_TPM_ANY, ERR_TIMEOUT);
	tpm2_disable(tpm);
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_HIERARCHY_CONTROL), 6);
}

static void identity_is_switched_off_without_the_platform(void **state)
{
	(void)state;
	assert_int_equal(tpm2_disable_identity(tpm), 0);
	SENT("\x80\2\0\0\0\x20\0\0\1\x21" PLATFORM "\x40\0\0\1\0");
	assert_int_equal(fake_tpm.disabled,
			 FAKE_TPM_OWNER | FAKE_TPM_ENDORSEMENT);
	/* The first failure counts; the second is tried all the same. */
	fake_tpm_refuse(FAKE_TPM_HIERARCHY_CONTROL, 0x185);
	assert_int_equal(tpm2_disable_identity(tpm), ERR_IO);
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_HIERARCHY_CONTROL), 4);
	fake_tpm_skip(1);
	assert_int_equal(tpm2_disable_identity(tpm), ERR_IO);
	assert_string_equal(reason(),
			    "TPM2_HierarchyControl: response code 185");
	fake_tpm_refuse(FAKE_TPM_HIERARCHY_CONTROL, 0x101);
	fake_tpm_once();
	assert_int_equal(tpm2_disable_identity(tpm), ERR_IO);
	assert_string_equal(reason(),
			    "TPM2_HierarchyControl: response code 101");
	fake_tpm.disabled = FAKE_TPM_PLATFORM;
	fake_tpm_refuse(FAKE_TPM_HIERARCHY_CONTROL, 0x101);
	fake_tpm_once();
	assert_int_equal(tpm2_disable_identity(tpm), ERR_IO);
	assert_string_equal(reason(),
			    "TPM2_HierarchyControl: response code 101");
}

static void banks_are_allocated(void **state)
{
	const struct tpm2_banks banks = {
		2, { { 0x0004, false }, { 0x000c, true } }
	};

	(void)state;
	assert_int_equal(tpm2_allocate(tpm, &banks), 0);
	SENT("\x80\2\0\0\0\x2b\0\0\1\x2b" PLATFORM
	     "\0\0\0\2\0\4\3\0\0\0\0\x0c\3\xff\xff\xff");
	assert_int_equal(fake_tpm.allocated,
			 DIGEST_ALL & ~DIGEST_BIT(DIGEST_SHA1));
}

static void an_allocation_that_fails_is_noticed(void **state)
{
	const struct tpm2_banks banks = { 1, { { 0x0004, true } } };

	(void)state;
	fake_tpm.no_allocation = true;
	assert_int_equal(tpm2_allocate(tpm, &banks), ERR_NOSPACE);
	assert_string_equal(reason(),
			    "TPM2_PCR_Allocate: no room for these banks");
}

static void the_most_banks_fit_a_command(void **state)
{
	struct tpm2_banks banks = { .count = TPM2_BANKS_MAX };

	(void)state;
	for (unsigned i = 0; i < TPM2_BANKS_MAX; i++)
		banks.bank[i].alg = (uint16_t)(0x100 + i);
	assert_int_equal(tpm2_allocate(tpm, &banks), ERR_IO);
	assert_int_equal(fake_tpm.command_len, 31 + 6 * TPM2_BANKS_MAX);
}

static void the_owner_is_cleared(void **state)
{
	(void)state;
	assert_int_equal(tpm2_clear(tpm), 0);
	SENT("\x80\2\0\0\0\x1b\0\0\1\x26" PLATFORM);
	assert_int_equal(fake_tpm.clears, 1);
	assert_int_equal(fake_tpm_count_of(FAKE_TPM_CLEAR_CONTROL), 1);
	fake_tpm_refuse(FAKE_TPM_CLEAR_CONTROL, 0x9a2);
	assert_int_equal(tpm2_clear(tpm), ERR_IO);
	SENT("\x80\2\0\0\0\x1c\0\0\1\x27" PLATFORM "\0");
	assert_int_equal(fake_tpm.clears, 1);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_started_tested_and_shut_down),
		TEST(a_second_start_is_no_failure),
		TEST(banks_are_listed_in_the_tpms_order),
		TEST(a_pcr_is_extended_in_each_bank),
		TEST(only_banks_with_a_value_are_extended),
		TEST(a_pcr_that_is_none_does_not_reach_the_tpm),
		TEST(banks_without_a_hash_are_capped),
		TEST(a_pcr_is_read),
		TEST(random_bytes_come_in_rounds),
		TEST(the_platform_is_locked_once),
		TEST(the_last_resort_switches_off_what_it_can),
		TEST(identity_is_switched_off_without_the_platform),
		TEST(banks_are_allocated),
		TEST(an_allocation_that_fails_is_noticed),
		TEST(the_most_banks_fit_a_command),
		TEST(the_owner_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

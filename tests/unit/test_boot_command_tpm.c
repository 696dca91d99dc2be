// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_tpm.c: the TPM at the prompt. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/command.h"
#include "ci/quiesce.h"
#include "lib/reason.h"
#include "tests/fake/tpm2.h"

static unsigned resets;

void ci_reboot(void)
{
	resets++;
}

static int start(void **state)
{
	(void)state;
	resets = 0;
	fake_tpm2_reset();
	tpm_start();
	fake_tpm2_forget();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_tpm_state_reset();
	fake_log_stop();
	return fake_heap_live() != 0;
}

static int run(const char *args)
{
	const struct prompt_ops ops = { .can_go = false };
	char text[100];

	strcpy(text, args);
	return command_tpm(&ops, text);
}

static void banks_log_and_lock_are_shown(void **state)
{
	(void)state;
	assert_int_equal(run(""), COMMAND_OK);
	assert_true(fake_log_has("Active banks: sha1, sha256\r\n"
				 "Inactive banks: sha384\r\n"
				 "Event log: 85 of 262144 bytes\r\n"
				 "Platform: not locked\r\n"
				 "sha256 PCR 0: 0000000000000000"));
	fake_tpm2_forget();
	fake_tpm2.banks.count = 0;
	fake_tpm2_bank(0x12, true);
	tpm_lock();
	assert_int_equal(run(""), COMMAND_OK);
	assert_true(fake_log_has("Active banks: sm3_256\r\n"));
	assert_true(fake_log_has("Inactive banks: none\r\n"));
	assert_true(fake_log_has("Platform: locked, a client has run\r\n"));
}

static void pcrs_are_shown_of_the_bank_that_attesters_prefer(void **state)
{
	(void)state;
	memset(fake_tpm2.pcr[DIGEST_SHA256][7], 0xa5, 32);
	assert_int_equal(run(""), COMMAND_OK);
	assert_non_null(strstr(fake_printed,
			       "sha256 PCR 7: "
			       "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
			       "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\r\n"));
	assert_null(strstr(fake_printed, "sha1 PCR"));
	assert_null(strstr(fake_printed, "PCR 8"));
	fake_tpm2.fails = "PCR_Read";
	assert_true(run("") < 0);
}

static void a_log_that_is_full_or_gone_is_shown_as_such(void **state)
{
	uint8_t copy[1024];

	(void)state;
	fake_tpm_state_log(512);
	while (!tpm_event(9, EV_IPL, "x", 1, NULL))
		;
	assert_int_equal(run(""), COMMAND_OK);
	assert_true(fake_log_has("bytes, full\r\n"));
	assert_int_equal(tpm_hand_over(copy, sizeof(copy)), 0);
	assert_int_equal(run(""), COMMAND_OK);
	assert_true(fake_log_has("bytes, handed over\r\n"));
}

static void clear_removes_the_owner(void **state)
{
	(void)state;
	assert_int_equal(run("clear"), COMMAND_OK);
	assert_string_equal(fake_tpm2.commands, "Clear ");
	fake_tpm2.fails = "Clear";
	assert_int_equal(run("clear"), ERR_IO);
	assert_string_equal(reason(),
			    "tpm clear: TPM2_Clear: the fake says so");
	assert_true(tpm_is_ready());
}

static void banks_are_chosen_and_the_machine_is_reset(void **state)
{
	const struct tpm2_banks *banks = &fake_tpm2.allocated;

	(void)state;
	assert_int_equal(run("banks sha256,sha384"), ERR_NOTSUP);
	assert_string_equal(reason(), "tpm banks: the machine did not reset");
	assert_int_equal(resets, 1);
	assert_int_equal(banks->count, 3);
	assert_false(banks->bank[0].active);
	assert_true(banks->bank[1].active);
	assert_true(banks->bank[2].active);
}

static void banks_that_do_not_exist_change_nothing(void **state)
{
	static const char *const bad[] = {
		"banks sha512",	 "banks sha256,",    "banks ,sha256",
		"banks sha2567", "banks sha25",	     "banks ,",
		"banks sm3_256", "banks sha256,sha", "banks SHA256",
	};

	(void)state;
	fake_tpm2_bank(0x12, true);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(run(bad[i]), ERR_NOENT);
		assert_non_null(strstr(reason(), "is no bank of this TPM"));
	}
	assert_null(strstr(fake_tpm2.commands, "PCR_Allocate"));
	assert_int_equal(resets, 0);
}

static void banks_that_the_tpm_refuses_reset_nothing(void **state)
{
	(void)state;
	fake_tpm2.fails = "PCR_Allocate";
	fake_tpm2.fails_with = ERR_NOSPACE;
	assert_int_equal(run("banks sha256"), ERR_NOSPACE);
	assert_string_equal(reason(), "tpm banks: TPM2_PCR_Allocate: the fake "
				      "says so");
	fake_tpm2.fails = "GetCapability";
	assert_int_equal(run("banks sha256"), ERR_NOSPACE);
	assert_int_equal(run(""), ERR_NOSPACE);
	assert_int_equal(resets, 0);
}

static void a_client_has_run_and_nothing_can_be_changed(void **state)
{
	(void)state;
	tpm_lock();
	fake_tpm2_forget();
	assert_int_equal(run("clear"), ERR_PERM);
	assert_string_equal(reason(), "tpm clear: a client has run; only after "
				      "a reset");
	assert_int_equal(run("banks sha256"), ERR_PERM);
	assert_string_equal(fake_tpm2.commands, "");
	assert_int_equal(resets, 0);
}

static void other_words_are_refused(void **state)
{
	static const char *const bad[] = { "banks", "clear all", "show",
					   "banksx sha256", "CLEAR" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(run(bad[i]), ERR_INVAL);
		assert_string_equal(reason(), "tpm: usage: tpm, tpm clear, or "
					      "tpm banks NAMES");
	}
	assert_string_equal(fake_tpm2.commands, "");
}

static void a_machine_without_tpm_says_so(void **state)
{
	(void)state;
	fake_tpm_state_reset();
	fake_tpm2_remove();
	tpm_start();
	assert_int_equal(run(""), ERR_NODEV);
	assert_string_equal(reason(), "tpm: there is no TPM 2.0");
	assert_int_equal(run("clear"), ERR_NODEV);
}

static void a_tpm_that_failed_says_why(void **state)
{
	(void)state;
	fake_tpm2.fails = "PCR_Extend";
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_IO);
	assert_int_equal(run(""), ERR_IO);
	assert_string_equal(reason(), "tpm: PCR_Extend failed: the fake says "
				      "so");
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(banks_log_and_lock_are_shown),
		T(pcrs_are_shown_of_the_bank_that_attesters_prefer),
		T(a_log_that_is_full_or_gone_is_shown_as_such),
		T(clear_removes_the_owner),
		T(banks_are_chosen_and_the_machine_is_reset),
		T(banks_that_do_not_exist_change_nothing),
		T(banks_that_the_tpm_refuses_reset_nothing),
		T(a_client_has_run_and_nothing_can_be_changed),
		T(other_words_are_refused),
		T(a_machine_without_tpm_says_so),
		T(a_tpm_that_failed_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

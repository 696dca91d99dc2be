// SPDX-License-Identifier: BSD-2-Clause
// The machine's TPM: its start, events and their log, failures, the hand-over.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/tpm/eventlog.h"
#include "tests/fake/event_reader.h"
#include "tests/fake/tpm2.h"

#define BOTH (DIGEST_BIT(DIGEST_SHA1) | DIGEST_BIT(DIGEST_SHA256))
#define STARTED "open Startup SelfTest GetCapability "

static int start(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	fake_tpm2_reset();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_tpm_state_reset();
	fake_log_stop();
	return fake_heap_live() != 0;
}

static uint8_t copy[TPM_LOG_SIZE];

static size_t take_log(void)
{
	size_t size = tpm_log_size();

	assert_true(size > EVENTLOG_TAIL && size <= sizeof(copy));
	assert_int_equal(tpm_hand_over(copy, size), 0);
	return size;
}

static void assert_replays(size_t size)
{
	for (uint32_t pcr = 0; pcr < TPM2_PCRS; pcr++) {
		struct digest_values values;

		event_reader_replay(copy, size, pcr, &values);
		assert_int_equal(values.set, BOTH);
		for (unsigned i = 0; i < DIGEST_HASHES; i++)
			assert_memory_equal(values.value[i],
					    fake_tpm2.pcr[i][pcr], DIGEST_MAX);
	}
}

static void a_machine_without_tpm_only_looks(void **state)
{
	(void)state;
	fake_tpm2_remove();
	tpm_start();
	assert_string_equal(fake_printed, "");
	assert_false(tpm_is_ready());
	assert_int_equal(tpm_hashes(), 0);
	assert_int_equal(tpm_state(), ERR_NODEV);
	assert_null(tpm_device());
	assert_null(tpm_failure());
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_NODEV);
	assert_int_equal(tpm_hand_over(copy, sizeof(copy)), ERR_NODEV);
	tpm_lock();
	tpm_shutdown();
	assert_true(tpm_is_locked());
	assert_int_equal(fake_heap_live(), 0);
}

static void a_tpm_is_started_and_its_banks_are_named(void **state)
{
	(void)state;
	tpm_start();
	assert_string_equal(fake_tpm2.commands, STARTED);
	assert_string_equal(fake_printed, "TPM 2.0: banks sha1, sha256\r\n");
	assert_true(tpm_is_ready());
	assert_int_equal(tpm_hashes(), BOTH);
	assert_int_equal(tpm_state(), 0);
	assert_ptr_equal(tpm_device(), &fake_tpm2_device);
}

static void a_tpm_that_was_started_is_used_and_named(void **state)
{
	(void)state;
	fake_tpm2.started = true;
	tpm_start();
	assert_true(fake_log_has("TPM: it was started already"));
	assert_true(tpm_is_ready());
}

static void events_are_extended_and_logged_alike(void **state)
{
	struct digest_values values;
	struct event_reader reader;
	struct read_event event;
	size_t size;

	(void)state;
	tpm_start();
	digest_of(tpm_hashes(), "the file", 8, &values);
	assert_int_equal(tpm_event(0, EV_S_CRTM_VERSION, "v1", 2, NULL), 0);
	assert_int_equal(tpm_event(4, EV_COMPACT_HASH, "name", 4, &values), 0);
	assert_int_equal(tpm_event(23, EV_IPL, NULL, 0, NULL), 0);
	size = take_log();
	assert_replays(size);
	event_reader_begin(&reader, copy, size);
	assert_true(event_reader_next(&reader, &event));
	assert_true(event_reader_next(&reader, &event));
	assert_int_equal(event.pcr, 4);
	assert_int_equal(event.type, EV_COMPACT_HASH);
	assert_memory_equal(event.event, "name", 4);
	assert_memory_equal(event.values.value[DIGEST_SHA256],
			    values.value[DIGEST_SHA256], 32);
}

static void a_pcr_that_does_not_exist_never_reaches_the_tpm(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_forget();
	assert_int_equal(tpm_event(24, EV_IPL, "x", 1, NULL), ERR_INVAL);
	assert_int_equal(tpm_event(UINT32_MAX, EV_IPL, "x", 1, NULL),
			 ERR_INVAL);
	assert_string_equal(fake_tpm2.commands, "");
	assert_string_equal(fake_printed, "");
	assert_true(tpm_is_ready());
}

static void a_command_that_fails_at_the_start_is_named(void **state)
{
	static const char *const names[] = { "open", "Startup", "SelfTest",
					     "GetCapability" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[80];

		start(state);
		fake_tpm2.fails = names[i];
		tpm_start();
		snprintf(text, sizeof(text),
			 "TPM: %s failed: %s; measurements stop\r\n", names[i],
			 i ? "the fake says so" : "no queue");
		assert_string_equal(fake_printed, text);
		assert_false(tpm_is_ready());
		assert_int_equal(tpm_hashes(), 0);
		assert_int_equal(tpm_state(), ERR_IO);
		assert_null(tpm_device());
		assert_int_equal(!!strstr(fake_tpm2.commands, "disable "),
				 i > 0);
		assert_int_equal(fake_heap_live(), 0);
	}
}

static void without_memory_for_its_log_a_tpm_is_not_used(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	tpm_start();
	assert_true(fake_log_has("TPM: the log failed: no memory"));
	assert_int_equal(tpm_state(), ERR_NOMEM);
	assert_int_equal(tpm_log_size(), 0);
}

static void an_extend_that_fails_ends_measuring(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_forget();
	fake_tpm2.fails = "PCR_Extend";
	fake_tpm2.fails_with = ERR_TIMEOUT;
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_TIMEOUT);
	assert_string_equal(fake_tpm2.commands, "PCR_Extend disable ");
	assert_string_equal(fake_printed,
			    "TPM: PCR_Extend failed: the fake says so; "
			    "measurements stop\r\n");
	assert_non_null(strstr(tpm_failure(), "PCR_Extend failed"));
	assert_int_equal(tpm_state(), ERR_TIMEOUT);
	fake_tpm2_forget();
	fake_tpm2.fails = NULL;
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_NODEV);
	tpm_lock();
	tpm_shutdown();
	assert_int_equal(tpm_log_size(), 0);
	assert_int_equal(tpm_hand_over(copy, sizeof(copy)), ERR_NODEV);
	assert_string_equal(fake_tpm2.commands, "");
	assert_string_equal(fake_printed, "");
}

static void a_bank_without_hash_is_capped_in_pcrs_0_to_7(void **state)
{
	(void)state;
	fake_tpm2_bank(0x0012, true);
	fake_tpm2_bank(0x0027, false);
	tpm_start();
	assert_int_equal(fake_tpm2.capped, 0xff);
	assert_true(fake_log_has("TPM: bank sm3_256 cannot be computed; `tpm "
				 "banks` removes it"));
	assert_false(fake_log_has("sha3_256"));
	assert_int_equal(tpm_hashes(), BOTH);
}

static void a_bank_of_unknown_size_costs_the_tpm_its_identity(void **state)
{
	(void)state;
	fake_tpm2_bank(0x4242, true);
	fake_tpm2.cap_unknown = 0x4242;
	tpm_start();
	assert_string_equal(fake_tpm2.commands, STARTED "disable-identity ");
	assert_true(fake_log_has("TPM: bank 0x4242 is unknown"));
	assert_true(tpm_is_ready());
}

static void a_bank_that_cannot_be_capped_ends_measuring(void **state)
{
	(void)state;
	fake_tpm2_bank(0x0012, true);
	fake_tpm2.fails = "cap";
	tpm_start();
	assert_false(tpm_is_ready());
	assert_non_null(strstr(fake_tpm2.commands, "cap disable "));
}

static void
without_a_bank_nothing_is_measured_but_banks_can_be_made(void **state)
{
	(void)state;
	fake_tpm2.banks.count = 0;
	fake_tpm2_bank(0x0012, true);
	tpm_start();
	assert_true(fake_log_has("TPM: no active bank can be computed"));
	assert_false(tpm_is_ready());
	assert_int_equal(tpm_hashes(), 0);
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_NODEV);
	assert_null(tpm_failure());
	assert_non_null(tpm_device());
}

static void the_platform_is_locked_once_with_random_bytes(void **state)
{
	uint8_t expected[TPM2_AUTH];

	(void)state;
	memset(expected, 0x99, sizeof(expected));
	tpm_start();
	fake_tpm2_forget();
	assert_false(tpm_is_locked());
	tpm_lock();
	assert_true(tpm_is_locked());
	tpm_lock();
	assert_string_equal(fake_tpm2.commands,
			    "GetRandom HierarchyChangeAuth ");
	assert_memory_equal(fake_tpm2.auth, expected, TPM2_AUTH);
}

static void a_lock_that_fails_ends_measuring(void **state)
{
	static const char *const names[] = { "GetRandom",
					     "HierarchyChangeAuth" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		stop(state);
		start(state);
		tpm_start();
		fake_tpm2.fails = names[i];
		tpm_lock();
		assert_non_null(strstr(tpm_failure(), names[i]));
		assert_non_null(strstr(fake_tpm2.commands, "disable "));
	}
}

static void after_the_hand_over_nothing_is_measured(void **state)
{
	size_t size, again;

	(void)state;
	tpm_start();
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), 0);
	assert_int_equal(tpm_hand_over(copy, 10), ERR_NOSPACE);
	assert_int_equal(tpm_event(4, EV_IPL, "y", 1, NULL), 0);
	size = take_log();
	fake_tpm2_forget();
	assert_int_equal(tpm_event(4, EV_IPL, "z", 1, NULL), ERR_PERM);
	assert_int_equal(tpm_state(), ERR_PERM);
	assert_int_equal(tpm_hashes(), 0);
	assert_true(tpm_is_ready());
	again = take_log();
	assert_int_equal(again, size);
	assert_replays(size);
	assert_string_equal(fake_tpm2.commands, "");
}

static void a_full_log_says_so_and_extending_goes_on(void **state)
{
	struct event_reader reader;
	struct read_event event = { 0 };
	uint8_t before[DIGEST_MAX];
	size_t size;
	int err = 0;

	(void)state;
	tpm_start();
	fake_tpm_state_log(1024);
	while (!err) {
		memcpy(before, fake_tpm2.pcr[DIGEST_SHA256][4], DIGEST_MAX);
		err = tpm_event(4, EV_IPL, "text", 4, NULL);
	}
	assert_int_equal(err, ERR_NOSPACE);
	assert_memory_not_equal(before, fake_tpm2.pcr[DIGEST_SHA256][4], 32);
	memcpy(fake_tpm2.pcr[DIGEST_SHA256][4], before, DIGEST_MAX);
	assert_int_equal(tpm_event(5, EV_IPL, "", 0, NULL), ERR_NOSPACE);
	assert_int_equal(tpm_state(), ERR_NOSPACE);
	assert_int_equal(fake_log_lines(), 2);
	size = take_log();
	event_reader_begin(&reader, copy, size);
	while (event_reader_next(&reader, &event))
		;
	assert_int_equal(event.pcr, 5);
	assert_int_equal(event.type, EV_EVENT_TAG);
	assert_int_equal(event.len, 21);
	assert_memory_equal(event.event, "\1\0\0\0\x0d\0\0\0log truncated", 21);
}

static void an_event_longer_than_the_log_closes_it(void **state)
{
	static const uint8_t huge[TPM_LOG_SIZE];

	(void)state;
	tpm_start();
	assert_int_equal(tpm_event(8, EV_IPL, huge, sizeof(huge), NULL),
			 ERR_NOSPACE);
	assert_int_equal(tpm_event(8, EV_IPL, "", 0, NULL), ERR_NOSPACE);
	assert_int_equal(take_log() < 512, true);
}

static void a_last_entry_that_fails_ends_measuring(void **state)
{
	static const uint8_t huge[TPM_LOG_SIZE];

	(void)state;
	tpm_start();
	fake_tpm2.fails = "PCR_Extend";
	assert_int_equal(tpm_event(8, EV_IPL, huge, sizeof(huge), NULL),
			 ERR_IO);
	assert_non_null(tpm_failure());
}

static void a_quiesced_tpm_is_left_alone(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_quiesce();
	fake_tpm2_forget();
	assert_int_equal(tpm_hashes(), 0);
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_NODEV);
	assert_null(tpm_device());
	tpm_shutdown();
	tpm_lock();
	assert_string_equal(fake_tpm2.commands, "");
	assert_string_equal(fake_printed, "");
	assert_true(tpm_is_ready());
}

static void a_tpm_that_an_exception_stopped_is_opened_again(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_stop();
	fake_tpm2_forget();
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), 0);
	assert_string_equal(fake_tpm2.commands, "open PCR_Extend ");
}

static void a_tpm_that_cannot_be_opened_again_is_named_once(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_stop();
	fake_tpm2_forget();
	fake_tpm2.fails = "open";
	assert_int_equal(tpm_hashes(), 0);
	assert_null(tpm_device());
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), ERR_NODEV);
	assert_string_equal(
		fake_printed,
		"TPM: open failed: no queue; measurements stop\r\n");
	assert_string_equal(fake_tpm2.commands, "open ");
	assert_int_equal(tpm_state(), ERR_IO);
	assert_non_null(strstr(tpm_failure(), "no queue"));
}

/* Else the next client would run unmeasured, with the PCRs of the last. */
static void the_log_of_a_client_that_has_left_goes_on(void **state)
{
	size_t size;

	(void)state;
	tpm_start();
	tpm_take_back();
	assert_int_equal(tpm_event(4, EV_IPL, "x", 1, NULL), 0);
	size = take_log();
	tpm_take_back();
	assert_int_equal(tpm_state(), 0);
	assert_int_equal(tpm_hashes(), BOTH);
	assert_int_equal(tpm_event(4, EV_IPL, "y", 1, NULL), 0);
	assert_true(tpm_log_size() > size);
	assert_replays(take_log());
}

static void a_reset_by_the_firmware_is_orderly(void **state)
{
	(void)state;
	tpm_start();
	fake_tpm2_forget();
	tpm_shutdown();
	assert_string_equal(fake_tpm2.commands, "Shutdown ");
	fake_tpm2.fails = "Shutdown";
	tpm_shutdown();
	assert_true(fake_log_has("TPM: Shutdown failed: the fake says so"));
	assert_true(tpm_is_ready());
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_machine_without_tpm_only_looks),
		T(a_tpm_is_started_and_its_banks_are_named),
		T(a_tpm_that_was_started_is_used_and_named),
		T(events_are_extended_and_logged_alike),
		T(a_pcr_that_does_not_exist_never_reaches_the_tpm),
		T(a_command_that_fails_at_the_start_is_named),
		T(without_memory_for_its_log_a_tpm_is_not_used),
		T(an_extend_that_fails_ends_measuring),
		T(a_bank_without_hash_is_capped_in_pcrs_0_to_7),
		T(a_bank_of_unknown_size_costs_the_tpm_its_identity),
		T(a_bank_that_cannot_be_capped_ends_measuring),
		T(without_a_bank_nothing_is_measured_but_banks_can_be_made),
		T(the_platform_is_locked_once_with_random_bytes),
		T(a_lock_that_fails_ends_measuring),
		T(after_the_hand_over_nothing_is_measured),
		T(a_full_log_says_so_and_extending_goes_on),
		T(an_event_longer_than_the_log_closes_it),
		T(a_last_entry_that_fails_ends_measuring),
		T(a_quiesced_tpm_is_left_alone),
		T(a_tpm_that_an_exception_stopped_is_opened_again),
		T(a_tpm_that_cannot_be_opened_again_is_named_once),
		T(the_log_of_a_client_that_has_left_goes_on),
		T(a_reset_by_the_firmware_is_orderly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

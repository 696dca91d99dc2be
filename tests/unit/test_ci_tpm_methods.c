// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/tpm_methods.c: what GRUB and Linux call on /vdevice/vtpm. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/quiesce.h"
#include "ci/tpm_methods.h"
#include "lib/endian.h"
#include "tests/fake/event_reader.h"
#include "tests/fake/machine.h"
#include "tests/fake/tpm.h"
#include "tests/fake/tpm_state.h"
#include "tree/path.h"
#include "tree/prop.h"

#define BOTH (DIGEST_BIT(DIGEST_SHA1) | DIGEST_BIT(DIGEST_SHA256))
#define LOG_AT 0x20000u
#define COMMAND_AT 0x8000u

static cell_t vtpm;

static int start(void **state)
{
	if (fake_machine_start(state))
		return -1;
	fake_tpm_state_reset();
	fake_tpm_init(BOTH);
	fake_tpm_plug();
	tpm_start();
	assert_int_equal(ci_tpm_methods(), 0);
	vtpm = CI("open", fake_str("/vdevice/vtpm"));
	assert_int_not_equal(vtpm, 0);
	return 0;
}

static int stop(void **state)
{
	fake_tpm_state_reset();
	return fake_machine_stop(state);
}

/* Calls a method that must exist. Returns its result. */
static cell_t call(const char *name, const cell_t *args, unsigned nargs)
{
	cell_t cells[8] = { fake_str(name), vtpm };

	for (unsigned i = 0; i < nargs; i++)
		cells[2 + i] = args[i];
	assert_int_equal(fake_ci("call-method", cells, 2 + nargs, 2), 0);
	assert_int_equal(fake_ret[0], 0);
	return fake_ret[1];
}

static cell_t number(const char *name)
{
	return call(name, NULL, 0);
}

/* As GRUB does: the top of the stack first. */
static cell_t measure(cell_t pcr, cell_t type, cell_t info, cell_t info_len,
		      cell_t data, cell_t data_len)
{
	const cell_t args[] = { data_len, data, info_len, info, type, pcr };

	return call("2hash-ext-log", args, ARRAY_SIZE(args));
}

static cell_t hand_over(cell_t base, cell_t size)
{
	const cell_t args[] = { size, base };

	return call("sml-handover", args, ARRAY_SIZE(args));
}

static cell_t pass(cell_t buf, cell_t len)
{
	const cell_t args[] = { len, buf };

	return call("pass-through-to-tpm", args, ARRAY_SIZE(args));
}

static void assert_handed_over(cell_t size)
{
	/* The others are not 0 after a reset. */
	for (unsigned pcr = 0; pcr < 16; pcr++) {
		struct digest_values values;

		event_reader_replay(fake_memory + LOG_AT, size, pcr, &values);
		assert_int_equal(values.set, BOTH);
		assert_memory_equal(values.value[DIGEST_SHA256],
				    fake_tpm_pcr(DIGEST_SHA256, pcr), 32);
		assert_memory_equal(values.value[DIGEST_SHA1],
				    fake_tpm_pcr(DIGEST_SHA1, pcr), 20);
	}
}

static void grub_measures_a_file(void **state)
{
	cell_t data = fake_str("the file"), info = fake_str("name");
	struct digest_values values;
	struct event_reader reader;
	struct read_event event;
	cell_t size;

	(void)state;
	assert_int_equal(measure(9, EV_IPL, info, 5, data, 8), CELL_TRUE);
	size = number("sml-get-handover-size");
	assert_int_equal(hand_over(LOG_AT, size), CELL_TRUE);
	assert_handed_over(size);
	event_reader_begin(&reader, fake_memory + LOG_AT, size);
	assert_true(event_reader_next(&reader, &event));
	assert_int_equal(event.pcr, 9);
	assert_int_equal(event.type, EV_IPL);
	assert_int_equal(event.len, 5);
	assert_memory_equal(event.event, "name", 5);
	digest_of(BOTH, "the file", 8, &values);
	assert_memory_equal(event.values.value[DIGEST_SHA256],
			    values.value[DIGEST_SHA256], 32);
}

/* prom_instantiate_sml() of Linux, up to the hand-over. */
static void linux_takes_the_log(void **state)
{
	cell_t info = fake_str("x"), size;
	uint32_t len = 1;

	(void)state;
	assert_non_null(tree_getprop(fake_tpm.node,
				     "ibm,sml-efi-reformat-supported", &len));
	assert_int_equal(len, 0);
	assert_int_equal(measure(4, EV_IPL, info, 1, info, 1), CELL_TRUE);
	assert_int_equal(number("reformat-sml-to-efi-alignment"), CELL_TRUE);
	size = number("sml-get-allocated-size");
	assert_int_equal(size, TPM_LOG_SIZE);
	memset(fake_memory + LOG_AT, 0xa5, size + 1);
	assert_int_equal(hand_over(LOG_AT, size), CELL_TRUE);
	assert_handed_over(size);
	for (cell_t i = 1000; i < size; i++)
		assert_int_equal(fake_memory[LOG_AT + i], 0);
	assert_int_equal(fake_memory[LOG_AT + size], 0xa5);
}

static void after_the_hand_over_nothing_is_measured(void **state)
{
	cell_t info = fake_str("x"), size = number("sml-get-handover-size");
	unsigned commands = fake_tpm.count;

	(void)state;
	assert_int_equal(number("get-failure-reason"), 0xffffffff);
	assert_int_equal(hand_over(LOG_AT, size), CELL_TRUE);
	assert_int_equal(measure(9, EV_IPL, info, 1, info, 1), 0);
	assert_int_equal(number("get-failure-reason"), 0xe);
	assert_int_equal(fake_tpm.count, commands);
	assert_int_equal(hand_over(LOG_AT, size), CELL_TRUE);
}

static void a_log_is_only_handed_over_to_memory_it_fits_in(void **state)
{
	cell_t size = number("sml-get-handover-size");
	static const cell_t bad[] = { FAKE_MEMORY, FAKE_MEMORY - 20,
				      FAKE_WINDOW, FAKE_WINDOW - 20,
				      0xfffffff0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(hand_over(bad[i], size), 0);
	memset(fake_memory + LOG_AT, 0xa5, size);
	for (cell_t n = 0; n < size - 16; n++)
		assert_int_equal(hand_over(LOG_AT, n), 0);
	assert_int_equal(hand_over(LOG_AT, 0xffffffff), 0);
	for (cell_t i = 0; i < size; i++)
		assert_int_equal(fake_memory[LOG_AT + i], 0xa5);
	assert_int_equal(number("get-failure-reason"), 0xffffffff);
	assert_int_equal(hand_over(FAKE_STACK, size), CELL_TRUE);
}

static void a_bad_argument_never_reaches_the_tpm(void **state)
{
	cell_t ok = fake_str("x");
	unsigned commands = fake_tpm.count;

	(void)state;
	assert_int_equal(measure(24, EV_IPL, ok, 1, ok, 1), 0);
	assert_int_equal(measure(0xffffffff, EV_IPL, ok, 1, ok, 1), 0);
	assert_int_equal(measure(9, EV_IPL, FAKE_MEMORY, 1, ok, 1), 0);
	assert_int_equal(measure(9, EV_IPL, ok, 0xffffffff, ok, 1), 0);
	assert_int_equal(measure(9, EV_IPL, FAKE_WINDOW, 1, ok, 1), 0);
	assert_int_equal(measure(9, EV_IPL, ok, 1, FAKE_MEMORY, 1), 0);
	assert_int_equal(measure(9, EV_IPL, ok, 1, FAKE_MEMORY - 1, 2), 0);
	assert_int_equal(measure(9, EV_IPL, ok, 1, 1, 0xffffffff), 0);
	assert_int_equal(measure(9, EV_IPL, ok, 1, FAKE_WINDOW, 8), 0);
	assert_int_equal(fake_tpm.count, commands);
	assert_int_equal(measure(9, EV_IPL, 0, 0, 0, 0), CELL_TRUE);
	assert_int_equal(fake_tpm.count, commands + 1);
}

static void measuring_needs_no_heap(void **state)
{
	cell_t ok = fake_str("x"), name = fake_str("2hash-ext-log");
	const cell_t args[] = { name, vtpm, 1, ok, 1, ok, EV_IPL, 9 };

	(void)state;
	fake_blocks_fail_after(0);
	assert_int_equal(fake_ci("call-method", args, 8, 2), 0);
	assert_int_equal(fake_ret[1], CELL_TRUE);
	fake_blocks_fail_after(-1);
}

static void a_full_log_still_extends(void **state)
{
	cell_t ok = fake_str("x");
	uint8_t before[32];

	(void)state;
	fake_tpm_state_log(512);
	assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), CELL_TRUE);
	while (measure(9, EV_IPL, ok, 1, ok, 1))
		;
	assert_int_equal(number("get-failure-reason"), 0xd);
	memcpy(before, fake_tpm_pcr(DIGEST_SHA256, 9), 32);
	assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), 0);
	assert_memory_not_equal(before, fake_tpm_pcr(DIGEST_SHA256, 9), 32);
	assert_int_equal(hand_over(LOG_AT, 512), CELL_TRUE);
}

static const uint8_t get_random[] = {
	0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 8
};
static const uint8_t refusal[] = { 0x80, 1, 0, 0, 0, 10, 0, 0, 1, 1 };

static void grub_sends_a_command_and_gets_the_response(void **state)
{
	(void)state;
	assert_int_equal(number("get-maximum-cmd-size"), 0x1000);
	memcpy(fake_memory + COMMAND_AT, get_random, sizeof(get_random));
	assert_int_equal(pass(COMMAND_AT, sizeof(get_random)), 20);
	assert_int_equal(be32_load(fake_memory + COMMAND_AT + 2), 20);
	assert_int_equal(be32_load(fake_memory + COMMAND_AT + 6), 0);
}

static void a_command_that_fails_gets_a_response_all_the_same(void **state)
{
	(void)state;
	memcpy(fake_memory + COMMAND_AT, get_random, sizeof(get_random));
	fake_tpm_fail(FAKE_TPM_GET_RANDOM, ERR_TIMEOUT);
	assert_int_equal(pass(COMMAND_AT, sizeof(get_random)), 10);
	assert_memory_equal(fake_memory + COMMAND_AT, refusal, 10);
	assert_true(tpm_is_ready());
}

static void a_command_of_another_length_never_reaches_the_tpm(void **state)
{
	static const cell_t lengths[] = { 0,  1,    9,	  10,	     11,
					  13, 4096, 4097, 0xffffffff };
	unsigned commands = fake_tpm.count;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		memcpy(fake_memory + COMMAND_AT, get_random,
		       sizeof(get_random));
		assert_int_equal(pass(COMMAND_AT, lengths[i]), 10);
		assert_memory_equal(fake_memory + COMMAND_AT, refusal, 10);
	}
	assert_int_equal(fake_tpm.count, commands);
}

static void a_response_needs_memory_for_the_longest(void **state)
{
	static const cell_t bad[] = { FAKE_MEMORY, FAKE_MEMORY - 4095,
				      FAKE_WINDOW, FAKE_WINDOW - 4095 };
	unsigned commands = fake_tpm.count;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(pass(bad[i], sizeof(get_random)), 0);
	assert_int_equal(fake_tpm.count, commands);
}

static void all_methods_of_a_tpm_that_failed_fail(void **state)
{
	static const struct {
		int err;
		cell_t reason;
	} failures[] = { { ERR_TIMEOUT, 5 }, { ERR_IO, 9 }, { ERR_FORMAT, 9 } };

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		cell_t ok = fake_str("x");

		if (i)
			start(state);
		fake_tpm_fail(FAKE_TPM_PCR_EXTEND, failures[i].err);
		assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), 0);
		assert_int_equal(number("get-failure-reason"),
				 failures[i].reason);
		assert_int_not_equal(CI("open", fake_str("/vdevice/vtpm")), 0);
		assert_int_equal(number("sml-get-allocated-size"), 0);
		assert_int_equal(number("sml-get-handover-size"), 0);
		assert_int_equal(number("reformat-sml-to-efi-alignment"), 0);
		assert_int_equal(number("get-maximum-cmd-size"), 0);
		assert_int_equal(hand_over(LOG_AT, 0x1000), 0);
		assert_int_equal(pass(COMMAND_AT, 12), 10);
		assert_memory_equal(fake_memory + COMMAND_AT, refusal, 10);
		if (i + 1 < ARRAY_SIZE(failures))
			stop(state);
	}
}

static void grub_never_closes_what_it_opens(void **state)
{
	cell_t first = vtpm, ok = fake_str("x");

	(void)state;
	for (int i = 0; i < 10; i++) {
		vtpm = CI("open", fake_str("/vdevice/vtpm"));
		assert_int_not_equal(vtpm, 0);
		assert_int_not_equal(vtpm, first);
		assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), CELL_TRUE);
	}
	CI_N("close", 0, vtpm);
	vtpm = first;
	assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), CELL_TRUE);
}

static void a_quiesced_tpm_is_left_alone_but_its_log_is_there(void **state)
{
	cell_t ok = fake_str("x"), size = number("sml-get-handover-size");
	unsigned commands;

	(void)state;
	ci_quiesce();
	commands = fake_tpm.count;
	assert_int_equal(measure(9, EV_IPL, ok, 1, ok, 1), 0);
	assert_int_equal(pass(COMMAND_AT, 12), 10);
	assert_int_equal(hand_over(LOG_AT, size), CELL_TRUE);
	ci_reboot();
	assert_int_equal(fake_tpm.count, commands);
}

static void a_reset_by_the_firmware_shuts_the_tpm_down(void **state)
{
	(void)state;
	ci_reboot();
	assert_true(fake_tpm.shut_down);
	assert_non_null(strstr(fake_events, "rtas=system-reboot"));
}

static void without_a_tpm_there_is_nothing_to_do(void **state)
{
	(void)state;
	tree_remove_node(fake_tpm.node);
	assert_int_equal(ci_tpm_methods(), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(grub_measures_a_file),
		T(linux_takes_the_log),
		T(after_the_hand_over_nothing_is_measured),
		T(a_log_is_only_handed_over_to_memory_it_fits_in),
		T(a_bad_argument_never_reaches_the_tpm),
		T(measuring_needs_no_heap),
		T(a_full_log_still_extends),
		T(grub_sends_a_command_and_gets_the_response),
		T(a_command_that_fails_gets_a_response_all_the_same),
		T(a_command_of_another_length_never_reaches_the_tpm),
		T(a_response_needs_memory_for_the_longest),
		T(all_methods_of_a_tpm_that_failed_fail),
		T(grub_never_closes_what_it_opens),
		T(a_quiesced_tpm_is_left_alone_but_its_log_is_there),
		T(a_reset_by_the_firmware_shuts_the_tpm_down),
		T(without_a_tpm_there_is_nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

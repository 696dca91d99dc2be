// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_control.c: leaving, phrases, time, processors. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/mem.h"
#include "ci/quiesce.h"
#include "lib/endian.h"
#include "tests/fake/timebase.h"
#include "tests/fake/machine.h"

#define FAIL CELL_FAIL

static const cell_t bad_strings[] = {
	0, FAKE_MEMORY - 1, FAKE_MEMORY, FAKE_WINDOW, 0x7fffffff, 0xffffffff
};

static void test_knows_every_service(void **state)
{
	(void)state;
	for (const struct ci_service *s = ci_services; s->name; s++)
		assert_int_equal(CI("test", fake_str(s->name)), 0);
}

static void test_of_a_missing_service_is_true(void **state)
{
	(void)state;
	assert_int_equal(CI("test", fake_str("pks-write-object")), FAIL);
	assert_int_equal(CI("test", fake_str("")), FAIL);
	assert_int_equal(CI("test", fake_str("peer ")), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("test", bad_strings[i]), FAIL);
}

static void exit_leaves_the_client(void **state)
{
	(void)state;
	CI_N("exit", 0);
	assert_int_equal(fake_left, CI_EXIT);
	assert_string_equal(fake_events, "leave=1,0 ");
}

static void exit_after_quiesce_resets_the_machine(void **state)
{
	(void)state;
	CI_N("quiesce", 0);
	fake_events_clear();
	CI_N("exit", 0);
	assert_string_equal(fake_events, "rtas=system-reboot leave=1,0 ");
}

static void boot_leaves_with_its_text(void **state)
{
	(void)state;
	CI_N("boot", 0, fake_str("disk:2 quiet"));
	assert_int_equal(fake_left, CI_BOOT);
	assert_string_equal(ci_boot_text(), "disk:2 quiet");
	CI_N("boot", 0, 0);
	assert_string_equal(ci_boot_text(), "");
	CI_N("boot", 0, 0xffffffff);
	assert_string_equal(ci_boot_text(), "");
}

static void boot_without_memory_returns_and_says_so(void **state)
{
	(void)state;
	fake_blocks_fail_after(0);
	CI_N("boot", 0, fake_str("disk"));
	assert_int_equal(fake_left, -1);
	assert_true(fake_log_has("boot: out of memory"));
}

static void enter_reaches_the_prompt_and_returns(void **state)
{
	(void)state;
	assert_int_equal(CI_N("enter", 0), 0);
	assert_string_equal(fake_events, "enter ");
	assert_int_equal(fake_left, -1);
}

static void chain_hands_over_what_was_loaded(void **state)
{
	struct ci_chain chain;

	(void)state;
	CI_N("chain", 0, 0x4000, 0x1000, 0x8000, 0x9001, 3);
	assert_int_equal(fake_left, CI_CHAIN);
	chain = ci_chain_get();
	assert_int_equal(chain.virt, 0x4000);
	assert_int_equal(chain.size, 0x1000);
	assert_int_equal(chain.entry, 0x8000);
	assert_int_equal(chain.args, 0x9001);
	assert_int_equal(chain.len, 3);
}

static void chain_to_what_is_not_memory_returns(void **state)
{
	static const cell_t bad[][5] = {
		{ 0x4000, 0x1000, FAKE_MEMORY, 0, 0 },
		{ 0x4000, 0x1000, 0x8001, 0, 0 },
		{ 0x4000, 0x1000, FAKE_WINDOW, 0, 0 },
		{ 0x4000, 0x1000, 0x8000, FAKE_MEMORY - 1, 2 },
		{ 0x4000, FAKE_MEMORY, 0x8000, 0, 0 },
		{ FAKE_WINDOW, 16, 0x8000, 0, 0 },
		{ 0xffffffff, 0xffffffff, 0x8000, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		fake_events_clear();
		assert_int_equal(fake_ci("chain", bad[i], 5, 0), 0);
		assert_int_equal(fake_left, -1);
		assert_true(fake_log_has("chain: "));
	}
}

/* Both come at each start, and at each key: cheap and quiet. */
static void grub_phrases_for_its_screen_do_nothing(void **state)
{
	(void)state;
	assert_int_equal(CI("interpret", fake_str("output-device output")), 0);
	assert_int_equal(CI("interpret", fake_str("cursor-on")), 0);
	assert_int_equal(CI("interpret", fake_str("cursor-off")), 0);
	assert_string_equal(fake_printed, "");
	assert_string_equal(fake_console_out, "");
	assert_string_equal(fake_events, "");
}

static void grub_resets_and_halts_by_phrases(void **state)
{
	(void)state;
	CI("interpret", fake_str("reset-all"));
	assert_string_equal(fake_events, "rtas=system-reboot ");
	fake_events_clear();
	CI("interpret", fake_str("power-off"));
	assert_string_equal(fake_events, "rtas=power-off ");
}

static void yaboot_waits_by_a_phrase(void **state)
{
	uint64_t before;

	(void)state;
	fake_clock_set(0);
	fake_clock_step(1000);
	deadline_init(0);
	before = deadline_ms();
	assert_int_equal(CI("interpret", fake_str(" 10 ms")), 0);
	assert_true(deadline_ms() - before >= 10);
	assert_true(deadline_ms() - before < 20);
	fake_clock_step(1);
}

static void yaboot_definitions_are_refused_silently(void **state)
{
	(void)state;
	assert_int_equal(CI("interpret", fake_str(": D2NIP 2drop nip ;")),
			 (cell_t)-13);
	assert_string_equal(fake_printed, "");
	assert_string_equal(fake_console_out, "");
}

static void interpret_of_bad_strings_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_not_equal(CI("interpret", bad_strings[i]), 0);
}

static void phrases_write_only_to_the_clients_memory(void **state)
{
	(void)state;
	assert_int_equal(CI("interpret", fake_str("cafec0de 4000 l!")), 0);
	assert_int_equal(be32_load(fake_memory + 0x4000), 0xcafec0de);
	assert_int_not_equal(CI("interpret", fake_str("1 c0000 c!")), 0);
	assert_int_equal(fake_memory[FAKE_WINDOW], 0xee);
	assert_int_not_equal(CI("interpret", fake_str("1 fffff l!")), 0);
	assert_int_equal(fake_memory[FAKE_MEMORY - 1], 0xee);
	/* A failure is never a catch-result of 0. */
	assert_int_not_equal(CI("interpret", fake_str("1 ffffffff c!")), 0);
}

static void the_phrase_boot_leaves_the_client(void **state)
{
	(void)state;
	CI("interpret", fake_str("boot disk:1 single"));
	assert_int_equal(fake_left, CI_BOOT);
	assert_string_equal(ci_boot_text(), "disk:1 single");
}

static void set_callback_gives_the_old_one(void **state)
{
	cell_t old = CI("set-callback", 0x1234);

	(void)state;
	assert_int_equal(CI("set-callback", 0x5678), 0x1234);
	assert_int_equal(CI("set-callback", old), 0x5678);
}

static void set_symbol_lookup_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(CI_N("set-symbol-lookup", 0, 1, 2), 0);
}

/* Its only clock. */
static void grub_sees_milliseconds_advance(void **state)
{
	(void)state;
	fake_clock_set(0);
	deadline_init(0);
	assert_int_equal(CI("milliseconds"), 0);
	fake_clock_advance(TIMEBASE_DEFAULT_HZ / 1000 * 1500);
	assert_int_equal(CI("milliseconds"), 1500);
	/* They wrap at 32 bits. */
	fake_clock_advance((uint64_t)TIMEBASE_DEFAULT_HZ / 1000 * 0xffffffff);
	assert_int_equal(CI("milliseconds"), 1499);
}

static void start_cpu_names_the_processor_by_its_node(void **state)
{
	(void)state;
	CI_N("start-cpu", 0, fake_phandle("/cpus/PowerPC,POWER9@8"), 0x60, 5);
	assert_string_equal(fake_events, "rtas=start-cpu ");
	assert_int_equal(fake_rtas_args[0], 8);
	assert_int_equal(fake_rtas_args[1], 0x60);
	assert_int_equal(fake_rtas_args[2], 5);
	assert_string_equal(fake_printed, "");
}

static void start_cpu_of_anything_else_says_so(void **state)
{
	(void)state;
	CI_N("start-cpu", 0, 0, 0x60, 5);
	CI_N("start-cpu", 0, FAIL, 0x60, 5);
	CI_N("start-cpu", 0, fake_phandle("/chosen"), 0x60, 5);
	assert_string_equal(fake_events, "");
	assert_true(fake_log_has("start-cpu: ffffffff"));
	fake_events_clear();
	fake_rtas_status = -3;
	CI_N("start-cpu", 0, fake_phandle("/cpus/PowerPC,POWER9@8"), 0x60, 5);
	assert_true(fake_log_has("cpu 8 did not start"));
}

static void quiesce_happens_once(void **state)
{
	(void)state;
	assert_false(ci_is_quiesced());
	assert_int_equal(CI_N("quiesce", 0), 0);
	assert_true(ci_is_quiesced());
	fake_events_clear();
	assert_int_equal(CI_N("quiesce", 0), 0);
	assert_string_equal(fake_events, "");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_knows_every_service),
		T(test_of_a_missing_service_is_true),
		T(exit_leaves_the_client),
		T(exit_after_quiesce_resets_the_machine),
		T(boot_leaves_with_its_text),
		T(boot_without_memory_returns_and_says_so),
		T(enter_reaches_the_prompt_and_returns),
		T(chain_hands_over_what_was_loaded),
		T(chain_to_what_is_not_memory_returns),
		T(grub_phrases_for_its_screen_do_nothing),
		T(grub_resets_and_halts_by_phrases),
		T(yaboot_waits_by_a_phrase),
		T(yaboot_definitions_are_refused_silently),
		T(interpret_of_bad_strings_fails),
		T(phrases_write_only_to_the_clients_memory),
		T(the_phrase_boot_leaves_the_client),
		T(set_callback_gives_the_old_one),
		T(set_symbol_lookup_is_accepted),
		T(grub_sees_milliseconds_advance),
		T(start_cpu_names_the_processor_by_its_node),
		T(start_cpu_of_anything_else_says_so),
		T(quiesce_happens_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

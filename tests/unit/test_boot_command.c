// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command.c: the table, words, and what is no command. */
#include "boot/command.h"

#include <stdio.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	return 0;
}

static int run(const char *text)
{
	const struct prompt_ops ops = { .sender = &fake_sender };
	char line[256];

	snprintf(line, sizeof(line), "%s", text);
	return command_run(&ops, line);
}

static void words_are_cut_off_one_by_one(void **state)
{
	char text[] = "  one two   three ", *args = text;

	(void)state;
	assert_string_equal(command_word(&args), "one");
	assert_string_equal(args, "two   three ");
	assert_string_equal(command_word(&args), "two");
	assert_string_equal(command_word(&args), "three");
	assert_string_equal(command_word(&args), "");
	assert_string_equal(args, "");
}

static void an_empty_line_does_nothing(void **state)
{
	(void)state;
	assert_int_equal(run(""), COMMAND_QUIET);
	assert_int_equal(run("   "), COMMAND_QUIET);
	assert_string_equal(fake_printed, "");
}

static void boot_gets_its_text_without_outer_blanks(void **state)
{
	(void)state;
	assert_int_equal(run("  boot   disk:1,\\x  -s  v  "), COMMAND_QUIET);
	assert_string_equal(fake_prompt.booted, "disk:1,\\x  -s  v");
	assert_int_equal(run("boot"), COMMAND_QUIET);
	assert_string_equal(fake_prompt.booted, "");
	assert_int_equal(fake_prompt.boots, 2);
}

static void a_failed_boot_has_said_why_itself(void **state)
{
	(void)state;
	fake_prompt.boot_rc = ERR_NODEV;
	assert_int_equal(run("boot disk"), COMMAND_QUIET);
}

static void reset_and_power_off_that_come_back_say_so(void **state)
{
	(void)state;
	assert_int_equal(run("reset-all"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "did not reset"));
	assert_int_equal(run("power-off"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "did not power off"));
	assert_int_equal(fake_prompt.resets, 1);
	assert_int_equal(fake_prompt.power_offs, 1);
}

static void go_needs_a_client(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.can_go = true };
	char line[] = "go";

	(void)state;
	assert_int_equal(run("go"), ERR_NOTSUP);
	assert_string_equal(reason(), "go: no client to resume");
	assert_int_equal(command_run(&ops, line), COMMAND_GO);
}

static void help_lists_every_command(void **state)
{
	static const char *const names[] = {
		"boot ",     "reset-all ", "power-off ",   "go ",
		"printenv ", "setenv ",	   "set-default ", "set-defaults ",
		"devalias ", "ls ",	   ".properties ", "dmesg ",
		"help ",
	};

	(void)state;
	assert_int_equal(run("help"), COMMAND_OK);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_true(fake_log_has(names[i]));
	assert_int_equal(fake_log_lines(), ARRAY_SIZE(names));
}

static void other_text_is_tried_as_phrases(void **state)
{
	(void)state;
	assert_int_equal(run(" cafec0de 4000 l! "), COMMAND_OK);
	assert_memory_equal(fake_prompt.mem, "\xca\xfe\xc0\xde", 4);
	assert_int_equal(run("1 5000 l!"), ERR_PERM);
	assert_int_equal(run("poweroff"), ERR_NOTSUP);
	assert_int_equal(fake_prompt.power_offs, 1);
}

static void an_unknown_command_is_named(void **state)
{
	(void)state;
	assert_int_equal(run("frob disk"), ERR_NOTSUP);
	assert_string_equal(
		reason(),
		"\"frob\" is not a known phrase; help lists the commands");
	assert_int_equal(run("printen"), ERR_NOTSUP);
	assert_int_equal(run("printenvs"), ERR_NOTSUP);
	assert_int_equal(run("bootdisk"), ERR_NOTSUP);
	assert_int_equal(fake_prompt.boots, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_cut_off_one_by_one),
		TEST(an_empty_line_does_nothing),
		TEST(boot_gets_its_text_without_outer_blanks),
		TEST(a_failed_boot_has_said_why_itself),
		TEST(reset_and_power_off_that_come_back_say_so),
		TEST(go_needs_a_client),
		TEST(help_lists_every_command),
		TEST(other_text_is_tried_as_phrases),
		TEST(an_unknown_command_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

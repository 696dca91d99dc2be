// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/prompt.c: what users, expect scripts and pipes see. */
#include "boot/prompt.h"

#include <string.h>

#include "boot/config.h"
#include "boot/history.h"
#include "lib/log.h"
#include "tests/fake/nvram.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/node.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_prompt_reset();
	fake_nvram_reset(64 * 1024);
	assert_int_equal(tree_init(), 0);
	config_init();
	fake_terminal_reset();
	history_clear();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_nvram_reset(0);
	config_init();
	tree_free();
	return 0;
}

/* Type all this; the last line is `go`. */
static void session(const char *text)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.can_go = true };

	fake_terminal_type(text, strlen(text));
	prompt_run(&ops);
	assert_int_equal(fake_terminal_untyped(), 0);
}

/* tp-qemu and openQA wait for "0 > "; people know "Ready! ". */
static void the_prompt_is_what_expect_scripts_wait_for(void **state)
{
	(void)state;
	session("go\r");
	assert_string_equal(fake_printed, "\r\nReady! \r\n0 > go\r\n");
}

static void success_is_answered_with_ok(void **state)
{
	(void)state;
	session("setenv boot-file x\rgo\r");
	assert_string_equal(fake_printed,
			    "\r\nReady! \r\n0 > setenv boot-file x\r\n ok\r\n"
			    "0 > go\r\n");
}

static void a_failure_is_answered_with_one_line(void **state)
{
	(void)state;
	session("ls /nowhere\rgo\r");
	assert_string_equal(fake_printed,
			    "\r\nReady! \r\n0 > ls /nowhere\r\n"
			    "/nowhere: no such device\r\n0 > go\r\n");
}

static void an_empty_line_gives_another_prompt(void **state)
{
	(void)state;
	session("\r\r\ngo\r");
	assert_string_equal(fake_printed,
			    "\r\nReady! \r\n0 > \r\n0 > \r\n0 > go\r\n");
}

static void ctrl_c_gives_another_prompt(void **state)
{
	(void)state;
	session("boot disk\x03go\r");
	assert_int_equal(fake_prompt.boots, 0);
	assert_string_equal(fake_printed,
			    "\r\nReady! \r\n0 > boot disk\r\n0 > go\r\n");
}

static void a_pipe_can_drive_it(void **state)
{
	(void)state;
	session("boot net:dhcp\ncafec0de 4000 l!\nfrob\ngo\n");
	assert_string_equal(fake_prompt.booted, "net:dhcp");
	assert_int_equal(fake_prompt.mem[0], 0xca);
	assert_true(fake_log_has("\"frob\" is not a known phrase; "));
}

static void a_line_that_is_too_long_is_refused_with_a_reason(void **state)
{
	static char text[70000];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 5, "\ngo\n", 5);
	session(text);
	assert_true(fake_log_has("the line is longer than 65536 "));
}

/* Enter comes alone, as typed. */
#define ENTER "\r" FAKE_PAUSE

static void a_person_gets_long_output_in_pages(void **state)
{
	(void)state;
	session("\033[Aprintenv" ENTER "qgo\r");
	assert_true(fake_log_has("--more--\r        \r ok\r\n0 > "));
	fake_log_clear();
	session("\033[A\x15printenv" ENTER " gx\bo\r");
	assert_true(fake_log_has("--more--\r        \r"));
	assert_true(fake_log_has("ok\r\n0 > gx\b \bo\r\n"));
}

/* Expect scripts, pipes, and testers that type key by key. */
static void a_script_is_never_asked(void **state)
{
	(void)state;
	session("printenv\rprintenv" ENTER "\x15\x01\x10\x0b"
		"printenv" ENTER "prin\t" FAKE_PAUSE ENTER "go\r");
	assert_false(fake_log_has("--more--"));
	/* A person was there before. */
	session("\033[A\x15printenv\rgo\r");
	assert_false(fake_log_has("--more--"));
}

static int boot_and_print(const char *text)
{
	(void)text;
	for (unsigned i = 0; i < 100; i++)
		print("line\n");
	return 0;
}

static struct prompt_ops changing;

static int go_and_print(void)
{
	/* The next `go` leaves the prompt. */
	changing.can_go = true;
	return boot_and_print("");
}

static void a_boot_is_never_stopped(void **state)
{
	const struct phrase_sender sender = { .name = "the test",
					      .boot = boot_and_print };
	const struct prompt_ops ops = { .sender = &sender, .can_go = true };
	static const char text[] = "\033[Bboot x" ENTER "  boot" ENTER "go\r";
	static const char more[] = "\033[B\x15load x" ENTER "go" ENTER "go\r";

	(void)state;
	fake_terminal_type(text, sizeof(text) - 1);
	prompt_run(&ops);
	assert_int_equal(fake_log_lines(), 2 + 1 + 100 + 1 + 100 + 1);
	assert_false(fake_log_has("--more--"));
	fake_log_clear();
	fake_terminal_type(more, sizeof(more) - 1);
	changing = (struct prompt_ops){ .sender = &sender,
					.load = boot_and_print,
					.go = go_and_print };
	prompt_run(&changing);
	assert_int_equal(fake_log_lines(), 2 + 1 + 100 + 1 + 1 + 100 + 1);
	assert_false(fake_log_has("--more--"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_prompt_is_what_expect_scripts_wait_for),
		TEST(success_is_answered_with_ok),
		TEST(a_failure_is_answered_with_one_line),
		TEST(an_empty_line_gives_another_prompt),
		TEST(ctrl_c_gives_another_prompt),
		TEST(a_pipe_can_drive_it),
		TEST(a_line_that_is_too_long_is_refused_with_a_reason),
		TEST(a_person_gets_long_output_in_pages),
		TEST(a_script_is_never_asked),
		TEST(a_boot_is_never_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

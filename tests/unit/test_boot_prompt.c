// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/prompt.c: what users, expect scripts and pipes see. */
#include "boot/prompt.h"

#include <string.h>

#include "boot/config.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

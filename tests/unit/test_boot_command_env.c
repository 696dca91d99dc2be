// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_env.c: printenv, setenv, set-default(s). */
#include "boot/command.h"

#include <stdio.h>
#include <string.h>

#include "boot/config.h"
#include "lib/reason.h"
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
	fake_terminal_reset();
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

static void printenv_shows_all_with_slofs_columns(void **state)
{
	(void)state;
	assert_int_equal(config_set("auto-boot?", "false"), 0);
	assert_int_equal(fake_prompt_run("printenv"), COMMAND_OK);
	assert_true(fake_log_has(
		"---environment variable--------current value-------------"
		"default value------\r\n"));
	assert_true(fake_log_has(
		"   auto-boot?                  false                     "
		"true\r\n"));
	assert_true(fake_log_has("   load-base "));
	assert_true(fake_log_has(
		"   security-mode               none                      "
		"none\r\n"));
	assert_int_equal(fake_log_lines(), 28);
}

static void printenv_of_one_tells_its_effect(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("printenv boot-command"), COMMAND_OK);
	assert_int_equal(fake_log_lines(), 2);
	assert_true(fake_log_has("phrases to run at power-on"));
}

static void printenv_of_an_unknown_name_is_refused(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("printenv foo"), ERR_NOENT);
	assert_string_equal(reason(), "foo: not a configuration variable");
}

static void setenv_takes_the_rest_of_the_line(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("setenv boot-device  disk:1  net "),
			 COMMAND_OK);
	assert_string_equal(config_str("boot-device"), "disk:1  net");
	assert_int_equal(fake_prompt_run("setenv boot-device"), COMMAND_OK);
	assert_string_equal(config_str("boot-device"), "");
}

static void setenv_gives_reasons(void **state)
{
	static char big[5000] = "setenv nvramrc ";

	(void)state;
	memset(big + strlen(big), 'x', sizeof(big) - 1 - strlen(big));
	assert_int_equal(fake_prompt_run("setenv"), ERR_INVAL);
	assert_string_equal(reason(), "setenv: something is missing; usage: "
				      "setenv variable [value]");
	assert_int_equal(fake_prompt_run("set-default"), ERR_INVAL);
	assert_int_equal(fake_prompt_run("setenv foo bar"), ERR_NOENT);
	assert_int_equal(fake_prompt_run("setenv load-base zz"), ERR_INVAL);
	assert_non_null(strstr(reason(), "\"zz\" is not a number"));
	assert_int_equal(fake_prompt_run(big), ERR_NOSPACE);
	assert_non_null(strstr(reason(), "NVRAM is full"));
}

static void defaults_come_back(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("setenv boot-file x"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("setenv boot-command y"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("set-default boot-file"), COMMAND_OK);
	assert_string_equal(config_str("boot-file"), "");
	assert_string_equal(config_str("boot-command"), "y");
	assert_int_equal(fake_prompt_run("set-defaults"), COMMAND_OK);
	assert_string_equal(config_str("boot-command"), "boot");
	assert_int_equal(fake_prompt_run("set-default"), ERR_INVAL);
	assert_int_equal(fake_prompt_run("set-default foo"), ERR_NOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(printenv_shows_all_with_slofs_columns),
		TEST(printenv_of_one_tells_its_effect),
		TEST(printenv_of_an_unknown_name_is_refused),
		TEST(setenv_takes_the_rest_of_the_line),
		TEST(setenv_gives_reasons),
		TEST(defaults_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

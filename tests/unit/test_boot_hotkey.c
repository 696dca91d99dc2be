// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/hotkey.c: F12 and s, with and without -boot menu=on. */
#include "boot/hotkey.h"

#include <stdlib.h>
#include <string.h>

#include "boot/config.h"
#include "drivers/console.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define F12 "\x1b[24~"

static struct node *chosen;
static const char *wait_ms;

/* What is typed when, in ms since the start of the test. */
static const struct typed {
	unsigned ms;
	const char *text;
} * typed;
static size_t taken; /* bytes of all texts */
static unsigned looks, scans;

bool console_take_key(const char *key)
{
	char input[64] = "";

	looks++;
	for (const struct typed *t = typed; t->text; t++) {
		if (t->ms <= deadline_ms())
			strcat(input, t->text);
	}
	if (!input[taken] || strncmp(input + taken, key, strlen(key)))
		return false;
	taken += strlen(key);
	return true;
}

bool device_scan_rest(void)
{
	scans++;
	/* Takes some time. */
	fake_clock_advance(TIMEBASE_DEFAULT_HZ / 2);
	return false;
}

uint64_t config_num(const char *name)
{
	assert_string_equal(name, "boot-menu-wait");
	return strtoull(wait_ms, NULL, 10);
}

static int setup(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_set(0);
	/* A look takes 0.1 ms. */
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	deadline_init(0);
	assert_int_equal(tree_init(), 0);
	chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);
	assert_non_null(chosen);
	wait_ms = "2000";
	looks = scans = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static void menu_on(uint32_t on)
{
	assert_int_equal(tree_set_u32(chosen, "qemu,boot-menu", on), 0);
}

/* The result, with this one text typed at `ms`; and what is left of it. */
static enum hotkey pressed(unsigned ms, const char *text, const char *left)
{
	const struct typed all[] = { { ms, text }, { 0, NULL } };
	enum hotkey key;

	typed = all;
	taken = 0;
	deadline_init(0);
	key = hotkey_pressed(true);
	assert_string_equal(text + taken, left);
	return key;
}

static void the_line_is_that_of_slof_and_only_with_menu_on(void **state)
{
	(void)state;
	hotkey_announce();
	menu_on(0);
	hotkey_announce();
	assert_string_equal(fake_printed, "");
	menu_on(1);
	hotkey_announce();
	assert_string_equal(fake_printed, "Press F12 for boot menu.\r\n\r\n");
	tree_remove_node(chosen);
	hotkey_announce();
}

static void without_menu_on_there_is_one_look(void **state)
{
	(void)state;
	assert_int_equal(pressed(0, "", ""), HOTKEY_NONE);
	/* F12 and s. */
	assert_int_equal(looks, 2);
	assert_in_range(deadline_ms(), 0, 2);
	assert_int_equal(scans, 0);
	assert_int_equal(pressed(0, F12 F12, F12), HOTKEY_MENU);
	assert_int_equal(pressed(0, "setenv", "etenv"), HOTKEY_PROMPT);
	assert_int_equal(pressed(0, "xs", "xs"), HOTKEY_NONE);
	assert_int_equal(pressed(0, "\x1b[A", "\x1b[A"), HOTKEY_NONE);
	assert_int_equal(pressed(10, F12, F12), HOTKEY_NONE);
}

static void with_menu_on_it_waits_as_long_as_the_variable_says(void **state)
{
	(void)state;
	menu_on(1);
	assert_int_equal(pressed(0, "", ""), HOTKEY_NONE);
	assert_in_range(deadline_ms(), 2500, 2510);
	assert_int_equal(scans, 1);
	wait_ms = "100";
	assert_int_equal(pressed(0, "", ""), HOTKEY_NONE);
	assert_in_range(deadline_ms(), 600, 610);
	wait_ms = "99999999999999";
	assert_int_equal(pressed(0, "", ""), HOTKEY_NONE);
	assert_in_range(deadline_ms(), 60500, 60510);
}

static void a_wait_of_0_is_one_look(void **state)
{
	(void)state;
	menu_on(1);
	wait_ms = "0";
	assert_int_equal(pressed(0, "", ""), HOTKEY_NONE);
	assert_in_range(deadline_ms(), 500, 502);
	assert_int_equal(pressed(0, F12, ""), HOTKEY_MENU);
	assert_int_equal(pressed(499, "s", ""), HOTKEY_PROMPT);
	assert_int_equal(pressed(510, F12, F12), HOTKEY_NONE);
}

static void a_key_ends_the_wait_at_once(void **state)
{
	(void)state;
	menu_on(1);
	assert_int_equal(pressed(1000, F12 F12, F12), HOTKEY_MENU);
	assert_in_range(deadline_ms(), 1000, 1002);
	assert_int_equal(pressed(1000, "sx", "x"), HOTKEY_PROMPT);
	assert_in_range(deadline_ms(), 1000, 1002);
	/* A client gets the others. */
	assert_int_equal(pressed(1000, "\r", "\r"), HOTKEY_NONE);
	assert_in_range(deadline_ms(), 1050, 1060);
	/* The very last moment. */
	assert_int_equal(pressed(2499, F12, ""), HOTKEY_MENU);
}

static void a_torn_f12_is_one(void **state)
{
	static const struct typed slow[] = {
		{ 1000, "\x1b" }, { 1010, "[24" }, { 1030, "~" }, { 0, NULL }
	};
	static const struct typed torn[] = { { 1000, "\x1b" },
					     { 1100, "[24~" },
					     { 0, NULL } };

	(void)state;
	menu_on(1);
	typed = slow;
	taken = 0;
	assert_int_equal(hotkey_pressed(true), HOTKEY_MENU);
	typed = torn;
	taken = 0;
	deadline_init(0);
	assert_int_equal(hotkey_pressed(true), HOTKEY_NONE);
	assert_int_equal(taken, 0);
}

static void a_machine_that_does_not_boot_waits_for_nothing(void **state)
{
	static const struct typed s[] = { { 0, "s" }, { 0, NULL } };
	static const struct typed f12[] = { { 0, F12 }, { 0, NULL } };

	(void)state;
	menu_on(1);
	typed = s;
	taken = 0;
	assert_int_equal(hotkey_pressed(false), HOTKEY_NONE);
	assert_int_equal(taken, 0);
	typed = f12;
	assert_int_equal(hotkey_pressed(false), HOTKEY_MENU);
	assert_int_equal(taken, 5);
	assert_in_range(deadline_ms(), 0, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_line_is_that_of_slof_and_only_with_menu_on),
		TEST(without_menu_on_there_is_one_look),
		TEST(with_menu_on_it_waits_as_long_as_the_variable_says),
		TEST(a_wait_of_0_is_one_look),
		TEST(a_key_ends_the_wait_at_once),
		TEST(a_torn_f12_is_one),
		TEST(a_machine_that_does_not_boot_waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

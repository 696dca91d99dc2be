// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/pager.c: when it asks, and what the terminal shows then. */
#include "boot/pager.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "tests/fake/consoles.h"
#include "tests/fake/terminal.h"
#include "tests/fake/vt100.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static unsigned rows, columns;

static void size(struct console_output *out, unsigned *x, unsigned *y)
{
	(void)out;
	*x = columns;
	*y = rows;
}

static int setup(void **state)
{
	int rc = fake_consoles_start(state);

	fake_terminal_reset();
	return rc;
}

static int teardown(void **state)
{
	pager_stop();
	return fake_consoles_stop(state);
}

static void type(const char *keys)
{
	fake_terminal_type(keys, strlen(keys));
}

static void print_lines(unsigned from, unsigned to)
{
	for (; from <= to; from++)
		print("line %u\n", from);
}

static unsigned questions(void)
{
	unsigned n = 0;

	for (const char *at = fake_printed; (at = strstr(at, "--more--")); at++)
		n++;
	return n;
}

/* Lines 1 to `last` were printed, after `asked` questions. */
static void assert_lines(unsigned last, unsigned asked)
{
	char line[32];

	assert_int_equal(questions(), asked);
	snprintf(line, sizeof(line), "line %u\r\n", last);
	assert_true(fake_log_has(line));
	snprintf(line, sizeof(line), "line %u\r\n", last + 1);
	assert_false(fake_log_has(line));
	assert_int_equal(fake_terminal_untyped(), 0);
}

static void without_it_nobody_is_asked(void **state)
{
	(void)state;
	print_lines(1, 100);
	assert_lines(100, 0);
	type(" ");
	pager_start();
	print_lines(101, 123);
	pager_stop();
	print_lines(124, 300);
	assert_lines(300, 1);
}

/* With " ok" and the prompt, 22 lines fill 24 rows. */
static void a_full_page_is_no_question_if_nothing_follows(void **state)
{
	(void)state;
	pager_start();
	print_lines(1, 22);
	assert_lines(22, 0);
	type("q");
	print("x");
	assert_int_equal(questions(), 1);
	assert_false(fake_log_has("x"));
}

static void space_shows_a_page_and_enter_a_line(void **state)
{
	(void)state;
	pager_start();
	type(" ");
	print_lines(1, 44);
	assert_lines(44, 1);
	type("\n\r\033[B\033[6~");
	print_lines(45, 69);
	assert_lines(69, 5);
}

static void q_prints_no_more_until_it_is_stopped(void **state)
{
	static const char *const keys[] = { "q", "Q", "\x03",
					    ("\x1b" FAKE_PAUSE) };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		fake_log_clear();
		pager_start();
		type(keys[i]);
		print_lines(1, 100);
		assert_lines(22, 1);
		pager_stop();
		print("more\n");
		assert_true(fake_log_has("\r        \rmore\r\n"));
	}
}

static void other_keys_are_ignored(void **state)
{
	(void)state;
	pager_start();
	type("xy\033[A\033[2~7 ");
	print_lines(1, 23);
	assert_lines(23, 1);
}

static void the_question_is_erased(void **state)
{
	static struct vt100 vt;

	(void)state;
	pager_start();
	type("\r");
	print_lines(1, 23);
	vt100_reset(&vt);
	vt100_write(&vt, fake_printed, strlen(fake_printed));
	assert_string_equal(vt100_row(&vt, 21), "line 22");
	assert_string_equal(vt100_row(&vt, 22), "line 23");
	assert_int_equal(vt.row, 23);
	assert_string_equal(vt100_row(&vt, 23), "");
}

static void wide_lines_are_several_rows(void **state)
{
	static char wide[162];

	(void)state;
	memset(wide, 'x', 161);
	pager_start();
	type(" ");
	/* Three rows each: the eighth does not fit. */
	for (unsigned i = 0; i < 7; i++)
		print("%s\n", wide);
	assert_int_equal(questions(), 0);
	print("%s\n", wide);
	assert_int_equal(questions(), 1);
	/* Exactly as wide as the screen: one row. */
	fake_log_clear();
	wide[80] = '\0';
	pager_start();
	for (unsigned i = 0; i < 22; i++)
		print("%s\n", wide);
	assert_int_equal(questions(), 0);
}

static void a_page_is_that_of_the_smallest_screen(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_console_add("out-b");
	fake_b.out.size = size;
	rows = 37;
	columns = 100;
	pager_start();
	type("q");
	print_lines(1, 50);
	assert_lines(35, 1);
	/* Nonsense. */
	rows = columns = 0;
	fake_log_clear();
	pager_start();
	type("q");
	print_lines(1, 50);
	assert_lines(22, 1);
}

static void what_is_not_shown_is_kept(void **state)
{
	struct log_line line = { .text = NULL };
	unsigned lines = 0;

	(void)state;
	pager_start();
	type("q");
	print_lines(1, 50);
	while (log_next_line(&line)) {
		assert_true(line.len < 9);
		assert_memory_equal(line.text, "line ", 5);
		lines++;
	}
	assert_int_equal(lines, 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_it_nobody_is_asked),
		TEST(a_full_page_is_no_question_if_nothing_follows),
		TEST(space_shows_a_page_and_enter_a_line),
		TEST(q_prints_no_more_until_it_is_stopped),
		TEST(other_keys_are_ignored),
		TEST(the_question_is_erased),
		TEST(wide_lines_are_several_rows),
		TEST(a_page_is_that_of_the_smallest_screen),
		TEST(what_is_not_shown_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/line.c: editing, line ends, long lines. */
#include "boot/line.h"

#include <stdlib.h>
#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/terminal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	reason_clear();
	return 0;
}

#define TYPE(text) fake_terminal_type(text, sizeof(text) - 1)

static void assert_line(const char *want)
{
	char *line;

	assert_int_equal(line_read(&line), 0);
	assert_string_equal(line, want);
	heap_free(line);
}

static void a_line_is_echoed_and_returned(void **state)
{
	(void)state;
	TYPE("boot disk\r");
	assert_line("boot disk");
	assert_string_equal(fake_printed, "boot disk\r\n");
}

static void cr_lf_and_both_end_one_line_each(void **state)
{
	(void)state;
	TYPE("a\rb\nc\r\nd\n\ne\r\rf\n");
	assert_line("a");
	assert_line("b");
	assert_line("c");
	assert_line("d");
	assert_line("");
	assert_line("e");
	assert_line("");
	assert_line("f");
	assert_int_equal(fake_terminal_untyped(), 0);
}

static void a_burst_from_a_pipe_keeps_the_next_lines(void **state)
{
	(void)state;
	TYPE("one\ntwo\n");
	assert_line("one");
	assert_int_equal(fake_terminal_untyped(), 4);
	assert_line("two");
}

static void backspace_and_del_erase_to_the_start(void **state)
{
	(void)state;
	TYPE("abc\b\x7f"
	     "d\b\b\b\bx\r");
	assert_line("x");
	assert_string_equal(fake_printed, "abc\b \b\b \bd\b \b\b \bx\r\n");
}

static void ctrl_u_erases_all(void **state)
{
	(void)state;
	TYPE("abc\x15x\r");
	assert_line("x");
	assert_string_equal(fake_printed, "abc\b \b\b \b\b \bx\r\n");
}

static void ctrl_c_gives_the_line_up(void **state)
{
	char *line;

	(void)state;
	TYPE("abc\x03next\n");
	assert_int_equal(line_read(&line), ERR_INVAL);
	assert_null(line);
	assert_line("next");
}

static void keys_that_send_sequences_are_ignored(void **state)
{
	(void)state;
	TYPE("a\x1b[Ab\x1bOPc\x1b[24~d\x1b"
	     "e\x01\x09g\r");
	assert_line("abcdeg");
}

static void a_sequence_does_not_swallow_the_lines_end(void **state)
{
	(void)state;
	TYPE("a\x1b[1\rb\r");
	assert_line("a");
	assert_line("b");
}

static void bytes_above_ascii_are_kept(void **state)
{
	(void)state;
	TYPE("\xc3\xa4\r");
	assert_line("\xc3\xa4");
}

static void a_line_may_be_very_long(void **state)
{
	char *text = malloc(LINE_MAX_LEN + 2);

	(void)state;
	memset(text, 'x', LINE_MAX_LEN);
	text[LINE_MAX_LEN] = '\n';
	fake_terminal_type(text, LINE_MAX_LEN + 1);
	text[LINE_MAX_LEN + 1] = '\0';
	char *line;
	assert_int_equal(line_read(&line), 0);
	assert_int_equal(strlen(line), LINE_MAX_LEN);
	heap_free(line);
	free(text);
}

static void a_line_that_is_too_long_is_dropped_with_a_reason(void **state)
{
	char *text = malloc(LINE_MAX_LEN + 8), *line;

	(void)state;
	memset(text, 'x', LINE_MAX_LEN + 4);
	memcpy(text + LINE_MAX_LEN + 4, "\nok\n", 4);
	fake_terminal_type(text, LINE_MAX_LEN + 8);
	assert_int_equal(line_read(&line), ERR_RANGE);
	assert_null(line);
	assert_non_null(strstr(reason(), "65536"));
	assert_line("ok");
	free(text);
}

static void without_memory_the_line_is_dropped_with_a_reason(void **state)
{
	static char text[300];
	char *line;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	for (int n = 0; n < 2; n++) {
		fake_terminal_type(text, sizeof(text));
		fake_heap_fail_after(n);
		assert_int_equal(line_read(&line), ERR_NOMEM);
		fake_heap_fail_after(-1);
		assert_int_equal(fake_terminal_untyped(), 0);
	}
	assert_int_equal(fake_heap_live(), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_echoed_and_returned),
		TEST(cr_lf_and_both_end_one_line_each),
		TEST(a_burst_from_a_pipe_keeps_the_next_lines),
		TEST(backspace_and_del_erase_to_the_start),
		TEST(ctrl_u_erases_all),
		TEST(ctrl_c_gives_the_line_up),
		TEST(keys_that_send_sequences_are_ignored),
		TEST(a_sequence_does_not_swallow_the_lines_end),
		TEST(bytes_above_ascii_are_kept),
		TEST(a_line_may_be_very_long),
		TEST(a_line_that_is_too_long_is_dropped_with_a_reason),
		TEST(without_memory_the_line_is_dropped_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/line.c: line ends, long lines, who is typing. */
#include "boot/line.h"

#include <stdlib.h>
#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "tests/fake/line.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TYPE(text) fake_terminal_type(text, sizeof(text) - 1)

static void a_line_is_echoed_and_returned(void **state)
{
	(void)state;
	TYPE("boot disk\r");
	fake_line_expect("boot disk");
	assert_string_equal(fake_printed, "boot disk\r\n");
}

static void cr_lf_and_both_end_one_line_each(void **state)
{
	(void)state;
	TYPE("a\rb\nc\r\nd\n\ne\r\rf\n");
	fake_line_expect("a");
	fake_line_expect("b");
	fake_line_expect("c");
	fake_line_expect("d");
	fake_line_expect("");
	fake_line_expect("e");
	fake_line_expect("");
	fake_line_expect("f");
	assert_int_equal(fake_terminal_untyped(), 0);
}

static void a_burst_from_a_pipe_keeps_the_next_lines(void **state)
{
	(void)state;
	TYPE("one\ntwo\n");
	fake_line_expect("one");
	assert_int_equal(fake_terminal_untyped(), 4);
	fake_line_expect("two");
}

static void backspace_and_del_erase_to_the_start(void **state)
{
	(void)state;
	TYPE("abc\b\x7f"
	     "d\b\b\b\bx\r");
	fake_line_expect("x");
	assert_string_equal(fake_printed, "abc\b \b\b \bd\b \b\b \bx\r\n");
}

static void ctrl_u_erases_all(void **state)
{
	(void)state;
	TYPE("abc\x15x\r");
	fake_line_expect("x");
	assert_string_equal(fake_printed, "abc\b\b\b   \b\b\bx\r\n");
}

static void ctrl_c_gives_the_line_up(void **state)
{
	char *line;

	(void)state;
	TYPE("abc\x03next\n");
	assert_int_equal(line_read("", &line), ERR_INVAL);
	assert_null(line);
	fake_line_expect("next");
}

static void other_keys_are_ignored(void **state)
{
	(void)state;
	TYPE("a\x1b[2~b\x1bOPc\x1b[24~d\x1b"
	     "e\x1b[5~f\x1b[6~\x07\x18g\x1b" FAKE_PAUSE "h\r");
	fake_line_expect("abcdefgh");
	assert_string_equal(fake_printed, "abcdefgh\r\n");
}

static void read_line(const char *keys)
{
	char *line;

	fake_terminal_type(keys, strlen(keys));
	assert_int_equal(line_read("", &line), 0);
	heap_free(line);
}

static void a_person_is_known_by_the_cursor_keys(void **state)
{
	(void)state;
	read_line("ls\r");
	assert_false(line_is_typed());
	read_line("\x15\x08\x01\x05\x10\x0els\t" FAKE_PAUSE "\r");
	assert_false(line_is_typed());
	read_line("ls\x1b[A\r");
	assert_true(line_is_typed());
	read_line("ls\r");
	assert_true(line_is_typed());
	/* More comes together with its end. */
	read_line("ls\rls");
	assert_false(line_is_typed());
	read_line("ls\r");
	assert_true(line_is_typed());
	line_forget();
	assert_false(line_is_typed());
	read_line("ls\r");
	assert_false(line_is_typed());
}

static void a_paste_of_4000_characters_is_complete(void **state)
{
	static char text[4006], want[4002];

	(void)state;
	for (unsigned i = 0; i < 4000; i++)
		text[i] = (char)('!' + i % 90);
	memcpy(want, text, 4000);
	text[4000] = '\r';
	fake_terminal_type(text, 4001);
	fake_line_expect(want);
	assert_memory_equal(fake_printed, text, 4000);
	/* In front of other text, where it scrolls. */
	memmove(text + 2, text, 4000);
	memcpy(text, "z\x01", 2);
	text[4002] = '\r';
	fake_log_clear();
	fake_terminal_type(text, 4003);
	want[4000] = 'z';
	fake_line_expect(want);
}

static void a_sequence_does_not_swallow_the_lines_end(void **state)
{
	(void)state;
	TYPE("a\x1b[1\rb\r");
	fake_line_expect("a");
	fake_line_expect("b");
}

static void bytes_above_ascii_are_kept(void **state)
{
	(void)state;
	TYPE("\xc3\xa4\r");
	fake_line_expect("\xc3\xa4");
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
	assert_int_equal(line_read("", &line), 0);
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
	assert_int_equal(line_read("", &line), ERR_RANGE);
	assert_null(line);
	assert_non_null(strstr(reason(), "65536"));
	fake_line_expect("ok");
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
		assert_int_equal(line_read("", &line), ERR_NOMEM);
		fake_heap_fail_after(-1);
		assert_int_equal(fake_terminal_untyped(), 0);
	}
	assert_int_equal(fake_heap_live(), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, fake_line_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_echoed_and_returned),
		TEST(cr_lf_and_both_end_one_line_each),
		TEST(a_burst_from_a_pipe_keeps_the_next_lines),
		TEST(backspace_and_del_erase_to_the_start),
		TEST(ctrl_u_erases_all),
		TEST(ctrl_c_gives_the_line_up),
		TEST(other_keys_are_ignored),
		TEST(a_person_is_known_by_the_cursor_keys),
		TEST(a_paste_of_4000_characters_is_complete),
		TEST(a_sequence_does_not_swallow_the_lines_end),
		TEST(bytes_above_ascii_are_kept),
		TEST(a_line_may_be_very_long),
		TEST(a_line_that_is_too_long_is_dropped_with_a_reason),
		TEST(without_memory_the_line_is_dropped_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/line.c: what each key does to the line and on the terminal. */
#include "boot/line.h"

#include <string.h>

#include "boot/history.h"
#include "lib/heap.h"
#include "tests/fake/line.h"
#include "tests/fake/tree.h"
#include "tree/node.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TYPE(text) fake_terminal_type(text, sizeof(text) - 1)

static void the_cursor_moves(void **state)
{
	(void)state;
	fake_line_keys("bc\x01"
		       "a\x05"
		       "d\r",
		       "abcd");
	fake_line_keys("bc\x1b[Ha\x1b[Fd\r", "abcd");
	fake_line_keys("bc\x1b[1~a\x1b[4~d\r", "abcd");
	fake_line_keys("ad\x02"
		       "c\x02"
		       "b\r",
		       "abcd");
	fake_line_keys("ad\x1b[Dc\x1b[Db\r", "abcd");
	fake_line_keys("cd\x01\x01\x02\x1b[D"
		       "ab\x06\x1b[C\x06\x06"
		       "e\r",
		       "abcde");
	/* Enter ends it wherever the cursor is. */
	fake_line_keys("abc\x01\r", "abc");
}

static void text_is_erased_around_the_cursor(void **state)
{
	(void)state;
	fake_line_keys("abc\x02\x08\r", "ac");
	fake_line_keys("abc\x02\x7f\r", "ac");
	fake_line_keys("abc\x02\x04\x04\r", "ab");
	fake_line_keys("abc\x02\x1b[3~\r", "ab");
	fake_line_keys("abc\x01\x08\x04\r", "bc");
	fake_line_keys("abcd\x02\x02\x0b\r", "ab");
	fake_line_keys("abcd\x02\x02\x15"
		       "x\r",
		       "x");
	fake_line_keys("boot  disk two  \x17\r", "boot  disk ");
	fake_line_keys("boot  disk two  \x17\x17\x17\x17x\r", "x");
	fake_line_keys("boot disk\x02\x02\x17\r", "boot sk");
	fake_line_keys("\xc3\xa4\xc3\xb6\x7f\x02\x04x\r", "x");
}

static void ctrl_l_clears_the_screen(void **state)
{
	(void)state;
	fake_line_keys("abc\x02\x0cx\r", "abxc");
	assert_non_null(strstr(fake_printed, "\x1b[H\x1b[2Jabc\bxc\b\r\n"));
}

static void older_lines_come_back_and_so_does_the_own(void **state)
{
	(void)state;
	fake_line_keys("\x10\x1b[A\x0e\x1b[Bx\r", "x");
	fake_line_keys("one\r", "one");
	fake_line_keys("two\r", "two");
	fake_line_keys("\x10\r", "two");
	fake_line_keys("\x1b[A\x1b[A\r", "one");
	/* x, one, two, one */
	fake_line_keys("own\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\r", "x");
	fake_line_keys("own\x10\x10\x0e\x0e\x0e!\r", "own!");
	fake_line_keys("own\x10\x10\x1b[B!\r", "own!!");
}

static void a_changed_line_of_the_history_is_a_new_one(void **state)
{
	(void)state;
	fake_line_keys("one\r", "one");
	fake_line_keys("two\r", "two");
	fake_line_keys("\x10\x10\x08\x10\x0e\x10s\r", "ones");
	assert_string_equal(history_get(1), "ones");
	assert_string_equal(history_get(3), "one");
}

static void a_lost_line_is_not_in_the_history(void **state)
{
	char *line;

	(void)state;
	TYPE("one\x03\r");
	assert_int_equal(line_read("", &line), ERR_INVAL);
	fake_line_expect("");
	assert_null(history_get(1));
}

static void remember_lines(void)
{
	history_add("boot disk");
	history_add("printenv boot-file");
	history_add("boot cdrom");
	history_add("ls");
}

static void ctrl_r_searches_in_the_history(void **state)
{
	(void)state;
	remember_lines();
	fake_line_keys("\x12"
		       "boot\r",
		       "boot cdrom");
	assert_non_null(strstr(fake_printed, "search '"));
	fake_line_keys("typed\x12"
		       "env\r",
		       "printenv boot-file");
	/* What it has found can be edited. */
	fake_line_keys("\x12"
		       "disk\x1b[Ds\r",
		       "boot dissk");
	/* And is where it is in the history. */
	history_clear();
	remember_lines();
	fake_line_keys("\x12"
		       "cdrom\x1b\x10\r",
		       "printenv boot-file");
}

static void a_search_goes_on_to_older_lines(void **state)
{
	(void)state;
	remember_lines();
	fake_line_keys("\x12"
		       "boot\x12\r",
		       "printenv boot-file");
	history_clear();
	remember_lines();
	fake_line_keys("\x12"
		       "boot\x12\x12\r",
		       "boot disk");
	history_clear();
	remember_lines();
	/* More text looks from there; backspace begins anew. */
	fake_line_keys("\x12"
		       "boot\x12 \r",
		       "boot disk");
	history_clear();
	remember_lines();
	fake_line_keys("\x12"
		       "boot\x12 \x08\r",
		       "boot cdrom");
}

static void a_search_can_be_left(void **state)
{
	char *line;

	(void)state;
	remember_lines();
	fake_line_keys("typed\x12"
		       "disk\x07!\r",
		       "typed!");
	history_clear();
	remember_lines();
	fake_line_keys("typed\x12"
		       "disk\x1b" FAKE_PAUSE "!\r",
		       "boot disk!");
	fake_line_keys("typed\x12\r", "typed");
	TYPE("typed\x12"
	     "disk\x03");
	assert_int_equal(line_read("", &line), ERR_INVAL);
}

static void a_search_without_result_says_so(void **state)
{
	(void)state;
	remember_lines();
	fake_line_keys("typed\x12"
		       "diskette\r",
		       "boot disk");
	assert_non_null(strstr(fake_printed, "not found '"));
	/* The text for it has an end. */
	fake_line_keys("\x12"
		       "0123456789012345678901234567890123456789\r",
		       "");
}

/* With the tree's root alone. */
static void assert_completed(const char *keys, const char *want)
{
	assert_int_equal(tree_init(), 0);
	fake_line_keys(keys, want);
	tree_free();
}

static void tab_completes_a_command(void **state)
{
	(void)state;
	assert_completed("rese\t" FAKE_PAUSE "\r", "reset-all ");
	assert_null(strchr(fake_printed, '\b'));
	assert_completed("set-d\t" FAKE_PAUSE "\r", "set-default");
	/* At the cursor. */
	assert_completed("rese x\x02\x02\t" FAKE_PAUSE "\r", "reset-all  x");
	assert_completed("printenv boot-f\t" FAKE_PAUSE "\r",
			 "printenv boot-file ");
	/* What nobody knows stays. */
	assert_completed("frob\t" FAKE_PAUSE "\t" FAKE_PAUSE "\r", "frob");
	/* Another case is corrected. */
	assert_completed("RESE\t" FAKE_PAUSE "\r", "reset-all ");
}

static void tabs_list_what_is_possible(void **state)
{
	(void)state;
	assert_completed("set-d\t" FAKE_PAUSE "\t" FAKE_PAUSE "\t" FAKE_PAUSE
			 "s\r",
			 "set-defaults");
	assert_non_null(strstr(fake_printed,
			       "set-default\r\n"
			       "set-default               set-defaults"));
	/* Another key between them: the second is a first one. */
	assert_completed("set-default\t" FAKE_PAUSE "x\x08\t" FAKE_PAUSE "\r",
			 "set-default");
	assert_null(strstr(fake_printed, "set-defaults"));
}

static void a_pasted_tab_is_a_blank(void **state)
{
	(void)state;
	fake_line_keys("rese\tx\r", "rese x");
}

#define TEST(name) cmocka_unit_test_setup(name, fake_line_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_cursor_moves),
		TEST(text_is_erased_around_the_cursor),
		TEST(ctrl_l_clears_the_screen),
		TEST(older_lines_come_back_and_so_does_the_own),
		TEST(a_changed_line_of_the_history_is_a_new_one),
		TEST(a_lost_line_is_not_in_the_history),
		TEST(ctrl_r_searches_in_the_history),
		TEST(a_search_goes_on_to_older_lines),
		TEST(a_search_can_be_left),
		TEST(a_search_without_result_says_so),
		TEST(tab_completes_a_command),
		TEST(tabs_list_what_is_possible),
		TEST(a_pasted_tab_is_a_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

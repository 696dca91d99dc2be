// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/history.c: what is kept, and what makes room. */
#include "boot/history.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	history_clear();
	return 0;
}

static void assert_lines(unsigned count, const char *newest, const char *oldest)
{
	assert_null(history_get(0));
	assert_null(history_get(count + 1));
	if (!count) {
		assert_null(history_get(1));
		return;
	}
	assert_string_equal(history_get(1), newest);
	assert_string_equal(history_get(count), oldest);
}

static void lines_are_counted_back_from_the_last(void **state)
{
	(void)state;
	assert_lines(0, NULL, NULL);
	history_add("one");
	assert_lines(1, "one", "one");
	history_add("two");
	history_add("three");
	assert_lines(3, "three", "one");
	assert_string_equal(history_get(2), "two");
}

static void empty_and_repeated_lines_are_not_kept(void **state)
{
	(void)state;
	history_add("");
	history_add("one");
	history_add("one");
	assert_lines(1, "one", "one");
	history_add("two");
	history_add("one");
	assert_lines(3, "one", "one");
}

static void the_seventeenth_line_drops_the_first(void **state)
{
	char text[8];

	(void)state;
	for (unsigned i = 1; i <= HISTORY_LINES + 1; i++) {
		snprintf(text, sizeof(text), "%u", i);
		history_add(text);
	}
	assert_lines(HISTORY_LINES, "17", "2");
}

static void a_long_line_drops_as_many_as_it_needs(void **state)
{
	char text[HISTORY_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[HISTORY_BYTES - 4] = '\0';
	history_add("a");
	history_add("b");
	history_add("c");
	history_add(text);
	/* "c" and this one fill it to the last but one byte. */
	assert_lines(2, text, "c");
	text[HISTORY_BYTES - 4] = 'x';
	text[HISTORY_BYTES - 1] = '\0';
	history_add(text);
	assert_lines(1, text, text);
}

static void a_line_longer_than_the_memory_changes_nothing(void **state)
{
	char text[HISTORY_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[HISTORY_BYTES] = '\0';
	history_add("a");
	history_add(text);
	assert_lines(1, "a", "a");
}

static void the_last_line_with_a_text_is_found(void **state)
{
	(void)state;
	history_add("boot disk");
	history_add("printenv");
	history_add("boot cdrom");
	assert_int_equal(history_find("boot", 1), 1);
	assert_int_equal(history_find("boot", 2), 3);
	assert_int_equal(history_find("boot", 4), 0);
	assert_int_equal(history_find("tenv", 1), 2);
	assert_int_equal(history_find("disk", 1), 3);
	assert_int_equal(history_find("disks", 1), 0);
	assert_int_equal(history_find("boot", 0), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_counted_back_from_the_last),
		TEST(empty_and_repeated_lines_are_not_kept),
		TEST(the_seventeenth_line_drops_the_first),
		TEST(a_long_line_drops_as_many_as_it_needs),
		TEST(a_line_longer_than_the_memory_changes_nothing),
		TEST(the_last_line_with_a_text_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

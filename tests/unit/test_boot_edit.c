// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/edit.c: the text, and what a terminal shows of it. */
#include "boot/edit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/vt100.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct edit edit;
static struct vt100 vt;

static int setup(void **state)
{
	(void)state;
	reason_clear();
	fake_log_start();
	vt100_reset(&vt);
	edit_start(&edit, "0 > ");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	edit_end(&edit);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void type(const char *text)
{
	while (*text)
		assert_int_equal(edit_insert(&edit, *text++), 0);
}

static void type_many(char c, size_t count)
{
	while (count--)
		assert_int_equal(edit_insert(&edit, c), 0);
}

/* Lets the terminal see what has been printed since. */
static void show(void)
{
	vt100_write(&vt, fake_printed, strlen(fake_printed));
	fake_log_clear();
}

/* The cursor's row, and where the cursor is in it. */
static void assert_row(const char *want, unsigned column)
{
	show();
	assert_string_equal(vt100_row(&vt, vt.row), want);
	assert_int_equal(vt.column, column);
	assert_false(vt.wraps);
}

static void assert_text(const char *want)
{
	char *text = edit_copy(&edit);

	assert_string_equal(text, want);
	heap_free(text);
}

static void typed_text_is_sent_as_it_is(void **state)
{
	(void)state;
	type("boot \xc3\xa4\xff");
	assert_string_equal(fake_printed, "0 > boot \xc3\xa4\xff");
	assert_text("boot \xc3\xa4\xff");
}

static void text_is_inserted_at_the_cursor(void **state)
{
	(void)state;
	type("ad");
	edit_move(&edit, 1);
	type("bc");
	assert_text("abcd");
	assert_row("0 > abcd", 7);
	/* Only what has changed is sent. */
	edit_move(&edit, 2);
	assert_string_equal(fake_printed, "\b");
	edit_move(&edit, 4);
	assert_string_equal(fake_printed, "\bcd");
}

static void erased_text_leaves_nothing_behind(void **state)
{
	(void)state;
	type("abcdef");
	show();
	edit_erase(&edit, 5, 6);
	assert_string_equal(fake_printed, "\b \b");
	assert_row("0 > abcde", 9);
	edit_erase(&edit, 1, 3);
	assert_row("0 > ade", 5);
	assert_text("ade");
	edit_erase(&edit, 1, 1);
	assert_string_equal(fake_printed, "");
	edit_erase(&edit, 0, 3);
	assert_row("0 >", 4);
	assert_text("");
}

static void text_is_replaced(void **state)
{
	(void)state;
	type("boot disk");
	assert_int_equal(edit_set(&edit, "boot cdrom"), 0);
	assert_row("0 > boot cdrom", 14);
	assert_int_equal(edit_set(&edit, ""), 0);
	assert_row("0 >", 4);
	assert_int_equal(edit_set(&edit, "x"), 0);
	assert_row("0 > x", 5);
	assert_text("x");
}

static void the_prompt_can_change(void **state)
{
	(void)state;
	type("text");
	edit.prompt = "search: ";
	edit_show(&edit);
	assert_row("search: text", 12);
	edit.prompt = "0 > ";
	edit_show(&edit);
	assert_row("0 > text", 8);
}

static void a_character_of_utf_8_is_one(void **state)
{
	(void)state;
	type("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	assert_row("0 > a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z", 9);
	edit_move(&edit, edit_before(&edit));
	assert_int_equal(edit.at, 10);
	edit_move(&edit, edit_before(&edit));
	assert_int_equal(edit.at, 6);
	edit_move(&edit, edit_before(&edit));
	assert_int_equal(edit.at, 3);
	assert_row("0 > a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z", 6);
	assert_int_equal(edit_after(&edit), 6);
	edit_erase(&edit, 1, 3);
	assert_row("0 > a\xe2\x82\xac\xf0\x9f\x98\x80z", 5);
	/* Typed byte by byte in the middle. */
	type("\xc3");
	show();
	type("\xb6");
	assert_row("0 > a\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80z", 6);
}

/* Its first byte makes the row scroll: blanks follow it on the terminal. */
static void a_character_survives_a_row_that_scrolls(void **state)
{
	(void)state;
	type_many('a', 100);
	edit_move(&edit, 99);
	edit_move(&edit, 100);
	for (unsigned i = 0; i < 80; i++) {
		type("\xe2");
		show();
		type("\x82");
		show();
		type("\xac");
		show();
		assert_string_equal(vt.cells[vt.row][vt.column - 1].text,
				    "\xe2\x82\xac");
	}
}

static void what_is_not_utf_8_is_a_character_a_byte(void **state)
{
	(void)state;
	type("a\xa4\xa4\xe2\x82z\xc3");
	assert_int_equal(edit_before(&edit), 6);
	edit_move(&edit, 6);
	assert_int_equal(edit_before(&edit), 5);
	edit_move(&edit, 5);
	assert_int_equal(edit_before(&edit), 3);
	edit_move(&edit, 3);
	assert_int_equal(edit_after(&edit), 5);
	assert_int_equal(edit_before(&edit), 2);
	assert_row("0 > a\xa4\xa4\xe2\x82z\xc3", 7);
}

/* 79 columns are the row; the terminal wraps what is typed after that. */
static void a_long_line_wraps_as_it_is_typed(void **state)
{
	(void)state;
	type_many('a', 75);
	show();
	assert_int_equal(vt.row, 0);
	assert_int_equal(vt.column, 79);
	type_many('b', 85);
	assert_int_equal(strspn(fake_printed, "b"), 85);
	assert_int_equal(strlen(fake_printed), 85);
	show();
	assert_int_equal(vt.row, 2);
}

static void a_full_row_is_changed_in_place(void **state)
{
	(void)state;
	type_many('a', 75);
	edit_move(&edit, 0);
	show();
	assert_int_equal(vt.column, 4);
	assert_int_equal(vt.row, 0);
	edit_erase(&edit, 0, 1);
	show();
	assert_int_equal(strlen(vt100_row(&vt, 0)), 78);
}

#define TEXT50 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"

static void a_wrapped_line_is_changed_in_a_new_row(void **state)
{
	(void)state;
	type(TEXT50 TEXT50);
	show();
	assert_int_equal(vt.row, 1);
	edit_erase(&edit, 99, 100);
	show();
	assert_int_equal(vt.row, 2);
	/* Half a row, without its first character. */
	assert_string_equal(vt100_row(&vt, 2),
			    "0 > <defghijklmnopqrstuvwxyzABCDEFGHIJKLM");
	assert_int_equal(vt.column, 41);
	/* It stays there. */
	type("N");
	assert_row("0 > <defghijklmnopqrstuvwxyzABCDEFGHIJKLMN", 42);
	assert_int_equal(vt.row, 2);
	edit_move(&edit, 0);
	assert_row("0 > " TEXT50 "0123456789abcdefghijklmn>", 4);
	edit_move(&edit, 60);
	assert_row("0 > " TEXT50 "0123456789abcdefghijklmn>", 64);
	edit_move(&edit, 99);
	assert_row("0 > <defghijklmnopqrstuvwxyzABCDEFGHIJKLMN", 41);
	assert_int_equal(vt.row, 2);
	/* The cursor is not where "<" and ">" are. */
	edit_move(&edit, 0);
	edit_move(&edit, 73);
	assert_row("0 > " TEXT50 "0123456789abcdefghijklmn>", 77);
	edit_move(&edit, 74);
	assert_row("0 > <CDEFGHIJKLMN" TEXT50, 41);
	edit_move(&edit, 38);
	assert_row("0 > <CDEFGHIJKLMN" TEXT50, 5);
	edit_move(&edit, 37);
	assert_row("0 > " TEXT50 "0123456789abcdefghijklmn>", 41);
}

static void a_line_that_is_short_again_is_shown_whole(void **state)
{
	(void)state;
	type(TEXT50 TEXT50);
	edit_move(&edit, 50);
	edit_erase(&edit, 40, 100);
	assert_row("0 > 0123456789abcdefghijklmnopqrstuvwxyzABCD", 44);
	/* Also if it was its end that was shown. */
	type(TEXT50);
	edit_move(&edit, edit.len - 1);
	edit_erase(&edit, 75, edit.len);
	show();
	assert_memory_equal(vt100_row(&vt, vt.row), "0 > 0123", 8);
	assert_int_equal(vt.column, 79);
	edit_erase(&edit, 44, 75);
	/* And may wrap again. */
	type(TEXT50);
	show();
	assert_int_equal(vt.row, 5);
}

static void a_line_is_scrolled_by_half_rows(void **state)
{
	size_t sent = 0, count = 1000;

	(void)state;
	type(TEXT50 TEXT50);
	edit_move(&edit, 99);
	edit_move(&edit, 100);
	show();
	for (size_t i = 0; i < count; i++) {
		type("x");
		sent += strlen(fake_printed);
		show();
		assert_int_equal(vt.row, 2);
	}
	assert_true(sent < 5 * count);
}

static void other_text_is_followed_by_the_whole_row(void **state)
{
	(void)state;
	type("abc");
	edit_move(&edit, 1);
	show();
	vt100_write(&vt, "\r\nnews\r\n", 8);
	edit_redraw(&edit);
	assert_row("0 > abc", 5);
	assert_int_equal(vt.row, 2);
}

static void a_line_has_a_greatest_length(void **state)
{
	char *text = calloc(1, LINE_MAX_LEN + 2);

	(void)state;
	memset(text, 'x', LINE_MAX_LEN + 1);
	assert_int_equal(edit_set(&edit, text), ERR_RANGE);
	text[LINE_MAX_LEN] = '\0';
	assert_int_equal(edit_set(&edit, text), 0);
	assert_int_equal(edit_insert(&edit, 'x'), ERR_RANGE);
	assert_non_null(strstr(reason(), "longer than 65536"));
	assert_int_equal(edit.len, LINE_MAX_LEN);
	free(text);
}

static void without_memory_the_line_stays(void **state)
{
	(void)state;
	type_many('a', 128);
	show();
	fake_heap_fail_after(0);
	assert_int_equal(edit_insert(&edit, 'x'), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_string_equal(fake_printed, "");
	assert_int_equal(edit.len, 128);
	assert_int_equal(edit.at, 128);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(typed_text_is_sent_as_it_is),
		TEST(text_is_inserted_at_the_cursor),
		TEST(erased_text_leaves_nothing_behind),
		TEST(text_is_replaced),
		TEST(the_prompt_can_change),
		TEST(a_character_of_utf_8_is_one),
		TEST(a_character_survives_a_row_that_scrolls),
		TEST(what_is_not_utf_8_is_a_character_a_byte),
		TEST(a_long_line_wraps_as_it_is_typed),
		TEST(a_full_row_is_changed_in_place),
		TEST(a_wrapped_line_is_changed_in_a_new_row),
		TEST(a_line_that_is_short_again_is_shown_whole),
		TEST(a_line_is_scrolled_by_half_rows),
		TEST(other_text_is_followed_by_the_whole_row),
		TEST(a_line_has_a_greatest_length),
		TEST(without_memory_the_line_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

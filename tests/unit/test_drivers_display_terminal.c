// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/terminal.c: text, UTF-8, control characters, rows.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/display/font.h"
#include "tests/fake/heap.h"
#include "tests/fake/terminal_cells.h"

static void text_wraps_when_the_next_character_comes(void **state)
{
	(void)state;
	cells_write("0123456789");
	cells_expect_cursor(9, 0);
	cells_write("a");
	cells_expect_cursor(1, 1);
	cells_expect("0123456789|a||");
	cells_write("\r0123456789\r\nb");
	cells_expect("0123456789|0123456789|b|");
}

static void a_cursor_that_moves_does_not_wrap(void **state)
{
	(void)state;
	cells_write("0123456789\b\bx");
	cells_expect("0123456x89|||");
	cells_write("\r0123456789\033[Ax");
	cells_expect("012345678x|||");
	cells_write("\r0123456789\033[mx");
	cells_expect("0123456789|x||");
}

static void the_last_row_scrolls(void **state)
{
	(void)state;
	cells_write("a\r\nb\r\nc\r\nd\r\ne\nf\vg");
	cells_expect("d|e| f|  g");
	assert_int_equal(cells_terminal.scrolled, 3);
	cells_write("\r0123456789z");
	cells_expect("e| f|0123456789|z");
}

static void tabs_and_backspaces_stop_at_the_edges(void **state)
{
	(void)state;
	cells_write("\ta\tb\bc\r\b\bd");
	cells_expect("d       cb|||");
	cells_expect_cursor(1, 0);
}

static void a_form_feed_clears_the_screen(void **state)
{
	(void)state;
	cells_write("a\r\nb\fc");
	cells_expect("c|||");
}

static void other_control_characters_are_ignored(void **state)
{
	char all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 0x7f };

	(void)state;
	terminal_write(&cells_terminal, all, sizeof(all));
	cells_expect("|||");
	cells_expect_cursor(0, 0);
}

/* Latin-1, box drawing; without a glyph: '?'. */
static void utf8_is_decoded(void **state)
{
	(void)state;
	cells_write("\xc3\xa4\xe2\x94\x82\xe2\x82\xac\xf0\x9f\x98\x80z");
	cells_expect("##??z|||");
	assert_int_equal(cells_terminal.cells[0].glyph, font_glyph(0xe4));
	assert_int_equal(cells_terminal.cells[1].glyph, font_glyph(0x2502));
	assert_int_not_equal(font_glyph(0xe4), font_glyph('?'));
	assert_int_not_equal(font_glyph(0x2502), font_glyph('?'));
}

static void utf8_in_pieces_is_decoded(void **state)
{
	(void)state;
	cells_write("\xe2");
	cells_write("\x94");
	cells_expect("|||");
	cells_write("\x82z");
	cells_expect("#z|||");
}

static void marks_without_a_width_are_ignored(void **state)
{
	(void)state;
	cells_write("a\xcc\x88\xef\xbb\xbf\xc2\x85z");
	cells_expect("az|||");
}

static void bad_utf8_is_a_question_mark(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "\x80z", "?z|||" },
		{ "\xffz", "?z|||" },
		{ "\xf8z", "?z|||" },
		{ "\xc3z", "?z|||" },
		{ "\xc3\xc3\xa4z", "?#z|||" },
		{ "\xe2\x94z", "?z|||" },
		{ "\xe2\x94\nz", "?| z||" },
		{ "\xe2\x94\033[mz", "?z|||" },
		{ "\xc0\xafz", "?z|||" }, /* overlong */
		{ "\xc1\xbfz", "?z|||" },
		{ "\xe0\x80\xafz", "?z|||" },
		{ "\xf0\x80\x80\xafz", "?z|||" },
		{ "\xed\xa0\x80z", "?z|||" },	  /* half of a pair */
		{ "\xf4\x90\x80\x80z", "?z|||" }, /* too large */
		{ "\xf7\xbf\xbf\xbfz", "?z|||" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cells_start(NULL);
		cells_write(cases[i].text);
		cells_expect(cases[i].rows);
		cells_stop(NULL);
	}
}

static void one_cell_is_enough(void **state)
{
	(void)state;
	cells_size(1, 1);
	cells_write("ab\033[9;9Hc\033[2@\033[2P\033[2L\033[2M\033[1Jd\t\b\ne");
	cells_expect("e");
	cells_expect_cursor(0, 0);
}

static void without_memory_there_is_no_terminal(void **state)
{
	struct terminal t;

	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(terminal_init(&t, 10, 10), ERR_NOMEM);
	fake_heap_fail_after(-1);
	terminal_free(&t);
}

static void a_blank_cell_has_one_form(void **state)
{
	struct cell blank = TERMINAL_BLANK;

	(void)state;
	cells_write("\033[31m ");
	assert_memory_equal(cells_terminal.cells, &blank, sizeof(blank));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, cells_start, cells_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_wraps_when_the_next_character_comes),
		TEST(a_cursor_that_moves_does_not_wrap),
		TEST(the_last_row_scrolls),
		TEST(tabs_and_backspaces_stop_at_the_edges),
		TEST(a_form_feed_clears_the_screen),
		TEST(other_control_characters_are_ignored),
		TEST(utf8_is_decoded),
		TEST(utf8_in_pieces_is_decoded),
		TEST(marks_without_a_width_are_ignored),
		cmocka_unit_test(bad_utf8_is_a_question_mark),
		TEST(one_cell_is_enough),
		TEST(without_memory_there_is_no_terminal),
		TEST(a_blank_cell_has_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

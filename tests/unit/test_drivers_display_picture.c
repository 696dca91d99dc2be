// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/picture.c: every pixel, after every kind of change.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/display/font.h"
#include "drivers/display/picture.h"
#include "tests/fake/display.h"

static struct display_mode mode = { 100, 60, 32, 60, 60 };

static void show(void)
{
	fake_display.display.out.show(&fake_display.display.out, true);
	fake_display_check();
}

static void plug(uint32_t depth, uint32_t lines, uint32_t blank)
{
	mode.depth = depth;
	mode.lines = lines;
	mode.blank = blank;
	assert_non_null(fake_display_plug(&mode));
}

/* 12 columns and 3 rows, with margins. */
static void write_all_kinds(void)
{
	fake_display_text("one\r\ntwo\r\nthree");
	show();
	fake_display_text("\033[31;44mfour\033[m\033[7m five\033[m");
	show();
	fake_display_text("\r\n\033[1;93;102msix\xe2\x94\x82\r\nseven\033[m\n");
	show();
	fake_display_text("\033[2;2H\033[?25l");
	show();
	fake_display_text("\033[?25h\033[M\033[2@");
	show();
	fake_display_text("\fnew \xc3\xa4\n\n\n\n\n\n\n\nend\033[40m\033[2J");
	show();
}

static void every_depth_shows_every_kind_of_change(void **state)
{
	static const uint32_t depths[] = { 8, 15, 16, 32 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		plug(depths[i], 60, 60);
		write_all_kinds();
		assert_int_equal(fake_display.shows, 0);
		fake_display_unplug();
	}
}

static void a_screen_that_can_move_does(void **state)
{
	(void)state;
	for (uint32_t lines = 120; lines < 200; lines += 7) {
		for (uint32_t blank = 0; blank <= lines; blank += 20) {
			plug(32, lines, blank);
			write_all_kinds();
			assert_true(fake_display.shows > 0);
			fake_display_unplug();
		}
	}
}

/* What is visible would be drawn over. */
static void memory_of_less_than_two_screens_does_not_move(void **state)
{
	(void)state;
	plug(32, 119, 119);
	write_all_kinds();
	assert_int_equal(fake_display.shows, 0);
	fake_display_unplug();
}

static void lines_at_every_place_of_the_memory_are_right(void **state)
{
	(void)state;
	plug(16, 200, 60);
	for (unsigned i = 0; i < 40; i++) {
		fake_display_text("\r\nab c  de");
		show();
	}
	assert_true(fake_display.shows > 30);
	fake_display_unplug();
}

static void memory_that_was_never_clear_is_cleared(void **state)
{
	(void)state;
	plug(32, 60, 0);
	fake_display_text("x");
	show();
	fake_display_unplug();
}

static void a_scrolled_line_draws_only_its_text(void **state)
{
	uint64_t before;

	(void)state;
	plug(32, 400, 400);
	fake_display_text("a\r\nb\r\nc\033[?25l");
	show();
	before = fake_display.pixels;
	fake_display_text("\r\nabc");
	show();
	assert_int_equal(fake_display.pixels - before,
			 3 * FONT_WIDTH * FONT_HEIGHT);
	fake_display_unplug();
}

/* The row is drawn once, and below it what the last one left of the screen. */
static void a_scrolled_line_over_old_text_draws_a_row_once(void **state)
{
	const uint32_t margins = mode.width;
	uint64_t before;

	(void)state;
	mode.width = 12 * FONT_WIDTH;
	plug(32, 400, 60);
	fake_display_text("a\r\nb\r\nc\033[?25l");
	show();
	before = fake_display.pixels;
	fake_display_text("\r\nabc");
	show();
	assert_int_equal(fake_display.pixels - before,
			 mode.width *
				 (FONT_HEIGHT + mode.height % FONT_HEIGHT));
	fake_display_unplug();
	mode.width = margins;
}

static void what_has_not_changed_is_not_drawn(void **state)
{
	unsigned draws, flushes;

	(void)state;
	plug(32, 60, 60);
	fake_display_text("hello, it is");
	show();
	draws = fake_display.draws;
	flushes = fake_display.flushes;
	fake_display_text("\rhello");
	fake_display_text("\033[12G");
	show();
	assert_int_equal(fake_display.draws, draws);
	assert_int_equal(fake_display.flushes, flushes);
	fake_display_unplug();
}

static void words_are_drawn_together(void **state)
{
	(void)state;
	plug(32, 60, 60);
	fake_display_text("\033[?25la b c d e");
	show();
	assert_int_equal(fake_display.draws, 1);
	fake_display_text("\ra b c  d e");
	show();
	fake_display_unplug();
}

static void print_more(void)
{
	fake_display_text("\r\nmore");
}

/* As a driver does that reports a fault. */
static void text_printed_by_a_draw_is_shown_later(void **state)
{
	(void)state;
	plug(32, 60, 60);
	fake_display.during_draw = print_more;
	fake_display_text("one\r\ntwo\r\nthree\r\nfour");
	fake_display.display.out.show(&fake_display.display.out, true);
	fake_display.during_draw = NULL;
	assert_true(fake_display.display.dirty);
	show();
	assert_string_equal(fake_display_row(2), "more");
	fake_display_unplug();
}

static void a_mode_that_is_none_is_refused(void **state)
{
	static const struct display_mode bad[] = {
		{ 7, 60, 32, 60, 0 },
		{ 100, 15, 32, 15, 0 },
		{ 100, 60, 24, 60, 0 },
		{ 100, 60, 32, 59, 0 },
		{ 0, 0, 0, 0, 0 },
		{ 100, 60, 1, 60, 0 },
		{ 100, 60, 32, 1u << 31, 0 },
	};
	struct display d = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		d.mode = bad[i];
		assert_null(picture_new(&d));
	}
	assert_int_equal(fake_heap_live(), 0);
}

static void a_huge_screen_has_at_most_255_columns_and_rows(void **state)
{
	struct display_mode huge = { 65536, 65536, 32, 65536, 0 };

	(void)state;
	assert_int_equal(picture_columns(&huge), 255);
	assert_int_equal(picture_rows(&huge), 255);
}

static void without_memory_there_is_no_picture(void **state)
{
	(void)state;
	for (long n = 0; n < 4; n++) {
		plug(32, 60, 60);
		fake_display.display.mode = mode;
		fake_heap_fail_after(n);
		assert_null(picture_new(&fake_display.display));
		fake_heap_fail_after(-1);
		fake_display_unplug();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_depth_shows_every_kind_of_change),
		cmocka_unit_test(a_screen_that_can_move_does),
		cmocka_unit_test(memory_of_less_than_two_screens_does_not_move),
		cmocka_unit_test(lines_at_every_place_of_the_memory_are_right),
		cmocka_unit_test(memory_that_was_never_clear_is_cleared),
		cmocka_unit_test(a_scrolled_line_draws_only_its_text),
		cmocka_unit_test(
			a_scrolled_line_over_old_text_draws_a_row_once),
		cmocka_unit_test(what_has_not_changed_is_not_drawn),
		cmocka_unit_test(words_are_drawn_together),
		cmocka_unit_test(text_printed_by_a_draw_is_shown_later),
		cmocka_unit_test(a_mode_that_is_none_is_refused),
		cmocka_unit_test(
			a_huge_screen_has_at_most_255_columns_and_rows),
		cmocka_unit_test(without_memory_there_is_no_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

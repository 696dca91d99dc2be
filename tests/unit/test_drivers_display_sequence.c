// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/sequence.c: each sequence, and any bytes.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/display/font.h"
#include "tests/fake/heap.h"
#include "tests/fake/terminal_cells.h"

#define E "\033["

static const struct {
	const char *name, *text, *rows;
} cases[] = {
	{ "CUP", E "2;3Ha" E "3Hb" E "Hc" E ";4Hd", "c  d|  a|b|" },
	{ "HVP", E "2;3fa", "|  a||" },
	{ "far away", E "99;99Ha" E "0;0Hb", "b|||         a" },
	{ "CUU", E "3Ha" E "Ab" E "9Ac", "  c| b|a|" },
	{ "CUD", "a" E "Bb" E "9Bc" E "0Ad", "a| b|   d|  c" },
	{ "CUF", "a" E "Cb" E "99Cc", "a b      c|||" },
	{ "CUB", "abc" E "Dd" E "99De", "ebd|||" },
	{ "CNL", "a" E "Eb" E "9Ec", "a|b||c" },
	{ "CPL", E "3;3Ha" E "Fb" E "9Fc", "c|b|  a|" },
	{ "CHA", E "4Ga" E "Gb", "b  a|||" },
	{ "VPA", "a" E "3db" E "dc", "a c|| b|" },
	{ "ED 0", "ab\r\ncd\r\nef" E "2;2H" E "J", "ab|c||" },
	{ "ED 1", "ab\r\ncde\r\nef" E "2;2H" E "1J", "|  e|ef|" },
	{ "ED 2", "ab\r\ncd" E "2Je", "|  e||" },
	{ "ED 7", "ab" E "7Jc", "abc|||" },
	{ "EL 0", "abcd" E "2GK" E "Kx", "aKx|||" },
	{ "EL 1", "abcd" E "2G" E "1Kx", " xcd|||" },
	{ "EL 2", "abcd" E "2G" E "2Kx", " x|||" },
	{ "IL", "a\r\nb\r\nc\r\nd" E "2;2H" E "Lx", "a| x|b|c" },
	{ "IL 99", "a\r\nb\r\nc\r\nd" E "2;2H" E "99Lx", "a| x||" },
	{ "DL", "a\r\nb\r\nc\r\nd" E "2;2H" E "Mx", "a|cx|d|" },
	{ "DL 99", "a\r\nb\r\nc\r\nd" E "2;2H" E "99Mx", "a| x||" },
	{ "DCH", "abcd" E "2G" E "P", "acd|||" },
	{ "DCH 99", "abcd" E "2G" E "99P", "a|||" },
	{ "ICH", "abcd" E "2G" E "@", "a bcd|||" },
	{ "ICH 2", "0123456789" E "9G" E "2@x", "01234567x|||" },
	{ "ICH 99", "abcd" E "2G" E "99@x", "ax|||" },
	{ "save", "a" E "sb" E "3;3Hc" E "ud", "ad||  c|" },
	{ "DECSC", "a\0337b" E "3;3Hc\0338d", "ad||  c|" },
	{ "wrap", "0123456789" E "Px", "012345678x|||" },

	/* GRUB's. [GRUB term/terminfo.c, ieee1275] */
	{ "cls", "ab\f" E "2J" E "mc", "c|||" },
	{ "colours", E "37m" E "40mc" E "7md" E "m", "cd|||" },
	{ "cursor", E "?25la" E "?25hb", "ab|||" },

	/* Unknown ones. */
	{ "private", "a" E "?2Jb" E ">1mc" E "=3Hd", "abcd|||" },
	{ "intermediate", "a" E "1 qb" E "!pc" E "2$Jd", "abcd|||" },
	{ "final", "a" E "5nb" E "6~c" E "1;2rd", "abcd|||" },
	{ "colon", "a" E "2:3Hb" E "4:Jc", "abc|||" },
	{ "prefix in the middle", "a" E "2?Jb" E "1;<Jc", "abc|||" },
	{ "esc", "a\033cb\033(Bc\033#8d\033%Ge\033=f", "abcdef|||" },
	{ "osc", "a\033]0;title\007b\033]1;\033\\c", "abc|||" },
	{ "dcs", "a\033P1$r\033\\b\033_x\033\\c\033^\033\\d\033X\030e",
	  "abcde|||" },
	{ "lost string", "a\033]0;abc\r\nb", "a|b||" },
	{ "cancel", "a" E "12\030bc" E "3\032d", "abcd|||" },
	{ "again", "a" E "12" E "3Gb\033\033[5Gc", "a b c|||" },
	{ "control inside", "abc" E "1\r;4Hd", "abcd|||" },
	{ "line feed inside", "a" E "\n5Gb", "a|    b||" },
	{ "utf-8 inside",
	  "a" E "1\xc3\xa4"
	  "b",
	  "a#b|||" },
	{ "del inside",
	  "a" E "1\177"
	  "2Gb",
	  "a        b|||" },

	/* Parameters. */
	{ "huge", "a" E "18446744073709551617Gb", "a        b|||" },
	{ "32 bits", "a" E "4294967298;4294967298Hb", "a|||         b" },
	{ "17",
	  "a" E ";;;;;;;;;;;;;;;;1m" E "2;2;3;4;5;6;7;8;9;10;11;12;13;14"
	  ";15;16;17;18;19;20Hb",
	  "a| b||" },
};

static void every_sequence_does_its_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cells_start(NULL);
		cells_write(cases[i].text);
		print_message("%s\n", cases[i].name);
		cells_expect(cases[i].rows);
		cells_stop(NULL);
		cells_start(NULL);
		/* The same byte by byte. */
		for (const char *c = cases[i].text; *c; c++)
			terminal_write(&cells_terminal, c, 1);
		cells_expect(cases[i].rows);
		cells_stop(NULL);
	}
}

static const struct {
	const char *text;
	unsigned fore, back;
} colours[] = {
	{ "", 15, 0 },
	{ E "31m", 1, 0 },
	{ E "31;44m", 1, 4 },
	{ E "1;31m", 9, 0 },
	{ E "31;1;22m", 1, 0 },
	{ E "96;103m", 14, 11 },
	{ E "7m", 0, 15 },
	{ E "7;31;42m", 2, 1 },
	{ E "7;27m", 15, 0 },
	{ E "31;44;39;49m", 15, 0 },
	{ E "1;7;31;44;0m", 15, 0 },
	{ E "1;7;31;44m" E "m", 15, 0 },
	{ E "31m\0337" E "1;7;42m\0338", 1, 0 },
	{ E "31;;44m", 15, 4 },
	{ E "31m" E "2J" E "J", 1, 0 },
	{ E "38;5;7;44m", 15, 4 },
	{ E "48;2;7;31;32;35m", 5, 0 },
	{ E "38m" E "38;5m" E "38;9m", 15, 0 },
	{ E "2;3;4;5;8;21;23;50;98;99;108;9999m", 15, 0 },
};

static void colours_are_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(colours); i++) {
		cells_start(NULL);
		cells_write(colours[i].text);
		cells_write("\rx");
		cells_expect_colours(0, 0, colours[i].fore, colours[i].back);
		cells_stop(NULL);
	}
}

static void erased_cells_get_the_background(void **state)
{
	(void)state;
	cells_write("ab" E "44;31m" E "K\n\n\n\n");
	cells_expect_colours(0, 3, 15, 4);
	cells_write(E "H" E "7;42m" E "J");
	cells_expect_colours(9, 3, 15, 2);
}

static void the_cursor_hides_and_shows(void **state)
{
	(void)state;
	assert_true(cells_terminal.cursor);
	cells_write(E "?25l");
	assert_false(cells_terminal.cursor);
	cells_write(E "25h" E "?26h" E ">25h" E "?25H");
	assert_false(cells_terminal.cursor);
	cells_write(E "?7;25h");
	assert_true(cells_terminal.cursor);
}

static void a_megabyte_without_an_end_is_swallowed(void **state)
{
	static const char *const starts[] = { E, E "1;", E "!", "\033]",
					      "\033P" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		cells_write(starts[i]);
		for (unsigned n = 0; n < 1 << 18; n++)
			cells_write("1;1;");
		cells_write("\030\rok");
	}
	cells_expect("ok|||");
}

static void of_a_thousand_parameters_the_first_count(void **state)
{
	(void)state;
	cells_write(E "2;3");
	for (unsigned n = 0; n < 998; n++)
		cells_write(";9999");
	cells_write("Hb");
	cells_expect("|  b||");
	cells_write("\r" E "31;44");
	for (unsigned n = 0; n < 998; n++)
		cells_write(";");
	/* Empty ones are 0: the defaults again. */
	cells_write("mc");
	cells_expect("|c b||");
	cells_expect_colours(0, 1, 15, 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, cells_start, cells_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sequence_does_its_work),
		cmocka_unit_test(colours_are_set),
		TEST(erased_cells_get_the_background),
		TEST(the_cursor_hides_and_shows),
		TEST(a_megabyte_without_an_end_is_swallowed),
		TEST(of_a_thousand_parameters_the_first_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

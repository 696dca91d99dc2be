// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/font.c, and of the font that the build has made.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/display/font.h"

static void every_code_in_a_range_has_its_glyph(void **state)
{
	uint32_t next = 0, glyph = 0;

	(void)state;
	for (size_t i = 0; i < font_range_count; i++) {
		const struct font_range *range = &font_ranges[i];

		assert_true(range->first >= next && range->count);
		for (unsigned n = 0; n < range->count; n++)
			assert_int_equal(font_glyph(range->first + n), glyph++);
		next = range->first + range->count;
	}
}

static void other_codes_are_question_marks(void **state)
{
	static const uint32_t codes[] = {
		0,	0x1f,	 0x7f,	 0x9f,	 0x100,	     0x24ff,
		0x2580, 0x10020, 0xffff, 0xfffd, UINT32_MAX, 0x10ffff
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_int_equal(font_glyph(codes[i]), font_ascii('?'));
}

static void ascii_latin_1_and_boxes_have_glyphs(void **state)
{
	static const uint32_t codes[] = { 'A',	'~',	0xa7,	0xe4,
					  0xff, 0x2500, 0x2502, 0x257f };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_int_not_equal(font_glyph(codes[i]), font_glyph('?'));
	assert_int_equal(font_glyph('A'), font_ascii('A'));
	assert_int_equal(font_glyph('~'), font_ascii('~'));
}

static void glyph_0_is_a_blank(void **state)
{
	static const uint8_t blank[FONT_HEIGHT];

	(void)state;
	assert_int_equal(font_glyph(' '), 0);
	assert_memory_equal(font_glyphs[0], blank, sizeof(blank));
}

/* Bit 7 is the first pixel, the first byte the top. */
static void glyphs_look_like_their_characters(void **state)
{
	const uint8_t *l = font_glyphs[font_glyph('L')];
	const uint8_t *line = font_glyphs[font_glyph(0x2500)];
	const uint8_t *bar = font_glyphs[font_glyph(0x2502)];
	unsigned full = 0;

	(void)state;
	assert_true(l[4] & 0xf0);
	assert_false(l[4] & 0x0f);
	assert_true(l[11] & 0x0f);
	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		full += line[y] == 0xff;
		assert_true(bar[y] && bar[y] == bar[0]);
	}
	assert_true(full > 0);
}

static void arrows_look_like_arrows(void **state)
{
	(void)state;
	assert_int_equal(font_glyph(0x2190), font_ascii('<'));
	assert_int_equal(font_glyph(0x2191), font_ascii('^'));
	assert_int_equal(font_glyph(0x2192), font_ascii('>'));
	assert_int_equal(font_glyph(0x2193), font_ascii('v'));
	assert_int_equal(font_glyph(0x218f), font_ascii('?'));
	assert_int_equal(font_glyph(0x2194), font_ascii('?'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_in_a_range_has_its_glyph),
		cmocka_unit_test(other_codes_are_question_marks),
		cmocka_unit_test(ascii_latin_1_and_boxes_have_glyphs),
		cmocka_unit_test(arrows_look_like_arrows),
		cmocka_unit_test(glyph_0_is_a_blank),
		cmocka_unit_test(glyphs_look_like_their_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The 8x16 font; ci-scripts/make-font writes its tables at build time. */
#ifndef DRIVERS_DISPLAY_FONT_H
#define DRIVERS_DISPLAY_FONT_H

#include "lib/types.h"

#define FONT_WIDTH 8u
#define FONT_HEIGHT 16u

/* Code points in ascending order that have consecutive glyphs. */
struct font_range {
	uint16_t first, count, glyph;
};

/* A byte for each line of a glyph, bit 7 its first pixel. Glyph 0: a blank. */
extern const uint8_t font_glyphs[][FONT_HEIGHT];
extern const struct font_range font_ranges[];
extern const size_t font_range_count;

/* font_ascii - the glyph of 0x20 to 0x7e: they come first. */
static inline uint16_t font_ascii(uint8_t c)
{
	return (uint16_t)(c - 0x20);
}

/* font_glyph - the glyph of a code point; that of '?' if there is none. */
uint16_t font_glyph(uint32_t code);

#endif

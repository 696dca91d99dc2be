// SPDX-License-Identifier: BSD-2-Clause
// The glyphs of code points.
#include "drivers/display/font.h"

static bool font_find(uint32_t code, uint16_t *glyph)
{
	for (size_t i = 0; i < font_range_count; i++) {
		uint32_t offset = code - font_ranges[i].first;

		if (offset < font_ranges[i].count) {
			*glyph = (uint16_t)(font_ranges[i].glyph + offset);
			return true;
		}
	}
	return false;
}

uint16_t font_glyph(uint32_t code)
{
	uint16_t glyph = 0;

	if (!font_find(code, &glyph))
		font_find('?', &glyph);
	return glyph;
}

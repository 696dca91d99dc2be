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

/* Arrows, which the font lacks: GRUB's menu explains its keys with them. */
static uint32_t font_replacement(uint32_t code)
{
	static const char arrows[4] = { '<', '^', '>', 'v' };
	uint32_t arrow = code - 0x2190;

	return arrow < ARRAY_SIZE(arrows) ? (uint8_t)arrows[arrow] : '?';
}

uint16_t font_glyph(uint32_t code)
{
	uint16_t glyph = 0;

	if (!font_find(code, &glyph))
		font_find(font_replacement(code), &glyph);
	return glyph;
}

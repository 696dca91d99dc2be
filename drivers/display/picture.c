// SPDX-License-Identifier: BSD-2-Clause
// Draws what has changed in a terminal; scrolls by moving the visible part.
#include "drivers/display/picture.h"

#include <string.h>

#include "drivers/display/font.h"
#include "lib/endian.h"
#include "lib/heap.h"

#define NO_CURSOR UINT32_MAX
/* No terminal has it: the cell is to be drawn. */
#define GLYPH_STALE UINT16_MAX
/* The cursor: these lines of a cell, as SLOF's. */
#define CURSOR_LINE (FONT_HEIGHT - 2)

/*
 * A line of a cell is one, two or four doublewords of pixels (depth 8, 16, 32),
 * put together from a table for all values of two or four bits of a glyph.
 */
struct picture_ink {
	uint8_t fore, back;
	bool known;
	uint64_t table[16];
};

struct picture {
	struct display *d;
	struct display_mode mode; /* as the memory below is made for it */
	unsigned columns, rows;
	/*
	 * What the display has. Every visible line outside of the cells is
	 * black, and so are lines below the visible ones, before `blank`.
	 */
	struct cell *shown;
	uint32_t cursor; /* the cell that has it */
	uint32_t top;	 /* the first visible line of what is drawn */
	uint32_t at;	 /* and of what is shown */
	uint32_t blank;
	bool moves; /* scroll by moving the visible part */
	bool drawn; /* something, since the last flush */
	struct picture_ink ink;
	be64 *strip; /* FONT_HEIGHT lines: of a run of cells */
	be64 *black; /* of whole lines */
};

unsigned picture_columns(const struct display_mode *mode)
{
	return MIN(mode->width / FONT_WIDTH, PICTURE_COLUMNS_MAX);
}

unsigned picture_rows(const struct display_mode *mode)
{
	return MIN(mode->height / FONT_HEIGHT, PICTURE_ROWS_MAX);
}

/* Colours. */

/* Those of the VGA's text mode, in the order of ECMA-48; the bright ones. */
static const uint32_t picture_colours[16] = {
	0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa,
	0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55,
	0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

static uint32_t picture_pixel(uint32_t depth, unsigned colour)
{
	uint32_t rgb = picture_colours[colour];
	uint32_t r = rgb >> 16, g = rgb >> 8 & 0xff, b = rgb & 0xff;

	switch (depth) {
	case 8:
		return colour;
	case 15:
		return r >> 3 << 10 | g >> 3 << 5 | b >> 3;
	case 16:
		return r >> 3 << 11 | g >> 2 << 5 | b >> 3;
	default:
		return rgb;
	}
}

/* Makes the table for the colours of a cell. */
static void picture_mix(struct picture *p, const struct cell *cell)
{
	struct picture_ink *ink = &p->ink;
	uint32_t depth = p->mode.depth;
	uint32_t pixel[2] = { picture_pixel(depth, cell->back & 15),
			      picture_pixel(depth, cell->fore & 15) };
	unsigned bits = depth == 32 ? 2 : 4;
	unsigned width = display_pixel_bytes(depth) * 8;

	ink->known = true;
	ink->fore = cell->fore;
	ink->back = cell->back;
	for (unsigned value = 0; value < 1u << bits; value++) {
		ink->table[value] = 0;
		for (unsigned bit = bits; bit-- > 0;)
			ink->table[value] = ink->table[value] << width |
					    pixel[value >> bit & 1];
	}
}

static void picture_dip(struct picture *p, const struct cell *cell)
{
	const struct picture_ink *ink = &p->ink;

	if (!ink->known || ink->fore != cell->fore || ink->back != cell->back)
		picture_mix(p, cell);
}

/* Glyphs to pixels; `stride`: doublewords of a line of the strip. */

static inline void glyph_line_32(be64 *out, unsigned bits, const uint64_t *pair)
{
	out[0] = be64_make(pair[bits >> 6]);
	out[1] = be64_make(pair[bits >> 4 & 3]);
	out[2] = be64_make(pair[bits >> 2 & 3]);
	out[3] = be64_make(pair[bits & 3]);
}

/* Above and below a letter are blank lines: four of them at a time. */
static void glyph_expand_32(be64 *out, size_t stride, const uint8_t *glyph,
			    const uint64_t *pair)
{
	const be64 none = be64_make(pair[0]);

	for (unsigned four = 0; four < FONT_HEIGHT; four += 4) {
		bool blank = be32_load(glyph + four) == 0;

#pragma GCC unroll 4
		for (unsigned y = four; y < four + 4; y++, out += stride) {
			if (blank)
				out[0] = out[1] = out[2] = out[3] = none;
			else
				glyph_line_32(out, glyph[y], pair);
		}
	}
}

static void glyph_expand_16(be64 *out, size_t stride, const uint8_t *glyph,
			    const uint64_t *four)
{
	for (unsigned y = 0; y < FONT_HEIGHT; y++, out += stride) {
		out[0] = be64_make(four[glyph[y] >> 4]);
		out[1] = be64_make(four[glyph[y] & 15]);
	}
}

static void glyph_expand_8(be64 *out, size_t stride, const uint8_t *glyph,
			   const uint64_t *four)
{
	for (unsigned y = 0; y < FONT_HEIGHT; y++, out += stride)
		out[0] = be64_make(four[glyph[y] >> 4] << 32 |
				   four[glyph[y] & 15]);
}

static void picture_expand(struct picture *p, be64 *out, size_t stride,
			   const struct cell *cell, bool cursor)
{
	const uint8_t *glyph = font_glyphs[cell->glyph];
	uint8_t underlined[FONT_HEIGHT];

	if (cursor) {
		memcpy(underlined, glyph, CURSOR_LINE);
		memset(underlined + CURSOR_LINE, 0xff,
		       FONT_HEIGHT - CURSOR_LINE);
		glyph = underlined;
	}
	picture_dip(p, cell);
	if (p->mode.depth == 32)
		glyph_expand_32(out, stride, glyph, p->ink.table);
	else if (p->mode.depth == 8)
		glyph_expand_8(out, stride, glyph, p->ink.table);
	else
		glyph_expand_16(out, stride, glyph, p->ink.table);
}

/* Drawing. */

static void picture_put(struct picture *p, uint32_t x, uint32_t y,
			uint32_t width, uint32_t height, const void *pixels)
{
	p->drawn = true;
	p->d->ops->draw(p->d, x, y, width, height, pixels);
}

/*
 * Draws the cells of a row from `from` to `to` - 1. They are copied before the
 * display is called, which may change them.
 */
static void picture_run(struct picture *p, const struct terminal *t,
			unsigned row, unsigned from, unsigned to)
{
	size_t words = display_pixel_bytes(p->mode.depth);
	size_t stride = words * (to - from);
	size_t first = (size_t)row * p->columns;

	for (unsigned x = from; x < to; x++) {
		p->shown[first + x] = t->cells[first + x];
		picture_expand(p, p->strip + words * (x - from), stride,
			       &p->shown[first + x], first + x == p->cursor);
	}
	picture_put(p, from * FONT_WIDTH, p->top + row * FONT_HEIGHT,
		    (to - from) * FONT_WIDTH, FONT_HEIGHT, p->strip);
}

static bool picture_differs(const struct picture *p, const struct terminal *t,
			    size_t index)
{
	return memcmp(&p->shown[index], &t->cells[index],
		      sizeof(struct cell)) != 0;
}

/* One call for words with single spaces costs less than one for each word. */
static void picture_row(struct picture *p, const struct terminal *t,
			unsigned row)
{
	size_t first = (size_t)row * p->columns;
	unsigned from = 0, to;

	while (from < p->columns) {
		if (!picture_differs(p, t, first + from)) {
			from++;
			continue;
		}
		to = from + 1;
		while (to < p->columns &&
		       (picture_differs(p, t, first + to) ||
			(to + 1 < p->columns &&
			 picture_differs(p, t, first + to + 1))))
			to++;
		picture_run(p, t, row, from, to);
		from = to;
	}
}

static void picture_rows_changed(struct picture *p, const struct terminal *t)
{
	size_t size = p->columns * sizeof(struct cell);

	for (unsigned row = 0; row < p->rows; row++) {
		size_t first = (size_t)row * p->columns;

		if (memcmp(p->shown + first, t->cells + first, size) != 0)
			picture_row(p, t, row);
	}
}

/* Makes lines black that are about to be visible, unless they are. */
static void picture_blacken(struct picture *p, uint32_t line, uint32_t count)
{
	uint32_t end = line + count;

	line = MAX(line, p->blank);
	while (line < end) {
		uint32_t n = MIN(end - line, FONT_HEIGHT);

		picture_put(p, 0, line, p->mode.width, n, p->black);
		line += n;
	}
}

/*
 * The lines from `line` to the end of the visible part are new there, and so are
 * the last `rows` rows. Where older text is, whole rows are drawn over it, which
 * takes less time than to make them black first.
 */
static void picture_uncover(struct picture *p, uint32_t line, unsigned rows)
{
	uint32_t end = p->top + p->mode.height;
	size_t last = (size_t)p->rows * p->columns;
	struct cell cell = TERMINAL_BLANK;

	if (end > p->blank && p->columns * FONT_WIDTH == p->mode.width) {
		line = MAX(line, p->top + p->rows * FONT_HEIGHT);
		cell.glyph = GLYPH_STALE;
	}
	picture_blacken(p, line, end - line);
	for (size_t i = last - (size_t)rows * p->columns; i < last; i++)
		p->shown[i] = cell;
}

static void picture_clear(struct picture *p)
{
	p->top = 0;
	p->cursor = NO_CURSOR;
	picture_uncover(p, 0, p->rows);
}

/* Starts at line 0 again, where older text still is. */
static void picture_restart(struct picture *p)
{
	p->blank = 0;
	picture_clear(p);
}

/*
 * Moves the visible part down by `n` rows, at the end of the memory to its
 * start.
 */
static void picture_scroll(struct picture *p, uint32_t n)
{
	uint32_t by = n * FONT_HEIGHT, end = p->top + p->mode.height;
	size_t cells = (size_t)(p->rows - n) * p->columns;
	size_t gone = (size_t)n * p->columns;

	if (by > p->mode.lines - end) {
		picture_restart(p);
		return;
	}
	p->top += by;
	/* Row by row: faster than memmove() of what overlaps. */
	for (size_t i = 0; i < cells; i += p->columns)
		memcpy(p->shown + i, p->shown + i + gone,
		       p->columns * sizeof(*p->shown));
	picture_uncover(p, end, n);
	if (p->cursor != NO_CURSOR)
		p->cursor = p->cursor < gone ? NO_CURSOR
					     : p->cursor - (uint32_t)gone;
}

/* The cells that the cursor leaves and enters differ from what is shown. */
static void picture_move_cursor(struct picture *p, const struct terminal *t)
{
	uint32_t cursor = t->cursor ? t->y * p->columns + t->x : NO_CURSOR;

	if (cursor == p->cursor)
		return;
	if (p->cursor != NO_CURSOR)
		p->shown[p->cursor].glyph = GLYPH_STALE;
	if (cursor != NO_CURSOR)
		p->shown[cursor].glyph = GLYPH_STALE;
	p->cursor = cursor;
}

void picture_draw(struct picture *p, struct terminal *t)
{
	const struct display_ops *ops = p->d->ops;
	uint32_t scrolled = MIN(t->scrolled, p->rows);

	t->scrolled = 0;
	if (p->moves && scrolled)
		picture_scroll(p, scrolled);
	else if (!p->moves && p->top)
		picture_restart(p);
	picture_move_cursor(p, t);
	picture_rows_changed(p, t);
	if (p->at != p->top) {
		p->at = p->top;
		p->drawn = true;
		ops->show(p->d, p->top);
	}
	if (p->drawn && ops->flush)
		ops->flush(p->d);
	p->drawn = false;
}

void picture_stay(struct picture *p)
{
	p->moves = false;
}

/* Twice: what is drawn at line 0 again is not what is visible. */
static bool picture_can_move(const struct picture *p)
{
	return p->d->ops->show && p->mode.lines / 2 >= p->mode.height;
}

void picture_reset(struct picture *p)
{
	const struct display_ops *ops = p->d->ops;

	p->at = 0;
	p->blank = p->mode.blank;
	p->moves = picture_can_move(p);
	for (unsigned i = 0; p->mode.depth == 8 && ops->colour && i < 16; i++)
		ops->colour(p->d, i, picture_colours[i]);
	picture_clear(p);
}

bool picture_fits(const struct picture *p)
{
	return memcmp(&p->mode, &p->d->mode, sizeof(p->mode)) == 0;
}

static bool picture_mode_is_valid(const struct display_mode *mode)
{
	return picture_columns(mode) && picture_rows(mode) &&
	       mode->lines >= mode->height && mode->lines <= INT32_MAX &&
	       (mode->depth == 8 || mode->depth == 15 || mode->depth == 16 ||
		mode->depth == 32);
}

struct picture *picture_new(struct display *d)
{
	struct picture *p;
	size_t bytes;

	if (!picture_mode_is_valid(&d->mode))
		return NULL;
	p = heap_zalloc(sizeof(*p));
	if (!p)
		return NULL;
	p->d = d;
	p->mode = d->mode;
	p->columns = picture_columns(&d->mode);
	p->rows = picture_rows(&d->mode);
	bytes = (size_t)display_pixel_bytes(d->mode.depth) * FONT_HEIGHT;
	p->shown = heap_alloc((size_t)p->columns * p->rows * sizeof(*p->shown));
	p->strip = heap_alloc(bytes * p->columns * FONT_WIDTH);
	p->black = heap_zalloc(bytes * p->mode.width);
	if (!p->shown || !p->strip || !p->black) {
		picture_free(p);
		return NULL;
	}
	picture_reset(p);
	return p;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	heap_free(p->black);
	heap_free(p->strip);
	heap_free(p->shown);
	heap_free(p);
}

// SPDX-License-Identifier: BSD-2-Clause
// A terminal's cells: text and control characters [ECMA-48, VT100].
#include "drivers/display/terminal.h"

#include <string.h>

#include "drivers/display/font.h"
#include "drivers/display/sequence.h"
#include "lib/heap.h"

#define TAB_WIDTH 8u

void terminal_ink(struct terminal *t)
{
	const struct terminal_pen *pen = &t->pen;
	uint8_t fore = pen->fore;

	if (pen->bold)
		fore |= 8;
	t->fore = pen->inverse ? pen->back : fore;
	t->back = pen->inverse ? fore : pen->back;
}

/* Cells. */

struct cell *terminal_row(struct terminal *t, unsigned row)
{
	return t->cells + (size_t)row * t->columns;
}

void terminal_fill(struct terminal *t, struct cell *at, size_t n)
{
	struct cell blank = TERMINAL_BLANK;

	blank.back = t->pen.back;
	for (size_t i = 0; i < n; i++)
		at[i] = blank;
}

static void terminal_erase_rows(struct terminal *t, unsigned row, unsigned n)
{
	terminal_fill(t, terminal_row(t, row), (size_t)n * t->columns);
}

/* Moves the rows from `row` to the end up or down by `n`, at most all. */
void terminal_rows_up(struct terminal *t, unsigned row, unsigned n)
{
	/* One by one: faster than memmove() of what overlaps. */
	for (; row + n < t->rows; row++)
		memcpy(terminal_row(t, row), terminal_row(t, row + n),
		       t->columns * sizeof(struct cell));
	terminal_erase_rows(t, t->rows - n, n);
}

void terminal_rows_down(struct terminal *t, unsigned row, unsigned n)
{
	size_t left = t->rows - row - n;

	memmove(terminal_row(t, row + n), terminal_row(t, row),
		left * t->columns * sizeof(struct cell));
	terminal_erase_rows(t, row, n);
}

/* The cursor. */

void terminal_goto(struct terminal *t, unsigned x, unsigned y)
{
	t->x = MIN(x, t->columns - 1);
	t->y = MIN(y, t->rows - 1);
	t->wrap = false;
}

static void terminal_line_feed(struct terminal *t)
{
	t->wrap = false;
	if (t->y + 1 < t->rows) {
		t->y++;
		return;
	}
	terminal_rows_up(t, 0, 1);
	t->scrolled++;
}

static void terminal_clear(struct terminal *t)
{
	terminal_erase_rows(t, 0, t->rows);
	terminal_goto(t, 0, 0);
}

void terminal_save(struct terminal *t)
{
	t->saved_x = t->x;
	t->saved_y = t->y;
	t->saved_pen = t->pen;
}

void terminal_restore(struct terminal *t)
{
	terminal_goto(t, t->saved_x, t->saved_y);
	t->pen = t->saved_pen;
	terminal_ink(t);
}

/* Text. */

/* The last column keeps the cursor until another character comes. [VT100] */
static void terminal_put(struct terminal *t, uint16_t glyph)
{
	struct cell *at;

	if (t->wrap) {
		t->x = 0;
		terminal_line_feed(t);
	}
	at = terminal_row(t, t->y) + t->x;
	at->glyph = glyph;
	/* All blanks are the same, whatever the colour of their ink. */
	at->fore = glyph ? t->fore : TERMINAL_FORE;
	at->back = t->back;
	if (t->x + 1 < t->columns)
		t->x++;
	else
		t->wrap = true;
}

/* Those that have no glyph of their own: C1 controls, combining marks. */
static bool utf8_is_ignored(uint32_t code)
{
	return (code >= 0x80 && code < 0xa0) ||
	       (code >= 0x300 && code < 0x370) || code == 0xfeff;
}

static void utf8_end(struct terminal *t)
{
	bool bad = t->utf8 < t->utf8_min || t->utf8 > 0x10ffff ||
		   (t->utf8 >= 0xd800 && t->utf8 < 0xe000);

	if (bad)
		terminal_put(t, font_ascii('?'));
	else if (!utf8_is_ignored(t->utf8))
		terminal_put(t, font_glyph(t->utf8));
}

static void utf8_start(struct terminal *t, uint8_t c)
{
	if (c >= 0xc0 && c < 0xe0) {
		t->utf8_left = 1;
		t->utf8 = c & 0x1f;
		t->utf8_min = 0x80;
	} else if (c >= 0xe0 && c < 0xf0) {
		t->utf8_left = 2;
		t->utf8 = c & 0xf;
		t->utf8_min = 0x800;
	} else if (c >= 0xf0 && c < 0xf8) {
		t->utf8_left = 3;
		t->utf8 = c & 7;
		t->utf8_min = 0x10000;
	} else {
		terminal_put(t, font_ascii('?'));
	}
}

/* A byte from 0x80 on. [RFC 3629] */
static void utf8_take(struct terminal *t, uint8_t c)
{
	bool continues = (c & 0xc0) == 0x80;

	if (!t->utf8_left) {
		utf8_start(t, c);
	} else if (continues) {
		t->utf8 = t->utf8 << 6 | (c & 0x3f);
		if (--t->utf8_left == 0)
			utf8_end(t);
	} else {
		terminal_put(t, font_ascii('?'));
		t->utf8_left = 0;
		utf8_start(t, c);
	}
}

/* One that stops in the middle. */
static void utf8_stop(struct terminal *t)
{
	if (!t->utf8_left)
		return;
	t->utf8_left = 0;
	terminal_put(t, font_ascii('?'));
}

static void terminal_control(struct terminal *t, uint8_t c)
{
	switch (c) {
	case '\b':
		terminal_goto(t, t->x ? t->x - 1 : 0, t->y);
		break;
	case '\t':
		terminal_goto(t, (t->x / TAB_WIDTH + 1) * TAB_WIDTH, t->y);
		break;
	case '\n':
	case '\v':
		terminal_line_feed(t);
		break;
	case '\f': /* as SLOF; GRUB clears the screen so */
		terminal_clear(t);
		break;
	case '\r':
		terminal_goto(t, 0, t->y);
		break;
	default: /* BEL and others */
		break;
	}
}

/*
 * Those inside of a sequence are obeyed. They end a string: one without an end,
 * of a client that has died, is not to silence the screen.
 */
static void terminal_take_control(struct terminal *t, uint8_t c)
{
	utf8_stop(t);
	if (c == 0x1b)
		t->state = STATE_ESC;
	else if (c == 0x18 || c == 0x1a || t->state == STATE_STRING)
		t->state = STATE_TEXT; /* CAN, SUB */
	terminal_control(t, c);
}

/* One from 0x80 on ends a sequence, but not a string. */
static void terminal_take_high(struct terminal *t, uint8_t c)
{
	if (t->state == STATE_STRING)
		return;
	t->state = STATE_TEXT;
	utf8_take(t, c);
}

void terminal_write(struct terminal *t, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c < 0x20) {
			terminal_take_control(t, c);
		} else if (c >= 0x80) {
			terminal_take_high(t, c);
		} else if (c == 0x7f) {
			continue; /* DEL: a filler */
		} else if (t->state != STATE_TEXT) {
			sequence_take(t, c);
		} else {
			utf8_stop(t);
			terminal_put(t, font_ascii(c));
		}
	}
}

int terminal_init(struct terminal *t, unsigned columns, unsigned rows)
{
	*t = (struct terminal){
		.columns = columns,
		.rows = rows,
		.cursor = true,
	};
	t->cells = heap_alloc((size_t)columns * rows * sizeof(*t->cells));
	if (!t->cells)
		return ERR_NOMEM;
	t->pen = TERMINAL_PEN;
	t->saved_pen = t->pen;
	terminal_ink(t);
	terminal_clear(t);
	return 0;
}

void terminal_free(struct terminal *t)
{
	heap_free(t->cells);
	t->cells = NULL;
}

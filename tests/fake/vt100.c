// SPDX-License-Identifier: BSD-2-Clause
/* What a terminal shows. */
#include "tests/fake/vt100.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void vt100_reset(struct vt100 *vt)
{
	memset(vt, 0, sizeof(*vt));
}

static void vt100_feed(struct vt100 *vt)
{
	vt->wraps = false;
	if (vt->row + 1 < VT100_ROWS) {
		vt->row++;
		return;
	}
	memmove(vt->cells[0], vt->cells[1],
		sizeof(vt->cells) - sizeof(vt->cells[0]));
	memset(vt->cells[VT100_ROWS - 1], 0, sizeof(vt->cells[0]));
	vt->scrolled++;
}

static void vt100_put(struct vt100 *vt, char c)
{
	if (vt->wraps) {
		vt100_feed(vt);
		vt->column = 0;
	}
	vt->last = &vt->cells[vt->row][vt->column];
	*vt->last = (struct vt100_cell){ { c } };
	vt->wraps = vt->column + 1 == VT100_COLUMNS;
	if (!vt->wraps)
		vt->column++;
}

/* The bytes of a character that begins with `lead`. */
static size_t vt100_length(unsigned char lead)
{
	if (lead < 0xc0 || lead >= 0xf8)
		return 1;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* A byte that continues UTF-8 joins what came right before it. */
static bool vt100_joins(struct vt100 *vt, char c)
{
	char *text = vt->last ? vt->last->text : NULL;

	if (!text || ((unsigned char)c & 0xc0) != 0x80 ||
	    strlen(text) >= vt100_length((unsigned char)text[0]))
		return false;
	text[strlen(text)] = c;
	return true;
}

static bool vt100_sequence(struct vt100 *vt, char c)
{
	size_t len = strlen(vt->sequence);

	if (!len && c != '\033')
		return false;
	assert(len < sizeof(vt->sequence));
	if (len == 2 && c == 'H') {
		vt->row = vt->column = 0;
	} else if (len == 3 && c == 'J') {
		assert(vt->sequence[2] == '2');
		memset(vt->cells, 0, sizeof(vt->cells));
	} else {
		assert(len < 3 && c == "\033[2"[len]);
		vt->sequence[len] = c;
		return true;
	}
	memset(vt->sequence, 0, sizeof(vt->sequence));
	vt->wraps = false;
	return true;
}

static void vt100_byte(struct vt100 *vt, char c)
{
	if (vt100_joins(vt, c))
		return;
	vt->last = NULL;
	if (vt100_sequence(vt, c))
		return;
	if (c == '\r') {
		vt->column = 0;
		vt->wraps = false;
	} else if (c == '\n') {
		vt100_feed(vt);
	} else if (c == '\b') {
		/* As xterm does: back from the last column, wrapping or not. */
		vt->column -= vt->column > 0;
		vt->wraps = false;
	} else {
		assert((unsigned char)c >= ' ' && c != 0x7f);
		vt100_put(vt, c);
	}
}

void vt100_write(struct vt100 *vt, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		vt100_byte(vt, text[i]);
}

const char *vt100_row(const struct vt100 *vt, unsigned row)
{
	static char text[VT100_COLUMNS * 4 + 1];
	size_t len = 0, end = 0;

	for (unsigned i = 0; i < VT100_COLUMNS; i++) {
		const char *cell = vt->cells[row][i].text;

		len += (size_t)sprintf(text + len, "%s", *cell ? cell : " ");
		if (*cell && strcmp(cell, " "))
			end = len;
	}
	text[end] = '\0';
	return text;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal's cells, and the sequences that change them. No I/O. */
#ifndef DRIVERS_DISPLAY_TERMINAL_H
#define DRIVERS_DISPLAY_TERMINAL_H

#include "lib/err.h"
#include "lib/types.h"

/* A character cell; `glyph`: the index in font_glyphs[]. */
struct cell {
	uint16_t glyph;
	uint8_t fore, back; /* colours 0 to 15 */
};

#define TERMINAL_PARAMS 16u

/* How text is drawn: the colours, before `bold` and `inverse` change them. */
struct terminal_pen {
	uint8_t fore, back;
	bool bold, inverse;
};

struct terminal {
	/* For the one that draws it. */
	unsigned columns, rows;
	struct cell *cells; /* row after row */
	unsigned x, y;	    /* the cursor: x < columns, y < rows */
	bool cursor;	    /* the cursor is visible */
	unsigned scrolled;  /* rows scrolled up since this was set to 0 */
	/* Private to terminal.c: */
	struct terminal_pen pen;
	uint8_t fore, back; /* what the pen results in */
	bool wrap;	    /* the next character starts a row */
	unsigned saved_x, saved_y;
	struct terminal_pen saved_pen;
	uint8_t state;
	uint8_t utf8_left;	 /* bytes that a character lacks */
	uint32_t utf8, utf8_min; /* what it has; the least it may be */
	uint8_t param_count;
	char prefix; /* of the parameters: '?' and others; or 0 */
	uint16_t param[TERMINAL_PARAMS];
};

/* The colours of a blank terminal, and cell: SLOF's white on black. */
#define TERMINAL_FORE 15u
#define TERMINAL_BACK 0u
#define TERMINAL_BLANK ((struct cell){ 0, TERMINAL_FORE, TERMINAL_BACK })

/*
 * terminal_init - a blank terminal of at least 1 by 1 cells.
 * Returns 0 or ERR_NOMEM.
 */
must_check int terminal_init(struct terminal *t, unsigned columns,
			     unsigned rows);

/* terminal_free - free the cells. */
void terminal_free(struct terminal *t);

/*
 * terminal_write - interpret text: UTF-8, control characters, the sequences of
 * ECMA-48 that clients use. Unknown ones are swallowed. Any bytes are safe.
 */
void terminal_write(struct terminal *t, const char *text, size_t len);

#endif

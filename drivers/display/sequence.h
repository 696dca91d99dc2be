/* SPDX-License-Identifier: BSD-2-Clause */
/* Control sequences: between terminal.c, which finds them, and sequence.c. */
#ifndef DRIVERS_DISPLAY_SEQUENCE_H
#define DRIVERS_DISPLAY_SEQUENCE_H

#include "drivers/display/terminal.h"

/* `state` of a terminal. */
enum terminal_state {
	STATE_TEXT,
	STATE_ESC,	/* after ESC */
	STATE_ESC_REST, /* swallows the rest of such a sequence */
	STATE_CSI,	/* after ESC [: parameters */
	STATE_CSI_REST, /* swallows the rest of an unknown one */
	STATE_STRING,	/* swallows a string: of OSC, DCS and others */
};

#define TERMINAL_PEN                                                           \
	((struct terminal_pen){ TERMINAL_FORE, TERMINAL_BACK, false, false })

/* sequence_take - a byte of a sequence, 0x20 to 0x7e, in the other states. */
void sequence_take(struct terminal *t, uint8_t c);

/* In terminal.c: */

/* terminal_ink - the pen has changed. */
void terminal_ink(struct terminal *t);

/* terminal_row - the cells of a row. */
struct cell *terminal_row(struct terminal *t, unsigned row);

/* terminal_fill - erase cells: to the pen's background, as on Linux's console. */
void terminal_fill(struct terminal *t, struct cell *at, size_t n);

/* terminal_rows_up, _down - move those from `row` to the end by `n`. */
void terminal_rows_up(struct terminal *t, unsigned row, unsigned n);
void terminal_rows_down(struct terminal *t, unsigned row, unsigned n);

/* terminal_goto - move the cursor; beyond the edges is at them. */
void terminal_goto(struct terminal *t, unsigned x, unsigned y);

/* terminal_save, terminal_restore - the cursor's position and the pen. */
void terminal_save(struct terminal *t);
void terminal_restore(struct terminal *t);

#endif

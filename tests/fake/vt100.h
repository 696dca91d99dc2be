/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal shows: text, CR, LF, backspace, two sequences; it wraps. */
#ifndef TESTS_FAKE_VT100_H
#define TESTS_FAKE_VT100_H

#include "lib/types.h"

#define VT100_ROWS 24u
#define VT100_COLUMNS 80u

/* A character as the bytes that were sent, "" for a blank that was not. */
struct vt100_cell {
	char text[5];
};

struct vt100 {
	struct vt100_cell cells[VT100_ROWS][VT100_COLUMNS];
	unsigned row, column;
	bool wraps; /* the cursor is past the last column */
	unsigned scrolled;
	char sequence[4]; /* what has come of one */
	struct vt100_cell *last;
};

/* vt100_reset - a blank screen. */
void vt100_reset(struct vt100 *vt);

/* vt100_write - text for it; the test fails at what it does not know. */
void vt100_write(struct vt100 *vt, const char *text, size_t len);

/*
 * vt100_row - the text of a row, without blanks at its end; until the next
 * call.
 */
const char *vt100_row(const struct vt100 *vt, unsigned row);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A line that is being edited, and the row of the terminal that shows it. */
#ifndef BOOT_EDIT_H
#define BOOT_EDIT_H

#include "lib/err.h"
#include "lib/types.h"

/* The longest line: longer than any path or NVRAM partition. */
#define LINE_MAX_LEN 65536u

/* Terminals have at least 80 columns. In the last one they might wrap. */
#define EDIT_COLUMNS 79u
/* A character of UTF-8 has at most 4 bytes (RFC 3629, 3). */
#define EDIT_ROW_MAX (EDIT_COLUMNS * 4)

/*
 * The width of the terminal is not known, nor is there always a terminal that
 * knows more than backspace. Hence:
 * - What is typed at the end is sent as it is; the terminal wraps it.
 * - Every other change is shown by backspaces and by sending the rest of the
 *   row again.
 * - A line that may have wrapped is not changed where it is: a new row shows
 *   the prompt and the part around the cursor, with "<" or ">" where there is
 *   more.
 * A byte that is not UTF-8 is taken for one character.
 */
struct edit {
	char *text; /* on the heap; not NUL-terminated, NULL at first */
	size_t len, room;
	size_t at; /* the cursor: 0 to len */
	/* Printable, at most 60 bytes; kept. Call edit_show() after a change */
	const char *prompt;
	/* Private: */
	size_t start; /* of the text, in the row */
	bool wrapped; /* the terminal shows the text, over several rows */
	size_t row_len, row_at;
	bool row_open; /* its last byte was sent last: more bytes may join */
	char row[EDIT_ROW_MAX]; /* what the terminal shows, and its cursor */
};

/* edit_start - an empty line: prints the prompt. Free it with edit_end(). */
void edit_start(struct edit *e, const char *prompt);
void edit_end(struct edit *e);

/*
 * edit_insert - insert a byte of text, not a control character, at the cursor.
 * Returns 0; ERR_RANGE: longer than LINE_MAX_LEN; ERR_NOMEM; see reason().
 */
must_check int edit_insert(struct edit *e, char c);

/* edit_erase - erase bytes [from, to); the cursor moves to `from`. */
void edit_erase(struct edit *e, size_t from, size_t to);

/* edit_set - replace all by `text`, the cursor at its end; as edit_insert(). */
must_check int edit_set(struct edit *e, const char *text);

/* edit_move - move the cursor to byte `to`. */
void edit_move(struct edit *e, size_t to);

/* edit_before, edit_after - the byte a character before or after the cursor. */
size_t edit_before(const struct edit *e);
size_t edit_after(const struct edit *e);

/* edit_copy - a NUL-terminated copy for the caller to free, or NULL. */
must_check char *edit_copy(const struct edit *e);

/* edit_show - show what has changed. */
void edit_show(struct edit *e);

/* edit_redraw - show all in a new row: other text was printed. */
void edit_redraw(struct edit *e);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/* A line that is being edited, and the row of the terminal that shows it. */
#include "boot/edit.h"

#include <string.h>

#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

static bool edit_continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The bytes of the character that starts at `at` < `len` (RFC 3629, 3). */
static size_t edit_char_len(const char *text, size_t len, size_t at)
{
	unsigned char lead = (unsigned char)text[at];
	size_t want = 1, n = 1;

	if (lead >= 0xc0 && lead < 0xf8)
		want = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	while (n < want && at + n < len && edit_continues(text[at + n]))
		n++;
	return n;
}

/* The start of the character that ends before `at` > 0. */
static size_t edit_char_before(const char *text, size_t at)
{
	size_t lead = at - 1;

	while (lead && at - lead < 4 && edit_continues(text[lead]))
		lead--;
	return edit_char_len(text, at, lead) == at - lead ? lead : at - 1;
}

/* The columns of text [from, to); counts no further than `most` + 1. */
static size_t edit_columns(const char *text, size_t from, size_t to,
			   size_t most)
{
	size_t n = 0;

	while (from < to && n <= most) {
		from += edit_char_len(text, to, from);
		n++;
	}
	return n;
}

/* The terminal. */

static void edit_repeat(char c, size_t count)
{
	char text[EDIT_COLUMNS];

	memset(text, c, sizeof(text));
	log_write(text, MIN(count, sizeof(text)));
}

/* Moves the terminal's cursor to byte `to` of the row. */
static void edit_go(struct edit *e, size_t to)
{
	if (to < e->row_at)
		edit_repeat('\b',
			    edit_columns(e->row, to, e->row_at, EDIT_COLUMNS));
	else
		log_write(e->row + e->row_at, to - e->row_at);
	if (to != e->row_at)
		e->row_open = to > e->row_at;
	e->row_at = to;
}

/* The start of the character that contains byte `at`. */
static size_t edit_align(const char *text, size_t len, size_t at)
{
	size_t start;

	if (!at || at >= len || !edit_continues(text[at]))
		return at;
	start = edit_char_before(text, at);
	return edit_char_len(text, len, start) > at - start ? start : at;
}

/* How much of the old row stays. */
static size_t edit_same(const struct edit *e, const char *row, size_t len)
{
	size_t same = 0;

	while (same < e->row_len && same < len && e->row[same] == row[same])
		same++;
	/* The rest of a character that is typed byte by byte. */
	if (same == e->row_len && same == e->row_at && e->row_open)
		return same;
	return MIN(edit_align(e->row, e->row_len, same),
		   edit_align(row, len, same));
}

/* Makes the terminal show `row`, with the cursor at byte `at`. */
static void edit_paint(struct edit *e, const char *row, size_t len, size_t at)
{
	size_t same = edit_same(e, row, len);
	size_t old = edit_columns(e->row, same, e->row_len, EDIT_COLUMNS);
	size_t now = edit_columns(row, same, len, EDIT_COLUMNS);

	if (same < len || same < e->row_len) {
		edit_go(e, same);
		memcpy(e->row, row, len);
		e->row_len = len;
		edit_go(e, len);
	}
	if (old > now) {
		edit_repeat(' ', old - now);
		edit_repeat('\b', old - now);
		e->row_open = false;
	}
	edit_go(e, at);
}

/* The row. */

static size_t edit_room(const struct edit *e)
{
	size_t len = strlen(e->prompt);

	return EDIT_COLUMNS - edit_columns(e->prompt, 0, len, EDIT_COLUMNS);
}

static bool edit_fits(const struct edit *e)
{
	size_t room = edit_room(e);

	return edit_columns(e->text, 0, e->len, room) <= room;
}

/* Chooses the part of the text that is shown: by halves of a row. */
static void edit_scroll(struct edit *e)
{
	size_t room = edit_room(e);
	size_t first = e->start ? 1 : 0, column;

	if (edit_fits(e)) {
		e->start = 0;
		return;
	}
	if (e->at >= e->start) {
		column = edit_columns(e->text, e->start, e->at, room);
		/* Not where "<" and ">" are. */
		if (column >= first && column + 1 < room)
			return;
	}
	e->start = e->at;
	for (column = room / 2; column && e->start; column--)
		e->start = edit_char_before(e->text, e->start);
}

/* Writes the row to `row`; returns its length, and where its cursor is. */
static size_t edit_row(const struct edit *e, char *row, size_t *at)
{
	size_t room = edit_room(e), from = e->start;
	size_t len = strlen(e->prompt), last = len;

	memcpy(row, e->prompt, len);
	*at = len;
	for (; room && from < e->len; room--) {
		size_t n = edit_char_len(e->text, e->len, from);

		last = len;
		memcpy(row + len, e->text + from, n);
		if (from == e->start && e->start) {
			row[len++] = '<';
		} else {
			len += n;
		}
		from += n;
		if (from <= e->at)
			*at = len;
	}
	if (from == e->len)
		return len;
	row[last] = '>';
	return last + 1;
}

void edit_show(struct edit *e)
{
	char row[EDIT_ROW_MAX];
	size_t len, at;

	if (e->wrapped) {
		print("\n");
		e->wrapped = false;
		e->row_len = e->row_at = 0;
	}
	edit_scroll(e);
	len = edit_row(e, row, &at);
	edit_paint(e, row, len, at);
}

void edit_redraw(struct edit *e)
{
	e->wrapped = false;
	e->row_len = e->row_at = 0;
	edit_show(e);
}

/* The text. */

void edit_start(struct edit *e, const char *prompt)
{
	*e = (struct edit){ .prompt = prompt };
	edit_show(e);
}

void edit_end(struct edit *e)
{
	heap_free(e->text);
	e->text = NULL;
}

static int edit_grow(struct edit *e, size_t len)
{
	size_t room = e->room ? e->room : 128;
	char *text;

	if (len > LINE_MAX_LEN)
		return reason_fail(ERR_RANGE,
				   "the line is longer than %u characters",
				   LINE_MAX_LEN);
	if (e->text && len <= e->room)
		return 0;
	while (room < len)
		room *= 2;
	text = heap_realloc(e->text, room);
	if (!text)
		return reason_fail(ERR_NOMEM,
				   "no memory for a line of %zu characters",
				   e->len);
	e->text = text;
	e->room = room;
	return 0;
}

int edit_insert(struct edit *e, char c)
{
	bool appends = e->at == e->len;
	int err = edit_grow(e, e->len + 1);

	if (err < 0)
		return err;
	memmove(e->text + e->at + 1, e->text + e->at, e->len - e->at);
	e->text[e->at++] = c;
	e->len++;
	if (appends && !e->start && !e->wrapped)
		e->wrapped = !edit_fits(e);
	if (appends && e->wrapped)
		log_write(&c, 1);
	else
		edit_show(e);
	return 0;
}

void edit_erase(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return;
	memmove(e->text + from, e->text + to, e->len - to);
	e->len -= to - from;
	e->at = from;
	edit_show(e);
}

int edit_set(struct edit *e, const char *text)
{
	size_t len = strlen(text);
	int err = edit_grow(e, len);

	if (err < 0)
		return err;
	memcpy(e->text, text, len);
	e->len = e->at = len;
	edit_show(e);
	return 0;
}

void edit_move(struct edit *e, size_t to)
{
	if (e->at == to)
		return;
	e->at = to;
	edit_show(e);
}

size_t edit_before(const struct edit *e)
{
	return e->at ? edit_char_before(e->text, e->at) : 0;
}

size_t edit_after(const struct edit *e)
{
	return e->at < e->len ? e->at + edit_char_len(e->text, e->len, e->at)
			      : e->len;
}

char *edit_copy(const struct edit *e)
{
	return heap_strndup(e->len ? e->text : "", e->len);
}

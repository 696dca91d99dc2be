// SPDX-License-Identifier: BSD-2-Clause
/* Reading one line from the console. */
#include "boot/line.h"

#include "drivers/console.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

#define KEY_CTRL_C 0x03
#define KEY_BACKSPACE 0x08
#define KEY_CTRL_U 0x15
#define KEY_ESC 0x1b
#define KEY_DEL 0x7f

/* Position in an escape sequence (ECMA-48 5.4: ESC [ ... final byte). */
enum line_escape {
	LINE_TEXT,
	LINE_ESC,
	LINE_SEQUENCE
};

struct line {
	char *text;
	size_t len, room;
	int rc; /* why characters are dropped, or 0 */
	enum line_escape escape;
};

/* The last line ended in CR: an LF that follows belongs to it. */
static bool line_after_cr;

/* Makes room for one more character and the NUL. */
static int line_grow(struct line *line)
{
	size_t room = line->room ? 2 * line->room : 128;
	char *text;

	if (line->len >= LINE_MAX_LEN)
		return reason_fail(ERR_RANGE,
				   "the line is longer than %u characters",
				   LINE_MAX_LEN);
	if (line->len + 1 < line->room)
		return 0;
	text = heap_realloc(line->text, room);
	if (!text)
		return reason_fail(ERR_NOMEM,
				   "no memory for a line of %zu characters",
				   line->len);
	line->text = text;
	line->room = room;
	return 0;
}

static void line_erase(struct line *line, size_t count)
{
	for (; count && line->len; count--) {
		line->len--;
		print("\b \b");
	}
}

static void line_add(struct line *line, char c)
{
	if (!line->rc)
		line->rc = line_grow(line);
	if (line->rc)
		return;
	line->text[line->len++] = c;
	log_write(&c, 1);
}

/* Drops the sequences of cursor keys and the like. True while inside one. */
static bool line_in_escape(struct line *line, int c)
{
	switch (line->escape) {
	case LINE_TEXT:
		if (c == KEY_ESC)
			line->escape = LINE_ESC;
		return c == KEY_ESC;
	case LINE_ESC:
		/* Any other key means that it was a lone ESC. */
		line->escape = c == '[' || c == 'O' ? LINE_SEQUENCE : LINE_TEXT;
		return line->escape == LINE_SEQUENCE;
	case LINE_SEQUENCE:
		/* A line end inside a sequence does end the line. */
		if (c == '\r' || c == '\n' || (c >= 0x40 && c <= 0x7e))
			line->escape = LINE_TEXT;
		return c != '\r' && c != '\n';
	}
	return false;
}

/* Handles one key; true when the line is complete. */
static bool line_key(struct line *line, int c)
{
	bool second = line_after_cr && c == '\n';

	line_after_cr = c == '\r';
	if (second || line_in_escape(line, c))
		return false;
	if (c == '\r' || c == '\n')
		return true;
	if (c == KEY_CTRL_C) {
		line->rc = reason_fail(ERR_INVAL, "interrupted");
		return true;
	}
	if (c == KEY_BACKSPACE || c == KEY_DEL)
		line_erase(line, 1);
	else if (c == KEY_CTRL_U)
		line_erase(line, line->len);
	else if (c >= ' ')
		line_add(line, (char)c);
	return false;
}

int line_read(char **text)
{
	struct line line = { .rc = 0 };

	*text = NULL;
	line.rc = line_grow(&line);
	while (!line_key(&line, console_wait_char(NULL)))
		;
	print("\n");
	if (line.rc) {
		heap_free(line.text);
		return line.rc;
	}
	line.text[line.len] = '\0';
	*text = line.text;
	return 0;
}

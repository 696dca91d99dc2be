// SPDX-License-Identifier: BSD-2-Clause
/* The lines that were entered at the prompt. */
#include "boot/history.h"

#include <string.h>

/* Lines one after the other, the oldest first. */
static char history[HISTORY_BYTES];
static size_t history_len;
static unsigned history_lines;

static void history_drop_oldest(void)
{
	size_t len = strlen(history) + 1;

	history_len -= len;
	memmove(history, history + len, history_len);
	history_lines--;
}

void history_add(const char *line)
{
	size_t len = strlen(line) + 1;
	const char *last = history_get(1);

	if (len == 1 || len > sizeof(history) || (last && !strcmp(last, line)))
		return;
	while (history_lines == HISTORY_LINES ||
	       history_len + len > sizeof(history))
		history_drop_oldest();
	memcpy(history + history_len, line, len);
	history_len += len;
	history_lines++;
}

const char *history_get(unsigned back)
{
	const char *line = history;

	if (!back || back > history_lines)
		return NULL;
	for (unsigned n = history_lines - back; n; n--)
		line += strlen(line) + 1;
	return line;
}

static bool history_contains(const char *line, const char *text)
{
	size_t len = strlen(text);

	while (*line && strncmp(line, text, len))
		line++;
	return *line;
}

unsigned history_find(const char *text, unsigned back)
{
	const char *line;

	for (; (line = history_get(back)); back++) {
		if (history_contains(line, text))
			return back;
	}
	return 0;
}

void history_clear(void)
{
	history_len = 0;
	history_lines = 0;
}

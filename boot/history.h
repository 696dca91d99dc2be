/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines that were entered at the prompt. */
#ifndef BOOT_HISTORY_H
#define BOOT_HISTORY_H

#include "lib/types.h"

#define HISTORY_LINES 16u
/* Of all lines, each with its NUL. */
#define HISTORY_BYTES 1024u

/*
 * history_add - keep a copy of a line, instead of the oldest ones if need be.
 * An empty line, a repeated one and one that is too long are not kept.
 */
void history_add(const char *line);

/*
 * history_get - the line entered `back` lines ago, 1: the last; NULL: there is
 * none. Valid until history_add().
 */
const char *history_get(unsigned back);

/*
 * history_find - the last line that contains `text`, `back` lines ago or
 * earlier. Returns how many lines ago, 0: none.
 */
unsigned history_find(const char *text, unsigned back);

/* history_clear - forget all lines. */
void history_clear(void);

#endif

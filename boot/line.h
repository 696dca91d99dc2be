/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of input from the console, with an editor, history, completion. */
#ifndef BOOT_LINE_H
#define BOOT_LINE_H

#include "boot/edit.h"

/*
 * line_read - print `prompt`, see struct edit, and read a line. The keys are
 * those of docs/prompt.md; other control characters and sequences are ignored.
 * CR, LF and CR LF end the line.
 * `line`: receives a string that the caller frees, without the line's end.
 * Returns 0; ERR_INVAL: ^C; ERR_RANGE: longer than LINE_MAX_LEN; ERR_NOMEM. For
 * the last two, the rest of the line is read and dropped; see reason(). `*line`
 * is NULL after a failure.
 */
must_check int line_read(const char *prompt, char **line);

/*
 * line_is_typed - did a person type the last line? No script presses cursor
 * keys; a person is taken for one until the first of them. Nor is a line
 * typed whose end came together with other input.
 */
bool line_is_typed(void);

/* line_forget - somebody else may be typing from now on. */
void line_forget(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of input from the console, with echo and minimal editing. */
#ifndef BOOT_LINE_H
#define BOOT_LINE_H

#include "lib/err.h"
#include "lib/types.h"

/* The longest line that is read: longer than any path or NVRAM partition. */
#define LINE_MAX_LEN 65536u

/*
 * line_read - wait for a line and read it. Backspace and DEL erase a
 * character, ^U and ^C the line. CR, LF and CR LF end it. Other control
 * characters and escape sequences are ignored.
 * `line`: receives a string that the caller frees, without the line's end.
 * Returns 0; ERR_INVAL: ^C; ERR_RANGE: longer than LINE_MAX_LEN; ERR_NOMEM. For
 * the last two, the rest of the line is read and dropped; see reason(). `*line`
 * is NULL after a failure.
 */
must_check int line_read(char **line);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text: the printf subset that the firmware uses. */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>

#include "lib/types.h"

/*
 * Conversions: %% %c %s %.*s %d %i %u %x %X %p, with the flags '-' and '0', a
 * width, and the length modifiers hh h l ll z j. "%s" of NULL prints "(null)".
 */

/*
 * fmt_show - format for a terminal, to a callback, piece by piece: `out` gets
 * `arg`, text that is not NUL-terminated, and its length. The format is
 * trusted; %s and %c arguments may be from a disk, a script or a client. Each
 * of their bytes that is not printable ASCII is escaped, as in "\x1b", so that
 * none is a control code (ECMA-48: C0, C1). A width counts the output; a
 * precision counts bytes of the argument.
 * Returns the number of bytes sent.
 */
size_t fmt_show(void (*out)(void *arg, const char *text, size_t len), void *arg,
		const char *fmt, va_list ap);

/*
 * fmt_str, fmt_vstr - format to a buffer, always NUL-terminated (size > 0).
 * Returns the length of the full text, as snprintf does; `size` or more if it
 * was truncated.
 */
size_t fmt_str(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);
size_t fmt_vstr(char *buf, size_t size, const char *fmt, va_list ap);

/*
 * fmt_parse_hex - parse hexadecimal digits (either case, optional "0x" prefix).
 * `text`: `len` bytes: the prefix, then 1..16 digits and nothing else.
 * Returns 0, or ERR_INVAL: no digits, another character, more than 64 bits.
 */
must_check int fmt_parse_hex(const char *text, size_t len, uint64_t *val);

/* fmt_parse_dec - the same for decimal digits. */
must_check int fmt_parse_dec(const char *text, size_t len, uint64_t *val);

#endif

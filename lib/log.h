/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's own text: printed lines, log levels, and the kept boot log. */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/types.h"

/* Bytes of the first text that are kept for outputs that come late. */
#define LOG_KEPT 8192

/* A place that firmware text goes to. `text` is not NUL-terminated. */
struct log_sink {
	void (*write)(struct log_sink *sink, const char *text, size_t len);
	struct log_sink *next;
};

/*
 * log_add_sink - send all further text to `sink`, too.
 * `sink` is kept, not copied. Text that was printed before is replayed to it,
 * from the first byte, up to LOG_KEPT bytes.
 */
void log_add_sink(struct log_sink *sink);

/* log_remove_sink - stop sending to `sink`; unknown sinks are ignored. */
void log_remove_sink(struct log_sink *sink);

/*
 * print - write text for the user. "\n" goes out as CR LF, as terminals want.
 * A call is formatted in pieces: there is no limit on its length.
 * Text may be anybody's: what arguments hold besides printable ASCII is spelt
 * out (fmt_show()); only `fmt` itself can move the cursor. log_err() and
 * log_warn() do the same.
 */
void print(const char *fmt, ...) printf_like(1, 2);

/* log_write - print `len` bytes as they are: for the user's own typing. */
void log_write(const char *text, size_t len);

/* log_err, log_warn - one line each, on a line of its own: "what where: why". */
void log_err(const char *fmt, ...) printf_like(1, 2);
void log_warn(const char *fmt, ...) printf_like(1, 2);

/* log_resume - a fault has cut a print short: print again. */
void log_resume(void);

/* log_reset - forget sinks and kept text (for tests, and at reset). */
void log_reset(void);

#endif

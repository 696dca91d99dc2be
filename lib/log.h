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
 * A call is formatted part by part: there is no limit on its length.
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

/*
 * Topics of debug lines, which the variable trace turns on; to add one: here, in
 * log.c's table and in docs/configuration.md.
 */
enum log_topic {
	LOG_CI = 1u << 0,      /* calls of the client interface */
	LOG_BOOT = 1u << 1,    /* what is tried and why not; what goes where */
	LOG_DRIVERS = 1u << 2, /* what was found, and what was agreed upon */
};

/* Those that are on; only log_on() and log_debug() look at it. */
extern unsigned log_topics;

/* log_on - is the topic on? For text that log_debug() cannot make. */
static inline bool log_on(enum log_topic topic)
{
	return log_topics & topic;
}

/*
 * log_debug - one line, as log_err(), with the topic's name in front, if the
 * topic is on. Otherwise it costs a load and a branch: no argument is evaluated.
 */
#define log_debug(topic, ...)                                                  \
	do {                                                                   \
		if (log_on(topic))                                             \
			log_debug_line(topic, __VA_ARGS__);                    \
	} while (0)
void log_debug_line(enum log_topic topic, const char *fmt, ...)
	printf_like(2, 3);

/*
 * log_set_topics - turn on what a text names, "ci,boot" or "all", and all others
 * off. A warning tells those that there are not.
 */
void log_set_topics(const char *text);

/* log_resume - a fault has cut a print short: print again. */
void log_resume(void);

#endif

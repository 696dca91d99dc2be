/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's own text: printed lines, log topics, and the kept boot log. */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/types.h"

/*
 * Bytes of memory for kept text, of which each line takes 8 more for its time.
 * Until log_keep() there is room for the first lines.
 */
#define LOG_KEPT (256u * KiB)
#define LOG_EARLY 1024u

/* A destination of firmware text. `text` is not NUL-terminated. */
struct log_sink {
	void (*write)(struct log_sink *sink, const char *text, size_t len);
	struct log_sink *next;
};

/*
 * log_add_sink - send all further text to `sink`, too.
 * `sink` is kept, not copied. The text so far is replayed to it.
 */
void log_add_sink(struct log_sink *sink);

/* log_remove_sink - stop sending to `sink`; unknown sinks are ignored. */
void log_remove_sink(struct log_sink *sink);

/*
 * log_keep - keep text in `buf` from now on, 8-byte aligned memory of LOG_KEPT
 * bytes that becomes the log's; NULL is ignored. When it is full, the first
 * text stays.
 */
void log_keep(void *buf);

/* log_keep_nothing - print text that is not to be kept: the log itself. */
void log_keep_nothing(bool nothing);

/* A line of kept text, which is not NUL-terminated. */
struct log_line {
	const char *text;
	size_t len;    /* without the line end */
	uint64_t time; /* the time base at its start */
	size_t number;
};

/*
 * log_next_line - the line after `line`; all zero: the first one.
 * Returns false at the end.
 */
bool log_next_line(struct log_line *line);

/* log_lost - bytes of text that were not kept: no room. */
size_t log_lost(void);

/*
 * print - write text for the user. "\n" is sent as CR LF, for terminals.
 * The length is not limited: the text is formatted piece by piece.
 * Arguments are untrusted: bytes that are not printable ASCII are escaped
 * (fmt_show()), so only `fmt` itself can move the cursor. The same applies to
 * log_err() and log_warn().
 */
void print(const char *fmt, ...) printf_like(1, 2);

/* log_write - print `len` bytes unchanged: to echo the user's input. */
void log_write(const char *text, size_t len);

/* log_send - send text to the sinks that is not kept. */
void log_send(const char *text, size_t len);

/* log_is_sending - called by a sink: text is kept, but not sent. */
bool log_is_sending(void);

/*
 * log_set_pager - from now on `pager` gets all text, which is kept, in place of
 * the sinks: it calls log_send() for what it shows. NULL: there is none.
 */
typedef void log_pager_fn(const char *text, size_t len);
void log_set_pager(log_pager_fn *pager);

/* log_err, log_warn - print a message on its own line: "what where: why". */
void log_err(const char *fmt, ...) printf_like(1, 2);
void log_warn(const char *fmt, ...) printf_like(1, 2);

/*
 * Topics of debug lines; the variable "trace" turns them on. To add one: here,
 * in the table in log.c, and in docs/configuration.md.
 */
enum log_topic {
	LOG_CI = 1u << 0,      /* calls of the client interface */
	LOG_BOOT = 1u << 1,    /* boot attempts, failures and load addresses */
	LOG_DRIVERS = 1u << 2, /* devices found and features negotiated */
};

/* The topics that are on; only log_on() and log_debug() read it. */
extern unsigned log_topics;

/* log_on - true if the topic is on. For text that log_debug() cannot format. */
static inline bool log_on(enum log_topic topic)
{
	return log_topics & topic;
}

/*
 * log_debug - if the topic is on, print one line like log_err(), prefixed with
 * the topic's name. If not, a load and a branch: arguments are not evaluated.
 */
#define log_debug(topic, ...)                                                  \
	do {                                                                   \
		if (log_on(topic))                                             \
			log_debug_line(topic, __VA_ARGS__);                    \
	} while (0)
void log_debug_line(enum log_topic topic, const char *fmt, ...)
	printf_like(2, 3);

/*
 * log_set_topics - turn on the topics that `text` lists ("ci,boot" or "all"),
 * and all others off. Prints a warning for unknown names.
 */
void log_set_topics(const char *text);

/* log_resume - print and keep again after a fault in a print; no pager. */
void log_resume(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
// The firmware's own text, sent to all sinks and kept for late ones.
#include "lib/log.h"

#include <stdarg.h>
#include <string.h>

#include "lib/deadline.h"
#include "lib/fmt.h"

/* The time at which a line began, by its number, from the memory's end down. */
#define LOG_TIMES(room) ((room) / sizeof(uint64_t))

static struct {
	struct log_sink *sinks;
	log_pager_fn *pager;
	uint64_t *memory; /* of text and times; NULL: `early` */
	size_t len;
	size_t lines;
	size_t lost;
	bool in_line; /* the last byte, kept or not, was no line feed */
	bool sending; /* a sink is being called */
	bool paused;  /* log_keep_nothing() */
	uint64_t early[LOG_TIMES(LOG_EARLY)];
} log_state;

unsigned log_topics;

/* clang-format off */
static const struct {
	const char *name;
	unsigned topics;
} log_topic_names[] = {
	{ "ci", LOG_CI },
	{ "boot", LOG_BOOT },
	{ "drivers", LOG_DRIVERS },
	{ "all", LOG_CI | LOG_BOOT | LOG_DRIVERS },
};
/* clang-format on */

/* Text to be sent: a call of a sink costs more than a copy. */
struct log_batch {
	size_t len;
	char text[128];
};

static uint64_t *log_memory(void)
{
	return log_state.memory ? log_state.memory : log_state.early;
}

static size_t log_room(void)
{
	return log_state.memory ? LOG_KEPT : LOG_EARLY;
}

/* Where the start of a line is noted. */
static uint64_t *log_time(size_t number)
{
	return log_memory() + LOG_TIMES(log_room()) - 1 - number;
}

/* Keeps text of one line, or of a part of it; false: no room. */
static bool log_keep_part(const char *text, size_t len)
{
	char *end = (char *)log_memory() + log_state.len;
	bool begins = !log_state.len || end[-1] == '\n';
	size_t lines = log_state.lines + begins;

	if (log_state.lost ||
	    log_state.len + len + lines * sizeof(uint64_t) > log_room())
		return false;
	memcpy(end, text, len);
	log_state.len += len;
	log_state.lines = lines;
	if (begins)
		*log_time(lines - 1) = timebase_read();
	return true;
}

static void log_keep_text(const char *text, size_t len)
{
	while (len && !log_state.paused) {
		const char *feed = memchr(text, '\n', len);
		size_t part = feed ? (size_t)(feed - text) + 1 : len;

		if (!log_keep_part(text, part))
			log_state.lost += part;
		text += part;
		len -= part;
	}
}

void log_send(const char *text, size_t len)
{
	/* Text that a sink prints is not sent: no recursion. */
	if (log_state.sending || len == 0)
		return;
	log_state.sending = true;
	for (struct log_sink *s = log_state.sinks; s; s = s->next)
		s->write(s, text, len);
	log_state.sending = false;
}

bool log_is_sending(void)
{
	return log_state.sending;
}

void log_write(const char *text, size_t len)
{
	if (len)
		log_state.in_line = text[len - 1] != '\n';
	log_keep_text(text, len);
	if (log_state.pager && !log_state.sending)
		log_state.pager(text, len);
	else
		log_send(text, len);
}

void log_set_pager(log_pager_fn *pager)
{
	log_state.pager = pager;
}

void log_keep(void *buf)
{
	const uint64_t *times = log_time(0);

	if (!buf || log_state.memory)
		return;
	log_state.memory = buf;
	memcpy(buf, log_state.early, log_state.len);
	for (size_t i = 0; i < log_state.lines; i++)
		*log_time(i) = times[-(ptrdiff_t)i];
}

void log_keep_nothing(bool nothing)
{
	log_state.paused = nothing;
}

bool log_next_line(struct log_line *line)
{
	const char *start = (const char *)log_memory();
	const char *end = start + log_state.len, *text = start;

	if (line->text)
		text = line->text + line->len + 1;
	if (line->text)
		line->number++;
	if (text >= end || line->number >= log_state.lines)
		return false;
	line->text = text;
	text = memchr(text, '\n', (size_t)(end - text));
	line->len = (size_t)((text ? text : end) - line->text);
	line->time = *log_time(line->number);
	return true;
}

size_t log_lost(void)
{
	return log_state.lost;
}

void log_add_sink(struct log_sink *sink)
{
	struct log_sink **end = &log_state.sinks;
	size_t sent = 0;

	/* The second time, what it has printed itself. */
	for (int i = 0; i < 2; i++) {
		const char *text = (const char *)log_memory() + sent;
		size_t len = log_state.len - sent;

		sent += len;
		if (len)
			sink->write(sink, text, len);
	}
	while (*end)
		end = &(*end)->next;
	sink->next = NULL;
	*end = sink;
}

void log_remove_sink(struct log_sink *sink)
{
	for (struct log_sink **s = &log_state.sinks; *s; s = &(*s)->next) {
		if (*s == sink) {
			*s = sink->next;
			return;
		}
	}
}

void log_resume(void)
{
	log_state.sending = log_state.paused = false;
	log_state.pager = NULL;
}

static void log_flush(struct log_batch *batch)
{
	log_write(batch->text, batch->len);
	batch->len = 0;
}

static void log_batch_add(struct log_batch *batch, char c)
{
	if (batch->len == sizeof(batch->text))
		log_flush(batch);
	batch->text[batch->len++] = c;
}

static void log_out(void *arg, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			log_batch_add(arg, '\r');
		log_batch_add(arg, text[i]);
	}
}

static void log_vprint(const char *fmt, va_list ap)
{
	struct log_batch batch = { 0 };

	fmt_show(log_out, &batch, fmt, ap);
	log_flush(&batch);
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprint(fmt, ap);
	va_end(ap);
}

/* Prints one whole line, starting in the first column. */
static void log_line(const char *prefix, const char *fmt, va_list ap)
{
	if (log_state.in_line)
		print("\n");
	print("%s", prefix);
	log_vprint(fmt, ap);
	print("\n");
}

void log_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("Warning: ", fmt, ap);
	va_end(ap);
}

void log_debug_line(enum log_topic topic, const char *fmt, ...)
{
	char prefix[16];
	size_t i = 0;
	va_list ap;

	while (log_topic_names[i].topics != topic)
		i++;
	fmt_str(prefix, sizeof(prefix), "%s: ", log_topic_names[i].name);
	va_start(ap, fmt);
	log_line(prefix, fmt, ap);
	va_end(ap);
}

/* The topics of a name; 0: unknown. */
static unsigned log_topics_of(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(log_topic_names); i++) {
		if (strlen(log_topic_names[i].name) == len &&
		    !memcmp(log_topic_names[i].name, name, len))
			return log_topic_names[i].topics;
	}
	return 0;
}

/* Appends a name to a list, as much of it as fits. */
static void log_list(char *list, size_t size, const char *name, size_t len)
{
	size_t used = strlen(list);

	fmt_str(list + used, size - used, "%s%.*s", used ? ", " : "", (int)len,
		name);
}

static void log_warn_topics(const char *unknown)
{
	char known[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(log_topic_names); i++)
		log_list(known, sizeof(known), log_topic_names[i].name,
			 strlen(log_topic_names[i].name));
	log_warn("trace: no such topic: %s; topics are %s", unknown, known);
}

void log_set_topics(const char *text)
{
	char unknown[128] = "";
	unsigned on = 0;

	while (*text) {
		size_t len = 0;
		unsigned topics;

		while (text[len] && text[len] != ',' && text[len] != ' ')
			len++;
		topics = log_topics_of(text, len);
		on |= topics;
		if (len && !topics)
			log_list(unknown, sizeof(unknown), text, MIN(len, 64));
		text += len + (text[len] != '\0');
	}
	log_topics = on;
	if (*unknown)
		log_warn_topics(unknown);
}

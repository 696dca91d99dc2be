// SPDX-License-Identifier: BSD-2-Clause
// The firmware's own text, sent to all sinks and kept for late ones.
#include "lib/log.h"

#include <stdarg.h>
#include <string.h>

#include "lib/fmt.h"

static struct {
	struct log_sink *sinks;
	size_t kept_len;
	bool in_line; /* the last byte was not a line feed */
	bool sending; /* a sink is being called */
	char kept[LOG_KEPT];
} log_state;

/* Pieces of text on their way: a sink call costs more than a copy. */
struct log_batch {
	size_t len;
	char text[128];
};

void log_write(const char *text, size_t len)
{
	size_t n = MIN(len, LOG_KEPT - log_state.kept_len);

	if (len == 0)
		return;
	memcpy(log_state.kept + log_state.kept_len, text, n);
	log_state.kept_len += n;
	log_state.in_line = text[len - 1] != '\n';

	/* What a sink itself prints is kept, but not sent round in circles. */
	if (log_state.sending)
		return;
	log_state.sending = true;
	for (struct log_sink *s = log_state.sinks; s; s = s->next)
		s->write(s, text, len);
	log_state.sending = false;
}

void log_add_sink(struct log_sink *sink)
{
	struct log_sink **end = &log_state.sinks;

	while (*end)
		end = &(*end)->next;
	sink->next = NULL;
	*end = sink;
	if (log_state.kept_len)
		sink->write(sink, log_state.kept, log_state.kept_len);
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
	log_state.sending = false;
}

void log_reset(void)
{
	log_state.sinks = NULL;
	log_state.kept_len = 0;
	log_state.in_line = false;
	log_state.sending = false;
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

/* One whole line, begun in the first column. */
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

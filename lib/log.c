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

void log_write(const char *text, size_t len)
{
	size_t n = MIN(len, LOG_KEPT - log_state.kept_len);

	if (len == 0)
		return;
	memcpy(log_state.kept + log_state.kept_len, text, n);
	log_state.kept_len += n;
	log_state.in_line = text[len - 1] != '\n';

	/* Text that a sink prints is kept, but not sent: no recursion. */
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

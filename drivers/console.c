// SPDX-License-Identifier: BSD-2-Clause
/* The firmware's terminal: input from every console, read ahead by device. */
#include "drivers/console.h"

#include <string.h>

#include "lib/deadline.h"
#include "lib/log.h"

static struct list consoles = LIST_INIT(consoles);
/* Gets the firmware's text; NULL: none. */
static struct console_device *console_followed;

static void console_sink_write(struct log_sink *sink, const char *text,
			       size_t len)
{
	(void)sink;
	/* Nobody to tell: failures would be printed here. */
	if (console_followed->ops->write(console_followed, text, len) < 0)
		return;
}

static struct log_sink console_sink = { .write = console_sink_write };

void console_follow(struct console_device *con)
{
	if (con == console_followed)
		return;
	if (console_followed)
		log_remove_sink(&console_sink);
	console_followed = con;
	if (con)
		log_add_sink(&console_sink);
}

void console_add(struct console_device *con)
{
	con->ahead_len = con->ahead_pos = 0;
	list_add_tail(&consoles, &con->link);
}

void console_remove(struct console_device *con)
{
	if (con == console_followed)
		console_follow(NULL);
	list_del(&con->link);
}

struct console_device *console_first(void)
{
	if (list_empty(&consoles))
		return NULL;
	return container_of(consoles.next, struct console_device, link);
}

long console_read(struct console_device *con, char *buf, size_t len)
{
	size_t n;

	if (con->ahead_pos == con->ahead_len) {
		long got = con->ops->read(con, con->ahead, sizeof(con->ahead));

		if (got <= 0)
			return got;
		con->ahead_pos = 0;
		con->ahead_len = (uint8_t)got;
	}
	n = MIN(len, (size_t)(con->ahead_len - con->ahead_pos));
	memcpy(buf, con->ahead + con->ahead_pos, n);
	con->ahead_pos = (uint8_t)(con->ahead_pos + n);
	return (long)n;
}

int console_getchar(void)
{
	struct console_device *con;

	list_for_each(con, &consoles, link) {
		char c;

		if (console_read(con, &c, 1) == 1)
			return (unsigned char)c;
	}
	return -1;
}

int console_wait_char(const struct deadline *until)
{
	struct deadline own;
	bool over = false;
	int c;

	deadline_forever(&own);
	/* A byte that has come in at the last moment counts. */
	while ((c = console_getchar()) < 0 && !over) {
		deadline_idle(until ? until : &own);
		over = until && deadline_passed(until);
	}
	if (!until)
		deadline_stop(&own);
	return c;
}

int console_peekchar(void)
{
	struct console_device *con;

	list_for_each(con, &consoles, link) {
		char c;

		if (console_read(con, &c, 1) == 1) {
			con->ahead_pos--;
			return (unsigned char)c;
		}
	}
	return -1;
}

void console_reset(void)
{
	console_follow(NULL);
	list_init(&consoles);
}

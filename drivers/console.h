/* SPDX-License-Identifier: BSD-2-Clause */
/* The console role, and the firmware's one terminal over all of them. */
#ifndef DRIVERS_CONSOLE_H
#define DRIVERS_CONSOLE_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct device;
struct console_device;
struct deadline;

struct console_ops {
	/* read - what has come in, at most `len`. Bytes, 0: nothing; ERR_IO. */
	long (*read)(struct console_device *con, char *buf, size_t len);
	/* write - all of it. Bytes, or ERR_IO. */
	long (*write)(struct console_device *con, const char *buf, size_t len);
};

struct console_device {
	struct list link;
	struct device *dev;
	const struct console_ops *ops;
	void *priv;
	/* Input that was read ahead. */
	char ahead[16];
	uint8_t ahead_len, ahead_pos;
};

/* console_add - a terminal exists. */
void console_add(struct console_device *con);

/* console_remove - it goes away. */
void console_remove(struct console_device *con);

/*
 * console_follow - send the firmware's own text to `con`, too, from its first
 * byte on; NULL: to nothing but what it goes to anyway. For the device that
 * the user has chosen as output.
 */
void console_follow(struct console_device *con);

/* console_first - the first console, or NULL. */
struct console_device *console_first(void);

/*
 * console_read - up to `len` bytes that have come in (drains the device in
 * whole hypercalls, keeps the rest). Returns bytes, 0: nothing, ERR_IO.
 */
must_check long console_read(struct console_device *con, char *buf, size_t len);

/* console_getchar - a byte from any console, or -1: nothing has come. */
int console_getchar(void);

/*
 * console_wait_char - wait for a byte from any console until `until` passes;
 * NULL: for ever. The processor sleeps, also where there is no console.
 * Returns the byte, or -1: the time is over.
 */
int console_wait_char(const struct deadline *until);

/* console_peekchar - the same byte, which stays to be read. */
int console_peekchar(void);

/* console_reset - forget all consoles, at start (and for tests). */
void console_reset(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The console roles, and the firmware's terminal on top of all consoles. */
#ifndef DRIVERS_CONSOLE_H
#define DRIVERS_CONSOLE_H

#include "drivers/device.h"
#include "lib/log.h"

struct deadline;

/* A source of characters: a terminal, a keyboard. */
struct console_input {
	struct device_role as;
	/* read - up to `len` bytes of input. Returns bytes, 0, or ERR_IO. */
	long (*read)(struct console_input *in, char *buf, size_t len);
	/* Read ahead, but not yet consumed. */
	char ahead[16];
	uint8_t ahead_len, ahead_pos;
};

/* A sink for text: a terminal, a screen. */
struct console_output {
	struct device_role as;
	/* write - all `len` bytes. Returns bytes, or ERR_IO. */
	long (*write)(struct console_output *out, const char *buf, size_t len);
	struct log_sink sink; /* while `follows`: gets the firmware's text */
	bool follows;
};

extern const struct role console_input_role;
extern const struct role console_output_role;

/*
 * console_follow - start or stop sending the firmware's text to an output; it
 * gets all text since reset. NULL is ignored.
 */
void console_follow(struct console_output *out, bool on);

/* console_input_of, console_output_of - the role of a device, or NULL. */
struct console_input *console_input_of(const struct device *dev);
struct console_output *console_output_of(const struct device *dev);

/* console_read - up to `len` bytes of input. Returns bytes, 0: none, ERR_IO. */
must_check long console_read(struct console_input *in, char *buf, size_t len);

/* console_getchar - a byte from any input, or -1: none. */
int console_getchar(void);

/*
 * console_wait_char - wait for a byte from any input until `until` passes;
 * NULL: forever. The processor sleeps, even without any input device.
 * Returns the byte, or -1: timeout.
 */
int console_wait_char(const struct deadline *until);

/* console_peekchar - the next byte of console_getchar(), not consumed. */
int console_peekchar(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The console roles, and the firmware's one terminal over all who play them. */
#ifndef DRIVERS_CONSOLE_H
#define DRIVERS_CONSOLE_H

#include "drivers/device.h"
#include "lib/log.h"

struct deadline;

/* What bytes come in from: a terminal, a keyboard. */
struct console_input {
	struct device_role as;
	/* read - what has come in, at most `len`. Bytes, 0: nothing; ERR_IO. */
	long (*read)(struct console_input *in, char *buf, size_t len);
	/* Input that was read ahead. */
	char ahead[16];
	uint8_t ahead_len, ahead_pos;
};

/* What text goes out to: a terminal, a screen. */
struct console_output {
	struct device_role as;
	/* write - all of it. Bytes, or ERR_IO. */
	long (*write)(struct console_output *out, const char *buf, size_t len);
	struct log_sink sink; /* while it gets the firmware's text */
	bool follows;
};

extern const struct role console_input_role;
extern const struct role console_output_role;

/*
 * console_follow - send the firmware's own text to an output, too, from its
 * first byte on, or no more. NULL is ignored.
 */
void console_follow(struct console_output *out, bool on);

/* console_input_of, console_output_of - what a device plays, or NULL. */
struct console_input *console_input_of(const struct device *dev);
struct console_output *console_output_of(const struct device *dev);

/*
 * console_read - up to `len` bytes that have come in (drains the device in
 * whole hypercalls, keeps the rest). Returns bytes, 0: nothing, ERR_IO.
 */
must_check long console_read(struct console_input *in, char *buf, size_t len);

/* console_getchar - a byte from any input, or -1: nothing has come. */
int console_getchar(void);

/*
 * console_wait_char - wait for a byte from any input until `until` passes;
 * NULL: for ever. The processor sleeps, also where there is no input.
 * Returns the byte, or -1: the time is over.
 */
int console_wait_char(const struct deadline *until);

/* console_peekchar - the same byte, which stays to be read. */
int console_peekchar(void);

#endif

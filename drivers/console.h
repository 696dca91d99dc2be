/* SPDX-License-Identifier: BSD-2-Clause */
/* The console roles, and the terminal on top of all consoles. */
#ifndef DRIVERS_CONSOLE_H
#define DRIVERS_CONSOLE_H

#include "drivers/device.h"
#include "lib/log.h"

struct deadline;
struct instance;

/* Bytes of a read, and most bytes of a key for console_take_key(). */
#define CONSOLE_READ 16u
#define CONSOLE_KEY_MAX 8u

/*
 * A source of characters: a terminal, a keyboard. A driver adds this role and
 * the next one as the last step of its attach().
 */
struct console_input {
	struct device_role as;
	/*
	 * read - up to `len` bytes of input, at least CONSOLE_READ. Never waits: called
	 * in a loop. Returns bytes, 0, or ERR_IO.
	 */
	long (*read)(struct console_input *in, char *buf, size_t len);
	/* Private to console.c: */
	struct list link;
	unsigned opened; /* instances of its own, see console_merge() */
	/* Read, but not yet consumed; room to complete a key. */
	char ahead[CONSOLE_READ + CONSOLE_KEY_MAX];
	uint8_t ahead_len, ahead_pos;
};

/* A sink for text: a terminal, a screen. */
struct console_output {
	struct device_role as;
	/*
	 * write - all `len` bytes. An output that takes no more drops text
	 * after a short wait, not after one for each call: the others wait.
	 * Returns bytes, also if dropped, or ERR_*.
	 */
	long (*write)(struct console_output *out, const char *buf, size_t len);
	/* flush - wait, for a short time, until all is shown; optional. */
	void (*flush)(struct console_output *out);
	/*
	 * show - for an output that collects text: show it now, because someone
	 * `waits` for input, or soon; optional. Called often.
	 */
	void (*show)(struct console_output *out, bool waits);
	/* size - columns and rows of text; 0: not known (yet). Optional. */
	void (*size)(struct console_output *out, unsigned *columns,
		     unsigned *rows);
	/*
	 * keep - from now on the client owns the machine, but write() still
	 * works: no DMA outside of a call of it; optional.
	 */
	void (*keep)(struct console_output *out);
	/* It has the firmware's text from another source: the lowest vty. */
	bool early;
	/*
	 * One of too many screens: it gets text only if the user or a client
	 * chooses it. Each one that shows text takes time for each line.
	 */
	bool spare;
	/* Private to console.c: */
	struct list link;
	unsigned opened;
	struct log_sink sink; /* while `follows`: gets the firmware's text */
	bool follows;
};

extern const struct role console_input_role;
extern const struct role console_output_role;

/* console_init - called by device_init() at start: no consoles. */
void console_init(void);

/*
 * console_follow - start or stop sending the firmware's text to an output; it
 * gets all text since reset. NULL is ignored.
 */
void console_follow(struct console_output *out, bool on);

/* console_follow_all - do it for all outputs, except `early` and `spare` ones. */
void console_follow_all(void);

/*
 * console_show - let outputs show the text they have collected: at once if
 * someone `waits` for input. Not while one of them does.
 */
void console_show(bool waits);

/* console_abandon - after an exception: it may have ended a console_show(). */
void console_abandon(void);

/* console_input_of, console_output_of - the role of a device, or NULL. */
struct console_input *console_input_of(const struct device *dev);
struct console_output *console_output_of(const struct device *dev);

/*
 * console_merge - turn an instance, of a console or of a node without one, into
 * a terminal: it reads what any input has, and writes to all outputs. A console
 * of which the client has an instance of its own is left alone, except the one
 * of `inst` itself; a screen only once that instance has written to it.
 */
void console_merge(struct instance *inst);

/*
 * console_keep - before devices are shut down, except those of `node`: prepare
 * its output for that, see `keep`. NULL is ignored.
 */
void console_keep(const struct node *node);

/* console_read - up to `len` bytes of input. Returns bytes, 0: none, ERR_IO. */
must_check long console_read(struct console_input *in, char *buf, size_t len);

/* console_getchar - a byte from any input, or -1: none. */
int console_getchar(void);

/* How the byte came that was read last. */
enum console_burst {
	CONSOLE_ALONE, /* typed */
	CONSOLE_MORE,  /* others came together with it, and follow */
	CONSOLE_LAST,  /* it is the last of several */
};

/*
 * console_burst - how the last byte of console_getchar() came. An input hands
 * over at most 16 bytes at once: more of them may follow CONSOLE_LAST.
 */
enum console_burst console_burst(void);

/*
 * console_wait_char - wait for a byte from any input until `until` passes;
 * NULL: forever. The processor sleeps, even without any input device.
 * Returns the byte, or -1: timeout.
 */
int console_wait_char(const struct deadline *until);

/*
 * console_take_key - consume `key`, a byte or the sequence of a key, if it comes
 * next in any input; what other inputs have is kept. "": any key, and none is
 * consumed. Returns whether it was there.
 */
bool console_take_key(const char *key);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, decoded from the bytes that terminals and keyboards send. */
#ifndef BOOT_KEY_H
#define BOOT_KEY_H

struct deadline;

/* Control characters and text are keys with their byte as value. */
enum key {
	KEY_TIMEOUT = -1,
	KEY_CTRL_A = 0x01, /* the other letters follow */
	KEY_BACKSPACE = 0x08,
	KEY_TAB = 0x09,
	KEY_LINE_FEED = 0x0a,
	KEY_ENTER = 0x0d,
	KEY_ESC = 0x1b, /* alone */
	KEY_DEL = 0x7f,
	KEY_UP = 0x100,
	KEY_DOWN,
	KEY_RIGHT,
	KEY_LEFT,
	KEY_HOME,
	KEY_END,
	KEY_INSERT,
	KEY_DELETE,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_F1, /* to F12 */
	KEY_F12 = KEY_F1 + 11,
	KEY_UNKNOWN, /* an unknown sequence */
};

/*
 * key_wait - the next key of any input, or KEY_TIMEOUT when `until` passes;
 * NULL: wait forever. A sequence that stops is given up after 50 ms.
 */
int key_wait(const struct deadline *until);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, decoded from the bytes that terminals and keyboards send. */
#ifndef BOOT_KEY_H
#define BOOT_KEY_H

#include "lib/types.h"

struct deadline;

/*
 * Control characters and text are keys with their byte as value, also bytes
 * above 0x7f.
 */
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

/* F12 as console_take_key() wants it: of keyboards, xterm and VT220. */
#define KEY_F12_BYTES "\x1b[24~"

/*
 * key_wait - the next key of any input, or KEY_TIMEOUT when `until` passes;
 * NULL: wait forever. A sequence that stops is given up after 50 ms, one that
 * does not end after 16 bytes. Modifiers are ignored. ESC and another byte, as
 * Alt sends them, are two keys; CR LF is KEY_ENTER, once.
 */
int key_wait(const struct deadline *until);

/*
 * key_in_burst - does more input follow the key that was read last immediately?
 * Then a machine sends it: a script, or a terminal that pastes. May wait 10 ms.
 */
bool key_in_burst(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What all keyboards have in common: a console input and its life. */
#ifndef DRIVERS_INPUT_KEYBOARD_H
#define DRIVERS_INPUT_KEYBOARD_H

#include "drivers/console.h"
#include "drivers/input/keymap.h"

/* Keys of one fetch(): six new ones in a report, and an older repeat. */
#define KEYBOARD_KEYS_MAX 7u

/*
 * A keyboard; embedded in its driver's own structure, the `priv` of its device.
 * It is open from its scan until quiesce, and restarted if it was reset.
 */
struct keyboard {
	struct console_input in;
	/* Set by the driver before keyboard_describe(): */
	/*
	 * fetch - take what the device has next: keyboard_press() for at most
	 * KEYBOARD_KEYS_MAX keys, or keyboard_fault(). No hypercall while it
	 * has nothing. Returns false: nothing.
	 */
	bool (*fetch)(struct keyboard *kb);
	struct keymap map;
	/* Private: */
	bool open;
	uint8_t faults; /* since it last typed */
	/* Typed, but not read: for each key its length and its bytes. */
	uint8_t typed, taken;
	char keys[KEYBOARD_KEYS_MAX * (1 + KEYMAP_KEY_MAX)];
};

/*
 * keyboard_describe - for attach() or scan(): the role, and the properties of
 * the node. Returns 0, or ERR_* with reason().
 */
must_check int keyboard_describe(struct keyboard *kb, struct device *dev);

/*
 * keyboard_scan, keyboard_found - for a struct driver: open the keyboard; if
 * it works, let the alias "keyboard" name it. The last one wins, as in SLOF.
 */
bool keyboard_scan(struct device *dev);
void keyboard_found(struct device *dev);

/* keyboard_press - a key was pressed, or repeats. `usage`: see keymap.h. */
void keyboard_press(struct keyboard *kb, uint8_t usage, bool repeat);

/*
 * keyboard_fault - for fetch(): the device has failed, with reason(): stop it.
 * The next read restarts it; after the second fault in a row it is closed for
 * good, which is printed.
 */
void keyboard_fault(struct keyboard *kb);

#endif

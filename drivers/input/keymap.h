/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys to bytes: the US layout, for keyboards of every kind. */
#ifndef DRIVERS_INPUT_KEYMAP_H
#define DRIVERS_INPUT_KEYMAP_H

#include "lib/types.h"

/*
 * Keys are HID usages of the keyboard page; those of modifiers are
 * KEYMAP_MODIFIERS to KEYMAP_MODIFIERS + 7. [HID usage tables 1.12, 10]
 */
#define KEYMAP_MODIFIERS 0xe0u

/* Bits of `modifiers`, as in a boot keyboard's report. [HID 1.11, 8.3, B.1] */
enum keymap_modifier {
	KEYMAP_CTRL = 0x11, /* left | right */
	KEYMAP_SHIFT = 0x22,
	KEYMAP_ALT = 0x44,
	KEYMAP_GUI = 0x88,
};

/* The state of a keyboard. Starts with zeros: Num Lock is off. */
struct keymap {
	uint8_t modifiers; /* that are held */
	bool caps, num;	   /* locks */
};

/* Most bytes of a key. */
#define KEYMAP_KEY_MAX 5u

/*
 * keymap_press - a key is pressed, or repeated while it is held.
 * `buf`: receives what it types, at most KEYMAP_KEY_MAX bytes: a character, one
 * with Alt as ESC and the character, or an escape sequence. Locks change here.
 * Returns the number of bytes; 0: nothing, or an unknown key.
 */
unsigned keymap_press(struct keymap *map, uint8_t usage, bool repeat,
		      char *buf);

/* keymap_usage - the usage of a Linux key code (KEY_A), or 0: unknown. */
uint8_t keymap_usage(unsigned key);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of boot keyboards: which keys are new, which repeat (HID 1.11, B.1). */
#ifndef DRIVERS_INPUT_REPORT_H
#define DRIVERS_INPUT_REPORT_H

#include "drivers/input/keyboard.h"

/* Modifiers, a reserved byte, the usages of up to six keys. */
#define REPORT_LEN 8u

/* What the last reports said. Starts with zeros. */
struct report_state {
	uint8_t last[REPORT_LEN];
	uint8_t key;	     /* the one that equal reports repeat, or 0 */
	bool doubt;	     /* the last report was equal to the one before */
	uint64_t doubt_ends; /* deadline_ms(): then it was a repeat */
};

/*
 * report_take - pass a report's keys to keyboard_press(), at most
 * KEYBOARD_KEYS_MAX. `len`: any; shorter ones are ignored.
 */
void report_take(struct report_state *rs, struct keyboard *kb,
		 const uint8_t *report, size_t len);

/* report_none - there is no report now. Returns whether a key has repeated. */
bool report_none(struct report_state *rs, struct keyboard *kb);

#endif

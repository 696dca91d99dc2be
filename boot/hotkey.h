/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys that are looked for at power-on: F12 and s. */
#ifndef BOOT_HOTKEY_H
#define BOOT_HOTKEY_H

#include "lib/types.h"

enum hotkey {
	HOTKEY_NONE, /* boot */
	HOTKEY_PROMPT,
	HOTKEY_MENU,
};

/* hotkey_announce - with `-boot menu=on`: SLOF's line about F12. */
void hotkey_announce(void);

/*
 * hotkey_pressed - has F12 or s been typed on any console? With `-boot menu=on`
 * and `boots`, wait for it: as long as boot-menu-wait says, until another key is
 * pressed; its keyboards are scanned first. Otherwise one look, without a wait,
 * and if the machine does not boot (`boots`), s belongs to the prompt.
 * The key is consumed, others are not: they are for a client or the prompt.
 */
enum hotkey hotkey_pressed(bool boots);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which consoles are a client's stdin and stdout. */
#ifndef CI_CONSOLE_H
#define CI_CONSOLE_H

#include "lib/err.h"
#include "lib/types.h"

struct node;

/* ci_console_reset - at the start of the machine: nothing is selected yet. */
void ci_console_reset(void);

/*
 * ci_console_is_named - does /chosen name a console? QEMU does if the machine
 * has no display; otherwise the console is a screen and a keyboard.
 */
bool ci_console_is_named(void);

/*
 * ci_console_select - the nodes of stdin and stdout. The first call selects
 * them, in SLOF's order and with its lines, and lets all consoles have the
 * firmware's text; later ones return the same, unless a node is gone. Without a
 * console it is /openprom/devnull-console. The size of a screen becomes that
 * in /options, screen-#columns and screen-#rows.
 * Returns 0, or ERR_NOMEM.
 */
must_check int ci_console_select(struct node **in, struct node **out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot menu: F12 at power-on, or the prompt's `menu`. */
#ifndef BOOT_MENU_H
#define BOOT_MENU_H

#include "boot/prompt.h"
#include "lib/err.h"

/*
 * menu_run - scan all controllers, list the devices with an alias cdrom*, disk*
 * or net* as SLOF does, and boot the one that the user selects: as the prompt's
 * `boot ALIAS`, by `ops`. Whatever comes of it, it returns: it is the prompt's
 * turn then, where the reason of a failure stays on the screen.
 * Returns COMMAND_QUIET, also if the user left; ERR_NOMEM with reason().
 */
must_check int menu_run(const struct prompt_ops *ops);

#endif

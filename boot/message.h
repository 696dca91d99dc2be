/* SPDX-License-Identifier: BSD-2-Clause */
/* SLOF's boot message codes: test harnesses and users search for them. */
#ifndef BOOT_MESSAGE_H
#define BOOT_MESSAGE_H

#include "lib/err.h"
#include "lib/types.h"

/* Codes and texts as in SLOF's exception.fs; we add where and why. */
enum message {
	E3401, /* Aborting boot */
	E3403, /* Bad executable */
	E3404, /* Not a bootable device! */
	E3405, /* No such device */
	E3406, /* Client application returned an error */
	E3407, /* Load failed */
	E3408, /* Failed to claim memory for the executable */
	E3409, /* Unknown FORTH Word */
	W3411, /* Client application returned. */
};

/*
 * message_print - print a line "E3404: Not a bootable device! where: why". NULL
 * or empty parts are omitted.
 */
void message_print(enum message msg, const char *where, const char *why);

/* message_fail - print it and return ERR_NODEV: this target did not boot. */
must_check int message_fail(enum message msg, const char *where,
			    const char *why);

/* message_for_image - the code for an error in reading or placing an image. */
enum message message_for_image(int err);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened since reset, and when: for users and for clients. */
#ifndef BOOT_BOOTLOG_H
#define BOOT_BOOTLOG_H

#include "lib/err.h"
#include "lib/types.h"

/* bootlog_print - print all lines since reset, each with its time. */
void bootlog_print(void);

/*
 * bootlog_publish - before a client runs: the same text, as far as it has room,
 * in the property quoin,boot-log of /openprom.
 * Returns 0 or ERR_NOMEM.
 */
must_check int bootlog_publish(void);

/* bootlog_slow - name the device that made this boot wait, if it was long. */
void bootlog_slow(void);

#endif

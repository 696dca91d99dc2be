/* SPDX-License-Identifier: BSD-2-Clause */
/* Secure boot: what may run, and what the user is told. */
#ifndef BOOT_SECURE_H
#define BOOT_SECURE_H

#include "lib/err.h"
#include "packages/image.h"

/*
 * secure_is_on - are programs verified? Then the loader reads all of one first,
 * and runs what was verified.
 */
bool secure_is_on(void);

/*
 * secure_program - may this program run? `img`: all of it, in memory. Prints
 * whose key has signed it, or what audit mode would refuse.
 * Returns 0; ERR_PERM with reason(): no; or, also with reason(), ERR_NOMEM or a
 * read error. Without enforcement always 0.
 */
must_check int secure_program(struct image *img);

/*
 * secure_other - may something run that cannot be signed: "a boot script", "an
 * AIX boot image"? `name`: where it is, for what audit mode prints.
 * Returns 0, or ERR_PERM with reason().
 */
must_check int secure_other(const char *name, const char *what);

/*
 * secure_kernel - may the image of -kernel run? It is the host's, as the keys
 * are; prints that nobody has checked it.
 * Returns 0, or ERR_PERM, printed: the host also forbids that.
 */
must_check int secure_kernel(void);

/*
 * secure_enter - a client is about to be entered: the root tells it the policy,
 * whatever an earlier client has written there.
 */
void secure_enter(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifying a program: its appended signature, keys, deny list, SBAT. */
#ifndef PACKAGES_SECURE_VERIFY_H
#define PACKAGES_SECURE_VERIFY_H

#include "lib/err.h"
#include "packages/image.h"
#include "packages/secure/keys.h"

/* What was found. */
struct verify_result {
	const struct keys_key *key; /* the one that verified; NULL: none */
	uint64_t content;	    /* bytes that are signed */
};

/*
 * verify_image - is an ELF image of img->size bytes signed by one of the keys,
 * not denied, and new enough? The image can be read at random and does not
 * change: it is in memory. Its end is the signature's end. Every segment is
 * inside what is signed.
 * Returns 0; ERR_PERM with reason(): it may not run: not signed, damaged, no key,
 * denied, too old; ERR_NOMEM; or a read error.
 */
must_check int verify_image(struct image *img, struct verify_result *result);

#endif

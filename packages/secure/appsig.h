/* SPDX-License-Identifier: BSD-2-Clause */
/* Appended signatures: where they are, and what they cover. */
#ifndef PACKAGES_SECURE_APPSIG_H
#define PACKAGES_SECURE_APPSIG_H

#include "packages/image.h"

/* Of a signature, and of an SBAT note. */
#define APPSIG_MAX (64 * KiB)

/*
 * A signed ELF file: content, PKCS #7 message, trailer of 40 bytes. All offsets
 * are in the file, all ranges inside it.
 */
struct appsig {
	uint64_t content; /* bytes that are signed: the first ones */
	size_t message;	  /* bytes of the message, which follows; not 0 */
	uint64_t sbat;	  /* offset of the text of the SBAT note */
	size_t sbat_len;  /* 0: there is no note */
};

/*
 * appsig_find - find and check the signature at the end of an ELF file that can
 * be read at random: its size is where the signature ends. What is loaded, all
 * headers and the SBAT note are inside what is signed. If a note says where the
 * signature is, as GRUB's does for a partition without a file system, it agrees,
 * and the file ends there. Nothing is verified.
 * Returns 0; ERR_FORMAT with reason(); or a read error.
 * [Linux scripts/sign-file.c; GRUB grub-core/commands/appendedsig,
 * util/grub-mkimagexx.c]
 */
must_check int appsig_find(struct image *img, struct appsig *sig);

#endif

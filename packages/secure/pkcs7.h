/* SPDX-License-Identifier: BSD-2-Clause */
/* PKCS #7: detached signatures, as appended signatures use them (RFC 5652). */
#ifndef PACKAGES_SECURE_PKCS7_H
#define PACKAGES_SECURE_PKCS7_H

#include "lib/digest.h"
#include "lib/err.h"
#include "lib/types.h"

/* Each costs an RSA operation for every key. */
#define PKCS7_SIGNERS 16u

/* A signature; the bytes are the message's. */
struct pkcs7_signer {
	const uint8_t *signature;
	size_t len;
	enum digest_hash hash;
};

struct pkcs7 {
	struct pkcs7_signer signer[PKCS7_SIGNERS];
	size_t count;	 /* at least 1 */
	unsigned hashes; /* of DIGEST_BIT(): all that they use */
};

/*
 * pkcs7_parse - the signers of a SignedData without content, signed attributes
 * and CRLs, of `len` bytes. Hashes are SHA-256, SHA-384 or SHA-512 and in its
 * list of digest algorithms; signatures are RSA (rsaEncryption). Certificates,
 * issuers, serial numbers and key identifiers are skipped: no signature covers
 * them, and every key is tried. [GRUB grub-core/commands/appendedsig]
 * Returns 0, or ERR_FORMAT with reason().
 */
must_check int pkcs7_parse(const void *data, size_t len, struct pkcs7 *pkcs7);

#endif

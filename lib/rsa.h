/* SPDX-License-Identifier: BSD-2-Clause */
/* RSA signatures, PKCS #1 v1.5 (RFC 8017); BearSSL computes. */
#ifndef LIB_RSA_H
#define LIB_RSA_H

#include "lib/digest.h"
#include "lib/err.h"
#include "lib/types.h"

/* Bytes of a modulus: 2048 to 4096 bits. */
#define RSA_MODULUS_MIN 256u
#define RSA_MODULUS_MAX 512u

/* Bytes of an exponent; all that are in use have 1 or 3. */
#define RSA_EXPONENT_MAX 8u

/* A public key, not owned: big-endian numbers without leading zeros. */
struct rsa_key {
	const uint8_t *n;
	size_t n_len;
	const uint8_t *e;
	size_t e_len;
};

/*
 * rsa_hash_oid - the object identifier of a hash (RFC 8017, B.1), its length in
 * the first byte. Returns NULL: not one that signatures may use, as SHA-1.
 */
const uint8_t *rsa_hash_oid(enum digest_hash hash);

/*
 * rsa_key_fault - why is a key not usable? It has 2048 to 4096 bits, both
 * numbers are odd, e is at least 3 and has at most 64 bits. NULL: it is.
 */
const char *rsa_key_fault(const struct rsa_key *key);

/*
 * rsa_verify - is `signature` that of a hash value (as long as the hash's) by
 * this key? It is as long as the modulus, and the number it is, is less.
 * Needs 3 KiB of stack and 13 million instructions for 4096 bits.
 * Returns 0; ERR_PERM: no; ERR_INVAL: the key or the hash is not usable. There
 * is no reason(): trying another key is not a failure.
 */
must_check int rsa_verify(const struct rsa_key *key, const uint8_t *signature,
			  size_t len, enum digest_hash hash,
			  const uint8_t *value);

#endif

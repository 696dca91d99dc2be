// SPDX-License-Identifier: BSD-2-Clause
// RSA signatures: what BearSSL leaves to its caller, and BearSSL.
#include "lib/rsa.h"

#include <bearssl_rsa.h>
#include <string.h>

/* 2.16.840.1.101.3.4.2.n, NIST's hashes; BearSSL wants the length in front. */
#define OID_SIZE 10
#define OID_NIST_HASH(n)                                                       \
	{                                                                      \
		9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n           \
	}

const uint8_t *rsa_hash_oid(enum digest_hash hash)
{
	static const uint8_t oids[DIGEST_HASHES][OID_SIZE] = {
		[DIGEST_SHA256] = OID_NIST_HASH(1),
		[DIGEST_SHA384] = OID_NIST_HASH(2),
		[DIGEST_SHA512] = OID_NIST_HASH(3),
	};

	return hash < DIGEST_HASHES && oids[hash][0] ? oids[hash] : NULL;
}

const char *rsa_key_fault(const struct rsa_key *key)
{
	if (!key->n_len || !key->e_len || !key->n[0] || !key->e[0])
		return "a number is empty or starts with zero";
	if (key->n_len < RSA_MODULUS_MIN || key->n_len > RSA_MODULUS_MAX ||
	    (key->n_len == RSA_MODULUS_MIN && !(key->n[0] & 0x80)))
		return "the modulus has not 2048 to 4096 bits";
	if (!(key->n[key->n_len - 1] & key->e[key->e_len - 1] & 1))
		return "a number is even";
	if (key->e_len > RSA_EXPONENT_MAX || (key->e_len == 1 && *key->e < 3))
		return "the exponent is 1 or has more than 64 bits";
	return NULL;
}

/*
 * The padding is compared as a whole: 00 01 ff… 00, then the hash's object
 * identifier, with NULL as its parameters or without, then the hash.
 * [BearSSL src/rsa/rsa_pkcs1_sig_unpad.c]
 */
int rsa_verify(const struct rsa_key *key, const uint8_t *signature, size_t len,
	       enum digest_hash hash, const uint8_t *value)
{
	const uint8_t *oid = rsa_hash_oid(hash);
	uint8_t signed_value[DIGEST_MAX];
	br_rsa_public_key pk;
	size_t size;

	if (!oid || rsa_key_fault(key))
		return ERR_INVAL;
	if (len != key->n_len)
		return ERR_PERM;
	/* The casts drop const: BearSSL only reads them. */
	pk = (br_rsa_public_key){ (unsigned char *)(uintptr_t)key->n,
				  key->n_len,
				  (unsigned char *)(uintptr_t)key->e,
				  key->e_len };
	size = digest_infos[hash].size;
	if (!br_rsa_i31_pkcs1_vrfy(signature, len, oid, size, &pk,
				   signed_value))
		return ERR_PERM;
	return memcmp(signed_value, value, size) ? ERR_PERM : 0;
}

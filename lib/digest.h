/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests: several hashes of the same bytes in one pass; BearSSL computes them. */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include <bearssl_hash.h>

#include "lib/types.h"

enum digest_hash {
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_HASHES, /* their number */
};

#define DIGEST_BIT(hash) (1u << (hash))
#define DIGEST_ALL (DIGEST_BIT(DIGEST_HASHES) - 1)

/* The longest of them, in bytes. */
#define DIGEST_MAX 64u

/* What is to be known of a hash. */
struct digest_info {
	const char *name; /* "sha256" */
	uint16_t tpm;	  /* TPM_ALG_ID [TCG algorithm registry] */
	uint8_t size;	  /* of its value, in bytes */
};

extern const struct digest_info digest_infos[DIGEST_HASHES];

/* digest_count - the number of hashes in a set. */
static inline unsigned digest_count(unsigned set)
{
	unsigned count = 0;

	/* The compiler's own way needs libgcc. */
	for (; set; set &= set - 1)
		count++;
	return count;
}

/* The hashes of some bytes. */
struct digest_values {
	unsigned set; /* of DIGEST_BIT(): which of them are valid */
	uint8_t value[DIGEST_HASHES][DIGEST_MAX];
};

/* A calculation; private. */
struct digest {
	unsigned set;
	br_hash_compat_context context[DIGEST_HASHES];
};

/* digest_begin - start; `set`: of DIGEST_BIT(), may be 0. */
void digest_begin(struct digest *digest, unsigned set);

/* digest_add - `len` more bytes, of any number. */
void digest_add(struct digest *digest, const void *data, size_t len);

/* digest_end - the values so far; more bytes may follow. */
void digest_end(const struct digest *digest, struct digest_values *values);

/* digest_of - all at once. */
void digest_of(unsigned set, const void *data, size_t len,
	       struct digest_values *values);

#endif

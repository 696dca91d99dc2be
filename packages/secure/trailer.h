/* SPDX-License-Identifier: BSD-2-Clause */
/* The trailer of the firmware's file: keys, deny lists, policy. */
#ifndef PACKAGES_SECURE_TRAILER_H
#define PACKAGES_SECURE_TRAILER_H

#include "packages/secure/keys.h"

/*
 * The format, which tools/quoin-keys writes; big-endian:
 *   "QUOINKEY", version 1, bytes in all, mode, flags, number of records, 0
 *   records: type, bytes of data, data, zeros up to a multiple of 8
 */
#define TRAILER_MAX (1u * MiB)

/* The types of records. */
enum trailer_type {
	TRAILER_KEY = 1,  /* struct trailer_key, n, e, certificate, name, NUL */
	TRAILER_DENY = 2, /* a SHA-256, of contents or of a certificate */
	TRAILER_DB = 3,	  /* UEFI signature lists */
	TRAILER_DBX = 4,
	TRAILER_SBAT = 5, /* lines "component,generation\n" */
	TRAILER_TYPES,
};

/* The largest number of keys: each one costs an RSA operation. */
#define TRAILER_KEYS 32u

struct trailer_span {
	const void *data; /* NULL: there is no such record */
	size_t len;
};

/* What a trailer says. All pointers but `keys` point into its bytes. */
struct trailer {
	enum keys_mode mode;
	bool refuse_kernel;
	struct keys_key *keys; /* on the heap */
	size_t key_count;
	struct trailer_span one[TRAILER_TYPES]; /* the record: db, dbx, sbat */
	struct trailer_span records;
};

/*
 * trailer_parse - check `len` bytes at `data`, a multiple of 8, strictly, and
 * find what is in them. Returns 0 with *trailer; ERR_FORMAT with reason(): not such a trailer,
 * which names the record; ERR_NOMEM. Then nothing is allocated, and *trailer is
 * one without records.
 */
must_check int trailer_parse(const void *data, size_t len,
			     struct trailer *trailer);

/*
 * trailer_denied - the hash of the first TRAILER_DENY record after that of
 * `last`, or of all; NULL: there are no more.
 */
const uint8_t *trailer_denied(const struct trailer *trailer,
			      const uint8_t *last);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed files and public keys, from ci-scripts/make-signed-fixtures. */
#ifndef TESTS_FAKE_SIGNED_H
#define TESTS_FAKE_SIGNED_H

#include "lib/rsa.h"

/* A file in memory of just its size. */
struct signed_file {
	uint8_t *data; /* owned: signed_free() */
	size_t size;
};

/* signed_read - a file of tests/data/signed. */
struct signed_file signed_read(const char *name);

/* signed_append - `more` after it. */
void signed_append(struct signed_file *file, const void *more, size_t size);

/* signed_trailer - the 40 bytes for a signature of `len` bytes before it. */
void signed_trailer(struct signed_file *file, size_t len);

/* signed_kernel - the kernel with one of its signatures, "rsa2048.sha256". */
struct signed_file signed_kernel(const char *signature);

void signed_free(struct signed_file *file);

/* signed_key - a public key, "rsa2048"; kept for ever. */
struct rsa_key signed_key(const char *name);

#endif

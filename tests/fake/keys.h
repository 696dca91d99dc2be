/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's file with keys at its end, and keys.c with a reset. */
#ifndef TESTS_FAKE_KEYS_H
#define TESTS_FAKE_KEYS_H

#include "packages/secure/keys.h"
#include "packages/secure/trailer.h"

/* The bytes of the image; the trailer follows, with that room. */
#define FAKE_KEYS_IMAGE 0x80u
#define FAKE_KEYS_ROOM 65536u
/* Memory at address 0, as far as a file may reach. */
extern uint8_t fake_keys_file[4 * MiB];
/* The trailer's bytes so far. */
extern size_t fake_keys_len;

/* fake_keys_reset - as at the start: nothing was read; the file has no keys. */
void fake_keys_reset(void);

/* fake_keys_begin - a trailer without records follows the image. */
void fake_keys_begin(uint32_t mode, uint32_t flags);

/* fake_keys_add - one more record. */
void fake_keys_add(uint32_t type, const void *data, size_t len);

/*
 * fake_keys_add_key - a TRAILER_KEY: a modulus of `bits` bits, 1s and a last
 * byte of `last`; exponent `e`, a byte; certificate "cert", owner 1, 2, 3...
 */
void fake_keys_add_key(const char *name, size_t bits, uint8_t last, uint8_t e);

/* fake_keys_add_list - a record of one signature list with one entry. */
void fake_keys_add_list(uint32_t type, const void *data, size_t len);

/* fake_keys_seal - the header's hash of the trailer as it is. */
void fake_keys_seal(void);

/* fake_keys_copy - where keys.c has the trailer that it read. */
const void *fake_keys_copy(void);

/* fake_keys_read - seal it and read it. */
must_check int fake_keys_read(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, deny list and SBAT levels of tests, instead of the host's. */
#ifndef TESTS_FAKE_KEY_STORE_H
#define TESTS_FAKE_KEY_STORE_H

#include "packages/secure/keys.h"
#include "tests/fake/signed.h"

/* key_store_reset - no keys, nothing denied, no levels. */
void key_store_reset(void);

/* key_store_add - a key of tests/data/signed; its name is its certificate. */
void key_store_add(const char *name);

/* key_store_deny - add the SHA-256 of these bytes to the deny list. */
void key_store_deny(const void *data, size_t len);

/* key_store_set_sbat - the lowest generations; NULL: none. Kept. */
void key_store_set_sbat(const char *lowest);

#endif

// SPDX-License-Identifier: BSD-2-Clause
// Keys, deny list and SBAT levels that tests set.
#include "tests/fake/key_store.h"

#include <string.h>

#define STORE_MAX 8u

static struct keys_key keys[STORE_MAX];
static struct digest_values denied[STORE_MAX];
static size_t key_count, denied_count;
static const char *sbat;

void key_store_reset(void)
{
	key_count = denied_count = 0;
	sbat = NULL;
}

void key_store_add(const char *name)
{
	struct rsa_key rsa = signed_key(name);

	assert(key_count < STORE_MAX);
	keys[key_count++] = (struct keys_key){ .name = name,
					       .rsa = rsa,
					       .cert = (const uint8_t *)name,
					       .cert_len = strlen(name) };
}

void key_store_deny(const void *data, size_t len)
{
	assert(denied_count < STORE_MAX);
	digest_of(DIGEST_BIT(DIGEST_SHA256), data, len,
		  &denied[denied_count++]);
}

void key_store_set_sbat(const char *lowest)
{
	sbat = lowest;
}

size_t keys_count(void)
{
	return key_count;
}

const struct keys_key *keys_at(size_t i)
{
	return i < key_count ? &keys[i] : NULL;
}

const uint8_t *keys_denied(const uint8_t *last)
{
	size_t i = 0;

	while (last && denied[i++].value[DIGEST_SHA256] != last)
		assert(i < denied_count);
	return i < denied_count ? denied[i].value[DIGEST_SHA256] : NULL;
}

bool keys_denies(const uint8_t hash[32])
{
	for (size_t i = 0; i < denied_count; i++) {
		if (!memcmp(denied[i].value[DIGEST_SHA256], hash, 32))
			return true;
	}
	return false;
}

const char *keys_sbat(size_t *len)
{
	*len = sbat ? strlen(sbat) : 0;
	return sbat;
}

// SPDX-License-Identifier: BSD-2-Clause
/* Digests: several hashes of the same bytes in one pass; BearSSL computes them. */
#include "lib/digest.h"

/* All hashes see a piece before the next: it fits any second-level cache. */
#define DIGEST_PIECE 0x10000u

/* Identifiers: TCG Algorithm Registry 1.34, table 3. */
const struct digest_info digest_infos[DIGEST_HASHES] = {
	[DIGEST_SHA1] = { "sha1", 0x0004, br_sha1_SIZE },
	[DIGEST_SHA256] = { "sha256", 0x000b, br_sha256_SIZE },
	[DIGEST_SHA384] = { "sha384", 0x000c, br_sha384_SIZE },
	[DIGEST_SHA512] = { "sha512", 0x000d, br_sha512_SIZE },
};

static const br_hash_class *const digest_classes[DIGEST_HASHES] = {
	[DIGEST_SHA1] = &br_sha1_vtable,
	[DIGEST_SHA256] = &br_sha256_vtable,
	[DIGEST_SHA384] = &br_sha384_vtable,
	[DIGEST_SHA512] = &br_sha512_vtable,
};

void digest_begin(struct digest *digest, unsigned set)
{
	unsigned i;

	digest->set = set & DIGEST_ALL;
	for (i = 0; digest->set >> i; i++) {
		if (digest->set & DIGEST_BIT(i))
			digest_classes[i]->init(&digest->context[i].vtable);
	}
}

static void digest_piece(struct digest *digest, const void *data, size_t len)
{
	unsigned i;

	for (i = 0; digest->set >> i; i++) {
		if (digest->set & DIGEST_BIT(i))
			digest_classes[i]->update(&digest->context[i].vtable,
						  data, len);
	}
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;

	if (!digest->set)
		return;
	for (; len; len -= n, p += n) {
		n = MIN(len, DIGEST_PIECE);
		digest_piece(digest, p, n);
	}
}

void digest_end(const struct digest *digest, struct digest_values *values)
{
	unsigned i;

	values->set = digest->set;
	for (i = 0; digest->set >> i; i++) {
		if (digest->set & DIGEST_BIT(i))
			digest_classes[i]->out(&digest->context[i].vtable,
					       values->value[i]);
	}
}

void digest_of(unsigned set, const void *data, size_t len,
	       struct digest_values *values)
{
	struct digest digest;

	digest_begin(&digest, set);
	digest_add(&digest, data, len);
	digest_end(&digest, values);
}

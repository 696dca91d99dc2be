// SPDX-License-Identifier: BSD-2-Clause
// Unpredictable numbers, from the generator of BearSSL.
#include "packages/net/drbg.h"

#include <bearssl_rand.h>
#include <string.h>

#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "tree/path.h"
#include "tree/prop.h"

#define DRBG_RANDOM_WORDS 4u

static struct {
	bool seeded;
	br_hmac_drbg_context context;
} drbg;

/*
 * The label makes this another stream than any that Linux derives from the same
 * seed.
 */
static const char drbg_label[] = "quoin network";

static void drbg_mix(const void *data, size_t len)
{
	br_hmac_drbg_update(&drbg.context, data, len);
}

static void drbg_mix_tree(void)
{
	struct node *chosen = tree_find("/chosen");
	const void *seed;
	uint32_t len;

	seed = chosen ? tree_getprop(chosen, "rng-seed", &len) : NULL;
	if (seed)
		drbg_mix(seed, len);
}

static void drbg_mix_hypervisor(void)
{
	uint64_t word;

	for (unsigned i = 0; i < DRBG_RANDOM_WORDS && !h_random(&word); i++)
		drbg_mix(&word, sizeof(word));
}

void drbg_seed(const void *own, size_t len)
{
	uint64_t time = timebase_read();

	if (!drbg.seeded)
		br_hmac_drbg_init(&drbg.context, &br_sha256_vtable, drbg_label,
				  sizeof(drbg_label));
	drbg.seeded = true;
	drbg_mix_tree();
	drbg_mix_hypervisor();
	drbg_mix(&time, sizeof(time));
	drbg_mix(own, len);
}

void drbg_bytes(void *buf, size_t len)
{
	assert(drbg.seeded);
	br_hmac_drbg_generate(&drbg.context, buf, len);
}

uint32_t drbg_u32(void)
{
	uint32_t number;

	drbg_bytes(&number, sizeof(number));
	return number;
}

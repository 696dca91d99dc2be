// SPDX-License-Identifier: BSD-2-Clause
// Signed programs: patches to a good one, or any bytes; all of verify_image().
#include <stdlib.h>

#include "lib/reason.h"
#include "packages/secure/appsig.h"
#include "packages/secure/verify.h"
#include "tests/fake/heap.h"
#include "tests/fake/key_store.h"
#include "tests/fuzz/input.h"

#define PROGRAMS 3u

/* A signed program. */
static const struct signed_file *good_program(unsigned which)
{
	static struct signed_file good[PROGRAMS];

	if (!good[0].size) {
		good[0] = signed_read("core32");
		good[1] = signed_read("core64");
		good[2] = signed_kernel("two");
	}
	return &good[which];
}

/* Is this the hash of a program's contents? */
static bool is_signed(enum digest_hash hash, const uint8_t *value)
{
	static struct digest_values known[PROGRAMS];

	for (unsigned i = 0; i < PROGRAMS; i++) {
		const struct signed_file *good = good_program(i);
		struct appsig sig;
		struct image img;

		image_from_memory(&img, good->data, good->size);
		if (!known[i].set && !appsig_find(&img, &sig))
			digest_of(DIGEST_ALL, good->data, (size_t)sig.content,
				  &known[i]);
		if (!memcmp(known[i].value[hash], value, 32))
			return true;
	}
	return false;
}

/* The bytes of the input, or a program that is signed, and patches to it. */
static struct signed_file make_program(struct fuzz_input *in)
{
	unsigned which = fuzz_u8(in) % (PROGRAMS + 1);
	struct signed_file file = { 0 };

	if (which == PROGRAMS) {
		signed_append(&file, in->at, in->left);
		return file;
	}
	signed_append(&file, good_program(which)->data,
		      good_program(which)->size);
	fuzz_patch(in, file.data, file.size);
	return file;
}

static void set_keys(unsigned flags)
{
	key_store_reset();
	key_store_add("rsa2048");
	key_store_add("rsa4096");
	if (flags & 1)
		key_store_deny("rsa2048", 7);
	if (flags & 2)
		key_store_set_sbat("sbat,1\ngrub,3\n");
}

/*
 * RSA is too slow here, and has its own test. What a program's owner signed
 * verifies, and so does a signature that begins like the hash: other contents
 * get further than they could.
 */
int rsa_verify(const struct rsa_key *key, const uint8_t *signature, size_t len,
	       enum digest_hash hash, const uint8_t *value)
{
	if (len != key->n_len || hash == DIGEST_SHA1)
		return ERR_PERM;
	/* The last byte can be read, too. */
	assert(signature[0] + signature[len - 1] <= 510);
	if (!memcmp(signature, value, 2) || is_signed(hash, value))
		return 0;
	return ERR_PERM;
}

/* What is signed, message and trailer are all of the file. */
static void check_ranges(struct image *img)
{
	struct appsig sig;

	if (appsig_find(img, &sig)) {
		assert(reason()[0]);
		return;
	}
	assert(sig.message && sig.message <= APPSIG_MAX);
	assert(sig.content && sig.content + sig.message + 40 == img->size);
	assert(sig.sbat <= sig.content);
	assert(sig.sbat_len <= sig.content - sig.sbat);
}

static void check_verified(struct image *img)
{
	struct verify_result result;
	int err = verify_image(img, &result);

	if (err)
		assert(err == ERR_PERM && !result.key && reason()[0]);
	else
		assert(result.key && result.content < img->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct signed_file file;
	struct image img;

	set_keys(fuzz_u8(&in));
	file = make_program(&in);
	image_from_memory(&img, file.data, file.size);
	reason_clear();
	check_ranges(&img);
	reason_clear();
	check_verified(&img);
	signed_free(&file);
	assert(fake_heap_live() == 0);
	return 0;
}

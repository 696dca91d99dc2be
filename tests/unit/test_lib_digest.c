// SPDX-License-Identifier: BSD-2-Clause
// Digests against NIST's examples, whole and cut at every length.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/digest.h"

#define MILLION 1000000u

// NIST, "Examples with Intermediate Values"; FIPS 180-4.
static const struct {
	const char *text; // NULL: a million times "a"
	const char *hash[DIGEST_HASHES];
} examples[] = {
	{ "abc",
	  { "a9993e364706816aba3e25717850c26c9cd0d89d",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" } },
	{ "",
	  { "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
	    "274edebfe76f65fbd51ad2f14898b95b",
	    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" } },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  { "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	    "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6"
	    "b0455a8520bc4e6f5fe95b1fe3c8452b",
	    "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
	    "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445" } },
	{ NULL,
	  { "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
	    "07b8b3dc38ecc4ebae97ddd87f3d8985",
	    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	    "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" } },
};

static void assert_hash(const struct digest_values *values, unsigned hash,
			const char *expected)
{
	char text[2 * DIGEST_MAX + 1] = "";

	for (unsigned i = 0; i < digest_infos[hash].size; i++)
		sprintf(text + 2 * i, "%02x", values->value[hash][i]);
	assert_string_equal(text, expected);
}

static void the_examples_of_nist_come_out(void **state)
{
	char *million = malloc(MILLION);

	(void)state;
	memset(million, 'a', MILLION);
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		const char *text = examples[i].text;
		struct digest_values values;

		digest_of(DIGEST_ALL, text ? text : million,
			  text ? strlen(text) : MILLION, &values);
		assert_int_equal(values.set, DIGEST_ALL);
		for (unsigned h = 0; h < DIGEST_HASHES; h++)
			assert_hash(&values, h, examples[i].hash[h]);
	}
	free(million);
}

static void cut_in_two(const uint8_t *data, size_t len, size_t cut,
		       const struct digest_values *expected)
{
	struct digest_values values;
	struct digest digest;

	digest_begin(&digest, DIGEST_ALL);
	digest_add(&digest, data, cut);
	digest_add(&digest, data + cut, len - cut);
	digest_end(&digest, &values);
	for (unsigned h = 0; h < DIGEST_HASHES; h++)
		assert_memory_equal(values.value[h], expected->value[h],
				    digest_infos[h].size);
}

static void bytes_may_be_cut_at_every_length(void **state)
{
	struct digest_values expected;
	uint8_t data[300];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 11);
	digest_of(DIGEST_ALL, data, sizeof(data), &expected);
	for (size_t cut = 0; cut <= sizeof(data); cut++)
		cut_in_two(data, sizeof(data), cut, &expected);
}

static void a_digest_goes_on_after_its_end_was_read(void **state)
{
	struct digest_values values;
	struct digest digest;

	(void)state;
	digest_begin(&digest, DIGEST_ALL);
	digest_add(&digest, "a", 1);
	digest_end(&digest, &values);
	digest_add(&digest, "bc", 2);
	digest_end(&digest, &values);
	for (unsigned h = 0; h < DIGEST_HASHES; h++)
		assert_hash(&values, h, examples[0].hash[h]);
}

static void only_the_hashes_of_the_set_are_computed(void **state)
{
	(void)state;
	for (unsigned set = 0; set <= DIGEST_ALL; set++) {
		struct digest_values values;

		memset(&values, 0xa5, sizeof(values));
		digest_of(set, "abc", 3, &values);
		assert_int_equal(values.set, set);
		for (unsigned h = 0; h < DIGEST_HASHES; h++) {
			if (set & DIGEST_BIT(h))
				assert_hash(&values, h, examples[0].hash[h]);
			else
				assert_int_equal(values.value[h][0], 0xa5);
		}
	}
}

static void an_unknown_hash_is_left_out(void **state)
{
	struct digest_values values;

	(void)state;
	digest_of(DIGEST_BIT(DIGEST_HASHES) | DIGEST_BIT(DIGEST_SHA1), "", 0,
		  &values);
	assert_int_equal(values.set, DIGEST_BIT(DIGEST_SHA1));
}

// TCG Algorithm Registry, table 3; FIPS 180-4, figure 1.
static void the_table_has_the_numbers_of_the_tcg(void **state)
{
	static const uint16_t tpm[] = { 0x4, 0xb, 0xc, 0xd };
	static const uint8_t size[] = { 20, 32, 48, 64 };
	static const char *const name[] = { "sha1", "sha256", "sha384",
					    "sha512" };

	(void)state;
	for (unsigned h = 0; h < DIGEST_HASHES; h++) {
		assert_int_equal(digest_infos[h].tpm, tpm[h]);
		assert_int_equal(digest_infos[h].size, size[h]);
		assert_true(digest_infos[h].size <= DIGEST_MAX);
		assert_string_equal(digest_infos[h].name, name[h]);
	}
}

static void the_hashes_of_a_set_are_counted(void **state)
{
	(void)state;
	assert_int_equal(digest_count(0), 0);
	assert_int_equal(digest_count(DIGEST_ALL), DIGEST_HASHES);
	assert_int_equal(digest_count(DIGEST_BIT(DIGEST_SHA1) |
				      DIGEST_BIT(DIGEST_SHA512)),
			 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_nist_come_out),
		cmocka_unit_test(bytes_may_be_cut_at_every_length),
		cmocka_unit_test(a_digest_goes_on_after_its_end_was_read),
		cmocka_unit_test(only_the_hashes_of_the_set_are_computed),
		cmocka_unit_test(an_unknown_hash_is_left_out),
		cmocka_unit_test(the_table_has_the_numbers_of_the_tcg),
		cmocka_unit_test(the_hashes_of_a_set_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

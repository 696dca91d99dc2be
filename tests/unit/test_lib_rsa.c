// SPDX-License-Identifier: BSD-2-Clause
// RSA: signatures of OpenSSL, and blocks that are not quite signatures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/fake/signed.h"

static struct digest_values quoin;

static int set_up(void **state)
{
	(void)state;
	digest_of(DIGEST_ALL, "quoin", 5, &quoin);
	return 0;
}

static int verify(const struct rsa_key *key, const void *signature, size_t len)
{
	return rsa_verify(key, signature, len, DIGEST_SHA256,
			  quoin.value[DIGEST_SHA256]);
}

/* The result for a block that was signed without padding. */
static int verify_raw(const char *name)
{
	struct rsa_key key = signed_key("rsa2048");
	struct signed_file raw;
	char file[32];
	int err;

	snprintf(file, sizeof(file), "raw.%s", name);
	raw = signed_read(file);
	err = verify(&key, raw.data, raw.size);
	signed_free(&raw);
	return err;
}

static void a_signature_is_verified_with_NULL_and_without(void **state)
{
	(void)state;
	assert_int_equal(verify_raw("good"), 0);
	assert_int_equal(verify_raw("no-null"), 0);
}

static void every_other_padding_is_refused(void **state)
{
	static const char *const names[] = { "behind",	    "short-padding",
					     "no-padding",  "encryption",
					     "other-hash",  "cut-hash",
					     "long-length", "bare-hash" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(verify_raw(names[i]), ERR_PERM);
}

static void a_signature_is_that_of_one_value_hash_and_key(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	struct rsa_key other = signed_key("rsa2048e3");
	struct rsa_key longer = signed_key("rsa3072");
	struct signed_file raw = signed_read("raw.good");
	uint8_t value[DIGEST_MAX] = { 0 };

	(void)state;
	memcpy(value, quoin.value[DIGEST_SHA256], 32);
	for (unsigned bit = 0; bit < 256; bit++) {
		value[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(rsa_verify(&key, raw.data, raw.size,
					    DIGEST_SHA256, value),
				 ERR_PERM);
		value[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(rsa_verify(&key, raw.data, raw.size, DIGEST_SHA512,
				    value),
			 ERR_PERM);
	assert_int_equal(verify(&other, raw.data, raw.size), ERR_PERM);
	assert_int_equal(verify(&longer, raw.data, raw.size), ERR_PERM);
	signed_free(&raw);
}

static void every_flipped_bit_of_a_signature_is_noticed(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	struct signed_file raw = signed_read("raw.good");

	(void)state;
	for (size_t bit = 0; bit < 8 * raw.size; bit += 3) {
		raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(verify(&key, raw.data, raw.size), ERR_PERM);
		raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	signed_free(&raw);
}

static void a_signature_is_as_long_as_the_modulus(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	struct signed_file raw = signed_read("raw.good");
	uint8_t longer[257] = { 0 };

	(void)state;
	memcpy(longer + 1, raw.data, 256);
	assert_int_equal(verify(&key, longer, 257), ERR_PERM);
	assert_int_equal(verify(&key, raw.data, 255), ERR_PERM);
	assert_int_equal(verify(&key, raw.data, 0), ERR_PERM);
	signed_free(&raw);
}

static void
a_signature_that_is_0_or_1_or_not_below_the_modulus_is_refused(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	uint8_t s[256] = { 0 };

	(void)state;
	assert_int_equal(verify(&key, s, sizeof(s)), ERR_PERM);
	s[255] = 1;
	assert_int_equal(verify(&key, s, sizeof(s)), ERR_PERM);
	memcpy(s, key.n, sizeof(s));
	assert_int_equal(verify(&key, s, sizeof(s)), ERR_PERM);
	memset(s, 0xff, sizeof(s));
	assert_int_equal(verify(&key, s, sizeof(s)), ERR_PERM);
}

/* s + n is the same number modulo n, and as long, if n is small enough. */
static void the_signature_plus_the_modulus_is_refused(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	struct signed_file raw = signed_read("raw.good");
	unsigned carry = 0;

	(void)state;
	for (size_t i = 256; i-- > 0;) {
		carry += raw.data[i] + key.n[i];
		raw.data[i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(verify(&key, raw.data, raw.size), ERR_PERM);
	signed_free(&raw);
}

static int check(const uint8_t *n, size_t n_len, const void *e, size_t e_len)
{
	struct rsa_key key = { n, n_len, e, e_len };
	uint8_t s[600] = { 0 };

	assert_int_equal(verify(&key, s, n_len),
			 rsa_key_fault(&key) ? ERR_INVAL : ERR_PERM);
	return !rsa_key_fault(&key);
}

static void unusable_keys_are_refused(void **state)
{
	uint8_t n[520];

	(void)state;
	memset(n, 0xff, sizeof(n));
	assert_true(check(n, 256, "\1\0\1", 3));
	assert_true(check(n, 512, "\3", 1));
	assert_true(check(n, 256, "\1\0\0\0\0\0\0\1", 8));
	assert_false(check(n, 255, "\3", 1));
	assert_false(check(n, 0, "\3", 1));
	assert_false(check(n, 513, "\3", 1));
	assert_false(check(n, 256, "\1", 1));
	assert_false(check(n, 256, "\0", 1));
	assert_false(check(n, 256, "\4", 1));
	assert_false(check(n, 256, "\0\3", 2));
	assert_false(check(n, 256, "", 0));
	assert_false(check(n, 256, "\1\0\0\0\0\0\0\0\1", 9));
	n[255] = 0xfe;
	assert_false(check(n, 256, "\3", 1));
	n[255] = 0xff;
	n[0] = 0x7f;
	assert_false(check(n, 256, "\3", 1));
	assert_true(check(n, 257, "\3", 1));
	n[0] = 0;
	assert_false(check(n, 257, "\3", 1));
}

static void only_three_hashes_are_for_signatures(void **state)
{
	struct rsa_key key = signed_key("rsa2048");
	struct signed_file raw = signed_read("raw.good");

	(void)state;
	assert_null(rsa_hash_oid(DIGEST_SHA1));
	assert_null(rsa_hash_oid(DIGEST_HASHES));
	assert_int_equal(rsa_hash_oid(DIGEST_SHA256)[0], 9);
	assert_int_equal(rsa_hash_oid(DIGEST_SHA256)[9], 1);
	assert_int_equal(rsa_hash_oid(DIGEST_SHA384)[9], 2);
	assert_int_equal(rsa_hash_oid(DIGEST_SHA512)[9], 3);
	assert_int_equal(rsa_verify(&key, raw.data, raw.size, DIGEST_SHA1,
				    quoin.value[DIGEST_SHA1]),
			 ERR_INVAL);
	signed_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_is_verified_with_NULL_and_without),
		cmocka_unit_test(every_other_padding_is_refused),
		cmocka_unit_test(a_signature_is_that_of_one_value_hash_and_key),
		cmocka_unit_test(every_flipped_bit_of_a_signature_is_noticed),
		cmocka_unit_test(a_signature_is_as_long_as_the_modulus),
		cmocka_unit_test(
			a_signature_that_is_0_or_1_or_not_below_the_modulus_is_refused),
		cmocka_unit_test(the_signature_plus_the_modulus_is_refused),
		cmocka_unit_test(unusable_keys_are_refused),
		cmocka_unit_test(only_three_hashes_are_for_signatures),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Verifying programs: signatures, keys, deny lists, generations, and damage.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/reason.h"
#include "packages/secure/verify.h"
#include "tests/fake/heap.h"
#include "tests/fake/key_store.h"

static struct verify_result result;

static int set_up(void **state)
{
	(void)state;
	key_store_reset();
	reason_clear();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static int verify_bytes(const void *data, size_t size)
{
	struct image img;
	int err;

	image_from_memory(&img, data, size);
	err = verify_image(&img, &result);
	if (err < 0)
		assert_true(!result.key && reason()[0]);
	return err;
}

static int verify(struct signed_file file)
{
	int err = verify_bytes(file.data, file.size);

	signed_free(&file);
	return err;
}

static void accepted(struct signed_file file, const char *key)
{
	if (verify(file))
		fail_msg("%s", reason());
	assert_string_equal(result.key->name, key);
}

static void refused(struct signed_file file, const char *why)
{
	assert_int_equal(verify(file), ERR_PERM);
	assert_string_equal(reason(), why);
}

static void each_key_and_hash_verifies(void **state)
{
	static const char *const keys[] = { "rsa2048", "rsa2048e3", "rsa3072",
					    "rsa4096" };
	static const char *const hashes[] = { "sha256", "sha384", "sha512" };
	char name[32];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		key_store_add(keys[k]);
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		for (size_t h = 0; h < ARRAY_SIZE(hashes); h++) {
			snprintf(name, sizeof(name), "%s.%s", keys[k],
				 hashes[h]);
			accepted(signed_kernel(name), keys[k]);
			assert_int_equal(result.content, 184);
		}
	}
}

static void each_form_of_a_signer_verifies(void **state)
{
	(void)state;
	key_store_add("rsa2048");
	accepted(signed_kernel("keyid"), "rsa2048");
	accepted(signed_kernel("null"), "rsa2048");
	accepted(signed_kernel("certificate"), "rsa2048");
}

static void GRUB_with_its_notes_verifies(void **state)
{
	(void)state;
	key_store_add("rsa2048");
	key_store_add("rsa4096");
	accepted(signed_read("core32"), "rsa2048");
	accepted(signed_read("core64"), "rsa4096");
}

static void one_known_signer_is_enough(void **state)
{
	(void)state;
	key_store_add("rsa4096");
	key_store_add("rsa3072");
	accepted(signed_kernel("two"), "rsa4096");
	accepted(signed_kernel("two-hashes"), "rsa3072");
	key_store_reset();
	key_store_add("rsa2048");
	accepted(signed_kernel("two"), "rsa2048");
	accepted(signed_kernel("two-hashes"), "rsa2048");
}

static void without_its_key_a_program_is_refused(void **state)
{
	(void)state;
	refused(signed_kernel("rsa2048.sha256"), "signed by none of 0 keys");
	key_store_add("rsa3072");
	refused(signed_kernel("rsa2048.sha256"), "signed by none of 1 key");
	key_store_add("rsa2048e3");
	refused(signed_kernel("rsa2048.sha256"), "signed by none of 2 keys");
}

static void a_key_that_is_not_usable_verifies_nothing(void **state)
{
	struct keys_key *key;

	(void)state;
	key_store_add("rsa2048");
	key = (struct keys_key *)(uintptr_t)keys_at(0);
	key->rsa.e_len = 0;
	refused(signed_kernel("rsa2048.sha256"), "signed by none of 1 key");
}

static void unsigned_programs_are_refused(void **state)
{
	struct signed_file core = signed_read("core32");
	struct signed_file other = signed_read("kernel");

	(void)state;
	key_store_add("rsa2048");
	refused(signed_read("kernel"),
		"not signed (no \"~Module signature appended~\" at its end)");
	/* A signature of another file. */
	signed_append(&other, core.data + core.size - 437, 437);
	signed_free(&core);
	refused(other, "signed by none of 1 key");
}

static void a_signature_that_cannot_be_read_says_why(void **state)
{
	(void)state;
	key_store_add("rsa2048");
	refused(signed_kernel("sha1"),
		"damaged signature: signer's hash: not SHA-256, SHA-384 or SHA-512");
	refused(signed_kernel("attributes"),
		"damaged signature: the signer has signed attributes");
}

static void denied_contents_are_refused(void **state)
{
	struct signed_file kernel = signed_read("kernel");
	struct signed_file whole = signed_kernel("rsa2048.sha512");

	(void)state;
	key_store_add("rsa2048");
	key_store_deny(whole.data, whole.size);
	accepted(signed_kernel("rsa2048.sha512"), "rsa2048");
	key_store_deny(kernel.data, kernel.size);
	refused(signed_kernel("rsa2048.sha512"),
		"its contents are on the deny list");
	/* Also if nobody has signed them. */
	refused(signed_kernel("rsa3072.sha512"),
		"its contents are on the deny list");
	signed_free(&kernel);
	signed_free(&whole);
}

static void a_denied_certificate_does_not_count(void **state)
{
	(void)state;
	key_store_add("rsa2048");
	key_store_deny("rsa2048", 7);
	refused(signed_kernel("two"),
		"the certificate of key rsa2048 is denied");
	key_store_add("rsa4096");
	accepted(signed_kernel("two"), "rsa4096");
	refused(signed_kernel("rsa2048.sha256"),
		"the certificate of key rsa2048 is denied");
}

static void the_same_key_with_two_certificates_needs_one_of_them(void **state)
{
	struct keys_key *key;

	(void)state;
	key_store_add("rsa2048");
	key_store_add("rsa2048");
	key_store_deny("rsa2048", 7);
	key = (struct keys_key *)(uintptr_t)keys_at(1);
	key->cert_len = 3;
	key->name = "renewed";
	accepted(signed_kernel("rsa2048.sha256"), "renewed");
}

static void components_must_be_new_enough(void **state)
{
	(void)state;
	key_store_add("rsa2048");
	key_store_set_sbat("sbat,1\ngrub,3\n");
	accepted(signed_read("core32"), "rsa2048");
	refused(signed_kernel("rsa2048.sha256"),
		"no SBAT note, but the host sets levels");
	key_store_set_sbat("grub,4\n");
	refused(signed_read("core32"),
		"component grub 3, but at least 4 is required");
	key_store_set_sbat("grub\n");
	refused(signed_read("core32"),
		"SBAT levels from the host, line 1: not a component and its generation");
}

/* Versions, issuers and lists are not covered: those flips may verify. */
static void no_flipped_bit_of_contents_or_signature_verifies(void **state)
{
	struct signed_file core = signed_read("core32");
	size_t content = core.size - 40 - 397, value = core.size - 40 - 256;

	(void)state;
	key_store_add("rsa2048");
	for (size_t bit = 0; bit < 8 * core.size; bit++) {
		int err;

		core.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		err = verify_bytes(core.data, core.size);
		if (bit / 8 < content || bit / 8 >= value)
			assert_int_equal(err, ERR_PERM);
		else
			assert_true(err == 0 || err == ERR_PERM);
		core.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	signed_free(&core);
}

static void a_program_cut_at_any_byte_is_refused(void **state)
{
	struct signed_file core = signed_read("core64");

	(void)state;
	key_store_add("rsa4096");
	for (size_t len = 0; len < core.size; len++) {
		/* In memory of just this size. */
		uint8_t *copy = malloc(len ? len : 1);

		memcpy(copy, core.data, len);
		assert_int_equal(verify_bytes(copy, len), ERR_PERM);
		free(copy);
	}
	signed_append(&core, "\n", 1);
	refused(core,
		"not signed (no \"~Module signature appended~\" at its end)");
}

static void contents_are_hashed_in_pieces(void **state)
{
	struct signed_file file = signed_read("kernel"), message;
	uint8_t *zeros = calloc(1, 200000);
	size_t signature;

	(void)state;
	key_store_add("rsa2048");
	signed_append(&file, zeros, 200000);
	signature = file.size;
	message = signed_read("kernel.rsa2048.sha256.p7s");
	signed_append(&file, message.data, message.size);
	signed_trailer(&file, message.size);
	assert_int_equal(verify_bytes(file.data, file.size), ERR_PERM);
	/* What is denied proves that all of it was hashed. */
	key_store_deny(file.data, signature);
	refused(file, "its contents are on the deny list");
	signed_free(&message);
	free(zeros);
}

static long fail_read(struct image *img, uint64_t offset, void *buf, size_t len)
{
	(void)img;
	(void)offset;
	(void)buf;
	(void)len;
	return reason_fail(ERR_IO, "a bad block");
}

static void read_errors_and_low_memory_are_told(void **state)
{
	struct signed_file file = signed_kernel("rsa2048.sha256");
	struct image img = { .name = "x", .size = 999, .read = fail_read };

	(void)state;
	key_store_add("rsa2048");
	assert_int_equal(verify_image(&img, &result), ERR_IO);
	assert_string_equal(reason(), "a bad block");
	fake_heap_fail_after(0);
	assert_int_equal(verify_bytes(file.data, file.size), ERR_NOMEM);
	signed_free(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_key_and_hash_verifies),
		TEST(each_form_of_a_signer_verifies),
		TEST(GRUB_with_its_notes_verifies),
		TEST(one_known_signer_is_enough),
		TEST(without_its_key_a_program_is_refused),
		TEST(a_key_that_is_not_usable_verifies_nothing),
		TEST(unsigned_programs_are_refused),
		TEST(a_signature_that_cannot_be_read_says_why),
		TEST(denied_contents_are_refused),
		TEST(a_denied_certificate_does_not_count),
		TEST(the_same_key_with_two_certificates_needs_one_of_them),
		TEST(components_must_be_new_enough),
		TEST(no_flipped_bit_of_contents_or_signature_verifies),
		TEST(a_program_cut_at_any_byte_is_refused),
		TEST(contents_are_hashed_in_pieces),
		TEST(read_errors_and_low_memory_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

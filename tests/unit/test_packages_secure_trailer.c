// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/secure/trailer.c: each fault has its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/keys.h"

#define TRAILER (fake_keys_file + FAKE_KEYS_IMAGE)
#define RECORD (TRAILER + 32) /* the first one */
#define DATA (RECORD + 8)

static int start(void **state)
{
	(void)state;
	reason_clear();
	fake_keys_begin(KEYS_AUDIT, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_keys_reset();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* Parses a copy that is as long as it says: ASan sees each overrun. */
static int parse(void)
{
	struct trailer trailer;
	uint8_t *copy = malloc(fake_keys_len ? fake_keys_len : 1);
	int rc;

	memcpy(copy, TRAILER, fake_keys_len);
	rc = trailer_parse(copy, fake_keys_len, &trailer);
	if (!rc)
		heap_free(trailer.keys);
	free(copy);
	return rc;
}

static void assert_refused(const char *why)
{
	reason_clear();
	assert_int_equal(parse(), ERR_FORMAT);
	assert_string_equal(reason(), why);
}

static void an_empty_trailer_is_valid(void **state)
{
	(void)state;
	assert_int_equal(parse(), 0);
}

static void the_head_is_checked(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *why;
	} cases[] = {
		{ 0, 0x51554f4a, "keys: no \"QUOINKEY\"" },
		{ 4, 0, "keys: no \"QUOINKEY\"" },
		{ 8, 0, "keys: of another version" },
		{ 8, 2, "keys: of another version" },
		{ 12, 31, "keys: longer or shorter than they say" },
		{ 12, 40, "keys: longer or shorter than they say" },
		{ 16, 3, "keys: an unknown mode or flag" },
		{ 16, 0xffffffff, "keys: an unknown mode or flag" },
		{ 20, 2, "keys: an unknown mode or flag" },
		{ 20, 0x80000001, "keys: an unknown mode or flag" },
		{ 24, 1, "keys: 0 records instead of 1" },
		{ 24, 0xffffffff, "keys: 0 records instead of 4294967295" },
		{ 28, 1, "keys: an unknown mode or flag" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start(state);
		be32_store(TRAILER + cases[i].at, cases[i].value);
		assert_refused(cases[i].why);
	}
}

static void every_truncation_is_refused(void **state)
{
	size_t whole;

	(void)state;
	fake_keys_add_key("name", 2048, 0xff, 3);
	fake_keys_add(TRAILER_SBAT, "grub,1\n", 7);
	whole = fake_keys_len;
	for (fake_keys_len = 0; fake_keys_len < whole; fake_keys_len++) {
		/* Also where the length agrees. */
		be32_store(TRAILER + 12, (uint32_t)fake_keys_len);
		assert_int_equal(parse(), ERR_FORMAT);
	}
	be32_store(TRAILER + 12, (uint32_t)whole);
	assert_int_equal(parse(), 0);
}

static void a_trailer_of_more_than_a_mebibyte_is_refused(void **state)
{
	struct trailer trailer;

	(void)state;
	assert_int_equal(trailer_parse(TRAILER, MiB + 8, &trailer), ERR_FORMAT);
	assert_string_equal(reason(), "keys: longer or shorter than they say");
}

static void unknown_types_are_refused(void **state)
{
	static const uint32_t types[] = { 0, 6, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		start(state);
		fake_keys_add(types[i], "", 0);
		assert_refused("keys: record 1 (unknown): its type is not "
			       "known");
	}
}

static void records_longer_than_the_trailer_are_refused(void **state)
{
	static const uint32_t lengths[] = { 33, 40, 0xfffffff8, 0xffffffff };

	(void)state;
	fake_keys_add(TRAILER_DENY, "0123456789abcdef0123456789abcdef", 32);
	assert_int_equal(parse(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		be32_store(RECORD + 4, lengths[i]);
		assert_refused("keys: record 1 (grubdbx): longer than the "
			       "keys");
	}
}

static void padding_that_is_not_zero_is_refused(void **state)
{
	(void)state;
	fake_keys_add(TRAILER_SBAT, "grub,1\n", 7);
	DATA[7] = 1;
	assert_refused("keys: record 1 (sbat): its padding is not zero");
}

static void the_count_must_agree(void **state)
{
	(void)state;
	fake_keys_add(TRAILER_SBAT, "grub,1\n", 7);
	be32_store(TRAILER + 24, 0);
	assert_refused("keys: 1 records instead of 0");
	be32_store(TRAILER + 24, 2);
	assert_refused("keys: 1 records instead of 2");
}

static void keys_of_2048_to_4096_bits_are_accepted(void **state)
{
	static const struct {
		size_t bits;
		uint8_t last, e;
		const char *why;
	} cases[] = {
		{ 2048, 0xff, 3, NULL },
		{ 3072, 0x01, 0xff, NULL },
		{ 4096, 0xff, 17, NULL },
		{ 2049, 0xff, 3, NULL },
		{ 2047, 0xff, 3, "the modulus has not 2048 to 4096 bits" },
		{ 1024, 0xff, 3, "the modulus has not 2048 to 4096 bits" },
		{ 8, 0xff, 3, "the modulus has not 2048 to 4096 bits" },
		{ 4097, 0xff, 3, "the modulus has not 2048 to 4096 bits" },
		{ 8192, 0xff, 3, "the modulus has not 2048 to 4096 bits" },
		{ 2048, 0xfe, 3, "a number is even" },
		{ 2048, 0xff, 4, "a number is even" },
		{ 2048, 0xff, 1, "the exponent is 1 or has more than 64 bits" },
		{ 2048, 0xff, 0, "a number is empty or starts with zero" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char why[96];

		start(state);
		fake_keys_add_key("name", cases[i].bits, cases[i].last,
				  cases[i].e);
		if (!cases[i].why) {
			assert_int_equal(parse(), 0);
			continue;
		}
		snprintf(why, sizeof(why), "keys: record 1 (grubdb): %s",
			 cases[i].why);
		assert_refused(why);
	}
}

static void exponents_of_at_most_64_bits_are_accepted(void **state)
{
	uint8_t key[32 + 256 + 9 + 3] = { 0 }, *e = key + 32 + 256;

	for (uint32_t len = 8; len <= 9; len++) {
		start(state);
		be32_store(key, 256);
		be32_store(key + 4, len);
		be32_store(key + 8, 1);
		be32_store(key + 12, 2);
		memset(key + 32, 0xff, 256 + len);
		memcpy(e + len, "cn", 3);
		fake_keys_add(TRAILER_KEY, key, 32 + 256 + len + 3);
		if (len == 8)
			assert_int_equal(parse(), 0);
	}
	assert_refused("keys: record 1 (grubdb): the exponent is 1 or has more "
		       "than 64 bits");
}

/* The offsets of a key's lengths, which do not agree with the record's. */
static void parts_of_a_key_fill_its_record(void **state)
{
	static const uint32_t wrong[] = { 0, 1, 0x10000, 0xfffffffc,
					  0xffffffff };

	for (size_t at = 0; at < 16; at += 4) {
		for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
			if (at == 4 && wrong[i] == 1)
				continue; /* it is */
			start(state);
			fake_keys_add_key("name", 2048, 0xff, 3);
			be32_store(DATA + at, wrong[i]);
			assert_refused("keys: record 1 (grubdb): its parts are "
				       "not as long as it is");
		}
	}
	start(state);
	fake_keys_add(TRAILER_KEY, "0123456789", 10);
	assert_refused("keys: record 1 (grubdb): its parts are not "
		       "as long as it is");
}

static void a_name_is_a_text_of_a_few_characters(void **state)
{
	static char longest[128];

	(void)state;
	memset(longest, 'x', 127);
	fake_keys_add_key(longest, 2048, 0xff, 3);
	assert_int_equal(parse(), 0);
	fake_keys_add_key("", 2048, 0xff, 3);
	assert_refused(
		"keys: record 2 (grubdb): it has no name or no certificate");
	start(state);
	fake_keys_add_key("name", 2048, 0xff, 3);
	/* The NUL, and a byte inside. */
	DATA[32 + 256 + 1 + 4 + 4] = 'x';
	assert_refused(
		"keys: record 1 (grubdb): it has no name or no certificate");
	DATA[32 + 256 + 1 + 4 + 4] = 0;
	DATA[32 + 256 + 1 + 4 + 1] = 0;
	assert_refused(
		"keys: record 1 (grubdb): it has no name or no certificate");
}

static void a_key_has_a_certificate(void **state)
{
	uint8_t key[295] = { 0 };

	(void)state;
	be32_store(key, 256);
	be32_store(key + 4, 1);
	be32_store(key + 12, 6);
	memset(key + 32, 0xff, 256);
	key[288] = 3;
	memcpy(key + 289, "owner", 6);
	fake_keys_add(TRAILER_KEY, key, sizeof(key));
	assert_refused(
		"keys: record 1 (grubdb): it has no name or no certificate");
}

static void more_than_32_keys_are_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 32; i++)
		fake_keys_add_key("name", 2048, 0xff, 3);
	assert_int_equal(parse(), 0);
	fake_keys_add_key("name", 2048, 0xff, 3);
	assert_refused("keys: record 33 (grubdb): too many keys");
}

static void enforcing_needs_a_key(void **state)
{
	(void)state;
	be32_store(TRAILER + 16, KEYS_ENFORCE);
	assert_refused("keys: enforcing, but no grubdb");
	fake_keys_add_key("name", 2048, 0xff, 3);
	assert_int_equal(parse(), 0);
}

static void denied_hashes_have_32_bytes(void **state)
{
	(void)state;
	fake_keys_add(TRAILER_DENY, "0123456789abcdef0123456789abcde", 31);
	assert_refused("keys: record 1 (grubdbx): not a SHA-256");
	start(state);
	fake_keys_add(TRAILER_DENY, "", 0);
	assert_refused("keys: record 1 (grubdbx): not a SHA-256");
}

static void lists_and_levels_are_there_once(void **state)
{
	static const uint32_t types[] = { TRAILER_DB, TRAILER_DBX };
	static const char *const names[] = { "db", "dbx" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		char why[64];

		start(state);
		fake_keys_add_list(types[i], "x", 1);
		fake_keys_add_list(types[i], "x", 1);
		snprintf(why, sizeof(why),
			 "keys: record 2 (%s): there is another one", names[i]);
		assert_refused(why);
	}
	start(state);
	fake_keys_add(TRAILER_SBAT, "a,1\n", 4);
	fake_keys_add(TRAILER_SBAT, "b,1\n", 4);
	assert_refused("keys: record 2 (sbat): there is another one");
}

/* It is there: GRUB is to use it, though it has no key. */
static void an_empty_list_is_not_a_missing_one(void **state)
{
	size_t len = 1;

	(void)state;
	fake_keys_add(TRAILER_DBX, "", 0);
	assert_int_equal(fake_keys_read(), 0);
	assert_non_null(keys_esl(KEYS_DBX, &len));
	assert_int_equal(len, 0);
	assert_null(keys_esl(KEYS_DB, &len));
}

/* GRUB 2.14 would read outside of them, or never end. */
static void signature_lists_are_walked(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *why;
	} cases[] = {
		{ 16, 0, "a list has a wrong size" },
		{ 16, 27, "a list has a wrong size" },
		{ 16, 28, "a list has a wrong entry size" },
		{ 16, 47, "a list has a wrong entry size" },
		{ 16, 49, "a list has a wrong size" },
		{ 16, 0xffffffff, "a list has a wrong size" },
		{ 20, 1, "a list has a header" },
		{ 20, 0xffffffff, "a list has a header" },
		{ 24, 0, "a list has a wrong entry size" },
		{ 24, 15, "a list has a wrong entry size" },
		{ 24, 16, "a list has a wrong entry size" },
		{ 24, 19, "a list has a wrong entry size" },
		{ 24, 40, "a list has a wrong entry size" },
		{ 24, 0xffffffff, "a list has a wrong entry size" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char why[64];

		start(state);
		fake_keys_add_list(TRAILER_DB, "data", 4);
		assert_int_equal(parse(), 0);
		le32_store(DATA + cases[i].at, cases[i].value);
		snprintf(why, sizeof(why), "keys: record 1 (db): %s",
			 cases[i].why);
		assert_refused(why);
	}
	start(state);
	fake_keys_add(TRAILER_DB, "0123456789012345678901234567", 27);
	assert_refused("keys: record 1 (db): a list has a wrong size");
}

static void several_lists_with_several_entries_are_accepted(void **state)
{
	uint8_t lists[28 + 3 * 17 + 28 + 2 * 48] = { 0 };

	(void)state;
	le32_store(lists + 16, 28 + 3 * 17);
	le32_store(lists + 24, 17);
	le32_store(lists + 79 + 16, 28 + 2 * 48);
	le32_store(lists + 79 + 24, 48);
	fake_keys_add(TRAILER_DBX, lists, sizeof(lists));
	assert_int_equal(parse(), 0);
	fake_keys_begin(0, 0);
	fake_keys_add(TRAILER_DBX, lists, sizeof(lists) - 1);
	assert_refused("keys: record 1 (dbx): a list has a wrong size");
}

static void levels_are_at_most_4096_bytes(void **state)
{
	static char text[4097];

	memset(text, 'x', sizeof(text));
	fake_keys_add(TRAILER_SBAT, text, 4096);
	assert_int_equal(parse(), 0);
	start(state);
	fake_keys_add(TRAILER_SBAT, text, 4097);
	assert_refused("keys: record 1 (sbat): empty, or more than 4096 bytes");
	start(state);
	fake_keys_add(TRAILER_SBAT, text, 0);
	assert_refused("keys: record 1 (sbat): empty, or more than 4096 bytes");
}

static void a_full_heap_is_an_error(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(parse(), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_string_equal(reason(), "keys: out of memory");
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_trailer_is_valid),
		T(the_head_is_checked),
		T(every_truncation_is_refused),
		T(a_trailer_of_more_than_a_mebibyte_is_refused),
		T(unknown_types_are_refused),
		T(records_longer_than_the_trailer_are_refused),
		T(padding_that_is_not_zero_is_refused),
		T(the_count_must_agree),
		T(keys_of_2048_to_4096_bits_are_accepted),
		T(exponents_of_at_most_64_bits_are_accepted),
		T(parts_of_a_key_fill_its_record),
		T(a_name_is_a_text_of_a_few_characters),
		T(a_key_has_a_certificate),
		T(more_than_32_keys_are_refused),
		T(enforcing_needs_a_key),
		T(denied_hashes_have_32_bytes),
		T(lists_and_levels_are_there_once),
		T(an_empty_list_is_not_a_missing_one),
		T(signature_lists_are_walked),
		T(several_lists_with_several_entries_are_accepted),
		T(levels_are_at_most_4096_bytes),
		T(a_full_heap_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

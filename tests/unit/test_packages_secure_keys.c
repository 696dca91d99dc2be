// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/secure/keys.c: the header, the trailer's hash, the mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/keys.h"
#include "tests/fake/log.h"

static int start(void **state)
{
	(void)state;
	reason_clear();
	fake_log_start();
	fake_keys_reset();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_log_stop();
	fake_keys_reset();
	return 0;
}

static void a_usual_file(uint32_t mode)
{
	static const uint8_t hash[32] = { 1, 2, 3 };

	fake_keys_begin(mode, 0);
	fake_keys_add_key("first", 2048, 0xff, 3);
	fake_keys_add_key("second", 4096, 0xff, 17);
	fake_keys_add(TRAILER_DENY, hash, sizeof(hash));
	fake_keys_add_list(TRAILER_DB, "db", 2);
	fake_keys_add_list(TRAILER_DBX, "dbx", 3);
	fake_keys_add(TRAILER_SBAT, "grub,5\n", 7);
}

static void a_file_without_keys_is_off(void **state)
{
	size_t len = 1;

	(void)state;
	assert_int_equal(keys_read(fake_keys_file), 0);
	assert_int_equal(keys_mode(), KEYS_OFF);
	assert_false(keys_is_locked());
	assert_false(keys_refuse_kernel());
	assert_int_equal(keys_count(), 0);
	assert_null(keys_at(0));
	assert_null(keys_esl(KEYS_DB, &len));
	assert_int_equal(len, 0);
	assert_null(keys_esl(KEYS_DBX, &len));
	assert_null(keys_sbat(&len));
	assert_false(keys_denies((const uint8_t[32]){ 0 }));
	assert_null(keys_denied(NULL));
	keys_print();
	assert_string_equal(fake_printed, "");
}

/* RAM after the file's end keeps what a guest wrote, also across a reset. */
static void what_a_guest_plants_after_the_image_is_not_read(void **state)
{
	(void)state;
	a_usual_file(KEYS_AUDIT);
	assert_int_equal(keys_read(fake_keys_file), 0);
	assert_int_equal(keys_mode(), KEYS_OFF);
	assert_int_equal(keys_count(), 0);
}

static void everything_in_a_trailer_is_found(void **state)
{
	static const uint8_t hash[32] = { 1, 2, 3 };
	const uint8_t *list;
	size_t len;

	(void)state;
	a_usual_file(KEYS_ENFORCE);
	assert_int_equal(fake_keys_read(), 0);
	/* It was copied. */
	memset(fake_keys_file, 0xee, sizeof(fake_keys_file));
	assert_int_equal(keys_mode(), KEYS_ENFORCE);
	assert_true(keys_is_locked());
	assert_int_equal(keys_count(), 2);
	assert_string_equal(keys_at(0)->name, "first");
	assert_int_equal(keys_at(0)->rsa.n_len, 256);
	assert_int_equal(keys_at(0)->rsa.e[0], 3);
	assert_int_equal(keys_at(0)->owner[15], 16);
	assert_int_equal(keys_at(0)->cert_len, 4);
	assert_memory_equal(keys_at(0)->cert, "cert", 4);
	assert_string_equal(keys_at(1)->name, "second");
	assert_int_equal(keys_at(1)->rsa.n_len, 512);
	assert_int_equal(keys_at(1)->rsa.n[511], 0xff);
	assert_null(keys_at(2));
	assert_true(keys_denies(hash));
	assert_memory_equal(keys_denied(NULL), hash, 32);
	assert_null(keys_denied(keys_denied(NULL)));
	assert_false(keys_denies((const uint8_t[32]){ 1, 2 }));
	list = keys_esl(KEYS_DB, &len);
	assert_int_equal(len, 46);
	assert_memory_equal(list + 44, "db", 2);
	list = keys_esl(KEYS_DBX, &len);
	assert_int_equal(len, 47);
	assert_memory_equal(list + 44, "dbx", 3);
	assert_memory_equal(keys_sbat(&len), "grub,5\n", 7);
	assert_int_equal(len, 7);
}

static void denied_hashes_are_found_one_after_the_other(void **state)
{
	static const uint8_t hash[32] = { 7 };
	const uint8_t *denied;

	(void)state;
	a_usual_file(KEYS_ENFORCE);
	fake_keys_add(TRAILER_DENY, hash, sizeof(hash));
	assert_int_equal(fake_keys_read(), 0);
	denied = keys_denied(NULL);
	assert_int_equal(denied[0], 1);
	denied = keys_denied(denied);
	assert_memory_equal(denied, hash, 32);
	assert_null(keys_denied(denied));
	assert_true(keys_denies(hash));
}

static void the_mode_is_said_once(void **state)
{
	(void)state;
	a_usual_file(KEYS_ENFORCE);
	assert_int_equal(fake_keys_read(), 0);
	keys_print();
	assert_string_equal(fake_printed, "Secure boot: enforcing, 2 keys\r\n");
	fake_log_clear();
	fake_keys_begin(KEYS_AUDIT, 1);
	fake_keys_add_key("only", 3072, 1, 3);
	assert_int_equal(fake_keys_read(), 0);
	keys_print();
	assert_string_equal(fake_printed, "Secure boot: audit, 1 key\r\n");
	assert_true(keys_refuse_kernel());
	assert_false(keys_is_locked());
}

/* Also where it would not matter: the host's file is not what it was. */
static void any_flipped_byte_stops_the_start(void **state)
{
	(void)state;
	a_usual_file(KEYS_ENFORCE);
	fake_keys_seal();
	for (size_t i = KEYS_HEADER; i < FAKE_KEYS_IMAGE + fake_keys_len; i++) {
		/* The header is 56 bytes, the image 0x80. */
		if (i >= KEYS_HEADER + 56 && i < FAKE_KEYS_IMAGE)
			continue;
		fake_keys_file[i] ^= 1;
		reason_clear();
		assert_int_not_equal(keys_read(fake_keys_file), 0);
		assert_string_not_equal(reason(), "");
		assert_int_equal(keys_mode(), KEYS_OFF);
		fake_keys_file[i] ^= 1;
	}
	assert_int_equal(keys_read(fake_keys_file), 0);
}

/* A start with the length 0 would be one without secure boot. */
static void a_header_that_lost_its_trailer_is_refused(void **state)
{
	(void)state;
	a_usual_file(KEYS_ENFORCE);
	fake_keys_seal();
	memset(fake_keys_file + KEYS_HEADER + 16, 0, 4);
	assert_int_equal(keys_read(fake_keys_file), ERR_FORMAT);
	assert_string_equal(reason(), "the firmware's file is damaged: its "
				      "header");
}

static void a_missing_trailer_is_refused(void **state)
{
	(void)state;
	a_usual_file(KEYS_ENFORCE);
	fake_keys_seal();
	memset(fake_keys_file + FAKE_KEYS_IMAGE, 0, FAKE_KEYS_ROOM);
	assert_int_equal(keys_read(fake_keys_file), ERR_CHECKSUM);
	assert_string_equal(reason(), "the keys at the end of the firmware's "
				      "file are damaged or missing");
}

static void wrong_headers_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} cases[] = {
		{ 0, 0 },	   /* magic */
		{ 4, 0x494d4748 }, /* "IMGH" */
		{ 8, 0 },	   /* version */
		{ 8, 2 },
		{ 12, 0xffffff80 }, /* the image's length */
		{ 12, 3 * MiB + 8 },
		{ 12, 0x81 },
		{ 16, 1 * MiB + 8 }, /* the trailer's */
		{ 16, 0xffffffff },
		{ 20, 1 }, /* zero */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		a_usual_file(KEYS_ENFORCE);
		fake_keys_seal();
		be32_store(fake_keys_file + KEYS_HEADER + cases[i].at,
			   cases[i].value);
		assert_int_equal(keys_read(fake_keys_file), ERR_FORMAT);
		assert_non_null(strstr(reason(), "file is damaged: "));
	}
}

static void a_wrong_trailer_with_its_hash_is_refused(void **state)
{
	(void)state;
	fake_keys_begin(KEYS_ENFORCE, 0);
	assert_int_equal(fake_keys_read(), ERR_FORMAT);
	assert_string_equal(reason(), "keys: enforcing, but no grubdb");
	assert_int_equal(keys_mode(), KEYS_OFF);
}

static void the_host_raises_the_mode_and_never_lowers_it(void **state)
{
	(void)state;
	a_usual_file(KEYS_AUDIT);
	assert_int_equal(fake_keys_read(), 0);
	assert_int_equal(keys_raise_mode(KEYS_OFF), 0);
	assert_int_equal(keys_mode(), KEYS_AUDIT);
	assert_int_equal(keys_raise_mode(KEYS_ENFORCE), 0);
	assert_int_equal(keys_mode(), KEYS_ENFORCE);
	assert_int_equal(keys_raise_mode(KEYS_AUDIT), 0);
	assert_int_equal(keys_mode(), KEYS_ENFORCE);
}

/* 3 to 9: enforcing, and something of the operating system's. [LoPAR] */
static void modes_above_enforcing_are_enforcing(void **state)
{
	(void)state;
	a_usual_file(KEYS_OFF);
	assert_int_equal(fake_keys_read(), 0);
	assert_int_equal(keys_raise_mode(9), 0);
	assert_int_equal(keys_mode(), KEYS_ENFORCE);
}

static void enforcing_without_keys_is_refused(void **state)
{
	(void)state;
	assert_int_equal(keys_read(fake_keys_file), 0);
	assert_int_equal(keys_raise_mode(KEYS_AUDIT), 0);
	assert_int_equal(keys_raise_mode(KEYS_ENFORCE), ERR_NOENT);
	assert_string_equal(reason(), "the host asks for secure boot, but the "
				      "firmware's file has no keys");
}

static void a_full_heap_is_an_error(void **state)
{
	(void)state;
	a_usual_file(KEYS_ENFORCE);
	for (int i = 0; i < 2; i++) {
		fake_heap_fail_after(i);
		assert_int_equal(fake_keys_read(), ERR_NOMEM);
		assert_string_equal(reason(), "keys: out of memory");
		assert_int_equal(keys_mode(), KEYS_OFF);
	}
	fake_heap_fail_after(-1);
	assert_int_equal(fake_keys_read(), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_without_keys_is_off),
		T(what_a_guest_plants_after_the_image_is_not_read),
		T(everything_in_a_trailer_is_found),
		T(denied_hashes_are_found_one_after_the_other),
		T(the_mode_is_said_once),
		T(any_flipped_byte_stops_the_start),
		T(a_header_that_lost_its_trailer_is_refused),
		T(a_missing_trailer_is_refused),
		T(wrong_headers_are_refused),
		T(a_wrong_trailer_with_its_hash_is_refused),
		T(the_host_raises_the_mode_and_never_lowers_it),
		T(modes_above_enforcing_are_enforcing),
		T(enforcing_without_keys_is_refused),
		T(a_full_heap_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

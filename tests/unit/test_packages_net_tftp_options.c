// SPDX-License-Identifier: BSD-2-Clause
// TFTP's options, sound and hostile.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/tftp_options.h"

static struct tftp tftp;

static void ask(unsigned level)
{
	memset(&tftp, 0, sizeof(tftp));
	tftp.config.block_size = 8;
	tftp.config.window = 4;
	tftp.size = TFTP_SIZE_UNKNOWN;
	tftp.level = (uint8_t)level;
}

/* From the heap, so that ASan sees what is read past the end. */
static int answer(const char *text, size_t len)
{
	char *packet = malloc(len + 1);
	int err;

	memcpy(packet + 1, text, len);
	err = tftp_options_read(&tftp, packet + 1, len);
	free(packet);
	return err;
}

#define ANSWER(text) answer(text, sizeof(text) - 1)

static void expect_asked(unsigned level, const char *text, size_t len)
{
	char buf[64];

	ask(level);
	assert_int_equal(tftp_options_write(&tftp, buf), len);
	assert_memory_equal(buf, text, len);
}

#define ASKED(level, text) expect_asked(level, text, sizeof(text) - 1)

static void each_level_asks_for_less(void **state)
{
	(void)state;
	ASKED(TFTP_LEVEL_WINDOW, "tsize\0000\0blksize\0008\0windowsize\0004\0");
	ASKED(TFTP_LEVEL_BLOCK, "tsize\0000\0blksize\0008\0");
	ASKED(TFTP_LEVEL_NONE, "");
}

static void options_come_in_any_order_and_case(void **state)
{
	(void)state;
	ask(TFTP_LEVEL_WINDOW);
	assert_int_equal(
		ANSWER("WindowSize\0003\0TSIZE\0001234\0blksize\0008\0"), 0);
	assert_int_equal(tftp.block_size, 8);
	assert_int_equal(tftp.window, 3);
	assert_int_equal(tftp.size, 1234);
}

static void absent_options_have_their_defaults(void **state)
{
	(void)state;
	ask(TFTP_LEVEL_WINDOW);
	assert_int_equal(ANSWER("tsize\0000\0"), 0);
	assert_int_equal(tftp.block_size, 512);
	assert_int_equal(tftp.window, 1);
	assert_true(tftp.size == TFTP_SIZE_UNKNOWN);
}

static void what_was_not_asked_for_is_refused(void **state)
{
	(void)state;
	ask(TFTP_LEVEL_BLOCK);
	assert_int_equal(ANSWER("windowsize\0004\0"), ERR_FORMAT);
	ask(TFTP_LEVEL_NONE);
	assert_int_equal(ANSWER("tsize\0004\0"), ERR_FORMAT);
}

static void a_file_that_changes_its_size_is_refused(void **state)
{
	(void)state;
	ask(TFTP_LEVEL_WINDOW);
	tftp.begun = true;
	tftp.size = 7;
	assert_int_equal(ANSWER("tsize\0007\0"), 0);
	assert_int_equal(ANSWER("tsize\0008\0"), ERR_FORMAT);
	assert_string_equal(reason(), "file has changed its size");
}

static void hostile_options_are_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
#define CASE(text) { text, sizeof(text) - 1 }
		CASE("blksize\0009\0"),
		CASE("blksize\0000\0"),
		CASE("blksize\00065464\0"),
		CASE("blksize\0007\0"),
		CASE("blksize\000x\0"),
		CASE("blksize\000-1\0"),
		CASE("blksize\000\0"),
		CASE("blksize\0008"),
		CASE("blksize\0"),
		CASE("blksize"),
		CASE("blksize\0008\0blksize\0008\0"),
		CASE("windowsize\0000\0"),
		CASE("windowsize\0005\0"),
		CASE("windowsize\00099999999999999999999999\0"),
		CASE("tsize\00099999999999999999999999\0"),
		CASE("timeout\0001\0"),
		CASE("\0\0"),
		CASE("\0"),
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		ask(TFTP_LEVEL_WINDOW);
		assert_int_equal(answer(cases[i].text, cases[i].len),
				 ERR_FORMAT);
		assert_memory_equal(reason(), "server s", 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_level_asks_for_less),
		cmocka_unit_test(options_come_in_any_order_and_case),
		cmocka_unit_test(absent_options_have_their_defaults),
		cmocka_unit_test(what_was_not_asked_for_is_refused),
		cmocka_unit_test(a_file_that_changes_its_size_is_refused),
		cmocka_unit_test(hostile_options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

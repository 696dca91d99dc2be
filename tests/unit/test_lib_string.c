// SPDX-License-Identifier: BSD-2-Clause
// The firmware's string functions against the host's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fake/string_rename.h"

#include "lib/string.c"

#define AREA 160 /* longer than all unrolled loops together */

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void fill(unsigned char *area, unsigned seed)
{
	for (unsigned i = 0; i < AREA; i++)
		area[i] = (unsigned char)(i * 7 + seed);
}

/* Each start and length; all bytes outside must stay. */
static void memcpy_copies_just_the_bytes_asked_for(void **state)
{
	unsigned char src[AREA], dst[AREA];

	(void)state;
	fill(src, 1);
	for (unsigned at = 0; at < 16; at++) {
		for (unsigned len = 0; len < AREA - 32; len++) {
			fill(dst, 100);
			assert_ptr_equal(memcpy(dst + at, src + 15 - at, len),
					 dst + at);
			for (unsigned i = 0; i < AREA; i++) {
				unsigned char want =
					i >= at && i < at + len
						? src[15 - at + i - at]
						: (unsigned char)(i * 7 + 100);
				assert_int_equal(dst[i], want);
			}
		}
	}
}

static void memmove_copes_with_each_overlap(void **state)
{
	unsigned char area[AREA], orig[AREA];

	(void)state;
	fill(orig, 3);
	for (unsigned from = 0; from < 64; from++) {
		for (unsigned to = 0; to < 64; to++) {
			unsigned len = 1 + (from * 5 + to) % (AREA - 64);

			fill(area, 3);
			assert_ptr_equal(memmove(area + to, area + from, len),
					 area + to);
			for (unsigned i = 0; i < AREA; i++)
				assert_int_equal(area[i],
						 i >= to && i < to + len
							 ? orig[from + i - to]
							 : orig[i]);
		}
	}
}

static void memset_sets_just_the_bytes_asked_for(void **state)
{
	unsigned char area[AREA];

	(void)state;
	for (unsigned at = 0; at < 16; at++) {
		for (unsigned len = 0; len < AREA - 16; len++) {
			fill(area, 9);
			assert_ptr_equal(memset(area + at, 0x1ff, len),
					 area + at);
			for (unsigned i = 0; i < AREA; i++)
				assert_int_equal(
					area[i],
					i >= at && i < at + len
						? 0xff
						: (unsigned char)(i * 7 + 9));
		}
	}
}

static void memcmp_orders_by_the_first_difference_unsigned(void **state)
{
	unsigned char a[AREA], b[AREA];

	(void)state;
	fill(a, 0);
	for (unsigned len = 1; len < 64; len++) {
		for (unsigned at = 0; at < len; at++) {
			fill(b, 0);
			a[at] = 0x7f;
			b[at] = 0x80;
			if (at + 1 < len)
				b[at + 1] = 0; /* a later, opposite one */
			assert_true(memcmp(a, b, len) < 0);
			assert_true(memcmp(b, a, len) > 0);
			assert_int_equal(memcmp(a, b, at), 0);
			fill(a, 0);
		}
	}
	assert_int_equal(memcmp(a, b, 0), 0);
}

static void memchr_finds_the_first_byte_and_none_behind_the_end(void **state)
{
	unsigned char area[AREA];

	(void)state;
	for (unsigned start = 0; start < 9; start++) {
		for (unsigned at = start; at < 80; at++) {
			memset(area, 0x42, sizeof(area));
			area[at] = 0x41;
			area[at + 1] = 0x41;
			/* One away: a carry would fool a hasty search. */
			if (at > start)
				area[at - 1] = 0x40;
			assert_ptr_equal(memchr(area + start, 0x141, 100),
					 area + at);
			assert_null(memchr(area + start, 0x41, at - start));
		}
	}
}

static void strlen_counts_from_any_alignment(void **state)
{
	char area[AREA];

	(void)state;
	for (unsigned start = 0; start < 9; start++) {
		for (unsigned len = 0; len < 70; len++) {
			memset(area, 0, sizeof(area));
			memset(area + start, len % 2 ? 0x01 : 0x80, len);
			assert_int_equal(strlen(area + start), len);
			memset(area, 0xff, start);
			assert_int_equal(strlen(area + start), len);
		}
	}
}

static void
strlen_leaves_a_page_alone_that_the_string_does_not_touch(void **state)
{
	/* The last bytes of an allocation: ASan sees reads by anyone else. */
	char *area = malloc(13);

	(void)state;
	assert_non_null(area);
	memset(area, 'x', 12);
	area[12] = '\0';
	for (unsigned i = 0; i <= 12; i++)
		assert_int_equal(strlen(area + i), 12 - i);
	free(area);
}

static void strnlen_stops_at_the_limit(void **state)
{
	char *area = malloc(20);

	(void)state;
	assert_non_null(area);
	memset(area, 'x', 20);
	assert_int_equal(strnlen(area, 20), 20);
	area[7] = '\0';
	assert_int_equal(strnlen(area, 20), 7);
	assert_int_equal(strnlen(area, 7), 7);
	assert_int_equal(strnlen(area, 3), 3);
	assert_int_equal(strnlen(area, 0), 0);
	free(area);
}

static void string_comparisons_agree_with_the_c_standard(void **state)
{
	(void)state;
	assert_int_equal(strcmp("", ""), 0);
	assert_int_equal(strcmp("abc", "abc"), 0);
	assert_int_equal(sign(strcmp("abc", "abd")), -1);
	assert_int_equal(sign(strcmp("abc", "ab")), 1);
	assert_int_equal(sign(strcmp("\x7f", "\x80")), -1);
	assert_int_equal(sign(strcmp("a", "B")), 1);

	assert_int_equal(strncmp("abcd", "abce", 3), 0);
	assert_int_equal(sign(strncmp("abcd", "abce", 4)), -1);
	assert_int_equal(strncmp("ab\0x", "ab\0y", 4), 0);
	assert_int_equal(strncmp("a", "b", 0), 0);

	assert_int_equal(strncasecmp("Memory", "mEMORY", 9), 0);
	assert_int_equal(sign(strncasecmp("a", "B", 9)), -1);
	assert_int_equal(sign(strncasecmp("ab", "A", 9)), 1);
	assert_true(strncasecmp("@", "`", 1) != 0);
	assert_true(strncasecmp("[", "{", 1) != 0);
	assert_int_equal(strncasecmp("ABCx", "abcy", 3), 0);
	assert_int_equal(sign(strncasecmp("ABCx", "abcy", 4)), -1);
}

static void searches_find_the_first_or_last_place(void **state)
{
	const char *s = "a/b/c";

	(void)state;
	assert_ptr_equal(strchr(s, '/'), s + 1);
	assert_ptr_equal(strchr(s, 'c'), s + 4);
	assert_ptr_equal(strchr(s, '\0'), s + 5);
	assert_null(strchr(s, 'x'));
	assert_ptr_equal(strrchr(s, '/'), s + 3);
	assert_ptr_equal(strrchr(s, 'a'), s);
	assert_ptr_equal(strrchr(s, '\0'), s + 5);
	assert_null(strrchr(s, 'x'));
	assert_null(strrchr("", 'x'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy_copies_just_the_bytes_asked_for),
		cmocka_unit_test(memmove_copes_with_each_overlap),
		cmocka_unit_test(memset_sets_just_the_bytes_asked_for),
		cmocka_unit_test(
			memcmp_orders_by_the_first_difference_unsigned),
		cmocka_unit_test(
			memchr_finds_the_first_byte_and_none_behind_the_end),
		cmocka_unit_test(strlen_counts_from_any_alignment),
		cmocka_unit_test(
			strlen_leaves_a_page_alone_that_the_string_does_not_touch),
		cmocka_unit_test(strnlen_stops_at_the_limit),
		cmocka_unit_test(string_comparisons_agree_with_the_c_standard),
		cmocka_unit_test(searches_find_the_first_or_last_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

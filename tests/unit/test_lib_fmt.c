// SPDX-License-Identifier: BSD-2-Clause
// Formatted text against the host, and numbers from text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/fmt.h"

/* The same format through the host's snprintf. */
#define SAME(...)                                                              \
	do {                                                                   \
		char ours[128], host[128];                                     \
		int want = snprintf(host, sizeof(host), __VA_ARGS__);          \
		assert_int_equal(fmt_str(ours, sizeof(ours), __VA_ARGS__),     \
				 want);                                        \
		assert_string_equal(ours, host);                               \
	} while (0)

static size_t unchecked(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	size_t len = fmt_vstr(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

static void integers_look_as_in_c(void **state)
{
	(void)state;
	SAME("%d %i %u", -1, 42, 4000000000u);
	SAME("%d %d", INT32_MIN, INT32_MAX);
	SAME("%x %X", 0xdeadbeef, 0xdeadbeef);
	SAME("%lx %lu %ld", UINT64_MAX, UINT64_MAX, INT64_MIN);
	SAME("%llx %zu %jx", 1ull << 63, (size_t)7, (uintmax_t)9);
	SAME("%d%u%x", 0, 0, 0);
}

static void short_integers_are_cut_to_their_length(void **state)
{
	char buf[32];

	(void)state;
	unchecked(buf, sizeof(buf), "%hhx %hhd %hx %hd", 0x1ff, 0x1ff, 0x1ffff,
		  0x18000);
	assert_string_equal(buf, "ff -1 ffff -32768");
}

static void widths_and_flags_look_as_in_c(void **state)
{
	(void)state;
	SAME("[%5d][%-5d][%05d][%05d]", 42, 42, 42, -42);
	SAME("[%016lx][%2x][%8s][%-8s]", 0x123456789aul, 0xabc, "abc", "abc");
	SAME("[%*d][%-*d]", 6, 1, 6, 2);
	SAME("[%c][%3c][%-3c]", 'a', 'b', 'c');
	SAME("[%40d]", 5);
}

static void strings_look_as_in_c(void **state)
{
	(void)state;
	SAME("%s|%s", "", "text");
	SAME("%.3s|%.*s|%.0s|%5.2s", "abcdef", 2, "xyz", "none", "abc");
	SAME("100%% %p", (void *)0x1234);
}

static void a_precision_bounds_what_is_read(void **state)
{
	static const char raw[3] = { 'a', 'b', 'c' };
	char buf[8];

	(void)state;
	assert_int_equal(fmt_str(buf, sizeof(buf), "%.*s", 3, raw), 3);
	assert_string_equal(buf, "abc");
}

static void a_missing_string_is_shown_as_null(void **state)
{
	const char *volatile none = NULL;
	char buf[16];

	(void)state;
	fmt_str(buf, sizeof(buf), "%s", none);
	assert_string_equal(buf, "(null)");
}

static void an_unknown_conversion_is_shown_as_it_is(void **state)
{
	char buf[32];

	(void)state;
	unchecked(buf, sizeof(buf), "a%qb%");
	assert_string_equal(buf, "a%qb%");
	unchecked(buf, sizeof(buf), "%-08l");
	assert_string_equal(buf, "%-08l");
}

static void append(void *arg, const char *text, size_t len)
{
	char *end = (char *)arg + strlen(arg);

	memcpy(end, text, len);
	end[len] = '\0';
}

static size_t show(char *buf, const char *fmt, ...) printf_like(2, 3);

static size_t show(char *buf, const char *fmt, ...)
{
	va_list ap;

	buf[0] = '\0';
	va_start(ap, fmt);
	size_t len = fmt_show(append, buf, fmt, ap);
	va_end(ap);
	return len;
}

static void shown_arguments_cannot_drive_a_terminal(void **state)
{
	char buf[1200], all[256];

	(void)state;
	show(buf, "\t%s|%c|%.*s\n", "a\033[31mb\r\n", 7, 3, "\177\233x\033");
	assert_string_equal(buf, "\ta\\x1b[31mb\\x0d\\x0a|\\x07|\\x7f\\x9bx\n");
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	assert_int_equal(show(buf, "%s", all), 95 + 4 * 160);
	for (size_t i = 0; buf[i]; i++)
		assert_in_range(buf[i], ' ', '~');
}

static void a_width_counts_what_is_shown(void **state)
{
	char buf[64];

	(void)state;
	show(buf, "[%6s][%-6s][%3s][%5c][%04d]", "\033", "a\200", "\033", 1, 7);
	assert_string_equal(buf, "[  \\x1b][a\\x80 ][\\x1b][ \\x01][0007]");
}

static void cut_text_is_terminated_and_its_length_told(void **state)
{
	char buf[5] = "####";

	(void)state;
	assert_int_equal(fmt_str(buf, 4, "%s%d", "ab", 1234), 6);
	assert_memory_equal(buf, "ab1\0", 5);
	assert_int_equal(fmt_str(buf, 1, "abc"), 3);
	assert_string_equal(buf, "");
}

static void hexadecimal_digits_are_read(void **state)
{
	uint64_t val;

	(void)state;
	assert_int_equal(fmt_parse_hex("1aF", 3, &val), 0);
	assert_int_equal(val, 0x1af);
	assert_int_equal(fmt_parse_hex("0X20", 4, &val), 0);
	assert_int_equal(val, 0x20);
	assert_int_equal(fmt_parse_hex("ffffffffffffffff", 16, &val), 0);
	assert_true(val == UINT64_MAX);
	assert_int_equal(fmt_parse_hex("12x", 2, &val), 0);
	assert_int_equal(val, 0x12);
}

static void what_is_no_hexadecimal_number_is_refused(void **state)
{
	uint64_t val;

	(void)state;
	assert_int_equal(fmt_parse_hex("", 0, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_hex("0x", 2, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_hex("12x", 3, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_hex("g", 1, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_hex("-1", 2, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_hex("00000000000000000", 17, &val),
			 ERR_INVAL);
}

static void decimal_digits_are_read_up_to_64_bits(void **state)
{
	uint64_t val;

	(void)state;
	assert_int_equal(fmt_parse_dec("007", 3, &val), 0);
	assert_int_equal(val, 7);
	assert_int_equal(fmt_parse_dec("18446744073709551615", 20, &val), 0);
	assert_true(val == UINT64_MAX);
	assert_int_equal(fmt_parse_dec("18446744073709551616", 20, &val),
			 ERR_INVAL);
	assert_int_equal(fmt_parse_dec("99999999999999999999", 20, &val),
			 ERR_INVAL);
	assert_int_equal(fmt_parse_dec("1a", 2, &val), ERR_INVAL);
	assert_int_equal(fmt_parse_dec("", 0, &val), ERR_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_look_as_in_c),
		cmocka_unit_test(short_integers_are_cut_to_their_length),
		cmocka_unit_test(widths_and_flags_look_as_in_c),
		cmocka_unit_test(strings_look_as_in_c),
		cmocka_unit_test(a_precision_bounds_what_is_read),
		cmocka_unit_test(a_missing_string_is_shown_as_null),
		cmocka_unit_test(an_unknown_conversion_is_shown_as_it_is),
		cmocka_unit_test(shown_arguments_cannot_drive_a_terminal),
		cmocka_unit_test(a_width_counts_what_is_shown),
		cmocka_unit_test(cut_text_is_terminated_and_its_length_told),
		cmocka_unit_test(hexadecimal_digits_are_read),
		cmocka_unit_test(what_is_no_hexadecimal_number_is_refused),
		cmocka_unit_test(decimal_digits_are_read_up_to_64_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

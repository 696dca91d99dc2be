// SPDX-License-Identifier: BSD-2-Clause
// IP addresses from text and to text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/net/address.h"

static void parses(const char *text, const char *back)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(text, strlen(text), &addr), 0);
	assert_string_equal(net_addr_text(&addr), back);
}

static void fails(const char *text)
{
	struct net_addr addr = net_addr_v4(1), old = addr;

	assert_int_equal(net_addr_parse(text, strlen(text), &addr), ERR_INVAL);
	assert_memory_equal(&addr, &old, sizeof(addr));
}

static void octets_are_decimal_even_with_zeros_in_front(void **state)
{
	(void)state;
	parses("10.0.2.2", "10.0.2.2");
	parses("010.000.002.255", "10.0.2.255");
	parses("0.0.0.0", "0.0.0.0");
	parses("255.255.255.255", "255.255.255.255");
}

static void what_is_no_address_of_version_4_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	     ".",	  "1",		"1.2.3",
		"1.2.3.",    "1.2.3.4.",  ".1.2.3.4",	"1..2.3",
		"256.1.1.1", "1.2.3.256", "0001.2.3.4", "1.2.3.4 ",
		" 1.2.3.4",  "1.2.3.a",	  "0x1.2.3.4",	"-1.2.3.4",
		"1.2.3.4.5", "[1.2.3.4]", "1,2,3,4",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		fails(bad[i]);
}

static void version_6_is_read_in_every_form(void **state)
{
	(void)state;
	parses("::", "::");
	parses("::1", "::1");
	parses("1::", "1::");
	parses("fec0::2", "fec0::2");
	parses("[fec0::2]", "fec0::2");
	parses("FE80::5054:ff:Fe12:3456", "fe80::5054:ff:fe12:3456");
	parses("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8");
	parses("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	parses("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
	parses("::ffff:10.0.2.2", "::ffff:a00:202");
	parses("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
	parses("0001:0:0:0:0:0:0:0010", "1::10");
}

static void text_follows_rfc_5952(void **state)
{
	(void)state;
	parses("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	parses("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	parses("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	parses("0:0:1:0:0:0:0:0", "0:0:1::");
}

static void what_is_no_address_of_version_6_is_refused(void **state)
{
	static const char *const bad[] = {
		":",
		":::",
		"1:",
		":1",
		"1:2",
		"1::2::3",
		"12345::",
		"g::",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"[::1",
		"::1]",
		"[]",
		"[",
		"::1.2.3",
		"::1.2.3.4:1",
		"1:2:3:4:5:6:7:1.2.3.4",
		"::256.1.1.1",
		"fe80::1%1",
		"::1 ",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		fails(bad[i]);
}

static void no_byte_behind_the_length_is_read(void **state)
{
	const char *text = "[fe80::1:10.0.2.2]";
	struct net_addr addr;

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		char *part = malloc(len ? len : 1);

		assert_non_null(part);
		memcpy(part, text, len);
		assert_int_equal(net_addr_parse(part, len, &addr), ERR_INVAL);
		free(part);
	}
}

static void numbers_are_in_host_order(void **state)
{
	struct net_addr addr = net_addr_v4(0x0a000202), none = net_addr_v4(0);

	(void)state;
	assert_int_equal(addr.version, 4);
	assert_string_equal(net_addr_text(&addr), "10.0.2.2");
	assert_int_equal(net_addr_number(&addr), 0x0a000202);
	assert_int_equal(none.version, 0);
	assert_string_equal(net_addr_text(&none), "none");
}

static void four_texts_are_there_at_a_time(void **state)
{
	const char *texts[4];

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct net_addr addr = net_addr_v4(1 + i);

		texts[i] = net_addr_text(&addr);
	}
	assert_string_equal(texts[0], "0.0.0.1");
	assert_string_equal(texts[3], "0.0.0.4");
}

static void only_bytes_of_the_version_are_compared(void **state)
{
	struct net_addr a = net_addr_v4(5), b = a;

	(void)state;
	b.bytes[15] = 1;
	assert_true(net_addr_equal(&a, &b));
	a.version = b.version = 6;
	assert_false(net_addr_equal(&a, &b));
	b.bytes[15] = 0;
	assert_true(net_addr_equal(&a, &b));
	b.version = 4;
	assert_false(net_addr_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_decimal_even_with_zeros_in_front),
		cmocka_unit_test(what_is_no_address_of_version_4_is_refused),
		cmocka_unit_test(version_6_is_read_in_every_form),
		cmocka_unit_test(text_follows_rfc_5952),
		cmocka_unit_test(what_is_no_address_of_version_6_is_refused),
		cmocka_unit_test(no_byte_behind_the_length_is_read),
		cmocka_unit_test(numbers_are_in_host_order),
		cmocka_unit_test(four_texts_are_there_at_a_time),
		cmocka_unit_test(only_bytes_of_the_version_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// What DHCPv6 options of real and hostile servers give.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "packages/net/dhcp6_options.h"

static struct dhcp6_lease lease;

/* Reads one option, in a copy of the exact length. */
static void read_option(uint16_t code, const void *value, size_t len)
{
	uint8_t *copy = malloc(4 + len);
	struct dhcp6_area area = { copy, 4 + len };

	be16_store(copy, code);
	be16_store(copy + 2, (uint16_t)len);
	memcpy(copy + 4, value, len);
	memset(&lease, 0, sizeof(lease));
	dhcp6_lease_read(&lease, area);
	free(copy);
}

static void url_may_lack_its_nul_or_have_one(void **state)
{
	(void)state;
	read_option(DHCP6_OPT_URL, "http://[fd00::1]/f", 18);
	assert_string_equal(lease.url, "http://[fd00::1]/f");
	read_option(DHCP6_OPT_URL, "http://[fd00::1]/f", 19);
	assert_string_equal(lease.url, "http://[fd00::1]/f");
}

static void url_without_room_is_left_out(void **state)
{
	char url[2048];

	(void)state;
	memset(url, 'u', sizeof(url));
	read_option(DHCP6_OPT_URL, url, 2047);
	assert_int_equal(strlen(lease.url), 2047);
	read_option(DHCP6_OPT_URL, url, 2048);
	assert_string_equal(lease.url, "");
	read_option(DHCP6_OPT_URL, "", 0);
	assert_string_equal(lease.url, "");
}

static void url_of_qemu_without_a_file_is_none(void **state)
{
	(void)state;
	read_option(DHCP6_OPT_URL, "(null)", 6);
	assert_string_equal(lease.url, "");
	read_option(DHCP6_OPT_URL, "tftp://[fec0::2]/(null)", 23);
	assert_string_equal(lease.url, "");
	read_option(DHCP6_OPT_URL, "null)", 5);
	assert_string_equal(lease.url, "null)");
}

static void url_is_passed_on_whatever_its_scheme(void **state)
{
	(void)state;
	read_option(DHCP6_OPT_URL, "javascript:[", 12);
	assert_string_equal(lease.url, "javascript:[");
}

static void parameters_are_joined_by_blanks(void **state)
{
	(void)state;
	/* ISC 4.4.3 */
	read_option(DHCP6_OPT_PARAMS, "\0\5quiet\0\7root=/a", 16);
	assert_string_equal(lease.params, "quiet root=/a");
	read_option(DHCP6_OPT_PARAMS, "", 0);
	assert_string_equal(lease.params, "");
}

static void parameters_past_the_end_are_all_left_out(void **state)
{
	static char many[2048];

	(void)state;
	read_option(DHCP6_OPT_PARAMS, "\0\5quiet\0\10root=/a", 16);
	assert_string_equal(lease.params, "");
	read_option(DHCP6_OPT_PARAMS, "\0\5quiet\0", 8);
	assert_string_equal(lease.params, "");
	read_option(DHCP6_OPT_PARAMS, "\0\5qu\0et", 7);
	assert_string_equal(lease.params, "");
	memset(many, 0, sizeof(many));
	read_option(DHCP6_OPT_PARAMS, many, 1022);
	assert_int_equal(strlen(lease.params), 0);
	read_option(DHCP6_OPT_PARAMS, many, sizeof(many));
	assert_string_equal(lease.params, "");
}

static void dns_list_of_broken_length_is_left_out(void **state)
{
	static const uint8_t dns[5 * 16] = {
		[0] = 0xfd,  [15] = 1,	  [16] = 0xff, [32] = 0xfe,
		[33] = 0x80, [48] = 0xfd, [63] = 3,    [64] = 0xfd
	};

	(void)state;
	for (size_t len = 0; len <= sizeof(dns); len++) {
		read_option(DHCP6_OPT_DNS, dns, len);
		assert_int_equal(lease.dns[0].version,
				 len && len % 16 == 0 ? 6 : 0);
	}
	/* Three of five, without the multicast address. */
	assert_int_equal(lease.dns[1].bytes[0], 0xfe);
	assert_int_equal(lease.dns[2].bytes[15], 3);
	assert_string_equal(lease.url, "");
}

static bool address(const uint8_t *bytes)
{
	uint8_t option[4 + 24] = { 0, DHCP6_OPT_IAADDR, 0, 24 };
	struct dhcp6_area ia = { option, sizeof(option) };
	struct net_addr addr;

	memcpy(option + 4, bytes, 16);
	be32_store(option + 20, 10);
	be32_store(option + 24, 10);
	if (!dhcp6_address(ia, &addr))
		return false;
	be32_store(option + 20, 11); /* preferred for longer than valid */
	assert_false(dhcp6_address(ia, &addr));
	return true;
}

static void addresses_that_no_host_has_are_not_taken(void **state)
{
	static const uint8_t bad[][16] = { { 0 },
					   { [15] = 1 },
					   { 0xff, 2, [15] = 1 },
					   { 0xfe, 0x80, [15] = 1 },
					   { 0xfe, 0xbf, [15] = 1 } };
	static const uint8_t good[][16] = { { 0x20, 1, [15] = 1 },
					    { 0xfd, 0, [15] = 1 },
					    { 0xfe, 0xc0, [15] = 1 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(address(bad[i]));
	for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(address(good[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(url_may_lack_its_nul_or_have_one),
		cmocka_unit_test(url_without_room_is_left_out),
		cmocka_unit_test(url_of_qemu_without_a_file_is_none),
		cmocka_unit_test(url_is_passed_on_whatever_its_scheme),
		cmocka_unit_test(parameters_are_joined_by_blanks),
		cmocka_unit_test(parameters_past_the_end_are_all_left_out),
		cmocka_unit_test(dns_list_of_broken_length_is_left_out),
		cmocka_unit_test(addresses_that_no_host_has_are_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

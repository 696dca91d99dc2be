// SPDX-License-Identifier: BSD-2-Clause
// What DHCPv4 packets of real and hostile servers give.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "packages/net/dhcp4_lease.h"
#include "tests/fake/dhcp4.h"

static struct dhcp4_lease lease;
static struct fake_dhcp4 reply;

static bool read_lease(void)
{
	struct dhcp4_message msg;
	uint8_t *copy = malloc(reply.len);
	bool usable;

	memcpy(copy, reply.bytes, reply.len);
	assert_true(dhcp4_message_open(&msg, copy, reply.len));
	usable = dhcp4_lease_read(&lease, &msg);
	free(copy);
	return usable;
}

static void expect_address(const struct net_addr *addr, uint32_t number)
{
	assert_int_equal(addr->version, number ? 4 : 0);
	assert_int_equal(net_addr_number(addr), number);
}

static void dnsmasq_gives_all_that_we_ask_for(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 0);
	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a090002);
	/* dnsmasq 2.90, to our DISCOVER */
	fake_dhcp4_hex(
		&reply,
		"35010536040a090001330400000e104209746674702e6c616e00432562"
		"6f6f742f67727562322f706f77657270632d696565653132"
		"37352f636f72652e656c66003a04000007083b0400000c4e"
		"0104ffffff001c040a0900ffd2052f7078652fd104636f6e"
		"6606080a0900350a0900361a0205780f0b6c616e2e657861"
		"6d706c6503040a0900feff");
	assert_true(read_lease());
	dhcp4_lease_complete(&lease, NULL);
	expect_address(&lease.server, 0x0a090002);
	expect_address(&lease.dhcp_server, 0x0a090001);
	expect_address(&lease.mask, 0xffffff00);
	expect_address(&lease.router, 0x0a0900fe);
	expect_address(&lease.dns[0], 0x0a090035);
	expect_address(&lease.dns[1], 0x0a090036);
	expect_address(&lease.dns[2], 0);
	assert_string_equal(lease.file, "boot/grub2/powerpc-ieee1275/core.elf");
	assert_string_equal(lease.server_name, "");
	assert_string_equal(lease.path_prefix, "/pxe/");
	assert_string_equal(lease.config_file, "conf");
	assert_string_equal(lease.domain, "lan.example");
	assert_int_equal(lease.mtu, 1400);
}

static void isc_dhcpd_gives_the_file_in_its_field(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 0);
	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a090003);
	strcpy((char *)reply.bytes + DHCP4_SNAME, "boot.lan");
	strcpy((char *)reply.bytes + DHCP4_FILE, "bootppc64.bin");
	/* ISC 4.4.3 */
	fake_dhcp4_hex(&reply,
		       "35010536040a09000133040000a8c00104ffffff0003040a0900fe"
		       "06040a09003511092f7372762f726f6f74d106636f6e662f"
		       "61d212687474703a2f2f31302e392e302e332f702fff");
	assert_true(read_lease());
	expect_address(&lease.server, 0x0a090003);
	assert_string_equal(lease.server_name, "");
	assert_string_equal(lease.file, "bootppc64.bin");
	assert_string_equal(lease.root_path, "/srv/root");
	assert_string_equal(lease.config_file, "conf/a");
	assert_string_equal(lease.path_prefix, "http://10.9.0.3/p/");
}

static void server_is_siaddr_then_66_then_sname_then_150_then_54(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	assert_true(read_lease());
	expect_address(&lease.server, 0);
	dhcp4_lease_complete(&lease, NULL);
	expect_address(&lease.server, FAKE_DHCP4_SERVER);

	fake_dhcp4_number(&reply, 150, 0x0a000203);
	assert_true(read_lease());
	expect_address(&lease.server, 0x0a000203);

	strcpy((char *)reply.bytes + DHCP4_SNAME, "tftp.lan");
	assert_true(read_lease());
	dhcp4_lease_complete(&lease, NULL);
	expect_address(&lease.server, 0);
	assert_string_equal(lease.server_name, "tftp.lan");

	fake_dhcp4_text(&reply, 66, "10.0.2.4");
	assert_true(read_lease());
	expect_address(&lease.server, 0x0a000204);
	assert_string_equal(lease.server_name, "");

	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a000205);
	assert_true(read_lease());
	expect_address(&lease.server, 0x0a000205);
}

static void ack_without_a_value_has_that_of_the_offer(void **state)
{
	struct dhcp4_lease offer;

	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_text(&reply, 67, "f");
	fake_dhcp4_text(&reply, 66, "tftp.lan");
	fake_dhcp4_number(&reply, 1, 0xfffffe00);
	fake_dhcp4_number(&reply, 3, 0x0a000201);
	fake_dhcp4_hex(&reply, "1a0205dc");
	assert_true(read_lease());
	offer = lease;
	fake_dhcp4_reply(&reply, 5);
	assert_true(read_lease());
	dhcp4_lease_complete(&lease, &offer);
	assert_string_equal(lease.file, "f");
	assert_string_equal(lease.server_name, "tftp.lan");
	expect_address(&lease.server, 0);
	expect_address(&lease.mask, 0xfffffe00);
	expect_address(&lease.router, 0x0a000201);
	assert_int_equal(lease.mtu, 1500);

	/* The server that the ACK names counts, not the offer's name. */
	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a000205);
	assert_true(read_lease());
	dhcp4_lease_complete(&lease, &offer);
	expect_address(&lease.server, 0x0a000205);
	assert_string_equal(lease.server_name, "");
}

static void ack_that_names_a_server_hides_the_address_of_the_offer(void **state)
{
	struct dhcp4_lease offer;

	(void)state;
	fake_dhcp4_reply(&reply, 2);
	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a000205);
	assert_true(read_lease());
	offer = lease;
	fake_dhcp4_reply(&reply, 5);
	fake_dhcp4_text(&reply, 66, "new.lan");
	assert_true(read_lease());
	dhcp4_lease_complete(&lease, &offer);
	expect_address(&lease.server, 0);
	assert_string_equal(lease.server_name, "new.lan");
}

static void addresses_that_no_host_has_are_not_ours(void **state)
{
	static const uint32_t bad[] = {
		0,	    0x00000001, 0xffffffff,	  0xe0000001,
		0xf0000001, 0x7f000001, FAKE_DHCP4_SERVER
	};

	(void)state;
	fake_dhcp4_reply(&reply, 2);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		be32_store(reply.bytes + DHCP4_YIADDR, bad[i]);
		assert_false(read_lease());
	}
	be32_store(reply.bytes + DHCP4_YIADDR, 0x0a000220);
	assert_true(read_lease());
	be32_store(reply.bytes + DHCP4_SIADDR, 0x0a000220);
	assert_false(read_lease());
}

static void broadcast_and_address_of_the_net_are_not_ours(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_number(&reply, 1, 0xffffff00);
	be32_store(reply.bytes + DHCP4_YIADDR, 0x0a0002ff);
	assert_false(read_lease());
	be32_store(reply.bytes + DHCP4_YIADDR, 0x0a000200);
	assert_false(read_lease());
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_number(&reply, 1, 0xffffffff);
	assert_true(read_lease());
}

static void mask_with_holes_is_replaced_by_that_of_the_class(void **state)
{
	static const uint32_t masks[] = { 0, 0xff00ff00, 0x00ffffff,
					  0x80000001 };
	static const uint32_t classes[][2] = { { 0x0a000001, 0xff000000 },
					       { 0x80010203, 0xffff0000 },
					       { 0xc0a80105, 0xffffff00 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(masks); i++) {
		fake_dhcp4_reply(&reply, 2);
		fake_dhcp4_number(&reply, 1, masks[i]);
		assert_true(read_lease());
		dhcp4_lease_complete(&lease, NULL);
		expect_address(&lease.mask, 0xff000000);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		fake_dhcp4_reply(&reply, 2);
		be32_store(reply.bytes + DHCP4_YIADDR, classes[i][0]);
		assert_true(read_lease());
		dhcp4_lease_complete(&lease, NULL);
		expect_address(&lease.mask, classes[i][1]);
	}
}

static void router_outside_the_net_is_kept(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_number(&reply, 1, 0xffffffff);
	fake_dhcp4_number(&reply, 3, 0xa9fe0101);
	assert_true(read_lease());
	expect_address(&lease.router, 0xa9fe0101);
}

static void dns_list_of_three_bytes_is_left_out_alone(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_hex(&reply, "06030a0002");
	fake_dhcp4_text(&reply, 67, "f");
	assert_true(read_lease());
	expect_address(&lease.dns[0], 0);
	assert_string_equal(lease.file, "f");
}

static void dns_list_is_cut_after_three_and_skips_impossible_ones(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_hex(&reply, "0612ffffffff0a0002030a0002040a0002050a00");
	assert_true(read_lease());
	expect_address(&lease.dns[0], 0x0a000203);
	expect_address(&lease.dns[1], 0x0a000204);
	expect_address(&lease.dns[2], 0);
}

static void mtu_outside_its_bounds_is_left_out(void **state)
{
	static const struct {
		const char *hex;
		unsigned mtu;
	} mtus[] = { { "1a020043", 0 },	   { "1a020044", 68 },
		     { "1a0205dc", 1500 }, { "1a0205dd", 0 },
		     { "1a0105", 0 },	   { "1a03000500", 0 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(mtus); i++) {
		fake_dhcp4_reply(&reply, 2);
		fake_dhcp4_hex(&reply, mtus[i].hex);
		assert_true(read_lease());
		assert_int_equal(lease.mtu, mtus[i].mtu);
	}
}

static void texts_of_255_bytes_fit_and_end_at_a_nul(void **state)
{
	char text[256];

	(void)state;
	memset(text, 'a', 255);
	text[255] = '\0';
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_text(&reply, 66, text);
	fake_dhcp4_text(&reply, 67, text);
	fake_dhcp4_put(&reply, 12, "ho\0st", 5);
	fake_dhcp4_put(&reply, 15, "", 0);
	assert_true(read_lease());
	assert_string_equal(lease.server_name, text);
	assert_string_equal(lease.file, text);
	assert_string_equal(lease.host, "ho");
	assert_string_equal(lease.domain, "");
}

static void text_in_pieces_is_joined_and_left_out_if_too_long(void **state)
{
	char text[256];

	(void)state;
	memset(text, 'a', 255);
	text[255] = '\0';
	fake_dhcp4_reply(&reply, 2);
	for (unsigned i = 0; i < 4; i++)
		fake_dhcp4_text(&reply, 67, text);
	assert_true(read_lease());
	assert_int_equal(strlen(lease.file), 4 * 255);
	fake_dhcp4_text(&reply, 67, "aaaa");
	assert_true(read_lease());
	assert_string_equal(lease.file, "");
}

static void fields_that_are_full_have_no_nul(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	memset(reply.bytes + DHCP4_FILE, 'f', DHCP4_FILE_SIZE);
	memset(reply.bytes + DHCP4_SNAME, 's', DHCP4_SNAME_SIZE);
	assert_true(read_lease());
	assert_int_equal(strlen(lease.file), DHCP4_FILE_SIZE);
	assert_int_equal(strlen(lease.server_name), DHCP4_SNAME_SIZE);
}

static void overloaded_fields_are_not_names(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_hex(&reply, "340103");
	memcpy(reply.bytes + DHCP4_FILE, "\x0c\x01h\xff", 4);
	memcpy(reply.bytes + DHCP4_SNAME,
	       "\x43\x01"
	       "f\xff",
	       4);
	assert_true(read_lease());
	assert_string_equal(lease.host, "h");
	assert_string_equal(lease.file, "f");
	assert_string_equal(lease.server_name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dnsmasq_gives_all_that_we_ask_for),
		cmocka_unit_test(isc_dhcpd_gives_the_file_in_its_field),
		cmocka_unit_test(
			server_is_siaddr_then_66_then_sname_then_150_then_54),
		cmocka_unit_test(ack_without_a_value_has_that_of_the_offer),
		cmocka_unit_test(
			ack_that_names_a_server_hides_the_address_of_the_offer),
		cmocka_unit_test(addresses_that_no_host_has_are_not_ours),
		cmocka_unit_test(broadcast_and_address_of_the_net_are_not_ours),
		cmocka_unit_test(
			mask_with_holes_is_replaced_by_that_of_the_class),
		cmocka_unit_test(router_outside_the_net_is_kept),
		cmocka_unit_test(dns_list_of_three_bytes_is_left_out_alone),
		cmocka_unit_test(
			dns_list_is_cut_after_three_and_skips_impossible_ones),
		cmocka_unit_test(mtu_outside_its_bounds_is_left_out),
		cmocka_unit_test(texts_of_255_bytes_fit_and_end_at_a_nul),
		cmocka_unit_test(
			text_in_pieces_is_joined_and_left_out_if_too_long),
		cmocka_unit_test(fields_that_are_full_have_no_nul),
		cmocka_unit_test(overloaded_fields_are_not_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

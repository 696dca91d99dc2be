// SPDX-License-Identifier: BSD-2-Clause
// IPv6: our addresses, router advertisements, hostile neighbours.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/netstack.h"

#define RA 134u
#define RA_SIZE 16u
#define PREFIX_SIZE 32u

static int set_up(void **state)
{
	(void)state;
	fake_netstack_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_netstack_close();
	return 0;
}

static void arrives(const char *from, const void *icmp, size_t len)
{
	struct net_addr source = fake_netstack_addr(from);
	struct net_addr all = fake_netstack_addr("ff02::1");

	fake_netstack_send(&source, &all, PACKET_ICMP6, icmp, len);
}

/* An advertisement with a prefix of fec0::/`bits`. */
static void advertise(const char *from, uint8_t flags, uint8_t bits,
		      uint32_t lifetime)
{
	uint8_t ra[RA_SIZE + PREFIX_SIZE] = { RA, 0, 0, 0, 64, flags, 7, 8 };
	uint8_t *prefix = ra + RA_SIZE;

	prefix[0] = 3;
	prefix[1] = PREFIX_SIZE / 8;
	prefix[2] = bits;
	prefix[3] = 0xc0;
	be32_store(prefix + 4, lifetime);
	be32_store(prefix + 8, lifetime);
	memcpy(prefix + 16, "\xfe\xc0", 2);
	arrives(from, ra, sizeof(ra));
}

static struct netstack_ipv6 state_now(void)
{
	struct netstack_ipv6 ipv6;

	netstack_ipv6(&ipv6);
	return ipv6;
}

static void a_router_is_solicited_at_once(void **state)
{
	const struct fake_network_frame *out = &fake_network.out[0];
	bool found = false;

	(void)state;
	for (unsigned i = 0; i < fake_network.n_out; i++, out++)
		found |= be16_load(out->bytes + 12) == 0x86dd &&
			 out->bytes[14 + 6] == PACKET_ICMP6 &&
			 out->bytes[14 + 40] == 133;
	assert_true(found);
	assert_true(fake_network.kicks > 0);
}

static void the_link_local_address_has_the_mac(void **state)
{
	struct netstack_ipv6 ipv6 = state_now();

	(void)state;
	assert_string_equal(net_addr_text(&ipv6.link_local),
			    "fe80::5054:ff:fe12:3456");
	assert_int_equal(ipv6.global.version, 0);
	assert_int_equal(ipv6.router.version, 0);
	assert_false(ipv6.advertised);
}

static void an_advertisement_gives_address_and_router(void **state)
{
	struct netstack_ipv6 ipv6;

	(void)state;
	advertise("fe80::1", 0x40, 64, 3600);
	ipv6 = state_now();
	assert_true(ipv6.advertised);
	assert_false(ipv6.managed);
	assert_true(ipv6.other);
	assert_string_equal(net_addr_text(&ipv6.global),
			    "fec0::5054:ff:fe12:3456");
	assert_string_equal(net_addr_text(&ipv6.router), "fe80::1");
	advertise("fe80::1", 0x80, 64, 3600);
	ipv6 = state_now();
	assert_true(ipv6.managed);
	assert_false(ipv6.other);
}

static void advertisements_from_elsewhere_are_ignored(void **state)
{
	struct net_addr all = fake_netstack_addr("ff02::1");
	struct net_addr router = fake_netstack_addr("fe80::1");
	uint8_t ra[RA_SIZE] = { RA, 0, 0, 0, 64, 0xc0, 7, 8 };
	struct packet p;

	(void)state;
	advertise("fec0::1", 0xc0, 64, 3600);
	assert_false(state_now().advertised);
	/* It was forwarded. */
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &router, &all,
		  PACKET_ICMP6, ra, sizeof(ra));
	p.bytes[14 + 7] = 254;
	fake_netstack_put(&p);
	/* A code, a wrong sum. */
	ra[1] = 1;
	arrives("fe80::1", ra, sizeof(ra));
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &router, &all,
		  PACKET_ICMP6, ra, sizeof(ra));
	p.bytes[14 + 40 + 2] ^= 1;
	fake_netstack_put(&p);
	assert_false(state_now().advertised);
	assert_int_equal(state_now().router.version, 0);
}

static void odd_prefixes_give_no_address(void **state)
{
	static const uint8_t bits[] = { 0, 63, 65, 128, 200, 255 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		advertise("fe80::1", 0, bits[i], 3600);
	advertise("fe80::1", 0, 64, 0);
	assert_int_equal(state_now().global.version, 0);
	advertise("fe80::1", 0, 64, 0xffffffff);
	assert_int_equal(state_now().global.version, 6);
}

static void many_prefixes_fill_the_table_and_no_more(void **state)
{
	uint8_t ra[RA_SIZE + PREFIX_SIZE] = { RA, 0, 0, 0, 64, 0, 7, 8 };

	(void)state;
	memcpy(ra + RA_SIZE, "\3\4\x40\xc0\0\0\x0e\x10\0\0\x0e\x10", 12);
	for (unsigned i = 0; i < 300; i++) {
		be32_store(ra + RA_SIZE + 16, 0x20010000 + i);
		arrives("fe80::1", ra, sizeof(ra));
	}
	assert_int_equal(state_now().global.version, 6);
	fake_netstack_pass(2000);
}

static void a_router_may_not_set_a_useless_mtu(void **state)
{
	static const uint32_t mtus[] = { 0, 64, 1279, 70000, 0xffffffff };
	uint8_t ra[RA_SIZE + 8] = { RA, 0, 0, 0, 64, 0, 7, 8 };

	(void)state;
	memcpy(ra + RA_SIZE, "\5\1", 2);
	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		be32_store(ra + RA_SIZE + 4, mtus[i]);
		arrives("fe80::1", ra, sizeof(ra));
		assert_int_equal(netstack_mtu(6), 1500);
	}
	be32_store(ra + RA_SIZE + 4, 1400);
	arrives("fe80::1", ra, sizeof(ra));
	assert_int_equal(netstack_mtu(6), 1400);
	assert_int_equal(netstack_mtu(4), 1500);
}

/* Options of length 0, past the end, cut: in each message that has some. */
static void options_of_any_length_do_no_harm(void **state)
{
	static const uint8_t types[] = { 133, 134, 135, 136, 137 };
	uint8_t icmp[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (unsigned option = 0; option < 32; option++) {
			memset(icmp, 0, sizeof(icmp));
			icmp[0] = types[i];
			icmp[RA_SIZE] = icmp[24] = icmp[40] = (uint8_t)option;
			for (unsigned len = 0; len < 8; len++) {
				icmp[17] = icmp[25] = icmp[41] = (uint8_t)len;
				arrives("fe80::1", icmp, 8 + 8 * len);
				arrives("fe80::1", icmp, sizeof(icmp));
			}
		}
	}
	for (size_t len = 0; len < sizeof(icmp); len++)
		arrives("fe80::1", icmp, len);
	advertise("fe80::1", 0, 64, 3600);
	assert_int_equal(state_now().global.version, 6);
}

static void name_servers_come_from_any_option(void **state)
{
	uint8_t ra[RA_SIZE + 8 + 24] = { RA, 0, 0, 0, 64, 0, 7, 8 };
	struct net_addr addr;

	(void)state;
	memcpy(ra + RA_SIZE, "\1\1" FAKE_NETWORK_PEER, 8);
	memcpy(ra + 24, "\x19\3\0\0\0\0\0\x0a\xfe\x80", 10);
	ra[47] = 3;
	/* Its lifetime is over. */
	ra[31] = 0;
	arrives("fe80::1", ra, sizeof(ra));
	assert_int_equal(netstack_resolve("a", 6, &addr), ERR_NOENT);
	ra[31] = 10;
	/* Too short for a server. */
	ra[25] = 1;
	arrives("fe80::1", ra, 32);
	assert_int_equal(netstack_resolve("a", 6, &addr), ERR_NOENT);
	ra[25] = 3;
	arrives("fe80::1", ra, sizeof(ra));
	assert_int_equal(netstack_resolve("a", 6, &addr), ERR_AGAIN);
}

static void chains_of_headers_end(void **state)
{
	static const uint8_t kinds[] = { 0, 43, 44, 60, 51, 50 };
	struct net_addr from = fake_netstack_addr("fe80::1");
	struct net_addr own = state_now().link_local;
	uint8_t chain[1400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		memset(chain, 0, sizeof(chain));
		for (size_t at = 0; at < sizeof(chain); at += 8) {
			chain[at] = kinds[i];
			chain[at + 2] = 1;
			chain[at + 3] = (uint8_t)(at ? 4 : 250);
		}
		fake_netstack_send(&from, &own, kinds[i], chain, sizeof(chain));
		chain[3] = 4;
		fake_netstack_send(&from, &own, kinds[i], chain, sizeof(chain));
		/* Hop-by-hop options behind others; a length past the end. */
		chain[0] = 0;
		fake_netstack_send(&from, &own, kinds[i], chain, sizeof(chain));
		chain[1] = 255;
		fake_netstack_send(&from, &own, kinds[i], chain, sizeof(chain));
		for (size_t len = 0; len < 24; len++)
			fake_netstack_send(&from, &own, kinds[i], chain, len);
	}
	advertise("fe80::1", 0, 64, 3600);
	assert_int_equal(state_now().global.version, 6);
}

static void an_address_of_dhcp_is_added(void **state)
{
	struct net_addr addr = fake_netstack_addr("2001:db8::5");
	struct netstack_ipv6 ipv6;

	(void)state;
	assert_int_equal(netstack_set_ipv6(&addr), 0);
	ipv6 = state_now();
	assert_true(net_addr_equal(&ipv6.global, &addr));
	for (uint8_t i = 6; i < 8; i++) {
		addr.bytes[15] = i;
		assert_int_equal(netstack_set_ipv6(&addr), 0);
	}
	addr.bytes[15] = 9;
	assert_int_equal(netstack_set_ipv6(&addr), ERR_NOSPACE);
}

/* A neighbour that is asked for answers. */
static void find(const struct net_addr *peer)
{
	struct net_addr own = state_now().link_local, via;
	uint8_t na[32] = { 136, 0, 0, 0, 0x60 };

	assert_int_equal(netstack_reach(peer, &via), ERR_AGAIN);
	memcpy(na + 8, peer->bytes, 16);
	memcpy(na + 24, "\2\1" FAKE_NETWORK_PEER, 8);
	fake_netstack_send(peer, &own, PACKET_ICMP6, na, sizeof(na));
	assert_int_equal(netstack_reach(peer, &via), 0);
	assert_true(net_addr_equal(&via, peer));
}

static void a_neighbour_is_found_on_the_link(void **state)
{
	struct net_addr peer = fake_netstack_addr("fe80::1");

	(void)state;
	find(&peer);
}

static void assert_sends_from(const char *own, const struct net_addr *peer)
{
	struct net_addr source = fake_netstack_addr(own);
	struct netstack_udp udp = { 0 };

	assert_int_equal(netstack_udp_open(&udp, 0), 0);
	assert_int_equal(netstack_udp_send(&udp, peer, 69, "ask", 3), 0);
	netstack_udp_close(&udp);
	assert_memory_equal(fake_network_out()->bytes + 14 + 8, source.bytes,
			    16);
}

/* What DHCPv6 or the user gives, also after the router's next word. */
static void an_address_that_is_given_has_precedence(void **state)
{
	struct net_addr peer = fake_netstack_addr("fec0::1");
	struct net_addr addr = fake_netstack_addr("fec0::77");

	(void)state;
	advertise("fe80::1", 0x80, 64, 3600);
	find(&peer);
	assert_sends_from("fec0::5054:ff:fe12:3456", &peer);
	assert_int_equal(netstack_set_ipv6(&addr), 0);
	assert_sends_from("fec0::77", &peer);
	advertise("fe80::1", 0x80, 64, 3600);
	assert_sends_from("fec0::77", &peer);
}

static void others_are_reached_by_the_router(void **state)
{
	struct net_addr to = fake_netstack_addr("2001:db8::1"), via;

	(void)state;
	assert_int_equal(netstack_reach(&to, &via), ERR_NOENT);
	advertise("fe80::1", 0, 64, 3600);
	assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	assert_string_equal(net_addr_text(&via), "fe80::1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_router_is_solicited_at_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_link_local_address_has_the_mac, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_advertisement_gives_address_and_router, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			advertisements_from_elsewhere_are_ignored, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(odd_prefixes_give_no_address,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			many_prefixes_fill_the_table_and_no_more, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_router_may_not_set_a_useless_mtu, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			options_of_any_length_do_no_harm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			name_servers_come_from_any_option, set_up, tear_down),
		cmocka_unit_test_setup_teardown(chains_of_headers_end, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_address_of_dhcp_is_added,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_neighbour_is_found_on_the_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_address_that_is_given_has_precedence, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			others_are_reached_by_the_router, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// ICMP: echo in both directions, and what is no echo.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/netstack.h"

static int set_up(void **state)
{
	(void)state;
	fake_netstack_configure();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_netstack_close();
	return 0;
}

/* The peer answers our last echo request, with changes. */
static void answer(uint8_t type, uint16_t id_xor, uint16_t sequence)
{
	size_t len;
	const uint8_t *request = fake_netstack_sent(PACKET_ICMP, &len);
	uint8_t reply[8];

	assert_non_null(request);
	assert_int_equal(len, 8);
	assert_int_equal(request[0], 8);
	memcpy(reply, request, 8);
	reply[0] = type;
	be16_store(reply + 4, be16_load(reply + 4) ^ id_xor);
	be16_store(reply + 6, sequence);
	fake_netstack_ipv4(PACKET_ICMP, reply, 8);
}

static void a_ping_is_answered(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);

	(void)state;
	assert_int_equal(netstack_ping(&peer, 3), 0);
	netstack_poll();
	assert_false(netstack_ping_answered(3));
	answer(0, 1, 3);
	answer(0, 0, 4);
	assert_false(netstack_ping_answered(3));
	answer(0, 0, 3);
	assert_true(netstack_ping_answered(3));
	/* A request is none. */
	assert_int_equal(netstack_ping(&peer, 3), 0);
	answer(8, 0, 3);
	assert_false(netstack_ping_answered(3));
	assert_int_equal(netstack_ping(&peer, 3), 0);
	assert_false(netstack_ping_answered(3));
}

static void a_ping_of_version_6_is_answered(void **state)
{
	struct net_addr peer = fake_netstack_addr("fe80::1"), own;
	struct netstack_ipv6 ipv6;
	const uint8_t *out;
	uint8_t na[32] = { 136, 0, 0, 0, 0x60 }, reply[8];
	size_t len;

	(void)state;
	netstack_ipv6(&ipv6);
	own = ipv6.link_local;
	assert_int_equal(netstack_ping(&peer, 70), 0);
	memcpy(na + 8, peer.bytes, 16);
	memcpy(na + 24, "\2\1" FAKE_NETWORK_PEER, 8);
	fake_netstack_send(&peer, &own, PACKET_ICMP6, na, sizeof(na));
	out = fake_netstack_sent(PACKET_ICMP6, &len);
	assert_non_null(out);
	assert_int_equal(out[0], 128);
	memcpy(reply, out, 8);
	reply[0] = 129;
	fake_netstack_send(&peer, &own, PACKET_ICMP6, reply, 8);
	assert_true(netstack_ping_answered(70));
}

static void a_wrong_sum_is_no_answer(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	struct net_addr own = net_addr_v4(FAKE_OWN);
	const uint8_t *out;
	uint8_t reply[8];
	struct packet p;
	size_t len;

	(void)state;
	assert_int_equal(netstack_ping(&peer, 1), 0);
	out = fake_netstack_sent(PACKET_ICMP, &len);
	memcpy(reply, out, 8);
	reply[0] = 0;
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &peer, &own,
		  PACKET_ICMP, reply, 8);
	p.bytes[14 + 20 + 2] ^= 0x10;
	fake_netstack_put(&p);
	assert_false(netstack_ping_answered(1));
}

static void we_answer_pings_of_any_size(void **state)
{
	uint8_t request[1480] = { 8, 0, 0, 0, 1, 2, 3, 4 };
	const uint8_t *out;
	size_t len;

	(void)state;
	for (size_t size = 8; size <= sizeof(request); size += 92) {
		fake_netstack_forget();
		fake_netstack_ipv4(PACKET_ICMP, request, size);
		out = fake_netstack_sent(PACKET_ICMP, &len);
		assert_non_null(out);
		assert_int_equal(len, size);
		assert_int_equal(out[0], 0);
		assert_memory_equal(out + 4, request + 4, size - 4);
	}
}

/* Its length says 64 KiB; the frame cannot have so much. */
static void an_echo_of_64_kib_is_dropped(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	struct net_addr own = net_addr_v4(FAKE_OWN);
	uint8_t request[64] = { 8 };
	struct packet p;
	size_t len;

	(void)state;
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &peer, &own,
		  PACKET_ICMP, request, sizeof(request));
	be16_store(p.bytes + 16, 0xffff);
	fake_netstack_put(&p);
	assert_null(fake_netstack_sent(PACKET_ICMP, &len));
}

static void redirects_change_no_route(void **state)
{
	struct net_addr to = net_addr_v4(0x08080808), via;
	uint8_t redirect[8 + 28] = { 5, 1, 0, 0, 10, 0, 2, 66, 0x45 };

	(void)state;
	be32_store(redirect + 8 + 12, FAKE_OWN);
	be32_store(redirect + 8 + 16, 0x08080808);
	fake_netstack_ipv4(PACKET_ICMP, redirect, sizeof(redirect));
	assert_int_equal(netstack_reach(&to, &via), 0);
	assert_int_equal(net_addr_number(&via), FAKE_PEER);
}

static void without_a_route_there_is_no_ping(void **state)
{
	struct net_addr to = fake_netstack_addr("2001:db8::1");

	(void)state;
	assert_int_equal(netstack_ping(&to, 1), ERR_NOENT);
	assert_non_null(strstr(reason(), "2001:db8::1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_ping_is_answered, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_ping_of_version_6_is_answered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_sum_is_no_answer,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(we_answer_pings_of_any_size,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_echo_of_64_kib_is_dropped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(redirects_change_no_route,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_route_there_is_no_ping, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

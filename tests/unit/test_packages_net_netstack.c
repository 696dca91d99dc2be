// SPDX-License-Identifier: BSD-2-Clause
// The life of the stack: open, turns, close, and what is left.
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

static struct net_addr number(uint32_t value)
{
	return net_addr_v4(value);
}

static unsigned datagrams;

static void count(struct netstack_udp *udp, const struct net_addr *from,
		  uint16_t port, const void *data, size_t len)
{
	struct net_addr to = *from;

	(void)data;
	(void)len;
	datagrams++;
	assert_int_equal(netstack_udp_send(udp, &to, port, "x", 1), 0);
}

static void opening_takes_the_card_and_closing_stops_it(void **state)
{
	(void)state;
	fake_netstack_open();
	assert_true(fake_network.started);
	assert_true(fake_network.nd.taken);
	assert_int_equal(netstack_mtu(4), 1500);
	netstack_close();
	assert_false(fake_network.started);
	assert_false(fake_network.nd.taken);
	fake_network_unplug();
}

static void a_card_that_does_not_start_is_not_opened(void **state)
{
	(void)state;
	fake_network_plug();
	fake_network.start_result = ERR_IO;
	assert_int_equal(netstack_open(&fake_network.nd), ERR_IO);
	assert_non_null(strstr(reason(), "told not to start"));
	fake_network_unplug();
}

static void without_memory_it_is_not_opened(void **state)
{
	(void)state;
	fake_network_plug();
	fake_heap_fail_after(0);
	assert_int_equal(netstack_open(&fake_network.nd), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_false(fake_network.started);
	fake_network_unplug();
}

/* Any allocation may fail; nothing is lost. */
static void memory_may_end_at_any_time(void **state)
{
	struct net_addr peer = number(FAKE_PEER), via;
	struct netstack_udp udp = { .receive = count };
	struct netstack_tcp tcp = { 0 };

	(void)state;
	for (long n = 1; n < 40; n++) {
		fake_netstack_configure();
		netstack_add_dns(&peer);
		fake_heap_fail_after(n);
		tcp = (struct netstack_tcp){ 0 };
		if (!netstack_udp_open(&udp, 0)) {
			fake_netstack_udp(1, 2, "abc", 3);
			(void)!netstack_udp_send(&udp, &peer, 1, "x", 1);
			netstack_udp_close(&udp);
		}
		if (!netstack_tcp_connect(&tcp, &peer, 80))
			netstack_poll();
		(void)!netstack_resolve("name", 4, &via);
		(void)!netstack_ping(&peer, 1);
		fake_netstack_pass(2000);
		netstack_tcp_close(&tcp);
		fake_heap_fail_after(-1);
		fake_netstack_close();
	}
}

static void a_turn_takes_64_frames_and_notifies_once(void **state)
{
	struct netstack_udp udp = { .receive = count };
	uint8_t data[8] = { 0x10, 0, 0x03, 0xe8 };
	struct net_addr peer = number(FAKE_PEER), own = number(FAKE_OWN);
	struct packet p;
	unsigned kicks;

	(void)state;
	fake_netstack_configure();
	assert_int_equal(netstack_udp_open(&udp, 1000), 0);
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &peer, &own,
		  PACKET_UDP, data, sizeof(data));
	assert_true(fake_network_put(p.bytes, p.len));
	fake_network.endless = 100;
	kicks = fake_network.kicks;
	datagrams = 0;
	netstack_poll();
	assert_int_equal(datagrams, 64);
	assert_int_equal(fake_network.kicks, kicks + 1);
	netstack_poll();
	assert_int_equal(datagrams, 101);
	assert_int_equal(fake_network.kicks, kicks + 2);
	netstack_poll();
	assert_int_equal(fake_network.kicks, kicks + 2);
	netstack_udp_close(&udp);
	fake_netstack_close();
}

/* Fill every table: ARP, ND, name servers, names, connections. */
static void leave_traces(void)
{
	struct net_addr peer = number(FAKE_PEER), addr, via;
	static struct netstack_tcp tcp;
	uint8_t ra[16 + 32] = { 134, 0, 0, 0, 64, 0xc0, 7, 8 };

	netstack_add_dns(&peer);
	memcpy(ra + 16, "\3\4\x40\xc0\0\0\x0e\x10\0\0\x0e\x10", 12);
	memcpy(ra + 32, "\xfe\xc0", 2);
	addr = fake_netstack_addr("fe80::1");
	via = fake_netstack_addr("ff02::1");
	fake_netstack_send(&addr, &via, PACKET_ICMP6, ra, sizeof(ra));
	assert_int_equal(netstack_reach(&peer, &via), 0);
	assert_int_equal(netstack_resolve("name", 4, &addr), ERR_AGAIN);
	tcp = (struct netstack_tcp){ 0 };
	assert_int_equal(netstack_tcp_connect(&tcp, &peer, 80), 0);
	netstack_poll();
	netstack_tcp_close(&tcp);
}

static void nothing_is_left_for_the_next_card(void **state)
{
	struct netstack_ipv6 ipv6;
	struct net_addr peer = number(FAKE_PEER), none = { 0 }, via;
	struct net_addr own = number(FAKE_OWN), mask = number(FAKE_MASK);

	(void)state;
	fake_netstack_configure();
	leave_traces();
	netstack_ipv6(&ipv6);
	assert_int_equal(ipv6.global.version, 6);
	assert_int_equal(ipv6.router.version, 6);
	fake_netstack_close();

	/* fake_netstack_close() has also seen that no memory is. */
	fake_netstack_open();
	netstack_ipv6(&ipv6);
	assert_int_equal(ipv6.global.version, 0);
	assert_int_equal(ipv6.router.version, 0);
	assert_false(ipv6.advertised);
	assert_int_equal(netstack_reach(&peer, &via), ERR_NOENT);
	assert_int_equal(netstack_resolve("name", 4, &via), ERR_NOENT);
	assert_non_null(strstr(reason(), "no name server"));
	netstack_set_ipv4(&own, &mask, &none);
	assert_int_equal(netstack_reach(&peer, &via), ERR_AGAIN);
	fake_netstack_pass(5000);
	assert_int_equal(netstack_reach(&peer, &via), ERR_AGAIN);
	fake_netstack_close();
}

static void ports_and_numbers_cannot_be_foreseen(void **state)
{
	struct net_addr peer = number(FAKE_PEER);
	uint16_t ports[20];
	uint32_t sequences[20];
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct netstack_tcp tcp = { 0 };
		const uint8_t *syn;

		fake_netstack_configure();
		assert_int_equal(netstack_tcp_connect(&tcp, &peer, 80), 0);
		netstack_poll();
		syn = fake_netstack_sent(PACKET_TCP, &len);
		assert_non_null(syn);
		ports[i] = be16_load(syn);
		sequences[i] = be32_load(syn + 4);
		assert_true(ports[i] >= 49152);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(sequences[i], sequences[j]);
		if (i > 1)
			assert_false(ports[i] - ports[i - 1] ==
				     ports[i - 1] - ports[i - 2]);
		netstack_tcp_close(&tcp);
		fake_netstack_close();
	}
}

static void bytes_are_random(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	fake_netstack_open();
	netstack_random(a, sizeof(a));
	netstack_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	fake_netstack_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_takes_the_card_and_closing_stops_it),
		cmocka_unit_test(a_card_that_does_not_start_is_not_opened),
		cmocka_unit_test(without_memory_it_is_not_opened),
		cmocka_unit_test(memory_may_end_at_any_time),
		cmocka_unit_test(a_turn_takes_64_frames_and_notifies_once),
		cmocka_unit_test(nothing_is_left_for_the_next_card),
		cmocka_unit_test(ports_and_numbers_cannot_be_foreseen),
		cmocka_unit_test(bytes_are_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

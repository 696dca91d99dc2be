// SPDX-License-Identifier: BSD-2-Clause
// Ways to others: ARP, routers, who answers.
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

#define OTHER_MAC "\x02\x00\x00\x00\x00\x02"
#define BROADCAST "\xff\xff\xff\xff\xff\xff"

static int set_up(void **state)
{
	struct net_addr own = net_addr_v4(FAKE_OWN);
	struct net_addr mask = net_addr_v4(FAKE_MASK);
	struct net_addr router = net_addr_v4(FAKE_PEER);

	(void)state;
	fake_netstack_open();
	netstack_set_ipv4(&own, &mask, &router);
	fake_netstack_forget();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_netstack_close();
	return 0;
}

/* ARP requests that left. */
static unsigned requests(void)
{
	unsigned n = 0, sent = fake_netstack_count();

	for (unsigned i = 0; i < sent; i++) {
		const struct fake_network_frame *f =
			&fake_network.out[(fake_network.n_out - 1 - i) %
					  FAKE_NETWORK_FRAMES];

		n += be16_load(f->bytes + 12) == 0x0806 && f->bytes[21] == 1;
	}
	return n;
}

static void reply(uint32_t from)
{
	struct packet p;

	packet_arp(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, 2, from,
		   FAKE_NETWORK_MAC, FAKE_OWN);
	fake_netstack_put(&p);
}

static void a_neighbour_is_asked_until_it_answers(void **state)
{
	struct net_addr to = net_addr_v4(0x0a000210), via;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	assert_true(net_addr_equal(&to, &via));
	assert_int_equal(requests(), 1);
	fake_netstack_pass(3000);
	assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	assert_in_range(requests(), 3, 6);
	reply(0x0a000210);
	assert_int_equal(netstack_reach(&to, &via), 0);
}

static void other_nets_are_reached_by_the_router(void **state)
{
	struct net_addr to = net_addr_v4(0x08080808), via;

	(void)state;
	assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	assert_int_equal(net_addr_number(&via), FAKE_PEER);
	reply(FAKE_PEER);
	assert_int_equal(netstack_reach(&to, &via), 0);
}

static void without_a_router_there_is_no_way_out(void **state)
{
	struct net_addr own = net_addr_v4(FAKE_OWN), none = { 0 }, via;
	struct net_addr to = net_addr_v4(0x08080808);

	(void)state;
	netstack_set_ipv4(&own, &none, &none);
	assert_int_equal(netstack_reach(&to, &via), ERR_NOENT);
	assert_string_equal(reason(),
			    "no route to 8.8.8.8: there is no router");
	/* The mask of class A. */
	to = net_addr_v4(0x0affffee);
	assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
}

static void without_an_address_there_is_no_way(void **state)
{
	struct net_addr none = { 0 }, to = net_addr_v4(FAKE_PEER), via;

	(void)state;
	netstack_set_ipv4(&none, &none, &none);
	assert_int_equal(netstack_reach(&to, &via), ERR_NOENT);
	assert_non_null(strstr(reason(), "no IPv4 address"));
	to = fake_netstack_addr("fec0::2");
	assert_int_equal(netstack_reach(&to, &via), ERR_NOENT);
	assert_non_null(strstr(reason(), "link-local"));
}

static void we_answer_who_asks_for_us(void **state)
{
	struct packet p;
	const struct fake_network_frame *out;

	(void)state;
	packet_arp(&p, BROADCAST, OTHER_MAC, 1, 0x0a000211, "\0\0\0\0\0\0",
		   FAKE_OWN);
	fake_netstack_put(&p);
	out = fake_network_out();
	assert_int_equal(be16_load(out->bytes + 12), 0x0806);
	assert_memory_equal(out->bytes, OTHER_MAC, 6);
	assert_int_equal(out->bytes[21], 2);
	assert_memory_equal(out->bytes + 22, FAKE_NETWORK_MAC, 6);
}

static void odd_arp_packets_teach_nothing(void **state)
{
	struct net_addr to = net_addr_v4(FAKE_PEER), via;
	struct packet p;

	(void)state;
	for (size_t at = 0; at < 6; at++) {
		packet_arp(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, 1,
			   FAKE_PEER, "\0\0\0\0\0\0", FAKE_OWN);
		p.bytes[14 + at] ^= 4;
		fake_netstack_put(&p);
		assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	}
}

static void a_flood_of_announcements_teaches_nothing(void **state)
{
	struct net_addr to = net_addr_v4(0x0a000250), via;
	struct packet p;

	(void)state;
	reply(FAKE_PEER);
	for (uint32_t i = 3; i < 254; i++) {
		packet_arp(&p, BROADCAST, OTHER_MAC, 1, 0x0a000200 + i,
			   "\0\0\0\0\0\0", 0x0a000200 + i);
		fake_netstack_put(&p);
	}
	assert_int_equal(netstack_reach(&to, &via), ERR_AGAIN);
	to = net_addr_v4(FAKE_PEER);
	assert_int_equal(netstack_reach(&to, &via), 0);
}

static void the_mtu_only_shrinks(void **state)
{
	(void)state;
	netstack_set_mtu(9000);
	assert_int_equal(netstack_mtu(4), 1500);
	netstack_set_mtu(67);
	assert_int_equal(netstack_mtu(4), 1500);
	netstack_set_mtu(1400);
	assert_int_equal(netstack_mtu(4), 1400);
	netstack_set_mtu(1450);
	assert_int_equal(netstack_mtu(4), 1400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_neighbour_is_asked_until_it_answers, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			other_nets_are_reached_by_the_router, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_router_there_is_no_way_out, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_an_address_there_is_no_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(we_answer_who_asks_for_us,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_arp_packets_teach_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_flood_of_announcements_teaches_nothing, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_mtu_only_shrinks, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

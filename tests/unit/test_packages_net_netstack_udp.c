// SPDX-License-Identifier: BSD-2-Clause
// UDP sockets: ports, datagrams in and out, refusals, bad packets.
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

static struct netstack_udp udp;
static unsigned received, refusals;
static size_t received_len;
static uint8_t received_data[1500];
static struct net_addr received_from;
static uint16_t received_port;
static uint8_t refused_type, refused_code;

static void take(struct netstack_udp *of, const struct net_addr *from,
		 uint16_t port, const void *data, size_t len)
{
	assert_ptr_equal(of, &udp);
	assert_true(len <= sizeof(received_data));
	received++;
	received_len = len;
	received_from = *from;
	received_port = port;
	memcpy(received_data, data, len);
}

static void refuse(struct netstack_udp *of, const struct net_addr *from,
		   uint8_t type, uint8_t code)
{
	assert_ptr_equal(of, &udp);
	assert_int_equal(net_addr_number(from), FAKE_PEER);
	refusals++;
	refused_type = type;
	refused_code = code;
}

static int set_up(void **state)
{
	(void)state;
	received = refusals = 0;
	udp = (struct netstack_udp){ .receive = take, .refused = refuse };
	fake_netstack_configure();
	assert_int_equal(netstack_udp_open(&udp, 1000), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (udp.pcb)
		netstack_udp_close(&udp);
	fake_netstack_close();
	return 0;
}

static void a_datagram_leaves_and_the_answer_comes(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	const uint8_t *out;
	size_t len;

	(void)state;
	assert_int_equal(netstack_udp_send(&udp, &peer, 69, "ask", 3), 0);
	netstack_poll();
	out = fake_netstack_sent(PACKET_UDP, &len);
	assert_non_null(out);
	assert_int_equal(len, 8 + 3);
	assert_int_equal(be16_load(out), 1000);
	assert_int_equal(be16_load(out + 2), 69);
	assert_memory_equal(out + 8, "ask", 3);
	assert_true(fake_network.kicks > 0);

	fake_netstack_udp(4711, 1000, "answer", 6);
	assert_int_equal(received, 1);
	assert_int_equal(received_len, 6);
	assert_memory_equal(received_data, "answer", 6);
	assert_int_equal(received_port, 4711);
	assert_int_equal(net_addr_number(&received_from), FAKE_PEER);
}

static void datagrams_for_other_ports_are_not_received(void **state)
{
	size_t len;

	(void)state;
	fake_netstack_udp(4711, 1001, "answer", 6);
	assert_int_equal(received, 0);
	/* The peer hears that nobody listens. */
	assert_non_null(fake_netstack_sent(PACKET_ICMP, &len));
}

static void a_port_is_given_once(void **state)
{
	struct netstack_udp other = { .receive = take };

	(void)state;
	assert_int_equal(netstack_udp_open(&other, 1000), ERR_BUSY);
	assert_non_null(strstr(reason(), "1000"));
	netstack_udp_close(&udp);
	assert_int_equal(netstack_udp_open(&other, 1000), 0);
	netstack_udp_close(&other);
}

static void ports_of_our_choice_are_dynamic_and_differ(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	struct netstack_udp many[20] = { 0 };
	uint16_t ports[20];
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(netstack_udp_open(&many[i], 0), 0);
		assert_int_equal(netstack_udp_send(&many[i], &peer, 9, "", 0),
				 0);
		ports[i] = be16_load(fake_netstack_sent(PACKET_UDP, &len));
		assert_true(ports[i] >= 49152);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(ports[i], ports[j]);
	}
	for (unsigned i = 0; i < 20; i++)
		netstack_udp_close(&many[i]);
}

static void a_client_without_address_broadcasts_and_is_answered(void **state)
{
	struct net_addr none = { 0 }, all = net_addr_v4(0xffffffff);
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	struct netstack_udp dhcp = { .receive = take };
	const uint8_t *out;
	uint8_t data[9] = { 0, 67, 0, 68, 0, 9, 0, 0, 'x' };
	size_t len;

	(void)state;
	netstack_udp_close(&udp);
	netstack_set_ipv4(&none, &none, &none);
	udp = dhcp;
	assert_int_equal(netstack_udp_open(&udp, 68), 0);
	assert_int_equal(netstack_udp_send(&udp, &peer, 67, "x", 1), ERR_NOENT);
	assert_int_equal(netstack_udp_send(&udp, &all, 67, "x", 1), 0);
	out = fake_netstack_sent(PACKET_UDP, &len);
	assert_non_null(out);
	assert_int_equal(be32_load(out - 8), 0);
	assert_int_equal(be32_load(out - 4), 0xffffffff);
	/* The answer goes to the address that it offers, or to all. */
	fake_netstack_ipv4(PACKET_UDP, data, sizeof(data));
	assert_int_equal(received, 1);
	fake_netstack_send(&peer, &all, PACKET_UDP, data, sizeof(data));
	assert_int_equal(received, 2);
	/* No other port is open without an address. */
	data[3] = 69;
	fake_netstack_ipv4(PACKET_UDP, data, sizeof(data));
	assert_int_equal(received, 2);
}

static void a_card_that_fails_is_the_reason(void **state)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);

	(void)state;
	fake_network.send_result = ERR_TIMEOUT;
	assert_int_equal(netstack_udp_send(&udp, &peer, 69, "ask", 3), ERR_IO);
	assert_non_null(strstr(reason(), "the fake is told so"));
	fake_network.send_result = 0;
}

static void what_no_frame_holds_is_not_sent(void **state)
{
	static const uint8_t data[NETWORK_MTU + 1];
	struct net_addr peer = net_addr_v4(FAKE_PEER);

	(void)state;
	for (size_t len = NETWORK_MTU - 28; len <= sizeof(data); len++) {
		int rc = netstack_udp_send(&udp, &peer, 69, data, len);

		assert_int_equal(rc, len <= NETWORK_MTU - 28 ? 0 : ERR_IO);
	}
}

/* A datagram for the socket; the length and the sum in its header are ours. */
static void put_wrong(uint16_t length, uint16_t sum_xor, bool no_sum)
{
	struct net_addr own = net_addr_v4(FAKE_OWN);
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	uint8_t data[16] = { 0x10, 0, 0x03, 0xe8, 0, 0, 0, 0, 1, 2, 3 };
	struct packet p;
	uint8_t *header = p.bytes + 14 + 20;

	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &peer, &own,
		  PACKET_UDP, data, sizeof(data));
	be16_store(header + 4, length);
	packet_seal(p.bytes, p.len);
	be16_store(header + 6, no_sum ? 0 : be16_load(header + 6) ^ sum_xor);
	fake_netstack_put(&p);
}

static void lengths_of_datagrams_are_checked(void **state)
{
	(void)state;
	for (uint16_t length = 0; length < 8; length++)
		put_wrong(length, 0, true);
	put_wrong(17, 0, true);
	put_wrong(0xffff, 0, true);
	assert_int_equal(received, 0);
	put_wrong(9, 0, true);
	assert_int_equal(received, 1);
	assert_int_equal(received_len, 1);
}

static void a_wrong_sum_is_dropped_and_none_is_allowed(void **state)
{
	(void)state;
	put_wrong(16, 0x0100, false);
	assert_int_equal(received, 0);
	put_wrong(16, 0, true);
	assert_int_equal(received, 1);
	put_wrong(16, 0, false);
	assert_int_equal(received, 2);
}

/* An ICMP error of the peer for a datagram from a port of ours. */
static void refuse_datagram(uint8_t type, uint8_t code, uint32_t from,
			    uint16_t port, size_t len)
{
	uint8_t icmp[8 + 28] = { type, code };

	icmp[8] = 0x45;
	be16_store(icmp + 10, 40);
	icmp[8 + 9] = PACKET_UDP;
	be32_store(icmp + 8 + 12, from);
	be32_store(icmp + 8 + 16, FAKE_PEER);
	be16_store(icmp + 28, port);
	be16_store(icmp + 30, 69);
	fake_netstack_ipv4(PACKET_ICMP, icmp, len);
}

static void an_unreachable_port_is_told(void **state)
{
	(void)state;
	refuse_datagram(3, 3, FAKE_OWN, 1000, 36);
	assert_int_equal(refusals, 1);
	assert_int_equal(refused_type, 3);
	assert_int_equal(refused_code, 3);
	refuse_datagram(11, 0, FAKE_OWN, 1000, 36);
	assert_int_equal(refusals, 2);
	assert_int_equal(refused_type, 11);
	/* A socket need not care. */
	udp.refused = NULL;
	refuse_datagram(3, 3, FAKE_OWN, 1000, 36);
}

static void refusals_of_what_we_did_not_send_are_ignored(void **state)
{
	(void)state;
	refuse_datagram(3, 3, FAKE_OWN, 1001, 36);
	refuse_datagram(3, 3, FAKE_OWN + 1, 1000, 36);
	refuse_datagram(3, 4, FAKE_OWN, 1000, 36); /* fragmentation */
	refuse_datagram(5, 0, FAKE_OWN, 1000, 36); /* redirect */
	refuse_datagram(4, 0, FAKE_OWN, 1000, 36); /* source quench */
	for (size_t len = 0; len < 36; len++)
		refuse_datagram(3, 3, FAKE_OWN, 1000, len);
	assert_int_equal(refusals, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_datagram_leaves_and_the_answer_comes, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			datagrams_for_other_ports_are_not_received, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_port_is_given_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			ports_of_our_choice_are_dynamic_and_differ, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_client_without_address_broadcasts_and_is_answered,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_card_that_fails_is_the_reason,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_no_frame_holds_is_not_sent,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			lengths_of_datagrams_are_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_wrong_sum_is_dropped_and_none_is_allowed, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(an_unreachable_port_is_told,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			refusals_of_what_we_did_not_send_are_ignored, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

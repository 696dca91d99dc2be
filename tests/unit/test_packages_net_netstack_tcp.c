// SPDX-License-Identifier: BSD-2-Clause
// TCP: a stream in both directions, and how it ends.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/tcp_peer.h"

static int set_up(void **state)
{
	(void)state;
	tcp_peer_begin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	netstack_tcp_close(&tcp_peer.tcp);
	fake_netstack_close();
	return 0;
}

static void a_request_leaves_and_the_response_comes(void **state)
{
	const uint8_t *out;
	char buf[4];
	size_t len;

	(void)state;
	tcp_peer_connect();
	assert_int_equal(netstack_tcp_send(&tcp_peer.tcp, "GET", 3), 3);
	netstack_poll();
	out = tcp_peer_ours(&len);
	assert_int_equal(len, 20 + 3);
	assert_memory_equal(out + 20, "GET", 3);
	tcp_peer.expected += 3;
	assert_int_equal(tcp_peer_read(buf, 4), ERR_AGAIN);
	tcp_peer_sends("Hello,", 6);
	tcp_peer_sends(" world", 6);
	assert_int_equal(tcp_peer_read(buf, 4), 4);
	assert_memory_equal(buf, "Hell", 4);
	tcp_peer_expect("o, world");
	assert_int_equal(tcp_peer_read(buf, 4), ERR_AGAIN);
	tcp_peer_segment(TCP_PEER_FIN | TCP_PEER_ACK, tcp_peer.next,
			 tcp_peer.expected, NULL, 0, 0);
	assert_int_equal(tcp_peer_read(buf, 4), 0);
	assert_int_equal(tcp_peer_read(buf, 4), 0);
}

static void the_window_is_large_and_scaled(void **state)
{
	const uint8_t *syn;
	size_t len;

	(void)state;
	tcp_peer_start();
	syn = tcp_peer_ours(&len);
	/* MSS, window scale 3, SACK permitted. */
	assert_int_equal(be16_load(syn + 22), 1460);
	for (size_t i = 20; i + 3 <= len; i++)
		if (!memcmp(syn + i, "\3\3", 2)) {
			assert_int_equal(syn[i + 2], 3);
			return;
		}
	fail();
}

static void a_lone_segment_is_acknowledged_at_once(void **state)
{
	const uint8_t *out;
	size_t len;

	(void)state;
	tcp_peer_connect();
	tcp_peer_sends("x", 1);
	netstack_poll();
	out = tcp_peer_ours(&len);
	assert_int_equal(be32_load(out + 8), tcp_peer.next);
	tcp_peer_expect("x");
}

static void reading_opens_the_window(void **state)
{
	static uint8_t data[1400], buf[200 * 1400];
	const uint8_t *out;
	uint16_t window;
	size_t len;

	(void)state;
	tcp_peer_connect();
	for (unsigned i = 0; i < 180; i++)
		tcp_peer_sends(data, sizeof(data));
	netstack_poll();
	out = tcp_peer_ours(&len);
	window = be16_load(out + 14);
	assert_true(window * 8u < 12000);
	assert_int_equal(tcp_peer_read(buf, sizeof(buf)), 180 * 1400);
	netstack_poll();
	out = tcp_peer_ours(&len);
	assert_true(be16_load(out + 14) * 8u > 250000);
}

static void megabytes_flow_without_a_loss(void **state)
{
	static uint8_t data[1460], buf[4096];
	uint64_t got = 0;
	uint8_t seen = 0;

	(void)state;
	tcp_peer_connect();
	for (unsigned i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = (uint8_t)(i * sizeof(data) + k);
		tcp_peer_sends(data, sizeof(data));
		for (;;) {
			long n = tcp_peer_read(buf, sizeof(buf));

			if (n == ERR_AGAIN)
				break;
			for (long k = 0; k < n; k++)
				assert_int_equal(buf[k], seen++);
			got += (uint64_t)n;
		}
	}
	assert_int_equal(got, 2000 * sizeof(data));
}

static void segments_may_come_in_any_order(void **state)
{
	(void)state;
	tcp_peer_connect();
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 6, tcp_peer.expected,
			 "ghi", 3, 0);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 3, tcp_peer.expected,
			 "def", 3, 0);
	assert_int_equal(tcp_peer_read(NULL, 0), ERR_AGAIN);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next, tcp_peer.expected, "abcd",
			 4, 0);
	tcp_peer_expect("abcdefghi");
}

static void a_refused_connection_says_so(void **state)
{
	char buf[1];

	(void)state;
	tcp_peer_start();
	tcp_peer_segment(TCP_PEER_RST | TCP_PEER_ACK, 0, tcp_peer.expected,
			 NULL, 0, 0);
	assert_int_equal(tcp_peer_read(buf, 1), ERR_IO);
	assert_string_equal(reason(), "10.0.2.2 port 80: connection refused");
	assert_int_equal(netstack_tcp_send(&tcp_peer.tcp, "x", 1), ERR_IO);
}

static void a_reset_comes_after_what_came_before(void **state)
{
	char buf[1];

	(void)state;
	tcp_peer_connect();
	tcp_peer_sends("last", 4);
	tcp_peer_segment(TCP_PEER_RST | TCP_PEER_ACK, tcp_peer.next,
			 tcp_peer.expected, NULL, 0, 0);
	tcp_peer_expect("last");
	assert_int_equal(tcp_peer_read(buf, 1), ERR_IO);
	assert_non_null(strstr(reason(), "connection reset"));
}

static void nobody_answers_and_the_connection_fails(void **state)
{
	char buf[1];
	unsigned s = 0;

	(void)state;
	tcp_peer_start();
	while (tcp_peer_read(buf, 1) == ERR_AGAIN && s++ < 120)
		fake_netstack_pass(1000);
	assert_int_equal(tcp_peer_read(buf, 1), ERR_IO);
	assert_non_null(strstr(reason(), "no answer"));
	assert_true(s < 120);
}

static void an_unreachable_peer_is_told(void **state)
{
	uint8_t icmp[8 + 28] = { 3, 1 };
	char buf[1];

	(void)state;
	tcp_peer_start();
	icmp[8] = 0x45;
	be16_store(icmp + 10, 40);
	icmp[8 + 9] = PACKET_TCP;
	be32_store(icmp + 8 + 12, FAKE_OWN);
	be32_store(icmp + 8 + 16, FAKE_PEER);
	be16_store(icmp + 28, tcp_peer.our_port);
	be16_store(icmp + 30, TCP_PEER_PORT);
	be32_store(icmp + 32, tcp_peer.expected); /* not our number */
	fake_netstack_ipv4(PACKET_ICMP, icmp, sizeof(icmp));
	assert_int_equal(tcp_peer_read(buf, 1), ERR_AGAIN);
	be32_store(icmp + 32, tcp_peer.expected - 1);
	fake_netstack_ipv4(PACKET_ICMP, icmp, sizeof(icmp));
	assert_int_equal(tcp_peer_read(buf, 1), ERR_IO);
	assert_non_null(strstr(reason(), "unreachable"));
}

/* Later, anybody could say so. [RFC 5927] */
static void an_icmp_error_breaks_no_connection(void **state)
{
	uint8_t icmp[8 + 28] = { 3, 1 };

	(void)state;
	tcp_peer_connect();
	icmp[8] = 0x45;
	be16_store(icmp + 10, 40);
	icmp[8 + 9] = PACKET_TCP;
	be32_store(icmp + 8 + 12, FAKE_OWN);
	be32_store(icmp + 8 + 16, FAKE_PEER);
	be16_store(icmp + 28, tcp_peer.our_port);
	be16_store(icmp + 30, TCP_PEER_PORT);
	be32_store(icmp + 32, tcp_peer.expected - 1);
	fake_netstack_ipv4(PACKET_ICMP, icmp, sizeof(icmp));
	tcp_peer_sends("x", 1);
	tcp_peer_expect("x");
}

static void a_closed_connection_leaves_nothing(void **state)
{
	(void)state;
	tcp_peer_connect();
	netstack_tcp_close(&tcp_peer.tcp);
	netstack_poll();
	tcp_peer.expected++;
	tcp_peer_segment(TCP_PEER_FIN | TCP_PEER_ACK, tcp_peer.next,
			 tcp_peer.expected, NULL, 0, 0);
	/* Until tear_down() it waits for late segments. */
}

static void closing_with_data_unread_leaves_nothing(void **state)
{
	(void)state;
	tcp_peer_connect();
	tcp_peer_sends("unread", 6);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 10, tcp_peer.expected,
			 "hole", 4, 0);
	netstack_tcp_close(&tcp_peer.tcp);
	fake_netstack_pass(500);
	/* tear_down() sees that no memory is left. */
}

static void without_a_route_there_is_no_connection(void **state)
{
	struct net_addr to = fake_netstack_addr("2001:db8::1");

	(void)state;
	assert_int_equal(netstack_tcp_connect(&tcp_peer.tcp, &to,
					      TCP_PEER_PORT),
			 ERR_NOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_request_leaves_and_the_response_comes, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_window_is_large_and_scaled,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_lone_segment_is_acknowledged_at_once, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(reading_opens_the_window,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(megabytes_flow_without_a_loss,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(segments_may_come_in_any_order,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refused_connection_says_so,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_reset_comes_after_what_came_before, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			nobody_answers_and_the_connection_fails, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(an_unreachable_peer_is_told,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_icmp_error_breaks_no_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_closed_connection_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			closing_with_data_unread_leaves_nothing, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_route_there_is_no_connection, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

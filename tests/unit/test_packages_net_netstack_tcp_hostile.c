// SPDX-License-Identifier: BSD-2-Clause
// TCP: peers that send what no peer should.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
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

static void holes_take_bounded_memory(void **state)
{
	static uint8_t data[100];
	long live;

	(void)state;
	tcp_peer_connect();
	live = fake_heap_live();
	for (uint32_t i = 0; i < 1000; i++)
		tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 1 + i * 200,
				 tcp_peer.expected, data, sizeof(data), 0);
	assert_true(fake_heap_live() - live < 2 * 256 + 16);
	tcp_peer_sends("x", 1);
	assert_true(tcp_peer_read(data, sizeof(data)) > 0);
}

static void single_bytes_take_bounded_memory(void **state)
{
	long live;
	char buf[4096];

	(void)state;
	tcp_peer_connect();
	live = fake_heap_live();
	for (uint32_t i = 0; i < 3000; i++)
		tcp_peer_sends("x", 1);
	assert_true(fake_heap_live() - live < 1100);
	assert_in_range(tcp_peer_read(buf, sizeof(buf)), 1000, 1100);
}

static void wrong_numbers_do_no_harm(void **state)
{
	(void)state;
	tcp_peer_start();
	/* An answer to something else. */
	tcp_peer_segment(TCP_PEER_SYN | TCP_PEER_ACK, tcp_peer.next,
			 tcp_peer.expected + 1, NULL, 0, 0);
	assert_false(tcp_peer.tcp.connected);
	tcp_peer_segment(TCP_PEER_RST | TCP_PEER_ACK, 0,
			 tcp_peer.expected + 100, NULL, 0, 0);
	assert_int_equal(tcp_peer.tcp.err, 0);
	tcp_peer_segment(TCP_PEER_SYN | TCP_PEER_ACK, tcp_peer.next++,
			 tcp_peer.expected, NULL, 0, 0);
	assert_true(tcp_peer.tcp.connected);
	/* Resets outside the window, data far beyond it. */
	tcp_peer_segment(TCP_PEER_RST, tcp_peer.next - 1, tcp_peer.expected,
			 NULL, 0, 0);
	tcp_peer_segment(TCP_PEER_RST, tcp_peer.next + 300000,
			 tcp_peer.expected, NULL, 0, 0);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 300000,
			 tcp_peer.expected, "far", 3, 0);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next - 5, tcp_peer.expected,
			 "old", 3, 0);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next, tcp_peer.expected + 5000,
			 NULL, 0, 0);
	tcp_peer_sends("good", 4);
	tcp_peer_expect("good");
}

static void options_of_any_length_do_no_harm(void **state)
{
	uint8_t options[40];

	(void)state;
	tcp_peer_connect();
	for (unsigned kind = 0; kind < 12; kind++) {
		for (unsigned len = 0; len < 45; len++) {
			memset(options, (int)kind, sizeof(options));
			options[1] = options[39] = (uint8_t)len;
			tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next,
					 tcp_peer.expected, options,
					 sizeof(options), 40);
			tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next,
					 tcp_peer.expected, options, 4, 4);
		}
	}
	tcp_peer_sends("good", 4);
	tcp_peer_expect("good");
}

static void an_mss_of_0_is_not_believed(void **state)
{
	const uint8_t *out;
	size_t len;

	(void)state;
	tcp_peer_start();
	tcp_peer_segment(TCP_PEER_SYN | TCP_PEER_ACK, tcp_peer.next++,
			 tcp_peer.expected, "\2\4\0\0", 4, 4);
	assert_true(tcp_peer.tcp.connected);
	assert_int_equal(netstack_tcp_send(&tcp_peer.tcp, "GET", 3), 3);
	netstack_poll();
	out = tcp_peer_ours(&len);
	assert_int_equal(len, 23);
	assert_memory_equal(out + 20, "GET", 3);
}

/* The caller gives up before lwIP does, but that ends, too. */
static void a_window_of_0_ends_the_connection_at_last(void **state)
{
	uint8_t bytes[20] = { 0, TCP_PEER_PORT };
	unsigned s = 0;

	(void)state;
	tcp_peer_connect();
	assert_int_equal(netstack_tcp_send(&tcp_peer.tcp, "GET", 3), 3);
	while (!tcp_peer.tcp.err && s++ < 3000) {
		be16_store(bytes + 2, tcp_peer.our_port);
		be32_store(bytes + 4, tcp_peer.next);
		be32_store(bytes + 8, tcp_peer.expected);
		bytes[12] = 5 << 4;
		bytes[13] = TCP_PEER_ACK;
		if (s == 1)
			fake_netstack_ipv4(PACKET_TCP, bytes, sizeof(bytes));
		fake_netstack_pass(1000);
	}
	assert_int_equal(tcp_peer.tcp.err, ERR_IO);
}

static void the_end_may_come_with_data_and_holes(void **state)
{
	char buf[1];

	(void)state;
	tcp_peer_connect();
	tcp_peer_segment(TCP_PEER_FIN | TCP_PEER_ACK, tcp_peer.next + 3,
			 tcp_peer.expected, "def", 3, 0);
	assert_int_equal(tcp_peer_read(buf, 0), ERR_AGAIN);
	tcp_peer_segment(TCP_PEER_ACK | TCP_PEER_URG, tcp_peer.next,
			 tcp_peer.expected, "abc", 3, 0);
	tcp_peer_expect("abcdef");
	assert_int_equal(tcp_peer_read(buf, 1), 0);
	tcp_peer_segment(TCP_PEER_ACK, tcp_peer.next + 7, tcp_peer.expected,
			 "behind", 6, 0);
	assert_int_equal(tcp_peer_read(buf, 1), 0);
}

static void headers_of_any_length_do_no_harm(void **state)
{
	uint8_t bytes[64] = { 0, TCP_PEER_PORT };

	(void)state;
	tcp_peer_connect();
	be16_store(bytes + 2, tcp_peer.our_port);
	be32_store(bytes + 4, tcp_peer.next);
	be32_store(bytes + 8, tcp_peer.expected);
	bytes[13] = TCP_PEER_ACK;
	for (unsigned words = 0; words < 16; words++) {
		bytes[12] = (uint8_t)(words << 4);
		for (size_t len = 0; len < 20; len++)
			fake_netstack_ipv4(PACKET_TCP, bytes, len);
		if (words < 5)
			fake_netstack_ipv4(PACKET_TCP, bytes, sizeof(bytes));
		fake_netstack_ipv4(PACKET_TCP, bytes,
				   MIN(words * 4, sizeof(bytes)));
	}
	tcp_peer_sends("good", 4);
	tcp_peer_expect("good");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holes_take_bounded_memory,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			single_bytes_take_bounded_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_numbers_do_no_harm,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			options_of_any_length_do_no_harm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_mss_of_0_is_not_believed,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_window_of_0_ends_the_connection_at_last, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_end_may_come_with_data_and_holes, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			headers_of_any_length_do_no_harm, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

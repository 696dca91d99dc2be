// SPDX-License-Identifier: BSD-2-Clause
// A peer for one TCP connection.
#include "tests/fake/tcp_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

struct tcp_peer tcp_peer;

void tcp_peer_begin(void)
{
	fake_netstack_configure();
	tcp_peer = (struct tcp_peer){ .next = 1000000 };
}

/* A segment of the peer; `options`: bytes of them at the start of `data`. */
void tcp_peer_segment(uint8_t flags, uint32_t sequence, uint32_t ack,
		      const void *data, size_t len, size_t options)
{
	uint8_t bytes[1480] = { 0 };

	assert_true(len <= sizeof(bytes) - 20 && options % 4 == 0);
	be16_store(bytes, TCP_PEER_PORT);
	be16_store(bytes + 2, tcp_peer.our_port);
	be32_store(bytes + 4, sequence);
	be32_store(bytes + 8, ack);
	bytes[12] = (uint8_t)((20 + options) / 4 << 4);
	bytes[13] = flags;
	be16_store(bytes + 14, 0xffff);
	if (len)
		memcpy(bytes + 20, data, len);
	fake_netstack_ipv4(PACKET_TCP, bytes, 20 + len);
}

/* Data in order. */
void tcp_peer_sends(const void *data, size_t len)
{
	tcp_peer_segment(TCP_PEER_ACK | TCP_PEER_PSH, tcp_peer.next,
			 tcp_peer.expected, data, len, 0);
	tcp_peer.next += (uint32_t)len;
}

/* Our last segment, which must be there. */
const uint8_t *tcp_peer_ours(size_t *len)
{
	const uint8_t *found = fake_netstack_sent(PACKET_TCP, len);

	assert_non_null(found);
	return found;
}

void tcp_peer_start(void)
{
	struct net_addr peer = net_addr_v4(FAKE_PEER);
	const uint8_t *syn;
	size_t len;

	assert_int_equal(
		netstack_tcp_connect(&tcp_peer.tcp, &peer, TCP_PEER_PORT), 0);
	netstack_poll();
	syn = tcp_peer_ours(&len);
	tcp_peer.our_port = be16_load(syn);
	tcp_peer.expected = be32_load(syn + 4) + 1;
	assert_int_equal(syn[13], TCP_PEER_SYN);
}

void tcp_peer_connect(void)
{
	tcp_peer_start();
	tcp_peer_segment(TCP_PEER_SYN | TCP_PEER_ACK, tcp_peer.next,
			 tcp_peer.expected, "\2\4\5\xb4\1\3\3\7\4\2\1\1", 12,
			 12);
	tcp_peer.next++;
	assert_int_equal(netstack_tcp_send(&tcp_peer.tcp, "", 0), 0);
	assert_true(tcp_peer.tcp.connected);
	fake_netstack_forget();
}

long tcp_peer_read(void *buf, size_t len)
{
	return netstack_tcp_receive(&tcp_peer.tcp, buf, len);
}

void tcp_peer_expect(const char *text)
{
	char buf[64];
	long got = tcp_peer_read(buf, sizeof(buf));

	assert_int_equal(got, (long)strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

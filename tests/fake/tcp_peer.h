/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer for one TCP connection of ours, segment by segment. */
#ifndef TESTS_FAKE_TCP_PEER_H
#define TESTS_FAKE_TCP_PEER_H

#include "tests/fake/netstack.h"

#define TCP_PEER_FIN 1u
#define TCP_PEER_SYN 2u
#define TCP_PEER_RST 4u
#define TCP_PEER_PSH 8u
#define TCP_PEER_ACK 16u
#define TCP_PEER_URG 32u
#define TCP_PEER_PORT 80u

struct tcp_peer {
	struct netstack_tcp tcp; /* our end */
	uint32_t next;		 /* number of the peer's next byte */
	uint32_t expected;	 /* and of ours that it waits for */
	uint16_t our_port;
};
extern struct tcp_peer tcp_peer;

/* tcp_peer_begin - open the stack, with an address. */
void tcp_peer_begin(void);

/* tcp_peer_start - we ask to connect. tcp_peer_connect - and it accepts. */
void tcp_peer_start(void);
void tcp_peer_connect(void);

/*
 * tcp_peer_segment - a segment arrives. `options`: so many bytes at the start of
 * `data` are options.
 */
void tcp_peer_segment(uint8_t flags, uint32_t sequence, uint32_t ack,
		      const void *data, size_t len, size_t options);

/* tcp_peer_sends - data arrives in order. */
void tcp_peer_sends(const void *data, size_t len);

/* tcp_peer_ours - the last segment that we sent. Fails if there is none. */
const uint8_t *tcp_peer_ours(size_t *len);

/* tcp_peer_read - netstack_tcp_receive(); tcp_peer_expect - it gives `text`. */
long tcp_peer_read(void *buf, size_t len);
void tcp_peer_expect(const char *text);

#endif

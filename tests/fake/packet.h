/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets, byte by byte as the RFCs have them, with right check sums. */
#ifndef TESTS_FAKE_PACKET_H
#define TESTS_FAKE_PACKET_H

#include "packages/net/address.h"

#define PACKET_TCP 6u
#define PACKET_UDP 17u
#define PACKET_ICMP 1u
#define PACKET_ICMP6 58u

/* A frame that is being built. */
struct packet {
	size_t len;
	uint8_t bytes[2048];
};

/*
 * packet_ip - a frame with `len` bytes of `protocol` in a packet of the
 * addresses' version, from the MAC `src` to `dst`. Fills in the lengths and
 * check sums of the protocols above.
 */
void packet_ip(struct packet *p, const void *dst, const void *src,
	       const struct net_addr *from, const struct net_addr *to,
	       uint8_t protocol, const void *data, size_t len);

/* packet_arp - an ARP packet of an operation (1: request, 2: reply). */
void packet_arp(struct packet *p, const void *dst, const void *src,
		uint16_t operation, uint32_t from, const void *target,
		uint32_t to);

/*
 * packet_seal - fill in what sums a frame has, as far as its headers are
 * there: IPv4, UDP, TCP, ICMP, ICMPv6. Changes nothing else.
 */
void packet_seal(uint8_t *frame, size_t len);

#endif

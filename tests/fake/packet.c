// SPDX-License-Identifier: BSD-2-Clause
// Packets, byte by byte, with check sums by the book.
#include "tests/fake/packet.h"

#include <string.h>

#include "lib/endian.h"

#define ETHERNET 14u
#define TYPE_AT 12u
#define TYPE_IPV4 0x0800u
#define TYPE_ARP 0x0806u
#define TYPE_IPV6 0x86ddu

/* RFC 1071, two bytes at a time. */
static uint32_t packet_sum(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return sum;
}

/* Where a protocol has its sum; 0: none is known. */
static size_t packet_sum_at(uint8_t protocol)
{
	switch (protocol) {
	case PACKET_TCP:
		return 16;
	case PACKET_UDP:
		return 6;
	case PACKET_ICMP:
	case PACKET_ICMP6:
		return 2;
	}
	return 0;
}

/* `sum`: of the pseudo-header, without length and protocol. */
static void packet_seal_protocol(uint8_t *at, size_t len, uint8_t protocol,
				 uint32_t sum)
{
	size_t where = packet_sum_at(protocol);

	if (!where || len < where + 2)
		return;
	if (protocol == PACKET_ICMP)
		sum = 0;
	else
		sum += (uint32_t)len + protocol;
	be16_store(at + where, 0);
	sum = packet_sum(sum, at, len) ^ 0xffff;
	be16_store(at + where, (uint16_t)(sum ? sum : 0xffff));
}

static void packet_seal_v4(uint8_t *ip, size_t len)
{
	size_t header, total;

	if (len < 20)
		return;
	header = (ip[0] & 15) * 4u;
	total = be16_load(ip + 2);
	if (header < 20 || header > len || total < header || total > len)
		return;
	be16_store(ip + 10, 0);
	be16_store(ip + 10, (uint16_t)~packet_sum(0, ip, header));
	packet_seal_protocol(ip + header, total - header, ip[9],
			     packet_sum(0, ip + 12, 8));
}

static void packet_seal_v6(uint8_t *ip, size_t len)
{
	size_t content;

	if (len < 40)
		return;
	content = be16_load(ip + 4);
	if (content > len - 40)
		return;
	packet_seal_protocol(ip + 40, content, ip[6],
			     packet_sum(0, ip + 8, 32));
}

void packet_seal(uint8_t *frame, size_t len)
{
	if (len < ETHERNET)
		return;
	if (be16_load(frame + TYPE_AT) == TYPE_IPV4)
		packet_seal_v4(frame + ETHERNET, len - ETHERNET);
	if (be16_load(frame + TYPE_AT) == TYPE_IPV6)
		packet_seal_v6(frame + ETHERNET, len - ETHERNET);
}

static void packet_ethernet(struct packet *p, const void *dst, const void *src,
			    uint16_t type)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->bytes, dst, 6);
	memcpy(p->bytes + 6, src, 6);
	be16_store(p->bytes + TYPE_AT, type);
	p->len = ETHERNET;
}

void packet_ip(struct packet *p, const void *dst, const void *src,
	       const struct net_addr *from, const struct net_addr *to,
	       uint8_t protocol, const void *data, size_t len)
{
	bool v6 = to->version == 6;
	uint8_t *ip = p->bytes + ETHERNET;
	size_t header = v6 ? 40 : 20;

	assert(len <= sizeof(p->bytes) - ETHERNET - header);
	packet_ethernet(p, dst, src, v6 ? TYPE_IPV6 : TYPE_IPV4);
	ip[0] = v6 ? 0x60 : 0x45;
	be16_store(ip + (v6 ? 4 : 2), (uint16_t)(v6 ? len : len + header));
	ip[v6 ? 6 : 9] = protocol;
	ip[v6 ? 7 : 8] = 255;
	memcpy(ip + (v6 ? 8 : 12), from->bytes, v6 ? 16 : 4);
	memcpy(ip + (v6 ? 24 : 16), to->bytes, v6 ? 16 : 4);
	memcpy(ip + header, data, len);
	p->len += header + len;
	if (protocol == PACKET_UDP && len >= 8)
		be16_store(ip + header + 4, (uint16_t)len);
	packet_seal(p->bytes, p->len);
}

void packet_arp(struct packet *p, const void *dst, const void *src,
		uint16_t operation, uint32_t from, const void *target,
		uint32_t to)
{
	uint8_t *arp = p->bytes + ETHERNET;

	packet_ethernet(p, dst, src, TYPE_ARP);
	be16_store(arp, 1);
	be16_store(arp + 2, TYPE_IPV4);
	arp[4] = 6;
	arp[5] = 4;
	be16_store(arp + 6, operation);
	memcpy(arp + 8, src, 6);
	be32_store(arp + 14, from);
	memcpy(arp + 18, target, 6);
	be32_store(arp + 24, to);
	p->len += 28;
}

// SPDX-License-Identifier: BSD-2-Clause
// ICMP of both versions: echo, errors, router advertisements.
#include <string.h>

#include "lib/endian.h"
#include "packages/net/netstack_internal.h"

/* RFC 791 3.1, RFC 8200 3: offsets and sizes of the headers. */
#define V4_HEADER 20u
#define V4_LENGTH 2u
#define V4_FRAGMENT 6u
#define V4_FRAGMENT_BITS 0x3fffu
#define V4_PROTOCOL 9u
#define V4_SOURCE 12u
#define V4_TARGET 16u
#define V6_HEADER 40u
#define V6_LENGTH 4u
#define V6_NEXT 6u
#define V6_HOPS 7u
#define V6_SOURCE 8u
#define V6_TARGET 24u

/* The first bytes of a packet's contents that an error repeats. */
#define ICMP_HEADER 8u
#define ICMP_QUOTED 8u

/* Types, RFC 792, 4443, 4861. Of echo, request and reply. */
#define V4_ECHO 8u
#define V4_ECHO_REPLY 0u
#define V4_UNREACHABLE 3u
#define V4_FRAGMENTATION_NEEDED 4u /* its code */
#define V4_TIME_EXCEEDED 11u
#define V6_UNREACHABLE 1u
#define V6_TIME_EXCEEDED 3u
#define V6_ECHO 128u
#define V6_ECHO_REPLY 129u
#define V6_ROUTER_ADVERTISEMENT 134u
#define ND_HOPS 255u
#define LINK_LOCAL 0xfe80u

/* What a packet is, after its header has been checked. */
struct icmp_packet {
	unsigned version;
	uint8_t protocol, hops;
	struct net_addr from, to;
	const uint8_t *data;
	size_t len;
};

static bool icmp_parse_v4(const uint8_t *at, size_t len, struct icmp_packet *p)
{
	size_t total;

	if (len < V4_HEADER || at[0] != 0x45)
		return false;
	total = be16_load(at + V4_LENGTH);
	if (total < V4_HEADER || be16_load(at + V4_FRAGMENT) & V4_FRAGMENT_BITS)
		return false;
	*p = (struct icmp_packet){
		.version = 4,
		.protocol = at[V4_PROTOCOL],
		.from = netstack_load(4, at + V4_SOURCE),
		.to = netstack_load(4, at + V4_TARGET),
		.data = at + V4_HEADER,
		.len = MIN(total, len) - V4_HEADER,
	};
	return true;
}

static bool icmp_parse_v6(const uint8_t *at, size_t len, struct icmp_packet *p)
{
	if (len < V6_HEADER || at[0] >> 4 != 6)
		return false;
	*p = (struct icmp_packet){
		.version = 6,
		.protocol = at[V6_NEXT],
		.hops = at[V6_HOPS],
		.from = netstack_load(6, at + V6_SOURCE),
		.to = netstack_load(6, at + V6_TARGET),
		.data = at + V6_HEADER,
		.len = MIN(be16_load(at + V6_LENGTH), len - V6_HEADER),
	};
	return true;
}

static bool icmp_parse(unsigned version, const uint8_t *at, size_t len,
		       struct icmp_packet *p)
{
	return version == 4 ? icmp_parse_v4(at, len, p)
			    : icmp_parse_v6(at, len, p);
}

/* Does an address belong to us? */
static bool icmp_is_own(const struct net_addr *addr)
{
	ip_addr_t ip = netstack_to_lwip(addr);

	if (addr->version == 4)
		return ip_2_ip4(&ip)->addr ==
		       netif_ip4_addr(&netstack->netif)->addr;
	return netif_get_ip6_addr_match(&netstack->netif, ip_2_ip6(&ip)) >= 0;
}

/* The sum of the whole message; it is right if this is 0xffff. */
static uint32_t icmp_sum(const struct icmp_packet *p)
{
	uint32_t sum = checksum_add(p->data, (int)p->len);

	if (p->version == 6) {
		/* The pseudo-header. [RFC 8200 8.1] */
		sum += checksum_add(p->from.bytes, 16);
		sum += checksum_add(p->to.bytes, 16);
		sum += lwip_htons((uint16_t)p->len);
		sum += lwip_htons(IP6_NEXTH_ICMP6);
	}
	sum = (sum >> 16) + (sum & 0xffff);
	return (sum >> 16) + (sum & 0xffff);
}

static void icmp_echo_reply(const struct icmp_packet *p)
{
	if (be16_load(p->data + 4) == netstack->ping_id)
		netstack->ping_answers |= 1ULL << be16_load(p->data + 6) % 64;
}

/* An error: only for what we sent ourselves. */
static void icmp_error(const struct icmp_packet *p)
{
	struct icmp_packet inner;
	struct netstack_refusal refusal;

	if (!icmp_parse(p->version, p->data + ICMP_HEADER, p->len - ICMP_HEADER,
			&inner) ||
	    inner.len < ICMP_QUOTED || !icmp_is_own(&inner.from))
		return;
	refusal = (struct netstack_refusal){
		.from = p->from,
		.to = inner.to,
		.type = p->data[0],
		.code = p->data[1],
		.ports = inner.data,
	};
	if (inner.protocol == IP_PROTO_UDP)
		netstack_udp_refused(&refusal);
	else if (inner.protocol == IP_PROTO_TCP)
		netstack_tcp_refused(&refusal);
}

static void icmp_v4(const struct icmp_packet *p)
{
	switch (p->data[0]) {
	case V4_ECHO_REPLY:
		icmp_echo_reply(p);
		break;
	case V4_UNREACHABLE:
		if (p->data[1] == V4_FRAGMENTATION_NEEDED)
			break;
		icmp_error(p);
		break;
	case V4_TIME_EXCEEDED:
		icmp_error(p);
		break;
	}
}

static void icmp_v6(const struct icmp_packet *p)
{
	switch (p->data[0]) {
	case V6_ECHO_REPLY:
		icmp_echo_reply(p);
		break;
	case V6_UNREACHABLE:
	case V6_TIME_EXCEEDED:
		icmp_error(p);
		break;
	case V6_ROUTER_ADVERTISEMENT:
		/* Only from the same link. [RFC 4861 6.1.2] */
		if (p->hops == ND_HOPS && !p->data[1] &&
		    (be16_load(p->from.bytes) & 0xffc0) == LINK_LOCAL)
			netstack_ipv6_advertised(p->data, p->len);
		break;
	}
}

void netstack_icmp_input(unsigned version, const uint8_t *packet, size_t len)
{
	uint8_t icmp = version == 4 ? IP_PROTO_ICMP : IP6_NEXTH_ICMP6;
	struct icmp_packet p;

	if (!icmp_parse(version, packet, len, &p) || p.protocol != icmp ||
	    p.len < ICMP_HEADER || icmp_sum(&p) != 0xffff)
		return;
	if (version == 4)
		icmp_v4(&p);
	else
		icmp_v6(&p);
}

static err_t ping_output(const struct net_addr *to, struct pbuf *p)
{
	struct netif *netif = &netstack->netif;
	struct icmp_echo_hdr *echo = p->payload;
	ip_addr_t addr = netstack_to_lwip(to);
	const ip_addr_t *from;

	if (to->version == 4) {
		echo->chksum = inet_chksum(echo, p->len);
		return ip4_output_if(p, netif_ip4_addr(netif), ip_2_ip4(&addr),
				     ICMP_TTL, 0, IP_PROTO_ICMP, netif);
	}
	from = ip6_select_source_address(netif, ip_2_ip6(&addr));
	if (!from)
		return ERR_RTE;
	echo->chksum = ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len,
					 ip_2_ip6(from), ip_2_ip6(&addr));
	return ip6_output_if(p, ip_2_ip6(from), ip_2_ip6(&addr), ICMP_TTL, 0,
			     IP6_NEXTH_ICMP6, netif);
}

int netstack_ping(const struct net_addr *to, uint16_t sequence)
{
	struct icmp_echo_hdr *echo;
	struct pbuf *p;
	err_t err;
	int rc = netstack_source(to);

	if (rc)
		return rc;
	netstack->ping_answers &= ~(1ULL << sequence % 64);
	p = pbuf_alloc(PBUF_IP, sizeof(*echo), PBUF_RAM);
	if (!p)
		return netstack_err(ERR_MEM, to);
	echo = p->payload;
	memset(echo, 0, sizeof(*echo));
	echo->type = to->version == 4 ? V4_ECHO : V6_ECHO;
	be16_store(&echo->id, netstack->ping_id);
	be16_store(&echo->seqno, sequence);
	err = ping_output(to, p);
	pbuf_free(p);
	return netstack_err(err, to);
}

bool netstack_ping_answered(uint16_t sequence)
{
	return netstack->ping_answers >> sequence % 64 & 1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the stack share, and what they use of lwIP. */
#ifndef PACKAGES_NET_NETSTACK_INTERNAL_H
#define PACKAGES_NET_NETSTACK_INTERNAL_H

/* lwIP has two names of lib/err.h, too; its ERR_OK is 0 as well. */
#define ERR_OK LWIP_ERR_OK
#define ERR_TIMEOUT LWIP_ERR_TIMEOUT
#include <lwip/err.h>
#undef ERR_OK
#undef ERR_TIMEOUT
#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/icmp.h>
#include <lwip/inet_chksum.h>
#include <lwip/init.h>
#include <lwip/nd6.h>
#include <lwip/netif.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

#include "packages/net/netstack.h"

/* At least as many as lwIP has cyclic timers. */
#define NETSTACK_TIMERS 8u

/* A look-up of a name. */
struct netstack_query {
	char name[256]; /* "": none */
	uintptr_t number;
	unsigned version;
	int result; /* ERR_AGAIN: it goes on */
	struct net_addr addr;
};

/* The stack while it is open. */
struct netstack {
	struct netif netif;
	struct network_device *nd;
	bool sent; /* frames that wait for network_kick() */
	uint32_t timer_last[NETSTACK_TIMERS];
	/* netstack_reach(): who was last asked for, and when. */
	struct net_addr asked;
	uint32_t asked_at;
	/* Router advertisements. */
	bool advertised;
	uint8_t advertised_flags;
	s8_t given; /* lwIP's number of netstack_set_ipv6()'s address; 0: none */
	/* Echo requests: of the last 64, those that were answered. */
	uint16_t ping_id;
	uint64_t ping_answers;
	struct netstack_query query;
};

/* The open stack, or NULL. */
extern struct netstack *netstack;

/* Conversions between both kinds of addresses. */
ip_addr_t netstack_to_lwip(const struct net_addr *addr);
struct net_addr netstack_from_lwip(const ip_addr_t *addr);
/* netstack_load - from `bytes` of a packet; `version`: 4 or 6. */
struct net_addr netstack_load(unsigned version, const void *bytes);

/* netstack_err - the ERR_* code of lwIP's error for a packet to `to`. */
int netstack_err(err_t err, const struct net_addr *to);

/*
 * netstack_source - have we an address from which to send to `to`?
 * Returns 0 or ERR_NOENT, see reason().
 */
must_check int netstack_source(const struct net_addr *to);

/* netstack_netif_add, _remove - start and end lwIP's use of the card. */
must_check int netstack_netif_add(struct netstack *ns);
void netstack_netif_remove(struct netstack *ns);

/* netstack_netif_receive - take one frame. Returns false if there is none. */
bool netstack_netif_receive(struct netstack *ns);

/*
 * netstack_icmp_input - look at a packet that lwIP will get, too: echo replies,
 * errors, router advertisements.
 */
void netstack_icmp_input(unsigned version, const uint8_t *packet, size_t len);

/* netstack_ipv6_up - begin: link-local address, router solicitation. */
void netstack_ipv6_up(struct netstack *ns);

/* netstack_ipv6_advertised - an advertisement came, from its flags on. */
void netstack_ipv6_advertised(const uint8_t *ra, size_t len);

/* netstack_ipv6_settle - after a turn: new addresses are usable at once. */
void netstack_ipv6_settle(struct netstack *ns);

/* An ICMP error for a packet of ours: `ports` are its first 8 bytes. */
struct netstack_refusal {
	struct net_addr from,
		to; /* the sender of the error; the packet's goal */
	uint8_t type, code;
	const uint8_t *ports;
};
void netstack_udp_refused(const struct netstack_refusal *refusal);
void netstack_tcp_refused(const struct netstack_refusal *refusal);

/* netstack_tcp_idle - nothing came in this turn: send the ACKs that wait. */
void netstack_tcp_idle(void);

/* netstack_tcp_abort - end the connections that are left. */
void netstack_tcp_abort(void);

/* netstack_dns_clear - forget servers, names and queries. */
void netstack_dns_clear(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
// Addresses: conversion, our own of IPv4, the way to others.
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/netstack_internal.h"

#define BROADCAST 0xffffffffu
/* Between two questions for the same neighbour: as ARP of RFC 1122 2.3.2.1. */
#define REACH_AGAIN_MS 1000u

ip_addr_t netstack_to_lwip(const struct net_addr *addr)
{
	ip_addr_t to;

	memset(&to, 0, sizeof(to));
	IP_SET_TYPE_VAL(to,
			addr->version == 6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
	if (addr->version)
		memcpy(&to.u_addr, addr->bytes, addr->version == 6 ? 16 : 4);
	return to;
}

struct net_addr netstack_load(unsigned version, const void *bytes)
{
	struct net_addr addr = { .version = (uint8_t)version };

	memcpy(addr.bytes, bytes, version == 6 ? 16 : 4);
	return addr;
}

struct net_addr netstack_from_lwip(const ip_addr_t *addr)
{
	return netstack_load(IP_IS_V6(addr) ? 6 : 4, &addr->u_addr);
}

void netstack_set_ipv4(const struct net_addr *addr, const struct net_addr *mask,
		       const struct net_addr *router)
{
	struct net_addr class = net_addr_class_mask(addr);
	ip_addr_t own = netstack_to_lwip(addr);
	ip_addr_t net = netstack_to_lwip(mask->version ? mask : &class);
	ip_addr_t gateway = netstack_to_lwip(router);

	netif_set_addr(&netstack->netif, ip_2_ip4(&own), ip_2_ip4(&net),
		       ip_2_ip4(&gateway));
}

void netstack_set_mtu(unsigned mtu)
{
	struct netif *netif = &netstack->netif;

	if (mtu >= 68 && mtu < netif->mtu)
		netif->mtu = netif->mtu6 = (uint16_t)mtu;
}

unsigned netstack_mtu(unsigned version)
{
	const struct netif *netif = &netstack->netif;

	return version == 6 ? netif->mtu6 : netif->mtu;
}

int netstack_err(err_t err, const struct net_addr *to)
{
	switch (err) {
	case 0:
		return 0;
	case ERR_RTE:
		return reason_fail(ERR_NOENT, "no route to %s",
				   net_addr_text(to));
	case ERR_IF: /* netif_output() has the reason */
		return ERR_IO;
	default:
		return reason_fail(ERR_NOMEM, "no memory for a packet to %s",
				   net_addr_text(to));
	}
}

static bool route_link_local(const struct net_addr *to)
{
	return (to->bytes[0] == 0xfe && (to->bytes[1] & 0xc0) == 0x80) ||
	       to->bytes[0] == 0xff;
}

int netstack_source(const struct net_addr *to)
{
	struct netstack_ipv6 ipv6;

	if (to->version == 4) {
		if (netif_ip4_addr(&netstack->netif)->addr)
			return 0;
		return reason_fail(ERR_NOENT,
				   "no route to %s: we have no "
				   "IPv4 address",
				   net_addr_text(to));
	}
	netstack_ipv6(&ipv6);
	if (ipv6.global.version || route_link_local(to))
		return 0;
	return reason_fail(ERR_NOENT,
			   "no route to %s: we have only a "
			   "link-local IPv6 address",
			   net_addr_text(to));
}

/* May the caller ask now, as nobody did for a while? */
static bool route_ask(const struct net_addr *whom)
{
	uint32_t now = sys_now();

	if (net_addr_equal(&netstack->asked, whom) &&
	    now - netstack->asked_at < REACH_AGAIN_MS)
		return false;
	netstack->asked = *whom;
	netstack->asked_at = now;
	return true;
}

static int route_reach_v4(const struct net_addr *addr, struct net_addr *via)
{
	struct netif *netif = &netstack->netif;
	ip_addr_t to = netstack_to_lwip(addr);
	ip4_addr_t hop = *ip_2_ip4(&to);
	struct eth_addr *mac;
	const ip4_addr_t *found;

	if (!ip4_addr_netcmp(&hop, netif_ip4_addr(netif),
			     netif_ip4_netmask(netif))) {
		hop = *netif_ip4_gw(netif);
		if (!hop.addr)
			return reason_fail(ERR_NOENT,
					   "no route to %s: there "
					   "is no router",
					   net_addr_text(addr));
	}
	*via = netstack_load(4, &hop);
	if (etharp_find_addr(netif, &hop, &mac, &found) >= 0)
		return 0;
	if (route_ask(via) && etharp_query(netif, &hop, NULL) == ERR_RTE)
		return netstack_err(ERR_RTE, addr);
	return ERR_AGAIN;
}

/* Who leads to `to`, as far as ND has decided. */
static void route_via_v6(const ip6_addr_t *to, struct net_addr *via)
{
	for (int i = 0; i < LWIP_ND6_NUM_DESTINATIONS; i++) {
		const struct nd6_destination_cache_entry *entry =
			&destination_cache[i];

		if (ip6_addr_cmp(&entry->destination_addr, to))
			*via = netstack_load(6, &entry->next_hop_addr);
	}
}

static int route_reach_v6(const struct net_addr *addr, struct net_addr *via)
{
	ip_addr_t to = netstack_to_lwip(addr);
	const u8_t *mac;
	err_t err;

	/* ND itself limits how often it asks. */
	err = nd6_get_next_hop_addr_or_queue(&netstack->netif, NULL,
					     ip_2_ip6(&to), &mac);
	*via = *addr;
	route_via_v6(ip_2_ip6(&to), via);
	if (!err)
		return 0;
	return err == ERR_RTE ? netstack_err(err, addr) : ERR_AGAIN;
}

int netstack_reach(const struct net_addr *addr, struct net_addr *via)
{
	int rc = netstack_source(addr);

	*via = *addr;
	if (rc)
		return rc;
	if (addr->version == 6)
		return route_reach_v6(addr, via);
	return route_reach_v4(addr, via);
}

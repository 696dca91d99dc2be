// SPDX-License-Identifier: BSD-2-Clause
// IPv6: our addresses, and what routers advertise.
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/netstack_internal.h"

/* A router advertisement, RFC 4861 4.2, and its option of RFC 8106 5.1. */
#define RA_FLAGS 5u
#define RA_MANAGED 0x80u
#define RA_OTHER 0x40u
#define RA_OPTIONS 16u
#define RA_OPTION_UNIT 8u
#define RA_OPTION_DNS 25u
#define RA_DNS_LIFETIME 4u
#define RA_DNS_SERVERS 8u

/* nd6_tmr() sends solicitations at every fourth turn at most. */
#define RS_TURNS 4

void netstack_ipv6_up(struct netstack *ns)
{
	uint8_t left;

	netif_create_ip6_linklocal_address(&ns->netif, 1);
	netif_set_ip6_autoconfig_enabled(&ns->netif, 1);
	netif_set_up(&ns->netif);
	left = ns->netif.rs_count;
	for (int i = 0; i < RS_TURNS && ns->netif.rs_count == left; i++)
		nd6_tmr();
}

/* `len`: at least an RA_OPTION_UNIT. */
static void ipv6_add_servers(const uint8_t *option, size_t len)
{
	if (!be32_load(option + RA_DNS_LIFETIME))
		return;
	for (size_t at = RA_DNS_SERVERS; len - at >= 16; at += 16) {
		struct net_addr server = netstack_load(6, option + at);

		netstack_add_dns(&server);
	}
}

void netstack_ipv6_advertised(const uint8_t *ra, size_t len)
{
	size_t at = RA_OPTIONS;

	if (len < RA_OPTIONS)
		return;
	netstack->advertised = true;
	netstack->advertised_flags = ra[RA_FLAGS];
	while (len - at >= RA_OPTION_UNIT) {
		size_t option = ra[at + 1] * RA_OPTION_UNIT;

		if (!option || option > len - at)
			break;
		if (ra[at] == RA_OPTION_DNS)
			ipv6_add_servers(ra + at, option);
		at += option;
	}
}

/*
 * Without duplicate address detection nothing is to wait for, but lwIP changes
 * the state only with its next tick. If an address was given, those of prefixes
 * are only for what it cannot reach [RFC 6724 5, rule 3].
 */
void netstack_ipv6_settle(struct netstack *ns)
{
	struct netif *netif = &ns->netif;

	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		if (ip6_addr_istentative(netif_ip6_addr_state(netif, i)))
			netif_ip6_addr_set_state(netif, i, IP6_ADDR_PREFERRED);
		if (i && ns->given && i != ns->given &&
		    ip6_addr_ispreferred(netif_ip6_addr_state(netif, i)))
			netif_ip6_addr_set_state(netif, i, IP6_ADDR_DEPRECATED);
	}
}

int netstack_set_ipv6(const struct net_addr *addr)
{
	ip_addr_t ip = netstack_to_lwip(addr);
	s8_t index;

	if (netif_add_ip6_address(&netstack->netif, ip_2_ip6(&ip), &index))
		return ERR_NOSPACE;
	netif_ip6_addr_set_state(&netstack->netif, index, IP6_ADDR_PREFERRED);
	netstack->given = index;
	netstack_ipv6_settle(netstack);
	return 0;
}

/* A router of the list, or none. */
static struct net_addr ipv6_router(void)
{
	for (int i = 0; i < LWIP_ND6_NUM_ROUTERS; i++) {
		const struct nd6_neighbor_cache_entry *entry =
			default_router_list[i].neighbor_entry;

		if (entry)
			return netstack_load(6, &entry->next_hop_address);
	}
	return (struct net_addr){ .version = 0 };
}

void netstack_ipv6(struct netstack_ipv6 *state)
{
	struct netif *netif = &netstack->netif;

	*state = (struct netstack_ipv6){
		.link_local = netstack_load(6, netif_ip6_addr(netif, 0)),
		.router = ipv6_router(),
		.advertised = netstack->advertised,
		.managed = netstack->advertised_flags & RA_MANAGED,
		.other = netstack->advertised_flags & RA_OTHER,
	};
	for (int i = LWIP_IPV6_NUM_ADDRESSES - 1; i > 0; i--)
		if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)))
			state->global =
				netstack_load(6, netif_ip6_addr(netif, i));
}

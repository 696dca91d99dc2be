// SPDX-License-Identifier: BSD-2-Clause
// Frames between a card and lwIP.
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/netstack_internal.h"

/* IEEE 802.1Q: a tag between addresses and type. */
#define TAG_TYPE 0x8100u
#define TAG_SIZE 4u
#define TAG_VLAN 0x0fffu
#define TYPE_AT 12u

/*
 * lwIP reads fixed headers without a look at the length (etharp_input(), the
 * ports of a datagram): there is so much room, of zeros.
 */
#define FRAME_ROOM 128u

/* Returns 0 or an error of lwIP; see reason(). */
static err_t netif_output(struct netif *netif, struct pbuf *p)
{
	struct netstack *ns = netif->state;
	struct pbuf *whole = p;
	int rc;

	if (p->next)
		whole = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (!whole)
		return ERR_MEM;
	rc = network_send(ns->nd, whole->payload, whole->len);
	if (whole != p)
		pbuf_free(whole);
	ns->sent = true;
	return rc ? ERR_IF : 0;
}

static err_t netif_setup(struct netif *netif)
{
	struct netstack *ns = netif->state;

	memcpy(netif->hwaddr, ns->nd->mac, NETWORK_MAC);
	netif->hwaddr_len = NETWORK_MAC;
	netif->mtu = ns->nd->mtu;
	netif->mtu6 = ns->nd->mtu;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		       NETIF_FLAG_ETHERNET | NETIF_FLAG_MLD6 |
		       NETIF_FLAG_LINK_UP;
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = netif_output;
	return 0;
}

int netstack_netif_add(struct netstack *ns)
{
	if (!netif_add(&ns->netif, NULL, NULL, NULL, ns, netif_setup,
		       ethernet_input))
		return reason_fail(ERR_NOMEM, "no memory for the network");
	netif_set_default(&ns->netif);
	return 0;
}

void netstack_netif_remove(struct netstack *ns)
{
	netif_remove(&ns->netif);
}

/* A copy of a frame, zeros behind it; a tag of 4 bytes is left out. */
static struct pbuf *netif_copy(const uint8_t *frame, size_t len, size_t tag)
{
	size_t room = MAX(len - tag, FRAME_ROOM), used = len - tag;
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (uint16_t)room, PBUF_RAM);
	uint8_t *to;

	if (!p)
		return NULL;
	to = p->payload;
	if (tag)
		memcpy(to, frame, TYPE_AT);
	memcpy(to + (tag ? TYPE_AT : 0), frame + (tag ? TYPE_AT + tag : 0),
	       used - (tag ? TYPE_AT : 0));
	memset(to + used, 0, room - used);
	p->len = p->tot_len = (uint16_t)MAX(used, NETWORK_FRAME_MIN);
	return p;
}

/* No packet from the network comes from ourselves. */
static bool netif_forged(const uint8_t *ip)
{
	const ip4_addr_t *own = netif_ip4_addr(&netstack->netif);
	const uint8_t *source = ip + 12;

	return source[0] == 127 ||
	       (own->addr && !memcmp(source, &own->addr, sizeof(own->addr)));
}

/*
 * Is the packet whole and for lwIP? Whatever else has an interest has a look.
 * `len`: bytes that have come.
 */
static bool netif_look(const uint8_t *frame, size_t len)
{
	const uint8_t *packet = frame + NETWORK_HEADER;

	/* No station has a group's address. */
	if (frame[NETWORK_MAC] & 1)
		return false;
	len -= NETWORK_HEADER;
	switch (be16_load(frame + TYPE_AT)) {
	case ETHTYPE_ARP:
		return len >= SIZEOF_ETHARP_HDR;
	case ETHTYPE_IP:
		if (len < IP_HLEN || be16_load(packet + 2) > len ||
		    netif_forged(packet))
			return false;
		netstack_icmp_input(4, packet, len);
		return true;
	case ETHTYPE_IPV6:
		if (len < IP6_HLEN || be16_load(packet + 4) > len - IP6_HLEN)
			return false;
		netstack_icmp_input(6, packet, len);
		return true;
	default:
		return false;
	}
}

/* The length of a tag without a VLAN, which only has a priority; 0: no tag. */
static int netif_tag(const uint8_t *frame, size_t len)
{
	if (be16_load(frame + TYPE_AT) != TAG_TYPE)
		return 0;
	if (len < NETWORK_HEADER + TAG_SIZE)
		return ERR_INVAL;
	if (be16_load(frame + TYPE_AT + 2) & TAG_VLAN)
		return ERR_INVAL;
	return TAG_SIZE;
}

bool netstack_netif_receive(struct netstack *ns)
{
	size_t len;
	const uint8_t *frame = network_peek(ns->nd, &len);
	struct pbuf *p = NULL;
	int tag = ERR_INVAL;

	if (!frame)
		return false;
	if (len >= NETWORK_HEADER && len <= NETWORK_FRAME_MAX + TAG_SIZE)
		tag = netif_tag(frame, len);
	if (tag >= 0)
		p = netif_copy(frame, len, (size_t)tag);
	network_release(ns->nd);
	if (!p)
		return true;
	if (!netif_look(p->payload, len - (size_t)tag) ||
	    ns->netif.input(p, &ns->netif))
		pbuf_free(p);
	return true;
}

// SPDX-License-Identifier: BSD-2-Clause
// UDP sockets.
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/drbg.h"
#include "packages/net/netstack_internal.h"

/* The dynamic ports, RFC 6335 6; tries to find a free one. */
#define PORT_FIRST 49152u
#define PORT_TRIES 8u

/* The length in the header. [RFC 768] */
#define UDP_LENGTH_BEFORE 4u

static void udp_received(void *arg, struct udp_pcb *pcb, struct pbuf *p,
			 const ip_addr_t *from, u16_t port)
{
	struct netstack_udp *udp = arg;
	struct net_addr addr = netstack_from_lwip(from);
	/* lwIP leaves the header before the payload, and ignores this. */
	size_t len = be16_load((const uint8_t *)p->payload - UDP_LENGTH_BEFORE);

	(void)pcb;
	/* Frames come in one piece: netif_copy(). */
	if (!p->next && len >= UDP_HLEN && len - UDP_HLEN <= p->len)
		udp->receive(udp, &addr, port, p->payload, len - UDP_HLEN);
	pbuf_free(p);
}

static err_t udp_bind_somewhere(struct udp_pcb *pcb)
{
	err_t err = ERR_USE;

	for (unsigned i = 0; i < PORT_TRIES && err; i++)
		err = udp_bind(pcb, IP_ANY_TYPE,
			       (uint16_t)(PORT_FIRST | drbg_u32()));
	return err;
}

int netstack_udp_open(struct netstack_udp *udp, uint16_t port)
{
	struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
	err_t err;

	if (!pcb)
		return reason_fail(ERR_NOMEM, "no memory for a socket");
	err = port ? udp_bind(pcb, IP_ANY_TYPE, port) : udp_bind_somewhere(pcb);
	if (err) {
		udp_remove(pcb);
		return reason_fail(ERR_BUSY, "UDP port %u is in use", port);
	}
	udp_recv(pcb, udp_received, udp);
	udp->pcb = pcb;
	return 0;
}

void netstack_udp_close(struct netstack_udp *udp)
{
	udp_remove(udp->pcb);
	udp->pcb = NULL;
}

/* May it leave without an address of ours? */
static bool udp_broadcast(const struct net_addr *to)
{
	return to->version == 4 && net_addr_number(to) == IPADDR_BROADCAST;
}

int netstack_udp_send(struct netstack_udp *udp, const struct net_addr *to,
		      uint16_t port, const void *data, size_t len)
{
	ip_addr_t addr = netstack_to_lwip(to);
	struct pbuf *p;
	err_t err;
	int rc = udp_broadcast(to) ? 0 : netstack_source(to);

	if (rc)
		return rc;
	if (len > NETWORK_MTU)
		return reason_fail(ERR_IO, "a datagram of %zu bytes", len);
	p = pbuf_alloc(PBUF_TRANSPORT, (uint16_t)len, PBUF_RAM);
	if (!p)
		return netstack_err(ERR_MEM, to);
	memcpy(p->payload, data, len);
	err = udp_sendto_if(udp->pcb, p, &addr, port, &netstack->netif);
	pbuf_free(p);
	return netstack_err(err, to);
}

void netstack_udp_refused(const struct netstack_refusal *refusal)
{
	uint16_t port = be16_load(refusal->ports);
	struct udp_pcb *pcb = udp_pcbs;

	while (pcb && pcb->local_port != port)
		pcb = pcb->next;
	/* lwIP's own sockets, of DNS, have another recv(). */
	if (pcb && pcb->recv == udp_received) {
		struct netstack_udp *udp = pcb->recv_arg;

		if (udp->refused)
			udp->refused(udp, &refusal->from, refusal->type,
				     refusal->code);
	}
}

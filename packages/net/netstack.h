/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TCP/IP stack on one card, while the firmware loads from it. The only user
 * of lwIP; nothing waits in here: callers poll.
 */
#ifndef PACKAGES_NET_NETSTACK_H
#define PACKAGES_NET_NETSTACK_H

#include "drivers/network.h"
#include "packages/net/address.h"

/*
 * netstack_open - open and take a card, and bring the stack up on it, with an
 * IPv6 link-local address; routers are solicited. One card at a time.
 * Returns 0; as network_open(); ERR_NOMEM; see reason().
 */
must_check int netstack_open(struct network_device *nd);

/*
 * netstack_close - take the stack down and close the card. All sockets must be
 * closed. Nothing is left for the next card: addresses, routers, neighbours,
 * name servers, timers.
 */
void netstack_close(void);

/*
 * netstack_poll - one turn: take up to 64 frames, run timers, send what is to be
 * sent with one notification. Callbacks of sockets are called in here only.
 */
void netstack_poll(void);

/* netstack_random - unpredictable bytes (drbg.h). */
void netstack_random(void *buf, size_t len);

/*
 * netstack_set_ipv4 - set address, mask (none: of the class), and router, which
 * may be none.
 */
void netstack_set_ipv4(const struct net_addr *addr, const struct net_addr *mask,
		       const struct net_addr *router);

/* netstack_set_mtu - a smaller MTU than the card's: of DHCP option 26. */
void netstack_set_mtu(unsigned mtu);

/* netstack_mtu - bytes of IP in a frame; version 6: as the router says. */
unsigned netstack_mtu(unsigned version);

/* netstack_add_dns - one more name server; those past the fourth are ignored. */
void netstack_add_dns(const struct net_addr *server);

/*
 * netstack_set_ipv6 - add an address of DHCPv6 or of the user, and prefer it.
 * Returns 0 or ERR_NOSPACE.
 */
must_check int netstack_set_ipv6(const struct net_addr *addr);

/* What is known of IPv6. */
struct netstack_ipv6 {
	struct net_addr link_local;
	struct net_addr global; /* usable; version 0: none (yet) */
	struct net_addr router; /* version 0: none (yet) */
	bool advertised;	/* a router has answered */
	bool managed, other;	/* M and O of its answer [RFC 4861 4.2] */
};
void netstack_ipv6(struct netstack_ipv6 *state);

/*
 * netstack_reach - ask for the neighbour or router that leads to an address.
 * Returns 0: it has answered; ERR_AGAIN: not yet; ERR_NOENT: there is no route,
 * see reason().
 * `via`: receives who is asked: the address itself, or a router.
 */
must_check int netstack_reach(const struct net_addr *addr,
			      struct net_addr *via);

/* A UDP socket; zero it, set the callbacks. */
struct netstack_udp {
	/* receive - a datagram; `data` is valid during the call. */
	void (*receive)(struct netstack_udp *udp, const struct net_addr *from,
			uint16_t port, const void *data, size_t len);
	/*
	 * refused - an ICMP error for a datagram that this socket sent, with
	 * type and code; optional.
	 */
	void (*refused)(struct netstack_udp *udp, const struct net_addr *from,
			uint8_t type, uint8_t code);
	void *pcb; /* private */
};

/*
 * netstack_udp_open - `port`: local port, 0: an unpredictable one.
 * Returns 0, ERR_NOMEM, ERR_BUSY: the port is in use.
 */
must_check int netstack_udp_open(struct netstack_udp *udp, uint16_t port);
void netstack_udp_close(struct netstack_udp *udp);

/*
 * netstack_udp_send - send a datagram. A DHCPv4 client may send to
 * 255.255.255.255 before there is an address, a DHCPv6 client to ff02::1:2.
 * Returns 0; ERR_NOENT: no route; ERR_NOMEM; ERR_IO, see reason().
 */
must_check int netstack_udp_send(struct netstack_udp *udp,
				 const struct net_addr *to, uint16_t port,
				 const void *data, size_t len);

/* A TCP connection; zero it. */
struct netstack_tcp {
	void *pcb; /* private, as all of it */
	struct net_addr peer;
	uint16_t port;
	void *first, *last;    /* received, not read: pbufs */
	unsigned held;	       /* how many */
	size_t offset;	       /* in the first */
	bool connected, ended; /* ended: the peer sends no more */
	int err;	       /* it is broken: ERR_* */
	const char *why;
};

/*
 * netstack_tcp_connect - begin to connect. Returns 0, ERR_NOENT: no route,
 * ERR_NOMEM.
 */
must_check int netstack_tcp_connect(struct netstack_tcp *tcp,
				    const struct net_addr *to, uint16_t port);

/*
 * netstack_tcp_send - send up to `len` bytes. Returns how many were taken, 0:
 * not connected yet, or no room; ERR_IO: the connection is broken, see reason().
 */
must_check long netstack_tcp_send(struct netstack_tcp *tcp, const void *data,
				  size_t len);

/*
 * netstack_tcp_receive - take up to `len` bytes of what has come; the window
 * opens by as many. Returns their number; ERR_AGAIN: nothing yet; 0: the peer
 * has ended the stream; ERR_IO: the connection is broken or refused, and all
 * that came before has been taken; see reason().
 */
must_check long netstack_tcp_receive(struct netstack_tcp *tcp, void *buf,
				     size_t len);

/* netstack_tcp_close - end the connection, and forget what was not read. */
void netstack_tcp_close(struct netstack_tcp *tcp);

/*
 * netstack_resolve - look a name up; call it again and again with the same name.
 * `version`: 4, 6, or 0: any, 4 first. Returns 0 with *addr; ERR_AGAIN: not
 * yet; ERR_NOENT: no such name, or no name server, see reason().
 */
must_check int netstack_resolve(const char *name, unsigned version,
				struct net_addr *addr);

/* netstack_ping - send an ICMP echo request. Returns as netstack_udp_send(). */
must_check int netstack_ping(const struct net_addr *to, uint16_t sequence);

/* netstack_ping_answered - has the reply to this one come? */
bool netstack_ping_answered(uint16_t sequence);

#endif

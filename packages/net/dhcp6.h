/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DHCPv6 client (RFC 8415, 5970): packets in and out. It neither sends nor
 * waits: the caller does, and says what time it is.
 */
#ifndef PACKAGES_NET_DHCP6_H
#define PACKAGES_NET_DHCP6_H

#include "packages/net/address.h"

#define DHCP6_SERVER_PORT 547u
#define DHCP6_CLIENT_PORT 546u
#define DHCP6_SEND_MAX 600u
#define DHCP6_DNS 3u

struct dhcp6_config {
	uint8_t mac[6];
	const uint8_t *uuid; /* 16 bytes, kept; NULL: unknown */
	uint32_t xid;	     /* unpredictable; 24 bits are used */
	bool managed;	/* ask for an address: M of the router advertisement */
	unsigned tries; /* of SOLICIT or INFORMATION-REQUEST; 0: 8, 63 s */
};

struct dhcp6_lease {
	struct net_addr address; /* version 0: none was asked for */
	struct net_addr dns[DHCP6_DNS];
	char url[2048];	   /* option 59; "": not given */
	char params[1024]; /* option 60, joined by blanks */
};

struct dhcp6 {
	struct dhcp6_config config;
	struct dhcp6_lease lease;
	int state;	      /* private, as all that follows */
	unsigned sent, tries; /* messages of this exchange, of all */
	unsigned restarts;
	uint64_t begun, due;
	uint32_t timeout;
	size_t server_len; /* of the server's DUID; 0: no server chosen */
	uint8_t server[130];
	int err;
	char why[160];
};

/* dhcp6_start - begin at `now`, in milliseconds. `config` is copied. */
void dhcp6_start(struct dhcp6 *dhcp, const struct dhcp6_config *config,
		 uint64_t now);

/*
 * dhcp6_send - the packet to send to ff02::1:2 now, into `packet`, which has
 * room for DHCP6_SEND_MAX bytes. Returns its length; 0: none is due.
 */
must_check size_t dhcp6_send(struct dhcp6 *dhcp, uint64_t now, void *packet);

/* dhcp6_receive - a packet came to DHCP6_CLIENT_PORT; any bytes. */
void dhcp6_receive(struct dhcp6 *dhcp, uint64_t now, const void *packet,
		   size_t len);

/*
 * dhcp6_result - ERR_AGAIN: goes on; 0: `lease` is there; ERR_TIMEOUT: no
 * answer; ERR_PERM: refused; see reason(). A refusal is final after four
 * messages without a better answer.
 */
must_check int dhcp6_result(const struct dhcp6 *dhcp);

#endif

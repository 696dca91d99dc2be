/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DHCPv4 and BOOTP client (RFC 2131, 951, 1534): packets in and out. It
 * neither sends nor waits: the caller does, and says what time it is.
 */
#ifndef PACKAGES_NET_DHCP4_H
#define PACKAGES_NET_DHCP4_H

#include "packages/net/address.h"

#define DHCP4_SERVER_PORT 67u
#define DHCP4_CLIENT_PORT 68u

/* The longest packet that we send, and that we announce to take (option 57). */
#define DHCP4_SEND_MAX 600u
#define DHCP4_PACKET_MAX 1472u

/* Bytes of /chosen's dhcp-response, as in SLOF. */
#define DHCP4_RESPONSE 1720u

#define DHCP4_DNS 3u

struct dhcp4_config {
	uint8_t mac[6];
	const uint8_t *uuid;	/* 16 bytes, kept; NULL: unknown */
	uint32_t xid;		/* unpredictable */
	unsigned tries;		/* of DISCOVER or BOOTP; 0: 8, 64 s */
	bool bootp;		/* BOOTP only */
	struct net_addr wanted; /* to ask for by option 50; or none */
};

/* What a server gives. Texts end in NUL; "": not given. */
struct dhcp4_lease {
	struct net_addr address, mask, router;
	struct net_addr server; /* to load from, RFC 2131 siaddr and the rest */
	struct net_addr dhcp_server; /* who answered */
	struct net_addr dns[DHCP4_DNS];
	char server_name[256]; /* instead of `server`: to be looked up */
	char file[1024];       /* option 67 or file; may be a URL */
	char host[256], domain[256];
	char root_path[1024];
	char config_file[1024], path_prefix[1024]; /* RFC 5071: 209, 210 */
	unsigned mtu;				   /* 0: not given */
	bool bootp;				   /* a BOOTP reply */
};

/* A try to get a lease; zero it for dhcp4_start(). */
struct dhcp4 {
	struct dhcp4_config config;
	struct dhcp4_lease lease, offer; /* offer: the best up to now */
	int state;			 /* private, as all that follows */
	unsigned sent, tries;		 /* packets in this state, in all */
	unsigned failures;		 /* packets without an answer */
	unsigned restarts;
	uint64_t begun, due, take_at; /* take_at: when to take the offer */
	unsigned rank;		      /* of the offer, 0: none */
	unsigned unusable;	      /* offers that cannot be taken */
	int err;
	char why[200];
	size_t packet_len; /* of the ACK or BOOTP reply */
	uint8_t packet[DHCP4_PACKET_MAX];
};

/* dhcp4_start - begin at `now`, in milliseconds. `config` is copied. */
void dhcp4_start(struct dhcp4 *dhcp, const struct dhcp4_config *config,
		 uint64_t now);

/*
 * dhcp4_send - the packet to broadcast now, into `packet`, which has room for
 * DHCP4_SEND_MAX bytes. Returns its length; 0: none is due.
 */
must_check size_t dhcp4_send(struct dhcp4 *dhcp, uint64_t now, void *packet);

/* dhcp4_receive - a packet came to DHCP4_CLIENT_PORT; any bytes. */
void dhcp4_receive(struct dhcp4 *dhcp, uint64_t now, const void *packet,
		   size_t len);

/*
 * dhcp4_result - ERR_AGAIN: goes on; 0: `lease` is there; ERR_TIMEOUT: no
 * answer; ERR_PERM: refused; see reason().
 */
must_check int dhcp4_result(const struct dhcp4 *dhcp);

/*
 * dhcp4_response - the packet of the lease as GRUB parses /chosen's
 * dhcp-response (find_dhcp_option() of net/bootp.c): from op on, options with
 * an END and zeros after it, none of them in file and sname. siaddr is
 * lease.server; if the server is a name, it is 0, and GRUB looks up option 66 or
 * sname. `buf`: DHCP4_RESPONSE bytes.
 */
void dhcp4_response(const struct dhcp4 *dhcp, uint8_t *buf);

#endif

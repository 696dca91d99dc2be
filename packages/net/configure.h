/* SPDX-License-Identifier: BSD-2-Clause */
/* Getting an address, and what to load, for a card. */
#ifndef PACKAGES_NET_CONFIGURE_H
#define PACKAGES_NET_CONFIGURE_H

#include "packages/net/dhcp4.h"
#include "packages/net/dhcp6.h"
#include "packages/net/net_args.h"
#include "packages/net/url.h"

/* What a card was configured with. Texts are "" if not given. */
struct net_config {
	unsigned version; /* of IP: 4 or 6 */
	struct net_addr address, mask, router;
	struct net_addr server; /* to load from; version 0: see server_name */
	char server_name[256];
	char file[URL_MAX]; /* its name on the server, or a URL */
	char config_file[1024], path_prefix[1024]; /* of pxelinux */
	char args[1024];			   /* for the client */
};

/* Work area; zero it, and set `args`, `nd` and `uuid`. */
struct net_configure {
	const struct net_args *args;
	struct network_device *nd;
	const uint8_t *uuid; /* 16 bytes, or NULL */
	unsigned tries;	     /* unless the arguments say */
	bool no_file;	     /* nothing is loaded: any address will do */
	/* The rest is private to configure.c. */
	struct dhcp4 v4;
	struct dhcp6 v6;
	unsigned version; /* the only one that helps; 0: both do */
	struct url url;	  /* of the arguments' file */
	uint64_t begun;
	bool started6;
	uint64_t done4, done6; /* since when; 0: not yet */
	uint8_t packet[DHCP4_SEND_MAX];
};

/*
 * net_configure - configure the card, whose stack is open, by its arguments,
 * DHCPv4, BOOTP, router advertisements and DHCPv6; the first complete answer
 * wins, version 4 if both come within a second. Prints SLOF's lines. Sets
 * /chosen dhcp-response or bootp-response.
 * Returns 0 with *config; ERR_ABORT; ERR_TIMEOUT, ERR_PERM...: no address; a
 * message with E3001 is printed then.
 */
must_check int net_configure(struct net_configure *c,
			     struct net_config *config);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments after ':' in a card's path. */
#ifndef PACKAGES_NET_NET_ARGS_H
#define PACKAGES_NET_NET_ARGS_H

#include "packages/net/address.h"

enum net_protocol {
	NET_ANY, /* DHCP, IPv4 and IPv6 */
	NET_DHCP,
	NET_BOOTP,
	NET_IPV6,
};

struct net_args {
	enum net_protocol protocol;
	struct net_addr server, client, router, mask;
	char file[1024];     /* '\' is '/'; or a URL; "": not given */
	unsigned dhcp_tries; /* 0: not given */
	unsigned tftp_tries;
	unsigned block_size;
	char server_name[256]; /* if it is no address */
};

/*
 * net_args_parse - parse
 * "[bootp|dhcp|ipv6,]server,file,client,router,dhcp-tries,tftp-tries,mask,
 * block-size". Items with '=' (speed=auto) and the word promiscuous are skipped
 * wherever they are; 0.0.0.0 and 000.000.000.000 mean "not given". Alone, or in
 * place of the server, a URL is the file.
 * Returns 0; ERR_INVAL: malformed; ERR_NOTSUP: rarp; see reason().
 * Spec: Recommended Practice "TFTP Booting Extension"; LoPAR 2.9; powerpc-utils'
 * bootlist; NIM; CoreOS.
 */
must_check int net_args_parse(const char *text, struct net_args *args);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network in place of the stack, on the fake card: a DHCP server, a TFTP and
 * an HTTP server with files, names. Datagrams are answered in the next turn,
 * which takes 10 ms.
 */
#ifndef TESTS_FAKE_NET_WORLD_H
#define TESTS_FAKE_NET_WORLD_H

#include "packages/net/netstack.h"
#include "tests/fake/network.h"
#include "tests/fake/timebase.h"

/* What DHCP gives, and what answers: 10.0.2.15 and 10.0.2.2. */
#define WORLD_OWN 0x0a00020fu
#define WORLD_SERVER 0x0a000202u

struct world_file {
	const char *name;
	const char *text;
	size_t len; /* 0: of the text */
};

extern struct net_world {
	/* The stack: the result of opening it; neighbours are silent. */
	int open_result;
	bool no_arp;
	bool key;	       /* ESC is pressed */
	unsigned turns_to_key; /* after so many turns; 0: never */
	struct netstack_ipv6 ipv6, ipv6_later;
	unsigned turns_to_router; /* after so many turns, ipv6_later holds */

	/* DHCPv4: silent, or what it gives besides its file. */
	bool no_dhcp, nak;
	const char *file;    /* NULL: none */
	const char *options; /* more of them, `options_len` bytes */
	size_t options_len;
	/* DHCPv6's boot file URL; NULL: it is silent. What it leases. */
	const char *url;
	struct net_addr lease6;

	/* The servers' files, up to one without a name. */
	const struct world_file *files;
	unsigned tftp_error; /* of each request, with tftp_text; 0: none */
	const char *tftp_text;
	uint64_t silent_after; /* a block of TFTP; 0: never */
	bool refused;	       /* nobody listens: ICMP, RST */
	const char *name;      /* that resolves to the server */
	const char *http;      /* the answer to each request; NULL: the file */
	size_t piece;	       /* bytes that HTTP gives at once */

	/* What happened. */
	unsigned opens, closes, sockets; /* open now */
	struct net_addr own, mask, router, dns, own6;
	unsigned mtu;
	char asked[1024];   /* files, separated by blanks */
	char request[4096]; /* the last one by HTTP */
	unsigned pings;
	bool pings_lost;
} world;

/* world_start - a new machine with a card and an empty /chosen. */
int world_start(void **state);
/* world_stop - fails the test if anything is open. */
int world_stop(void **state);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* SLOF's messages of network boot: code and text, then where and why. */
#ifndef PACKAGES_NET_MESSAGE_H
#define PACKAGES_NET_MESSAGE_H

#include "lib/err.h"
#include "lib/types.h"

/* Numbers and texts as in SLOF's lib/libnet/{netload,tftp}.c. */
enum net_message {
	NET_E3000, /* no MAC address */
	NET_E3001, /* no IP address */
	NET_E3002, /* no answer to ARP or neighbour solicitation */
	NET_E3003, /* another error of the server */
	NET_E3004, /* the file is larger than the memory for it */
	NET_E3005, /* ICMP error, TCP reset */
	NET_E3006, /* the card does not start */
	NET_E3008, /* no server, no boot file */
	NET_E3009, /* file not found */
	NET_E3010, /* access violation */
	NET_E3011, /* illegal operation */
	NET_E3012, /* unknown transfer ID */
	NET_E3013, /* no such user */
	NET_E3014, /* malformed packets */
	NET_E3015, /* no answer */
	NET_E3016, /* the file is incomplete */
	NET_E3017, /* options that were not asked for */
	NET_E3018, /* the file is too large */
};

/*
 * net_fail - print "E3009: (net) file not found: why" and make its text the
 * reason(). `why` may be reason() itself. Returns `err`.
 */
int net_fail(enum net_message message, int err, const char *why);

#endif

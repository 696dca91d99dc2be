/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for the network: turns of the stack, until ESC or a deadline. */
#ifndef PACKAGES_NET_WAIT_H
#define PACKAGES_NET_WAIT_H

#include "lib/deadline.h"
#include "lib/err.h"

struct network_device;

struct net_wait {
	struct deadline deadline;
	uint32_t ms;
	uint64_t since;		   /* ms: of the last progress */
	struct network_device *nd; /* waited for; see drivers/waits.h */
};

/* net_wait_begin - the card's stack is open; `ms`: how long at most. */
void net_wait_begin(struct net_wait *wait, struct network_device *nd,
		    uint32_t ms);

/*
 * net_wait_turn - one turn: the network's packets and timers, then a rest.
 * Returns 0; ERR_TIMEOUT: the time is over; ERR_ABORT: the user pressed ESC or
 * Ctrl-C; ERR_IO: the link went down; see reason().
 */
must_check int net_wait_turn(struct net_wait *wait);

/* net_wait_again - something came: wait as long again. */
void net_wait_again(struct net_wait *wait);

void net_wait_end(struct net_wait *wait);

#endif

// SPDX-License-Identifier: BSD-2-Clause
// Waiting for the network: turns of the stack, until ESC or a deadline.
#include "packages/net/wait.h"

#include "drivers/console.h"
#include "drivers/waits.h"
#include "lib/reason.h"
#include "packages/net/netstack.h"

/* To look at all keyboards takes hypercalls, to look at the link, too. */
#define NET_WAIT_LOOK_MS 100u
/*
 * So long it does not sleep: QEMU's thread that answers may be late on a busy
 * host, and a transfer that waits for each block would sleep after each.
 */
#define NET_WAIT_SPIN_MS 20u

static uint64_t net_wait_looked;

void net_wait_begin(struct net_wait *wait, struct network_device *nd,
		    uint32_t ms)
{
	wait->nd = nd;
	wait->ms = ms;
	wait->since = deadline_ms();
	deadline_start(&wait->deadline, ms);
}

static int net_wait_look(struct net_wait *wait)
{
	uint64_t now = deadline_ms();

	if (now - net_wait_looked < NET_WAIT_LOOK_MS)
		return 0;
	net_wait_looked = now;
	if (console_take_key("\x1b") || console_take_key("\x03"))
		return reason_fail(ERR_ABORT, "aborted by the user");
	if (!network_link(wait->nd))
		return reason_fail(ERR_IO, "the link went down");
	return 0;
}

int net_wait_turn(struct net_wait *wait)
{
	int rc;

	netstack_poll();
	rc = net_wait_look(wait);
	if (rc)
		return rc;
	if (deadline_passed(&wait->deadline))
		return reason_fail(ERR_TIMEOUT, "no answer for %u s",
				   wait->ms / 1000);
	if (deadline_ms() - wait->since >= NET_WAIT_SPIN_MS)
		deadline_idle(&wait->deadline);
	return 0;
}

/* A server that keeps the bytes coming is not waited for. */
void net_wait_again(struct net_wait *wait)
{
	deadline_stop(&wait->deadline);
	wait->since = deadline_ms();
	deadline_start(&wait->deadline, wait->ms);
}

void net_wait_end(struct net_wait *wait)
{
	waits_add(wait->nd->as.dev, deadline_stop(&wait->deadline));
}

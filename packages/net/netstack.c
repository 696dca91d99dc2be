// SPDX-License-Identifier: BSD-2-Clause
// The stack's life: open, turns, close.
#include "packages/net/netstack.h"

#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/drbg.h"
#include "packages/net/netstack_internal.h"

/* Frames of one turn: a flood does not keep timers and callers waiting. */
#define NETSTACK_TURN 64u

struct netstack *netstack;

/* Milliseconds, for lwIP and us (lwip/sys.h). */
u32_t sys_now(void)
{
	return (u32_t)deadline_ms();
}

/* An assertion of lwIP (lwip/arch/cc.h). */
void netstack_assert_failed(const char *file, int line)
{
	log_err("%s:%d", file, line);
	assert(!"an assertion of lwIP");
}

static int netstack_start(struct network_device *nd)
{
	assert(!netstack && lwip_num_cyclic_timers <= (int)NETSTACK_TIMERS);
	netstack = heap_zalloc(sizeof(*netstack));
	if (!netstack)
		return reason_fail(ERR_NOMEM, "no memory for the network");
	netstack->nd = nd;
	for (unsigned i = 0; i < NETSTACK_TIMERS; i++)
		netstack->timer_last[i] = sys_now();
	drbg_seed(nd->mac, sizeof(nd->mac));
	netstack->ping_id = (uint16_t)drbg_u32();
	lwip_init();
	return netstack_netif_add(netstack);
}

int netstack_open(struct network_device *nd)
{
	int rc = network_open(nd);

	if (rc)
		return rc;
	network_take(nd, true);
	rc = netstack_start(nd);
	if (rc) {
		heap_free(netstack);
		netstack = NULL;
		network_take(nd, false);
		network_close(nd);
		return rc;
	}
	netstack_ipv6_up(netstack);
	network_kick(nd);
	return 0;
}

void netstack_close(void)
{
	struct network_device *nd = netstack->nd;

	netstack_tcp_abort();
	netstack_dns_clear();
	assert(!udp_pcbs);
	netstack_netif_remove(netstack);
	network_kick(nd);
	heap_free(netstack);
	netstack = NULL;
	network_take(nd, false);
	network_close(nd);
}

/* lwIP's timers. After a long pause, each runs once. */
static void netstack_run_timers(void)
{
	uint32_t now = sys_now();

	for (int i = 0; i < lwip_num_cyclic_timers; i++) {
		const struct lwip_cyclic_timer *timer = &lwip_cyclic_timers[i];

		if (now - netstack->timer_last[i] < timer->interval_ms)
			continue;
		netstack->timer_last[i] = now;
		timer->handler();
	}
}

void netstack_poll(void)
{
	unsigned frames = 0;

	while (frames < NETSTACK_TURN && netstack_netif_receive(netstack))
		frames++;
	netstack_ipv6_settle(netstack);
	netstack_run_timers();
	if (!frames)
		netstack_tcp_idle();
	if (netstack->sent)
		network_kick(netstack->nd);
	netstack->sent = false;
}

void netstack_random(void *buf, size_t len)
{
	drbg_bytes(buf, len);
}

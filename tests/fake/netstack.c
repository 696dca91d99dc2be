// SPDX-License-Identifier: BSD-2-Clause
// The stack on the fake card.
#include "tests/fake/netstack.h"

#include <stdlib.h>
#include <string.h>

#include "lib/endian.h"
#include "lib/log.h"

static unsigned forgotten;
static long live;

void fake_netstack_open(void)
{
	fake_network_plug();
	live = fake_heap_live();
	assert(!netstack_open(&fake_network.nd));
	forgotten = fake_network.n_out;
}

void fake_netstack_configure(void)
{
	struct net_addr own = net_addr_v4(FAKE_OWN);
	struct net_addr mask = net_addr_v4(FAKE_MASK);
	struct net_addr router = net_addr_v4(FAKE_PEER);
	struct packet p;

	fake_netstack_open();
	netstack_set_ipv4(&own, &mask, &router);
	packet_arp(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, 1, FAKE_PEER,
		   "\0\0\0\0\0", FAKE_OWN);
	fake_netstack_put(&p);
	fake_netstack_forget();
}

void fake_netstack_close(void)
{
	netstack_close();
	assert(fake_heap_live() == live);
	fake_network_unplug();
}

void fake_netstack_pass(unsigned ms)
{
	for (unsigned passed = 0; passed < ms; passed += 50) {
		fake_clock_advance(TIMEBASE_DEFAULT_HZ / 1000 * 50);
		netstack_poll();
	}
}

void fake_netstack_put(const struct packet *p)
{
	assert(fake_network_put(p->bytes, p->len));
	netstack_poll();
}

void fake_netstack_send(const struct net_addr *from, const struct net_addr *to,
			uint8_t protocol, const void *data, size_t len)
{
	struct packet p;

	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, from, to, protocol,
		  data, len);
	fake_netstack_put(&p);
}

void fake_netstack_ipv4(uint8_t protocol, const void *data, size_t len)
{
	struct net_addr own = net_addr_v4(FAKE_OWN);
	struct net_addr peer = net_addr_v4(FAKE_PEER);

	fake_netstack_send(&peer, &own, protocol, data, len);
}

void fake_netstack_udp(uint16_t from, uint16_t to, const void *data, size_t len)
{
	uint8_t udp[1500] = { 0 };

	assert(len <= sizeof(udp) - 8);
	be16_store(udp, from);
	be16_store(udp + 2, to);
	if (len)
		memcpy(udp + 8, data, len);
	fake_netstack_ipv4(PACKET_UDP, udp, len + 8);
}

struct net_addr fake_netstack_addr(const char *text)
{
	struct net_addr addr;

	assert(!net_addr_parse(text, strlen(text), &addr));
	return addr;
}

/* The contents of an IP packet of `protocol`, or NULL. */
static const uint8_t *content(const struct fake_network_frame *f,
			      uint8_t protocol, size_t *len)
{
	const uint8_t *ip = f->bytes + NETWORK_HEADER;

	switch (be16_load(f->bytes + 12)) {
	case 0x0800:
		*len = be16_load(ip + 2) - 20u;
		return ip[9] == protocol ? ip + 20 : NULL;
	case 0x86dd:
		*len = be16_load(ip + 4);
		return ip[6] == protocol ? ip + 40 : NULL;
	}
	return NULL;
}

const uint8_t *fake_netstack_sent(uint8_t protocol, size_t *len)
{
	for (unsigned i = fake_network.n_out; i > forgotten; i--) {
		const uint8_t *found = content(
			&fake_network.out[(i - 1) % FAKE_NETWORK_FRAMES],
			protocol, len);

		if (found)
			return found;
	}
	return NULL;
}

void fake_netstack_forget(void)
{
	forgotten = fake_network.n_out;
}

unsigned fake_netstack_count(void)
{
	return fake_network.n_out - forgotten;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack on the fake card, with one peer that answers as much as is asked. */
#ifndef TESTS_FAKE_NETSTACK_H
#define TESTS_FAKE_NETSTACK_H

#include "packages/net/netstack.h"
#include "tests/fake/heap.h"
#include "tests/fake/network.h"
#include "tests/fake/packet.h"
#include "tests/fake/timebase.h"

/* Our address and the peer's, which is also the router. */
#define FAKE_OWN 0x0a00020fu
#define FAKE_PEER 0x0a000202u
#define FAKE_MASK 0xffffff00u

/*
 * fake_netstack_open - plug the card, open the stack. fake_netstack_configure -
 * the same with our IPv4 address and the peer as router, whose MAC is known.
 */
void fake_netstack_open(void);
void fake_netstack_configure(void);

/* fake_netstack_close - close, unplug; fails the test if memory is left. */
void fake_netstack_close(void);

/* fake_netstack_pass - let so many milliseconds pass, with a turn in each 50. */
void fake_netstack_pass(unsigned ms);

/* fake_netstack_put - a frame arrives, and a turn takes it. */
void fake_netstack_put(const struct packet *p);

/*
 * fake_netstack_send - `len` bytes of `protocol` arrive from an address to
 * another of the same version.
 */
void fake_netstack_send(const struct net_addr *from, const struct net_addr *to,
			uint8_t protocol, const void *data, size_t len);

/*
 * fake_netstack_ipv4 - the same from the peer to us. fake_netstack_udp - a
 * datagram from the peer to us, by ports.
 */
void fake_netstack_ipv4(uint8_t protocol, const void *data, size_t len);
void fake_netstack_udp(uint16_t from, uint16_t to, const void *data,
		       size_t len);

/* fake_netstack_addr - an address from text. */
struct net_addr fake_netstack_addr(const char *text);

/* fake_netstack_sent - the content of the last packet of `protocol` to the
 * peer that left: its IP header's length is skipped. NULL: none did since
 * fake_netstack_forget(). */
const uint8_t *fake_netstack_sent(uint8_t protocol, size_t *len);
void fake_netstack_forget(void);

/* fake_netstack_count - frames that left since fake_netstack_forget(). */
unsigned fake_netstack_count(void);

#endif

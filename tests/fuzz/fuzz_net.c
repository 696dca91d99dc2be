// SPDX-License-Identifier: BSD-2-Clause
// Frames into the stack and lwIP, while sockets of every kind are open.
#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/drbg.h"
#include "tests/fake/netstack.h"
#include "tests/fuzz/input.h"

#define MAC_AT 6u
#define IP_AT NETWORK_HEADER
#define TCP_SYN 2u

static struct fuzz_input in;
static struct netstack_udp udp[3];
static struct netstack_tcp tcp;
static const uint16_t ports[3] = { 68, 546, 1000 };
/* Since the last answer of a callback. */
static unsigned answers;

/* In place of drbg.c: each run sees the same numbers. */
static uint32_t number;

void drbg_seed(const void *own_bytes, size_t len)
{
	(void)own_bytes;
	(void)len;
	number = 1;
}

uint32_t drbg_u32(void)
{
	number = number * 1664525 + 1013904223;
	return number ^ number >> 16;
}

void drbg_bytes(void *buf, size_t len)
{
	memset(buf, (int)drbg_u32(), len);
}

static void received(struct netstack_udp *of, const struct net_addr *from,
		     uint16_t port, const void *data, size_t len)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)data)[i]);
	if (answers++ < 4 && sum & 1 &&
	    netstack_udp_send(of, from, port, data, len))
		reason_clear();
}

static void refused(struct netstack_udp *of, const struct net_addr *from,
		    uint8_t type, uint8_t code)
{
	(void)type;
	(void)code;
	assert(of->pcb && (from->version == 4 || from->version == 6));
}

static struct net_addr v6(const char *text)
{
	struct net_addr addr;

	assert(!net_addr_parse(text, strlen(text), &addr));
	return addr;
}

static struct net_addr own(unsigned version)
{
	struct netstack_ipv6 state;

	if (version == 4)
		return net_addr_v4(FAKE_OWN);
	netstack_ipv6(&state);
	return state.link_local;
}

static struct net_addr peer(unsigned version)
{
	return version == 4 ? net_addr_v4(FAKE_PEER) : v6("fe80::1");
}

/* Answer our last segment: ports, numbers. */
static void patch_tcp(uint8_t *to, const uint8_t *last)
{
	uint32_t next = be32_load(last + 4) + (last[13] & TCP_SYN ? 1 : 0);

	memcpy(to, last + 2, 2);
	memcpy(to + 2, last, 2);
	be32_store(to + 4, be32_load(last + 8) + be32_load(to + 4) % 4096);
	be32_store(to + 8, next + be32_load(to + 8) % 4);
}

/* Answer our last datagram: ports, and the number of a DNS query. */
static void patch_udp(uint8_t *to, size_t len, const uint8_t *last,
		      size_t last_len)
{
	memcpy(to, last + 2, 2);
	memcpy(to + 2, last, 2);
	if (len >= 10 && last_len >= 10)
		memcpy(to + 8, last + 8, 2);
}

static void patch(uint8_t protocol, uint8_t *data, size_t len)
{
	size_t last_len;
	const uint8_t *last = fake_netstack_sent(protocol, &last_len);

	if (!last)
		return;
	if (protocol == PACKET_TCP && len >= 20 && last_len >= 20)
		patch_tcp(data, last);
	if (protocol == PACKET_UDP && len >= 8 && last_len >= 8)
		patch_udp(data, len, last, last_len);
}

/* A packet of ours to the peer, or to all nodes. */
static void put_ip(unsigned version, uint8_t how)
{
	static const uint8_t protocols[] = { PACKET_TCP, PACKET_UDP,
					     PACKET_ICMP, PACKET_ICMP6 };
	struct net_addr from = peer(version), to = own(version);
	uint8_t protocol = protocols[how & 3], data[1500];
	size_t len = fuzz_take(&in, data, fuzz_u8(&in) * (how & 4 ? 5u : 1u));
	struct packet p;

	if (how & 8)
		protocol = fuzz_u8(&in);
	if (how & 16)
		fuzz_take(&in, to.bytes, sizeof(to.bytes));
	if (how & 32)
		fuzz_take(&in, from.bytes, sizeof(from.bytes));
	if (!(how & 64))
		patch(protocol, data, len);
	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &from, &to, protocol,
		  data, MIN(len, 1400u));
	/* Wrong headers, with right sums. */
	if (how & 128) {
		fuzz_patch(&in, p.bytes + IP_AT, 60);
		packet_seal(p.bytes, p.len);
	}
	fake_network_put(p.bytes, p.len);
}

static void put_raw(uint8_t how)
{
	uint8_t frame[FAKE_NETWORK_BYTES] = FAKE_NETWORK_MAC;
	size_t at = how & 1 ? 0 : 2 * MAC_AT;
	size_t len = at + fuzz_take(&in, frame + at, fuzz_u8(&in) * 8u);

	if (!(how & 1))
		memcpy(frame + MAC_AT, FAKE_NETWORK_PEER, MAC_AT);
	if (how & 2)
		packet_seal(frame, len);
	fake_network_put(frame, len);
}

static void connect(unsigned version)
{
	struct net_addr to = peer(version);

	netstack_tcp_close(&tcp);
	memset(&tcp, 0, sizeof(tcp));
	if (netstack_tcp_connect(&tcp, &to, 80))
		reason_clear();
}

static void receive(void)
{
	uint8_t buf[300];
	long got = netstack_tcp_receive(&tcp, buf, 1 + fuzz_u8(&in));

	assert(got <= 256 && (got >= 0 || got == ERR_AGAIN || got == ERR_IO));
}

static void send(void)
{
	static const uint8_t request[256];
	size_t len = fuzz_u8(&in);
	long sent = netstack_tcp_send(&tcp, request, len);

	assert(sent == ERR_IO || (sent >= 0 && (size_t)sent <= len));
}

static void ask(uint8_t how)
{
	struct net_addr to = peer(how & 1 ? 6 : 4), via;
	char name[300];

	if (how & 2)
		fuzz_take(&in, to.bytes, sizeof(to.bytes));
	if (netstack_reach(&to, &via) || netstack_ping(&to, how) ||
	    netstack_udp_send(&udp[how % 3], &to, how, name, 0))
		reason_clear();
	(void)netstack_ping_answered(how);
	fuzz_str(&in, name, sizeof(name));
	if (*name &&
	    netstack_resolve(name, how % 3 * 2 + (how % 3 ? 2 : 0), &via) == 0)
		assert(via.version == 4 || via.version == 6);
}

static void step(void)
{
	uint8_t what = fuzz_u8(&in), how = fuzz_u8(&in);

	switch (what % 12) {
	case 0:
		put_raw(how);
		break;
	case 1:
		fake_netstack_pass(how * 50u);
		break;
	case 2:
		connect(how & 1 ? 6 : 4);
		break;
	case 3:
		receive();
		break;
	case 4:
		send();
		break;
	case 5:
		ask(how);
		break;
	case 6:
	case 7:
	case 8:
		put_ip(6, how);
		break;
	default:
		put_ip(4, how);
		break;
	}
	/* Some turns take several frames. */
	if (what < 0xc0)
		netstack_poll();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_addr server = net_addr_v4(FAKE_PEER), addr;

	in = (struct fuzz_input){ data, size };
	answers = 0;
	fake_netstack_configure();
	netstack_add_dns(&server);
	for (unsigned i = 0; i < ARRAY_SIZE(udp); i++) {
		udp[i] = (struct netstack_udp){ received, refused, NULL };
		assert(!netstack_udp_open(&udp[i], ports[i]));
	}
	memset(&tcp, 0, sizeof(tcp));
	connect(4);
	if (netstack_resolve("a.b", 0, &addr) == ERR_AGAIN)
		netstack_poll();
	while (in.left)
		step();
	netstack_poll();
	netstack_tcp_close(&tcp);
	for (unsigned i = 0; i < ARRAY_SIZE(udp); i++)
		netstack_udp_close(&udp[i]);
	fake_netstack_close();
	assert(fake_heap_live() == 0);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/* A network in place of the stack, with servers that answer. */
#include "tests/fake/net_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include "tree/node.h"

struct net_world world;

#define TURN_TICKS (TIMEBASE_DEFAULT_HZ / 100)
#define WORLD_QUEUE 128u

/* Datagrams on their way to us. */
static struct datagram {
	uint16_t from, to;
	struct net_addr addr;
	size_t len;
	uint8_t data[1600];
} queue[WORLD_QUEUE];
static unsigned queued;

/* UDP sockets; a pcb is an index, counted from 1. */
static struct socket {
	struct netstack_udp *udp;
	uint16_t port;
} sockets[8];

static struct {
	char text[65536];
	size_t len, sent;
	bool asked;
} http;

static struct net_addr server_addr(void)
{
	return net_addr_v4(WORLD_SERVER);
}

static void answer(uint16_t from, uint16_t to, const void *data, size_t len)
{
	struct datagram *d = &queue[queued++];

	assert_true(queued <= WORLD_QUEUE);
	assert_true(len <= sizeof(d->data));
	*d = (struct datagram){ from, to, server_addr(), len, { 0 } };
	if (from == 547)
		(void)!net_addr_parse("fe80::2", 7, &d->addr);
	memcpy(d->data, data, len);
}

/* The stack itself. */

int netstack_open(struct network_device *nd)
{
	assert_ptr_equal(nd, &fake_network.nd);
	if (world.open_result)
		return reason_fail(world.open_result, "it does not start");
	world.opens++;
	return network_open(nd);
}

void netstack_close(void)
{
	assert_int_equal(world.sockets, 0);
	world.closes++;
	network_close(&fake_network.nd);
}

void netstack_random(void *buf, size_t len)
{
	memset(buf, 0x5a, len);
}

void netstack_poll(void)
{
	static struct datagram now[WORLD_QUEUE];
	unsigned n = queued;

	fake_clock_advance(TURN_TICKS);
	if (world.turns_to_key && !--world.turns_to_key)
		world.key = true;
	if (world.turns_to_router && !--world.turns_to_router)
		world.ipv6 = world.ipv6_later;
	memcpy(now, queue, n * sizeof(now[0]));
	queued = 0;
	for (unsigned i = 0; i < n; i++) {
		for (size_t s = 0; s < ARRAY_SIZE(sockets); s++) {
			if (sockets[s].udp && sockets[s].port == now[i].to)
				sockets[s].udp->receive(
					sockets[s].udp, &now[i].addr,
					now[i].from, now[i].data, now[i].len);
		}
	}
}

void netstack_set_ipv4(const struct net_addr *addr, const struct net_addr *mask,
		       const struct net_addr *router)
{
	world.own = *addr;
	world.mask = *mask;
	world.router = *router;
}

void netstack_set_mtu(unsigned mtu)
{
	world.mtu = mtu;
}

unsigned netstack_mtu(unsigned version)
{
	assert_true(version == 4 || version == 6);
	return world.mtu ? world.mtu : NETWORK_MTU;
}

void netstack_add_dns(const struct net_addr *server)
{
	world.dns = *server;
}

int netstack_set_ipv6(const struct net_addr *addr)
{
	world.own6 = *addr;
	return 0;
}

void netstack_ipv6(struct netstack_ipv6 *state)
{
	*state = world.ipv6;
}

int netstack_reach(const struct net_addr *addr, struct net_addr *via)
{
	*via = *addr;
	return world.no_arp ? ERR_AGAIN : 0;
}

int netstack_resolve(const char *name, unsigned version, struct net_addr *addr)
{
	assert_true(version <= 6);
	if (!world.name)
		return ERR_AGAIN;
	if (strcmp(world.name, name) != 0)
		return reason_fail(ERR_NOENT, "no such name: %s", name);
	*addr = server_addr();
	return 0;
}

int netstack_ping(const struct net_addr *to, uint16_t sequence)
{
	struct net_addr server = server_addr();

	assert_true(net_addr_equal(to, &server));
	world.pings = sequence;
	return 0;
}

bool netstack_ping_answered(uint16_t sequence)
{
	return !world.pings_lost && world.pings == sequence;
}

bool console_take_key(const char *key)
{
	bool hit = world.key && *key == 0x1b;

	world.key &= !hit;
	return hit;
}

/* DHCP. [RFC 2131] */

static uint8_t *add(uint8_t *at, uint8_t code, const void *data, size_t len)
{
	*at++ = code;
	*at++ = (uint8_t)len;
	memcpy(at, data, len);
	return at + len;
}

static void serve_dhcp(const uint8_t *in, size_t len)
{
	static const uint8_t mask[] = { 255, 255, 255, 0 };
	static const uint8_t own[] = { 10, 0, 2, 15 }, peer[] = { 10, 0, 2, 2 };
	uint8_t out[600] = { 2, 1, 6 }, *at = out + 240;
	/* A BOOTP request has no option 53, which would come first. */
	uint8_t type = in[240] == 53 ? in[242] : 0;

	assert_true(len >= 243);
	if (world.no_dhcp)
		return;
	memcpy(out + 4, in + 4, 4);
	memcpy(out + 16, own, 4);
	memcpy(out + 20, peer, 4);
	memcpy(out + 28, in + 28, 16);
	if (world.file)
		snprintf((char *)out + 108, 128, "%s", world.file);
	memcpy(out + 236, "\x63\x82\x53\x63", 4);
	if (type)
		at = add(at, 53,
			 type == 1   ? "\x02"
			 : world.nak ? "\x06"
				     : "\x05",
			 1);
	at = add(at, 54, peer, 4);
	at = add(at, 1, mask, 4);
	at = add(at, 3, peer, 4);
	at = add(at, 6, peer, 4);
	if (world.options)
		memcpy(at, world.options, world.options_len);
	at += world.options_len;
	*at++ = 255;
	answer(67, 68, out, (size_t)(at - out));
}

/* An IA_NA with world.lease6 [RFC 8415 21.4, 21.6]. */
static uint8_t *add_lease6(uint8_t *at)
{
	static const uint8_t head[] = { 0, 3, 0, 40 };
	static const uint8_t inner[] = { 0, 5, 0, 24 };

	memcpy(at, head, 4);
	memcpy(at + 4, fake_network.nd.mac + 2, 4);
	memset(at + 8, 1, 8);
	memcpy(at + 16, inner, 4);
	memcpy(at + 20, world.lease6.bytes, 16);
	memset(at + 36, 1, 8);
	return at + 44;
}

/*
 * An ADVERTISE or a REPLY with the boot file's URL, and with an address if one
 * is asked for. [RFC 8415 7.3, RFC 5970 3.1]
 */
static void serve_dhcp6(const uint8_t *in, size_t len)
{
	uint8_t out[600] = { in[0] == 1 ? 2 : 7 }, *at = out + 4;
	size_t url = world.url ? strlen(world.url) : 0;

	if (!world.url || len < 4)
		return;
	memcpy(out + 1, in + 1, 3);
	/* Our client identifier comes first in what was sent. */
	memcpy(at, in + 4, 4u + in[7]);
	at += 4 + in[7];
	memcpy(at, "\0\x02\0\x04\0\x03\0\x01", 8);
	at += 8;
	if (in[0] != 11)
		at = add_lease6(at);
	*at++ = 0;
	*at++ = 59;
	*at++ = (uint8_t)(url >> 8);
	*at++ = (uint8_t)url;
	memcpy(at, world.url, url);
	answer(547, 546, out, (size_t)(at - out) + url);
}

/* TFTP, in lockstep. */

static const struct world_file *serving;

static size_t file_len(const struct world_file *file)
{
	return file->len ? file->len : strlen(file->text);
}

static const struct world_file *find(const char *name)
{
	size_t len = strlen(world.asked);

	snprintf(world.asked + len, sizeof(world.asked) - len, "%s%s",
		 len ? " " : "", name);
	for (const struct world_file *f = world.files; f && f->name; f++) {
		if (!strcmp(f->name, name))
			return f;
	}
	return NULL;
}

static void tftp_error(uint16_t to, unsigned code, const char *text)
{
	uint8_t out[600] = { 0, 5, 0, (uint8_t)code };

	answer(69, to, out,
	       5 + (size_t)snprintf((char *)out + 4, 500, "%s", text));
}

#define WORLD_BLOCK 1024u
static size_t block;

/* The block size that a request asks for, at most ours. */
static size_t asked_block(const uint8_t *in, size_t len)
{
	static const char name[] = "blksize";
	uint64_t size = 512;

	for (size_t i = 2; i + sizeof(name) < len; i++) {
		if (!memcmp(in + i, name, sizeof(name)))
			size = strtoul((const char *)in + i + sizeof(name),
				       NULL, 10);
	}
	return MIN(size, WORLD_BLOCK);
}

static void serve_tftp(uint16_t to, const uint8_t *in, size_t len)
{
	uint8_t out[4 + WORLD_BLOCK] = { 0, 3 };
	size_t done, n;

	assert_true(len >= 4);
	if (in[1] == 1) {
		serving = find((const char *)in + 2);
		block = asked_block(in, len);
		if (world.tftp_error)
			tftp_error(to, world.tftp_error, world.tftp_text);
		else if (!serving)
			tftp_error(to, 1, "File not found");
		else
			answer(69, to, out,
			       (size_t)snprintf(
				       (char *)out, sizeof(out),
				       "%c%cblksize%c%zu%ctsize%c%zu%c", 0, 6,
				       0, block, 0, 0, file_len(serving), 0));
		return;
	}
	if (in[1] != 4 || !serving)
		return;
	done = block * (size_t)(in[2] << 8 | in[3]);
	if (done > file_len(serving) ||
	    (world.silent_after && in[3] >= world.silent_after))
		return;
	n = MIN(block, file_len(serving) - done);
	out[2] = (uint8_t)((done / block + 1) >> 8);
	out[3] = (uint8_t)(done / block + 1);
	memcpy(out + 4, serving->text + done, n);
	answer(69, to, out, 4 + n);
}

/* Sockets. */

int netstack_udp_open(struct netstack_udp *udp, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		if (sockets[i].udp)
			continue;
		sockets[i] = (struct socket){ udp, port ? port : 2000 };
		udp->pcb = &sockets[i];
		world.sockets++;
		return 0;
	}
	return reason_fail(ERR_NOMEM, "no socket");
}

void netstack_udp_close(struct netstack_udp *udp)
{
	struct socket *s = udp->pcb;

	assert_non_null(s);
	assert_ptr_equal(s->udp, udp);
	s->udp = NULL;
	udp->pcb = NULL;
	world.sockets--;
}

int netstack_udp_send(struct netstack_udp *udp, const struct net_addr *to,
		      uint16_t port, const void *data, size_t len)
{
	struct socket *s = udp->pcb;
	struct net_addr server = server_addr();

	assert_non_null(s);
	if (port == 67)
		serve_dhcp(data, len);
	else if (port == 547)
		serve_dhcp6(data, len);
	else if (world.refused && udp->refused)
		udp->refused(udp, &server, 3, 3);
	else if (!world.refused)
		serve_tftp(s->port, data, len);
	assert_true(to->version);
	return 0;
}

/* HTTP: one connection at a time. */

int netstack_tcp_connect(struct netstack_tcp *tcp, const struct net_addr *to,
			 uint16_t port)
{
	memset(&http, 0, sizeof(http));
	tcp->peer = *to;
	tcp->port = port;
	tcp->pcb = &http;
	world.sockets++;
	return 0;
}

static void http_answer(void)
{
	const struct world_file *file;
	char path[256] = "";

	assert_int_equal(sscanf(world.request, "GET %255s ", path), 1);
	file = find(path);
	if (world.http)
		http.len = (size_t)snprintf(http.text, sizeof(http.text), "%s",
					    world.http);
	else if (!file)
		http.len = (size_t)snprintf(
			http.text, sizeof(http.text),
			"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	else
		http.len = (size_t)snprintf(
			http.text, sizeof(http.text),
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
			file_len(file), (int)file_len(file), file->text);
}

long netstack_tcp_send(struct netstack_tcp *tcp, const void *data, size_t len)
{
	assert_non_null(tcp->pcb);
	if (world.refused)
		return reason_fail(ERR_IO, "10.0.2.2 refuses the connection");
	tcp->connected = true;
	snprintf(world.request, sizeof(world.request), "%.*s", (int)len,
		 (const char *)data);
	http.asked = true;
	http_answer();
	return (long)len;
}

long netstack_tcp_receive(struct netstack_tcp *tcp, void *buf, size_t len)
{
	size_t n = MIN(len, http.len - http.sent);

	assert_non_null(tcp->pcb);
	if (!http.asked)
		return ERR_AGAIN;
	if (world.piece)
		n = MIN(n, world.piece);
	memcpy(buf, http.text + http.sent, n);
	http.sent += n;
	return (long)n;
}

void netstack_tcp_close(struct netstack_tcp *tcp)
{
	if (!tcp->pcb)
		return;
	tcp->pcb = NULL;
	world.sockets--;
}

int world_start(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(sockets, 0, sizeof(sockets));
	queued = 0;
	serving = NULL;
	fake_network_plug();
	assert_non_null(tree_add_node(tree_root(), "chosen", TREE_QEMU));
	deadline_init(0);
	fake_clock_step(0);
	fake_log_clear();
	reason_clear();
	return 0;
}

int world_stop(void **state)
{
	(void)state;
	assert_int_equal(world.sockets, 0);
	assert_int_equal(world.opens, world.closes);
	assert_false(fake_network.started);
	fake_network_unplug();
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// Raw frames through the methods read and write of network cards: a DHCP
// DISCOVER, an ARP request and pings of the server that answers. Arguments:
// cards=net,net1 (opened together, then used in turn); pings=N, as many in
// flight as burst=N; twice=1: every card has a second instance, which receives.

#include "tests/guest/lib/guest.h"

#define CARDS 10u
#define NAME 64u
#define WAIT_MS 5000u
#define HEADER 14u
#define DATA 1400u // of a ping
#define IP (frame + HEADER)

struct card {
	char name[NAME];
	uint32_t sender, receiver; // instances
	unsigned char mac[6];
	unsigned char own[4], server[4]; // IPv4 addresses
	unsigned char server_mac[6];
};

static struct card cards[CARDS];
static unsigned char frame[2048] __attribute__((aligned(8)));

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static unsigned get16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static bool same(const unsigned char *a, const unsigned char *b, unsigned n)
{
	return memcmp(a, b, n) == 0;
}

static void print_bytes(const unsigned char *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		guest_print(i ? ":" : " ");
		guest_print_hex(bytes[i], 2);
	}
}

static void print_address(const unsigned char *address)
{
	for (unsigned i = 0; i < 4; i++) {
		guest_print(i ? "." : " ");
		guest_print_decimal(address[i]);
	}
}

static void begin(const struct card *c, const unsigned char *to, unsigned type)
{
	memset(frame, 0, sizeof(frame));
	memcpy(frame, to, 6);
	memcpy(frame + 6, c->mac, 6);
	put16(frame + 12, type);
}

static unsigned sum(const unsigned char *at, unsigned len)
{
	uint32_t total = 0;

	for (; len >= 2; len -= 2, at += 2)
		total += get16(at);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total & 0xffff;
}

// IPv4, after begin(): `len` bytes follow its header.
static void fill_ip(unsigned protocol, const unsigned char *from,
		    const unsigned char *to, unsigned len)
{
	IP[0] = 0x45;
	put16(IP + 2, 20 + len);
	IP[8] = 64;
	IP[9] = (unsigned char)protocol;
	memcpy(IP + 12, from, 4);
	memcpy(IP + 16, to, 4);
	put16(IP + 10, sum(IP, 20));
}

static bool send(const struct card *c, unsigned len)
{
	return ci1("write", 3, c->sender, cell(frame), len, 0) == len;
}

// Waits for a frame that `wanted` accepts.
static bool receive(struct card *c,
		    bool (*wanted)(struct card *c, unsigned len))
{
	uint32_t start = ci1("milliseconds", 0, 0, 0, 0, 0);

	while (ci1("milliseconds", 0, 0, 0, 0, 0) - start < WAIT_MS) {
		uint32_t len = ci1("read", 3, c->receiver, cell(frame),
				   sizeof(frame), 0);

		// Nothing is 0, -1 or -2.
		if (len - 1 < sizeof(frame) && wanted(c, len))
			return true;
	}
	return false;
}

// RFC 2131, table 1; RFC 2132.
#define DHCP (IP + 28)
static bool is_offer(struct card *c, unsigned len)
{
	static const unsigned char offer[] = { 99, 130, 83, 99, 53, 1, 2 };

	if (len < 290 || get16(frame + 12) != 0x800 || IP[9] != 17 ||
	    get16(IP + 22) != 68 || !same(DHCP + 28, c->mac, 6) ||
	    !same(DHCP + 236, offer, sizeof(offer)))
		return false;
	memcpy(c->own, DHCP + 16, 4);
	memcpy(c->server, DHCP + 20, 4);
	return true;
}

static bool discover(struct card *c)
{
	static const unsigned char options[] = {
		99, 130, 83, 99, 53, 1, 1, 255
	};
	static const unsigned char all[6] = { 255, 255, 255, 255, 255, 255 };
	static const unsigned char none[4];

	begin(c, all, 0x800);
	put16(IP + 20, 68);
	put16(IP + 22, 67);
	put16(IP + 24, 8 + 300);
	DHCP[0] = DHCP[1] = 1;
	DHCP[2] = 6;
	DHCP[7] = 1;	 // xid
	DHCP[10] = 0x80; // the answer is a broadcast
	memcpy(DHCP + 28, c->mac, 6);
	memcpy(DHCP + 236, options, sizeof(options));
	fill_ip(17, none, all, 8 + 300);
	return send(c, HEADER + 20 + 8 + 300) && receive(c, is_offer);
}

// RFC 826
static bool is_arp_reply(struct card *c, unsigned len)
{
	if (len < 42 || get16(frame + 12) != 0x806 || get16(IP + 6) != 2 ||
	    !same(IP + 14, c->server, 4))
		return false;
	memcpy(c->server_mac, IP + 8, 6);
	return true;
}

// Shorter than a frame may be: the firmware pads it.
static bool resolve(struct card *c)
{
	static const unsigned char head[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	static const unsigned char all[6] = { 255, 255, 255, 255, 255, 255 };

	begin(c, all, 0x806);
	memcpy(IP, head, sizeof(head));
	memcpy(IP + 8, c->mac, 6);
	memcpy(IP + 14, c->own, 4);
	memcpy(IP + 24, c->server, 4);
	return send(c, 42) && receive(c, is_arp_reply);
}

// RFC 792; all data is checked.
static bool is_pong(struct card *c, unsigned len)
{
	if (len != HEADER + 28 + DATA || get16(frame + 12) != 0x800 ||
	    IP[9] != 1 || IP[20] != 0 || !same(frame, c->mac, 6))
		return false;
	for (unsigned i = 0; i < DATA; i++) {
		if (IP[28 + i] != (unsigned char)(i + IP[27]))
			return false;
	}
	return true;
}

static bool ping(struct card *c, unsigned number)
{
	begin(c, c->server_mac, 0x800);
	IP[20] = 8;
	put16(IP + 26, number);
	for (unsigned i = 0; i < DATA; i++)
		IP[28 + i] = (unsigned char)(i + number);
	put16(IP + 22, sum(IP + 20, 8 + DATA));
	fill_ip(1, c->own, c->server, 8 + DATA);
	return send(c, HEADER + 28 + DATA);
}

static unsigned ping_all(struct card *c, unsigned count, unsigned burst)
{
	unsigned sent = 0, got = 0;

	while (got < count) {
		while (sent < count && sent - got < burst && ping(c, sent))
			sent++;
		if (!receive(c, is_pong))
			break;
		got++;
	}
	return got;
}

static bool open_card(struct card *c)
{
	uint32_t cells[5];

	c->sender = c->receiver = ci1("open", 1, cell(c->name), 0, 0, 0);
	if (guest_argument_number("twice", 0))
		c->receiver = ci1("open", 1, cell(c->name), 0, 0, 0);
	cells[0] = ci1("instance-to-package", 1, c->sender, 0, 0, 0);
	cells[1] = cell("local-mac-address");
	cells[2] = cell(c->mac);
	cells[3] = sizeof(c->mac);
	guest_print("NET ");
	guest_print(c->name);
	if (!c->sender || !c->receiver || ci("getprop", 4, 1, cells)) {
		guest_print(" not open\r\n");
		return false;
	}
	guest_print(" mac");
	print_bytes(c->mac, 6);
	guest_print("\r\n");
	return true;
}

static void use_card(struct card *c)
{
	unsigned pings = guest_argument_number("pings", 1);

	guest_print("NET ");
	guest_print(c->name);
	if (!discover(c)) {
		guest_print(" no offer\r\n");
		return;
	}
	guest_print(" offer");
	print_address(c->own);
	if (!resolve(c)) {
		guest_print(" no arp\r\n");
		return;
	}
	guest_print(" arp");
	print_bytes(c->server_mac, 6);
	pings -= ping_all(c, pings, guest_argument_number("burst", 1));
	guest_print(pings ? " pings lost " : " all well ");
	guest_print_decimal(pings);
	guest_print("\r\n");
}

static void close_card(const struct card *c)
{
	if (c->receiver != c->sender)
		ci1("close", 1, c->receiver, 0, 0, 0);
	ci1("close", 1, c->sender, 0, 0, 0);
}

// Splits the list of names; returns how many there are.
static unsigned name_cards(const char *list)
{
	unsigned n = 0, at = 0;

	for (; *list && n < CARDS; list++) {
		if (*list == ',') {
			n++;
			at = 0;
		} else if (at < NAME - 1) {
			cards[n].name[at++] = *list;
		}
	}
	return n < CARDS ? n + 1 : n;
}

int guest_main(void)
{
	char list[200] = "net";
	unsigned i, n;

	guest_print("\r\n");
	guest_argument("cards", list, sizeof(list));
	n = name_cards(list);
	for (i = 0; i < n; i++) {
		if (!open_card(&cards[i]))
			return 0;
	}
	for (i = 0; i < n; i++)
		use_card(&cards[i]);
	for (i = 0; i < n; i++)
		close_card(&cards[i]);
	guest_print("NET done\r\n");
	return 0;
}

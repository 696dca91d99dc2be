// SPDX-License-Identifier: BSD-2-Clause
// Sends frames through a network card as GRUB does, without the firmware's
// protocols: asks ROUNDS times who has 10.0.2.2, which QEMU's user network
// answers. Prints the ticks of a read that finds nothing, the answers, and for
// each of them the ticks. The argument card=PATH chooses the card, default net.

#include "tests/guest/lib/guest.h"

#define EMPTY_READS 1000u
#define ROUNDS 100u
// An e1000 receives nothing for a second after its start. [QEMU
// hw/net/e1000.c, set_rx_control]
#define TICKS_MAX (3u * 512000000u)

static unsigned char mac[8], frame[42], answer[1536];

/* Ethernet, and ARP's request from 10.0.2.15. [RFC 826] */
static void make_request(void)
{
	static const unsigned char arp[] = {
		0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1, /* who has */
	};
	static const unsigned char from[] = { 10, 0, 2, 15 };
	static const unsigned char whom[] = { 10, 0, 2, 2 };

	memset(frame, 0, sizeof(frame));
	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, arp, sizeof(arp));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, from, 4);
	memcpy(frame + 38, whom, 4);
}

static bool is_answer(uint32_t len)
{
	static const unsigned char arp[] = {
		0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2
	};

	return len >= sizeof(frame) && len <= sizeof(answer) &&
	       !memcmp(answer, mac, 6) &&
	       !memcmp(answer + 12, arp, sizeof(arp));
}

/* Other frames may come between. */
static bool ask(uint32_t card)
{
	uint64_t start, now;
	uint32_t len = 0;

	guest_timebase(&start);
	if (ci1("write", 3, card, cell(frame), sizeof(frame), 0) !=
	    sizeof(frame))
		return false;
	do {
		len = ci1("read", 3, card, cell(answer), sizeof(answer), 0);
		guest_timebase(&now);
	} while (!is_answer(len) && now - start < TICKS_MAX);
	return is_answer(len);
}

static void print_ticks(const char *what, uint64_t ticks, uint32_t count)
{
	guest_print(what);
	guest_print_decimal((uint32_t)ticks / count);
}

int guest_main(void)
{
	char path[128] = "net";
	uint32_t card, node, n, answers = 0;
	uint64_t start, middle, end;

	guest_argument("card", path, sizeof(path));
	node = ci1("finddevice", 1, cell(path), 0, 0, 0);
	n = ci1("getprop", 4, node, cell("local-mac-address"), cell(mac), 8);
	if (n == 8)
		memcpy(mac, mac + 2, 6);
	card = ci1("open", 1, cell(path), 0, 0, 0);
	make_request();
	guest_timebase(&start);
	for (n = 0; n < EMPTY_READS; n++)
		ci1("read", 3, card, cell(answer), sizeof(answer), 0);
	guest_timebase(&middle);
	for (n = 0; n < ROUNDS; n++)
		answers += ask(card);
	guest_timebase(&end);
	ci1("close", 1, card, 0, 0, 0);
	guest_print(answers == ROUNDS ? "\r\nFRAMES all" : "\r\nFRAMES some");
	print_ticks(" empty ", middle - start, EMPTY_READS);
	print_ticks(" round ", end - middle, ROUNDS);
	guest_print("\r\n");
	return 0;
}

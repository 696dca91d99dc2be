// SPDX-License-Identifier: BSD-2-Clause
/*
 * Realtek's RTL8139: QEMU's rtl8139. [RTL8139D Datasheet 1.2; QEMU
 * hw/net/rtl8139.c]
 *
 * The card writes frames one after the other into a ring, each after a header
 * of 32 bits: status and length. Emptiness shows in memory: what the card may
 * write to is zero, but for what a frame longer than the ring has left. How far
 * the card has written is what it says: CBR is read if the next header is not
 * zero, once for all frames that are there.
 */
#include "drivers/net/card.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"

/* In BAR 1. */
enum rtl8139_reg {
	REG_MAC = 0x00,
	REG_MULTICAST = 0x08,  /* 64 bits */
	REG_TX_STATUS = 0x10,  /* TSD: four of 32 bits */
	REG_TX_ADDRESS = 0x20, /* TSAD */
	REG_RX_ADDRESS = 0x30, /* RBSTART */
	REG_COMMAND = 0x37,    /* 8 bits */
	REG_RX_READ = 0x38,    /* CAPR, 16 bits: 16 less than our position */
	REG_RX_WRITTEN = 0x3a, /* CBR, 16 bits */
	REG_TX_CONFIG = 0x40,
	REG_RX_CONFIG = 0x44,
	REG_RX_MISSED = 0x4c,
	REG_MEDIA = 0x58, /* 8 bits */
	REGISTERS_END = 0x80,
};
#define COMMAND_RESET 0x10u
#define COMMAND_ON 0x0cu
#define TX_DONE 0x2000u	      /* OWN */
#define TX_WHOLE 0x3f0000u    /* send when all of it has been fetched */
#define TX_CONFIG 0x03000600u /* the standard's gap, 1 KiB bursts */
/* AB, AM, APM; no frame is split; bursts without limit; 32 KiB; whole frames. */
#define RX_CONFIG 0xf78eu
#define RX_MISSED_MASK 0xffffffu
#define MEDIA_NO_LINK 0x04u
#define HEADER_OK 0x0001u /* ROK; the length is in the upper half */

#define TX_COUNT 4u
#define RING (32 * 1024u)
#define HEADER 4u
#define CHECK_SUM 4u
/*
 * QEMU stores a frame of any length in an empty ring, past its end: the longest
 * of its back ends, after a header at the end. [include/net/net.h, NET_BUFSIZE]
 */
#define RING_OVERRUN (68 * 1024u + CHECK_SUM)
/* Bytes that are given back by one access. */
#define RX_BATCH (8 * 1024u)
#define RESET_MS 10u

/* All that the card accesses. */
struct rtl8139_shared {
	uint8_t ring[RING + RING_OVERRUN];
	uint8_t tx[TX_COUNT][CARD_BUFFER];
};
static_assert(offsetof(struct rtl8139_shared, tx) % 4 == 0, "TSAD");

struct rtl8139 {
	struct card card;
	struct rtl8139_shared *shared; /* the card's, for short */
	unsigned tx;		       /* next buffer */
	/* Offsets in the ring: next header; where the card was last seen. */
	uint32_t at, end;
	uint32_t step; /* from the frame at `at` to the next */
	uint32_t used; /* bytes to give back */
};

static struct rtl8139 *rtl8139_of(struct network_device *nd)
{
	return container_of(nd, struct rtl8139, card.net);
}

/* Frames are sent in order: when the last buffer is free, all are. */
static bool rtl8139_has_sent(void *arg)
{
	return card_read(arg, REG_TX_STATUS + 4 * (TX_COUNT - 1), 4) & TX_DONE;
}

static int rtl8139_send(struct network_device *nd, const void *frame,
			size_t len)
{
	struct rtl8139 *r = rtl8139_of(nd);
	unsigned i = r->tx;

	if (i == 0 && card_wait(&r->card, rtl8139_has_sent) < 0)
		return ERR_TIMEOUT;
	memcpy(r->shared->tx[i], frame, len);
	card_barrier();
	card_write(&r->card, REG_TX_STATUS + 4 * i, 4,
		   (uint32_t)len | TX_WHOLE);
	r->tx = (i + 1) % TX_COUNT;
	return 0;
}

static uint32_t rtl8139_header(const struct rtl8139 *r)
{
	const void *at = r->shared->ring + r->at;

	return le32_get((le32){ *(const volatile uint32_t *)at });
}

/* Is there a frame? It costs an access if there may be one. */
static bool rtl8139_look(struct rtl8139 *r)
{
	if (r->at == r->end && rtl8139_header(r)) {
		r->end = card_read(&r->card, REG_RX_WRITTEN, 2) & (RING - 4);
		card_barrier();
	}
	return r->at != r->end;
}

/*
 * The next `len` bytes are the card's again. It is told soon: QEMU keeps a frame
 * that is too long, and all after it, until the card's ring is empty.
 */
static void rtl8139_give_back(struct rtl8139 *r, uint32_t len)
{
	memset(r->shared->ring + r->at, 0, len);
	r->at = (r->at + len) % RING;
	r->used += len;
	if (r->used < RX_BATCH && r->at != r->end)
		return;
	r->used = 0;
	card_barrier();
	card_write(&r->card, REG_RX_READ, 2, (r->at - 16) & 0xffff);
}

/*
 * A frame longer than the ring has the next one within it. If a frame does not
 * fit what the card has written, nothing there counts.
 */
static const void *rtl8139_peek(struct network_device *nd, size_t *len)
{
	struct rtl8139 *r = rtl8139_of(nd);
	uint32_t header, bytes, there;

	if (!rtl8139_look(r))
		return NULL;
	header = rtl8139_header(r);
	bytes = header >> 16;
	there = (r->end - r->at) % RING;
	r->step = ALIGN_UP(HEADER + bytes, 4) % RING;
	if (!(header & HEADER_OK) || bytes < CHECK_SUM ||
	    r->step - 1 >= there) {
		rtl8139_give_back(r, there);
		return NULL;
	}
	*len = bytes - CHECK_SUM;
	return r->shared->ring + r->at + HEADER;
}

static void rtl8139_release(struct network_device *nd)
{
	struct rtl8139 *r = rtl8139_of(nd);

	rtl8139_give_back(r, r->step);
}

static bool rtl8139_link(struct network_device *nd)
{
	return !(card_read(&rtl8139_of(nd)->card, REG_MEDIA, 1) &
		 MEDIA_NO_LINK);
}

static uint64_t rtl8139_dropped(struct network_device *nd)
{
	return card_read(&rtl8139_of(nd)->card, REG_RX_MISSED, 4) &
	       RX_MISSED_MASK;
}

static const struct network_ops rtl8139_ops = {
	.send = rtl8139_send,
	.peek = rtl8139_peek,
	.release = rtl8139_release,
	.link = rtl8139_link,
	.dropped = rtl8139_dropped,
};

/* The card takes its configuration only when it is on. */
static const struct card_write rtl8139_setup[] = {
	{ REG_MULTICAST, 4, ~0u },	 { REG_MULTICAST + 4, 4, ~0u },
	{ REG_RX_MISSED, 4, 0 },	 { REG_COMMAND, 1, COMMAND_ON },
	{ REG_RX_CONFIG, 4, RX_CONFIG }, { REG_TX_CONFIG, 4, TX_CONFIG },
};

static bool rtl8139_is_reset(void *arg)
{
	return !(card_read(arg, REG_COMMAND, 1) & COMMAND_RESET);
}

/* A client may have left it on: no DMA until it is reset. */
static int rtl8139_start(struct device *dev)
{
	struct rtl8139 *r = dev->priv;
	uint32_t tx = offsetof(struct rtl8139_shared, tx), i;
	int err = card_start(&r->card);

	if (err < 0)
		return err;
	card_write(&r->card, REG_COMMAND, 1, COMMAND_RESET);
	if (deadline_wait(rtl8139_is_reset, r, RESET_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "reset timed out after %u ms",
				   RESET_MS);
	pci_enable(r->card.fn);
	r->shared = r->card.shared;
	r->tx = r->at = r->end = r->used = 0;
	card_write(&r->card, REG_RX_ADDRESS, 4, (uint32_t)r->card.bus);
	for (i = 0; i < TX_COUNT; i++)
		card_write(&r->card, REG_TX_ADDRESS + 4 * i, 4,
			   (uint32_t)r->card.bus + tx + i * CARD_BUFFER);
	card_write_all(&r->card, rtl8139_setup, ARRAY_SIZE(rtl8139_setup));
	return 0;
}

/* Without bus mastering no DMA follows, whatever the reset does. */
static void rtl8139_stop(struct device *dev)
{
	struct rtl8139 *r = dev->priv;

	if (!r->card.shared)
		return;
	card_write(&r->card, REG_COMMAND, 1, COMMAND_RESET);
	card_stop(&r->card);
}

static const struct card_type rtl8139_type = {
	.ops = &rtl8139_ops,
	.size = sizeof(struct rtl8139),
	.shared = sizeof(struct rtl8139_shared),
	.bar = 1,
	.mac = REG_MAC,
	.end = REGISTERS_END,
};

static int rtl8139_attach(struct device *dev)
{
	return card_attach(dev, &rtl8139_type);
}

static const struct pci_match rtl8139_match[] = {
	{ 0x10ec, 0x8139, 0, 0 },
	{ 0 },
};

DRIVER(rtl8139) = {
	.name = "rtl8139",
	.bus = &pci_bus,
	.match = rtl8139_match,
	.late = true,
	.attach = rtl8139_attach,
	.start = rtl8139_start,
	.stop = rtl8139_stop,
	.detach = card_detach,
};

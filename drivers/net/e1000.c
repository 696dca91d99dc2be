// SPDX-License-Identifier: BSD-2-Clause
/*
 * Intel's 82540EM, 82544GC, 82545EM and 82574L: QEMU's e1000 and e1000e. [Intel
 * 8254x Software Developer's Manual, 82574 Datasheet; QEMU hw/net/e1000.c,
 * e1000e_core.c]
 */
#include "drivers/net/card.h"
#include "lib/endian.h"
#include "lib/reason.h"

/* Registers, 32 bits each, in BAR 0. [8254x 13; 82574 10] */
enum e1000_reg {
	REG_CTRL = 0x0000,
	REG_STATUS = 0x0008,
	REG_ICR = 0x00c0,
	REG_IMC = 0x00d8,
	REG_RCTL = 0x0100,
	REG_TCTL = 0x0400,
	REG_TIPG = 0x0410,
	REG_RX = 0x2800, /* a ring: see RING_* */
	REG_TX = 0x3800,
	REG_RFCTL = 0x5008, /* 82574 only, as REG_MRQC */
	REG_RAL = 0x5400,
	REG_RAH = 0x5404,
	REG_MRQC = 0x5818,
	REGISTERS_END = 0x581c,
};
enum e1000_ring {
	RING_LOW = 0x00,
	RING_HIGH = 0x04,
	RING_BYTES = 0x08, /* a multiple of 128 */
	RING_HEAD = 0x10,
	RING_TAIL = 0x18, /* the first that is not the card's */
};
#define CTRL_LINK_UP 0x61u /* SLU, ASDE, FD; VLAN tags stay */
#define STATUS_LINK 0x02u
#define GONE 0xffffffffu
#define RAH_VALID 0x80000000u
/* EN, MPE, BAM, buffers of 2 KiB, SECRC: without the check sum. */
#define RCTL_ON 0x04008012u
/* EN, PSP; CT and COLD as the manual recommends for full duplex. */
#define TCTL_ON 0x000400fau
#define TIPG_DEFAULT 0x0060200au

#define RX_COUNT 256u
#define TX_COUNT 16u
/* Frames that are given back by one access. */
#define RX_BATCH 32u

/* Descriptors of both directions. [8254x 3.2.3, 3.3.3] */
struct e1000_descriptor {
	le64 buffer;
	le16 length;
	uint8_t offset;	 /* with `command`, a check sum if received */
	uint8_t command; /* COMMAND_* */
	uint8_t status;	 /* DESCRIPTOR_* */
	uint8_t errors;
	le16 special;
};
static_assert(sizeof(struct e1000_descriptor) == 16, "8254x 3.2.3");
#define COMMAND_SEND 0x0bu /* EOP, IFCS, RS */
#define DESCRIPTOR_DONE 0x01u
#define DESCRIPTOR_END 0x02u /* the frame's last */

/* All that the card accesses. */
struct e1000_shared {
	uint8_t data[RX_COUNT + TX_COUNT][CARD_BUFFER];
	struct e1000_descriptor rx[RX_COUNT], tx[TX_COUNT];
};

struct e1000 {
	struct card card;
	struct e1000_shared *shared; /* the card's, for short */
	unsigned rx, tx;	     /* next descriptors */
	unsigned kicked;	     /* `tx` when the card was told last */
};

static struct e1000 *e1000_of(struct network_device *nd)
{
	return container_of(nd, struct e1000, card.net);
}

static void e1000_write(const struct e1000 *e, unsigned reg, uint32_t value)
{
	card_write(&e->card, reg, 4, value);
}

static bool e1000_is_done(const struct e1000_descriptor *d)
{
	return *(const volatile uint8_t *)&d->status & DESCRIPTOR_DONE;
}

/* QEMU sends within this access. */
static void e1000_kick(struct network_device *nd)
{
	struct e1000 *e = e1000_of(nd);

	if (e->kicked == e->tx)
		return;
	e->kicked = e->tx;
	card_barrier();
	e1000_write(e, REG_TX + RING_TAIL, e->tx);
}

/* A ring whose tail is at its head is empty: one descriptor stays unused. */
static bool e1000_has_room(void *arg)
{
	const struct e1000 *e = arg;

	return e1000_is_done(&e->shared->tx[(e->tx + 1) % TX_COUNT]);
}

static int e1000_send(struct network_device *nd, const void *frame, size_t len)
{
	struct e1000 *e = e1000_of(nd);
	struct e1000_descriptor *d = &e->shared->tx[e->tx];

	if (!e1000_has_room(e)) {
		e1000_kick(nd);
		if (card_wait(&e->card, e1000_has_room) < 0)
			return ERR_TIMEOUT;
	}
	memcpy(e->shared->data[RX_COUNT + e->tx], frame, len);
	d->length = le16_make((uint16_t)len);
	d->command = COMMAND_SEND;
	d->status = 0;
	e->tx = (e->tx + 1) % TX_COUNT;
	return 0;
}

/* A frame with errors or of several buffers gets length 0: it is dropped. */
static const void *e1000_peek(struct network_device *nd, size_t *len)
{
	const struct e1000 *e = e1000_of(nd);
	const struct e1000_descriptor *d = &e->shared->rx[e->rx];
	struct e1000_descriptor got;

	if (!e1000_is_done(d))
		return NULL;
	card_barrier();
	got = *(const volatile struct e1000_descriptor *)d;
	*len = le16_get(got.length);
	if (!(got.status & DESCRIPTOR_END) || got.errors || *len > CARD_BUFFER)
		*len = 0;
	return e->shared->data[e->rx];
}

static void e1000_release(struct network_device *nd)
{
	struct e1000 *e = e1000_of(nd);

	e->shared->rx[e->rx].status = 0;
	e->rx = (e->rx + 1) % RX_COUNT;
	if (e->rx % RX_BATCH)
		return;
	card_barrier();
	e1000_write(e, REG_RX + RING_TAIL, (e->rx + RX_COUNT - 1) % RX_COUNT);
}

static bool e1000_link(struct network_device *nd)
{
	uint32_t status = card_read(&e1000_of(nd)->card, REG_STATUS, 4);

	return status != GONE && (status & STATUS_LINK);
}

static const struct network_ops e1000_ops = {
	.send = e1000_send,
	.kick = e1000_kick,
	.peek = e1000_peek,
	.release = e1000_release,
	.link = e1000_link,
};

/*
 * Receive descriptors begin as the card's. Those to send begin as done, and the
 * buffers follow those to receive.
 */
static void e1000_make_rings(struct e1000 *e)
{
	struct e1000_descriptor *d = e->shared->rx;
	unsigned i;

	static_assert(offsetof(struct e1000_shared, tx) ==
			      offsetof(struct e1000_shared, rx) +
				      sizeof(e->shared->rx),
		      "one after the other");
	for (i = 0; i < RX_COUNT + TX_COUNT; i++, d++) {
		d->buffer = le64_make(e->card.bus + (uint64_t)i * CARD_BUFFER);
		d->status = i < RX_COUNT ? 0 : DESCRIPTOR_DONE;
	}
	e->rx = e->tx = e->kicked = 0;
}

static void e1000_set_ring(const struct e1000 *e, unsigned reg, size_t offset,
			   uint32_t bytes)
{
	uint64_t bus = e->card.bus + offset;

	e1000_write(e, reg + RING_LOW, (uint32_t)bus);
	e1000_write(e, reg + RING_HIGH, (uint32_t)(bus >> 32));
	e1000_write(e, reg + RING_BYTES, bytes);
	e1000_write(e, reg + RING_HEAD, 0);
	e1000_write(e, reg + RING_TAIL, 0);
}

/*
 * Against all that a client's driver may have left: QEMU's reset clears little.
 * With RFCTL and MRQC 0, descriptors are as above, and there is one queue.
 */
static const struct card_write e1000_before[] = {
	{ REG_IMC, 4, ~0u }, { REG_TCTL, 4, 0 }, { REG_CTRL, 4, CTRL_LINK_UP },
	{ REG_RFCTL, 4, 0 }, { REG_MRQC, 4, 0 },
};

/*
 * Each write to RCTL delays reception by one second: there is one.
 * [QEMU hw/net/e1000.c, set_rx_control()]
 */
static const struct card_write e1000_after[] = {
	{ REG_TIPG, 4, TIPG_DEFAULT },
	{ REG_TCTL, 4, TCTL_ON },
	{ REG_RCTL, 4, RCTL_ON },
};

static const struct card_write e1000_quiet[] = {
	{ REG_RCTL, 4, 0 },
	{ REG_TCTL, 4, 0 },
	{ REG_IMC, 4, ~0u },
};

/* No DMA until the rings are ours. */
static int e1000_start(struct device *dev)
{
	struct e1000 *e = dev->priv;
	const uint8_t *mac = e->card.net.mac;
	int err = card_start(&e->card);

	if (err < 0)
		return err;
	if (card_read(&e->card, REG_STATUS, 4) == GONE)
		return reason_fail(ERR_IO, "its registers cannot be read");
	e->shared = e->card.shared;
	e1000_make_rings(e);
	card_write_all(&e->card, e1000_before, ARRAY_SIZE(e1000_before));
	e1000_write(e, REG_RAL, le32_load(mac));
	e1000_write(e, REG_RAH, le16_load(mac + 4) | RAH_VALID);
	e1000_set_ring(e, REG_RX, offsetof(struct e1000_shared, rx),
		       sizeof(e->shared->rx));
	e1000_set_ring(e, REG_TX, offsetof(struct e1000_shared, tx),
		       sizeof(e->shared->tx));
	card_write_all(&e->card, e1000_after, ARRAY_SIZE(e1000_after));
	pci_enable(e->card.fn);
	e1000_write(e, REG_RX + RING_TAIL, RX_COUNT - 1);
	return 0;
}

static void e1000_stop(struct device *dev)
{
	struct e1000 *e = dev->priv;

	if (!e->card.shared)
		return;
	card_write_all(&e->card, e1000_quiet, ARRAY_SIZE(e1000_quiet));
	/* The read clears the interrupts. */
	(void)card_read(&e->card, REG_ICR, 4);
	card_stop(&e->card);
}

static const struct card_type e1000_type = {
	.ops = &e1000_ops,
	.size = sizeof(struct e1000),
	.shared = sizeof(struct e1000_shared),
	.bar = 0,
	.mac = REG_RAL,
	.end = REGISTERS_END,
};

static int e1000_attach(struct device *dev)
{
	return card_attach(dev, &e1000_type);
}

static const struct pci_match e1000_match[] = {
	{ 0x8086, 0x100c, 0, 0 }, /* 82544GC */
	{ 0x8086, 0x100e, 0, 0 }, /* 82540EM */
	{ 0x8086, 0x100f, 0, 0 }, /* 82545EM */
	{ 0x8086, 0x10d3, 0, 0 }, /* 82574L */
	{ 0 },
};

DRIVER(e1000) = {
	.name = "e1000",
	.bus = &pci_bus,
	.match = e1000_match,
	.late = true,
	.attach = e1000_attach,
	.start = e1000_start,
	.stop = e1000_stop,
	.detach = card_detach,
};

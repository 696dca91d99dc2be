// SPDX-License-Identifier: BSD-2-Clause
// spapr-vlan, the logical LAN: Ethernet by hypercalls (LoPAR, "Interpartition
// Logical LAN"; QEMU hw/net/spapr_llan.c).
#include <string.h>

#include "drivers/network.h"
#include "drivers/vio/vio.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/prop.h"

/*
 * A frame needs a buffer of 8 bytes more. One that fits no buffer is retried
 * for ever, and all others wait: the large ones fit what any back end delivers.
 * A small frame may come in a large buffer. [QEMU net/net.h, NET_BUFSIZE]
 */
#define SMALL_BUFFERS 256u
#define SMALL_LEN 2048u
#define LARGE_BUFFERS 2u
#define LARGE_LEN (72u * 1024)
#define BUFFERS (SMALL_BUFFERS + LARGE_BUFFERS)
#define HELD_NONE BUFFERS

/* An entry of the receive queue, written by the hypervisor alone. */
enum entry_field {
	ENTRY_CONTROL = 0, /* 8 bits, written last */
	ENTRY_OFFSET = 2,  /* 16 bits: of the frame in its buffer */
	ENTRY_LENGTH = 4,  /* 32 bits: of the frame */
	ENTRY_HANDLE = 8,  /* 64 bits: the first of the buffer */
};
#define ENTRY_LEN 16u
#define CONTROL_TOGGLE 0x80u /* set in the first pass, clear in the next... */
#define CONTROL_VALID 0x40u

/* QEMU does not look for an overrun: each buffer has an entry, and one more. */
#define ENTRIES 512u
static_assert(ENTRIES > BUFFERS, "the queue holds all buffers");
/* Buffers that a list page has room for, without use-rx-buffer-pools. */
static_assert(BUFFERS <= 509, "the list holds all buffers");

/* What the hypervisor reaches, a single allocation: offsets. */
enum area {
	AREA_LIST = 0,
	AREA_FILTER = AREA_LIST + H_LAN_LIST,
	AREA_QUEUE = AREA_FILTER + H_LAN_LIST,
	AREA_SEND = AREA_QUEUE + ENTRIES * ENTRY_LEN,
	AREA_SMALL = AREA_SEND + SMALL_LEN,
	AREA_LARGE = AREA_SMALL + SMALL_BUFFERS * SMALL_LEN,
	AREA_LEN = AREA_LARGE + LARGE_BUFFERS * LARGE_LEN,
};

/* The longest wait for a LAN that takes no frame. */
#define SEND_MS 100u

struct llan {
	struct network_device nd;
	uint32_t unit;
	struct dma dma;
	uint8_t *area; /* NULL: not started */
	uint64_t bus;
	bool posted[BUFFERS]; /* it is the hypervisor's */
	unsigned next;	      /* index of the next entry */
	uint8_t toggle;	      /* of an entry of this pass */
	unsigned held;	      /* the buffer of the frame of peek() */
	const uint8_t *frame;
	size_t len;
};

static struct llan *llan_of(struct network_device *nd)
{
	return container_of(nd, struct llan, nd);
}

static uint32_t buffer_at(unsigned i)
{
	return i < SMALL_BUFFERS ? AREA_SMALL + i * SMALL_LEN
				 : AREA_LARGE + (i - SMALL_BUFFERS) * LARGE_LEN;
}

static uint32_t buffer_len(unsigned i)
{
	return i < SMALL_BUFFERS ? SMALL_LEN : LARGE_LEN;
}

/* Gives a buffer to the hypervisor, which may write to it at once. */
static int llan_post(struct llan *lan, unsigned i)
{
	uint32_t at = buffer_at(i);
	int err;

	be64_store(lan->area + at, i);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	err = h_add_logical_lan_buffer(lan->unit, h_lan_buffer(lan->bus + at,
							       buffer_len(i)));
	lan->posted[i] = err == 0;
	return err;
}

static int llan_post_all(struct llan *lan)
{
	int err = 0;

	for (unsigned i = 0; i < BUFFERS && err == 0; i++)
		err = llan_post(lan, i);
	return err;
}

static int llan_register(const struct llan *lan)
{
	const uint8_t *mac = lan->nd.mac;

	return h_register_logical_lan(
		lan->unit, lan->bus + AREA_LIST,
		h_lan_buffer(lan->bus + AREA_QUEUE, ENTRIES * ENTRY_LEN),
		lan->bus + AREA_FILTER,
		(uint64_t)be16_load(mac) << 32 | be32_load(mac + 2));
}

static int llan_connect(struct llan *lan)
{
	int err = llan_register(lan);

	/* A client has not freed its own. */
	if (err == ERR_BUSY) {
		err = h_free_logical_lan(lan->unit);
		if (err == 0)
			err = llan_register(lan);
	}
	if (err == 0)
		err = llan_post_all(lan);
	if (err < 0)
		return reason_fail(err, "cannot register its buffers: %s",
				   err_str(err));
	return 0;
}

static int llan_start(struct device *dev)
{
	struct llan *lan = dev->priv;
	int err = vio_dma_start(dev, lan->unit, &lan->dma);

	if (err < 0)
		return err;
	lan->area = dma_alloc(&lan->dma, AREA_LEN, &lan->bus);
	if (!lan->area)
		return ERR_NOMEM;
	if (lan->bus > UINT32_MAX - AREA_LEN)
		return reason_fail(ERR_RANGE, "its buffers are above 4 GiB");
	lan->next = 0;
	lan->toggle = CONTROL_TOGGLE;
	lan->held = HELD_NONE;
	return llan_connect(lan);
}

/* Memory that is still written to is never used again. */
static void llan_stop(struct device *dev)
{
	struct llan *lan = dev->priv;

	if (lan->area && h_free_logical_lan(lan->unit) < 0)
		device_fail(dev, "its buffers cannot be taken back");
	else
		dma_free(&lan->dma, lan->area, lan->bus, AREA_LEN);
	lan->area = NULL;
	vio_dma_stop(dev, lan->unit, &lan->dma);
}

/* A frame on its way. */
struct llan_sending {
	const struct llan *lan;
	uint64_t frame, token;
	int err;
};

static bool llan_sent(void *arg)
{
	struct llan_sending *s = arg;

	s->err = h_send_logical_lan(s->lan->unit, s->frame, &s->token);
	return s->err != ERR_BUSY;
}

/* The hypervisor has copied the frame when the call returns. */
static int llan_send(struct network_device *nd, const void *frame, size_t len)
{
	struct llan *lan = llan_of(nd);
	struct llan_sending s = {
		.lan = lan,
		.frame = h_lan_buffer(lan->bus + AREA_SEND, (uint32_t)len),
	};

	assert(lan->area && len <= NETWORK_FRAME_MAX);
	memcpy(lan->area + AREA_SEND, frame, len);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (deadline_wait(llan_sent, &s, SEND_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "the LAN is busy");
	if (s.err < 0)
		return reason_fail(ERR_IO, "cannot send: %s", err_str(s.err));
	return 0;
}

static void llan_release(struct network_device *nd)
{
	struct llan *lan = llan_of(nd);

	/* If it is refused, there is one buffer less. */
	if (lan->area && lan->held != HELD_NONE)
		(void)!llan_post(lan, lan->held);
	lan->held = HELD_NONE;
}

/*
 * Takes the frame of an entry, which must name a buffer of ours that is posted,
 * and a part of it.
 */
static void llan_take(struct llan *lan, uint8_t control, const uint8_t *entry)
{
	uint64_t i = be64_load(entry + ENTRY_HANDLE);
	uint32_t offset = be16_load(entry + ENTRY_OFFSET);
	uint32_t len = be32_load(entry + ENTRY_LENGTH);

	if (i >= BUFFERS || !lan->posted[i])
		return;
	lan->posted[i] = false;
	lan->held = (unsigned)i;
	lan->frame = lan->area + buffer_at(lan->held) + offset;
	lan->len = len;
	if (!(control & CONTROL_VALID) || offset > buffer_len(lan->held) ||
	    len > buffer_len(lan->held) - offset)
		llan_release(&lan->nd);
}

/* Takes the next entry. Returns false: there is none. */
static bool llan_receive(struct llan *lan)
{
	const uint8_t *entry = lan->area + AREA_QUEUE + lan->next * ENTRY_LEN;
	uint8_t control = *(const volatile uint8_t *)(entry + ENTRY_CONTROL);

	if ((control & CONTROL_TOGGLE) != lan->toggle)
		return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	lan->next = (lan->next + 1) % ENTRIES;
	if (lan->next == 0)
		lan->toggle ^= CONTROL_TOGGLE;
	llan_take(lan, control, entry);
	return true;
}

static const void *llan_peek(struct network_device *nd, size_t *len)
{
	struct llan *lan = llan_of(nd);
	unsigned n = ENTRIES;

	while (lan->held == HELD_NONE) {
		if (!n-- || !llan_receive(lan))
			return NULL;
	}
	*len = lan->len;
	return lan->frame;
}

static uint64_t llan_dropped(struct network_device *nd)
{
	const struct llan *lan = llan_of(nd);

	return lan->area ? be64_load(lan->area + AREA_LIST + H_LAN_DROPPED) : 0;
}

static const struct network_ops llan_ops = {
	.send = llan_send,
	.peek = llan_peek,
	.release = llan_release,
	.dropped = llan_dropped,
};

/*
 * QEMU's MAC has 6 bytes, or 8 with two zeros first, as Linux expects it.
 * [hw/net/spapr_llan.c, spapr_vlan_devnode]
 */
static int llan_describe(struct llan *lan, const struct node *node)
{
	uint32_t len;
	const uint8_t *mac = tree_getprop(node, "local-mac-address", &len);

	if (!mac || (len != NETWORK_MAC && len != NETWORK_MAC + 2))
		return reason_fail(ERR_FORMAT, "no local-mac-address");
	if (tree_get_u32(node, "reg", 0, &lan->unit) < 0)
		return reason_fail(ERR_FORMAT, "no reg");
	memcpy(lan->nd.mac, mac + len - NETWORK_MAC, NETWORK_MAC);
	lan->nd.mtu = NETWORK_MTU;
	lan->nd.ops = &llan_ops;
	return 0;
}

static int llan_attach(struct device *dev)
{
	struct llan *lan = heap_zalloc(sizeof(*lan));
	int err;

	if (!lan)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = lan;
	err = llan_describe(lan, dev->node);
	if (err == 0)
		err = network_add(&lan->nd, dev);
	if (err < 0)
		heap_free(lan);
	return err;
}

static void llan_detach(struct device *dev)
{
	heap_free(dev->priv);
}

DRIVER(llan) = {
	.name = "spapr-vlan",
	.bus = &vio_bus,
	.match = "IBM,l-lan",
	.late = true,
	.attach = llan_attach,
	.start = llan_start,
	.stop = llan_stop,
	.detach = llan_detach,
};

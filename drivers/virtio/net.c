// SPDX-License-Identifier: BSD-2-Clause
// virtio-net: network cards (virtio 1.2, 5.1).

#include <string.h>

#include "drivers/network.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

enum net_queue {
	QUEUE_RX = 0,
	QUEUE_TX = 1
};

/*
 * Features that we support. [virtio 1.2, 5.1.3] None that changes frames: no
 * check sums, no segments, no merged buffers.
 */
#define F_MTU (1ULL << 3)
#define F_MAC (1ULL << 5)
#define F_STATUS (1ULL << 16)

/* struct virtio_net_config [virtio 1.2, 5.1.4]: offsets. */
enum config_field {
	CONFIG_MAC = 0,
	CONFIG_STATUS = 6,
	CONFIG_MTU = 10
};
#define STATUS_LINK_UP 1u
/* The least that IPv4 allows. [RFC 791, 3.2] */
#define MTU_MIN 68u

/*
 * Bytes of struct virtio_net_hdr before each frame: legacy devices have no
 * num_buffers. [virtio 1.2, 5.1.6] All zero, it asks for nothing.
 */
#define HEADER_LEN 12u
#define HEADER_LEN_LEGACY 10u

/* Buffers of the same size for both directions, mapped once. */
#define BUFFER_LEN 2048u
static_assert(HEADER_LEN + NETWORK_FRAME_MAX <= BUFFER_LEN, "buffer");
#define RX_BUFFERS 256u
#define TX_BUFFERS 16u
#define BUFFERS_LEN ((RX_BUFFERS + TX_BUFFERS) * BUFFER_LEN)
#define TX_ALL ((1u << TX_BUFFERS) - 1)
/* Used receive buffers are given back so many at a time. */
#define RX_BATCH 32u
#define SEND_TIMEOUT_MS 100u

struct virtio_net {
	struct virtio_device vd;
	struct network_device nd;
	uint8_t *buffers; /* while started: vd.shared */
	uint32_t header;  /* bytes */
	uint8_t *current; /* the frame of peek(), with header; or NULL */
	uint32_t written; /* its bytes */
	unsigned batch;	  /* buffers given back since the last kick */
	uint32_t tx_free; /* a bit for each */
};

static struct virtio_net *net_of(struct network_device *nd)
{
	return container_of(nd, struct virtio_net, nd);
}

static int net_submit(struct virtio_net *vn, enum net_queue queue, uint8_t *buf,
		      uint32_t len)
{
	struct virtio_buf part = { buf, len, queue == QUEUE_RX };

	return virtio_submit(&vn->vd, queue, &part, 1, buf);
}

/* A short queue is full before all buffers are in it. */
static int net_post_all(struct virtio_net *vn)
{
	uint8_t *buf = vn->buffers;
	int err = 0;

	for (unsigned i = 0; err == 0 && i < RX_BUFFERS; i++)
		err = net_submit(vn, QUEUE_RX, buf + i * BUFFER_LEN,
				 BUFFER_LEN);
	virtio_kick(&vn->vd, QUEUE_RX);
	return err == ERR_BUSY ? 0 : err;
}

/* A larger MTU is no use: frames are of NETWORK_FRAME_MAX bytes at most. */
static void net_read_config(struct virtio_net *vn)
{
	uint64_t mtu = 0;

	if (vn->vd.features & F_MTU)
		mtu = virtio_config(&vn->vd, CONFIG_MTU, 2);
	vn->nd.mtu = NETWORK_MTU;
	if (mtu >= MTU_MIN && mtu < NETWORK_MTU)
		vn->nd.mtu = (uint16_t)mtu;
}

static int net_start(struct device *dev)
{
	struct virtio_net *vn = dev->priv;
	int err = virtio_pci_start(&vn->vd, pci_function_of(dev),
				   F_MTU | F_MAC | F_STATUS,
				   1u << QUEUE_RX | 1u << QUEUE_TX);

	if (err < 0)
		return err;
	vn->buffers = vn->vd.shared;
	vn->header = vn->vd.transport->legacy ? HEADER_LEN_LEGACY : HEADER_LEN;
	vn->current = NULL;
	vn->batch = 0;
	vn->tx_free = TX_ALL;
	net_read_config(vn);
	return net_post_all(vn);
}

/*
 * There is no frame. This is fast, since clients poll. The next open starts a
 * broken device again.
 */
static void net_rest(struct virtio_net *vn)
{
	struct device *dev = vn->nd.as.dev;

	if (vn->batch) {
		vn->batch = 0;
		virtio_kick(&vn->vd, QUEUE_RX);
	}
	if (!virtio_broken(&vn->vd, QUEUE_RX))
		return;
	log_err("virtio-net %s: %s", device_path(dev), reason());
	device_stop(dev);
}

/*
 * What the header says is not looked at: QEMU 7.2 does not write all of it. The
 * role drops a frame of 0 bytes.
 */
static const void *net_peek(struct network_device *nd, size_t *len)
{
	struct virtio_net *vn = net_of(nd);

	if (!vn->current)
		vn->current = virtio_poll(&vn->vd, QUEUE_RX, &vn->written);
	if (!vn->current) {
		net_rest(vn);
		return NULL;
	}
	*len = vn->written - MIN(vn->written, vn->header);
	return vn->current + vn->header;
}

/* There is room in the queue: this buffer has just left it. */
static void net_release(struct network_device *nd)
{
	struct virtio_net *vn = net_of(nd);
	uint8_t *buf = vn->current;

	vn->current = NULL;
	if (net_submit(vn, QUEUE_RX, buf, BUFFER_LEN) < 0)
		return;
	if (++vn->batch < RX_BATCH)
		return;
	vn->batch = 0;
	virtio_kick(&vn->vd, QUEUE_RX);
}

static unsigned net_tx_index(const struct virtio_net *vn, const uint8_t *buf)
{
	return (unsigned)((size_t)(buf - vn->buffers) / BUFFER_LEN) -
	       RX_BUFFERS;
}

static bool net_can_send(void *arg)
{
	struct virtio_net *vn = arg;
	uint32_t written;
	uint8_t *buf;

	while ((buf = virtio_poll(&vn->vd, QUEUE_TX, &written)) != NULL)
		vn->tx_free |= 1u << net_tx_index(vn, buf);
	return vn->tx_free || virtio_broken(&vn->vd, QUEUE_TX);
}

/* All buffers are in flight: send them now, and wait. */
static int net_wait(struct virtio_net *vn)
{
	virtio_kick(&vn->vd, QUEUE_TX);
	if (deadline_wait(net_can_send, vn, SEND_TIMEOUT_MS) == 0)
		return 0;
	return reason_fail(ERR_TIMEOUT, "it sent nothing for %u ms",
			   SEND_TIMEOUT_MS);
}

static int net_send(struct network_device *nd, const void *frame, size_t len)
{
	struct virtio_net *vn = net_of(nd);
	uint8_t *buf = vn->buffers;
	unsigned i;
	int err = 0;

	if (!net_can_send(vn))
		err = net_wait(vn);
	if (err == 0 && virtio_broken(&vn->vd, QUEUE_TX))
		err = reason_fail(ERR_IO,
				  "the device violates the virtio protocol");
	if (err < 0)
		return err;
	i = (unsigned)__builtin_ctz(vn->tx_free);
	buf += (RX_BUFFERS + i) * BUFFER_LEN;
	memset(buf, 0, vn->header);
	memcpy(buf + vn->header, frame, len);
	err = net_submit(vn, QUEUE_TX, buf, vn->header + (uint32_t)len);
	if (err == 0)
		vn->tx_free &= ~(1u << i);
	return err;
}

static void net_kick(struct network_device *nd)
{
	virtio_kick(&net_of(nd)->vd, QUEUE_TX);
}

static bool net_has_sent(void *arg)
{
	struct virtio_net *vn = arg;

	return net_can_send(vn) &&
	       (vn->tx_free == TX_ALL || virtio_broken(&vn->vd, QUEUE_TX));
}

/* The last frame often says goodbye, and QEMU forgets frames at a reset. */
static void net_stop(struct device *dev)
{
	struct virtio_net *vn = dev->priv;

	if (vn->buffers) {
		virtio_kick(&vn->vd, QUEUE_TX);
		(void)!deadline_wait(net_has_sent, vn, SEND_TIMEOUT_MS);
	}
	virtio_stop(&vn->vd);
	vn->buffers = NULL;
}

static bool net_link(struct network_device *nd)
{
	struct virtio_device *vd = &net_of(nd)->vd;

	return !(vd->features & F_STATUS) ||
	       virtio_config(vd, CONFIG_STATUS, 2) & STATUS_LINK_UP;
}

static const struct network_ops net_ops = {
	.send = net_send,
	.kick = net_kick,
	.peek = net_peek,
	.release = net_release,
	.link = net_link,
};

static int net_describe(struct virtio_net *vn, struct device *dev)
{
	int err = virtio_pci_peek_config(pci_function_of(dev), CONFIG_MAC,
					 vn->nd.mac, NETWORK_MAC);

	return err < 0 ? err : network_add(&vn->nd, dev);
}

/* QEMU's node has no MAC, the device has. */
static int net_attach(struct device *dev)
{
	struct virtio_net *vn = heap_zalloc(sizeof(*vn));
	int err;

	if (!vn)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = vn;
	vn->vd.entries = RX_BUFFERS;
	vn->vd.shared_len = BUFFERS_LEN;
	vn->nd.ops = &net_ops;
	vn->nd.mtu = NETWORK_MTU;
	err = net_describe(vn, dev);
	if (err < 0)
		heap_free(vn);
	return err;
}

static void net_detach(struct device *dev)
{
	heap_free(dev->priv);
}

/* Transitional and modern device ids. [virtio 1.2, 4.1.2.1] */
static const struct pci_match net_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1000 },
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1041 },
	{ .vendor = 0 },
};

DRIVER(virtio_net) = {
	.name = "virtio-net",
	.bus = &pci_bus,
	.match = net_ids,
	.late = true,
	.attach = net_attach,
	.start = net_start,
	.stop = net_stop,
	.detach = net_detach,
};

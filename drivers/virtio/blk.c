// SPDX-License-Identifier: BSD-2-Clause
// virtio-blk: the block device (virtio 1.2, 5.2).

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

#define QUEUE 0u

/* Features that we understand. [virtio 1.2, 5.2.3] */
#define F_SIZE_MAX (1ULL << 1)
#define F_SEG_MAX (1ULL << 2)
#define F_RO (1ULL << 5)
#define F_BLK_SIZE (1ULL << 6)
#define F_FLUSH (1ULL << 9)
#define F_WANTED (F_SIZE_MAX | F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH)

/* struct virtio_blk_config [virtio 1.2, 5.2.4]: offsets. */
enum config_field {
	CONFIG_CAPACITY = 0, /* in 512-byte sectors, whatever the block size */
	CONFIG_SIZE_MAX = 8,
	CONFIG_SEG_MAX = 12,
	CONFIG_BLK_SIZE = 20,
};
#define SECTOR 512u

/* Request types and answers. [virtio 1.2, 5.2.6] */
enum request_type {
	TYPE_IN = 0,
	TYPE_OUT = 1,
	TYPE_FLUSH = 4,
};
enum request_status {
	STATUS_OK = 0,
	STATUS_IOERR = 1,
	STATUS_UNSUPP = 2,
	STATUS_NONE = 0xff, /* ours: the device has not written one */
};

/* The header of a request; numbers in the device's byte order. */
struct request_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};
static_assert(sizeof(struct request_header) == 16, "virtio_blk_req");

/* Requests at a time. */
#define SLOTS 16
/* Pieces a request's data is cut into, where a device has a SIZE_MAX. */
#define DATA_BUFS_MAX 32u

struct slot {
	struct request_header header;
	uint8_t status;
	uint32_t len;		   /* of the data that the device writes */
	struct block_request *req; /* NULL: free */
};

struct virtio_blk {
	struct virtio_device vd;
	struct block_device bd;
	uint32_t size_max; /* bytes of one data buffer */
	struct slot slots[SLOTS];
};

/*
 * How big a request may be, and of how many pieces. A limit of 0 is none, and
 * one piece there always is, as Linux has it (drivers/block/virtio_blk.c):
 * qemu-storage-daemon offers SIZE_MAX and leaves the field 0.
 * [QEMU block/export/vhost-user-blk-server.c, vu_blk_initialize_config]
 */
static void read_limits(struct virtio_blk *vb)
{
	struct virtio_device *vd = &vb->vd;
	uint64_t max = UINT32_MAX;
	uint32_t size = 0, pieces = 1;

	if (vd->features & F_SIZE_MAX)
		size = virtio_config32(vd, CONFIG_SIZE_MAX);
	if (vd->features & F_SEG_MAX)
		pieces = virtio_config32(vd, CONFIG_SEG_MAX);
	pieces = MAX(1, MIN(pieces, DATA_BUFS_MAX));
	vb->size_max = size ? size : UINT32_MAX;
	if (size)
		max = MIN(max, (uint64_t)size * pieces);
	vb->bd.max_blocks = (uint32_t)(max / vb->bd.block_size);
}

static int read_geometry(struct virtio_blk *vb)
{
	struct block_device *bd = &vb->bd;
	struct virtio_device *vd = &vb->vd;

	bd->block_size = SECTOR;
	if (vd->features & F_BLK_SIZE)
		bd->block_size = virtio_config32(vd, CONFIG_BLK_SIZE);
	if (bd->block_size < SECTOR || bd->block_size % SECTOR)
		return reason_fail(ERR_FORMAT,
				   "block size %u is not a multiple of %u",
				   bd->block_size, SECTOR);
	bd->blocks = virtio_config64(vd, CONFIG_CAPACITY) /
		     (bd->block_size / SECTOR);
	bd->read_only = vd->features & F_RO;
	read_limits(vb);
	return 0;
}

static int blk_start(struct block_device *bd)
{
	struct virtio_blk *vb = bd->priv;
	int err = 0;

	if (!vb->vd.transport)
		err = virtio_pci_init(&vb->vd, bd->dev->pci);
	if (err == 0)
		err = virtio_start(&vb->vd, F_WANTED, 1u << QUEUE);
	if (err == 0)
		err = read_geometry(vb);
	if (err < 0 && vb->vd.transport)
		virtio_stop(&vb->vd);
	return err;
}

static struct slot *find_slot(struct virtio_blk *vb)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (!vb->slots[i].req)
			return &vb->slots[i];
	}
	return NULL;
}

/*
 * Fills `bufs` with the data of a request, in pieces of at most size_max.
 * Returns their number.
 */
static unsigned data_bufs(const struct virtio_blk *vb,
			  const struct block_request *req,
			  struct virtio_buf *bufs)
{
	uint32_t left = req->count * vb->bd.block_size;
	uint8_t *ptr = req->buf;
	unsigned n;

	for (n = 0; left && n < DATA_BUFS_MAX; n++) {
		uint32_t len = MIN(left, vb->size_max);

		bufs[n] = (struct virtio_buf){
			.ptr = ptr,
			.len = len,
			.device_writes = req->op == BLOCK_READ,
		};
		ptr += len;
		left -= len;
	}
	return n;
}

static void fill_header(const struct virtio_blk *vb, struct slot *slot,
			const struct block_request *req)
{
	static const uint32_t types[] = {
		[BLOCK_READ] = TYPE_IN,
		[BLOCK_WRITE] = TYPE_OUT,
		[BLOCK_FLUSH] = TYPE_FLUSH,
	};
	uint64_t sector = 0;

	if (req->op != BLOCK_FLUSH)
		sector = req->lba * (vb->bd.block_size / SECTOR);
	slot->header.type = virtio_wire32(&vb->vd, types[req->op]);
	slot->header.reserved = 0;
	slot->header.sector = virtio_wire64(&vb->vd, sector);
	slot->status = STATUS_NONE;
}

static int blk_submit(struct block_device *bd, struct block_request *req)
{
	struct virtio_blk *vb = bd->priv;
	struct slot *slot = find_slot(vb);
	struct virtio_buf bufs[DATA_BUFS_MAX + 2];
	unsigned n = 0;
	int err;

	/* Without the feature, writes are through. [virtio 1.2, 5.2.6.2] */
	if (req->op == BLOCK_FLUSH && !(vb->vd.features & F_FLUSH)) {
		block_done(req, 0);
		return 0;
	}
	if (!slot)
		return reason_fail(ERR_BUSY, "%u requests are in flight",
				   SLOTS);
	fill_header(vb, slot, req);
	bufs[n++] = (struct virtio_buf){ &slot->header, sizeof(slot->header),
					 false };
	if (req->op != BLOCK_FLUSH)
		n += data_bufs(vb, req, &bufs[n]);
	slot->len = n > 1 && req->op == BLOCK_READ ? req->count * bd->block_size
						   : 0;
	bufs[n++] = (struct virtio_buf){ &slot->status, 1, true };
	err = virtio_submit(&vb->vd, QUEUE, bufs, n, slot);
	if (err == 0)
		slot->req = req;
	return err;
}

static void blk_kick(struct block_device *bd)
{
	struct virtio_blk *vb = bd->priv;

	virtio_kick(&vb->vd, QUEUE);
}

static const char *status_name(uint8_t status)
{
	switch (status) {
	case STATUS_IOERR:
		return "I/O error";
	case STATUS_UNSUPP:
		return "not supported";
	case STATUS_NONE:
		return "no status written";
	default:
		return "unknown";
	}
}

/*
 * What became of a request. Legacy devices may count what they wrote wrongly.
 * [virtio 1.2, 2.7.8.3]
 */
static int request_result(const struct virtio_blk *vb, const struct slot *slot,
			  uint32_t written)
{
	if (slot->status != STATUS_OK)
		return reason_fail(ERR_IO, "device status %u (%s)",
				   slot->status, status_name(slot->status));
	if (!vb->vd.transport->legacy && written < slot->len)
		return reason_fail(ERR_IO, "the device sent %u bytes of %u",
				   written, slot->len);
	return 0;
}

/*
 * Resets the device; whatever is in flight fails with reason(), which a reset
 * that goes wrong would replace.
 */
static void stop(struct virtio_blk *vb, int err)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (vb->slots[i].req)
			block_done(vb->slots[i].req, err);
		vb->slots[i].req = NULL;
	}
	virtio_stop(&vb->vd);
	vb->bd.started = false;
}

static void blk_poll(struct block_device *bd)
{
	struct virtio_blk *vb = bd->priv;
	struct slot *slot;
	uint32_t written;

	for (;;) {
		slot = virtio_poll(&vb->vd, QUEUE, &written);
		if (!slot)
			break;
		block_done(slot->req, request_result(vb, slot, written));
		slot->req = NULL;
	}
	if (virtio_broken(&vb->vd, QUEUE))
		stop(vb, ERR_IO);
}

static void blk_reset(struct block_device *bd)
{
	stop(bd->priv, ERR_TIMEOUT);
}

static void blk_stop(struct block_device *bd)
{
	struct virtio_blk *vb = bd->priv;

	virtio_stop(&vb->vd);
}

static const struct block_ops blk_ops = {
	.start = blk_start,
	.submit = blk_submit,
	.kick = blk_kick,
	.poll = blk_poll,
	.reset = blk_reset,
	.stop = blk_stop,
};

/* No I/O: the device is brought up when someone opens it. */
static int blk_attach(struct device *dev)
{
	struct virtio_blk *vb = heap_zalloc(sizeof(*vb));
	int err;

	if (!vb)
		return reason_fail(ERR_NOMEM, "no memory");
	vb->bd.dev = dev;
	vb->bd.ops = &blk_ops;
	vb->bd.priv = vb;
	err = tree_set_str(dev->node, "device_type", "block");
	if (err < 0) {
		heap_free(vb);
		return err;
	}
	dev->priv = vb;
	dev->block = &vb->bd;
	return 0;
}

/*
 * Nothing to ask the device. The alias comes now, and not when attaching, so
 * that disks are numbered in the order of controllers, as SLOF numbers them.
 */
static void blk_scan(struct device *dev)
{
	if (tree_add_alias("disk", dev->node) < 0)
		log_err("virtio-blk %s: no memory for an alias",
			device_path(dev));
}

static void blk_quiesce(struct device *dev)
{
	struct virtio_blk *vb = dev->priv;

	block_quiesce(&vb->bd);
}

static void blk_abandon(struct device *dev)
{
	struct virtio_blk *vb = dev->priv;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		vb->slots[i].req = NULL;
	block_abandon(&vb->bd);
}

static void blk_detach(struct device *dev)
{
	struct virtio_blk *vb = dev->priv;

	blk_quiesce(dev);
	block_release(&vb->bd);
	heap_free(vb);
}

/* Transitional and modern device ids. [virtio 1.2, 4.1.2.1] */
static const struct pci_match blk_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1001 },
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1042 },
	{ .vendor = 0 },
};

DRIVER(virtio_blk) = {
	.name = "virtio-blk",
	.bus = BUS_PCI,
	.pci = blk_ids,
	.attach = blk_attach,
	.scan = blk_scan,
	.quiesce = blk_quiesce,
	.abandon = blk_abandon,
	.detach = blk_detach,
};

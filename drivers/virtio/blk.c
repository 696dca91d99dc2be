// SPDX-License-Identifier: BSD-2-Clause
// virtio-blk: the block device (virtio 1.2, 5.2).

#include "drivers/block.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

#define QUEUE 0u

/* Features that we support. [virtio 1.2, 5.2.3] */
#define F_SIZE_MAX (1ULL << 1)
#define F_SEG_MAX (1ULL << 2)
#define F_RO (1ULL << 5)
#define F_BLK_SIZE (1ULL << 6)
#define F_FLUSH (1ULL << 9)
#define F_WANTED (F_SIZE_MAX | F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH)

/* struct virtio_blk_config [virtio 1.2, 5.2.4]: offsets. */
enum config_field {
	CONFIG_CAPACITY = 0, /* always in 512-byte sectors */
	CONFIG_SIZE_MAX = 8,
	CONFIG_SEG_MAX = 12,
	CONFIG_BLK_SIZE = 20,
};
#define SECTOR 512u

/* Request types and status. [virtio 1.2, 5.2.6] */
enum request_type {
	TYPE_IN = 0,
	TYPE_OUT = 1,
	TYPE_FLUSH = 4,
};
enum request_status {
	STATUS_OK = 0,
	STATUS_IOERR = 1,
	STATUS_UNSUPP = 2,
	STATUS_NONE = 0xff, /* ours: not written yet */
};

/* The header of a request; numbers in the device's byte order. */
struct request_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};
static_assert(sizeof(struct request_header) == 16, "virtio_blk_req");

/* Requests in flight. */
#define SLOTS 16
/* Most data segments of a request, for devices with SIZE_MAX. */
#define DATA_BUFS_MAX 32u

/* In vd.shared, for a request in flight. */
struct slot {
	struct request_header header;
	uint8_t status;
};

struct virtio_blk {
	struct virtio_device vd;
	struct block_device bd;
	uint32_t size_max; /* bytes of a data segment */
	struct request_queue queue;
	struct request *requests[SLOTS];
};

/*
 * Size of a request and number of its segments. Like Linux, take a SIZE_MAX of
 * 0 for no limit and a SEG_MAX of 0 for 1 [drivers/block/virtio_blk.c]:
 * qemu-storage-daemon offers SIZE_MAX and leaves the field 0. [QEMU
 * block/export/vhost-user-blk-server.c, vu_blk_initialize_config]
 */
static void blk_read_limits(struct virtio_blk *vb)
{
	struct virtio_device *vd = &vb->vd;
	uint64_t max = UINT32_MAX;
	uint32_t size = 0, segments = 1;

	if (vd->features & F_SIZE_MAX)
		size = (uint32_t)virtio_config(vd, CONFIG_SIZE_MAX, 4);
	if (vd->features & F_SEG_MAX)
		segments = (uint32_t)virtio_config(vd, CONFIG_SEG_MAX, 4);
	segments = MAX(1u, MIN(segments, DATA_BUFS_MAX));
	vb->size_max = size ? size : UINT32_MAX;
	if (size)
		max = MIN(max, (uint64_t)size * segments);
	vb->bd.max_blocks = (uint32_t)(max / vb->bd.block_size);
}

static int blk_read_geometry(struct virtio_blk *vb)
{
	struct block_device *bd = &vb->bd;
	struct virtio_device *vd = &vb->vd;

	bd->block_size = SECTOR;
	if (vd->features & F_BLK_SIZE)
		bd->block_size =
			(uint32_t)virtio_config(vd, CONFIG_BLK_SIZE, 4);
	if (bd->block_size < SECTOR || bd->block_size % SECTOR)
		return reason_fail(ERR_FORMAT,
				   "block size %u is not a multiple of %u",
				   bd->block_size, SECTOR);
	bd->blocks = virtio_config(vd, CONFIG_CAPACITY, 8) /
		     (bd->block_size / SECTOR);
	bd->read_only = vd->features & F_RO;
	blk_read_limits(vb);
	return 0;
}

static int blk_start(struct device *dev)
{
	struct virtio_blk *vb = dev->priv;
	int err = virtio_pci_start(&vb->vd, pci_function_of(dev), F_WANTED,
				   1u << QUEUE);

	return err < 0 ? err : blk_read_geometry(vb);
}

static void blk_stop(struct device *dev)
{
	struct virtio_blk *vb = dev->priv;

	virtio_stop(&vb->vd);
}

static struct slot *blk_slot(const struct virtio_blk *vb,
			     const struct request *rq)
{
	return (struct slot *)vb->vd.shared + rq->slot;
}

/* Splits data into segments of at most size_max. Returns their number. */
static unsigned blk_data_bufs(const struct virtio_blk *vb,
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

static void blk_fill_header(const struct virtio_blk *vb, struct slot *slot,
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

/* Data bytes that the device has to write. */
static uint32_t blk_data_len(const struct virtio_blk *vb,
			     const struct block_request *req)
{
	return req->op == BLOCK_READ ? req->count * vb->bd.block_size : 0;
}

static int blk_submit(struct request_queue *queue, struct request *rq)
{
	struct virtio_blk *vb = container_of(queue, struct virtio_blk, queue);
	const struct block_request *req = block_request_of(rq);
	struct slot *slot = blk_slot(vb, rq);
	struct virtio_buf bufs[DATA_BUFS_MAX + 2];
	unsigned n = 0;

	/* Without it, the device writes through. [virtio 1.2, 5.2.6.2] */
	if (req->op == BLOCK_FLUSH && !(vb->vd.features & F_FLUSH)) {
		request_done(rq, 0);
		return 0;
	}
	blk_fill_header(vb, slot, req);
	bufs[n++] = (struct virtio_buf){ &slot->header, sizeof(slot->header),
					 false };
	if (req->op != BLOCK_FLUSH)
		n += blk_data_bufs(vb, req, &bufs[n]);
	bufs[n++] = (struct virtio_buf){ &slot->status, 1, true };
	return virtio_submit(&vb->vd, QUEUE, bufs, n, rq);
}

static void blk_kick(struct request_queue *queue)
{
	struct virtio_blk *vb = container_of(queue, struct virtio_blk, queue);

	virtio_kick(&vb->vd, QUEUE);
}

static const char *blk_status_name(uint8_t status)
{
	switch (status) {
	case STATUS_IOERR:
		return "I/O error";
	case STATUS_UNSUPP:
		return "not supported";
	case STATUS_NONE:
		return "the device wrote no status";
	default:
		return "unknown";
	}
}

/* Legacy devices may report a wrong `written`. [virtio 1.2, 2.7.8.3] */
static int blk_result(const struct virtio_blk *vb, struct request *rq,
		      uint32_t written)
{
	uint8_t status = blk_slot(vb, rq)->status;
	uint32_t len = blk_data_len(vb, block_request_of(rq));

	if (status != STATUS_OK)
		return reason_fail(ERR_IO, "device status %u (%s)", status,
				   blk_status_name(status));
	if (!vb->vd.transport->legacy && written < len)
		return reason_fail(ERR_IO, "the device returned %u of %u bytes",
				   written, len);
	return 0;
}

static void blk_poll(struct request_queue *queue)
{
	struct virtio_blk *vb = container_of(queue, struct virtio_blk, queue);
	struct request *rq;
	uint32_t written;

	while ((rq = virtio_poll(&vb->vd, QUEUE, &written)) != NULL)
		request_done(rq, blk_result(vb, rq, written));
	if (virtio_broken(&vb->vd, QUEUE))
		request_lose(queue, ERR_IO);
}

static const char *blk_says(struct request_queue *queue)
{
	return virtio_says(&container_of(queue, struct virtio_blk, queue)->vd);
}

static const struct request_ops blk_ops = {
	.submit = blk_submit,
	.kick = blk_kick,
	.poll = blk_poll,
	.says = blk_says,
};

/* No I/O: the first open starts the device. */
static int blk_attach(struct device *dev)
{
	struct virtio_blk *vb = heap_zalloc(sizeof(*vb));
	int err;

	if (!vb)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = vb;
	request_queue_init(&vb->queue, dev, &blk_ops, vb->requests, SLOTS);
	vb->bd.queue = &vb->queue;
	vb->vd.shared_len = SLOTS * sizeof(struct slot);
	err = device_add_role(dev, &vb->bd.as, &block_role);
	if (err < 0)
		heap_free(vb);
	return err;
}

/*
 * Adds the alias, not earlier, so that disks of all controllers are numbered in
 * the order of the controllers, as in SLOF.
 */
static void blk_found(struct device *dev)
{
	if (tree_add_alias("disk", dev->node) < 0)
		log_err("virtio-blk %s: no memory for an alias",
			device_path(dev));
}

static void blk_detach(struct device *dev)
{
	heap_free(dev->priv);
}

/* Transitional and modern device ids. [virtio 1.2, 4.1.2.1] */
static const struct pci_match blk_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1001 },
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1042 },
	{ .vendor = 0 },
};

DRIVER(virtio_blk) = {
	.name = "virtio-blk",
	.bus = &pci_bus,
	.match = blk_ids,
	.attach = blk_attach,
	.start = blk_start,
	.stop = blk_stop,
	.found = blk_found,
	.detach = blk_detach,
};

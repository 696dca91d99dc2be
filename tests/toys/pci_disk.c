// SPDX-License-Identifier: BSD-2-Clause
/*
 * A toy: the driver of a PCI disk that does not exist, in one file;
 * tests/unit/test_drivers_toys.c has the device.
 */
#include "drivers/block.h"
#include "drivers/pci/pci.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* Registers of 32 bits in BAR 0. */
enum toy_register {
	TOY_BLOCKS = 0x00,   /* capacity */
	TOY_RUN = 0x04,	     /* 1: run, 0: reset */
	TOY_RING = 0x08,     /* bus address of the ring */
	TOY_DOORBELL = 0x0c, /* new entries, a bit each */
	TOY_ENDED = 0x10,    /* entries that have ended; reading clears them */
};
#define TOY_BLOCK_SIZE 512u
#define TOY_MAX_BLOCKS 8u
#define TOY_SLOTS 4u

struct toy_entry {
	le32 write;
	le32 count;
	le64 lba;
	le64 data;   /* bus address */
	le32 status; /* 0: success */
	le32 reserved;
};
static_assert(sizeof(struct toy_entry) == 32, "an entry of the ring");
#define TOY_RING_LEN (TOY_SLOTS * sizeof(struct toy_entry))

struct toy_disk {
	struct block_device bd;
	struct request_queue queue;
	struct request *requests[TOY_SLOTS];
	struct dma dma;
	struct toy_entry *ring; /* NULL: it is off */
	uint64_t ring_bus, regs;
	uint32_t news; /* entries that the device does not know of yet */
	struct {
		uint64_t bus;
		size_t len; /* 0: nothing is mapped */
	} data[TOY_SLOTS];
};

static uint32_t toy_get(const struct toy_disk *toy, enum toy_register reg)
{
	return pci_io_read(toy->regs + reg, 4);
}

static void toy_set(const struct toy_disk *toy, enum toy_register reg,
		    uint32_t value)
{
	pci_io_write(toy->regs + reg, 4, value);
}

static void toy_unmap(struct toy_disk *toy, unsigned slot)
{
	if (toy->data[slot].len)
		dma_unmap(&toy->dma, toy->data[slot].bus, toy->data[slot].len);
	toy->data[slot].len = 0;
}

/* First stops the device, then unmaps what it could reach. */
static void toy_stop(struct device *dev)
{
	struct toy_disk *toy = dev->priv;

	if (!toy->ring)
		return;
	toy_set(toy, TOY_RUN, 0);
	for (unsigned i = 0; i < TOY_SLOTS; i++)
		toy_unmap(toy, i);
	dma_free(&toy->dma, toy->ring, toy->ring_bus, TOY_RING_LEN);
	toy->ring = NULL;
	toy->news = 0;
	pci_disable(pci_function_of(dev));
}

static int toy_start(struct device *dev)
{
	struct pci_function *fn = pci_function_of(dev);
	struct toy_disk *toy = dev->priv;
	uint64_t size;
	int err;

	toy_stop(dev);
	toy->regs = pci_bar_address(fn, 0, &size);
	if (!toy->regs)
		return reason_fail(ERR_NODEV, "it has no registers");
	err = pci_dma_init(fn, &toy->dma);
	if (err < 0)
		return err;
	toy->ring = dma_alloc(&toy->dma, TOY_RING_LEN, &toy->ring_bus);
	if (!toy->ring)
		return ERR_NOMEM;
	pci_enable(fn);
	toy_set(toy, TOY_RING, (uint32_t)toy->ring_bus);
	toy_set(toy, TOY_RUN, 1);
	toy->bd.block_size = TOY_BLOCK_SIZE;
	toy->bd.max_blocks = TOY_MAX_BLOCKS;
	toy->bd.blocks = toy_get(toy, TOY_BLOCKS);
	return 0;
}

static struct toy_disk *toy_of(struct request_queue *queue)
{
	return container_of(queue, struct toy_disk, queue);
}

static int toy_submit(struct request_queue *queue, struct request *rq)
{
	struct toy_disk *toy = toy_of(queue);
	const struct block_request *req = block_request_of(rq);
	bool write = req->op == BLOCK_WRITE;
	size_t len = (size_t)req->count * TOY_BLOCK_SIZE;
	uint64_t bus;
	int err;

	/* It has no cache. */
	if (req->op == BLOCK_FLUSH) {
		request_done(rq, 0);
		return 0;
	}
	err = dma_map(&toy->dma, req->buf, len,
		      write ? DMA_TO_DEVICE : DMA_FROM_DEVICE, &bus);
	if (err < 0)
		return err;
	toy->data[rq->slot].bus = bus;
	toy->data[rq->slot].len = len;
	toy->ring[rq->slot] =
		(struct toy_entry){ .write = le32_make(write),
				    .count = le32_make(req->count),
				    .lba = le64_make(req->lba),
				    .data = le64_make(bus),
				    .status = le32_make(UINT32_MAX) };
	toy->news |= 1u << rq->slot;
	return 0;
}

static void toy_kick(struct request_queue *queue)
{
	struct toy_disk *toy = toy_of(queue);

	toy_set(toy, TOY_DOORBELL, toy->news);
	toy->news = 0;
}

static void toy_ended(struct toy_disk *toy, unsigned slot)
{
	struct request *rq = slot < TOY_SLOTS ? toy->requests[slot] : NULL;
	uint32_t status;

	if (!rq) {
		request_lose(&toy->queue,
			     reason_fail(ERR_IO, "it ended what nobody began"));
		return;
	}
	toy_unmap(toy, slot);
	status = le32_get(toy->ring[slot].status);
	if (status)
		reason_fail(ERR_IO, "device status %u", status);
	request_done(rq, status ? ERR_IO : 0);
}

static void toy_poll(struct request_queue *queue)
{
	struct toy_disk *toy = toy_of(queue);
	uint32_t ended = toy_get(toy, TOY_ENDED);

	/* A device that has broken the rules is off: stop. */
	for (unsigned i = 0; i < 32 && toy->ring; i++) {
		if (ended >> i & 1)
			toy_ended(toy, i);
	}
}

static const struct request_ops toy_ops = {
	.submit = toy_submit,
	.kick = toy_kick,
	.poll = toy_poll,
};

static int toy_attach(struct device *dev)
{
	struct toy_disk *toy = heap_zalloc(sizeof(*toy));
	int err;

	if (!toy)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = toy;
	request_queue_init(&toy->queue, dev, &toy_ops, toy->requests,
			   TOY_SLOTS);
	toy->bd.queue = &toy->queue;
	err = device_add_role(dev, &toy->bd.as, &block_role);
	if (err < 0)
		heap_free(toy);
	return err;
}

static void toy_found(struct device *dev)
{
	if (tree_add_alias("disk", dev->node) < 0)
		log_err("toy-disk %s: no memory for an alias",
			device_path(dev));
}

static void toy_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static const struct pci_match toy_ids[] = {
	{ .vendor = 0x1de5, .device = 0x0001 },
	{ .vendor = 0 },
};

DRIVER(toy_disk) = {
	.name = "toy-disk",
	.bus = &pci_bus,
	.match = toy_ids,
	.attach = toy_attach,
	.start = toy_start,
	.stop = toy_stop,
	.found = toy_found,
	.detach = toy_detach,
};

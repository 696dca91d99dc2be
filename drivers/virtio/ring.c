// SPDX-License-Identifier: BSD-2-Clause
// virtio: split virtqueues (virtio 1.2, 2.7).

/*
 * The ring is shared: the device can write any of it at any time, so nothing is
 * ever read back from it except the used ring, and that is checked at each use.
 * Lengths, bus addresses and links of descriptors live in vq->slot[], out of
 * the device's reach:
 *
 *	ring (device)	desc[i] ->  desc[j]	avail	used { id, len }
 *	slot (ours)	slot[i] ->  slot[j]	^ token, unmapping, free list
 *
 * A used element must name the head of a chain in flight and at most its
 * length; otherwise the queue is broken, and the driver resets the device.
 */

#include "drivers/virtio/queue.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* All numbers are in the device's byte order. [virtio 1.2, 2.7.5] */
struct ring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
static_assert(sizeof(struct ring_desc) == 16, "virtq_desc");

enum desc_flag {
	DESC_NEXT = 1,
	DESC_WRITE = 2,
};

/* [virtio 1.2, 2.7.6] */
struct ring_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};
#define AVAIL_NO_INTERRUPT 1

/* [virtio 1.2, 2.7.8] */
struct ring_used_elem {
	uint32_t id;
	uint32_t len;
};
#define USED_NO_NOTIFY 1
struct ring_used {
	uint16_t flags;
	uint16_t idx;
	struct ring_used_elem ring[];
};

static struct ring_desc *ring_desc(struct virtio_queue *vq)
{
	return (struct ring_desc *)(void *)vq->ring;
}

static struct ring_avail *ring_avail(struct virtio_queue *vq)
{
	return (struct ring_avail *)(void *)(vq->ring + vq->avail);
}

static volatile struct ring_used *ring_used(struct virtio_queue *vq)
{
	return (volatile struct ring_used *)(void *)(vq->ring + vq->used);
}

/* Legacy devices prescribe this layout. [virtio 1.2, 2.7.2] */
static void ring_lay_out(struct virtio_queue *vq, bool legacy)
{
	size_t desc = sizeof(struct ring_desc) * vq->size;
	/* Including the unused fields used_event and avail_event. */
	size_t avail = sizeof(struct ring_avail) + 2u * vq->size + 2;
	size_t used = sizeof(struct ring_used) +
		      sizeof(struct ring_used_elem) * vq->size + 2;

	vq->avail = desc;
	vq->used = legacy ? ALIGN_UP(desc + avail, VIRTIO_LEGACY_ALIGN)
			  : ALIGN_UP(desc + avail, 4);
	vq->ring_len = ALIGN_UP(vq->used + used, 8);
}

/* The memory of the whole device follows the ring of its first queue. */
static int ring_alloc(struct virtio_device *vd, struct virtio_queue *vq)
{
	size_t shared = vq->ring_len;

	if (!vd->shared)
		vq->ring_len += vd->shared_len;
	vq->ring = dma_alloc(&vd->dma, vq->ring_len, &vq->ring_bus);
	if (!vq->ring)
		return ERR_NOMEM;
	if (!vd->shared) {
		vd->shared = vq->ring + shared;
		vd->shared_bus = vq->ring_bus + shared;
	}
	return 0;
}

static void ring_link_free(struct virtio_queue *vq)
{
	uint16_t i;

	for (i = 0; i < vq->size; i++)
		vq->slot[i].next = (uint16_t)(i + 1);
	vq->n_free = vq->size;
}

struct virtio_queue *virtio_queue_alloc(struct virtio_device *vd,
					uint16_t index, uint16_t size)
{
	struct virtio_queue *vq;

	vq = heap_zalloc(sizeof(*vq) + size * sizeof(vq->slot[0]));
	if (!vq)
		return NULL;
	vq->index = index;
	vq->size = size;
	ring_lay_out(vq, vd->transport->legacy);
	if (ring_alloc(vd, vq) < 0) {
		heap_free(vq);
		return NULL;
	}
	ring_link_free(vq);
	/* We poll. */
	ring_avail(vq)->flags = virtio_wire16(vd, AVAIL_NO_INTERRUPT);
	return vq;
}

/* Unmaps a chain and frees its descriptors. */
static void ring_free_chain(struct virtio_device *vd, struct virtio_queue *vq,
			    uint16_t head)
{
	uint16_t i = head;
	bool last;

	do {
		struct virtio_slot *slot = &vq->slot[i];
		uint16_t next = slot->next;

		if (slot->mapped)
			dma_unmap(&vd->dma, slot->bus, slot->len);
		last = slot->last;
		slot->next = vq->free;
		vq->free = i;
		vq->n_free++;
		i = next;
	} while (!last);
	vq->slot[head].token = NULL;
}

void virtio_queue_free(struct virtio_device *vd, struct virtio_queue *vq)
{
	uint16_t i;

	if (!vq)
		return;
	for (i = 0; i < vq->size; i++) {
		if (vq->slot[i].token)
			ring_free_chain(vd, vq, i);
	}
	dma_free(&vd->dma, vq->ring, vq->ring_bus, vq->ring_len);
	heap_free(vq);
}

/*
 * Fills the first free descriptor; there must be one. Inline: a scan of a SCSI
 * bus calls it thousands of times, at every start.
 */
static always_inline struct virtio_slot *
ring_fill_slot(struct virtio_device *vd, struct virtio_queue *vq, uint64_t bus,
	       uint32_t len, unsigned flags)
{
	uint16_t i = vq->free;
	struct virtio_slot *slot = &vq->slot[i];
	struct ring_desc *desc = &ring_desc(vq)[i];

	vq->free = slot->next;
	vq->n_free--;
	slot->bus = bus;
	slot->len = len;
	slot->last = !(flags & DESC_NEXT);
	slot->mapped = false;
	desc->addr = virtio_wire64(vd, bus);
	desc->len = virtio_wire32(vd, len);
	desc->flags = virtio_wire16(vd, (uint16_t)flags);
	desc->next = virtio_wire16(vd, slot->last ? 0 : slot->next);
	return slot;
}

static int ring_map_slot(struct virtio_device *vd, struct virtio_queue *vq,
			 const struct virtio_buf *buf, bool last)
{
	bool writes = buf->device_writes;
	unsigned flags = (writes ? DESC_WRITE : 0) | (last ? 0 : DESC_NEXT);
	uintptr_t offset = (uintptr_t)buf->ptr - (uintptr_t)vd->shared;
	uint64_t bus;
	int err;

	if (buf->len <= vd->shared_len && offset <= vd->shared_len - buf->len) {
		ring_fill_slot(vd, vq, vd->shared_bus + offset, buf->len,
			       flags);
		return 0;
	}
	err = dma_map(&vd->dma, buf->ptr, buf->len,
		      writes ? DMA_FROM_DEVICE : DMA_TO_DEVICE, &bus);
	if (err == 0)
		ring_fill_slot(vd, vq, bus, buf->len, flags)->mapped = true;
	return err;
}

/* Frees an incomplete chain of `n` descriptors. */
static void ring_drop_chain(struct virtio_device *vd, struct virtio_queue *vq,
			    uint16_t head, unsigned n)
{
	uint16_t i = head;

	while (--n)
		i = vq->slot[i].next;
	vq->slot[i].last = true;
	ring_free_chain(vd, vq, head);
}

/* A chain is complete: virtio_kick() publishes it. */
static void ring_add_chain(struct virtio_device *vd, struct virtio_queue *vq,
			   uint16_t head, void *token)
{
	vq->slot[head].token = token;
	ring_avail(vq)->ring[vq->avail_idx % vq->size] =
		virtio_wire16(vd, head);
	vq->avail_idx++;
	vq->in_flight++;
}

static struct virtio_queue *ring_with_room(struct virtio_device *vd,
					   unsigned queue, unsigned n)
{
	struct virtio_queue *vq = vd->queue[queue];

	if (vq && n <= vq->n_free)
		return vq;
	reason_fail(ERR_BUSY, "queue %u is full", queue);
	return NULL;
}

int virtio_submit(struct virtio_device *vd, unsigned queue,
		  const struct virtio_buf *bufs, unsigned n, void *token)
{
	struct virtio_queue *vq = ring_with_room(vd, queue, n);
	uint16_t head;
	uint32_t writable = 0, total = 0;
	unsigned i;

	if (!vq)
		return ERR_BUSY;
	head = vq->free;
	for (i = 0; i < n; i++) {
		int err = ring_map_slot(vd, vq, &bufs[i], i + 1 == n);

		if (err < 0 && i)
			ring_drop_chain(vd, vq, head, i);
		if (err < 0)
			return err;
		writable += bufs[i].device_writes ? bufs[i].len : 0;
		total += bufs[i].len;
	}
	vq->slot[head].writable = writable;
	vq->slot[head].total = total;
	ring_add_chain(vd, vq, head, token);
	return 0;
}

/* [virtio 1.2, 2.7.13] */
void virtio_kick(struct virtio_device *vd, unsigned queue)
{
	struct virtio_queue *vq = vd->queue[queue];

	if (!vq || vq->kicked == vq->avail_idx)
		return;
	virtio_barrier();
	ring_avail(vq)->idx = virtio_wire16(vd, vq->avail_idx);
	vq->kicked = vq->avail_idx;
	/* The device looks for chains after it has asked for notifications. */
	virtio_barrier();
	if (!(virtio_wire16(vd, ring_used(vq)->flags) & USED_NO_NOTIFY))
		vd->transport->notify(vd, vq);
}

static void *ring_break(struct virtio_queue *vq, const char *what,
			uint32_t value)
{
	vq->broken = true;
	reason_fail(ERR_IO, "the device violates the virtio protocol: %s %u",
		    what, value);
	return NULL;
}

/* [virtio 1.2, 2.7.14] */
void *virtio_poll(struct virtio_device *vd, unsigned queue, uint32_t *len)
{
	struct virtio_queue *vq = vd->queue[queue];
	volatile struct ring_used *used;
	uint16_t idx;
	uint32_t id;
	void *token;

	if (!vq || vq->broken)
		return NULL;
	used = ring_used(vq);
	idx = virtio_wire16(vd, used->idx);
	if (idx == vq->used_idx)
		return NULL;
	if ((uint16_t)(idx - vq->used_idx) > vq->in_flight)
		return ring_break(vq, "used index", idx);
	virtio_barrier();
	id = virtio_wire32(vd, used->ring[vq->used_idx % vq->size].id);
	*len = virtio_wire32(vd, used->ring[vq->used_idx % vq->size].len);
	if (id >= vq->size || !vq->slot[id].token)
		return ring_break(vq, "response to an unknown request,", id);
	/*
	 * QEMU's virtio-scsi counts what it has read, too, when data goes to
	 * the device. [hw/scsi/virtio-scsi.c, virtio_scsi_complete_req]
	 */
	if (*len > vq->slot[id].total)
		return ring_break(vq, "response too long,", *len);
	*len = MIN(*len, vq->slot[id].writable);
	token = vq->slot[id].token;
	vq->used_idx++;
	vq->in_flight--;
	ring_free_chain(vd, vq, (uint16_t)id);
	return token;
}

bool virtio_broken(const struct virtio_device *vd, unsigned queue)
{
	return vd->queue[queue] && vd->queue[queue]->broken;
}

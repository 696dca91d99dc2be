/* SPDX-License-Identifier: BSD-2-Clause */
/* Split virtqueues, as the core and the transports see them. */
#ifndef DRIVERS_VIRTIO_QUEUE_H
#define DRIVERS_VIRTIO_QUEUE_H

#include "drivers/virtio/virtio.h"

/*
 * Most entries where the device lets us choose and the driver does not: all of
 * the queue in one page.
 */
#define VIRTIO_QUEUE_ENTRIES 128u
/* Largest queue. [virtio 1.2, 2.7] */
#define VIRTIO_QUEUE_SIZE_MAX 32768u
/* Alignment of a legacy device's used ring. [virtio 1.2, 2.7.2] */
#define VIRTIO_LEGACY_ALIGN 4096u

/* Our copy of a descriptor: the device may overwrite the ring. */
struct virtio_slot {
	void *token; /* of the chain that starts here, or NULL */
	uint64_t bus;
	uint32_t len;
	uint32_t writable; /* chain heads: bytes the device may write */
	uint32_t total;	   /* chain heads: bytes of the whole chain */
	uint16_t next;	   /* in the chain, or in the free list */
	bool last;
	bool mapped; /* not in vd->shared: to be unmapped */
};

struct virtio_queue {
	uint16_t index;
	uint16_t size;
	uint16_t free; /* first free descriptor */
	uint16_t n_free;
	uint16_t in_flight; /* chains */
	uint16_t avail_idx; /* of the next chain, published by virtio_kick() */
	uint16_t kicked;    /* avail_idx at the last kick */
	uint16_t used_idx;  /* of the next response */
	bool broken;
	/* Descriptors, available ring, used ring; perhaps vd->shared. */
	uint8_t *ring;
	uint64_t ring_bus;
	size_t ring_len;
	size_t avail, used; /* their offsets */
	uint64_t notify;    /* modern transport: its register */
	struct virtio_slot slot[];
};

/* virtio_queue_alloc - a queue of `size` entries, or NULL: no memory. */
must_check struct virtio_queue *
virtio_queue_alloc(struct virtio_device *vd, uint16_t index, uint16_t size);

/* virtio_queue_free - free it after a reset of the device. NULL is ignored. */
void virtio_queue_free(struct virtio_device *vd, struct virtio_queue *vq);

/* virtio_barrier - order our accesses to rings. [virtio 1.2, 2.7.13] */
static inline void virtio_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif

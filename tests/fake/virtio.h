/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake virtio function: registers, capabilities, split rings. It can lie. */
#ifndef TESTS_FAKE_VIRTIO_H
#define TESTS_FAKE_VIRTIO_H

#include "drivers/pci/pci.h"
#include "drivers/virtio/virtio.h"
#include "tests/fake/virtio_dma.h"

/* Ways to misbehave; each lasts until it is reset. */
enum fake_lie {
	FAKE_HONEST,
	FAKE_NO_RESET,	  /* status never reads 0 */
	FAKE_GONE,	  /* all registers read as ones */
	FAKE_NO_FEATURES, /* FEATURES_OK does not stick */
	FAKE_SILENT,	  /* accepts requests, answers none */
	FAKE_WRONG_ID,	  /* answers the descriptor past the last */
	FAKE_OTHER_ID,	  /* answers a descriptor that heads no chain */
	FAKE_TWICE,	  /* answers each request twice */
	FAKE_LONG,	  /* reports more bytes than the whole chain has */
	FAKE_COUNTS_ALL,  /* also counts bytes that it read, as QEMU does */
	FAKE_INDEX,	  /* the used index runs away */
	FAKE_TORN,	  /* the configuration generation keeps changing */
};

struct fake_buf {
	uint8_t *ptr;
	uint32_t len;
	bool device_writes;
};

/* Where the structures of a modern function are, for pci_io_*(). */
#define FAKE_IO_BAR 0x200000000080ULL
#define FAKE_MEM_BAR 0x210000000000ULL
#define FAKE_BAR_SIZE 0x4000u

/* One more than the driver may use. */
#define FAKE_QUEUES (VIRTIO_QUEUES_MAX + 1)

struct fake_virtio {
	/* Its properties; set before the driver starts it. */
	bool modern;
	uint64_t features;
	uint16_t queue_size[FAKE_QUEUES];
	uint16_t notify_off[FAKE_QUEUES];
	uint8_t config[64];
	enum fake_lie lie;
	uint64_t holds; /* queues whose requests wait: a bit for each */
	/* Answers a request. Returns the bytes written. */
	uint32_t (*handle)(unsigned queue, struct fake_buf *bufs, unsigned n);

	/* What the driver did. */
	uint8_t status;
	uint64_t accepted; /* features */
	bool enabled;	   /* decoding and bus mastering */
	unsigned resets;
	unsigned notified[FAKE_QUEUES];
	unsigned requests;
	uint16_t size_set[FAKE_QUEUES];
	uint64_t desc[FAKE_QUEUES], avail[FAKE_QUEUES], used[FAKE_QUEUES];

	/* Internal registers. */
	uint16_t select, last_avail[FAKE_QUEUES];
	uint32_t feature_select;
	uint8_t generation;
	uint8_t pci_config[256];
};
extern struct fake_virtio fake_virtio;
extern struct pci_function fake_virtio_fn;

/* fake_virtio_reset - an honest function, modern or legacy, of one queue. */
void fake_virtio_reset(bool modern);

/* fake_virtio_cap - append a capability to the function's list. */
void fake_virtio_cap(uint8_t type, uint8_t bar, uint32_t offset, uint32_t len);

/* fake_virtio_answer - answer the requests that FAKE_SILENT did not. */
void fake_virtio_answer(unsigned queue);

/*
 * fake_virtio_answer_next - answer the oldest request of a queue that holds
 * them. Returns false: there is none, or the device is not started.
 */
bool fake_virtio_answer_next(unsigned queue);

/* fake_virtio_run_away - break the ring: move the used index far ahead. */
void fake_virtio_run_away(unsigned queue);

/* fake_virtio_mute - ask for no notifications of a queue, or for them again. */
void fake_virtio_mute(unsigned queue, bool on);

/* Numbers in the fake's byte order, in configuration and requests. */
void fake_put16(void *ptr, uint16_t value);
void fake_put32(void *ptr, uint32_t value);
void fake_put64(void *ptr, uint64_t value);
uint32_t fake_get32(const void *ptr);
uint64_t fake_get64(const void *ptr);

#endif

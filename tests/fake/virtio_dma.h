/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA for fake devices: linked in place of drivers/dma.c, records mappings. */
#ifndef TESTS_FAKE_VIRTIO_DMA_H
#define TESTS_FAKE_VIRTIO_DMA_H

#include "drivers/dma.h"

/* fake_dma_reset - no mappings, no limits, bus addresses as dma_init_*(). */
void fake_dma_reset(void);

/* fake_dma_live - mappings and allocations in use. */
unsigned fake_dma_live(void);

/* fake_dma_limit - mappings of more than `len` bytes do not fit; 0: all do. */
void fake_dma_limit(size_t len);

/* fake_dma_fail - mapping number `n` from now fails; 0: none fails. */
void fake_dma_fail(unsigned n);

/* fake_dma_low - mappings of windows are below 4 GiB, for 32-bit devices. */
void fake_dma_low(void);

/*
 * fake_dma_ptr - the memory that a device reaches at a bus address. The test
 * fails unless all `len` bytes are mapped there for this direction.
 */
void *fake_dma_ptr(uint64_t bus, size_t len, enum dma_dir dir);

/* fake_dma_mapped - is anything mapped at a bus address? */
bool fake_dma_mapped(uint64_t bus);

/*
 * fake_dma_calls - hypercalls that mapping and unmapping in a window would have
 * made since the reset: one for each 512 pages.
 */
unsigned fake_dma_calls(void);

/*
 * fake_dma_between - called at each dma_unmap(), if set: a driver unmaps for
 * every answer, so the device can act in the middle of one poll.
 */
extern void (*fake_dma_between)(void);

/* fake_dma_used_window - was a window requested since the reset? */
bool fake_dma_used_window(void);

#endif

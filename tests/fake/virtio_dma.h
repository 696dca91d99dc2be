/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA for fake devices: linked in place of drivers/dma.c, keeps the books. */
#ifndef TESTS_FAKE_VIRTIO_DMA_H
#define TESTS_FAKE_VIRTIO_DMA_H

#include "drivers/dma.h"

/* fake_dma_reset - no mappings, no limits, bus addresses as dma_init_*(). */
void fake_dma_reset(void);

/* fake_dma_live - mappings and allocations that stand. */
unsigned fake_dma_live(void);

/* fake_dma_limit - mappings of more than `len` bytes do not fit; 0: all do. */
void fake_dma_limit(size_t len);

/* fake_dma_fail - mapping number `n` from now fails; 0: none does. */
void fake_dma_fail(unsigned n);

/*
 * fake_dma_ptr - what a device reaches at a bus address. The test fails when
 * nothing is mapped there, all `len` bytes of it, for this direction.
 */
void *fake_dma_ptr(uint64_t bus, size_t len, enum dma_dir dir);

/* fake_dma_mapped - is anything mapped at a bus address? */
bool fake_dma_mapped(uint64_t bus);

/*
 * fake_dma_between - called at each dma_unmap(), if set: a driver does that for
 * every answer, so the device acts between two looks of one poll.
 */
extern void (*fake_dma_between)(void);

/* fake_dma_used_window - was a window asked for since the reset? */
bool fake_dma_used_window(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA mappings: identity (bypass) where possible, otherwise TCEs. */
#ifndef DRIVERS_DMA_H
#define DRIVERS_DMA_H

#include "lib/err.h"
#include "lib/types.h"

enum dma_dir {
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_BOTH = 3,
};

/* How a device reaches memory; devices with the same liobn share a window. */
struct dma {
	bool bypass; /* bus addresses are real addresses */
	struct dma_window *window;
};

/*
 * dma_init_bypass - bus address = real address (virtio without ACCESS_PLATFORM,
 * VIO devices with TCE bypass).
 */
void dma_init_bypass(struct dma *dma);

/*
 * dma_init_window - map through TCEs. `liobn`, `base`, `size`: from the DMA
 * window property. Bus address 0 is never used.
 * Returns 0 or ERR_NOMEM.
 */
must_check int dma_init_window(struct dma *dma, uint32_t liobn, uint64_t base,
			       uint64_t size);

/*
 * dma_map - map [ptr, ptr + len), `len` > 0, until dma_unmap().
 * `bus`: receives the bus address, with ptr's offset in its page.
 * Returns 0; ERR_NOSPACE: window full (split the request); ERR_IO; ERR_NOMEM;
 * ERR_INVAL: no such range.
 */
must_check int dma_map(struct dma *dma, const void *ptr, size_t len,
		       enum dma_dir dir, uint64_t *bus);

/* dma_unmap - unmap `bus` and `len` of a dma_map(); clears the TCEs. */
void dma_unmap(struct dma *dma, uint64_t bus, size_t len);

/*
 * dma_reserve - never use bus addresses in [bus, bus + len) again: a late write
 * of a device must not find a mapping there. `dma` has a window; nothing is
 * mapped in the range. The part outside the window is ignored.
 * Returns 0 or ERR_NOMEM.
 */
must_check int dma_reserve(struct dma *dma, uint64_t bus, size_t len);

/*
 * dma_alloc - zeroed, page-aligned memory for rings, mapped in both directions.
 * Returns NULL with reason(): no memory, or window full.
 */
must_check void *dma_alloc(struct dma *dma, size_t len, uint64_t *bus);

/* dma_free - free memory of dma_alloc(); NULL is ignored. */
void dma_free(struct dma *dma, void *ptr, uint64_t bus, size_t len);

/* dma_quiesce_all - clear the TCEs of every window (after device resets). */
void dma_quiesce_all(void);

/* dma_init - at start, by device_init(): no windows. */
void dma_init(void);

#endif

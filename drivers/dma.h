/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that devices reach: identity where the machine allows, else TCEs. */
#ifndef DRIVERS_DMA_H
#define DRIVERS_DMA_H

#include "lib/err.h"
#include "lib/types.h"

enum dma_dir {
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_BOTH = 3,
};

/* How a device reaches memory. One per device; windows are shared by liobn. */
struct dma {
	bool bypass; /* bus addresses are real addresses */
	struct dma_window *window;
};

/*
 * dma_init_bypass - bus address = real address (virtio without
 * IOMMU_PLATFORM, VIO devices with TCE bypass).
 */
void dma_init_bypass(struct dma *dma);

/*
 * dma_init_window - through TCEs. `liobn`, `base`, `size`: of the DMA window
 * property; devices with the same liobn share one allocator. Page 0 of the bus
 * is never used.
 * Returns 0 or ERR_NOMEM.
 */
must_check int dma_init_window(struct dma *dma, uint32_t liobn, uint64_t base,
			       uint64_t size);

/*
 * dma_map - let the device reach [ptr, ptr + len) until dma_unmap().
 * `bus`: receives the bus address, with ptr's offset in its page.
 * Returns 0; ERR_NOSPACE: window full (split the request); ERR_IO; ERR_NOMEM;
 * ERR_INVAL: `len` is 0.
 */
must_check int dma_map(struct dma *dma, const void *ptr, size_t len,
		       enum dma_dir dir, uint64_t *bus);

/* dma_unmap - the same `bus` and `len` as mapped; clears the TCEs. */
void dma_unmap(struct dma *dma, uint64_t bus, size_t len);

/*
 * dma_reserve - never give out bus addresses in [bus, bus + len): what a device
 * has forgotten to do may still come there, whenever it comes, and must meet no
 * mapping. `dma` has a window; nothing is mapped there. Addresses outside of it
 * reach nothing anyway.
 * Returns 0 or ERR_NOMEM.
 */
must_check int dma_reserve(struct dma *dma, uint64_t bus, size_t len);

/*
 * dma_alloc - zeroed, page-aligned memory for rings, mapped both ways.
 * Returns NULL: no memory, or window full.
 */
must_check void *dma_alloc(struct dma *dma, size_t len, uint64_t *bus);

/* dma_free - `ptr`, `bus`, `len` as dma_alloc() gave them; NULL is ignored. */
void dma_free(struct dma *dma, void *ptr, uint64_t bus, size_t len);

/* dma_quiesce_all - clear the TCEs of every window (after device resets). */
void dma_quiesce_all(void);

/* dma_reset_all - forget all windows, at start (and for tests). */
void dma_reset_all(void);

#endif

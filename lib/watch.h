/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Annotations for writes outside the firmware's own memory. They are empty
 * here; the claim checker (tests/watch/) implements the same functions to check
 * every store, and stops at the first that is not allowed.
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "lib/types.h"

struct dma;

/*
 * watch_memory - [base, base + size) is the machine's memory: all of it that is
 * not ours is watched. Revokes everything that was allowed.
 */
static inline void watch_memory(uintptr_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

/*
 * watch_own - the firmware owns this memory from now on; watch_disown: it no
 * longer does. After the first call all other addresses are watched, including
 * those outside memory.
 */
static inline void watch_own(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

static inline void watch_disown(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

/*
 * watch_begin - a call or a load begins; `what` (kept, not copied) names it in
 * reports. watch_end: it is over; no device may still be able to write there.
 * Both revoke all that was allowed.
 */
static inline void watch_begin(const char *what)
{
	(void)what;
}

static inline void watch_end(void)
{
}

/*
 * watch_allow - [ptr, ptr + size) may be written until watch_end(): a client's
 * buffer, or memory claimed for a load. watch_forbid: it has been released.
 */
static inline void watch_allow(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

static inline void watch_forbid(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

/*
 * watch_map - a device may write to [ptr, ptr + size), bus address `bus`, until
 * watch_unmap() of the same. The memory must be ours or allowed.
 */
static inline void watch_map(const struct dma *dma, const void *ptr,
			     uint64_t size, uint64_t bus)
{
	(void)dma;
	(void)ptr;
	(void)size;
	(void)bus;
}

static inline void watch_unmap(const struct dma *dma, uint64_t bus)
{
	(void)dma;
	(void)bus;
}

/* watch_written - the hypervisor writes there for us: ours or allowed. */
static inline void watch_written(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

/* watch_device - a store to device registers at `addr`, not to memory. */
static inline void watch_device(uint64_t addr, uint64_t size)
{
	(void)addr;
	(void)size;
}

/* watch_trace - print the writes since watch_begin(). */
static inline void watch_trace(void)
{
}

#endif

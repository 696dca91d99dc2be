/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the firmware says of its writes outside of its own memory. Here that is
 * nothing; the claim checker (tests/watch/) has functions of these names, which
 * check every store and stop at the first that is not allowed.
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "lib/types.h"

struct dma;

/*
 * watch_memory - [base, base + size) is the machine's memory: what is not ours
 * in it is watched. Forgets everything that was allowed.
 */
static inline void watch_memory(uintptr_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

/*
 * watch_own - the memory is the firmware's from now on; watch_disown: no more.
 * Once something is, everything else is watched, also outside of memory.
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
 * watch_begin - a call or a load begins, `what` (kept) names it in reports;
 * watch_end: it is over. Nothing that was allowed is allowed any more, and no
 * device may be left that could write there.
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
 * buffer, or memory claimed to load into. watch_forbid: it was given back.
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
 * watch_map - a device may write to [ptr, ptr + size), at `bus` for it, until
 * watch_unmap() of the same: must be ours or allowed.
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

/* watch_device - a store to a device's registers at `addr`: no memory. */
static inline void watch_device(uint64_t addr, uint64_t size)
{
	(void)addr;
	(void)size;
}

/* watch_trace - print what has been written since watch_begin(). */
static inline void watch_trace(void)
{
}

#endif

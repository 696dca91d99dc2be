/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The claim checker: who may write what outside the firmware's own memory. In
 * the normal image these are nothing; `make claims` and the host tests build
 * with QUOIN_WATCH, check every store, and stop at the first that is not
 * allowed (tests/watch/).
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "lib/types.h"

struct dma;

#ifdef QUOIN_WATCH

/*
 * watch_memory - [base, base + size) is the machine's memory: what is not ours
 * in it is watched. Forgets everything that was allowed.
 */
void watch_memory(uintptr_t base, uint64_t size);

/*
 * watch_own - the memory is the firmware's from now on; watch_disown: no more.
 * Once something is, everything else is watched, also outside of memory.
 */
void watch_own(const void *ptr, uint64_t size);
void watch_disown(const void *ptr, uint64_t size);

/*
 * watch_begin - a call or a load begins, `what` (kept) names it in reports;
 * watch_end: it is over. Nothing that was allowed is allowed any more, and no
 * device may be left that could write there.
 */
void watch_begin(const char *what);
void watch_end(void);

/*
 * watch_allow - [ptr, ptr + size) may be written until watch_end(): a client's
 * buffer, or memory claimed to load into. watch_forbid: it was given back.
 */
void watch_allow(const void *ptr, uint64_t size);
void watch_forbid(const void *ptr, uint64_t size);

/*
 * watch_map - a device may write to [ptr, ptr + size), at `bus` for it, until
 * watch_unmap() of the same: must be ours or allowed.
 */
void watch_map(const struct dma *dma, const void *ptr, uint64_t size,
	       uint64_t bus);
void watch_unmap(const struct dma *dma, uint64_t bus);

/* watch_written - the hypervisor writes there for us: ours or allowed. */
void watch_written(const void *ptr, uint64_t size);

/* watch_device - a store to a device's registers at `addr`: no memory. */
void watch_device(uint64_t addr, uint64_t size);

/* watch_trace - print what has been written since watch_begin(). */
void watch_trace(void);

#else

static inline void watch_memory(uintptr_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

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

static inline void watch_begin(const char *what)
{
	(void)what;
}

static inline void watch_end(void)
{
}

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

static inline void watch_written(const void *ptr, uint64_t size)
{
	(void)ptr;
	(void)size;
}

static inline void watch_device(uint64_t addr, uint64_t size)
{
	(void)addr;
	(void)size;
}

static inline void watch_trace(void)
{
}

#endif

#endif

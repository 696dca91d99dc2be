/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that were written, and the cache lines that they lie in. */
#ifndef ENTRY_CACHE_H
#define ENTRY_CACHE_H

#include "lib/types.h"

/* A cache line is 128 bytes on every 64-bit server processor. */
#define CACHE_LINE 128u

/* cache_first_line - the address of the line that holds the byte at `addr`. */
static inline uint64_t cache_first_line(uint64_t addr)
{
	return ALIGN_DOWN(addr, CACHE_LINE);
}

/*
 * cache_lines - how many lines hold a byte of [addr, addr + size), 0 for none.
 * A line behind the last one may lie behind the end of memory: touching it is a
 * machine check under QEMU, a data storage exception under KVM.
 */
static inline uint64_t cache_lines(uint64_t addr, uint64_t size)
{
	if (!size)
		return 0;
	return (addr % CACHE_LINE + size - 1) / CACHE_LINE + 1;
}

/*
 * cache_flush - instructions were written to [addr, addr + size): they are what
 * is executed from now on.
 */
void cache_flush(void *addr, uint64_t size);

#endif

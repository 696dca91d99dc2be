/* SPDX-License-Identifier: BSD-2-Clause */
/* Cache maintenance after writing instructions, and cache line arithmetic. */
#ifndef ENTRY_CACHE_H
#define ENTRY_CACHE_H

#include "lib/types.h"

/* A cache line is 128 bytes on every 64-bit server processor. */
#define CACHE_LINE 128u

/* cache_first_line - return the address of the line that contains `addr`. */
static inline uint64_t cache_first_line(uint64_t addr)
{
	return ALIGN_DOWN(addr, CACHE_LINE);
}

/*
 * cache_lines - the number of lines that overlap [addr, addr + size); 0 if size
 * is 0. Do not touch the line after the last: past the end of memory, it causes
 * a machine check under QEMU, a data storage exception under KVM.
 */
static inline uint64_t cache_lines(uint64_t addr, uint64_t size)
{
	if (!size)
		return 0;
	return (addr % CACHE_LINE + size - 1) / CACHE_LINE + 1;
}

/*
 * cache_flush - make instructions written to [addr, addr + size) visible to
 * instruction fetch.
 */
void cache_flush(void *addr, uint64_t size);

#endif

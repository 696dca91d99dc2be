// SPDX-License-Identifier: BSD-2-Clause
/* Makes stores visible to instruction fetch. */
#include "entry/cache.h"

/*
 * Two loops: all stores reach memory before the first line is invalidated.
 * Otherwise a refetched line could be stale. [Power ISA 2.07 II 1.8]
 */
void cache_flush(void *addr, uint64_t size)
{
	uint64_t first = cache_first_line((uintptr_t)addr);
	uint64_t lines = cache_lines((uintptr_t)addr, size);

	for (uint64_t i = 0; i < lines; i++)
		__asm__ volatile("dcbst 0, %0"
				 :
				 : "r"(first + i * CACHE_LINE)
				 : "memory");
	__asm__ volatile("sync" : : : "memory");
	for (uint64_t i = 0; i < lines; i++)
		__asm__ volatile("icbi 0, %0"
				 :
				 : "r"(first + i * CACHE_LINE)
				 : "memory");
	__asm__ volatile("sync; isync" : : : "memory");
}

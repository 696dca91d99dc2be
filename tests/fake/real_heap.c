// SPDX-License-Identifier: BSD-2-Clause
/* lib/heap.c; the archive of host code has fake/heap.c instead. */
#include "tests/fake/real_heap.h"

#include "lib/heap.c"

size_t real_heap_available(void)
{
	const struct heap_block *b;
	size_t units = 0;

	for (size_t i = 0; i < HEAP_LISTS; i++)
		list_for_each(b, &heap.lists[i], link)
			units += b->size;
	return units * HEAP_UNIT;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's heap. */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

#include "lib/types.h"

/*
 * heap_init - start a heap in [base, base + size), which need not be zero.
 * Forgets everything allocated before.
 */
void heap_init(void *base, size_t size);

/*
 * heap_add - add a region of memory to the heap. Adjacent regions are joined.
 * Regions smaller than 4 KiB are ignored.
 */
void heap_add(void *base, size_t size);

/*
 * heap_set_grow - set the function to call when the heap is full. `grow` finds
 * a region of at least `want` bytes, passes it to heap_add() and returns true,
 * or returns false. NULL: the heap does not grow.
 */
void heap_set_grow(bool (*grow)(size_t want));

/*
 * heap_hold - while true, a full heap does not grow: all free memory is in use
 * by someone who has not claimed it.
 */
void heap_hold(bool hold);

/*
 * heap_alloc - allocate `size` bytes, 16-byte aligned, contents undefined.
 * heap_zalloc: zeroed. Returns NULL when out of memory. Size 0 returns a
 * pointer that may be freed.
 */
must_check void *heap_alloc(size_t size);
must_check void *heap_zalloc(size_t size);

/* heap_alloc_aligned - `align`: a power of two, at least 16. Not zeroed. */
must_check void *heap_alloc_aligned(size_t align, size_t size);

/*
 * heap_realloc - change the size, keep the contents. NULL behaves like
 * heap_alloc(). Returns NULL when out of memory; `ptr` is then unchanged.
 */
must_check void *heap_realloc(void *ptr, size_t size);

/* heap_free - free `ptr`; NULL is allowed. */
void heap_free(void *ptr);

/* heap_strdup, heap_strndup - make a NUL-terminated copy, or return NULL. */
must_check char *heap_strdup(const char *text);
must_check char *heap_strndup(const char *text, size_t len);

#endif

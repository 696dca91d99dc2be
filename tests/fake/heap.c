// SPDX-License-Identifier: BSD-2-Clause
// lib/heap.h on malloc(), with failures on demand.
#include "tests/fake/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static long heap_left = -1;
static bool heap_failed;
static long heap_live;

void fake_heap_fail_after(long n)
{
	heap_left = n;
	heap_failed = false;
}

bool fake_heap_failed(void)
{
	return heap_failed;
}

long fake_heap_live(void)
{
	return heap_live;
}

static bool heap_may_allocate(void)
{
	if (heap_left == 0) {
		heap_failed = true;
		return false;
	}
	if (heap_left > 0)
		heap_left--;
	return true;
}

void heap_init(void *base, size_t size)
{
	(void)base;
	(void)size;
}

void heap_add(void *base, size_t size)
{
	(void)base;
	(void)size;
}

void heap_set_grow(bool (*grow)(size_t want))
{
	(void)grow;
}

void heap_hold(bool hold)
{
	(void)hold;
}

void *heap_alloc_aligned(size_t align, size_t size)
{
	void *ptr;

	if (size > PTRDIFF_MAX || !heap_may_allocate() ||
	    posix_memalign(&ptr, align, size) != 0)
		return NULL;
	/* Real memory is not zero either. */
	memset(ptr, 0xa5, size);
	heap_live++;
	return ptr;
}

void *heap_alloc(size_t size)
{
	return heap_alloc_aligned(16, size);
}

void *heap_zalloc(size_t size)
{
	void *ptr = heap_alloc(size);

	if (ptr)
		memset(ptr, 0, size);
	return ptr;
}

/* Always moves, to catch code that keeps the old pointer. */
void *heap_realloc(void *ptr, size_t size)
{
	void *copy = heap_alloc(size);

	if (copy && ptr) {
		size_t old = malloc_usable_size(ptr);

		memcpy(copy, ptr, MIN(old, size));
		heap_free(ptr);
	}
	return copy;
}

void heap_free(void *ptr)
{
	if (ptr)
		heap_live--;
	free(ptr);
}

char *heap_strndup(const char *text, size_t len)
{
	size_t n = strnlen(text, len);
	char *copy = heap_alloc(n + 1);

	if (copy) {
		memcpy(copy, text, n);
		copy[n] = '\0';
	}
	return copy;
}

char *heap_strdup(const char *text)
{
	return heap_strndup(text, strlen(text));
}

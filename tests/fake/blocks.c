// SPDX-License-Identifier: BSD-2-Clause
/* lib/heap.h on malloc(), which remembers its blocks. */
#include "tests/fake/blocks.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 100000

static struct {
	void *ptr;
	size_t size;
} blocks[BLOCKS_MAX];
static size_t block_count;
/* Blocks before this one are from before the last reset. */
static size_t block_first;
static long blocks_left = -1;
static bool blocks_held;

/* Purged large blocks: the next machine needs the same ones. */
#define LARGE (128 * KiB)
static struct {
	void *ptr;
	size_t size;
} spares[4];

static void *spare_take(size_t align, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(spares); i++) {
		void *ptr = spares[i].ptr;

		if (ptr && spares[i].size == size &&
		    !((uintptr_t)ptr % align)) {
			spares[i].ptr = NULL;
			return ptr;
		}
	}
	return NULL;
}

static bool spare_keep(void *ptr, size_t size)
{
	for (size_t i = 0; ptr && size >= LARGE && i < ARRAY_SIZE(spares);
	     i++) {
		if (!spares[i].ptr) {
			spares[i].ptr = ptr;
			spares[i].size = size;
			return true;
		}
	}
	return false;
}

void fake_blocks_reset(void)
{
	block_first = block_count;
	blocks_left = -1;
}

void fake_blocks_purge(const void *keep)
{
	size_t kept = 0;

	for (size_t i = 0; i < block_count; i++) {
		if (blocks[i].ptr == keep)
			blocks[kept++] = blocks[i];
		else if (!spare_keep(blocks[i].ptr, blocks[i].size))
			free(blocks[i].ptr);
	}
	block_count = kept;
	block_first = 0;
}

size_t fake_blocks_live(void)
{
	return block_count - block_first;
}

void fake_blocks_fail_after(long n)
{
	blocks_left = n;
}

void heap_hold(bool hold)
{
	blocks_held = hold;
}

bool fake_blocks_held(void)
{
	return blocks_held;
}

void *heap_alloc_aligned(size_t align, size_t size)
{
	size_t fill = size;
	void *ptr;

	if (!blocks_left || size > 64 * MiB)
		return NULL;
	ptr = spare_take(align, size);
	if (ptr)
		fill = MIN(size, 2 * LARGE);
	else if (posix_memalign(&ptr, align, size))
		return NULL;
	if (blocks_left > 0)
		blocks_left--;
	/* Real memory is not zero either; a spare is filled only in part. */
	memset(ptr, 0xa5, fill);
	assert(block_count < BLOCKS_MAX);
	blocks[block_count].ptr = ptr;
	blocks[block_count++].size = size;
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

static size_t block_find(const void *ptr)
{
	size_t i = block_count;

	while (i && blocks[i - 1].ptr != ptr)
		i--;
	assert(i);
	return i - 1;
}

/* Always moves, to catch code that keeps the old pointer. */
void *heap_realloc(void *ptr, size_t size)
{
	void *copy = heap_alloc(size);

	if (copy && ptr) {
		memcpy(copy, ptr, MIN(blocks[block_find(ptr)].size, size));
		heap_free(ptr);
	}
	return copy;
}

void heap_free(void *ptr)
{
	size_t i;

	if (!ptr)
		return;
	i = block_find(ptr);
	if (i < block_first)
		blocks[i].ptr = NULL;
	else
		blocks[i] = blocks[--block_count];
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

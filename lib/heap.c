// SPDX-License-Identifier: BSD-2-Clause
// The heap: free lists by size, blocks that know their neighbours.
#include "lib/heap.h"

#include <string.h>

#include "lib/list.h"

/*
 * A region of memory, counted in units of 16 bytes:
 *
 *   | region | block | block | ... | block | end |
 *
 * Each block begins with a header; the end is a header without contents. A free
 * block keeps its list link in the payload. Two free blocks are never adjacent.
 * The check word is a function of the header's other words, its address and
 * whether the block is in use: a double free, a free of a bad pointer, or a
 * write past the end of a block fails an assertion. It is the first word and
 * its first byte is not 0, to catch an overrun by a single NUL, too.
 */
#define HEAP_UNIT 16u
#define HEAP_SMALLEST_REGION 4096u

struct heap_block {
	uint32_t check;
	uint32_t prev; /* units of the previous block, 0: first in its region */
	uint32_t size; /* units of this block with its header, 0: the end */
	uint32_t used; /* HEAP_USED or HEAP_FREE */
	struct list link; /* only in free blocks */
};

struct heap_region {
	struct heap_region *next;
	struct heap_block *end;
};

#define HEAP_HEADER offsetof(struct heap_block, link)
#define HEAP_MIN_UNITS (sizeof(struct heap_block) / HEAP_UNIT)
#define HEAP_USED 0x75736564u /* "used" */
#define HEAP_FREE 0x66726565u /* "free" */

static_assert(HEAP_HEADER == HEAP_UNIT, "contents are aligned to a unit");
static_assert(sizeof(struct heap_block) % HEAP_UNIT == 0, "whole units");
static_assert(sizeof(struct heap_region) == HEAP_UNIT, "a region costs a unit");

/* Lists 0..63: blocks of exactly n units; 64..95: of 2^(n-64) units and up. */
#define HEAP_EXACT 64u
#define HEAP_LISTS 96u

static struct {
	struct list lists[HEAP_LISTS];
	uint64_t filled[2]; /* one bit for each list that is not empty */
	struct heap_region *regions;
	bool (*grow)(size_t want);
	bool growing; /* or on hold */
} heap;

static uint32_t heap_check_word(const struct heap_block *b)
{
	uint32_t sum = ((uint32_t)(uintptr_t)b ^ b->prev) +
		       (b->size << 16 | b->size >> 16) + b->used;

	return sum | 0x01000001; /* in either byte order */
}

static void heap_seal(struct heap_block *b, uint32_t used)
{
	b->used = used;
	b->check = heap_check_word(b);
}

/* Asserts that `b` is a block, and that no overrun damaged its header. */
static void heap_verify(const struct heap_block *b)
{
	assert(b->check == heap_check_word(b));
}

static struct heap_block *heap_after(const struct heap_block *b, size_t units)
{
	return (struct heap_block *)((uintptr_t)b + units * HEAP_UNIT);
}

static struct heap_block *heap_next(const struct heap_block *b)
{
	return heap_after(b, b->size);
}

static struct heap_block *heap_before(const struct heap_block *b)
{
	return (struct heap_block *)((uintptr_t)b -
				     b->prev * (size_t)HEAP_UNIT);
}

static void heap_set_prev(struct heap_block *b, uint32_t prev)
{
	heap_verify(b);
	b->prev = prev;
	heap_seal(b, b->used);
}

static unsigned heap_list_of(uint32_t units)
{
	if (units < HEAP_EXACT)
		return units;
	return HEAP_LISTS - 1 - (unsigned)__builtin_clz(units);
}

static void heap_list_add(struct heap_block *b)
{
	unsigned n = heap_list_of(b->size);

	list_add_tail(&heap.lists[n], &b->link);
	heap.filled[n / 64] |= 1ULL << n % 64;
}

static void heap_list_del(struct heap_block *b)
{
	unsigned n = heap_list_of(b->size);
	struct list *head = &heap.lists[n];

	b->link.prev->next = b->link.next;
	b->link.next->prev = b->link.prev;
	if (list_empty(head))
		heap.filled[n / 64] &= ~(1ULL << n % 64);
}

/* The first non-empty list from number `n` on, or HEAP_LISTS. */
static unsigned heap_filled_from(unsigned n)
{
	for (unsigned word = n / 64; word < 2; word++, n = 64) {
		uint64_t bits = heap.filled[word] >> n % 64;

		if (bits)
			return n + (unsigned)__builtin_ctzll(bits);
	}
	return HEAP_LISTS;
}

static struct heap_block *heap_find(uint32_t units)
{
	unsigned n = heap_list_of(units);
	struct heap_block *b;

	/* Blocks of different sizes share the upper lists. */
	if (n >= HEAP_EXACT) {
		list_for_each(b, &heap.lists[n], link) {
			if (b->size >= units)
				return b;
		}
		n++;
	}
	n = n < HEAP_LISTS ? heap_filled_from(n) : HEAP_LISTS;
	if (n == HEAP_LISTS)
		return NULL;
	return container_of(heap.lists[n].next, struct heap_block, link);
}

/* Make [b, b + units) a free block; the previous block has `prev` units. */
static void heap_make_free(struct heap_block *b, uint32_t prev, uint32_t units)
{
	b->prev = prev;
	b->size = units;
	heap_seal(b, HEAP_FREE);
	heap_set_prev(heap_next(b), units);
	heap_list_add(b);
}

/* Free the used block `b`; join it with its free neighbours. */
static void heap_release(struct heap_block *b)
{
	struct heap_block *next = heap_next(b);
	uint32_t units = b->size;
	uint32_t prev = b->prev;

	heap_verify(next);
	if (next->used == HEAP_FREE) {
		heap_list_del(next);
		units += next->size;
	}
	if (prev) {
		struct heap_block *before = heap_before(b);

		heap_verify(before);
		if (before->used == HEAP_FREE) {
			heap_list_del(before);
			units += before->size;
			prev = before->prev;
			b->check = 0; /* otherwise it still looks used */
			b = before;
		}
	}
	heap_make_free(b, prev, units);
}

/* Shrink the used block `b` to `units`; free the rest. */
static void heap_trim(struct heap_block *b, uint32_t units)
{
	struct heap_block *rest = heap_after(b, units);

	if (b->size - units < HEAP_MIN_UNITS)
		return;
	rest->size = b->size - units;
	rest->prev = units;
	b->size = units;
	heap_seal(b, HEAP_USED);
	heap_release(rest);
}

/*
 * Allocate the first `units` of the free block `b`. No free block can follow
 * the rest; the rest replaces `b` in its list if it belongs there, too.
 */
static void heap_carve(struct heap_block *b, uint32_t units)
{
	uint32_t left = b->size - units;

	heap_verify(b);
	if (left < HEAP_MIN_UNITS) {
		heap_list_del(b);
		heap_seal(b, HEAP_USED);
		return;
	}

	struct heap_block *rest = heap_after(b, units);

	if (heap_list_of(left) == heap_list_of(b->size)) {
		rest->link = b->link;
		rest->link.prev->next = &rest->link;
		rest->link.next->prev = &rest->link;
		rest->prev = units;
		rest->size = left;
		heap_seal(rest, HEAP_FREE);
		heap_set_prev(heap_next(rest), left);
	} else {
		heap_list_del(b);
		heap_make_free(rest, units, left);
	}
	b->size = units;
	heap_seal(b, HEAP_USED);
}

/* Units for `size` bytes and a header; 0: larger than any heap. */
static uint32_t heap_units(size_t size)
{
	if (size > (size_t)INT32_MAX * HEAP_UNIT)
		return 0;

	size_t units = (size + HEAP_HEADER + HEAP_UNIT - 1) / HEAP_UNIT;

	return (uint32_t)MAX(units, HEAP_MIN_UNITS);
}

static struct heap_block *heap_get(uint32_t units)
{
	struct heap_block *b = units ? heap_find(units) : NULL;

	if (!b && units && heap.grow && !heap.growing) {
		/* A region needs one unit itself and one for its end. */
		size_t want = (size_t)(units + 2) * HEAP_UNIT;

		heap.growing = true;
		if (heap.grow(MAX(want, HEAP_SMALLEST_REGION)))
			b = heap_find(units);
		heap.growing = false;
	}
	if (b)
		heap_carve(b, units);
	return b;
}

static void *heap_contents(struct heap_block *b)
{
	return b ? (void *)((uintptr_t)b + HEAP_HEADER) : NULL;
}

static struct heap_block *heap_block_of(void *ptr)
{
	struct heap_block *b =
		(struct heap_block *)((uintptr_t)ptr - HEAP_HEADER);

	heap_verify(b);
	assert(b->used == HEAP_USED); /* otherwise: double free */
	return b;
}

void *heap_alloc(size_t size)
{
	return heap_contents(heap_get(heap_units(size)));
}

void *heap_zalloc(size_t size)
{
	void *ptr = heap_alloc(size);

	if (ptr)
		memset(ptr, 0, size);
	return ptr;
}

void *heap_alloc_aligned(size_t align, size_t size)
{
	assert(IS_POWER_OF_2(align) && align >= HEAP_UNIT);

	uint32_t units = heap_units(size);
	uint32_t slack = heap_units(align); /* also room for a free block */
	struct heap_block *b, *aligned;

	if (!units || !slack || units > UINT32_MAX - slack)
		return NULL;
	b = heap_get(units + slack);
	if (!b)
		return NULL;

	uintptr_t ptr = (uintptr_t)heap_contents(b);
	uintptr_t start = ALIGN_UP(ptr, align);

	if (start != ptr && start - ptr < sizeof(struct heap_block))
		start += align;
	if (start != ptr) {
		uint32_t gap = (uint32_t)((start - ptr) / HEAP_UNIT);

		aligned = heap_after(b, gap);
		aligned->prev = gap;
		aligned->size = b->size - gap;
		heap_seal(aligned, HEAP_USED);
		heap_set_prev(heap_next(aligned), aligned->size);
		b->size = gap;
		heap_seal(b, HEAP_USED);
		heap_release(b);
		b = aligned;
	}
	heap_trim(b, units);
	return heap_contents(b);
}

void heap_free(void *ptr)
{
	if (ptr)
		heap_release(heap_block_of(ptr));
}

void *heap_realloc(void *ptr, size_t size)
{
	if (!ptr)
		return heap_alloc(size);

	struct heap_block *b = heap_block_of(ptr);
	struct heap_block *next = heap_next(b);
	uint32_t units = heap_units(size);

	heap_verify(next);
	if (units && units <= b->size) {
		heap_trim(b, units);
		return ptr;
	}
	if (units && next->used == HEAP_FREE && units - b->size <= next->size) {
		heap_list_del(next);
		b->size += next->size;
		heap_seal(b, HEAP_USED);
		heap_set_prev(heap_next(b), b->size);
		heap_trim(b, units);
		return ptr;
	}

	void *copy = heap_alloc(size);

	if (copy) {
		memcpy(copy, ptr, b->size * (size_t)HEAP_UNIT - HEAP_HEADER);
		heap_free(ptr);
	}
	return copy;
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

/* Unlinks and returns the region that ends (`at_end`) or begins at `addr`. */
static struct heap_region *heap_unlink_region(uintptr_t addr, bool at_end)
{
	struct heap_region **p, *region;

	for (p = &heap.regions; *p; p = &(*p)->next) {
		region = *p;
		if (addr == (at_end ? (uintptr_t)region->end + HEAP_HEADER
				    : (uintptr_t)region)) {
			*p = region->next;
			return region;
		}
	}
	return NULL;
}

void heap_add(void *base, size_t size)
{
	uintptr_t start = ALIGN_UP((uintptr_t)base, HEAP_UNIT);
	uintptr_t end = ALIGN_DOWN((uintptr_t)base + size, HEAP_UNIT);

	if (size < HEAP_SMALLEST_REGION)
		return;
	assert((end - start) / HEAP_UNIT < INT32_MAX);

	struct heap_region *below = heap_unlink_region(start, true);
	struct heap_region *above = heap_unlink_region(end, false);
	struct heap_region *region = below ? below
					   : (struct heap_region *)start;
	struct heap_block *b, *last;

	/* The end marker of the region below becomes a block; the header of the
	 * region above becomes part of it. */
	b = below ? below->end : (struct heap_block *)(region + 1);
	if (!below)
		b->prev = 0;
	last = above ? (struct heap_block *)(above + 1)
		     : (struct heap_block *)(end - HEAP_HEADER);
	b->size = (uint32_t)(((uintptr_t)last - (uintptr_t)b) / HEAP_UNIT);
	region->end = above ? above->end : last;
	if (!above)
		last->size = 0;
	last->prev = b->size;
	heap_seal(last, above ? last->used : HEAP_USED);
	heap_seal(b, HEAP_USED);
	region->next = heap.regions;
	heap.regions = region;
	heap_release(b);
}

void heap_init(void *base, size_t size)
{
	memset(&heap, 0, sizeof(heap));
	for (size_t i = 0; i < HEAP_LISTS; i++)
		list_init(&heap.lists[i]);
	heap_add(base, size);
}

void heap_set_grow(bool (*grow)(size_t want))
{
	heap.grow = grow;
}

void heap_hold(bool hold)
{
	heap.growing = hold;
}

// SPDX-License-Identifier: BSD-2-Clause
// DMA for fake devices: see tests/fake/virtio_dma.h.
#include "tests/fake/virtio_dma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "lib/watch.h"

/* The distance of a bus address in a window from the real address. */
#define WINDOW_OFFSET (1ULL << 48)
/* Allocations are below 16 TiB, as legacy virtio devices require. */
#define ALLOC_SHIFT 24
#define ALLOC_SHIFT_LOW 21 /* below 4 GiB: 2 MiB for each */
#define ALLOC_BUS(i) ((i + 1ULL) << (low ? ALLOC_SHIFT_LOW : ALLOC_SHIFT))

static struct mapping {
	uint8_t *ptr;
	uint64_t bus;
	size_t len; /* 0: free */
	enum dma_dir dir;
} mappings[1024];
/* Addresses that are never used again. */
static struct range {
	uint64_t bus;
	size_t len;
} reserved[65536];
static unsigned n_reserved;
static size_t limit;
static unsigned fail_at, calls;
static bool window, low;
void (*fake_dma_between)(void);

void fake_dma_reset(void)
{
	memset(mappings, 0, sizeof(mappings));
	n_reserved = 0;
	limit = 0;
	fail_at = calls = 0;
	window = low = false;
	fake_dma_between = NULL;
}

unsigned fake_dma_live(void)
{
	unsigned i, n = 0;

	for (i = 0; i < ARRAY_SIZE(mappings); i++)
		n += mappings[i].len != 0;
	return n;
}

void fake_dma_limit(size_t len)
{
	limit = len;
}

void fake_dma_fail(unsigned n)
{
	fail_at = n;
}

bool fake_dma_used_window(void)
{
	return window;
}

unsigned fake_dma_calls(void)
{
	return calls;
}

/* As drivers/dma.c sets TCEs. */
static void count_calls(const struct dma *dma, uint64_t bus, size_t len)
{
	size_t pages = (bus % 4096 + len + 4095) / 4096;

	if (!dma->bypass)
		calls += (unsigned)((pages + 511) / 512);
}

static struct mapping *find(uint64_t bus, size_t len, enum dma_dir dir)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(mappings); i++) {
		struct mapping *m = &mappings[i];

		if (m->len && bus >= m->bus && bus - m->bus <= m->len &&
		    len <= m->len - (bus - m->bus) && (m->dir & dir) == dir)
			return m;
	}
	return NULL;
}

void fake_dma_low(void)
{
	low = true;
}

void *fake_dma_ptr(uint64_t bus, size_t len, enum dma_dir dir)
{
	struct mapping *m = find(bus, len, dir);

	if (!m)
		fail_msg("DMA of %zu bytes at 0x%llx is not mapped", len,
			 (unsigned long long)bus);
	return m->ptr + (bus - m->bus);
}

void dma_init_bypass(struct dma *dma)
{
	*dma = (struct dma){ .bypass = true };
}

int dma_init_window(struct dma *dma, uint32_t liobn, uint64_t base,
		    uint64_t size)
{
	(void)liobn;
	(void)base;
	(void)size;
	window = true;
	*dma = (struct dma){ .bypass = false };
	return 0;
}

static bool is_reserved(uint64_t bus, size_t len)
{
	unsigned i;

	for (i = 0; i < n_reserved; i++) {
		if (bus < reserved[i].bus + reserved[i].len &&
		    reserved[i].bus < bus + len)
			return true;
	}
	return false;
}

static struct mapping *add(const void *ptr, size_t len, enum dma_dir dir)
{
	unsigned i;

	assert_true(len > 0);
	if ((fail_at && --fail_at == 0) || (limit && len > limit))
		return NULL;
	for (i = 0; mappings[i].len || is_reserved(ALLOC_BUS(i), len); i++)
		assert_true(i + 1 < ARRAY_SIZE(mappings));
	/* The caller sets the device's access. */
	mappings[i].ptr = (void *)(uintptr_t)ptr;
	mappings[i].bus = ALLOC_BUS(i);
	mappings[i].len = len;
	mappings[i].dir = dir;
	return &mappings[i];
}

bool fake_dma_mapped(uint64_t bus)
{
	return find(bus, 1, 0) != NULL;
}

int dma_reserve(struct dma *dma, uint64_t bus, size_t len)
{
	(void)dma;
	assert_true(n_reserved < ARRAY_SIZE(reserved));
	assert_false(len && fake_dma_mapped(bus));
	if (len)
		reserved[n_reserved++] = (struct range){ bus, len };
	return 0;
}

int dma_map(struct dma *dma, const void *ptr, size_t len, enum dma_dir dir,
	    uint64_t *bus)
{
	struct mapping *m = add(ptr, len, dir);

	if (!m)
		return reason_fail(ERR_NOSPACE, "dma: window is full");
	if (low)
		m->bus += (uintptr_t)ptr % 4096;
	else
		m->bus = (uintptr_t)ptr + (dma->bypass ? 0 : WINDOW_OFFSET);
	while (!dma->bypass && is_reserved(m->bus, len))
		m->bus += WINDOW_OFFSET;
	*bus = m->bus;
	count_calls(dma, *bus, len);
	if (dir & DMA_FROM_DEVICE)
		watch_map(dma, ptr, len, *bus);
	return 0;
}

void dma_unmap(struct dma *dma, uint64_t bus, size_t len)
{
	unsigned i;

	watch_unmap(dma, bus);
	for (i = 0; i < ARRAY_SIZE(mappings); i++) {
		if (mappings[i].bus == bus && mappings[i].len == len)
			break;
	}
	if (i == ARRAY_SIZE(mappings))
		fail_msg("nothing of %zu bytes is mapped at 0x%llx", len,
			 (unsigned long long)bus);
	mappings[i].len = 0;
	count_calls(dma, bus, len);
	if (fake_dma_between)
		fake_dma_between();
}

void *dma_alloc(struct dma *dma, size_t len, uint64_t *bus)
{
	void *ptr = heap_alloc_aligned(4096, len);
	struct mapping *m;

	(void)dma;
	if (!ptr) {
		reason_fail(ERR_NOMEM, "dma: out of memory");
		return NULL;
	}
	memset(ptr, 0, len);
	m = add(ptr, len, DMA_BOTH);
	if (m) {
		*bus = m->bus;
		return ptr;
	}
	heap_free(ptr);
	reason_fail(ERR_NOSPACE, "dma: window is full");
	return NULL;
}

void dma_free(struct dma *dma, void *ptr, uint64_t bus, size_t len)
{
	if (!ptr)
		return;
	dma_unmap(dma, bus, len);
	heap_free(ptr);
}

// SPDX-License-Identifier: BSD-2-Clause
// DMA: allocating bus addresses of DMA windows, setting their TCEs.
#include "drivers/dma.h"

#include "hcall/hcall.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/list.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"

static_assert(DMA_TO_DEVICE == H_TCE_READ && DMA_FROM_DEVICE == H_TCE_WRITE,
	      "a device reads what goes to it");

#define WORD_BITS 64u
/* The bitmap starts with 4 MiB of bus addresses and doubles when full. */
#define WORDS_FIRST 16u

/*
 * The bus addresses of one TCE table, a bit per page. Free: its TCE is clear,
 * no device reaches memory there. All pages below `hint` are taken:
 *
 *	0    hint            words * 64            pages
 *	|####|#..##...#......|  (free, no bits)    |
 *
 * Bus address 0 is always taken: devices and drivers read it as "no buffer". A
 * page whose TCE cannot be cleared stays taken for good, as dma_reserve()
 * leaves its own: a device may still write there, and must not reach what the
 * next dma_map() puts at a reused address.
 */
struct dma_window {
	struct list link;
	uint32_t liobn;
	uint64_t base;	/* bus address of page 0 */
	uint64_t pages; /* total */
	uint64_t *map;	/* grows; pages after its end are free */
	size_t words;	/* of map */
	size_t hint;	/* all pages below are taken */
};

static struct list dma_windows = LIST_INIT(dma_windows);
/* A page of TCEs for H_PUT_TCE_INDIRECT; NULL: not yet allocated. */
static be64 *dma_list;
/* The hypervisor lacks "multi-tce": one page per call. */
static bool dma_one_by_one;

/* Sets or clears the bits of a range inside the map. */
static void window_mark(struct dma_window *w, size_t page, size_t count,
			bool taken)
{
	while (count) {
		size_t bit = page % WORD_BITS;
		size_t n = MIN(count, WORD_BITS - bit);
		size_t last = bit + n - 1;
		uint64_t mask = UINT64_MAX << bit & UINT64_MAX >> (63 - last);

		if (taken)
			w->map[page / WORD_BITS] |= mask;
		else
			w->map[page / WORD_BITS] &= ~mask;
		page += n;
		count -= n;
	}
}

/* Length of the run of taken, or free, pages that starts at `page`. */
static size_t window_run(const struct dma_window *w, size_t page, bool *taken)
{
	size_t at = page, end = w->words * WORD_BITS, n, left;

	*taken = w->map[page / WORD_BITS] >> page % WORD_BITS & 1;
	do {
		uint64_t word = w->map[at / WORD_BITS] >> at % WORD_BITS;

		left = WORD_BITS - at % WORD_BITS;
		word = *taken ? ~word : word;
		n = word ? MIN((size_t)__builtin_ctzll(word), left) : left;
		at += n;
	} while (n == left && at < end);
	return at - page;
}

/* The first run of `want` free pages, or the last run: the map can grow. */
static size_t window_find(const struct dma_window *w, size_t want)
{
	size_t page = w->hint, run, end = w->words * WORD_BITS;
	bool taken;

	for (; page < end; page += run) {
		run = window_run(w, page, &taken);
		if (!taken && (run >= want || page + run == end))
			break;
	}
	return page;
}

/* Extends the map to page `end`. Returns 0 or ERR_NOMEM. */
static int window_grow(struct dma_window *w, size_t end)
{
	size_t need = (end + WORD_BITS - 1) / WORD_BITS;
	uint64_t *map;

	if (need <= w->words)
		return 0;
	need = MAX(need, MAX(2 * w->words, (size_t)WORDS_FIRST));
	map = heap_realloc(w->map, need * sizeof(*map));
	if (!map)
		return reason_fail(ERR_NOMEM, "dma: out of memory");
	memset(map + w->words, 0, (need - w->words) * sizeof(*map));
	w->map = map;
	w->words = need;
	return 0;
}

/* Takes a run of `count` pages. Returns 0, ERR_NOSPACE or ERR_NOMEM. */
static int window_take(struct dma_window *w, size_t count, size_t *page)
{
	int rc;

	*page = window_find(w, count);
	if (*page > w->pages || count > w->pages - *page)
		return reason_fail(ERR_NOSPACE, "dma: window 0x%x is full",
				   w->liobn);
	rc = window_grow(w, *page + count);
	if (rc)
		return rc;
	window_mark(w, *page, count, true);
	if (*page == w->hint)
		w->hint += count;
	return 0;
}

static uint64_t window_bus(const struct dma_window *w, size_t page)
{
	return w->base + (uint64_t)page * H_TCE_PAGE;
}

/* Sets up to H_TCE_INDIRECT_MAX TCEs by one hypercall; `tce` 0: clears. */
static int tce_set_many(const struct dma_window *w, uint64_t bus, uint64_t tce,
			size_t count)
{
	if (!tce)
		return h_stuff_tce(w->liobn, bus, 0, count);
	if (!dma_list)
		dma_list = heap_alloc_aligned(
			H_TCE_PAGE, H_TCE_INDIRECT_MAX * sizeof(*dma_list));
	if (!dma_list)
		return ERR_NOTSUP;
	for (size_t i = 0; i < count; i++)
		dma_list[i] = be64_make(tce + i * H_TCE_PAGE);
	return h_put_tce_indirect(w->liobn, bus, dma_list, count);
}

static int tce_set_each(const struct dma_window *w, uint64_t bus, uint64_t tce,
			size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++)
		rc = h_put_tce(w->liobn, bus + i * H_TCE_PAGE,
			       tce ? tce + i * H_TCE_PAGE : 0);
	return rc;
}

/*
 * Maps `count` pages from `page` on; `tce` is the entry of the first, 0: unmaps
 * them. [LoPAR 14.5.4.4]
 */
static int tce_set(const struct dma_window *w, size_t page, uint64_t tce,
		   size_t count)
{
	int rc = 0;

	while (count && !rc) {
		uint64_t bus = window_bus(w, page);
		size_t n = MIN(count, (size_t)H_TCE_INDIRECT_MAX);

		rc = ERR_NOTSUP;
		if (n > 1 && !dma_one_by_one) {
			rc = tce_set_many(w, bus, tce, n);
			dma_one_by_one = rc == ERR_NOTSUP;
		}
		if (rc == ERR_NOTSUP)
			rc = tce_set_each(w, bus, tce, n);
		page += n;
		tce += tce ? n * H_TCE_PAGE : 0;
		count -= n;
	}
	return rc;
}

static int tce_clear(const struct dma_window *w, size_t page, size_t count)
{
	int rc = tce_set(w, page, 0, count);

	if (rc)
		log_err("dma: TCE table 0x%x: cannot clear: %s", w->liobn,
			err_str(rc));
	return rc;
}

void dma_init_bypass(struct dma *dma)
{
	dma->bypass = true;
	dma->window = NULL;
}

static struct dma_window *window_new(uint32_t liobn, uint64_t base,
				     uint64_t size)
{
	struct dma_window *w = heap_zalloc(sizeof(*w));

	if (!w)
		return NULL;
	w->liobn = liobn;
	w->base = base;
	w->pages = MIN(size, UINT64_MAX - base) / H_TCE_PAGE;
	w->hint = base < H_TCE_PAGE;
	if (w->hint && window_grow(w, 1)) {
		heap_free(w);
		return NULL;
	}
	if (w->hint)
		window_mark(w, 0, 1, true);
	list_add_tail(&dma_windows, &w->link);
	return w;
}

int dma_init_window(struct dma *dma, uint32_t liobn, uint64_t base,
		    uint64_t size)
{
	struct dma_window *w;

	dma->bypass = false;
	dma->window = NULL;
	list_for_each(w, &dma_windows, link) {
		if (w->liobn == liobn)
			dma->window = w;
	}
	if (!dma->window)
		dma->window = window_new(liobn, base, size);
	return dma->window ? 0 : reason_fail(ERR_NOMEM, "dma: out of memory");
}

/* Pages that [addr, addr + len) touches; addr + len does not wrap. */
static size_t dma_pages(uint64_t addr, size_t len)
{
	return (size_t)((addr + len - 1) / H_TCE_PAGE - addr / H_TCE_PAGE + 1);
}

static int dma_map_window(struct dma *dma, uint64_t real, size_t len,
			  enum dma_dir dir, uint64_t *bus)
{
	struct dma_window *w = dma->window;
	size_t page, count = dma_pages(real, len);
	int rc = window_take(w, count, &page);

	if (rc)
		return rc;
	*bus = window_bus(w, page) + real % H_TCE_PAGE;
	rc = tce_set(w, page, ALIGN_DOWN(real, H_TCE_PAGE) | dir, count);
	if (!rc)
		return 0;
	dma_unmap(dma, *bus, len);
	return reason_fail(ERR_IO, "dma: TCE table 0x%x: %s", w->liobn,
			   err_str(rc));
}

int dma_map(struct dma *dma, const void *ptr, size_t len, enum dma_dir dir,
	    uint64_t *bus)
{
	uint64_t real = (uintptr_t)ptr;
	int rc = 0;

	if (len == 0 || len > UINT64_MAX - real)
		return reason_fail(ERR_INVAL, "dma: nothing to map");
	if (dma->bypass)
		*bus = real;
	else
		rc = dma_map_window(dma, real, len, dir, bus);
	if (!rc && dir & DMA_FROM_DEVICE)
		watch_map(dma, ptr, len, *bus);
	return rc;
}

void dma_unmap(struct dma *dma, uint64_t bus, size_t len)
{
	struct dma_window *w = dma->window;
	size_t page, count = dma_pages(bus, len);

	watch_unmap(dma, bus);
	if (dma->bypass)
		return;
	page = (size_t)((bus - w->base) / H_TCE_PAGE);
	/* Pages that are still mapped stay taken. */
	if (tce_clear(w, page, count) == 0) {
		window_mark(w, page, count, false);
		w->hint = MIN(w->hint, page);
	}
}

int dma_reserve(struct dma *dma, uint64_t bus, size_t len)
{
	struct dma_window *w = dma->window;
	uint64_t first, count;
	int rc;

	if (!len || bus < w->base || (bus - w->base) / H_TCE_PAGE >= w->pages)
		return 0;
	first = (bus - w->base) / H_TCE_PAGE;
	count = MIN(dma_pages(bus, len), w->pages - first);
	rc = window_grow(w, first + count);
	if (!rc)
		window_mark(w, first, count, true);
	return rc;
}

void *dma_alloc(struct dma *dma, size_t len, uint64_t *bus)
{
	size_t room = ALIGN_UP(len, H_TCE_PAGE);
	void *ptr = heap_alloc_aligned(H_TCE_PAGE, room);

	if (!ptr) {
		reason_fail(ERR_NOMEM, "dma: out of memory");
		return NULL;
	}
	memset(ptr, 0, room);
	if (dma_map(dma, ptr, len, DMA_BOTH, bus)) {
		heap_free(ptr);
		return NULL;
	}
	return ptr;
}

void dma_free(struct dma *dma, void *ptr, uint64_t bus, size_t len)
{
	if (!ptr)
		return;
	dma_unmap(dma, bus, len);
	heap_free(ptr);
}

static void window_quiesce(struct dma_window *w)
{
	size_t page = w->base < H_TCE_PAGE, run;
	bool taken;

	for (; page < w->words * WORD_BITS; page += run) {
		run = window_run(w, page, &taken);
		if (taken)
			tce_clear(w, page, run);
	}
}

void dma_quiesce_all(void)
{
	struct dma_window *w;

	list_for_each(w, &dma_windows, link)
		window_quiesce(w);
}

void dma_init(void)
{
	list_init(&dma_windows);
	dma_list = NULL;
	dma_one_by_one = false;
}

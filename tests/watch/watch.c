// SPDX-License-Identifier: BSD-2-Clause
/* The claim checker: which ranges may be written, and which were. */
#include "tests/watch/watch.h"

/* The most ranges; if there are more, the rest of the call is unchecked. */
#define RANGES_MAX 512u
/* The most buffers that devices have at one time. */
#define MAPS_MAX 256u

struct range {
	uint64_t start, end;
};

/* Unordered ranges; no two touch. */
struct ranges {
	size_t count;
	bool full; /* some ranges did not fit */
	struct range r[RANGES_MAX];
};

struct map {
	const struct dma *dma;
	uint64_t bus;
	struct range r;
};

static struct range memory;
static struct ranges own, allowed, written;
static struct map maps[MAPS_MAX];
static size_t map_count;
static const char *watch_what;

static struct range range_of(const void *ptr, uint64_t size)
{
	uint64_t start = (uintptr_t)ptr;

	return (struct range){ start, size > UINT64_MAX - start
					      ? UINT64_MAX
					      : start + size };
}

static void ranges_clear(struct ranges *set)
{
	set->count = 0;
	set->full = false;
}

static void ranges_drop(struct ranges *set, size_t i)
{
	set->r[i] = set->r[--set->count];
}

static void ranges_put(struct ranges *set, struct range r)
{
	if (r.start >= r.end)
		return;
	if (set->count == RANGES_MAX)
		set->full = true;
	else
		set->r[set->count++] = r;
}

/* Adds a range, joined with those that touch it. */
static void ranges_add(struct ranges *set, struct range r)
{
	if (r.start >= r.end)
		return;
	for (size_t i = set->count; i-- > 0;) {
		struct range old = set->r[i];

		if (old.start > r.end || r.start > old.end)
			continue;
		r.start = MIN(r.start, old.start);
		r.end = MAX(r.end, old.end);
		ranges_drop(set, i);
	}
	ranges_put(set, r);
}

static void ranges_remove(struct ranges *set, struct range r)
{
	for (size_t i = set->count; i-- > 0;) {
		struct range old = set->r[i];

		if (old.start >= r.end || r.start >= old.end)
			continue;
		ranges_drop(set, i);
		ranges_put(set, (struct range){ old.start, r.start });
		ranges_put(set, (struct range){ r.end, old.end });
	}
}

static bool ranges_hold(const struct ranges *set, struct range r)
{
	for (size_t i = 0; i < set->count; i++) {
		if (r.start >= set->r[i].start && r.end <= set->r[i].end)
			return true;
	}
	return false;
}

/* Is any of it in memory that is watched? */
static bool watch_outside(struct range r)
{
	if (own.count)
		return !ranges_hold(&own, r);
	return r.start < memory.end && r.end > memory.start;
}

static void watch_fail(struct range r, const void *pc, const char *why)
{
	const struct watch_fault fault = {
		.addr = r.start,
		.size = r.end - r.start,
		.pc = (uintptr_t)pc,
		.what = watch_what ? watch_what : "no call",
		.why = why,
	};

	watch_report(&fault);
}

/* Reports a write unless it is ours or allowed; allowed ones are recorded. */
static void watch_check(struct range r, const void *pc, const char *why)
{
	if (r.start == r.end || !watch_outside(r))
		return;
	if (ranges_hold(&allowed, r) || allowed.full)
		ranges_add(&written, r);
	else
		watch_fail(r, pc, why);
}

void watch_store(const void *ptr, uint64_t size, const void *pc)
{
	watch_check(range_of(ptr, size), pc,
		    "neither ours nor a buffer of this call nor claimed");
}

void watch_written(const void *ptr, uint64_t size)
{
	watch_check(range_of(ptr, size), __builtin_return_address(0),
		    "the hypervisor would write there");
}

void watch_device(uint64_t addr, uint64_t size)
{
	struct range r = { addr, addr + size };

	if (r.start < memory.end && r.end > memory.start)
		watch_fail(r, __builtin_return_address(0),
			   "registers of a device, but it is memory");
}

void watch_map(const struct dma *dma, const void *ptr, uint64_t size,
	       uint64_t bus)
{
	struct range r = range_of(ptr, size);

	watch_check(r, __builtin_return_address(0),
		    "a device would write there");
	/* Our own memory always stays allowed. */
	if (watch_outside(r) && map_count < MAPS_MAX)
		maps[map_count++] = (struct map){ dma, bus, r };
}

void watch_unmap(const struct dma *dma, uint64_t bus)
{
	for (size_t i = map_count; i-- > 0;) {
		if (maps[i].dma == dma && maps[i].bus == bus) {
			maps[i] = maps[--map_count];
			return;
		}
	}
}

/* All memory that devices may write must still be allowed. */
static void watch_check_maps(const void *pc)
{
	for (size_t i = map_count; i-- > 0;) {
		struct range r = maps[i].r;

		if (ranges_hold(&allowed, r) || allowed.full)
			continue;
		/* Report it only once. */
		maps[i] = maps[--map_count];
		watch_fail(r, pc, "a device may still write there");
	}
}

void watch_allow(const void *ptr, uint64_t size)
{
	ranges_add(&allowed, range_of(ptr, size));
}

void watch_forbid(const void *ptr, uint64_t size)
{
	ranges_remove(&allowed, range_of(ptr, size));
	watch_check_maps(__builtin_return_address(0));
}

void watch_begin(const char *what)
{
	ranges_clear(&allowed);
	ranges_clear(&written);
	watch_what = what;
}

void watch_end(void)
{
	ranges_clear(&allowed);
	watch_check_maps(__builtin_return_address(0));
	watch_what = NULL;
}

void watch_own(const void *ptr, uint64_t size)
{
	ranges_add(&own, range_of(ptr, size));
}

void watch_disown(const void *ptr, uint64_t size)
{
	ranges_remove(&own, range_of(ptr, size));
}

void watch_memory(uintptr_t base, uint64_t size)
{
	memory = (struct range){ base, base + size };
	ranges_clear(&allowed);
	ranges_clear(&written);
	map_count = 0;
	watch_what = NULL;
}

void watch_reset(void)
{
	watch_memory(0, 0);
	ranges_clear(&own);
}

size_t watch_written_count(void)
{
	return written.count;
}

void watch_written_at(size_t i, uint64_t *start, uint64_t *end)
{
	*start = written.r[i].start;
	*end = written.r[i].end;
}

void watch_trace(void)
{
	for (size_t i = 0; i < written.count; i++)
		watch_print_range(written.r[i].start - memory.start,
				  written.r[i].end - memory.start);
}

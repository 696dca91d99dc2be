// SPDX-License-Identifier: BSD-2-Clause
// Memory ranges: what the firmware reports free, and a model of it.

#include "tests/guest/conformance/ranges.h"

#define MIB 0x100000u

uint32_t memory_node(void)
{
	uint32_t ihandle = guest_number("/chosen", "memory", 0), node;

	node = ci1("instance-to-package", 1, ihandle, 0, 0, 0);
	if (!ihandle || !node || node == MISSING || node == UNTOUCHED)
		node = find("/memory");
	return node == MISSING ? 0 : node;
}

static uint64_t take_cells(const unsigned char **at, unsigned int cells)
{
	uint64_t number = 0;

	for (; cells; cells--, *at += 4)
		number = number << 32 | guest_be32(*at);
	return number;
}

bool memory_property(const char *name, struct ranges *to)
{
	static unsigned char value[16 * RANGES_MAX];
	uint32_t address = guest_number("/", "#address-cells", 2);
	uint32_t size = guest_number("/", "#size-cells", 1), n, entry;
	const unsigned char *at = value;

	to->count = 0;
	n = get_property(memory_node(), name, value, sizeof(value));
	entry = 4 * (address + size);
	if (n > sizeof(value) || !entry || entry > 16)
		return false;
	for (; to->count < n / entry; to->count++) {
		to->at[to->count].base = take_cells(&at, address);
		to->at[to->count].size = take_cells(&at, size);
	}
	return n % entry == 0;
}

void read_available(struct ranges *to)
{
	expect(memory_property("available", to),
	       "the memory node has no available of whole entries");
}

bool is_available(uint64_t base, uint64_t size)
{
	static struct ranges now;

	read_available(&now);
	return ranges_find(&now, base, size) >= 0;
}

bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
	unsigned int i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->at[i].base != b->at[i].base ||
		    a->at[i].size != b->at[i].size)
			return false;
	return true;
}

int ranges_find(const struct ranges *in, uint64_t base, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < in->count; i++) {
		uint64_t offset = base - in->at[i].base;

		if (base >= in->at[i].base && offset <= in->at[i].size &&
		    size <= in->at[i].size - offset)
			return (int)i;
	}
	return -1;
}

static void remove_at(struct ranges *from, unsigned int i)
{
	from->count--;
	for (; i < from->count; i++)
		from->at[i] = from->at[i + 1];
}

static void insert_at(struct ranges *to, unsigned int i, uint64_t base,
		      uint64_t size)
{
	unsigned int k;

	if (to->count == RANGES_MAX) {
		expect(false, "the case needs more ranges than it has");
		return;
	}
	for (k = to->count++; k > i; k--)
		to->at[k] = to->at[k - 1];
	to->at[i].base = base;
	to->at[i].size = size;
}

// The property's seven bytes, at an address a client may not use yet.
static void expect_name_at(uint64_t address)
{
	unsigned char *to = (unsigned char *)(uintptr_t)address;

	memset(to, CASES_FILL, 7);
	expect_is(get_property(find("/chosen"), "name", to, 7), 7,
		  "getprop into free memory");
	expect_bytes(to, "chosen", 7, "what it read");
}

void expect_available_takes_data(void)
{
	static struct ranges now;
	unsigned int i;

	read_available(&now);
	for (i = 0; i < now.count; i++) {
		uint64_t end = now.at[i].base + now.at[i].size;

		if (now.at[i].size < 16 || end > FOUR_GIB)
			continue;
		expect_name_at(now.at[i].base);
		expect_name_at(end - 7);
	}
}

bool ranges_take(struct ranges *from, uint64_t base, uint64_t size)
{
	int i = ranges_find(from, base, size);
	struct range was;

	if (i < 0)
		return false;
	was = from->at[i];
	remove_at(from, (unsigned int)i);
	if (base + size < was.base + was.size)
		insert_at(from, (unsigned int)i, base + size,
			  was.base + was.size - (base + size));
	if (was.base < base)
		insert_at(from, (unsigned int)i, was.base, base - was.base);
	return true;
}

void ranges_give(struct ranges *to, uint64_t base, uint64_t size)
{
	unsigned int i = 0;

	while (i < to->count && to->at[i].base < base)
		i++;
	insert_at(to, i, base, size);
	if (i + 1 < to->count && base + size == to->at[i + 1].base) {
		to->at[i].size += to->at[i + 1].size;
		remove_at(to, i + 1);
	}
	if (i && to->at[i - 1].base + to->at[i - 1].size == base) {
		to->at[i - 1].size += to->at[i].size;
		remove_at(to, i);
	}
}

// The part of a range that is below 4 GiB.
static uint32_t size_below_4g(const struct range *range)
{
	if (range->base >= FOUR_GIB)
		return 0;
	if (range->size > FOUR_GIB - range->base)
		return (uint32_t)(FOUR_GIB - range->base);
	return (uint32_t)range->size;
}

unsigned int claim_ranges(const struct ranges *all)
{
	unsigned int i, done = 0;

	for (i = 0; i < all->count; i++) {
		uint32_t base = (uint32_t)all->at[i].base;
		uint32_t size = size_below_4g(&all->at[i]);

		done += size && claim(base, size, 0) == base;
	}
	return done;
}

void release_ranges(const struct ranges *all)
{
	unsigned int i;

	for (i = 0; i < all->count; i++) {
		uint32_t size = size_below_4g(&all->at[i]);

		if (size)
			release((uint32_t)all->at[i].base, size);
	}
}

void expect_free(uint32_t base, uint32_t size, const char *what)
{
	expect(is_available(base, size), what);
	if (expect_is(claim(base, size, 0), base, what))
		release(base, size);
}

void expect_taken(uint32_t base, uint32_t size, const char *what)
{
	expect(!is_available(base, 1) && !is_available(base + size - 1, 1),
	       what);
	expect_is(claim(base, 1, 0), MISSING, what);
	expect_is(claim(base + size - 1, 1, 0), MISSING, what);
}

uint32_t free_place(uint32_t size)
{
	static struct ranges now;
	uint64_t best = 0, base = 0, start, end;
	unsigned int i;

	read_available(&now);
	for (i = 0; i < now.count; i++) {
		start = now.at[i].base;
		end = start + now.at[i].size;
		if (end > FOUR_GIB)
			end = FOUR_GIB;
		if (start < end && end - start > best) {
			best = end - start;
			base = start + (best - size) / 2 / MIB * MIB;
		}
	}
	base = (base + MIB - 1) / MIB * MIB;
	if (expect(best >= (uint64_t)size + 4 * MIB,
		   "no free memory is large enough for the case"))
		return (uint32_t)base;
	return 0;
}

uint64_t memory_size(void)
{
	static struct ranges reg;

	if (!memory_property("reg", &reg) || !reg.count)
		return 0;
	return reg.at[0].base + reg.at[0].size;
}

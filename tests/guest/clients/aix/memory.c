// SPDX-License-Identifier: BSD-2-Clause
// The AIX-style client's use of memory: IPLCB, heap, its image.

#include "tests/guest/clients/aix/aix.h"

#define IPLCB 0x0fff9000u // where AIX puts its IPL control block
#define IPLCB_SIZE 0x7000u
#define MIB (1u << 20)
#define RANGES 32

// The ranges of /memory@0 "available", two cells each.
struct range {
	uint64_t base, size;
};

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)guest_be32(p) << 32 | guest_be32(p + 4);
}

static unsigned int available(struct range *ranges)
{
	static unsigned char cells[16 * RANGES];
	uint32_t n = get_property(find("/memory@0"), "available", cells,
				  sizeof(cells));
	unsigned int i;

	if (!expect(n && n <= sizeof(cells), "available is missing"))
		return 0;
	for (i = 0; i < n / 16; i++) {
		ranges[i].base = be64(cells + 16 * i);
		ranges[i].size = be64(cells + 16 * i + 8);
	}
	return n / 16;
}

static void image_is_not_available(void)
{
	struct range ranges[RANGES];
	unsigned int n = available(ranges), i;
	uint64_t end = LOAD_BASE + image_size();

	for (i = 0; i < n; i++)
		expect(ranges[i].base >= end ||
			       ranges[i].base + ranges[i].size <= LOAD_BASE,
		       "a range of available is in the image");
}

static void expect_refused(uint32_t base, uint32_t size, const char *what)
{
	uint32_t got = claim(base, size, 0);

	if (!expect_is(got, MISSING, what))
		release(base, size);
}

static void image_cannot_be_claimed(void)
{
	uint32_t last = LOAD_BASE + image_size() - 1;

	expect_refused(LOAD_BASE, 1, "a claim of its first byte");
	expect_refused(LOAD_BASE + program_size(), 4096,
		       "a claim in its middle");
	expect_refused(last, 1, "a claim of its last byte");
	expect_refused(last - 4095, 8192, "a claim over its end");
	expect_image();
}

// Claims until nothing is left; no claim may be in the image.
static void claims_leave_the_image_alone(void)
{
	static uint32_t got[256];
	uint32_t end = LOAD_BASE + image_size();
	unsigned int n = 0, i;

	while (n < 256 && (got[n] = claim(0, 8 * MIB, 4096)) != MISSING)
		n++;
	expect_not(n, 0, "the number of claims");
	for (i = 0; i < n; i++) {
		expect(got[i] >= end || got[i] + 8 * MIB <= LOAD_BASE,
		       "a claim is in the image");
		release(got[i], 8 * MIB);
	}
}

static void iplcb_is_free(void)
{
	volatile uint32_t *word = (uint32_t *)(uintptr_t)IPLCB;
	uint32_t i;

	if (!expect_is(claim(IPLCB, IPLCB_SIZE, 0), IPLCB, "claim"))
		return;
	for (i = 0; i < IPLCB_SIZE / 4; i++)
		word[i] = i ^ 0xc9c2d4c1;
	expect_is(ci1("child", 1, find("/"), 0, 0, 0) != 0, true, "a child");
	for (i = 0; i < IPLCB_SIZE / 4 && word[i] == (i ^ 0xc9c2d4c1); i++)
		;
	expect_is(i, IPLCB_SIZE / 4, "words that keep their value");
}

static void memory_above_is_free(void)
{
	uint32_t base = IPLCB + IPLCB_SIZE, size = 16 * MIB;

	if (memory_size() < base + 4ull * size)
		skip("there is not so much memory");
	else if (expect_is(claim(base, size, 0), base, "claim"))
		release(base, size);
}

// The boot log's heap is all free memory above the firmware.
static void largest_range_is_a_heap(void)
{
	struct range ranges[RANGES], best = { 0, 0 };
	unsigned int n = available(ranges), i;
	volatile uint32_t *word;
	uint32_t base, size;

	for (i = 0; i < n; i++)
		if (ranges[i].size > best.size && ranges[i].base >> 32 == 0)
			best = ranges[i];
	if (best.base + best.size > UINT64_C(0x100000000))
		best.size = UINT64_C(0x100000000) - best.base;
	base = (uint32_t)best.base;
	size = (uint32_t)best.size;
	note_number("heap at", base);
	note_number("bytes", size);
	expect(size >= 64 * MIB, "the largest range is below 64 MiB");
	if (!expect_is(claim(base, size, 0), base, "claim of all of it"))
		return;
	word = (uint32_t *)(uintptr_t)base;
	word[0] = 0x48454150;
	word[size / 4 - 1] = 0x454e4421;
	expect_is(word[0], 0x48454150, "its first word");
	expect_is(word[size / 4 - 1], 0x454e4421, "its last word");
	release(base, size);
}

static const struct test_case cases[] = {
	RUNS("AIX: available leaves the image out", "AIX boot log", EXPECTED,
	     image_is_not_available),
	RUNS("AIX: no part of the image can be claimed", "AIX boot log",
	     EXPECTED, image_cannot_be_claimed),
	RUNS("AIX: aligned claims stay out of the image", "AIX boot log",
	     EXPECTED, claims_leave_the_image_alone),
	RUNS("AIX: the IPL control block's place near 256 MiB is free",
	     "AIX boot log", EXPECTED, iplcb_is_free),
	RUNS("AIX: memory after 256 MiB is free", "AIX boot log", EXPECTED,
	     memory_above_is_free),
	RUNS("AIX: the largest range of available can be claimed as heap",
	     "AIX boot log", EXPECTED, largest_range_is_a_heap),
};

GROUP("20", "memory", NULL);

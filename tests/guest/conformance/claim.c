// SPDX-License-Identifier: BSD-2-Clause
// claim: memory at an address that the client or the firmware chooses
// (IEEE 1275-1994 6.3.2.4).

#include "tests/guest/conformance/ranges.h"

#define KIB 0x400u
#define MIB 0x100000u
#define PAGE 0x1000u

// A firmware may claim whole pages (LoPAR C.5.2.5): a case that tests the
// standard claims no two pieces of one page.
static uint32_t free_page(void)
{
	return free_place(MIB);
}

static uint32_t free_byte(void)
{
	uint32_t at = free_place(MIB);

	return at ? at + 0x123 : 0;
}

static bool claimed(uint32_t base, uint32_t size, const char *what)
{
	return expect_is(claim(base, size, 0), base, what);
}

static void refused(uint32_t base, uint32_t size, const char *what)
{
	uint32_t got = claim(base, size, 0);

	if (!expect_is(got, MISSING, what) && got == base)
		release(base, size);
}

static void exact(void)
{
	uint32_t at = free_byte();

	if (!at || !claimed(at, 0x321, "claim"))
		return;
	expect(!is_available(at, 1) && !is_available(at + 0x320, 1),
	       "the claim's ends are still listed as free");
	release(at, 0x321);
}

static void status(void)
{
	uint32_t cells[4] = { free_byte(), 0x321, 0, UNTOUCHED };

	expect_is((uint32_t)ci("claim", 3, 1, cells), 0, "r3 of a good claim");
	expect_is(cells[3], cells[0], "a good claim");
	expect_is((uint32_t)ci("claim", 3, 1, cells), 0, "r3 of a bad claim");
	expect_is(cells[3], MISSING, "a bad claim");
	expect_is((uint32_t)ci("release", 2, 0, cells), 0, "r3 of release");
}

static void twice(void)
{
	uint32_t at = free_byte();

	if (!at || !claimed(at, 0x321, "the first claim"))
		return;
	refused(at, 0x321, "the second claim");
	refused(at, 1, "its first byte");
	refused(at + 0x320, 1, "its last byte");
	release(at, 0x321);
}

static void overlap_front(void)
{
	uint32_t at = free_page();

	if (!at)
		return;
	at += PAGE;
	if (!claimed(at, PAGE, "the first claim"))
		return;
	refused(at - PAGE, PAGE + 1, "a claim whose last byte is taken");
	claimed(at - PAGE, PAGE, "a byte less");
	release(at - PAGE, 2 * PAGE);
}

static void overlap_back(void)
{
	uint32_t at = free_page();

	if (!at || !claimed(at, PAGE, "the first claim"))
		return;
	refused(at + PAGE - 1, PAGE, "a claim whose first byte is taken");
	claimed(at + PAGE, PAGE, "a byte less");
	release(at, 2 * PAGE);
}

static void around(void)
{
	uint32_t at = free_page();

	if (!at)
		return;
	at += PAGE;
	if (!claimed(at, PAGE, "the first claim"))
		return;
	refused(at - PAGE, 3 * PAGE, "a claim around it");
	refused(at + 0x100, 0x10, "a claim inside it");
	expect(is_available(at - PAGE, PAGE),
	       "the refused claim took memory in front");
	expect(is_available(at + PAGE, PAGE),
	       "the refused claim took memory after");
	release(at, PAGE);
}

static void fills_a_gap(void)
{
	uint32_t at = free_byte();

	if (!at || !claimed(at, 0x100, "the claim in front") ||
	    !claimed(at + 0x180, 0x100, "the claim after"))
		return;
	refused(at + 0x100, 0x81, "a claim larger than the gap");
	refused(at + 0xff, 0x81, "a claim that begins in front of the gap");
	refused(at + 0x110, 0x71, "a claim whose last byte is taken");
	if (claimed(at + 0x100, 0x80, "a claim of the gap"))
		refused(at + 0x100, 0x80, "the gap once more");
	release(at, 0x280);
}

static const uint32_t alignments[][2] = {
	{ 1, 1 },
	{ 2, 2 },
	{ 3, 4 },
	{ 16, 16 },
	{ 0xc00, 0x1000 },
	{ 0x1000, 0x1000 },
	{ 0x1001, 0x2000 },
	{ 0xffff, 0x10000 },
	{ 0x10000, 0x10000 },
	{ 0x18000, 0x20000 },
	{ 0x80001, 0x100000 },
	{ 0x100000, 0x100000 },
};

static void aligned(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(alignments) / sizeof(alignments[0]); i++) {
		uint32_t got = claim(0, 0x1235, alignments[i][0]);

		if (!expect_not(got, MISSING, "an aligned claim"))
			continue;
		expect_not(got, 0, "an aligned claim");
		expect_is(got % alignments[i][1], 0,
			  "what is above the alignment");
		expect(!is_available(got, 1) && !is_available(got + 0x1234, 1),
		       "an aligned claim is still listed as free");
		refused(got, 1, "its first byte");
		refused(got + 0x1234, 1, "its last byte");
		release(got, 0x1235);
	}
}

static void virt_ignored(void)
{
	static const uint32_t virts[] = { 0, 1, 0x4000, 0xfffff000, MISSING };
	unsigned int i;

	for (i = 0; i < sizeof(virts) / sizeof(virts[0]); i++) {
		uint32_t got = claim(virts[i], 0x1000, 0x1000);

		if (!expect_not(got, MISSING, "an aligned claim"))
			continue;
		expect_is(got % 0x1000, 0, "what is above the alignment");
		release(got, 0x1000);
	}
	expect_not(cell(guest_base), 0, "the client's base");
}

static void distinct(void)
{
	uint32_t got[32], i, k;

	for (i = 0; i < 32; i++) {
		got[i] = claim(0, 0x1800, 0x1000);
		expect_not(got[i], MISSING, "an aligned claim");
		for (k = 0; k < i; k++)
			expect(got[i] - got[k] >= 0x1800 &&
				       got[k] - got[i] >= 0x1800,
			       "two aligned claims overlap");
	}
	for (i = 0; i < 32; i++)
		if (got[i] != MISSING)
			release(got[i], 0x1800);
}

static void huge_alignment(void)
{
	static const uint32_t aligns[] = { 0x40000001, 0x80000000, 0x80000001,
					   MISSING };
	unsigned int i;

	for (i = 0; i < sizeof(aligns) / sizeof(aligns[0]); i++) {
		uint32_t got = claim(0, 0x1000, aligns[i]);

		if (got == MISSING)
			continue;
		expect_is(got, 0x80000000, "a claim on a multiple of 2 GiB");
		expect(aligns[i] <= 0x80000000,
		       "nothing but 0 is a multiple of 4 GiB");
		release(got, 0x1000);
	}
	expect_not(find("/"), MISSING, "finddevice afterwards");
}

// Until no multiple is left.
static void never_zero(void)
{
	uint32_t got[20], n = 0, i;

	while (n < 20) {
		got[n] = claim(0, 16, 0x10000000);
		if (got[n] == MISSING)
			break;
		expect_not(got[n], 0, "an aligned claim");
		expect_is(got[n] % 0x10000000, 0,
			  "what is above the alignment");
		n++;
	}
	expect(n < 17, "more multiples of 256 MiB than 4 GiB has");
	for (i = 0; i < n; i++)
		release(got[i], 16);
}

static void nothing_taken(uint32_t base, uint32_t align)
{
	static struct ranges before, after;
	uint32_t got;

	read_available(&before);
	got = claim(base, 0, align);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "a claim of 0 bytes changes what is free");
	if (got == MISSING)
		return;
	release(got, 0);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "a release of 0 bytes changes what is free");
}

static void no_bytes(void)
{
	uint32_t at = free_byte();

	nothing_taken(at, 0);
	nothing_taken(0, 0x1000);
	nothing_taken(0, 0);
	if (claimed(at, 0x100, "a claim of the place"))
		release(at, 0x100);
}

static void wraps(void)
{
	uint32_t at = free_byte();

	refused(0xfffff000, 0x2000, "4 KiB on each side of 4 GiB");
	refused(MISSING, 2, "the last byte and the first");
	refused(at, MISSING, "4 GiB less a byte");
	refused(at, 0u - at + 1, "one byte beyond 4 GiB");
	refused(at, 0x80000000 + (0x80000000 - at) + 0x1000, "a full circle");
	expect(is_available(at, 0x1000), "a refused claim took memory");
}

static void beyond_memory(void)
{
	uint64_t end = memory_size();

	if (!end || end > FOUR_GIB - MIB) {
		skip("memory goes to 4 GiB");
		return;
	}
	refused((uint32_t)end, 1, "the byte past memory");
	refused((uint32_t)end, 0x1000, "the page past memory");
	refused((uint32_t)end - 0x1000, 0x1001, "one byte more than memory");
}

static void too_much(void)
{
	static struct ranges before, after;

	read_available(&before);
	expect_is(claim(0, 0xf0000000, 0x1000), MISSING, "3.75 GiB");
	expect_is(claim(0, MISSING, 1), MISSING, "4 GiB less a byte");
	expect_is(claim(0, MISSING, 0x1000), MISSING, "the same, aligned");
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "a refused claim changes what is free");
}

// The largest free range below 4 GiB: all of it can be claimed.
static void largest(void)
{
	static struct ranges now;
	uint64_t best = 0;
	unsigned int i;
	uint32_t got;

	read_available(&now);
	for (i = 0; i < now.count; i++)
		if (now.at[i].base + now.at[i].size <= FOUR_GIB &&
		    now.at[i].base && now.at[i].size > best)
			best = now.at[i].size;
	if (!best) {
		skip("all free memory begins at 0 or reaches over 4 GiB");
		return;
	}
	got = claim(0, (uint32_t)best, 1);
	if (!expect_not(got, MISSING, "an aligned claim of the size"))
		return;
	expect(ranges_find(&now, got, best) >= 0, "it was not free before");
	refused(got, 1, "its first byte");
	refused((uint32_t)(got + best - 1), 1, "its last byte");
	release(got, (uint32_t)best);
	expect(is_available(got, best), "release did not give it back");
}

// One page, at an odd multiple of its size.
static void last_hole(void)
{
	static struct ranges all;
	uint32_t at = free_place(MIB) + PAGE;

	read_available(&all);
	claim_ranges(&all);
	release(at, PAGE);
	expect_is(claim(0, PAGE, PAGE), at, "a claim of the last page");
	expect_is(claim(0, 1, 1), MISSING, "a claim after it");
	release_ranges(&all);
	expect_alive();
}

static void own_window(void)
{
	uint32_t entry = (uint32_t)guest_entry.gpr[5];

	refused(entry, 16, "the client interface's code");
	refused(entry & ~0xfffu, 0x1000, "the page of it");
	refused((uint32_t)guest_entry.gpr[1] - 16, 16, "the client's stack");
	expect_not(find("/"), MISSING, "finddevice afterwards");
}

static void own_image(void)
{
	uint32_t size = cell(guest_bss_end) - cell(guest_base);

	refused(cell(guest_base), size, "all of the client");
	refused(cell(guest_base), 1, "the client's first byte");
	refused(cell(guest_bss_end) - 1, 1, "the client's last byte");
}

static uint32_t xorshift(uint32_t x)
{
	x ^= x << 13;
	x ^= x >> 17;
	return x ^ x << 5;
}

static void is_memory(void)
{
	uint32_t at = claim(0, 64 * KIB, 0x1000), i, x = 1, changed = 0;
	volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)at;

	if (!expect_not(at, MISSING, "an aligned claim"))
		return;
	for (i = 0; i < 16 * KIB; i++)
		word[i] = x = xorshift(x);
	close_instance(open_path("/"));
	get_property(find("/"), "compatible", cases_buffer, 256);
	for (i = 0, x = 1; i < 16 * KIB; i++)
		changed += word[i] != (x = xorshift(x));
	expect_is(changed, 0, "words that are not as written");
	release(at, 64 * KIB);
}

static const struct test_case cases[] = {
	RUNS("claim with align 0 takes exactly what was asked for",
	     "IEEE 1275 6.3.2.4", REQUIRED, exact),
	RUNS("claim says failure in its result, not in r3", "IEEE 1275 6.3.2.4",
	     REQUIRED, status),
	RUNS("claim of what is claimed fails", "IEEE 1275 6.3.2.4", REQUIRED,
	     twice),
	RUNS("claim whose last byte is claimed fails", "IEEE 1275 6.3.2.4",
	     REQUIRED, overlap_front),
	RUNS("claim whose first byte is claimed fails", "IEEE 1275 6.3.2.4",
	     REQUIRED, overlap_back),
	RUNS("claim around or inside another fails and takes nothing",
	     "IEEE 1275 6.3.2.4", REQUIRED, around),
	RUNS("yaboot: a claim may fill the gap between two others to the byte",
	     "yaboot prom.c", EXPECTED, fills_a_gap),
	RUNS("claim aligns to the next power of two", "IEEE 1275 6.3.2.4",
	     REQUIRED, aligned),
	RUNS("claim with an alignment ignores the address", "IEEE 1275 6.3.2.4",
	     REQUIRED, virt_ignored),
	RUNS("aligned claims do not overlap each other", "IEEE 1275 6.3.2.4",
	     REQUIRED, distinct),
	RUNS("claim with a huge alignment obeys it or fails",
	     "IEEE 1275 6.3.2.4", REQUIRED, huge_alignment),
	RUNS("FreeBSD: an aligned claim is never 0", "FreeBSD ofw_copy.c",
	     EXPECTED, never_zero),
	RUNS("claim of 0 bytes takes nothing", "IEEE 1275 6.3.2.4", EXPECTED,
	     no_bytes),
	RUNS("claim that wraps around 4 GiB fails", "IEEE 1275 6.3.2.4",
	     REQUIRED, wraps),
	RUNS("claim past the end of memory fails", "IEEE 1275 6.3.2.4",
	     REQUIRED, beyond_memory),
	RUNS("claim of more than there is fails and takes nothing",
	     "IEEE 1275 6.3.2.4", REQUIRED, too_much),
	RUNS("aligned claim as large as the largest free range succeeds",
	     "IEEE 1275 6.3.2.4", EXPECTED, largest),
	RUNS("aligned claim finds the last page that is free",
	     "IEEE 1275 6.3.2.4", EXPECTED, last_hole),
	RUNS("claim of the firmware's own memory fails", "IEEE 1275 6.3.2.4",
	     REQUIRED, own_window),
	RUNS("GRUB: the memory of the client's image is claimed",
	     "GRUB kern/ieee1275/init.c", EXPECTED, own_image),
	RUNS("claimed memory keeps what the client writes", "IEEE 1275 6.3.2.4",
	     REQUIRED, is_memory),
};

GROUP("65", "claim", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// The memory node's `available`: the memory that is free to claim.

#include "tests/guest/conformance/ranges.h"

#define GRUB_RANGES 32 // GRUB kern/ieee1275/init.c: 512 bytes of them
#define PAGE 0x1000u
#define PIECES 128u  // claims in the many-holes case
#define CLAIMS 1000u // claims in the many-claims case

static struct ranges before, after;

static void format(void)
{
	expect(memory_property("available", &before),
	       "it is not made of whole addresses and sizes");
	expect(before.count, "nothing is free");
}

static void length(void)
{
	static unsigned char value[16 * GRUB_RANGES + 16];
	uint32_t node = memory_node(), n;

	memset(value, CASES_FILL, sizeof(value));
	n = get_property(node, "available", value, 16 * GRUB_RANGES);
	if (!expect(n && n <= 16 * GRUB_RANGES, "it needs over 512 bytes"))
		return;
	expect_is(ci1("getproplen", 2, node, cell("available"), 0, 0), n,
		  "getproplen");
	expect_is(value[n], CASES_FILL, "the byte after it");
	expect_is(get_property(node, "available", cases_buffer, 5), n,
		  "getprop into 5 bytes");
	expect_bytes(cases_buffer, value, 5, "these 5 bytes");
	expect_is(cases_buffer[5], CASES_FILL, "the byte after them");
}

static void sorted(void)
{
	unsigned int i;

	read_available(&before);
	for (i = 0; i < before.count; i++) {
		expect(before.at[i].size, "a range is empty");
		expect(before.at[i].base + before.at[i].size >
			       before.at[i].base,
		       "a range wraps");
		if (i)
			expect(before.at[i].base >
				       before.at[i - 1].base +
					       before.at[i - 1].size,
			       "ranges are not in order, or adjacent");
	}
}

static void inside_memory(void)
{
	static struct ranges reg;
	unsigned int i;

	if (!expect(memory_property("reg", &reg), "there is no memory's reg"))
		return;
	read_available(&before);
	for (i = 0; i < before.count; i++)
		expect(ranges_find(&reg, before.at[i].base,
				   before.at[i].size) >= 0,
		       "a range is not memory");
}

static bool overlaps(uint64_t base, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < before.count; i++)
		if (base < before.at[i].base + before.at[i].size &&
		    before.at[i].base < base + size)
			return true;
	return false;
}

static void without_client(void)
{
	read_available(&before);
	expect(!overlaps(cell(guest_base),
			 cell(guest_bss_end) - cell(guest_base)),
	       "the client lies in free memory");
}

static void without_firmware(void)
{
	read_available(&before);
	expect(!overlaps((uint32_t)guest_entry.gpr[5], 16),
	       "the client interface lies in free memory");
	expect(!overlaps((uint32_t)guest_entry.gpr[1] - 256, 256),
	       "the client's stack lies in free memory");
}

static void without_initrd(void)
{
	uint32_t start = guest_number("/chosen", "linux,initrd-start", 0);
	uint32_t end = guest_number("/chosen", "linux,initrd-end", 0);

	if (!start || end <= start) {
		skip("there is no initrd");
		return;
	}
	read_available(&before);
	expect(!overlaps(start, end - start), "the initrd is free memory");
}

static uint32_t below_4g(const struct ranges *all)
{
	unsigned int i, n = 0;

	for (i = 0; i < all->count; i++)
		n += all->at[i].base < FOUR_GIB;
	return n;
}

static void claimable(void)
{
	read_available(&before);
	expect_is(claim_ranges(&before), below_4g(&before),
		  "ranges that can be claimed");
	read_available(&after);
	expect_is(below_4g(&after), 0, "ranges that are free then");
	release_ranges(&before);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all is free again afterwards");
}

// The firmware works without free memory, and recovers.
static void exhausted(void)
{
	uint32_t root = find("/"), ihandle, at;

	read_available(&before);
	claim_ranges(&before);
	expect_is(claim(0, PAGE, PAGE), MISSING, "a claim of a page");
	expect_is(claim(0, 1, 1), MISSING, "a claim of a byte");
	expect_is(find("/"), root, "finddevice without free memory");
	expect_is(get_property(root, "name", cases_buffer, 0),
		  ci1("getproplen", 2, root, cell("name"), 0, 0),
		  "getprop without free memory");
	ihandle = open_path("/");
	if (ihandle && ihandle != MISSING)
		close_instance(ihandle);
	release_ranges(&before);
	at = claim(0, PAGE, PAGE);
	if (expect_not(at, MISSING, "a claim afterwards"))
		release(at, PAGE);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all is free again afterwards");
}

static void follows_bytes(void)
{
	uint32_t at = free_place(0x100000) + 0x123;

	if (!expect_is(claim(at, 0x321, 0), at, "claim"))
		return;
	expect(!is_available(at, 1), "the first byte is still free");
	expect(!is_available(at + 0x320, 1), "the last byte is still free");
	expect(is_available(at - 1, 1), "the byte in front is not free");
	expect(is_available(at + 0x321, 1), "the byte after is not free");
	release(at + 0x100, 0x10);
	expect(is_available(at + 0x100, 0x10), "what was released is not free");
	expect(!is_available(at + 0xff, 1) && !is_available(at + 0x110, 1),
	       "more than was released is free");
	release(at, 0x100);
	release(at + 0x110, 0x321 - 0x110);
	expect(is_available(at - 1, 0x323), "the ranges were not joined");
}

static void joined(void)
{
	uint32_t at = free_place(0x100000);

	read_available(&before);
	expect_is(claim(at, PAGE, 0), at, "the first claim");
	expect_is(claim(at + 2 * PAGE, PAGE, 0), at + 2 * PAGE, "the second");
	expect_is(claim(at + PAGE, PAGE, 0), at + PAGE, "the one between");
	ranges_take(&before, at, 3 * PAGE);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "three adjacent claims are not one hole");
	ranges_give(&before, at, 3 * PAGE);
	release(at + PAGE, PAGE);
	release(at, PAGE);
	release(at + 2 * PAGE, PAGE);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all is free again afterwards");
}

static void failed_changes_nothing(void)
{
	uint32_t own = (uint32_t)guest_entry.gpr[5];

	read_available(&before);
	claim(own, 16, 0);
	claim(own - 0x100000, 0x200000, 0);
	claim(0xfffff000, 0x2000, 0);
	claim(0, 0xf0000000, PAGE);
	read_available(&after);
	expect(ranges_equal(&before, &after), "it is not as before");
}

// Past the size of GRUB's buffer, the list holds only some holes.
static void check_holes(const struct ranges *model)
{
	unsigned int i;

	read_available(&after);
	for (i = 0; i < after.count; i++) {
		int at = ranges_find(model, after.at[i].base, after.at[i].size);

		if (expect(at >= 0, "it lists what is claimed"))
			expect(model->at[at].size == after.at[i].size,
			       "it lists a part of a hole");
	}
	if (model->count <= GRUB_RANGES)
		expect(ranges_equal(model, &after), "a hole is missing");
	else
		expect(after.count >= GRUB_RANGES, "it lists too few holes");
}

// Every second page: more holes than fit in GRUB's buffer.
static void many_holes(void)
{
	static struct ranges model;
	uint32_t at = free_place(2 * PIECES * PAGE + 0x100000), i;
	bool short_enough = true;

	read_available(&model);
	before = model;
	for (i = 0; i < PIECES; i++) {
		uint32_t page = at + 2 * i * PAGE;

		expect_is(claim(page, PAGE, 0), page, "a claim of a page");
		ranges_take(&model, page, PAGE);
		if (i % 8 == 0 || i > PIECES - 3)
			check_holes(&model);
		short_enough &= after.count <= GRUB_RANGES;
	}
	for (i = 0; i < PIECES; i++) {
		release(at + 2 * i * PAGE, PAGE);
		ranges_give(&model, at + 2 * i * PAGE, PAGE);
		if (i % 16 == 15)
			check_holes(&model);
	}
	check_holes(&before);
	expect(short_enough, "it has more than 32 ranges");
}

// GRUB needs the most memory in 32 ranges: no unlisted hole is larger.
static void largest_holes(void)
{
	static struct ranges model;
	uint32_t at = free_place(0x200000), i, page = at;
	uint64_t least = UINT64_MAX, missing = 0;

	read_available(&model);
	for (i = 0; i < 64; i++) {
		claim(page, PAGE, 0);
		ranges_take(&model, page, PAGE);
		page += PAGE + 16 * (1 + i * 37 % 64);
	}
	check_holes(&model);
	for (i = 0; i < after.count; i++)
		if (after.at[i].size < least)
			least = after.at[i].size;
	for (i = 0; i < model.count; i++)
		if (ranges_find(&after, model.at[i].base, 1) < 0 &&
		    model.at[i].size > missing)
			missing = model.at[i].size;
	expect(missing <= least, "a larger hole than one listed is missing");
	for (i = 0, page = at; i < 64; i++) {
		release(page, PAGE);
		page += PAGE + 16 * (1 + i * 37 % 64);
	}
}

// Unlisted claims still count.
static void many_claims(void)
{
	uint32_t at = free_place(2 * CLAIMS * 64 + 0x100000), i, good = 0;

	read_available(&before);
	for (i = 0; i < CLAIMS; i++)
		good += claim(at + 128 * i, 64, 0) == at + 128 * i;
	expect_is(good, CLAIMS, "separate claims that succeed");
	for (i = 0, good = 0; i < CLAIMS; i++)
		good += claim(at + 128 * i + 63, 2, 0) == MISSING;
	expect_is(good, CLAIMS, "overlapping claims that fail");
	for (i = 0, good = 0; i < CLAIMS; i++)
		good += claim(at + 128 * i + 64, 64, 0) == at + 128 * i + 64;
	expect_is(good, CLAIMS, "claims between them that succeed");
	expect(!is_available(at + 64, 1), "the last hole is still free");
	for (i = 0; i < 2 * CLAIMS; i++)
		release(at + 64 * i, 64);
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all is free again afterwards");
}

// Spoils part of every page: the firmware keeps nothing there.
static void spoil(uint64_t base, uint64_t size)
{
	uint64_t at, end = base + size < FOUR_GIB ? base + size : FOUR_GIB;

	for (at = base; at < end; at += PAGE)
		memset((void *)(uintptr_t)at, CASES_FILL,
		       end - at < 256 ? end - at : 256);
}

static void spoilt(void)
{
	uint32_t root = find("/"), ihandle;
	unsigned int i;

	read_available(&before);
	for (i = 0; i < before.count; i++)
		spoil(before.at[i].base, before.at[i].size);
	expect_is(find("/"), root, "finddevice afterwards");
	ihandle = open_path("/");
	if (expect_not(ihandle, 0, "open afterwards"))
		close_instance(ihandle);
	expect_is(interpret("no-such-word") == 0, 0, "interpret afterwards");
	read_available(&after);
	expect(ranges_equal(&before, &after), "it is not as before");
}

static const struct test_case cases[] = {
	RUNS("available is made of addresses and sizes in the root's cells",
	     "IEEE 1275 Annex A", REQUIRED, format),
	RUNS("GRUB: available has at most 512 bytes and tells its length",
	     "GRUB kern/ieee1275/init.c", EXPECTED, length),
	RUNS("FreeBSD: available is in order and coalesced",
	     "FreeBSD ofw_machdep.c", EXPECTED, sorted),
	RUNS("available lies inside memory's reg", "IEEE 1275 Annex A",
	     REQUIRED, inside_memory),
	RUNS("GRUB: available is without the client",
	     "GRUB kern/ieee1275/init.c", EXPECTED, without_client),
	RUNS("available is without the firmware and the client's stack",
	     "IEEE 1275 6.3.2.4", REQUIRED, without_firmware),
	RUNS("Linux: available is without the initrd", "Linux prom_init.c",
	     EXPECTED, without_initrd),
	RUNS("GRUB: every range of available can be claimed",
	     "GRUB kern/ieee1275/init.c", EXPECTED, claimable),
	RUNS("the firmware survives that all memory is claimed",
	     "IEEE 1275 6.3.2.4", EXPECTED, exhausted),
	RUNS("available follows claim and release to the byte",
	     "GRUB kern/ieee1275/init.c", EXPECTED, follows_bytes),
	RUNS("available joins holes and adjacent claims",
	     "GRUB kern/ieee1275/init.c", EXPECTED, joined),
	RUNS("a failed claim leaves available as it was", "IEEE 1275 6.3.2.4",
	     REQUIRED, failed_changes_nothing),
	RUNS("GRUB: available of more than 32 holes is short and true",
	     "GRUB kern/ieee1275/init.c", EXPECTED, many_holes),
	RUNS("GRUB: available of more than 32 holes lists the largest",
	     "GRUB kern/ieee1275/init.c", EXPECTED, largest_holes),
	RUNS("a thousand separate claims are remembered", "IEEE 1275 6.3.2.4",
	     EXPECTED, many_claims),
	RUNS("GRUB: available memory takes data up to its last byte",
	     "GRUB kern/ieee1275/init.c", EXPECTED,
	     expect_available_takes_data),
	RUNS("Linux: all available memory may be overwritten",
	     "Linux prom_init.c", EXPECTED, spoilt),
};

GROUP("67", "available", NULL);

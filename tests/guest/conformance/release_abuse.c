// SPDX-License-Identifier: BSD-2-Clause
// release of unclaimed memory: undefined by the standard (IEEE 1275-1994
// 6.3.2.4), but other claims must stay and the firmware must survive.

#include "tests/guest/conformance/ranges.h"

#define SIZE 0x3000u

static struct ranges before, after;

// Claims SIZE bytes for the case; 0 on failure.
static uint32_t take(void)
{
	uint32_t at = free_place(0x100000);

	read_available(&before);
	if (at && expect_is(claim(at + 0x321, SIZE, 0), at + 0x321,
			    "the claim that is to be released"))
		return at + 0x321;
	return 0;
}

static void all_is_as_before(void)
{
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all memory is free again afterwards");
}

static void of_free_memory(void)
{
	uint32_t at = free_place(0x100000);

	read_available(&before);
	release(at, SIZE);
	all_is_as_before();
	release(at, 1);
	all_is_as_before();
	expect_free(at, SIZE, "the memory");
}

static void twice(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at, SIZE);
	release(at, SIZE);
	all_is_as_before();
	expect_free(at, SIZE, "what was released");
}

static void of_nothing(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at, 0);
	release(at + 0x100, 0);
	release(at + SIZE, 0);
	release(0, 0);
	release(MISSING, 0);
	expect_taken(at, SIZE, "the claim");
	expect_taken(at + 0x100, 1, "the claim's middle");
	release(at, SIZE);
	all_is_as_before();
}

// It may free all of it or only the claims; the firmware must survive.
static void over_a_gap(void)
{
	uint32_t at = take();

	if (!at)
		return;
	expect_is(claim(at + 2 * SIZE, SIZE, 0), at + 2 * SIZE,
		  "a claim after a gap");
	release(at, 3 * SIZE);
	expect(is_available(at + SIZE, SIZE), "the gap is no longer free");
	release(at, SIZE);
	release(at + 2 * SIZE, SIZE);
	all_is_as_before();
}

static void not_memory(void)
{
	uint64_t end = memory_size();

	read_available(&before);
	if (end && end < FOUR_GIB - SIZE)
		release((uint32_t)end, SIZE);
	release(0xfffffff0, 0x10);
	release(0xfffffff0, 0xf);
	release(MISSING, 1);
	all_is_as_before();
	expect_not(find("/"), MISSING, "finddevice afterwards");
}

static void firmwares_own(void)
{
	uint32_t page = (uint32_t)guest_entry.gpr[5] & ~0xfffu;

	read_available(&before);
	release(page, 0x1000);
	expect(!is_available(page, 1), "the firmware's memory is listed");
	expect_is(claim(page, 0x1000, 0), MISSING, "a claim of it");
	release((uint32_t)guest_entry.gpr[5], 1);
	expect(!is_available(page, 1), "the firmware's memory is listed");
	all_is_as_before();
}

static void of_too_few_arguments(void)
{
	uint32_t at = take(), cells[2] = { at, SIZE };

	if (!at)
		return;
	ci("release", 0, 0, NULL);
	ci("release", 1, 0, cells);
	expect_not(find("/"), MISSING, "finddevice afterwards");
	expect_taken(at, SIZE, "the claim");
	release(at, SIZE);
	all_is_as_before();
}

static const struct test_case cases[] = {
	RUNS("release of free memory does no harm", "IEEE 1275 6.3.2.4",
	     EXPECTED, of_free_memory),
	RUNS("release of the same memory twice does no harm",
	     "IEEE 1275 6.3.2.4", EXPECTED, twice),
	RUNS("release of 0 bytes frees nothing", "IEEE 1275 6.3.2.4", EXPECTED,
	     of_nothing),
	RUNS("release over a gap does no harm", "IEEE 1275 6.3.2.4", EXPECTED,
	     over_a_gap),
	RUNS("release of what is not memory does no harm", "IEEE 1275 6.3.2.4",
	     EXPECTED, not_memory),
	RUNS("release does not free the firmware's memory", "IEEE 1275 6.3.2.4",
	     EXPECTED, firmwares_own),
	RUNS("release with too few arguments does no harm", "IEEE 1275 6.3.1",
	     EXPECTED, of_too_few_arguments),
};

GROUP("84", "release abuse", "release-abuse");

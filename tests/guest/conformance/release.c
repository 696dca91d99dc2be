// SPDX-License-Identifier: BSD-2-Clause
// release: frees a claim, whole or in part (IEEE 1275-1994 6.3.2.4).

#include "tests/guest/conformance/ranges.h"

#define SIZE 0x3000u

static struct ranges before, after;

// Claims SIZE bytes at this offset in a page; 0 on failure. Firmware may claim
// whole pages (LoPAR C.5.2.5).
static uint32_t take_at(uint32_t offset)
{
	uint32_t at = free_place(0x100000);

	read_available(&before);
	if (at && expect_is(claim(at + offset, SIZE, 0), at + offset,
			    "the claim that is to be released"))
		return at + offset;
	return 0;
}

static uint32_t take(void)
{
	return take_at(0x321);
}

static void all_is_as_before(void)
{
	read_available(&after);
	expect(ranges_equal(&before, &after),
	       "not all memory is free again afterwards");
}

static void whole(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at, SIZE);
	all_is_as_before();
	expect_free(at, SIZE, "what was released");
}

static void aligned(void)
{
	uint32_t at;

	read_available(&before);
	at = claim(0, SIZE + 1, 0x10000);
	if (!expect_not(at, MISSING, "an aligned claim"))
		return;
	release(at, SIZE + 1);
	all_is_as_before();
}

static void front(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at, 0x777);
	expect_free(at, 0x777, "the front, which was released");
	expect_taken(at + 0x777, SIZE - 0x777, "the rest, which was not");
	release(at + 0x777, SIZE - 0x777);
	all_is_as_before();
}

static void back(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at + 0x777, SIZE - 0x777);
	expect_free(at + 0x777, SIZE - 0x777, "the end, which was released");
	expect_taken(at, 0x777, "the rest, which was not");
	release(at, 0x777);
	all_is_as_before();
}

static void middle(void)
{
	uint32_t at = take();

	if (!at)
		return;
	release(at + 0x1000, 0x10);
	expect_free(at + 0x1000, 0x10, "the middle, which was released");
	expect_taken(at, 0x1000, "what lies in front of it");
	expect_taken(at + 0x1010, SIZE - 0x1010, "what lies after it");
	release(at, 0x1000);
	release(at + 0x1010, SIZE - 0x1010);
	all_is_as_before();
}

static void one_of_two(void)
{
	uint32_t at = take_at(0x1000);

	if (!at)
		return;
	expect_is(claim(at + SIZE, SIZE, 0), at + SIZE, "a claim after");
	release(at, SIZE);
	expect_free(at, SIZE, "the first, which was released");
	expect_taken(at + SIZE, SIZE, "the second, which was not");
	release(at + SIZE, SIZE);
	all_is_as_before();
}

static void two_at_once(void)
{
	uint32_t at = take();

	if (!at)
		return;
	expect_is(claim(at + SIZE, SIZE, 0), at + SIZE, "a claim after");
	release(at + 0x1000, SIZE);
	expect_free(at + 0x1000, SIZE, "what was released of both");
	expect_taken(at, 0x1000, "the first's rest");
	expect_taken(at + SIZE + 0x1000, SIZE - 0x1000, "the second's rest");
	release(at, 0x1000);
	release(at + SIZE + 0x1000, SIZE - 0x1000);
	all_is_as_before();
}

// GRUB releases its heap in different pieces than it claimed.
static void in_other_pieces(void)
{
	uint32_t at = take(), i;

	if (!at)
		return;
	for (i = 0; i < SIZE; i += 0x400)
		release(at + (i * 5 + 0x400) % SIZE, 0x400);
	all_is_as_before();
}

static const struct test_case cases[] = {
	RUNS("release makes memory free again", "IEEE 1275 6.3.2.4", REQUIRED,
	     whole),
	RUNS("release gives an aligned claim back", "IEEE 1275 6.3.2.4",
	     REQUIRED, aligned),
	RUNS("OpenBSD: the front of a claim can be released", "OpenBSD ofwboot",
	     EXPECTED, front),
	RUNS("OpenBSD: the end of a claim can be released", "OpenBSD ofwboot",
	     EXPECTED, back),
	RUNS("OpenBSD: the middle of a claim can be released",
	     "OpenBSD ofwboot", EXPECTED, middle),
	RUNS("release leaves the neighbouring claim alone", "IEEE 1275 6.3.2.4",
	     REQUIRED, one_of_two),
	RUNS("GRUB: parts of two claims can be released at once",
	     "GRUB kern/ieee1275/mmap.c", EXPECTED, two_at_once),
	RUNS("GRUB: a claim can be released in pieces",
	     "GRUB kern/ieee1275/mmap.c", EXPECTED, in_other_pieces),
};

GROUP("66", "release", NULL);

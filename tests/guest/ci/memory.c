// SPDX-License-Identifier: BSD-2-Clause
// claim, release and /memory@0/available (IEEE 1275-1994 6.3.2.4).

#include "tests/guest/ci/ci.h"

#define RANGES 64

struct range {
	uint64_t base;
	uint64_t size;
};

static uint32_t claim(uint32_t base, uint32_t size, uint32_t align)
{
	return ci1("claim", 3, base, size, align, 0);
}

static void release(uint32_t base, uint32_t size)
{
	uint32_t cells[2] = { base, size };

	ci("release", 2, 0, cells);
}

static unsigned int available(struct range ranges[RANGES])
{
	static unsigned char value[16 * RANGES];
	uint32_t n, i;

	n = ci1("getprop", 4, find("/memory@0"), cell("available"), cell(value),
		sizeof(value));
	if (n == MISSING || n > sizeof(value))
		return 0;
	for (i = 0; i < n / 16; i++) {
		ranges[i].base = (uint64_t)guest_be32(value + 16 * i) << 32 |
				 guest_be32(value + 16 * i + 4);
		ranges[i].size = (uint64_t)guest_be32(value + 16 * i + 8)
					 << 32 |
				 guest_be32(value + 16 * i + 12);
	}
	return n / 16;
}

static bool is_available(uint64_t address)
{
	struct range ranges[RANGES];
	unsigned int n = available(ranges), i;

	for (i = 0; i < n; i++)
		if (address >= ranges[i].base &&
		    address - ranges[i].base < ranges[i].size)
			return true;
	return false;
}

void check_claim(void)
{
	const uint32_t at = 0x6000123;
	uint32_t got;

	check(is_available(at), "memory that is free is available");
	check_eq(claim(at, 0x321, 0), at, "claim without alignment is exact");
	check(!is_available(at) && is_available(at - 1) &&
		      is_available(at + 0x321),
	      "available follows a claim to the byte");
	check_eq(claim(at + 0x320, 1, 0), MISSING,
		 "a byte cannot be claimed twice");
	check_eq(claim(at - 0x10, 0x11, 0), MISSING,
		 "a claim may not overlap another");
	check_eq(claim(at + 0x321, 0xf, 0), at + 0x321,
		 "yaboot: a claim may begin where another ends");
	release(at + 0x100, 0x10);
	check(is_available(at + 0x100) && !is_available(at + 0xff) &&
		      !is_available(at + 0x110),
	      "OpenBSD: a part of a claim can be released");
	release(at, 0x330);
	check(is_available(at) && is_available(at + 0x32f),
	      "release gives back what is claimed, gaps do not matter");
	got = claim(0, 0x12345, 0x10000);
	check(got && got != MISSING && !(got & 0xffff),
	      "an aligned claim is aligned and never 0");
	check(got < 0x30000000, "an aligned claim lies below 768 MiB");
	release(got, 0x12345);
	check_eq(claim(0, 0, 0x1000), MISSING, "a claim of nothing fails");
	check_eq(claim(0, 0xf0000000, 0x1000), MISSING,
		 "a claim of more than there is fails");
	check_eq(claim(0xfffff000, 0x2000, 0), MISSING,
		 "a claim that wraps fails");
	check_eq(claim((uint32_t)guest_entry.gpr[5], 16, 0), MISSING,
		 "the firmware's own memory cannot be claimed");
}

// A piece of every page: the firmware must have nothing there.
static void spoil(uint64_t base, uint64_t size)
{
	uint64_t at;

	for (at = base; at < base + size && at < 0x100000000; at += 4096)
		memset((void *)(uintptr_t)at, 0xa5,
		       base + size - at < 256 ? base + size - at : 256);
}

// Memory that is available is the client's, all of it.
void check_spoilt(void)
{
	static struct range ranges[RANGES];
	unsigned int n = available(ranges), i;
	uint32_t root = find("/"), ihandle;

	for (i = 0; i < n; i++)
		spoil(ranges[i].base, ranges[i].size);
	check_eq(find("/"), root, "the tree lives outside available memory");
	ihandle = open_path("/");
	check(ihandle && ihandle != MISSING,
	      "Linux: a node opens after available memory was written");
	close_instance(ihandle);
	check_eq(available(ranges), n,
		 "the claim map lives outside available memory");
}

// GRUB reads available once and claims each range of it.
void check_available(void)
{
	static struct range before[RANGES], after[RANGES];
	unsigned int n = available(before), i, claimed = 0;
	bool sorted = true;

	check(n > 0 && n <= 32, "available has between 1 and 32 ranges");
	for (i = 1; i < n; i++)
		sorted &= before[i].base >
			  before[i - 1].base + before[i - 1].size;
	check(sorted, "available is sorted and coalesced");
	for (i = 0; i < n; i++)
		claimed += claim((uint32_t)before[i].base,
				 (uint32_t)before[i].size,
				 0) == (uint32_t)before[i].base;
	check_eq(claimed, n, "GRUB: each available range can be claimed");
	check_eq(available(after), 0, "then nothing is available");
	check_eq(claim(0, 0x1000, 0x1000), MISSING, "then no claim succeeds");
	for (i = 0; i < n; i++)
		release((uint32_t)before[i].base, (uint32_t)before[i].size);
	check(available(after) == n &&
		      !memcmp(before, after, n * sizeof(before[0])),
	      "releasing all of it makes it available again");
}

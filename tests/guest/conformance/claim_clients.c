// SPDX-License-Identifier: BSD-2-Clause
// Claims in the order and at the addresses that real clients use.

#include "tests/guest/conformance/ranges.h"

#define KIB 0x400u
#define MIB 0x100000u

// yaboot's malloc: pieces of 256 KiB from 256 MiB downwards.
static void yaboot_steps(void)
{
	uint32_t at = 0x10000000, got = MISSING;

	while (got == MISSING && at > 256 * KIB) {
		at -= 256 * KIB;
		got = claim(at, 256 * KIB, 0);
	}
	if (!expect_is(got, at, "a claim below 256 MiB"))
		return;
	expect_is(claim(at - 256 * KIB, 256 * KIB, 0), at - 256 * KIB,
		  "the piece below it");
	release(at - 256 * KIB, 512 * KIB);
}

// prom_init: from the kernel's end upwards, exactly, in steps of 1 MiB.
static void linux_steps(void)
{
	uint32_t at = (cell(guest_bss_end) + MIB - 1) / MIB * MIB, i;

	for (i = 0; i < 1024 && claim(at, MIB, 0) == MISSING; i++)
		at += MIB;
	if (!expect(i < 1024, "none of 1024 claims succeeds"))
		return;
	expect_is(claim(at + MIB, 0x1000, 0), at + MIB,
		  "the tree's chunk grows by a claim after it");
	release(at, MIB + 0x1000);
}

// prom_init's alloc_down: page-aligned, from min(memory, 768 MiB) downwards.
static void linux_down(void)
{
	uint64_t top = memory_size();
	uint32_t at, i;

	at = top > 768 * MIB ? 768 * MIB : (uint32_t)top;
	for (i = 0; i < 768 && at > MIB; i++) {
		at -= MIB;
		if (claim(at, 0x10000, 0) == at)
			break;
	}
	if (expect(i < 768 && at > MIB, "no claim succeeds"))
		release(at, 0x10000);
}

// FreeBSD's loader: 512 KiB pieces by the memory node's method; only a first
// result of -1 means failure.
static void freebsd_overlap(void)
{
	uint32_t at = free_place(2 * MIB), i;

	for (i = 0; i < 3 && at; i++) {
		uint32_t cells[7] = { cell("claim"),
				      guest_number("/chosen", "memory", 0),
				      0,
				      512 * KIB,
				      at + i * 0x40000,
				      UNTOUCHED,
				      UNTOUCHED };

		expect_is((uint32_t)ci("call-method", 5, 2, cells), 0,
			  "r3 of call-method");
		expect_not(cells[5], MISSING, "the catch-result");
		expect_not(cells[5], UNTOUCHED, "the catch-result");
	}
	if (at)
		release(at, MIB);
	expect(!at || is_available(at, MIB), "release did not give it back");
}

static void linux_low(void)
{
	volatile unsigned char *low = (volatile unsigned char *)(uintptr_t)8;
	unsigned char kept[248];
	uint32_t root = find("/"), i, ihandle;

	__asm__("" : "+r"(low));
	for (i = 0; i < sizeof(kept); i++) {
		kept[i] = low[i];
		low[i] = 0xa5;
	}
	expect_is(find("/"), root, "finddevice afterwards");
	ihandle = open_path("/");
	expect_not(ihandle, 0, "open afterwards");
	close_instance(ihandle);
	for (i = 0; i < sizeof(kept); i++) {
		expect_is(low[i], 0xa5, "a byte of them");
		low[i] = kept[i];
	}
}

static const struct test_case cases[] = {
	RUNS("yaboot: claims of 256 KiB from 256 MiB downwards succeed",
	     "yaboot prom.c", EXPECTED, yaboot_steps),
	RUNS("Linux: claims after the kernel succeed and can grow",
	     "Linux prom_init.c", EXPECTED, linux_steps),
	RUNS("Linux: a claim below 768 MiB succeeds", "Linux prom_init.c",
	     EXPECTED, linux_down),
	RUNS("FreeBSD: /memory's claim of 512 KiB may overlap another",
	     "FreeBSD ofw_copy.c", EXPECTED, freebsd_overlap),
	RUNS("Linux: the first 256 bytes may be overwritten",
	     "Linux prom_init.c", EXPECTED, linux_low),
};

GROUP("69", "claims of clients", NULL);

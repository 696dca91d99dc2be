// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD's loader: memory through the methods of /memory and /mmu, devices by
// each part of their path, many instances that are never closed.

#include "tests/guest/clients/freebsd/freebsd.h"

#define KIB 1024u
#define STEP (512u * KIB) // stand/libofw/ofw_copy.c rounds to this
#define KERNEL 0x100000u
#define KERNEL_SIZE (20u << 20)
#define INSTANCES 64
#define DISC_SECTOR 2048u // of a CD; a multiple of a disk's

static uint32_t chosen_instance(const char *name)
{
	return guest_number("/chosen", name, 0);
}

static uint32_t chosen_package(const char *name)
{
	return ci1("instance-to-package", 1, chosen_instance(name), 0, 0, 0);
}

static void mode_is_real(void)
{
	char text[8] = "\1\1\1\1\1\1\1";

	expect_is(get_property(find("/options"), "real-mode?", text, 8), 5,
		  "the size of real-mode?");
	expect_bytes(text, "true\0\1", 6, "real-mode?");
}

// The loader reads 64 bytes and cuts them at the first ':'.
static void boot_path_is_short(void)
{
	char path[65] = "";
	uint32_t n = get_property(find("/chosen"), "bootpath", path, 64);

	expect_not(n, MISSING, "getprop");
	expect(n <= 64 || has_text(path, ":"),
	       "the device in bootpath is longer than 63 characters");
}

static void memory_is_described(void)
{
	unsigned char reg[24];

	memset(reg, 0x5a, sizeof(reg));
	expect_is(get_property(chosen_package("memory"), "reg", reg, 24), 16,
		  "the size of reg");
	expect_is(guest_be32(reg) | guest_be32(reg + 4), 0, "its address");
	expect_is(guest_be32(reg + 16), 0x5a5a5a5a, "what is after reg");
}

// ofw_path_to_handle(): every prefix of the path is looked up.
static void each_part_of_the_path_is_a_node(void)
{
	const char *device = boot_device();
	char path[DEVICE_SIZE];
	uint32_t i, node = MISSING, parent;

	for (i = 1; i <= strlen(device); i++) {
		if (device[i] != '/' && device[i])
			continue;
		memcpy(path, device, i);
		path[i] = 0;
		parent = node;
		node = find(path);
		if (!expect_not(node, MISSING, "a part of the path"))
			return;
		if (parent != MISSING)
			expect_is(ci1("parent", 1, node, 0, 0, 0), parent,
				  "its parent");
	}
	memset(path, 0, sizeof(path));
	get_property(node, "device_type", path, sizeof(path) - 1);
	expect_text(path, "block", "device_type");
}

// ofw_disk.c opens the device for each file and never closes it.
static void instances_have_their_own_positions(void)
{
	static unsigned char first[DISC_SECTOR], data[DISC_SECTOR];
	uint32_t disk[INSTANCES];
	unsigned int i, open;
	const char *path = with_argument(boot_device(), "0");

	read_at(boot_device(), "0", 5 * DISC_SECTOR, first, DISC_SECTOR);
	for (open = 0; open < INSTANCES; open++) {
		disk[open] = open_path(path);
		if (!expect(disk[open] && disk[open] != MISSING, "open"))
			break;
		seek_to(disk[open], 5 * DISC_SECTOR);
	}
	for (i = 0; i < open; i++) {
		memset(data, 0xee, sizeof(data));
		expect_is(read_bytes(disk[i], data, DISC_SECTOR), DISC_SECTOR,
			  "read");
		expect_bytes(data, first, DISC_SECTOR, "the sector");
	}
	for (i = 0; i < open; i++)
		close_instance(disk[i]);
}

// The catch-result of claim in /memory; cells: alignment, length, address.
static uint32_t memory_claim(uint32_t address, uint32_t size, uint32_t *base)
{
	const uint32_t cells[3] = { 0, size, address };

	return call_method("claim", chosen_instance("memory"), 3, cells, 1,
			   base);
}

static void memory_is_claimed_in_pieces(void)
{
	uint32_t at, base;

	for (at = KERNEL; at < KERNEL + KERNEL_SIZE; at += STEP) {
		if (!expect_is(memory_claim(at, STEP, &base), 0, "catch"))
			return;
		expect_is(base, at, "the claimed address");
	}
}

// A module after the kernel begins in the kernel's last piece.
static void memory_may_be_claimed_again(void)
{
	uint32_t last = KERNEL + KERNEL_SIZE - STEP, base, taken;

	expect_not(memory_claim(last, 2 * STEP, &base), MISSING, "catch");
	expect_not(memory_claim(last, STEP, &base), MISSING, "catch");
	taken = claim(last + STEP - 1, 1, 0);
	if (!expect_is(taken, MISSING, "claim, the service"))
		release(taken, 1);
}

static void claimed_memory_is_memory(void)
{
	volatile uint32_t *word = (uint32_t *)KERNEL;
	uint32_t i, count = KERNEL_SIZE / 4;

	for (i = 0; i < count; i += 1021)
		word[i] = ~i;
	find("/");
	for (i = 0; i < count && word[i] == ~i; i += 1021)
		;
	expect(i >= count, "a word in claimed memory has changed");
}

static void no_memory_is_not_claimed(void)
{
	uint64_t end = memory_size();
	uint32_t base;

	if (end > UINT64_C(0xfff00000)) {
		skip("there is memory up to 4 GiB");
		return;
	}
	expect_not(memory_claim((uint32_t)end, STEP, &base), 0, "catch");
}

static void mappings_succeed(void)
{
	const uint32_t claimed[3] = { 0, STEP, KERNEL };
	const uint32_t mapped[4] = { 0xffffffff, STEP, KERNEL, KERNEL };
	uint32_t mmu = chosen_instance("mmu"), base;

	expect_is(call_method("claim", mmu, 3, claimed, 1, &base), 0,
		  "catch of claim");
	expect_is(base, KERNEL, "the claimed address");
	expect_is(call_method("map", mmu, 4, mapped, 0, NULL), 0,
		  "catch of map");
}

static void architecture_is_agreed(void)
{
	expect_is(architecture_support(), 0, "the result");
}

// ofw_console.c: anything but 1 is "no key".
static void idle_console_has_no_key(void)
{
	uint32_t n = read_bytes(chosen_instance("stdin"), cases_buffer, 1);

	expect(n == 0 || n == (uint32_t)-2, "read says neither 0 nor -2");
	expect_is(cases_buffer[1], CASES_FILL, "the second byte");
}

#define LIBOFW "FreeBSD stand/libofw"

static const struct test_case cases[] = {
	CALLS("FreeBSD: the loader takes chosen's memory, an instance", LIBOFW,
	      EXPECTED, "instance-to-package", IN(CHOSEN("memory")),
	      OUT(IS_NODE("/memory@0"))),
	CALLS("FreeBSD: the loader exits without chosen's mmu", LIBOFW,
	      EXPECTED, "instance-to-package", IN(CHOSEN("mmu")), OUT(HANDLE)),
	RUNS("FreeBSD: real-mode? is true, with its end", LIBOFW, EXPECTED,
	     mode_is_real),
	RUNS("FreeBSD: the device of bootpath fits into the loader's buffer",
	     LIBOFW, EXPECTED, boot_path_is_short),
	RUNS("FreeBSD: reg of memory is one range from 0 on", LIBOFW, EXPECTED,
	     memory_is_described),
	RUNS("FreeBSD: each part of bootpath is a node", LIBOFW, EXPECTED,
	     each_part_of_the_path_is_a_node),
	CALLS("FreeBSD: the loader calls block-size, which is no service",
	      LIBOFW, EXPECTED, "block-size", IN(NUM(0)), OUT(ANYTHING), FAILS),
	CALLS("FreeBSD: the loader calls #blocks, which is no service", LIBOFW,
	      EXPECTED, "#blocks", IN(NUM(0)), OUT(ANYTHING), FAILS),
	RUNS("FreeBSD: 64 instances of a disk have their own positions", LIBOFW,
	     EXPECTED, instances_have_their_own_positions),
	RUNS("FreeBSD: claim of memory takes pieces of 512 KiB", LIBOFW,
	     EXPECTED, memory_is_claimed_in_pieces),
	RUNS("FreeBSD: claim of memory never says -1 to what is taken", LIBOFW,
	     EXPECTED, memory_may_be_claimed_again),
	RUNS("FreeBSD: memory that claim gave stays as it is written", LIBOFW,
	     EXPECTED, claimed_memory_is_memory),
	RUNS("FreeBSD: claim of memory refuses what is no memory", LIBOFW,
	     EXPECTED, no_memory_is_not_claimed),
	RUNS("FreeBSD: claim and map of mmu succeed", LIBOFW, EXPECTED,
	     mappings_succeed),
	RUNS("FreeBSD: client-architecture-support gives twice 0",
	     "FreeBSD powerpc/ofw/cas.c", EXPECTED, architecture_is_agreed),
	RUNS("FreeBSD: an idle console has no key, and no failure", LIBOFW,
	     EXPECTED, idle_console_has_no_key),
};

GROUP("20", "loader", NULL);

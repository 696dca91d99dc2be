// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD's loader copies the tree, starts RTAS and stops the firmware; its
// kernel then uses all memory and never calls the client interface again.

#include "tests/guest/clients/freebsd/freebsd.h"

#define PATTERN 0xf4eeb5d0u

// guest.lds
extern const char guest_base[], guest_bss_end[];

static uint32_t get_time, power_off, memory_end;

static uint32_t checksum(uint32_t size)
{
	uint32_t sum = size, i;

	for (i = 0; i < size; i += 4)
		sum = (sum << 1 | sum >> 31) ^ guest_be32(blob + i);
	return sum;
}

static void tree_is_copied(void)
{
	uint32_t size = flatten(), first;

	note_number("bytes of the copy", size);
	note_number("nodes", node_count);
	if (!expect(size > 1000 && node_count > 10, "the copy is too small"))
		return;
	first = checksum(size);
	expect_is(flatten(), size, "the size of a second copy");
	expect_is(checksum(size), first, "the sum of a second copy");
}

// The kernel finds nodes through other nodes' properties.
static void expect_reference(uint32_t node, const char *property)
{
	uint32_t to = node_number(node, property);
	unsigned int i;

	if (to == MISSING)
		return;
	for (i = 0; i < node_count && nodes[i] != to; i++)
		;
	expect(i < node_count, property);
}

static void handles_are_phandles(void)
{
	unsigned int i, j;

	for (i = 0; i < node_count; i++) {
		uint32_t phandle = node_number(nodes[i], "phandle");

		if (phandle != MISSING)
			expect_is(phandle, nodes[i], "phandle of a node");
		expect_reference(nodes[i], "interrupt-parent");
		for (j = 0; j < i; j++)
			expect_not(nodes[j], nodes[i], "a node's handle");
	}
}

static void rtas_is_started(void)
{
	get_time = rtas_token("get-time-of-day");
	power_off = rtas_token("power-off");
	memory_end = memory_size() < UINT32_MAX ? (uint32_t)memory_size() : 0;
	expect_not(get_time, MISSING, "get-time-of-day");
	expect_not(power_off, MISSING, "power-off");
	if (!expect(rtas_instantiate(), "RTAS was not instantiated"))
		return;
	expect_not(rtas.base, 0, "its address");
	expect_is(rtas.base & 4095, 0, "its alignment");
}

static void expect_package(const char *name)
{
	uint32_t instance = guest_number("/chosen", name, 0), i;
	uint32_t node = ci1("instance-to-package", 1, instance, 0, 0, 0);

	for (i = 0; i < node_count && nodes[i] != node; i++)
		;
	expect(i < node_count, name);
}

static void instances_are_nodes_of_the_copy(void)
{
	expect_package("stdin");
	expect_package("stdout");
	expect_package("mmu");
	expect_package("cpu");
}

static bool is_ours(uint32_t address)
{
	return (address >= cell(guest_base) && address < cell(guest_bss_end)) ||
	       (address >= rtas.base && address - rtas.base < rtas.size + 4);
}

// Calls visit for each page of memory that is neither ours nor RTAS's; the
// first page that fails ends it.
static bool each_page(bool (*visit)(uint32_t *page))
{
	uint32_t at;

	for (at = 0; at < memory_end; at += 4096)
		if (!is_ours(at) && !is_ours(at + 4095) &&
		    !visit((uint32_t *)(uintptr_t)at))
			return false;
	return true;
}

static bool fill(uint32_t *page)
{
	unsigned int i;

	for (i = 0; i < 1024; i++)
		page[i] = PATTERN;
	return true;
}

static bool is_filled(uint32_t *page)
{
	unsigned int i;

	for (i = 0; i < 1024; i++)
		if (page[i] != PATTERN)
			return expect_is(cell(page + i), 0,
					 "a word that changed, at");
	return true;
}

static void wait(uint32_t ms)
{
	uint64_t start = timebase();

	while (timebase() - start < UINT64_C(512000) * ms)
		;
}

static void kernel_owns_all_memory(void)
{
	uint32_t cells[8] = { 0 };

	if (!expect(memory_end && rtas.entry, "what is needed for it"))
		return;
	each_page(fill);
	wait(100);
	expect(each_page(is_filled), "memory is written to after quiesce");
	rtas_call(get_time, 0, 8, cells);
	expect_is(cells[0], 0, "the status of get-time-of-day");
	expect(cells[1] >= 2000 && cells[1] < 3000, "the year");
}

// The last case: the reader of the console sees whether the machine ends.
static void rtas_powers_off(void)
{
	uint32_t cells[3] = { 0, 0, UNTOUCHED };

	if (!memory_end)
		return;
	cases_verdict();
	guest_print("# end\r\n");
	rtas_call(power_off, 2, 1, cells);
	guest_print("Bail out! RTAS did not power off\r\n");
	for (;;)
		;
}

#define OFW_FDT "FreeBSD powerpc/ofw/ofwfdt.c"

static const struct test_case cases[] = {
	RUNS("FreeBSD: two walks over the tree, from NULL names on, are the same",
	     OFW_FDT, EXPECTED, tree_is_copied),
	RUNS("FreeBSD: phandle and interrupt-parent hold handles of nodes",
	     OFW_FDT, EXPECTED, handles_are_phandles),
	RUNS("FreeBSD: RTAS goes to a page of the firmware's choice", OFW_FDT,
	     EXPECTED, rtas_is_started),
	RUNS("FreeBSD: stdin, stdout, mmu and cpu are nodes of the copy",
	     OFW_FDT, EXPECTED, instances_are_nodes_of_the_copy),
	CALLS("FreeBSD: quiesce is the loader's last call", OFW_FDT, EXPECTED,
	      "quiesce", ),
	RUNS("FreeBSD: after quiesce the kernel may overwrite all else",
	     "FreeBSD powerpc/aim/aim_machdep.c", EXPECTED,
	     kernel_owns_all_memory),
	RUNS("FreeBSD: RTAS powers off without the firmware", "LoPAR 7.3.7.1",
	     REQUIRED, rtas_powers_off),
};

GROUP("30", "kernel", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// call-method and test-method (IEEE 1275-1994 6.3.2.2, LoPAR appendix B).

#include "tests/guest/ci/ci.h"

// The first argument cell is the method, the second the instance.
static uint32_t no_argument(const char *method, uint32_t instance,
			    uint32_t *result)
{
	uint32_t cells[4] = { cell(method), instance, 0xdeadbeef, 0xdeadbeef };

	ci("call-method", 2, 2, cells);
	*result = cells[3];
	return cells[2];
}

static void check_disk_methods(void)
{
	uint32_t disk = open_path("disk:0"), result;

	check(!no_argument("block-size", disk, &result) && result == 512,
	      "GRUB: block-size of a disk");
	check(!no_argument("#blocks", disk, &result) && result == 16384,
	      "#blocks of a disk");
	check(no_argument("no-such-method", disk, &result),
	      "an unknown method gives a catch-result");
	check_eq(result, 0, "GRUB: a failed call-method zeroes its results");
	check(no_argument("block-size", BAD_HANDLE, &result),
	      "a method of a bad ihandle gives a catch-result");
	close_instance(disk);
}

static void check_memory_methods(void)
{
	uint32_t memory = guest_number("/chosen", "memory", 0);
	uint32_t mmu = guest_number("/chosen", "mmu", 0);
	// stack order, top first: align size; the address is not given
	uint32_t cells[7] = { cell("claim"), memory,	4096, 8192, 0,
			      0xdeadbeef,    0xdeadbeef };

	check(memory && mmu, "/chosen names memory and mmu instances");
	ci("call-method", 4, 2, cells);
	check(!cells[4] || cells[4] != MISSING,
	      "FreeBSD: a failing claim of /memory is not caught as -1");
	cells[0] = cell("claim");
	cells[1] = memory;
	cells[2] = 4096;
	cells[3] = 8192;
	cells[4] = 0;
	cells[5] = 0xdeadbeef;
	cells[6] = 0xdeadbeef;
	ci("call-method", 5, 2, cells);
	check(!cells[5] && cells[6] && !(cells[6] & 4095),
	      "FreeBSD: claim of /memory claims aligned memory");
}

static void check_rtas_methods(void)
{
	uint32_t size = guest_number("/rtas", "rtas-size", 0), base, rtas;
	uint32_t cells[5];

	base = ci1("claim", 3, 0, size, 4096, 0);
	rtas = open_path("/rtas");
	check(size >= 20 && base != MISSING, "there is room for RTAS");
	check(rtas != 0, "Linux: /rtas can be opened");
	cells[0] = cell("instantiate-rtas");
	cells[1] = rtas;
	cells[2] = base;
	cells[3] = cells[4] = 0xdeadbeef;
	ci("call-method", 3, 2, cells);
	check(!cells[3] && cells[4] == base,
	      "instantiate-rtas gives the entry");
	// QEMU pc-bios/vof/entry.S: mr %r4,%r3 begins the call of H_RTAS
	check_eq(guest_be32((const void *)(uintptr_t)base), 0x7c641b78,
		 "RTAS is the hypercall's five instructions");
	close_instance(rtas);
	ci1("release", 2, base, size, 0, 0);
}

void check_methods(void)
{
	check_disk_methods();
	check_memory_methods();
	check_rtas_methods();
	check_eq(ci1("test-method", 2, find("/"),
		     cell("ibm,client-architecture-support"), 0, 0),
		 0, "test-method finds a method");
	check(ci1("test-method", 2, find("/"), cell("no-such"), 0, 0) != 0,
	      "test-method misses a method");
	check(ci1("test-method", 2, BAD_HANDLE, cell("open"), 0, 0) != 0,
	      "test-method of a bad phandle misses");
}

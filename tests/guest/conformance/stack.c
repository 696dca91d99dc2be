// SPDX-License-Identifier: BSD-2-Clause
// Calls on a small stack: FreeBSD's kernel gives them 4 KiB, so the firmware
// uses its own.

#include "tests/guest/conformance/conformance.h"
#include "tests/guest/lib/regs.h"

#define AT 1024u     // offset of the array in cases_buffer
#define STACK 16384u // the client's stack is [STACK, STACK + 4096)
#define STACK_SIZE 4096u

// FreeBSD's kernel calls with a 4 KiB stack (OFWSTKSZ).
static void call_on_small_stack(const char *service, uint32_t nargs, uint32_t a,
				uint32_t b, uint32_t c)
{
	unsigned char *top = cases_buffer + STACK + STACK_SIZE - 256;
	uint32_t cells[3] = { a, b, c };
	unsigned int i;

	store_cell(cases_buffer + AT, cell(service));
	store_cell(cases_buffer + AT + 4, nargs);
	store_cell(cases_buffer + AT + 8, 1);
	for (i = 0; i < nargs; i++)
		store_cell(cases_buffer + AT + 12 + 4 * i, cells[i]);
	store_cell(cases_buffer + AT + 12 + 4 * nargs, UNTOUCHED);
	memset(top, 0, 256);
	memset(&guest_registers, 0, sizeof(guest_registers));
	guest_registers.gpr[1] = cell(top);
	guest_registers.gpr[3] = cell(cases_buffer) + AT;
	guest_registers.entry = (uint32_t)guest_entry.gpr[5];
	guest_call_registers();
	expect_is((uint32_t)guest_registers.gpr[1], cell(top), "r1");
	expect_is((uint32_t)guest_registers.gpr[3], 0, service);
	memset(cases_buffer + AT, CASES_FILL, 64);
	memset(cases_buffer + STACK, CASES_FILL, STACK_SIZE);
	for (i = 0; i < CASES_BUFFER && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, CASES_BUFFER, "bytes around the stack stay up to");
}

static uint32_t path_buffer[256];

static void small_stack(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);
	uint32_t got;

	call_on_small_stack("milliseconds", 0, 0, 0, 0);
	call_on_small_stack("finddevice", 1, cell("/chosen"), 0, 0);
	call_on_small_stack("finddevice", 1, cell("/no/such/device"), 0, 0);
	call_on_small_stack("package-to-path", 3, find("/chosen"),
			    cell(path_buffer), sizeof(path_buffer));
	call_on_small_stack("instance-to-path", 3, stdout, cell(path_buffer),
			    sizeof(path_buffer));
	call_on_small_stack("write", 3, stdout, cell("\r\n"), 2);
	call_on_small_stack("interpret", 1, cell("no such words"), 0, 0);
	call_on_small_stack("open", 1, cell("/no/such/device"), 0, 0);
	got = claim(0, 8192, 4096);
	release(got, 8192);
	if (got == MISSING)
		return;
	call_on_small_stack("claim", 3, got, 8192, 0);
	release(got, 8192);
}

static void small_stack_disk(void)
{
	const char *path = data_disk();
	uint32_t disk, opened;

	if (!path)
		return;
	disk = open_path(path);
	if (!expect_not(disk, 0, "open"))
		return;
	call_on_small_stack("seek", 3, disk, 0, (uint32_t)DISK_WORDS);
	call_on_small_stack("read", 3, disk, cell(path_buffer), SECTOR);
	expect(is_disk_data((unsigned char *)path_buffer, DISK_WORDS, SECTOR),
	       "the data read");
	close_instance(disk);
	opened = open_path(path);
	expect_not(opened, 0, "open of the disk afterwards");
	close_instance(opened);
}

static const struct test_case cases[] = {
	RUNS("FreeBSD: calls work on a stack of 4 KiB", "FreeBSD ofw_machdep.c",
	     EXPECTED, small_stack),
	RUNS("FreeBSD: a disk is read on a stack of 4 KiB",
	     "FreeBSD ofw_machdep.c", EXPECTED, small_stack_disk),
};

GROUP("13", "stack", NULL);

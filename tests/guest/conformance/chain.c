// SPDX-License-Identifier: BSD-2-Clause
// chain: frees the client's program memory and enters another program with
// arguments (IEEE 1275-1994 6.3.2.5). The other program is this client again,
// through code in claimed memory.

#include "tests/guest/conformance/walk.h"
#include "tests/guest/lib/regs.h"

#define PROGRAM_SIZE 0x4000u
#define TEXT_AT 0x100u // in the program
#define TEXT_LENGTH 24u

// For the entered client; .data keeps its value.
static struct {
	uint32_t program, freed, length, disk;
} known __attribute__((section(".data"))) = { 1, 1, 1, 1 };

static void flush(const unsigned char *at, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i += 16)
		__asm__ volatile("dcbst 0, %0; sync; icbi 0, %0"
				 :
				 : "r"(at + i)
				 : "memory");
	__asm__ volatile("sync; isync" : : : "memory");
}

// Copies the program to claimed memory; false on failure.
static bool make_program(void)
{
	uint32_t size = cell(guest_chained_end) - cell(guest_chained);
	unsigned char *at;

	known.program = claim(0, PROGRAM_SIZE, 0x1000);
	known.freed = claim(0, PROGRAM_SIZE, 0x1000);
	if (!expect_not(known.program, MISSING, "claim") ||
	    !expect_not(known.freed, MISSING, "claim"))
		return false;
	at = (unsigned char *)(uintptr_t)known.program;
	memcpy(at, guest_chained, size);
	store_cell(at + size - 4, cell(guest_base));
	memcpy(at + TEXT_AT, "arguments of the program", TEXT_LENGTH);
	flush(at, size);
	return true;
}

static void call_chain(uint32_t size, uint32_t length)
{
	uint32_t cells[5] = { known.freed, size, known.program,
			      known.program + TEXT_AT, length };

	known.length = length;
	cases_enter_anew(true);
	cases_leave("chain");
	ci("chain", 5, 0, cells);
	cases_enter_anew(false);
	expect(false, "chain returned");
	release(known.program, PROGRAM_SIZE);
	release(known.freed, PROGRAM_SIZE);
}

static void chain_with_arguments(void)
{
	if (make_program())
		call_chain(PROGRAM_SIZE, TEXT_LENGTH);
}

static void chain_without_anything(void)
{
	if (make_program())
		call_chain(0, 0);
}

static void enters_with_arguments(void)
{
	const unsigned char *text;

	expect_is(guest_entry.gpr[6], known.program + TEXT_AT, "r6");
	expect_is(guest_entry.gpr[7], known.length, "r7");
	text = (unsigned char *)(uintptr_t)(known.program + TEXT_AT);
	expect_bytes(text, "arguments of the program", TEXT_LENGTH,
		     "the arguments");
	expect_is(claim(known.freed, PROGRAM_SIZE, 0), known.freed,
		  "claim of the memory that chain was to free");
	expect_is(claim(known.program, PROGRAM_SIZE, 0), MISSING,
		  "claim of the program's memory");
	expect_alive();
}

static void enters_without_anything(void)
{
	expect_is(guest_entry.gpr[7], 0, "r7");
	expect_is(claim(known.freed, PROGRAM_SIZE, 0), MISSING,
		  "claim of memory that chain was to leave");
	expect_is(claim(known.program, PROGRAM_SIZE, 0), MISSING,
		  "claim of the program's memory");
	expect_alive();
}

static void chain_keeps_instances(void)
{
	const char *path = data_disk();

	if (!path || !make_program())
		return;
	known.disk = open_path(path);
	seek_to(known.disk, DISK_WORDS + SECTOR);
	call_chain(0, 0);
}

static void instances_are_open(void)
{
	static unsigned char data[SECTOR];

	expect_is(read_bytes(known.disk, data, SECTOR), SECTOR, "read");
	expect(is_disk_data(data, DISK_WORDS + SECTOR, SECTOR),
	       "the data is not what the disk has there");
	close_instance(known.disk);
}

static void enters_in_a_known_state(void)
{
	expect_is(guest_entry.gpr[1] & 15, 0, "r1 modulo 16");
	expect(guest_entry.gpr[1] != 0, "r1 is 0");
	expect(guest_entry.gpr[5] != 0, "r5 is 0");
	expect_is(guest_entry.msr & (MSR_EE | MSR_PR | MSR_IR | MSR_DR), 0,
		  "MSR EE, PR, IR and DR");
	expect_is(guest_entry.msr & MSR_FP, MSR_FP, "MSR FP");
	expect(guest_entry.lr != 0, "LR is 0");
}

// No program is there: the firmware may refuse it or end the client.
static void chain_into_nothing(void)
{
	uint32_t cells[5] = { 0, 0, 0xfffffff0, 0, 0 };

	cases_leave("wild-chain");
	ci("chain", 5, 0, cells);
	expect_alive();
}

// Refused, or the program is entered.
static void chain_with(uint32_t *cells, uint32_t nargs)
{
	if (!make_program())
		return;
	cells[2] = known.program;
	cases_enter_anew(true);
	cases_leave("chain");
	ci("chain", nargs, 0, cells);
	cases_enter_anew(false);
	release(known.program, PROGRAM_SIZE);
	release(known.freed, PROGRAM_SIZE);
	expect_alive();
}

static void chain_with_wild_arguments(void)
{
	uint32_t cells[5] = { 0, 0, 0, 0xfffff000, 0x2000 };

	chain_with(cells, 5);
}

static void chain_with_wild_memory(void)
{
	uint32_t cells[5] = { 0xfffff000, 0x2000, 0, 0, 0 };

	chain_with(cells, 5);
}

static void chain_with_few_arguments(void)
{
	uint32_t cells[3] = { 0, 0, 0 };

	chain_with(cells, 3);
}

static void enters_with_wild_arguments(void)
{
	expect_alive();
}

static const struct test_case cases[] = {
	RESUMES("chain enters a program with its arguments",
		"IEEE 1275 6.3.2.5", REQUIRED, chain_with_arguments,
		enters_with_arguments),
	RESUMES("chain frees nothing and passes nothing when asked so",
		"IEEE 1275 6.3.2.5", REQUIRED, chain_without_anything,
		enters_without_anything),
	RESUMES("chain enters a program as a client is entered",
		"PowerPC binding 8.2", REQUIRED, chain_without_anything,
		enters_in_a_known_state),
	RESUMES("chain leaves open instances open", "IEEE 1275 6.3.2.5",
		EXPECTED, chain_keeps_instances, instances_are_open),
	RUNS("chain to an entry outside memory does no harm",
	     "IEEE 1275 6.3.2.5", EXPECTED, chain_into_nothing),
	RESUMES("chain with arguments outside memory does no harm",
		"IEEE 1275 6.3.2.5", EXPECTED, chain_with_wild_arguments,
		enters_with_wild_arguments),
	RESUMES("chain that is to free what is no memory does no harm",
		"IEEE 1275 6.3.2.5", EXPECTED, chain_with_wild_memory,
		enters_with_wild_arguments),
	RESUMES("chain with too few arguments does no harm", "IEEE 1275 6.3.1",
		EXPECTED, chain_with_few_arguments, enters_with_wild_arguments),
};

GROUP("95", "chain", "chain");

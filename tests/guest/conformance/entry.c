// SPDX-License-Identifier: BSD-2-Clause
// The machine state at a client's entry (PowerPC binding 8.2).

#include "tests/guest/conformance/walk.h"
#include "tests/guest/lib/regs.h"

#define STACK_SIZE 0x8000u // PowerPC binding 8.2: at least 32 KiB
#define RED_ZONE 1024u	   // below our own stack pointer

static const uint64_t *const gpr = guest_entry.gpr;

static void stack_is_aligned(void)
{
	expect(gpr[1] != 0, "r1 is 0");
	expect_is(gpr[1] >> 32, 0, "the upper half of r1");
	expect_is(gpr[1] & 15, 0, "r1 modulo 16");
}

static void stack_is_large(void)
{
	unsigned char here;
	volatile unsigned char *bottom =
		(unsigned char *)(uintptr_t)gpr[1] - STACK_SIZE;
	uint32_t used = cell((void *)(uintptr_t)gpr[1]) - cell(&here);
	uint32_t root = find("/"), i, n = STACK_SIZE - used - RED_ZONE;

	if (!expect(used + RED_ZONE < STACK_SIZE, "the client is elsewhere"))
		return;
	for (i = 0; i < n; i++)
		bottom[i] = (unsigned char)(i * 7);
	expect_is(find("/"), root, "the root node");
	for (i = 0; i < n && bottom[i] == (unsigned char)(i * 7); i++)
		;
	expect_is(i, n, "what was written below r1 stays up to");
}

static void stack_is_not_free(void)
{
	expect_is(claim(((uint32_t)gpr[1] - STACK_SIZE / 2) & ~4095u, 4096, 0),
		  MISSING, "claim of the stack");
}

static void back_chain_is_zero(void)
{
	expect_is(guest_be32((void *)(uintptr_t)gpr[1]), 0, "the back chain");
}

static void interface_is_code(void)
{
	expect(gpr[5] != 0, "r5 is 0");
	expect_is(gpr[5] >> 32, 0, "the upper half of r5");
	expect_is(gpr[5] & 3, 0, "r5 modulo 4");
}

static uint64_t chosen_number(const char *name)
{
	unsigned char value[8];
	uint32_t n = get_property(find("/chosen"), name, value, 8);

	if (n == 8)
		return (uint64_t)guest_be32(value) << 32 |
		       guest_be32(value + 4);
	return n == 4 ? guest_be32(value) : 0;
}

static void initrd_is_passed(void)
{
	uint64_t start = chosen_number("linux,initrd-start");
	uint64_t end = chosen_number("linux,initrd-end");

	// Elsewhere only the registers tell.
	if (!start && gpr[4] && !needs_pseries())
		return;
	expect_is(gpr[3], start, "r3");
	expect_is(gpr[4], end - start, "r4");
}

static void arguments_are_passed(void)
{
	static char text[256];
	uint32_t n = (uint32_t)gpr[7];

	text_property("/chosen", "bootargs", text, sizeof(text));
	expect_is(gpr[7] >> 32, 0, "the upper half of r7");
	if (!n || n > sizeof(text) - 1)
		return;
	expect_is(gpr[6] >> 32, 0, "the upper half of r6");
	// The length may include a NUL.
	expect_bytes((void *)(uintptr_t)gpr[6], text, n, "the text at r6");
	expect(n == strlen(text) || n == strlen(text) + 1,
	       "r7 is another length than that of /chosen bootargs");
}

static void others_are_zero(void)
{
	unsigned int i;

	for (i = 8; i < 29; i++) {
		// Version 2 of the ELF ABI; SLOF sets r13 too.
		if (i == 12 || i == 13)
			continue;
		if (!expect_is(gpr[i], 0, "a register without a meaning"))
			note_number("it is register", i);
	}
}

static void interrupts_are_off(void)
{
	expect_is(guest_entry.msr & (MSR_EE | MSR_PR), 0, "MSR EE and PR");
	expect_is(guest_entry.msr & (MSR_FE0 | MSR_FE1), 0, "MSR FE0 and FE1");
}

static void translation_is_off(void)
{
	char real[8];

	text_property("/options", "real-mode?", real, sizeof(real));
	if (!same_text(real, "true"))
		skip("/options real-mode? is not true");
	else
		expect_is(guest_entry.msr & (MSR_IR | MSR_DR), 0,
			  "MSR IR and DR");
}

static void floating_point_is_on(void)
{
	expect_is(guest_entry.msr & MSR_FP, MSR_FP, "MSR FP");
}

static void machine_checks_are_on(void)
{
	expect_is(guest_entry.msr & MSR_ME, MSR_ME, "MSR ME");
}

static void return_is_possible(void)
{
	expect(guest_entry.lr != 0, "LR is 0");
	expect_is(guest_entry.lr >> 32, 0, "the upper half of LR");
	expect_is(guest_entry.lr & 3, 0, "LR modulo 4");
}

// With -kernel, QEMU's pseries enters a file that no one has inspected.
static bool is_kernel(void)
{
	char path[PATH_SIZE];

	text_property("/chosen", "bootpath", path, sizeof(path));
	return !path[0] && ci1("getproplen", 2, find("/chosen"),
			       cell("qemu,boot-kernel"), 0, 0) == 16;
}

#if defined(_CALL_ELF) && _CALL_ELF == 2
#define ENTRY_IN_R12 true
#else
#define ENTRY_IN_R12 false
#endif

static void entry_is_in_r12(void)
{
	if (!ENTRY_IN_R12)
		skip("this client has version 1 of the ABI, or 32 bits");
	else if (is_kernel())
		skip("QEMU has loaded the client");
	else
		expect_is(gpr[12], cell(guest_base), "r12");
}

// The binding itself requires MSR SF = 0 for every file (LoPAR C.9.2.1).
static void mode_is_the_files(void)
{
	if (sizeof(void *) == 4)
		skip("a 32-bit processor does not tell");
	else if (is_kernel())
		skip("QEMU has loaded the client");
	else if (!(guest_entry.msr & MSR_SF))
		skip("every file is entered in 32-bit mode");
	else
		expect_is(guest_entry.msr >> 32, MSR_SF >> 32,
			  "the upper half of the MSR");
}

static void own_memory_is_claimed(void)
{
	uint32_t base = cell(guest_base);

	expect_is(claim(base, 4096, 0), MISSING, "claim of the first page");
	expect_is(claim(cell(&guest_registers) & ~4095u, 4096, 0), MISSING,
		  "claim of the last pages");
}

static void zeroed_data_is_zero(void)
{
	// Only the groups after this one write to zeroed data.
	static unsigned char zeros[70000];
	uint32_t i;

	for (i = 0; i < sizeof(zeros) && !zeros[i]; i++)
		;
	expect_is(i, sizeof(zeros), "bytes that are 0");
}

static const struct test_case cases[] = {
	RUNS("r1 is a stack aligned to 16 bytes", "PowerPC binding 8.2",
	     REQUIRED, stack_is_aligned),
	RUNS("GRUB: the stack at r1 has 32 KiB that are the client's",
	     "PowerPC binding 8.2", REQUIRED, stack_is_large),
	RUNS("the stack at r1 is not free memory", "PowerPC binding 8.2",
	     REQUIRED, stack_is_not_free),
	RUNS("the stack at r1 begins with a zero back chain",
	     "System V ABI, PowerPC", EXPECTED, back_chain_is_zero),
	RUNS("r5 is the address of the client interface's code",
	     "PowerPC binding 8.2", REQUIRED, interface_is_code),
	RUNS("Linux: r3 and r4 are address and size of the initrd, or 0",
	     "Linux prom_init.c", EXPECTED, initrd_is_passed),
	RUNS("r6 and r7 are address and length of the arguments",
	     "PowerPC binding 8.2", REQUIRED, arguments_are_passed),
	RUNS("registers without a meaning are 0", "PowerPC binding 8.2",
	     REQUIRED, others_are_zero),
	RUNS("interrupts and problem state are off", "PowerPC binding 8.2",
	     REQUIRED, interrupts_are_off),
	RUNS("translation is off in real mode", "PowerPC binding 8.2", REQUIRED,
	     translation_is_off),
	RUNS("floating point is on", "PowerPC binding 8.2", REQUIRED,
	     floating_point_is_on),
	RUNS("machine checks are on", "PowerPC binding 8.2", REQUIRED,
	     machine_checks_are_on),
	RUNS("LR is an address to return to", "PowerPC binding 8.2", EXPECTED,
	     return_is_possible),
	RUNS("a file of ABI version 2 finds its entry in r12",
	     "ELF V2 ABI 2.3.2.1", EXPECTED, entry_is_in_r12),
	RUNS("SLOF: a 64-bit file is entered in 64-bit mode", "SLOF loaders.fs",
	     EXTENSION, mode_is_the_files),
	RUNS("GRUB: the client's own memory is claimed",
	     "GRUB kern/ieee1275/init.c", EXPECTED, own_memory_is_claimed),
	RUNS("what a file does not fill is 0", "IEEE 1275 6.3.1", EXPECTED,
	     zeroed_data_is_zero),
};

GROUP("10", "entry", NULL);

// SPDX-License-Identifier: BSD-2-Clause
/* Reports of unexpected exceptions. */
#include "entry/exception.h"

#include "boot/boot.h"
#include "ci/mem.h"
#include "lib/log.h"

static_assert(offsetof(struct exception_frame, pc) == EXC_PC, "layout.h");
static_assert(offsetof(struct exception_frame, cr) == EXC_CR, "layout.h");
static_assert(offsetof(struct exception_frame, dar) == EXC_DAR, "layout.h");
static_assert(offsetof(struct exception_frame, vector) == EXC_VECTOR,
	      "layout.h");

/* Deepest back-trace that is printed. */
#define TRACE_MAX 16

/* [Power ISA 2.07 III-S 6.5] */
static const struct {
	uint32_t vector;
	const char *name;
} exception_names[] = {
	{ 0x100, "System Reset (NMI)" },
	{ 0x200, "Machine Check" },
	{ 0x300, "Data Storage" },
	{ 0x380, "Data Segment" },
	{ 0x400, "Instruction Storage" },
	{ 0x480, "Instruction Segment" },
	{ 0x600, "Alignment" },
	{ 0x700, "Program" },
	{ 0x800, "Floating-Point Unavailable" },
	{ 0xa00, "Directed Doorbell" },
	{ 0xc00, "System Call" },
	{ 0xd00, "Trace" },
	{ 0xe40, "Emulation Assistance" },
	{ 0xf00, "Performance Monitor" },
	{ 0xf20, "Vector Unavailable" },
	{ 0xf40, "VSX Unavailable" },
	{ 0xf60, "Facility Unavailable" },
};

static const char *exception_name(uint64_t vector)
{
	for (size_t i = 0; i < ARRAY_SIZE(exception_names); i++) {
		if (exception_names[i].vector == vector)
			return exception_names[i].name;
	}
	return "Unexpected";
}

/*
 * Return addresses: LR first, then what each caller's frame holds: 16 bytes
 * above its back chain (ELFv2 ABI 2.2.2).
 */
static void exception_trace(uint64_t lr, uint64_t sp)
{
	print("Back-trace: %jx", (uintmax_t)lr);
	for (int depth = 0; depth < TRACE_MAX && sp % 8 == 0; depth++) {
		const uint64_t *frame = ci_ram(sp, 8);

		/* Stacks grow down: a chain that does not go up has ended. */
		if (!frame || frame[0] <= sp)
			break;
		sp = frame[0];
		frame = ci_ram(sp, 24);
		if (!frame)
			break;
		print(" %jx", (uintmax_t)frame[2]);
	}
	print("\n");
}

noreturn void exception_report(const struct exception_frame *f)
{
	print("\n( %jx ) %s exception at %jx, MSR %jx\n", (uintmax_t)f->vector,
	      exception_name(f->vector), (uintmax_t)f->pc, (uintmax_t)f->msr);
	print("DAR %jx DSISR %jx LR %jx CTR %jx CR %jx XER %jx\n",
	      (uintmax_t)f->dar, (uintmax_t)f->dsisr, (uintmax_t)f->lr,
	      (uintmax_t)f->ctr, (uintmax_t)f->cr, (uintmax_t)f->xer);
	for (int i = 0; i < 32; i += 4)
		print("R%02d %016jx %016jx %016jx %016jx\n", i,
		      (uintmax_t)f->gpr[i], (uintmax_t)f->gpr[i + 1],
		      (uintmax_t)f->gpr[i + 2], (uintmax_t)f->gpr[i + 3]);
	exception_trace(f->lr, f->gpr[1]);
	exception_rearm();
	for (;;)
		boot_prompt(false);
}

noreturn void assert_failed(const char *expr, const char *file, int line);

noreturn void assert_failed(const char *expr, const char *file, int line)
{
	print("\n%s:%d: assertion failed: %s\n", file, line, expr);
	for (;;)
		boot_prompt(false);
}

/* The stack protector: gcc's global guard and what it calls. */
uintptr_t __stack_chk_guard = 0x51a7e0ff0d5ec0deu;
noreturn void __stack_chk_fail(void);

noreturn void __stack_chk_fail(void)
{
	assert_failed("stack is intact", "stack protector", 0);
}

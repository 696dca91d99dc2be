// SPDX-License-Identifier: BSD-2-Clause
/* Reports of unexpected exceptions. */
#include "entry/exception.h"

#include <string.h>

#include "boot/handover.h"
#include "boot/policy.h"
#include "ci/mem.h"
#include "entry/cache.h"
#include "entry/idle.h"
#include "entry/image.h"
#include "hcall/hcall.h"
#include "lib/log.h"
#include "lib/watch.h"

static_assert(offsetof(struct exception_frame, pc) == EXC_PC, "layout.h");
static_assert(offsetof(struct exception_frame, cr) == EXC_CR, "layout.h");
static_assert(offsetof(struct exception_frame, dar) == EXC_DAR, "layout.h");
static_assert(offsetof(struct exception_frame, vector) == EXC_VECTOR,
	      "layout.h");

/* Maximum depth of a back-trace. */
#define TRACE_MAX 16
/* Maximum number of reports: a failing prompt must not loop forever. */
#define REPORTS_MAX 16

#define EXC_NMI 0x100u
#define EXC_FIRST_VECTOR 0x100u

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
	{ 0xc00, "System Call" },
	{ 0xd00, "Trace" },
	{ 0xe40, "Emulation Assistance" },
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
 * Prints return addresses: first LR, then the one in each caller's frame, 16
 * bytes above its back chain (ELFv2 ABI 2.2.2).
 */
static void exception_trace(uint64_t lr, uint64_t sp)
{
	print("Back-trace: %jx", (uintmax_t)lr);
	for (int depth = 0; depth < TRACE_MAX && sp % 8 == 0; depth++) {
		const uint64_t *frame = ci_ram(sp, 8);

		/* Stacks grow down: the chain ends if it does not go up. */
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

/* The vectors in low memory are those of the image. */
static bool exception_vectors_ours = true;

bool exception_interruptible(void)
{
	return exception_vectors_ours;
}

static char *exception_low(void)
{
	uintptr_t low = EXC_FIRST_VECTOR;

	/* Hide the value: the compiler warns about addresses near 0. */
	__asm__("" : "+r"(low));
	return (char *)low;
}

void exception_give_low(void)
{
	exception_vectors_ours = false;
	watch_disown(exception_low(), LOW_END - EXC_FIRST_VECTOR);
}

void exception_take_low(void)
{
	watch_own(exception_low(), LOW_END - EXC_FIRST_VECTOR);
}

void exception_init(uint32_t stop_self)
{
	uintptr_t image = (uintptr_t)image_start + LOW_STOP_SELF;

	*(volatile uint32_t *)image = stop_self;
	*(volatile uint32_t *)(uintptr_t)LOW_STOP_SELF = stop_self;
}

/*
 * The image in the window has a copy of low memory at the same offset, with its
 * contents while the firmware runs. After an NMI, processors that wait for
 * start-cpu may run the vector at any time, even during this copy; without a
 * handler there they would restart the firmware.
 */
void exception_restore(void)
{
	char *low = exception_low();

	memcpy(low, image_start + EXC_FIRST_VECTOR, LOW_END - EXC_FIRST_VECTOR);
	cache_flush(low, LOW_END - EXC_FIRST_VECTOR);
	/* The byte order is a machine setting: it outlives the client. */
	h_set_big_endian();
	exception_vectors_ours = true;
}

static void exception_prompt_loop(void)
{
	for (;;)
		boot_prompt(false);
}

/*
 * Abandons the code that was running. The prompt needs all vectors, and a
 * client may have overwritten those that did not lead here.
 */
static noreturn void exception_prompt(void)
{
	exception_take_low();
	exception_restore();
	handover_abandon();
	stack_restart(exception_prompt_loop);
}

/* Counts reports, except those of NMIs, which a user requests. */
static void exception_count(const struct exception_frame *f)
{
	static unsigned count;

	if (f->vector == EXC_NMI || ++count <= REPORTS_MAX)
		return;
	print("Stopped: too many exceptions.\n");
	idle_stop();
}

noreturn void exception_report(const struct exception_frame *f)
{
	exception_take_low();
	log_resume();
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
	exception_count(f);
	exception_prompt();
}

noreturn void assert_failed(const char *expr, const char *file, int line);

noreturn void assert_failed(const char *expr, const char *file, int line)
{
	static bool again;

	log_resume();
	print("\n%s:%d: assertion failed: %s\n", file, line, expr);
	/* The prompt itself may fail. */
	if (again)
		idle_stop();
	again = true;
	exception_prompt();
}

/*
 * The stack protector: its failure handler, and the guard, which gcc reads by
 * its distance from the TOC pointer: one instruction, where a symbol's address
 * takes two more. fw.lds puts it there.
 */
extern const uintptr_t stack_guard;
__attribute__((section(".guard")))
const uintptr_t stack_guard = 0x51a7e0ff0d5ec0deu;
noreturn void __stack_chk_fail(void);

noreturn void __stack_chk_fail(void)
{
	assert_failed("stack is intact", "stack protector", 0);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Giving the processor away while there is nothing to do. */
#include "entry/idle.h"

#include "entry/exception.h"
#include "hcall/hcall.h"

/* External interrupts, and the decrementer's. [Power ISA 2.07 III-S 3.2.1] */
#define MSR_EE 0x8000u
/* The farthest: it counts 32 bits, and a negative number interrupts. */
#define DECREMENTER_FAR 0x7fffffffu

static void idle_set_decrementer(uint64_t ticks)
{
	__asm__ volatile("mtdec %0" : : "r"(ticks));
}

static void idle_disable_interrupts(void)
{
	uint64_t msr;

	__asm__ volatile("mfmsr %0" : "=r"(msr));
	/* This form changes EE and RI alone. */
	__asm__ volatile("mtmsrd %0, 1" : : "r"(msr & ~MSR_EE) : "memory");
}

/*
 * The firmware runs with interrupts off; only here they are on, from within
 * H_CEDE until the next but one statement. The decrementer ends the sleep: no
 * device and no terminal has its interrupt enabled (H_VIO_SIGNAL), and the
 * interrupt controller is as after reset, with all sources masked. What comes
 * all the same finds a vector that goes back, with MSR[EE] off (start.S): it
 * costs the sleep, not the machine.
 */
void idle_for(uint64_t ticks)
{
	if (!exception_interruptible())
		return;
	idle_set_decrementer(MIN(ticks, DECREMENTER_FAR));
	h_cede();
	idle_disable_interrupts();
	idle_set_decrementer(DECREMENTER_FAR);
}

noreturn void idle_stop(void)
{
	for (;;)
		idle_for(DECREMENTER_FAR);
}

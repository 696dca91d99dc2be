/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: what a vector saved, and the report. */
#ifndef ENTRY_EXCEPTION_H
#define ENTRY_EXCEPTION_H

#include "entry/layout.h"
#include "lib/types.h"

/* What start.S saves in low memory (entry/layout.h has the offsets). */
struct exception_frame {
	uint64_t gpr[32];
	uint64_t pc, msr; /* SRR0, SRR1 */
	uint64_t cr, lr, ctr, xer, dar, dsisr;
	uint64_t vector;
};

/*
 * exception_report - print name, registers and a back-trace, then go to the
 * prompt. `frame`: in low memory. Never returns.
 */
noreturn void exception_report(const struct exception_frame *frame);

/*
 * exception_init - `stop_self`: RTAS token, 0: none. Afterwards an NMI leaves
 * processors alone that wait for start-cpu.
 */
void exception_init(uint32_t stop_self);

/* exception_give_low - a client is entered: low memory is its own. */
void exception_give_low(void);

/*
 * exception_take_low - the firmware may write to low memory again. What the
 * client has left there, vectors too, stays until exception_restore().
 */
void exception_take_low(void);

/*
 * exception_restore - put back what a client may have changed: the vectors, and
 * the endianness that they are entered with.
 */
void exception_restore(void);

/*
 * exception_interruptible - do interrupts find our vectors? Not while a client
 * runs, also when it calls the firmware: it may have its own there.
 */
bool exception_interruptible(void);

#endif

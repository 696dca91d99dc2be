/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: the saved state, and the report. */
#ifndef ENTRY_EXCEPTION_H
#define ENTRY_EXCEPTION_H

#include "entry/layout.h"
#include "lib/types.h"

/* State that start.S saves in low memory (offsets: entry/layout.h). */
struct exception_frame {
	uint64_t gpr[32];
	uint64_t pc, msr; /* SRR0, SRR1 */
	uint64_t cr, lr, ctr, xer, dar, dsisr;
	uint64_t vector;
};

/*
 * exception_report - print name, registers and a back-trace, then go to the
 * prompt. `frame`: in low memory. Does not return.
 */
noreturn void exception_report(const struct exception_frame *frame);

/*
 * exception_init - set the RTAS token `stop_self`, 0: none. With a token,
 * processors that wait for start-cpu go back to sleep after an NMI.
 */
void exception_init(uint32_t stop_self);

/* exception_give_low - give low memory to the client that is about to start. */
void exception_give_low(void);

/*
 * exception_take_low - let the firmware write to low memory again. The client's
 * data there, including vectors, stays until exception_restore().
 */
void exception_take_low(void);

/*
 * exception_restore - restore what a client may have changed: the vectors, and
 * the byte order of exceptions.
 */
void exception_restore(void);

/*
 * exception_interruptible - true if interrupts use our vectors. False while a
 * client runs, even during its calls: it may have installed its own.
 */
bool exception_interruptible(void);

#endif

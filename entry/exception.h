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
 * exception_rearm - the report is done: another exception may be reported.
 */
void exception_rearm(void);

#endif

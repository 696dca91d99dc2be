/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of several depths with every register known. */
#ifndef TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H
#define TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H

#include "tests/guest/conformance/conformance.h"
#include "tests/guest/lib/regs.h"

/* What CR and FPSCR hold before a call. FPSCR: sticky flags of an inexact
 * underflow, rounding towards zero; of exceptions only the inexact one, which
 * FE0 = FE1 = 0 keeps from happening. */
#define CR_PATTERN 0xa5c3965au
#define FPSCR_PATTERN 0x8a000009u

/* What the firmware does in them spoils different registers. */
enum depth {
	CLOCK,
	PROPERTY,
	OPEN,
	READ,
	CLAIM,
	UNKNOWN,
	METHOD,
	TEXT,
	DEPTHS
};

/* guest_registers as they were at the last call. */
extern struct guest_registers registers_before;

/* The first result of the last call, which was of this depth. */
uint32_t register_result(enum depth depth);

/* One call, with the registers as `change` (or NULL) makes them. */
void register_call(enum depth depth, void (*change)(void));

/* Each of them, and then `look`, which gets the service's name. */
void each_call(void (*change)(void),
	       void (*look)(enum depth depth, const char *service));

#endif /* TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H */

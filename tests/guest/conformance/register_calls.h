/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of several depths with every register known. */
#ifndef TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H
#define TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H

#include "tests/guest/conformance/conformance.h"
#include "tests/guest/lib/regs.h"

/* CR and FPSCR before a call. FPSCR: sticky flags of an inexact underflow,
 * rounding towards zero; only the inexact exception is enabled, which
 * FE0 = FE1 = 0 masks. */
#define CR_PATTERN 0xa5c3965au
#define FPSCR_PATTERN 0x8a000009u

/* The firmware's work in each of them changes different registers. */
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

/* guest_registers at the last call. */
extern struct guest_registers registers_before;

/* The first result of the last call, which was of this depth. */
uint32_t register_result(enum depth depth);

/* One call, with registers set by `change` (or NULL). */
void register_call(enum depth depth, void (*change)(void));

/* A call of each depth, each followed by `look` with the service's name. */
void each_call(void (*change)(void),
	       void (*look)(enum depth depth, const char *service));

#endif /* TESTS_GUEST_CONFORMANCE_REGISTER_CALLS_H */

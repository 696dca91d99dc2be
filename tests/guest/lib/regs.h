/* SPDX-License-Identifier: BSD-2-Clause */
/* A client interface call that sets and reads the processor's registers, and
 * ways to leave the client that C cannot express. */
#ifndef TESTS_GUEST_LIB_REGS_H
#define TESTS_GUEST_LIB_REGS_H

#include <stdint.h>

/* Bits of the machine state register (Power ISA, book III, 4.2). */
#define MSR_SF (UINT64_C(1) << 63)
#define MSR_VEC 0x02000000u
#define MSR_VSX 0x00800000u
#define MSR_EE 0x8000u
#define MSR_PR 0x4000u
#define MSR_FP 0x2000u
#define MSR_ME 0x1000u
#define MSR_FE0 0x800u
#define MSR_FE1 0x100u
#define MSR_IR 0x20u
#define MSR_DR 0x10u
#define MSR_RI 0x2u
#define MSR_LE 0x1u

/* Units of the processor whose registers a call sets and reads. */
#define USES_FP 1u
#define USES_VMX 2u
#define USES_VSX 4u

/*
 * The registers at the call and after it. A 32-bit client does not use the
 * upper halves. regs.S knows the offsets.
 */
struct guest_registers {
	uint64_t gpr[32]; /* [1] 0: the client's own stack */
	uint64_t cr;
	uint64_t msr_set, msr_clear; /* changes to the client's own MSR */
	uint64_t msr_before, msr;    /* at the call and after it: out */
	uint64_t sprg[3];	     /* SPRG0, 1 and 3 */
	uint64_t fpscr_before;	     /* in: to load; out: as it was loaded */
	uint64_t fpscr;		     /* out */
	uint64_t vrsave;
	uint64_t own_stack; /* of regs.S */
	uint64_t uses;
	uint64_t entry;	  /* of the client interface */
	uint64_t own_msr; /* of regs.S */
	uint64_t unused;
	uint64_t fpr[32];
	uint32_t vscr_before[4]; /* in: to load; out: as it was loaded */
	uint32_t vscr[4];	 /* out */
	uint64_t vmx[32][2];
	uint64_t vsx[32][2]; /* VSR0 to 31: the first half is f0 to f31 */
} __attribute__((aligned(16)));

extern struct guest_registers guest_registers;

/* Calls the client interface as guest_registers says. */
void guest_call_registers(void);

/* Leaves the client through the LR, with the stack and mode of its entry;
 * value is its r3. */
void guest_return(uint32_t value) __attribute__((noreturn));

/* Code for `chain` that runs at any address: branches to the client's first
 * instruction, whose address is its last word (big-endian). */
extern const unsigned char guest_chained[], guest_chained_end[];

/* The first instruction of the client; data, whatever the ABI. */
extern const unsigned char guest_base[];

#endif /* TESTS_GUEST_LIB_REGS_H */

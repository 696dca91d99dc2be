/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose clients only record how they were entered. */
#ifndef TESTS_FAKE_HANDOVER_H
#define TESTS_FAKE_HANDOVER_H

#include "boot/handover.h"
#include "tests/fake/machine.h"

/* The client interface's address, in r5. */
#define FAKE_INTERFACE 0xbeef00u

/* How the last client was entered, and how many were. */
extern struct client_regs fake_entered;
extern unsigned fake_entries;
/* How each client leaves. */
extern uint64_t fake_client_result;
extern enum ci_leave fake_client_why;

/* fake_handover_start - handover_init() with that machine. */
void fake_handover_start(void);

/*
 * fake_handover_common - assert the registers of every client, and that one was
 * entered, at `pc` with `msr`. (PowerPC binding 8.2.2)
 */
void fake_handover_common(uint64_t pc, uint64_t msr);

/* fake_handover_kernel - pretend that QEMU put a kernel there. */
void fake_handover_kernel(uint64_t base, uint64_t size);

/*
 * fake_handover_elf - the same for an ELF64 little-endian file of ABI 2, whose
 * only segment, of 0x1000 bytes, begins with the header;
 * fake_handover_elf_with_gaps: with `count` segments at steps of 0x2000.
 */
void fake_handover_elf(uint64_t base, uint8_t machine);
void fake_handover_elf_with_gaps(uint64_t base, uint8_t count);

/* fake_handover_initrd - pretend that QEMU put an initrd there. */
void fake_handover_initrd(uint32_t start, uint32_t end);

#endif

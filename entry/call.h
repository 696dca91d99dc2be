/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler includes this ahead of each C file of the image (Makefile). All
 * functions share one TOC, as -msingle-pic-base says, and r2 always points to
 * it. So after a call there is nothing to restore: leave out the no-op that the
 * ELF v2 ABI (2.2.3.1) has after each call, where a linker could put a load of
 * r2. A linker that needed one would refuse.
 */

#ifndef ENTRY_CALL_H
#define ENTRY_CALL_H

#ifndef __ASSEMBLER__
__asm__(".macro nop\n.endm");
#endif

#endif

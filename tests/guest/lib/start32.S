/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 32-bit big-endian client, for any
 * PowerPC. */

#include "tests/guest/lib/asm.inc"

	.section .text.start, "ax"
	.globl	_start
_start:
	save_entry
	run_client

/* int32_t guest_ci_enter(uint32_t entry, void *args): saves the registers that
 * the firmware should preserve: a client that reports a fault must survive
 * it. */
	.text
	.globl	guest_ci_enter
guest_ci_enter:
	mflr	0
	stw	0, 4(1)
	stwu	1, -128(1)
	stmw	13, 16(1)
	stw	2, 96(1)
	mfcr	0
	stw	0, 100(1)
	mtctr	3
	mr	3, 4
	bctrl
	lwz	0, 100(1)
	mtcrf	0xff, 0
	lwz	2, 96(1)
	lmw	13, 16(1)
	addi	1, 1, 128
	lwz	0, 4(1)
	mtlr	0
	blr

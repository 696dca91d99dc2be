/* SPDX-License-Identifier: BSD-2-Clause */
/* The time base register (Power ISA book II, 6.1; SPR 268). */

	.abiversion 2
	.section ".text"
	.balign	16
	.globl	timebase_read
	.type	timebase_read, @function
timebase_read:
	mftb	%r3
	blr
	.size	timebase_read, . - timebase_read

	.section .note.GNU-stack, "", @progbits

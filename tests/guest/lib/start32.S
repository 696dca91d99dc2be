/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 32-bit big-endian client. */

	.machine "power5"

	.section .text.start, "ax"
	.globl	_start
_start:
	mftb	31
	lis	30, guest_entry@ha
	addi	30, 30, guest_entry@l
	.irp	reg, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	std	\reg, 8 * \reg(30)
	.endr
	std	31, 8 * 30(30)
	mflr	0
	std	0, 8 * 31(30)
	mfmsr	0
	std	0, 8 * 32(30)
	lis	9, guest_bss_start@ha
	addi	9, 9, guest_bss_start@l
	lis	10, guest_bss_end@ha
	addi	10, 10, guest_bss_end@l
	li	0, 0
1:	cmplw	9, 10
	bge	2f
	stw	0, 0(9)
	addi	9, 9, 4
	b	1b
2:	stwu	1, -32(1)
	bl	guest_start
	addi	1, 1, 32
	ld	0, 8 * 31(30)		/* guest_start returned: so do we */
	mtlr	0
	blr

/* int32_t guest_ci_enter(uint32_t entry, void *args) */
	.text
	.globl	guest_ci_enter
guest_ci_enter:
	mflr	0
	stw	0, 4(1)
	stwu	1, -32(1)
	mtctr	3
	mr	3, 4
	bctrl
	addi	1, 1, 32
	lwz	0, 4(1)
	mtlr	0
	blr

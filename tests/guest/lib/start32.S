/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 32-bit big-endian client, for any
 * PowerPC. */

	.section .text.start, "ax"
	.globl	_start
_start:
	mftb	31
	mflr	30
	mtctr	30
	bcl	20, 31, here
here:	mflr	30
	addis	30, 30, (guest_entry - here)@ha
	addi	30, 30, (guest_entry - here)@l
	.irp	reg, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	stw	\reg, 8 * \reg + 4(30)
	.endr
	stw	31, 8 * 30 + 4(30)
	mftbu	0
	stw	0, 8 * 30(30)
	mfctr	0
	stw	0, 8 * 31 + 4(30)
	mfmsr	0
	stw	0, 8 * 32 + 4(30)
	/* r3: how far the client was moved; r4, r5: its relocations */
	bcl	20, 31, there
there:	mflr	31
	addis	4, 31, (guest_rela_start - there)@ha
	addi	4, 4, (guest_rela_start - there)@l
	addis	5, 31, (guest_rela_end - there)@ha
	addi	5, 5, (guest_rela_end - there)@l
	addis	9, 31, (guest_bss_start - there)@ha
	addi	9, 9, (guest_bss_start - there)@l
	addis	10, 31, (guest_bss_end - there)@ha
	addi	10, 10, (guest_bss_end - there)@l
	addis	3, 31, (guest_base - there)@ha
	addi	3, 3, (guest_base - there)@l
	lis	0, GUEST_BASE >> 16
	subf	3, 0, 3
	li	0, 0
1:	cmplw	9, 10
	bge	2f
	stw	0, 0(9)
	addi	9, 9, 4
	b	1b
2:	stwu	1, -32(1)
	bl	guest_relocate
	bl	guest_start
	addi	1, 1, 32
	lwz	0, 8 * 31 + 4(30)	/* guest_start returned: so do we */
	mtlr	0
	blr

/* int32_t guest_ci_enter(uint32_t entry, void *args): what the firmware should
 * preserve is saved here all the same: a client that reports a fault has to
 * survive it. */
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 64-bit big-endian client. */

/* A function's symbol is its descriptor in version 1 of the ABI. */
	.macro	function name
#if _CALL_ELF != 2
	.section ".opd", "aw"
	.balign	8
	.globl	\name
\name:	.quad	.L\name, .TOC.@tocbase, 0
	.previous
#else
	.globl	\name
\name:
#endif
.L\name:
	.endm

	.section .text.start, "ax"
	function _start
	mftb	31
	mflr	30
	mtctr	30
	bcl	20, 31, here
here:	mflr	30
	addis	30, 30, (guest_entry - here)@ha
	addi	30, 30, (guest_entry - here)@l
	.irp	reg, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	std	\reg, 8 * \reg(30)
	.endr
	std	31, 8 * 30(30)
	mfctr	0
	std	0, 8 * 31(30)
	mfmsr	0
	std	0, 8 * 32(30)
	li	9, 1			/* QEMU's -kernel enters with SF = 0 */
	sldi	9, 9, 63
	or	0, 0, 9
	mtmsrd	0
	clrldi	1, 1, 32
	clrldi	30, 30, 32
	/* r3: how far the client was moved; r4, r5: its relocations */
	bcl	20, 31, there
there:	mflr	31
	addis	2, 31, (.TOC. - there)@ha
	addi	2, 2, (.TOC. - there)@l
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
1:	cmpld	9, 10
	bge	2f
	stw	0, 0(9)
	addi	9, 9, 4
	b	1b
2:	stdu	1, -128(1)
	bl	guest_relocate
	nop
	bl	guest_start
	nop
	addi	1, 1, 128
	ld	0, 8 * 31(30)		/* guest_start returned: so do we */
	mtlr	0
	blr

/* int32_t guest_ci_enter(uint32_t entry, void *args): what the firmware should
 * preserve is saved here all the same, as Linux does: a client that reports
 * a fault has to survive it. */
	.text
	function guest_ci_enter
	mflr	0
	std	0, 16(1)
	stdu	1, -320(1)
	.irp	reg, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
		27, 28, 29, 30, 31
	std	\reg, 96 + 8 * (\reg - 13)(1)
	.endr
	std	2, 256(1)
	mfcr	0
	std	0, 264(1)
	mfmsr	0
	std	0, 272(1)
	mtctr	3
	mr	3, 4
	bctrl
	extsw	3, 3
	clrldi	1, 1, 32
	ld	0, 272(1)
	mtmsrd	0
	isync
	ld	0, 264(1)
	mtcrf	0xff, 0
	ld	2, 256(1)
	.irp	reg, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
		27, 28, 29, 30, 31
	ld	\reg, 96 + 8 * (\reg - 13)(1)
	.endr
	addi	1, 1, 320
	ld	0, 16(1)
	mtlr	0
	blr

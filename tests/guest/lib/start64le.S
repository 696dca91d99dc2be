/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 64-bit little-endian client. The client
 * interface is big-endian (IEEE 1275 PowerPC binding): rfid changes over. */

/* An instruction that runs while the CPU is big-endian. */
	.macro	be_insn word
	.long	((\word >> 24) & 0xff) | ((\word >> 8) & 0xff00) | \
		((\word & 0xff00) << 8) | ((\word & 0xff) << 24)
	.endm

	.section .text.start, "ax"
	.globl	_start
_start:
	be_insn	0x48000008		/* b .+8; to a LE CPU a no-op */
	b	little
	/* QEMU's -kernel enters at the first byte, big-endian and SF = 0:
	 * go on at little with SF and LE set. */
	be_insn	0x7fa802a6		/* mflr %r29 */
	be_insn	0x429f0005		/* bcl 20,31,here */
	be_insn	0x7fc802a6		/* here: mflr %r30 */
	be_insn	0x3bde0028		/* addi %r30,%r30,little-here */
	be_insn	0x7fa803a6		/* mtlr %r29 */
	be_insn	0x7fda03a6		/* mtsrr0 %r30 */
	be_insn	0x7fa000a6		/* mfmsr %r29 */
	be_insn	0x63bd0001		/* ori %r29,%r29,1 */
	be_insn	0x3bc00001		/* li %r30,1 */
	be_insn	0x7bddf80e		/* rldimi %r29,%r30,63,0 */
	be_insn	0x7fbb03a6		/* mtsrr1 %r29 */
	be_insn	0x4c000024		/* rfid */
little:
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
 * a fault has to survive it. Only r1 has to be as it was. */
	.text
	.globl	guest_ci_enter
guest_ci_enter:
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
	addis	5, 2, returned@toc@ha
	addi	5, 5, returned@toc@l
	mtlr	5
	mtsrr0	3
	mfmsr	5
	xori	5, 5, 1
	mtsrr1	5
	mr	3, 4
	rfid
returned:
	be_insn	0x7d2000a6		/* mfmsr %r9 */
	be_insn	0x429f0005		/* bcl 20,31,there */
	be_insn	0x7d4802a6		/* there: mflr %r10 */
	be_insn	0x394a0020		/* addi %r10,%r10,back-there */
	be_insn	0x7d5a03a6		/* mtsrr0 %r10 */
	be_insn	0x612a0001		/* ori %r10,%r9,1 */
	be_insn	0x39600001		/* li %r11,1 */
	be_insn	0x796af80e		/* rldimi %r10,%r11,63,0 */
	be_insn	0x7d5b03a6		/* mtsrr1 %r10 */
	be_insn	0x4c000024		/* rfid */
back:	extsw	3, 3
	clrldi	1, 1, 32
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

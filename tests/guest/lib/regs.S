/* SPDX-License-Identifier: BSD-2-Clause */
/* Client interface calls with every register known, and ways out of the
 * client. A 32-bit client runs on a 32-bit processor, so it uses no 64-bit
 * instruction. */

	.machine "power9"

#include "tests/guest/lib/asm.inc"

#ifdef __powerpc64__
#define PUSH_FRAME std 0, 16(1); stdu 1, -384(1)
#define POP_FRAME addi 1, 1, 384; ld 0, 16(1)
#define SET_MSR mtmsrd
#else
#define PUSH_FRAME stw 0, 4(1); stwu 1, -384(1)
#define POP_FRAME addi 1, 1, 384; lwz 0, 4(1)
#define SET_MSR mtmsr
#endif

/* struct guest_registers (regs.h) */
#define GPR(n) (8 * (n) + LOW)
#define CR (256 + LOW)
#define MSR_SET (264 + LOW)
#define MSR_CLEAR (272 + LOW)
#define MSR_BEFORE (280 + LOW)
#define MSR_AFTER (288 + LOW)
#define SPRG(n) (296 + 8 * (n) + LOW)
#define FPSCR_BEFORE 320
#define FPSCR_AFTER 328
#define VRSAVE (336 + LOW)
#define OWN_STACK (344 + LOW)
#define USES (352 + LOW)
#define ENTRY (360 + LOW)
#define OWN_MSR (368 + LOW)
#define FPR(n) (384 + 8 * (n))
#define VSCR_BEFORE 640
#define VSCR_AFTER 656
#define VMX(n) (672 + 16 * (n))
#define VSX(n) (1184 + 16 * (n))

	.section .bss.registers, "aw", @nobits
	.balign	16
	.globl	guest_registers
guest_registers:
	.skip	1696

/* Loads the units that USES names; r31: the registers. */
	.text
load_units:
	L	10, USES(31)
	andi.	11, 10, 1
	beq	1f
	lfd	0, FPSCR_BEFORE(31)
	mtfsf	0xff, 0
	mffs	0
	stfd	0, FPSCR_BEFORE(31)
	.irp	n, EACH_0_31
	lfd	\n, FPR(\n)(31)
	.endr
1:	andi.	11, 10, 2
	beq	2f
	L	0, VRSAVE(31)
	mtspr	256, 0
	li	11, VSCR_BEFORE
	lvx	0, 31, 11
	mtvscr	0
	mfvscr	0
	stvx	0, 31, 11
	.irp	n, EACH_0_31
	li	11, VMX(\n)
	lvx	\n, 31, 11
	.endr
2:	andi.	11, 10, 4
	beqlr
	.irp	n, EACH_0_31
	li	11, VSX(\n)
	lxvd2x	\n, 31, 11
	.endr
	blr

/* Stores them; r12: the registers. */
store_units:
	L	10, USES(12)
	andi.	11, 10, 1
	beq	1f
	.irp	n, EACH_0_31
	stfd	\n, FPR(\n)(12)
	.endr
	mffs	0
	stfd	0, FPSCR_AFTER(12)
1:	andi.	11, 10, 2
	beq	2f
	.irp	n, EACH_0_31
	li	11, VMX(\n)
	stvx	\n, 12, 11
	.endr
	li	11, VSCR_AFTER
	mfvscr	0
	stvx	0, 12, 11
	mfspr	0, 256
	S	0, VRSAVE(12)
2:	andi.	11, 10, 4
	beqlr
	.irp	n, EACH_0_31
	li	11, VSX(\n)
	stxvd2x	\n, 12, 11
	.endr
	blr

/* void guest_call_registers(void) */
	function guest_call_registers
	mflr	0
	PUSH_FRAME
	.irp	n, EACH_13_31
	S	\n, 96 + 8 * (\n - 13)(1)
	.endr
	S	2, 248(1)
	mfcr	0
	S	0, 256(1)
	address	31, guest_registers
	S	1, OWN_STACK(31)
	L	4, GPR(1)(31)
	cmpwi	4, 0
	bne	1f
	S	1, GPR(1)(31)
1:	L	0, SPRG(0)(31)
	mtspr	272, 0
	L	0, SPRG(1)(31)
	mtspr	273, 0
	L	0, SPRG(2)(31)
	mtspr	275, 0
	mfmsr	9
	S	9, OWN_MSR(31)
	L	10, MSR_SET(31)
	or	9, 9, 10
	SET_MSR	9
	isync
	bl	load_units
	mfmsr	9
	L	10, MSR_CLEAR(31)
	andc	9, 9, 10
	SET_MSR	9
	isync
#ifdef __LITTLE_ENDIAN__
	/* The client interface is big-endian: rfid switches. */
	mfmsr	9
	xori	9, 9, 1
	std	9, MSR_BEFORE(31)
	mtsrr1	9
	ld	12, ENTRY(31)
	mtsrr0	12
	address	12, returned
	mtlr	12
#else
	mfmsr	9
	S	9, MSR_BEFORE(31)
	L	12, ENTRY(31)
	mtctr	12
#endif
	L	0, CR(31)
	mtcrf	0xff, 0
	.irp	n, EACH_0_31
	L	\n, GPR(\n)(31)
	.endr
#ifdef __LITTLE_ENDIAN__
	rfid
returned:
	go_little
#else
	bctrl
	mfmsr	9
#endif
	address	12, guest_registers
#ifdef __powerpc64__
	clrldi	12, 12, 32		/* SF = 0 leaves the upper half open */
#endif
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, EACH_13_31
	S	\n, GPR(\n)(12)
	.endr
	S	9, MSR_AFTER(12)
	mfcr	0
	S	0, CR(12)
	L	9, OWN_MSR(12)
	L	10, MSR_SET(12)
	or	9, 9, 10
	SET_MSR	9
	isync
	L	1, OWN_STACK(12)
	bl	store_units
	L	9, OWN_MSR(12)
	SET_MSR	9
	isync
	mfspr	0, 272
	S	0, SPRG(0)(12)
	mfspr	0, 273
	S	0, SPRG(1)(12)
	mfspr	0, 275
	S	0, SPRG(2)(12)
	L	0, 256(1)
	mtcrf	0xff, 0
	L	2, 248(1)
	.irp	n, EACH_13_31
	L	\n, 96 + 8 * (\n - 13)(1)
	.endr
	POP_FRAME
	mtlr	0
	blr

/* struct guest_entry (guest.h) */
#define ENTRY_LR (8 * 31 + LOW)
#define ENTRY_MSR (8 * 32 + LOW)

/* noreturn void guest_return(uint32_t value) */
	function guest_return
	address	12, guest_entry
	L	1, GPR(1)(12)
	L	2, GPR(2)(12)
	L	0, ENTRY_LR(12)
	L	9, ENTRY_MSR(12)
#ifdef __LITTLE_ENDIAN__
	/* start64le.S came from big-endian code when r29 holds the MSR that
	 * it then made: such a client was entered with SF = 0. */
	ld	10, GPR(29)(12)
	cmpd	9, 10
	bne	1f
	clrldi	9, 9, 1
	xori	9, 9, 1
1:	mtsrr0	0
	mtsrr1	9
	mtlr	0
	rfid
#else
	mtlr	0
	SET_MSR	9
	isync
	blr
#endif

/* Entered big-endian, with SF = 0 or 1. */
	.balign	4
	.globl	guest_chained, guest_chained_end
guest_chained:
	be_insn	0x7c0802a6		/* mflr %r0 */
	be_insn	0x429f0005		/* bcl 20,31,here */
	be_insn	0x7d8802a6		/* here: mflr %r12 */
	be_insn	0x818c0014		/* lwz %r12,address-here(%r12) */
	be_insn	0x7d8903a6		/* mtctr %r12 */
	be_insn	0x7c0803a6		/* mtlr %r0 */
	be_insn	0x4e800420		/* bctr */
	.long	0			/* address */
guest_chained_end:

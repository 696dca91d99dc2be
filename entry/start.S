/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reset entry and exception vectors. QEMU loads the image at real address 0 and
 * starts at 0x100 with r3 = device tree, MSR 0 (7.2) or ME|FP (9.0 and later).
 * [QEMU hw/ppc/spapr_cpu_core.c, spapr_cpu_set_entry_state]
 */
#include "entry/layout.h"

	.machine power4
	.abiversion 2

/* An unexpected exception: saves r3 and CR; r3 = its number. */
.macro	VECTOR number
	. = \number
	std	%r3, LOW_SAVE+EXC_GPR+24(0)
	mfcr	%r3
	std	%r3, LOW_SAVE+EXC_CR(0)
	li	%r3, \number
	b	vector_common
.endm

/*
 * An interrupt that MSR[EE] enables but the firmware does not use: return with
 * EE off. Its source may keep asserting it; with EE on it would repeat forever.
 * The caller of H_CEDE wakes up.
 */
.macro	QUIET number
	. = \number
	std	%r3, LOW_SCRATCH(0)
	mfsrr1	%r3
	rldicl	%r3, %r3, 48, 1
	rotldi	%r3, %r3, 16		/* without MSR[EE], 0x8000 */
	mtsrr1	%r3
	ld	%r3, LOW_SCRATCH(0)
	rfid
.endm

	.section .head, "ax"

	/*
	 * What the file is, and whether keys follow it: packages/secure/keys.h.
	 * tools/quoin-keys writes the last three. QEMU copies the file here at
	 * every reset, so a guest cannot change them.
	 */
	. = LOW_HEADER
	.ascii	"QUOINIMG"
	.long	1			/* version */
	.long	image_length
	.long	0			/* length of the trailer */
	.long	0
	.space	32			/* SHA-256 of the trailer */

	/*
	 * 0x100 is the entry and the system reset vector: an NMI also enters
	 * here when the firmware runs (LOW_HANDLER is set). QEMU's `nmi` goes
	 * to all processors: those that have waited here for start-cpu since
	 * reset must not overwrite the state that the boot processor saves.
	 */
	. = 0x100
	.globl	entry_reset
entry_reset:
	mtsprg	0, %r3
	mtsprg	1, %r4
	mfcr	%r3
	ld	%r4, LOW_HANDLER(0)
	cmpdi	%r4, 0
	bne	1f
	b	start			/* too far for a conditional branch */
1:	mfsrr0	%r4
	srdi	%r4, %r4, 8
	cmpdi	%r4, 1			/* PC is in this vector */
	beq	reset_waiting
	std	%r3, LOW_SAVE+EXC_CR(0)
	mfsprg	%r4, 1
	mfsprg	%r3, 0
	std	%r3, LOW_SAVE+EXC_GPR+24(0)
	li	%r3, 0x100
	b	vector_common

	/* Sleep again with RTAS stop-self, so that start-cpu works. */
reset_waiting:
	lwz	%r3, LOW_STOP_SELF(0)
	cmpwi	%r3, 0
	beq	reset_waiting
	lis	%r3, 0
	ori	%r3, %r3, 0xf000	/* KVMPPC_H_RTAS */
	li	%r4, LOW_STOP_SELF
	.long	0x44000022		/* sc 1 */
	b	reset_waiting

	VECTOR 0x200
	VECTOR 0x300
	VECTOR 0x380
	VECTOR 0x400
	VECTOR 0x480
	QUIET 0x500			/* external */
	VECTOR 0x600
	VECTOR 0x700
	VECTOR 0x800
	/* Decrementer: set it to its maximum to prevent an early repeat. */
	. = 0x900
	std	%r3, LOW_SCRATCH(0)
	lis	%r3, 0x7fff
	ori	%r3, %r3, 0xffff
	mtdec	%r3
	ld	%r3, LOW_SCRATCH(0)
	rfid
	. = 0x980
	rfid
	QUIET 0xa00			/* directed doorbell */
	VECTOR 0xb00
	VECTOR 0xc00
	VECTOR 0xd00
	VECTOR 0xe00
	VECTOR 0xe20
	VECTOR 0xe40
	VECTOR 0xe60
	VECTOR 0xe80
	VECTOR 0xea0
	QUIET 0xf00			/* performance monitor */
	VECTOR 0xf20
	VECTOR 0xf40
	VECTOR 0xf60
	VECTOR 0xf80
	VECTOR 0x1000
	VECTOR 0x1100
	VECTOR 0x1200
	VECTOR 0x1300
	VECTOR 0x1400
	VECTOR 0x1500
	VECTOR 0x1600
	VECTOR 0x1700
	VECTOR 0x1800

	. = LOW_COMMON
/* Saves the rest of the state in low memory; jumps to the relocated code. */
vector_common:
	std	%r3, LOW_SAVE+EXC_VECTOR(0)
	std	%r0, LOW_SAVE+EXC_GPR+0(0)
	std	%r1, LOW_SAVE+EXC_GPR+8(0)
	std	%r2, LOW_SAVE+EXC_GPR+16(0)
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, LOW_SAVE+EXC_GPR+8*\n(0)
	.endr
	mfsrr0	%r4
	std	%r4, LOW_SAVE+EXC_PC(0)
	mfsrr1	%r4
	std	%r4, LOW_SAVE+EXC_MSR(0)
	mflr	%r4
	std	%r4, LOW_SAVE+EXC_LR(0)
	mfctr	%r4
	std	%r4, LOW_SAVE+EXC_CTR(0)
	mfxer	%r4
	std	%r4, LOW_SAVE+EXC_XER(0)
	mfdar	%r4
	std	%r4, LOW_SAVE+EXC_DAR(0)
	mfdsisr	%r4
	std	%r4, LOW_SAVE+EXC_DSISR(0)
	ld	%r4, LOW_HANDLER(0)
	mtctr	%r4
	bctr
vector_common_end:
	.if	vector_common_end - vector_common > LOW_STACK - LOW_COMMON
	.error	"vector_common reaches into the first stack"
	.endif

	/* stop-self: token (from exception_init()), no arguments, one result. */
	. = LOW_STOP_SELF
	.long	0, 0, 1, 0

	. = LOW_HANDLER
	.quad	0
	.quad	0
	. = LOW_END

	.text

/* r2 = TOC, relative to the running code. Overwrites LR and r31. */
.macro	LOAD_TOC
	bl	99f
99:	mflr	%r31
	addis	%r2, %r31, (.TOC.-99b)@ha
	addi	%r2, %r2, (.TOC.-99b)@l
.endm

.macro	LOAD_ADDRESS reg, symbol
	addis	\reg, %r2, \symbol@toc@ha
	addi	\reg, \reg, \symbol@toc@l
.endm

/* What one turn of the copying loop moves: 16 times r8..r31, their low words. */
#define COPY_REGS (24 * 4)
#define COPY_BLOCK (16 * COPY_REGS)

/*
 * Applies this to each cache line (128 bytes) of the copy at r29, rounded up to
 * 16 lines: after the image comes bss. Overwrites CTR and r4..r20.
 */
.macro	FLUSH instruction
	LOAD_ADDRESS %r4, image_end
	addi	%r4, %r4, 2047
	srdi	%r4, %r4, 11
	mtctr	%r4
	mr	%r5, %r29
	.irp	n, 6,7,8,9,10,11,12,13,14,15,16,17,18,19,20
	li	%r\n, 128*(\n-5)
	.endr
99:	\instruction 0, %r5
	.irp	n, 6,7,8,9,10,11,12,13,14,15,16,17,18,19,20
	\instruction %r\n, %r5
	.endr
	addi	%r5, %r5, 2048
	bdnz	99b
.endm

/*
 * Reset. r30 = device tree. The image runs at 0, where clients will be loaded,
 * and moves to the window (window.c):
 *
 *	0         LOW_END      image_end       r29
 *	| vectors | code, data |      ...      | image | bss | stacks | heap |
 *	  kept      discarded                  relocated cleared
 *
 * The vectors at 0 stay in use; they reach the relocated code only through
 * LOW_HANDLER. Before relocation the code may read constants, but must not
 * follow pointers in them: those are still offsets in the image.
 */
start:
	mfsprg	%r30, 0
	li	%r4, 0
	mtsprg	0, %r4
	mtsprg	1, %r4
	mfmsr	%r4
	li	%r5, 1
	sldi	%r5, %r5, 63		/* MSR[SF]: 64-bit mode */
	or	%r4, %r4, %r5
	mtmsrd	%r4
	isync
	LOAD_TOC

	/*
	 * A stack inside the image, in the page of the vectors' scratch memory,
	 * only for this call: nothing outside the image may be written before
	 * its owner is known.
	 */
	li	%r1, LOW_STACK_TOP-64
	mr	%r3, %r30
	bl	window_place
	nop

	/*
	 * Copy [0, image_end) there. Load and store multiple take a third of
	 * the time of ld and std under TCG, and are valid in big-endian mode.
	 * Rounded up to COPY_BLOCK: after the image comes bss, not yet cleared.
	 */
	LOAD_ADDRESS %r4, image_end
	addi	%r4, %r4, COPY_BLOCK-1
	li	%r5, COPY_BLOCK
	divdu	%r4, %r4, %r5
	mtctr	%r4
	mr	%r7, %r30
	mr	%r6, %r3
	li	%r5, 0
1:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	lmw	%r8, \n*COPY_REGS(%r5)
	stmw	%r8, \n*COPY_REGS(%r6)
	.endr
	addi	%r5, %r5, COPY_BLOCK
	addi	%r6, %r6, COPY_BLOCK
	bdnz	1b
	mr	%r30, %r7
	mr	%r29, %r3		/* r29 = window */

	/*
	 * Relocate the copy, not the running code. The image is linked at 0:
	 * add the window's address to each pointer. The linker has packed their
	 * offsets (ELF gABI, SHT_RELR): an even doubleword is the offset of a
	 * pointer, an odd one tells by bits 1..63 which of the following 63
	 * doublewords are pointers, too. Read them from the image at 0.
	 */
	LOAD_ADDRESS %r5, image_relr_start
	LOAD_ADDRESS %r6, image_relr_end
2:	cmpld	%r5, %r6
	bge	7f
	ld	%r7, 0(%r5)
	addi	%r5, %r5, 8
	andi.	%r0, %r7, 1
	bne	3f
	add	%r8, %r7, %r29		/* r8 = the pointer's address */
	ld	%r9, 0(%r8)
	add	%r9, %r9, %r29
	std	%r9, 0(%r8)
	addi	%r8, %r8, 8
	b	2b
3:	addi	%r10, %r8, -8		/* r8 = address of the first of 63 */
	srdi.	%r7, %r7, 1
	beq	6f
4:	andi.	%r0, %r7, 1
	ldu	%r9, 8(%r10)
	beq	5f
	add	%r9, %r9, %r29
	std	%r9, 0(%r10)
5:	srdi.	%r7, %r7, 1
	bne	4b
6:	addi	%r8, %r8, 63*8
	b	2b

	/* Discard stale instructions at the new address, as in cache.c. */
7:	FLUSH	dcbst
	sync
	FLUSH	icbi
	sync
	isync

	/* Jump to the copy: the same code, offset by the window. */
	LOAD_ADDRESS %r4, start_high
	add	%r4, %r4, %r29
	mtctr	%r4
	bctr

start_high:
	LOAD_TOC
	LOAD_ADDRESS %r4, bss_start
	LOAD_ADDRESS %r5, bss_end
	sub	%r5, %r5, %r4
	srdi	%r5, %r5, 7
	mtctr	%r5
5:	dcbz	0, %r4			/* a cache line: 128 bytes */
	addi	%r4, %r4, 128
	bdnz	5b

	/*
	 * From now on exceptions are reported. Set it in the image, too:
	 * exception_restore() copies low memory from there.
	 */
	LOAD_ADDRESS %r4, exception_entry
	std	%r4, LOW_HANDLER(%r29)
	std	%r4, LOW_HANDLER(0)

	LOAD_ADDRESS %r1, stack_firmware_top
	addi	%r1, %r1, -64
	li	%r0, 0
	std	%r0, 0(%r1)
	mr	%r3, %r30
	bl	main
	nop
	b	.

/*
 * An exception, with its state in low memory: report it on a separate stack.
 * The code that was running is abandoned, but devices may still write to
 * buffers on its stack until the report stops them; then the prompt reuses it.
 */
	.globl	exception_entry
exception_entry:
	LOAD_TOC
	ld	%r4, LOW_NESTED(0)
	addi	%r5, %r4, 1
	std	%r5, LOW_NESTED(0)
	cmpdi	%r4, 0
	bne	.			/* the report itself failed: stop */
	LOAD_ADDRESS %r1, stack_report_top
	addi	%r1, %r1, -64
	li	%r0, 0
	std	%r0, 0(%r1)
	li	%r3, LOW_SAVE
	bl	exception_report
	nop
	b	.

/* noreturn void stack_restart(void (*run)(void)): see image.h. */
	.globl	stack_restart
	.type	stack_restart, @function
stack_restart:
	LOAD_TOC
	LOAD_ADDRESS %r1, stack_firmware_top
	addi	%r1, %r1, -64
	li	%r0, 0
	std	%r0, 0(%r1)
	mr	%r12, %r3
	mtctr	%r12
	bctrl
	b	.

	.section .note.GNU-stack, "", @progbits

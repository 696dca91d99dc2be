/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transitions between firmware and client: entry, calls, exit. (PowerPC
 * processor binding to IEEE 1275, 4 and 8.2)
 */
#include "entry/layout.h"

	.machine power4
	.abiversion 2
	.text

.macro	LOAD_TOC base
	bl	99f
99:	mflr	\base
	addis	%r2, \base, (.TOC.-99b)@ha
	addi	%r2, %r2, (.TOC.-99b)@l
.endm

.macro	EACH_GPR14_31 op, base, offset
	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	%r\n, \offset+8*(\n-14)(\base)
	.endr
.endm

/* The firmware's stack pointer while a client runs; 0: no client. */
	.section .bss.client, "aw", @nobits
	.balign	8
client_sp:
	.skip	8
	.text

/*
 * int64_t client_enter(const struct client_regs *regs, uint64_t *result):
 * enters the client; returns the arguments of client_leave(): `why`, and
 * *result. If the client returns: CI_RETURNED, and its r3 in *result.
 */
	.globl	client_enter
	.type	client_enter, @function
client_enter:
	.localentry client_enter, 0
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	stdu	%r1, -ENTER_FRAME(%r1)
	std	%r2, ENTER_TOC(%r1)
	EACH_GPR14_31 std, %r1, ENTER_GPR14
	mr	%r14, %r3
	std	%r4, ENTER_RESULT(%r1)
	bl	98f
98:	mflr	%r15
	ld	%r5, (client_sp_offset-98b)(%r15)
	add	%r5, %r5, %r15
	ld	%r6, 0(%r5)
	std	%r6, ENTER_PREVIOUS(%r1)
	std	%r1, 0(%r5)

	addi	%r0, %r15, client_return-98b
	mtlr	%r0
	ld	%r0, CLIENT_PC(%r14)
	mtsrr0	%r0
	ld	%r0, CLIENT_MSR(%r14)
	mtsrr1	%r0
	ld	%r1, CLIENT_GPR1+0(%r14)
	ld	%r2, CLIENT_GPR1+8(%r14)
	ld	%r3, CLIENT_GPR1+16(%r14)
	ld	%r4, CLIENT_GPR1+24(%r14)
	ld	%r5, CLIENT_GPR1+32(%r14)
	ld	%r6, CLIENT_GPR1+40(%r14)
	ld	%r7, CLIENT_GPR1+48(%r14)
	ld	%r12, CLIENT_GPR12(%r14)
	li	%r0, 0
	mtcrf	0xff, %r0
	mtctr	%r0
	mtxer	%r0
	.irp	n, 8,9,10,11,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	li	%r\n, 0
	.endr
	rfid

/*
 * The return address of a client, for any mode: SF 0 or 1, either byte order.
 * The first word is a no-op in big-endian mode (trap never) and `b .+8` in
 * little-endian mode; the code it then jumps to is little-endian and clears
 * MSR[LE]. r3 is the client's result.
 */
	.balign	8
client_return:
	.long	0x08000048		/* BE: tdi 0,0,0x48; LE: b .+8 */
	b	1f
	.long	0xa600607d		/* mfmsr r11 */
	.long	0x01006b69		/* xori r11,r11,1 */
	.long	0x05009f42		/* bcl 20,31,.+4 */
	.long	0xa602487d		/* mflr r10 */
	.long	0x14004a39		/* addi r10,r10,20 */
	.long	0xa6035a7d		/* mtsrr0 r10 */
	.long	0xa6037b7d		/* mtsrr1 r11 */
	.long	0x2400004c		/* rfid */
1:	mr	%r4, %r3
	li	%r3, 0			/* CI_RETURNED */
	b	client_leave

/*
 * noreturn void client_leave(int64_t why, uint64_t result): ends the client:
 * client_enter() returns `why` to its caller.
 */
	.globl	client_leave
	.type	client_leave, @function
client_leave:
	.localentry client_leave, 0
	/* Set all of the MSR: the client may have enabled interrupts. */
	li	%r6, 1
	sldi	%r6, %r6, 63		/* MSR[SF] */
	ori	%r6, %r6, 0x1000	/* MSR[ME] */
	mtmsrd	%r6
	isync
	bl	97f
97:	mflr	%r15
	ld	%r5, (client_sp_offset-97b)(%r15)
	addi	%r6, %r15, 98b-97b
	add	%r5, %r5, %r6
	ld	%r1, 0(%r5)
	ld	%r6, ENTER_PREVIOUS(%r1)
	std	%r6, 0(%r5)
	ld	%r6, ENTER_RESULT(%r1)
	std	%r4, 0(%r6)
	ld	%r2, ENTER_TOC(%r1)
	EACH_GPR14_31 ld, %r1, ENTER_GPR14
	addi	%r1, %r1, ENTER_FRAME
	ld	%r0, 16(%r1)
	mtlr	%r0
	ld	%r0, 8(%r1)
	mtcrf	0xff, %r0
	blr

/*
 * The client interface handler; clients get its code address in r5. r3 =
 * argument array. Called with SF 0 or 1; runs ci_call() on the firmware's own
 * stack; preserves r1, r2, r13-r31, CR and MSR.
 */
	.globl	client_interface
	.type	client_interface, @function
client_interface:
	.localentry client_interface, 0
	mflr	%r0
	bl	96f
96:	mflr	%r11
	clrldi	%r11, %r11, 32		/* undefined upper half if SF=0 */
	ld	%r12, (client_sp_offset-96b)(%r11)
	addi	%r9, %r11, 98b-96b
	add	%r9, %r9, %r12
	clrldi	%r9, %r9, 32
	ld	%r12, 0(%r9)
	addi	%r12, %r12, -CI_FRAME
	std	%r1, CI_GPR1(%r12)
	std	%r2, CI_GPR2(%r12)
	.irp	n, 13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, CI_GPR13+8*(\n-13)(%r12)
	.endr
	std	%r0, CI_LR(%r12)
	mfcr	%r0
	std	%r0, CI_CR(%r12)
	mfmsr	%r10
	std	%r10, CI_MSR(%r12)
	li	%r9, 1
	sldi	%r9, %r9, 63
	or	%r9, %r9, %r10
	mtmsrd	%r9
	isync
	mr	%r1, %r12
	li	%r0, 0
	std	%r0, 0(%r1)
	clrldi	%r3, %r3, 32
	LOAD_TOC %r11
	bl	ci_call
	nop
	ld	%r0, CI_LR(%r1)
	mtlr	%r0
	ld	%r0, CI_CR(%r1)
	mtcrf	0xff, %r0
	.irp	n, 13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, CI_GPR13+8*(\n-13)(%r1)
	.endr
	ld	%r2, CI_GPR2(%r1)
	ld	%r10, CI_MSR(%r1)
	ld	%r1, CI_GPR1(%r1)
	mtmsrd	%r10
	isync
	blr

	.balign	8
client_sp_offset:
	.quad	client_sp-98b

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercall instruction: int64_t hcall(struct hcall *h), and its substitute
 * under Linux's KVM PR: int64_t hcall_emulated(struct hcall *h).
 */

	.machine power4
	.abiversion 2

#define FRAME 48

	.section .text.hcall, "ax"

	/* r3: struct hcall { op, reg[9] }. Clobbers as LoPAR 14.5 allows. */
.macro	HCALL name, instruction
	.globl	\name
	.type	\name, @function
\name:
	stdu	%r1, -FRAME(%r1)
	std	%r31, FRAME-8(%r1)
	mr	%r31, %r3
	ld	%r4, 8(%r31)
	ld	%r5, 16(%r31)
	ld	%r6, 24(%r31)
	ld	%r7, 32(%r31)
	ld	%r8, 40(%r31)
	ld	%r9, 48(%r31)
	ld	%r10, 56(%r31)
	ld	%r11, 64(%r31)
	ld	%r12, 72(%r31)
	ld	%r3, 0(%r31)
	.long	\instruction
	std	%r4, 8(%r31)
	std	%r5, 16(%r31)
	std	%r6, 24(%r31)
	std	%r7, 32(%r31)
	std	%r8, 40(%r31)
	std	%r9, 48(%r31)
	std	%r10, 56(%r31)
	std	%r11, 64(%r31)
	std	%r12, 72(%r31)
	ld	%r31, FRAME-8(%r1)
	addi	%r1, %r1, FRAME
	blr
	.size	\name, . - \name
.endm

	HCALL	hcall, 0x44000022		/* sc 1 */
	/* Reserved: opcode 31/308. [Linux arch/powerpc/kvm/book3s_emulate.c] */
	HCALL	hcall_emulated, 0x7c000268

	.section .note.GNU-stack, "", @progbits

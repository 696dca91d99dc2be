/* SPDX-License-Identifier: BSD-2-Clause */
/* What the clients cannot say in C. */

	.machine "power5"

	.macro	function name
#if defined(__powerpc64__) && _CALL_ELF != 2
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

#ifdef __powerpc64__
#define PUSH_FRAME std 0, 16(1); stdu 1, -384(1)
#define POP_FRAME addi 1, 1, 384; ld 0, 16(1)
#else
#define PUSH_FRAME stw 0, 4(1); stwu 1, -384(1)
#define POP_FRAME addi 1, 1, 384; lwz 0, 4(1)
#endif

/* void guest_timebase(uint64_t *now) */
	.text
	function guest_timebase
	mftb	0
	std	0, 0(3)
	blr

/* Code for a second processor: RTAS start-cpu enters it big-endian with r3
 * given. It sets the word at r3 to 1 and stays. */
	.globl	guest_second_cpu
	.balign	8
guest_second_cpu:
#ifdef __LITTLE_ENDIAN__
	.long	0x01008038		/* li %r4,1 */
	.long	0x00008390		/* stw %r4,0(%r3) */
	.long	0x00000048		/* b . */
#else
	li	4, 1
	stw	4, 0(3)
	b	.
#endif

/* void guest_canary(uint32_t entry, void *args, uint64_t values[21]):
 * a client interface call with known values in every register that the call
 * has to preserve (IEEE 1275 PowerPC binding), all 64 bits of them: r13 to
 * r31, CR and MSR; the MSR is only stored. */
	.text
	function guest_canary
	mflr	0
	PUSH_FRAME
	.irp	reg, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
		27, 28, 29, 30, 31
	std	\reg, 96 + 8 * (\reg - 13)(1)
	ld	\reg, 8 * (\reg - 13)(5)
	.endr
	std	5, 264(1)
	mfcr	0
	std	0, 256(1)
	ld	0, 8 * 19(5)
	mtcrf	0xff, 0
	bl	guest_ci_enter
	nop
	ld	5, 264(1)
	mfcr	0
	std	0, 8 * 19(5)
	mfmsr	0
	std	0, 8 * 20(5)
	.irp	reg, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
		27, 28, 29, 30, 31
	std	\reg, 8 * (\reg - 13)(5)
	ld	\reg, 96 + 8 * (\reg - 13)(1)
	.endr
	ld	0, 256(1)
	mtcrf	0xff, 0
	POP_FRAME
	mtlr	0
	blr

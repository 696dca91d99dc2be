/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that the clients cannot write in C. */

	.machine "power5"

#include "tests/guest/lib/asm.inc"

/* void guest_timebase(uint64_t *now) */
	.text
	function guest_timebase
#ifdef __powerpc64__
	mftb	0
	std	0, 0(3)
#else
1:	mftbu	4
	mftb	5
	mftbu	6
	cmpw	4, 6
	bne	1b
	stw	4, 0(3)
	stw	5, 4(3)
#endif
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

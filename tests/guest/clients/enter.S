/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that the stand-in clients, all 32-bit, cannot write in C. */

	.text

/* void guest_rtas_enter(uint32_t entry, void *args, uint32_t base) */
	.globl	guest_rtas_enter
guest_rtas_enter:
	mflr	0
	stw	0, 4(1)
	stwu	1, -32(1)
	mtctr	3
	mr	3, 4
	mr	4, 5
	bctrl
	addi	1, 1, 32
	lwz	0, 4(1)
	mtlr	0
	blr

/* void guest_on_stack(void *top, void (*function)(void)): never returns. */
	.globl	guest_on_stack
guest_on_stack:
	li	0, 0
	mr	1, 3
	stwu	0, -32(1)
	mtctr	4
	bctrl
	b	.

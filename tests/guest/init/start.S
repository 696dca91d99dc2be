/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the test initrd's /init: a stack frame, a TOC, init_main. */

	.globl	_start
_start:
	lis	2, .TOC.@ha
	addi	2, 2, .TOC.@l
	clrrdi	1, 1, 4
	stdu	1, -128(1)
	bl	init_main
	nop

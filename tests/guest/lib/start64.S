/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 64-bit big-endian client. */

#include "tests/guest/lib/asm.inc"

	.section .text.start, "ax"
	function _start
	save_entry
	li	9, 1			/* QEMU's -kernel enters with SF = 0 */
	sldi	9, 9, 63
	or	0, 0, 9
	mtmsrd	0
	clrldi	1, 1, 32
	clrldi	30, 30, 32
	run_client

/* int32_t guest_ci_enter(uint32_t entry, void *args): saves the registers that
 * the firmware should preserve, as Linux does: a client that reports a fault
 * must survive it. */
	.text
	function guest_ci_enter
	save_kept
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
	return_kept

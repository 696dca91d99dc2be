/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and client interface call of a 64-bit little-endian client. The client
 * interface is big-endian (IEEE 1275 PowerPC binding): rfid switches. */

#include "tests/guest/lib/asm.inc"

	.section .text.start, "ax"
	.globl	_start
_start:
	be_insn	0x48000008		/* b .+8; to a LE CPU a no-op */
	b	little
	/* QEMU's -kernel enters at the first byte, big-endian and SF = 0:
	 * continue at little with SF and LE set. */
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
	save_entry
	clrldi	1, 1, 32
	clrldi	30, 30, 32
	run_client

/* int32_t guest_ci_enter(uint32_t entry, void *args): saves the registers that
 * the firmware should preserve, as Linux does: a client that reports a fault
 * must survive it. Only r1 must be preserved. */
	.text
	.globl	guest_ci_enter
guest_ci_enter:
	save_kept
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
	go_little
	extsw	3, 3
	clrldi	1, 1, 32
	return_kept

// SPDX-License-Identifier: BSD-2-Clause
// The stamp client: prints the timebase of its first instruction, the ticks
// the firmware spent waiting for devices and its arguments, then powers off;
// with the argument return=N, it returns N to the firmware, with little=1 after
// it has switched exceptions to little-endian, as Linux does. Under QEMU's
// -icount shift=0 a tick is 1/0.512 instructions, whatever the firmware.

#include "tests/guest/lib/guest.h"

static uint64_t wait_ticks(void)
{
	unsigned char value[8];
	uint32_t node;

	node = ci1("finddevice", 1, cell("/openprom"), 0, 0, 0);
	if (node == UINT32_MAX)
		return 0;
	if (ci1("getprop", 4, node, cell("quoin,wait-ticks"), cell(value), 8) !=
	    8)
		return 0;
	return (uint64_t)guest_be32(value) << 32 | guest_be32(value + 4);
}

// H_SET_MODE(1, 4, 0, 0): exceptions enter little-endian from now on.
// [QEMU hw/ppc/spapr_hcall.c, h_set_mode]
static void little_endian_exceptions(void)
{
	uint64_t regs[8] = { 0x31c, 1, 4 };

	guest_hcall(regs);
	guest_print("H_SET_MODE ");
	guest_print_hex(regs[0], 16);
	guest_print("\r\n");
}

int guest_main(void)
{
	// All calls first: their trace would be in the middle of a line.
	uint64_t wait = wait_ticks();
	int status = (int)guest_argument_number("return", 0);
	const char *arguments = guest_bootargs();

	guest_print("\r\nSTAMP timebase ");
	guest_print_hex(guest_entry.timebase, 16);
	guest_print(" wait ");
	guest_print_hex(wait, 16);
	guest_print("\r\nARGUMENTS ");
	guest_print(arguments);
	guest_print("\r\n");
	if (guest_argument_number("little", 0))
		little_endian_exceptions();
	return status;
}

// SPDX-License-Identifier: BSD-2-Clause
// A client that repeats the calls of FreeBSD's boot1 (stand/powerpc/boot1.chrp),
// its loader (stand/powerpc/ofw, stand/libofw) and the start of its kernel.

#include "tests/guest/clients/freebsd/freebsd.h"

// boot1 switches at once from the firmware's stack to its own of this size.
static unsigned char stack[16384] __attribute__((aligned(16)));

int guest_main(void)
{
	guest_on_stack(stack + sizeof(stack), cases_main);
	return 1;
}

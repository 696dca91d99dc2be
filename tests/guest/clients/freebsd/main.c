// SPDX-License-Identifier: BSD-2-Clause
// A client that goes through what FreeBSD's boot1 (stand/powerpc/boot1.chrp),
// its loader (stand/powerpc/ofw, stand/libofw) and the start of its kernel do.

#include "tests/guest/clients/freebsd/freebsd.h"

// boot1 leaves the firmware's stack at once, for this much of its own.
static unsigned char stack[16384] __attribute__((aligned(16)));

int guest_main(void)
{
	guest_on_stack(stack + sizeof(stack), cases_main);
	return 1;
}

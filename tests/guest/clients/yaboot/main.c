// SPDX-License-Identifier: BSD-2-Clause
// A client that goes through what yaboot 1.3.17 does (second/prom.c, yaboot.c):
// linked at 1 MiB, it never looks at r3 and takes 0 where nothing was written.

#include "tests/guest/clients/yaboot/yaboot.h"

int guest_main(void)
{
	cases_main();
}

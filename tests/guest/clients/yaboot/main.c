// SPDX-License-Identifier: BSD-2-Clause
// A client that repeats the calls of yaboot 1.3.17 (second/prom.c, yaboot.c):
// linked at 1 MiB, it never checks r3 and reads 0 where nothing was written.

#include "tests/guest/clients/yaboot/yaboot.h"

int guest_main(void)
{
	cases_main();
}

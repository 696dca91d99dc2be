// SPDX-License-Identifier: BSD-2-Clause
/* The banner. tp-qemu looks for "SLOF" and the asterisks. */
#include "boot/banner.h"

#include "lib/log.h"

void banner_print(void)
{
	print("QUOIN SLOF-compatible "
	      "**************************************************\n"
	      "QUOIN " QUOIN_VERSION
	      ": Open Firmware client interface for pseries\n");
}

void banner_version(void)
{
	print("QUOIN " QUOIN_VERSION "\n");
}

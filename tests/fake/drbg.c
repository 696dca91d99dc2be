// SPDX-License-Identifier: BSD-2-Clause
// The random numbers, with a reset.
#include "tests/fake/drbg.h"

#include "packages/net/drbg.c"

void fake_drbg_reset(void)
{
	memset(&drbg, 0, sizeof(drbg));
}

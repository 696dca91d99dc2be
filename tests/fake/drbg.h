/* SPDX-License-Identifier: BSD-2-Clause */
/* The random numbers, with a reset. */
#ifndef TESTS_FAKE_DRBG_H
#define TESTS_FAKE_DRBG_H

#include "packages/net/drbg.h"

/* fake_drbg_reset - as after the machine's reset: nothing was seeded. */
void fake_drbg_reset(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpredictable numbers: HMAC-DRBG with SHA-256 (NIST SP 800-90A 10.1.2). */
#ifndef PACKAGES_NET_DRBG_H
#define PACKAGES_NET_DRBG_H

#include "lib/types.h"

/*
 * drbg_seed - mix in all that an attacker on the network does not know: the
 * hypervisor's /chosen rng-seed, which stays as it is, and its random numbers;
 * the time base; `own`: e.g. a MAC. Add it to what earlier seeds left.
 */
void drbg_seed(const void *own, size_t len);

/* drbg_bytes - `len` bytes, after drbg_seed(). */
void drbg_bytes(void *buf, size_t len);

/* drbg_u32 - a number. */
uint32_t drbg_u32(void);

#endif

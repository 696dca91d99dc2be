/* SPDX-License-Identifier: BSD-2-Clause */
/* Negotiation between client and hypervisor: client-architecture-support. */
#ifndef CI_CAS_H
#define CI_CAS_H

#include "lib/err.h"
#include "lib/types.h"

/* Minimum buffer size for H_CAS (SLOF's: enough for 255 CPUs and 16 TiB). */
#define CI_CAS_BUFFER_MIN (2 * MiB)

/*
 * ci_cas_init - reserve memory for CAS. `fdt_size`: bytes of the tree that QEMU
 * passed at reset.
 * Returns 0 or ERR_NOMEM.
 */
must_check int ci_cas_init(size_t fdt_size);

/*
 * ci_cas - ibm,client-architecture-support with the vectors at client address
 * `vec`: negotiate, merge the new tree, attach drivers to new devices.
 * (LoPAR B.6.2.3)
 * Returns 0, or ERR_*: not negotiated (the client continues without).
 */
must_check int ci_cas(uint32_t vec);

#endif

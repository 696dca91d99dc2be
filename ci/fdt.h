/* SPDX-License-Identifier: BSD-2-Clause */
/* The flattened tree for the hypervisor and for clients; CAS. */
#ifndef CI_FDT_H
#define CI_FDT_H

#include "lib/err.h"
#include "lib/types.h"

/* The buffer for H_CAS: at least this (SLOF: 255 CPUs and 16 TiB fit). */
#define CI_CAS_BUFFER_MIN (2 * MiB)

/*
 * ci_fdt_init - set memory aside for CAS. `fdt_size`: bytes of the tree that
 * QEMU made at reset.
 * Returns 0 or ERR_NOMEM.
 */
must_check int ci_fdt_init(size_t fdt_size);

/*
 * ci_fdt_fetch - the flattened live tree to `dst` of `size` bytes.
 * Returns 0, ERR_NOSPACE or ERR_NOMEM.
 */
must_check int ci_fdt_fetch(void *dst, size_t size);

/*
 * ci_fdt_update - hand the live tree to the hypervisor; what does not fit twice
 * the size of QEMU's last tree is left out, with one line. Failures are
 * printed.
 */
void ci_fdt_update(void);

/*
 * ci_cas - ibm,client-architecture-support with the vectors at client address
 * `vec`: negotiate, merge the new tree, attach drivers to what is new.
 * Returns 0, or ERR_*: not negotiated (the client goes on without).
 */
must_check int ci_cas(uint32_t vec);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The flattened tree for the hypervisor and for clients. */
#ifndef CI_FDT_H
#define CI_FDT_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * ci_fdt_set_qemu_size - bytes of the last tree that QEMU made, at reset or by
 * CAS: the measure for ci_fdt_update().
 */
void ci_fdt_set_qemu_size(size_t size);

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

#endif

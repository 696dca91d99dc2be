/* SPDX-License-Identifier: BSD-2-Clause */
/* The flattened tree for the hypervisor and for clients. */
#ifndef CI_FDT_H
#define CI_FDT_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * ci_fdt_set_qemu_size - set the size in bytes of QEMU's last tree (from reset
 * or CAS), from which ci_fdt_update() gets its limit.
 */
void ci_fdt_set_qemu_size(size_t size);

/*
 * ci_fdt_fetch - write the flattened live tree to `dst`, `size` bytes.
 * Returns 0, ERR_NOSPACE or ERR_NOMEM.
 */
must_check int ci_fdt_fetch(void *dst, size_t size);

/*
 * ci_fdt_update - pass the live tree to the hypervisor. Parts are omitted if it
 * is larger than twice QEMU's last tree; one line says so. Failures are
 * printed.
 */
void ci_fdt_update(void);

#endif

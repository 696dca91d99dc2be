/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw access to the machine's NVRAM (QEMU hw/nvram/spapr_nvram.c). */
#ifndef DRIVERS_VIO_NVRAM_H
#define DRIVERS_VIO_NVRAM_H

#include "lib/err.h"
#include "lib/types.h"

/* nvram_raw_size - bytes of NVRAM; 0: the machine has none. */
uint32_t nvram_raw_size(void);

/*
 * nvram_raw_read, nvram_raw_write - transfer `len` bytes at byte `off`.
 * `buf`: at any address; RTAS uses a buffer below 4 GiB.
 * Return 0; ERR_RANGE: past the end, nothing transferred; ERR_NODEV: no NVRAM;
 * ERR_IO, ERR_NOTSUP: RTAS failed, see reason(); a part may be transferred.
 */
must_check int nvram_raw_read(uint32_t off, void *buf, uint32_t len);
must_check int nvram_raw_write(uint32_t off, const void *buf, uint32_t len);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual terminals: writing to one before, and beside, its driver. */
#ifndef DRIVERS_VIO_VTY_H
#define DRIVERS_VIO_VTY_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * vty_write - `len` bytes to the terminal with that unit address; 0: the lowest
 * there is (QEMU hw/char/spapr_vty.c). A terminal that is busy is waited for,
 * one second at most.
 * Returns the bytes written; of none, ERR_BUSY, or ERR_INVAL: no such terminal.
 */
must_check long vty_write(uint32_t unit, const char *buf, size_t len);

#endif

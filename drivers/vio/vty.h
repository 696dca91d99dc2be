/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual terminals: output without the driver, for early messages. */
#ifndef DRIVERS_VIO_VTY_H
#define DRIVERS_VIO_VTY_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * vty_write - write `len` bytes to the terminal with unit address `unit`; 0:
 * the lowest (QEMU hw/char/spapr_vty.c). Waits up to one second for a busy
 * terminal, and not again before that takes text.
 * Returns bytes written; if none, ERR_BUSY, or ERR_INVAL: no such terminal.
 */
must_check long vty_write(uint32_t unit, const char *buf, size_t len);

#endif

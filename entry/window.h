/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's window: image, stacks and heap below the device tree. */
#ifndef ENTRY_WINDOW_H
#define ENTRY_WINDOW_H

#include "lib/types.h"

/* All that is ours, until a client asks for more. */
#define WINDOW_SIZE (16 * MiB)
#define WINDOW_ALIGN (64 * KiB)

/*
 * window_place - the start of the window, for a device tree at `fdt` (QEMU puts
 * it 2 MiB below the top of min(RMA, 2 GiB)).
 */
uint64_t window_place(uint64_t fdt);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's window: image, stacks and heap below the device tree. */
#ifndef ENTRY_WINDOW_H
#define ENTRY_WINDOW_H

#include "lib/types.h"

/* All that is ours, until a client asks for more. */
#define WINDOW_SIZE (16 * MiB)
#define WINDOW_ALIGN (64 * KiB)
/* The least memory that QEMU starts a machine with (MIN_RMA_SLOF). */
#define WINDOW_BOOT_MIN (128 * MiB)
/* QEMU leaves 2 MiB for its tree (include/hw/ppc/spapr.h, FDT_MAX_SIZE). */
#define FDT_MAX_SIZE (2 * MiB)

/*
 * window_place - the start of the window, for a device tree at `fdt` (QEMU puts
 * it 2 MiB below the top of min(RMA, 2 GiB)): below the tree, or below the dump
 * of window_dump().
 */
uint64_t window_place(uint64_t fdt);

/*
 * window_dump - a kernel with firmware-assisted dump has crashed (QEMU 10.2,
 * /rtas ibm,kernel-dump): all memory from the returned address up, which may be
 * beyond the tree, is its dump, and nobody may write there. 0: there is none;
 * or it is ignored, as it leaves no room for us, the kernel and the initrd, or
 * its description is damaged.
 */
uint64_t window_dump(uint64_t fdt);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's window: image, stacks and heap below the device tree. */
#ifndef ENTRY_WINDOW_H
#define ENTRY_WINDOW_H

#include "lib/types.h"

/* All memory of the firmware, until the heap grows. */
#define WINDOW_SIZE (16 * MiB)
#define WINDOW_ALIGN (64 * KiB)
/* The minimum memory for QEMU to start a machine (MIN_RMA_SLOF). */
#define WINDOW_BOOT_MIN (128 * MiB)
/* QEMU reserves 2 MiB for its tree (include/hw/ppc/spapr.h, FDT_MAX_SIZE). */
#define FDT_MAX_SIZE (2 * MiB)

/*
 * window_place - return the start of the window: below the device tree at `fdt`
 * (QEMU puts it 2 MiB below the top of min(RMA, 2 GiB)), or below the dump of
 * window_dump().
 */
uint64_t window_place(uint64_t fdt);

/*
 * window_dump - find the dump of a crashed kernel with firmware-assisted dump
 * (QEMU 10.2, /rtas ibm,kernel-dump). Returns its start, which may be above the
 * tree: from there up all memory is the dump and must not be written. Returns
 * 0: no dump; or ignore it, because its description is damaged or there is no
 * room for the firmware, the kernel and the initrd.
 */
uint64_t window_dump(uint64_t fdt);

#endif

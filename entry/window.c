// SPDX-License-Identifier: BSD-2-Clause
/* Where the firmware lives: the one place that decides it. */
#include "entry/window.h"

/*
 * Called from start.S before relocation, on a borrowed stack: only arithmetic
 * here, no data and no calls.
 */
uint64_t window_place(uint64_t fdt)
{
	return ALIGN_DOWN(fdt - WINDOW_SIZE, WINDOW_ALIGN);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the linker script and start.S; the machine's caches. */
#ifndef ENTRY_IMAGE_H
#define ENTRY_IMAGE_H

#include "lib/types.h"

/* The window, from its first byte on: the image, two stacks, the heap. */
extern char image_start[], stack_firmware_top[], stack_client_top[],
	window_heap[];

/* machine_flush - instructions were written to [addr, addr + size). */
void machine_flush(void *addr, uint64_t size);

#endif

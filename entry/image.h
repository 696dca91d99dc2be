/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the linker script and start.S; interrupts. */
#ifndef ENTRY_IMAGE_H
#define ENTRY_IMAGE_H

#include "lib/types.h"

/* The window, from its first byte on: the image, three stacks, the heap. */
extern char image_start[], stack_firmware_top[], stack_client_top[],
	window_heap[];

/* stack_restart - give up what is on the firmware's stack, and `run` there. */
noreturn void stack_restart(void (*run)(void));

/* The farthest the decrementer goes: bit 31 would interrupt at once. */
#define MACHINE_DECREMENTER_FAR 0x7fffffffu

/*
 * machine_set_decrementer - interrupt in `ticks` of the time base, at most
 * MACHINE_DECREMENTER_FAR, if interrupts are on then.
 */
void machine_set_decrementer(uint32_t ticks);

/* machine_disable_interrupts - as they are but in idle_for(). */
void machine_disable_interrupts(void);

#endif

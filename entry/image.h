/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the linker script and start.S; interrupts. */
#ifndef ENTRY_IMAGE_H
#define ENTRY_IMAGE_H

#include "lib/types.h"

/* The window, in this order: the image, three stacks, the heap. */
extern char image_start[], image_end[], stack_firmware_top[],
	stack_client_top[], window_heap[];

/* stack_restart - discard the firmware's stack and call `run` on it. */
noreturn void stack_restart(void (*run)(void));

/* Maximum decrementer value: with bit 31 set it interrupts at once. */
#define MACHINE_DECREMENTER_FAR 0x7fffffffu

/*
 * machine_set_decrementer - interrupt after `ticks` of the time base, at most
 * MACHINE_DECREMENTER_FAR, if interrupts are then enabled.
 */
void machine_set_decrementer(uint32_t ticks);

/* machine_disable_interrupts - their normal state, except in idle_for(). */
void machine_disable_interrupts(void);

#endif

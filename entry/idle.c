// SPDX-License-Identifier: BSD-2-Clause
/* Giving the processor away while there is nothing to do. */
#include "entry/idle.h"

#include "entry/exception.h"
#include "entry/image.h"
#include "hcall/hcall.h"

/*
 * The firmware runs with interrupts off. H_CEDE turns them on;
 * machine_disable_interrupts() turns them off. The decrementer ends the sleep:
 * no device and no terminal has its interrupt enabled (H_VIO_SIGNAL), and the
 * interrupt controller is as after reset, with all sources masked. What comes
 * all the same finds a vector that goes back, with MSR[EE] off (start.S): it
 * costs the sleep, not the machine.
 */
void idle_for(uint64_t ticks)
{
	if (!exception_interruptible())
		return;
	machine_set_decrementer((uint32_t)MIN(ticks, MACHINE_DECREMENTER_FAR));
	h_cede();
	machine_disable_interrupts();
	machine_set_decrementer(MACHINE_DECREMENTER_FAR);
}

noreturn void idle_stop(void)
{
	for (;;)
		idle_for(MACHINE_DECREMENTER_FAR);
}

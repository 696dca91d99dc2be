// SPDX-License-Identifier: BSD-2-Clause
/* Yields the processor while there is nothing to do. */
#include "entry/idle.h"

#include "entry/exception.h"
#include "entry/image.h"
#include "hcall/hcall.h"

/*
 * The firmware runs with interrupts off. H_CEDE turns them on;
 * machine_disable_interrupts() turns them off. The decrementer ends the sleep:
 * no device or terminal has its interrupt enabled (H_VIO_SIGNAL), and the
 * interrupt controller is in its reset state, with all sources masked. The
 * vector of an unexpected interrupt returns with MSR[EE] off (start.S): this
 * only ends the sleep early.
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

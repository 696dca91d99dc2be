/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving the processor away while there is nothing to do. */
#ifndef ENTRY_IDLE_H
#define ENTRY_IDLE_H

#include "lib/types.h"

/*
 * idle_for - sleep for at most `ticks` of the time base; for
 * deadline_set_idle(). Comes back at once while a client runs. Interrupts are
 * off and the decrementer is far away afterwards, as before.
 */
void idle_for(uint64_t ticks);

/* idle_stop - nothing can be done any more. */
noreturn void idle_stop(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Yields the processor while there is nothing to do. */
#ifndef ENTRY_IDLE_H
#define ENTRY_IDLE_H

#include "lib/types.h"

/*
 * idle_for - sleep for at most `ticks` of the time base; for
 * deadline_set_idle(). Returns at once while a client runs. On return, as on
 * entry, interrupts are off and the decrementer is at its maximum.
 */
void idle_for(uint64_t ticks);

/* idle_stop - stop for good, after a fatal error. */
noreturn void idle_stop(void);

#endif

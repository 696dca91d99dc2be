/* SPDX-License-Identifier: BSD-2-Clause */
/* Quiescing: the machine is the client's alone. */
#ifndef CI_QUIESCE_H
#define CI_QUIESCE_H

#include "lib/types.h"

/*
 * ci_quiesce - reset devices, stop bus mastering, clear DMA windows, hand the
 * tree to the hypervisor, RTAS quiesce. The device behind stdout is spared:
 * `write` to it goes on working. Only the first call does anything.
 */
void ci_quiesce(void);

/*
 * ci_reboot, ci_power_off - flush what clients have written to disks, then leave
 * the machine. They return only where RTAS lacks the call.
 */
void ci_reboot(void);
void ci_power_off(void);

/* ci_is_quiesced - has it happened? */
bool ci_is_quiesced(void);

/* ci_quiesce_reset - it has not: the start of the machine. */
void ci_quiesce_reset(void);

#endif

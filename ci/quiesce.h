/* SPDX-License-Identifier: BSD-2-Clause */
/* Quiescing: leaves the machine to the client alone. */
#ifndef CI_QUIESCE_H
#define CI_QUIESCE_H

#include "lib/types.h"

/*
 * ci_quiesce - reset devices, stop bus mastering, clear DMA windows, pass the
 * tree to the hypervisor, call RTAS quiesce. The device of stdout is spared, so
 * that `write` to it still works. Only the first call has an effect.
 */
void ci_quiesce(void);

/*
 * ci_reboot, ci_power_off - flush clients' writes to disks, then reset the
 * machine or switch it off. They return only if RTAS lacks the call.
 */
void ci_reboot(void);
void ci_power_off(void);

/* ci_is_quiesced - true after ci_quiesce(). */
bool ci_is_quiesced(void);

/* ci_quiesce_reset - clear that state, at the start of the machine. */
void ci_quiesce_reset(void);

#endif

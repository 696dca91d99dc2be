/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold on the fake machine whatever a client does to it. */
#ifndef TESTS_FUZZ_SOUND_H
#define TESTS_FUZZ_SOUND_H

#include "tests/fake/machine.h"

/* sound_start - of a fresh machine: nothing is written yet. */
void sound_start(void);

/* sound_write - the client itself writes, where it may. */
void sound_write(cell_t addr, const void *from, size_t len);

/*
 * sound_call - call the client interface with the array at `addr`; then the
 * tree, the claims and the handles must be sound.
 * Returns what ci_call() does.
 */
int64_t sound_call(uint64_t addr);

/* sound_handle - no handle is of a node and an instance, or of what is gone. */
void sound_handle(cell_t handle);

/* sound_walk - walk the tree by services, as Linux flattens it. */
void sound_walk(void);

/* sound_end - nothing was written but what the calls were given for it. */
void sound_end(void);

#endif

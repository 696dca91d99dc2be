/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap for tests of a whole machine: a reset frees what was forgotten. */
#ifndef TESTS_FAKE_BLOCKS_H
#define TESTS_FAKE_BLOCKS_H

#include "lib/heap.h"

/* fake_blocks_reset - free all that is still allocated, as a reset does. */
void fake_blocks_reset(void);

/* fake_blocks_live - blocks that are allocated and not freed. */
size_t fake_blocks_live(void);

/* fake_blocks_fail_after - `n` allocations succeed, later ones fail; -1: all
 * succeed. */
void fake_blocks_fail_after(long n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap for tests of a whole machine: a reset forgets older blocks. */
#ifndef TESTS_FAKE_BLOCKS_H
#define TESTS_FAKE_BLOCKS_H

#include "lib/heap.h"

/*
 * fake_blocks_reset - like a reset of the machine: allocated blocks stay
 * allocated and may be freed, but no longer count.
 */
void fake_blocks_reset(void);

/*
 * fake_blocks_purge - free all blocks except `keep`; they must not be used
 * again. For runs of many machines.
 */
void fake_blocks_purge(const void *keep);

/* fake_blocks_live - blocks allocated since the reset and not freed. */
size_t fake_blocks_live(void);

/* fake_blocks_fail_after - `n` allocations succeed, later ones fail; -1: all
 * succeed. */
void fake_blocks_fail_after(long n);

/* fake_blocks_held - what heap_hold() was told last. */
bool fake_blocks_held(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap for tests, on malloc(), so that ASan sees each overrun. */
#ifndef TESTS_FAKE_HEAP_H
#define TESTS_FAKE_HEAP_H

#include "lib/heap.h"

/*
 * fake_heap_fail_after - let `n` allocations succeed and the later ones fail.
 * Negative: none fails.
 */
void fake_heap_fail_after(long n);

/* fake_heap_failed - did an allocation fail since fake_heap_fail_after()? */
bool fake_heap_failed(void);

/* fake_heap_live - blocks allocated and not freed. */
long fake_heap_live(void);

#endif

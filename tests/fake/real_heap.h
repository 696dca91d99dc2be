/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's own heap in place of malloc(): for its test, and for tests
 * that need heap memory at addresses of 32 bits. */
#ifndef TESTS_FAKE_REAL_HEAP_H
#define TESTS_FAKE_REAL_HEAP_H

#include "lib/heap.h"

/* real_heap_available - free bytes, the sum over all regions. */
size_t real_heap_available(void);

#endif

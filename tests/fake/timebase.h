/* SPDX-License-Identifier: BSD-2-Clause */
/* A time base that the test owns. */
#ifndef TESTS_FAKE_TIMEBASE_H
#define TESTS_FAKE_TIMEBASE_H

#include "lib/deadline.h"

/* fake_clock_set - the next timebase_read() returns `ticks`. */
void fake_clock_set(uint64_t ticks);

/* fake_clock_advance - let `ticks` pass. */
void fake_clock_advance(uint64_t ticks);

/* fake_clock_step - how far each timebase_read() moves the clock on; it is 1
 * at first, so that no wait is endless. */
void fake_clock_step(uint64_t ticks);

#endif

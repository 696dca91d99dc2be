/* SPDX-License-Identifier: BSD-2-Clause */
/* Who made the firmware wait: the time spent waiting, by device. */
#ifndef DRIVERS_WAITS_H
#define DRIVERS_WAITS_H

#include "lib/deadline.h"

struct device;

/* waits_begin - returns what waits_end() takes; pairs may be nested. */
uint64_t waits_begin(void);

/*
 * waits_end - the waits since `begin`, except those of nested pairs, were for
 * this device; NULL: for nobody.
 */
void waits_end(struct device *dev, uint64_t begin);

/*
 * waits_add - a wait of `ticks`, just ended by deadline_stop(), was for this
 * device; NULL: for nobody. Most are shorter than it takes to count them.
 */
void waits_count(struct device *dev, uint64_t ticks);
static inline void waits_add(struct device *dev, uint64_t ticks)
{
	if (ticks >= TIMEBASE_DEFAULT_HZ / 1000)
		waits_count(dev, ticks);
}

/*
 * waits_longest - the device that was waited for longest since waits_forget(),
 * or NULL. `ticks`: receives the time.
 */
const struct device *waits_longest(uint64_t *ticks);

/* waits_forget - start again: what was waited for is told, or another's. */
void waits_forget(void);

#endif

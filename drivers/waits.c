// SPDX-License-Identifier: BSD-2-Clause
// The time spent waiting, by device.
#include "drivers/waits.h"

#include "drivers/device.h"

/* Ticks of ended pairs, out of deadline_waited(). */
static uint64_t waits_told;

uint64_t waits_begin(void)
{
	return deadline_waited() - waits_told;
}

void waits_count(struct device *dev, uint64_t ticks)
{
	waits_told += ticks;
	if (dev)
		dev->waited += ticks;
}

void waits_end(struct device *dev, uint64_t begin)
{
	waits_count(dev, waits_begin() - begin);
}

const struct device *waits_longest(uint64_t *ticks)
{
	const struct device *longest = NULL;
	struct device *dev = NULL;

	*ticks = 0;
	while ((dev = device_next(dev)) != NULL) {
		if (dev->waited > *ticks) {
			*ticks = dev->waited;
			longest = dev;
		}
	}
	return longest;
}

void waits_forget(void)
{
	struct device *dev = NULL;

	while ((dev = device_next(dev)) != NULL)
		dev->waited = 0;
}

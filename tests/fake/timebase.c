// SPDX-License-Identifier: BSD-2-Clause
// The clock of the tests, in place of lib/timebase.S.
#include "tests/fake/timebase.h"

static uint64_t clock_now;
static uint64_t clock_step = 1;

void fake_clock_set(uint64_t ticks)
{
	clock_now = ticks;
}

void fake_clock_advance(uint64_t ticks)
{
	clock_now += ticks;
}

void fake_clock_step(uint64_t ticks)
{
	clock_step = ticks;
}

uint64_t timebase_read(void)
{
	uint64_t now = clock_now;

	clock_now += clock_step;
	return now;
}

// SPDX-License-Identifier: BSD-2-Clause
// Time since entry, and waits that end.
#include "lib/deadline.h"

#include "lib/err.h"

static struct {
	uint64_t start;	 /* time base at deadline_init() */
	uint64_t waited; /* ticks */
	uint32_t hz;
	void (*idle)(uint64_t ticks);
	void (*poll)(void);
} timer = { .hz = TIMEBASE_DEFAULT_HZ };

void deadline_init(uint32_t hz)
{
	timer.start = timebase_read();
	timer.waited = 0;
	timer.hz = hz ? hz : TIMEBASE_DEFAULT_HZ;
}

void deadline_set_hz(uint32_t hz)
{
	if (hz)
		timer.hz = hz;
}

uint64_t deadline_ms(void)
{
	return deadline_ms_at(timebase_read());
}

uint64_t deadline_ms_at(uint64_t time)
{
	return time < timer.start ? 0 : deadline_ms_of(time - timer.start);
}

uint64_t deadline_ms_of(uint64_t ticks)
{
	/* In two parts: ticks * 1000 would overflow after some months. */
	return ticks / timer.hz * 1000 + ticks % timer.hz * 1000 / timer.hz;
}

void deadline_start(struct deadline *d, uint32_t ms)
{
	d->start = timebase_read();
	d->end = d->start + (uint64_t)ms * timer.hz / 1000;
}

void deadline_forever(struct deadline *d)
{
	d->start = timebase_read();
	d->end = UINT64_MAX;
}

bool deadline_passed(const struct deadline *d)
{
	return timebase_read() >= d->end;
}

void deadline_set_idle(void (*idle)(uint64_t ticks))
{
	timer.idle = idle;
}

void deadline_set_poll(void (*poll)(void))
{
	timer.poll = poll;
}

static uint64_t deadline_ticks(uint32_t us)
{
	return (uint64_t)us * timer.hz / 1000000;
}

void deadline_idle(const struct deadline *d)
{
	uint32_t slice = d->end == UINT64_MAX ? DEADLINE_FOREVER_SLICE_US
					      : DEADLINE_SLICE_US;
	uint64_t now;

	if (timer.poll)
		timer.poll();
	if (!timer.idle)
		return;
	now = timebase_read();
	if (now >= d->end || now - d->start < deadline_ticks(DEADLINE_SPIN_US))
		return;
	timer.idle(MIN(d->end - now, deadline_ticks(slice)));
}

uint64_t deadline_stop(struct deadline *d)
{
	uint64_t ticks = timebase_read() - d->start;

	timer.waited += ticks;
	return ticks;
}

int deadline_wait(bool (*done)(void *arg), void *arg, uint32_t ms)
{
	struct deadline d;
	bool in_time;

	/* Read the time first: a response that arrives late still counts. */
	deadline_start(&d, ms);
	for (;;) {
		bool over = deadline_passed(&d);

		in_time = done(arg);
		if (in_time || over)
			break;
		deadline_idle(&d);
	}
	deadline_stop(&d);
	return in_time ? 0 : ERR_TIMEOUT;
}

uint64_t deadline_waited(void)
{
	return timer.waited;
}

void deadline_delay(uint32_t ms)
{
	struct deadline d;

	deadline_start(&d, ms);
	while (!deadline_passed(&d))
		deadline_idle(&d);
	deadline_stop(&d);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: milliseconds since entry, and waits that always end. */
#ifndef LIB_DEADLINE_H
#define LIB_DEADLINE_H

#include "lib/types.h"

/* Ticks per second until /cpus says otherwise: QEMU's SPAPR_TIMEBASE_FREQ. */
#define TIMEBASE_DEFAULT_HZ 512000000u

/* timebase_read - the time base register (timebase.S). */
uint64_t timebase_read(void);

/* deadline_init - start the clock. `hz`: ticks per second, 0: the default. */
void deadline_init(uint32_t hz);

/* deadline_set_hz - set the frequency that /cpus gives; 0 is ignored. */
void deadline_set_hz(uint32_t hz);

/* deadline_ms - milliseconds since deadline_init(). */
uint64_t deadline_ms(void);

/* deadline_ms_at - the same for a time base value; 0 before the start. */
uint64_t deadline_ms_at(uint64_t time);

/* deadline_ms_of - milliseconds of a number of ticks. */
uint64_t deadline_ms_of(uint64_t ticks);

struct deadline {
	uint64_t start; /* time base at the start of the wait */
	uint64_t end;	/* time base at the end of the wait */
};

/* deadline_start - begin a wait of at most `ms` milliseconds. */
void deadline_start(struct deadline *d, uint32_t ms);

/* deadline_forever - begin a wait without end, e.g. for a key at the prompt. */
void deadline_forever(struct deadline *d);

/* deadline_passed - true once the time is over. */
bool deadline_passed(const struct deadline *d);

/*
 * deadline_idle - call between two polls. Does nothing in the first millisecond
 * of the wait; most waits are shorter (a disk responds in 20 to 300 us). After
 * that it yields the processor for one slice, or until `d` ends if that is
 * sooner. The awaited event does not wake it.
 */
void deadline_idle(const struct deadline *d);
#define DEADLINE_SPIN_US 1000u
/* A wait with an end is for a device; one without is for a human. */
#define DEADLINE_SLICE_US 1000u
#define DEADLINE_FOREVER_SLICE_US 10000u

/*
 * deadline_set_idle - set how to yield the processor. `idle` returns after at
 * most `ticks`, or at once if it cannot yield. NULL: waits spin.
 */
void deadline_set_idle(void (*idle)(uint64_t ticks));

/*
 * deadline_set_poll - set what deadline_idle() calls first, also in the first
 * millisecond: what goes on while others wait. NULL: nothing.
 */
void deadline_set_poll(void (*poll)(void));

/*
 * deadline_stop - end the wait, whether it succeeded or not, and add its ticks
 * to deadline_waited(). Stop each started deadline exactly once. Returns these
 * ticks.
 */
uint64_t deadline_stop(struct deadline *d);

/*
 * deadline_wait - poll `done(arg)` until it returns true or `ms` have passed.
 * Returns 0 or ERR_TIMEOUT.
 */
must_check int deadline_wait(bool (*done)(void *arg), void *arg, uint32_t ms);

/* deadline_waited - ticks spent in waits since deadline_init(). */
uint64_t deadline_waited(void);

/* deadline_delay - wait `ms` milliseconds. Only for a client's requests. */
void deadline_delay(uint32_t ms);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: milliseconds since entry, and waits that always end. */
#ifndef LIB_DEADLINE_H
#define LIB_DEADLINE_H

#include "lib/types.h"

/* Ticks per second until /cpus says otherwise: QEMU's SPAPR_TIMEBASE_FREQ. */
#define TIMEBASE_DEFAULT_HZ 512000000u

/* timebase_read - the time base register (timebase.S). */
uint64_t timebase_read(void);

/* deadline_init - time starts now; `hz` ticks per second, 0 = the default. */
void deadline_init(uint32_t hz);

/* deadline_set_hz - the frequency that /cpus gives; 0 is ignored. */
void deadline_set_hz(uint32_t hz);

/* deadline_ms - milliseconds since deadline_init(). */
uint64_t deadline_ms(void);

struct deadline {
	uint64_t start; /* time base at the start of the wait */
	uint64_t end;	/* time base at which the wait is over */
};

/* deadline_start - a wait of at most `ms` milliseconds begins. */
void deadline_start(struct deadline *d, uint32_t ms);

/* deadline_forever - a wait that has no end, as for a key at the prompt. */
void deadline_forever(struct deadline *d);

/* deadline_passed - true once the time is over. */
bool deadline_passed(const struct deadline *d);

/*
 * deadline_idle - between two looks at what is awaited: does nothing while the
 * wait is younger than a millisecond, as most are (a disk answers in 20 to 300
 * us). Then gives the processor away, for a slice at most and not longer than
 * until `d` ends; nothing awaited wakes it before.
 */
void deadline_idle(const struct deadline *d);
#define DEADLINE_SPIN_US 1000u
/* What has an end is a device's answer, what has none is a human's. */
#define DEADLINE_SLICE_US 1000u
#define DEADLINE_FOREVER_SLICE_US 10000u

/*
 * deadline_set_idle - how the processor is given away: `idle` comes back after
 * at most `ticks`, and at once where it cannot do that. NULL: waits spin.
 */
void deadline_set_idle(void (*idle)(uint64_t ticks));

/*
 * deadline_stop - the wait is over, one way or the other: its ticks are added
 * to deadline_waited(). Each started deadline is stopped once.
 */
void deadline_stop(struct deadline *d);

/*
 * deadline_wait - poll `done(arg)` until it returns true or `ms` have passed.
 * Returns 0 or ERR_TIMEOUT.
 */
must_check int deadline_wait(bool (*done)(void *arg), void *arg, uint32_t ms);

/* deadline_waited - ticks spent in waits since deadline_init(). */
uint64_t deadline_waited(void);

/* deadline_delay - wait `ms` milliseconds: only where a client asks for it. */
void deadline_delay(uint32_t ms);

#endif

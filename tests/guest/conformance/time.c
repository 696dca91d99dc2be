// SPDX-License-Identifier: BSD-2-Clause
// Time (IEEE 1275-1994 6.3.2.7).

#include "tests/guest/conformance/conformance.h"

static uint32_t milliseconds(void)
{
	return ci1("milliseconds", 0, 0, 0, 0, 0);
}

static void spin(uint32_t ms)
{
	uint64_t start = timebase();

	while (timebase() - start < (uint64_t)timebase_hz() / 1000 * ms)
		;
}

// Whole milliseconds in up to 8 seconds of ticks; a 32-bit client has no 64-bit
// division.
static uint32_t in_ms(uint64_t ticks)
{
	return (ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks) /
	       (timebase_hz() / 1000);
}

// Checks the count against timebase readings around the calls.
static void counts(uint32_t ms)
{
	uint64_t outer = timebase(), inner;
	uint32_t first = milliseconds(), last, least;

	inner = timebase();
	spin(ms);
	least = in_ms(timebase() - inner);
	last = milliseconds();
	outer = timebase() - outer;
	expect(least >= ms, "the timebase stands still");
	expect(last - first + 1 >= least, "too few were counted");
	expect(last - first <= in_ms(outer) + 1, "too many were counted");
}

static void counts_real_time(void)
{
	counts(50);
	counts(300);
}

static void counts_each(void)
{
	uint32_t i;

	for (i = 0; i < 20; i++)
		counts(3);
}

static void counts_in_calls(void)
{
	uint32_t first = milliseconds(), i, root;

	for (i = 0; i < 100; i++) {
		root = find("/");
		close_instance(open_path("/"));
		spin(1);
	}
	expect(milliseconds() - first >= 99, "less than 99 ms in 100");
	expect_is(find("/"), root, "finddevice");
}

static void status(void)
{
	uint32_t cells[3] = { UNTOUCHED, UNTOUCHED, UNTOUCHED };

	expect_is((uint32_t)ci("milliseconds", 0, 1, cells), 0, "r3");
	expect_not(cells[0], UNTOUCHED, "the time");
	expect_is(cells[1], UNTOUCHED, "the cell after it");
	expect_is((uint32_t)ci("milliseconds", 0, 0, cells), 0,
		  "r3 without a result");
	cells[0] = UNTOUCHED;
	expect_is((uint32_t)ci("milliseconds", 0, 3, cells), 0,
		  "r3 with three results");
	expect_not(cells[0], UNTOUCHED, "the time, of three results");
}

static void never_goes_back(void)
{
	uint32_t last = milliseconds(), now, i;

	for (i = 0; i < 100; i++, last = now) {
		now = milliseconds();
		expect(now - last < 0x80000000, "a later value is smaller");
	}
}

// GRUB waits for keys by reading the time in a loop.
static void always_advances(void)
{
	uint64_t start = timebase();
	uint32_t first = milliseconds(), now = first;

	while (now == first && in_ms(timebase() - start) < 2000)
		now = milliseconds();
	expect_not(now, first, "the time two seconds later");
	expect(now - first < 5000, "it jumps");
}

static const struct test_case cases[] = {
	RUNS("milliseconds counts real time", "IEEE 1275 6.3.2.7", REQUIRED,
	     counts_real_time),
	RUNS("milliseconds never goes back", "IEEE 1275 6.3.2.7", REQUIRED,
	     never_goes_back),
	RUNS("milliseconds counts each of them", "IEEE 1275 6.3.2.7", REQUIRED,
	     counts_each),
	RUNS("milliseconds goes on while other services are called",
	     "IEEE 1275 6.3.2.7", REQUIRED, counts_in_calls),
	RUNS("GRUB: milliseconds advances while nothing else happens",
	     "GRUB kern/ieee1275/init.c", EXPECTED, always_advances),
	RUNS("milliseconds succeeds with any number of results",
	     "IEEE 1275 6.3.1", EXPECTED, status),
	CALLS("milliseconds ignores an argument", "IEEE 1275 6.3.1", EXPECTED,
	      "milliseconds", IN(NUM(1)), OUT(NOT(UNTOUCHED))),
};

GROUP("70", "time", NULL);

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

static void counts_real_time(void)
{
	uint32_t first = milliseconds(), passed;

	spin(50);
	passed = milliseconds() - first;
	expect(passed >= 49, "less than 49 ms were counted in 50");
	expect(passed < 5000, "more than 5 s were counted in 50 ms");
}

static void never_goes_back(void)
{
	uint32_t last = milliseconds(), now, i;

	for (i = 0; i < 100; i++, last = now) {
		now = milliseconds();
		expect(now - last < 0x80000000, "a later value is smaller");
	}
}

static const struct test_case cases[] = {
	RUNS("milliseconds counts real time", "IEEE 1275 6.3.2.7", REQUIRED,
	     counts_real_time),
	RUNS("milliseconds never goes back", "IEEE 1275 6.3.2.7", REQUIRED,
	     never_goes_back),
	CALLS("milliseconds ignores an argument", "IEEE 1275 6.3.1", EXPECTED,
	      "milliseconds", IN(NUM(1)), OUT(NOT(UNTOUCHED))),
};

GROUP("70", "time", NULL);

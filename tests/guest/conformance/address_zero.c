// SPDX-License-Identifier: BSD-2-Clause
// Address 0 as a buffer. It is memory, so a firmware may use it or refuse it;
// nothing else may change (IEEE 1275-1994 6.3.2.2).

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define LOW 256u

// Hides address 0 from the compiler, which treats it as a null pointer.
static unsigned char *low_memory(void)
{
	uintptr_t at = 0;

	__asm__("" : "+r"(at));
	return (unsigned char *)at;
}

static unsigned char saved[LOW];

static void fill_low(void)
{
	memcpy(saved, low_memory(), LOW);
	memset(low_memory(), CASES_FILL, LOW);
}

// Calls with a buffer, then with address 0, in cells[at]: same result or a
// refusal.
static void to_null(const char *service, unsigned int nargs, unsigned int at,
		    uint32_t *cells)
{
	unsigned char after[LOW];
	uint32_t want;
	int32_t r3;

	memset(cases_buffer, CASES_FILL, LOW);
	cells[at] = cell(cases_buffer);
	cells[nargs] = UNTOUCHED;
	ci(service, nargs, 1, cells);
	want = cells[nargs];
	cells[at] = 0;
	cells[nargs] = UNTOUCHED;
	fill_low();
	r3 = ci(service, nargs, 1, cells);
	memcpy(after, low_memory(), LOW);
	memcpy(low_memory(), saved, LOW);
	if (r3 || cells[nargs] == MISSING)
		memset(cases_buffer, CASES_FILL, LOW);
	else
		expect_is(cells[nargs], want, service);
	expect_bytes(after, cases_buffer, LOW, service);
}

static void buffers(void)
{
	uint32_t chosen = find("/chosen");
	uint32_t whole[5] = { chosen, cell("name"), 0, 7 };
	uint32_t part[5] = { chosen, cell("name"), 0, 3 };
	uint32_t next[4] = { chosen, cell(""), 0 };
	uint32_t package[4] = { chosen, 0, 8 };
	uint32_t canon[4] = { cell("/chosen"), 0, 8 };
	uint32_t instance[4] = { guest_number("/chosen", "stdout", 0), 0, 64 };

	if (!needs_pseries())
		return;
	to_null("getprop", 4, 2, whole);
	to_null("getprop", 4, 2, part);
	to_null("nextprop", 3, 2, next);
	to_null("package-to-path", 3, 1, package);
	to_null("canon", 3, 1, canon);
	to_null("instance-to-path", 3, 1, instance);
	expect_alive();
}

static void value(void)
{
	static const char name[] = "test,null";
	uint32_t chosen = find("/chosen"), set;
	unsigned char got[8];

	if (!needs_pseries())
		return;
	set_property(chosen, name, "before", 6);
	fill_low();
	memcpy(low_memory(), "null", 4);
	set = set_property(chosen, name, NULL, 4);
	memcpy(low_memory(), saved, LOW);
	if (set == 4) {
		expect_is(get_property(chosen, name, got, 8), 4, "the length");
		expect_bytes(got, "null", 4, "the value");
	} else {
		expect_is(get_property(chosen, name, got, 8), 6,
			  "the length after a refusal");
		expect_bytes(got, "before", 6, "the value after a refusal");
	}
	expect_alive();
}

static void text_to_write(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0), n;

	if (!needs_pseries())
		return;
	fill_low();
	memcpy(low_memory(), "# null\r\n", 8);
	n = ci1("write", 3, out, 0, 8, 0);
	memcpy(low_memory(), saved, LOW);
	if (n != MISSING)
		expect_is(n, 8, "bytes written");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("results at address 0 are right or refused", SPEC, EXPECTED,
	     buffers),
	RUNS("setprop of a value at address 0 is right or refused", SPEC,
	     EXPECTED, value),
	RUNS("write to the console from address 0 is right or refused",
	     "IEEE 1275 6.3.2.3", EXPECTED, text_to_write),
};

GROUP("44", "address 0", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Many and huge properties, in a run of their own: they stay in the tree.

#include "tests/guest/conformance/walk.h"

#define MANY 500u
#define HUGE 0x100000u

static unsigned char huge[HUGE + 16], back[HUGE + 16];

static const char *many_name(uint32_t i)
{
	static char name[] = "test,many-000";

	name[10] = (char)('0' + i / 100);
	name[11] = (char)('0' + i / 10 % 10);
	name[12] = (char)('0' + i % 10);
	return name;
}

static bool many_is(uint32_t node, uint32_t i)
{
	unsigned char value[8];

	return get_property(node, many_name(i), value, 8) == 4 &&
	       value[0] == (unsigned char)i && value[3] == (i >> 8 & 0xff);
}

static void many_properties(void)
{
	uint32_t chosen = find("/chosen"), i, listed = 0;
	struct properties p = PROPERTIES(chosen);

	for (i = 0; i < MANY; i++) {
		unsigned char value[4] = { (unsigned char)i, 1, 2,
					   (unsigned char)(i >> 8) };

		expect_is(set_property(chosen, many_name(i), value, 4), 4,
			  "setprop's result");
	}
	for (i = 0; i < MANY; i++)
		expect(many_is(chosen, i), "a property has another's value");
	while (property_step(&p))
		listed += has_text(p.name, "test,many-");
	expect_is(listed, MANY, "properties that nextprop names");
}

// A value of `length` bytes, or a refusal that leaves the old value.
static void huge_value(uint32_t length)
{
	uint32_t chosen = find("/chosen"), i, got;

	for (i = 0; i < length; i++)
		huge[i] = (unsigned char)(i * 31 + (i >> 8));
	expect_is(set_property(chosen, "test,huge", "small", 5), 5,
		  "setprop of five bytes");
	got = set_property(chosen, "test,huge", huge, length);
	memset(back, CASES_FILL, sizeof(back));
	if (got == MISSING) {
		expect_is(get_property(chosen, "test,huge", back, HUGE), 5,
			  "getprop of what was not replaced");
		return;
	}
	expect_is(got, length, "setprop's result");
	expect_is(property_length(chosen, "test,huge"), length, "getproplen");
	expect_is(get_property(chosen, "test,huge", back, HUGE + 8), length,
		  "getprop");
	expect_bytes(back, huge, length, "the value");
	expect_is(back[length], CASES_FILL, "the byte behind the value");
	expect_is(set_property(chosen, "test,huge", NULL, 0), 0,
		  "setprop of no bytes");
	expect_is(property_length(chosen, "test,huge"), 0,
		  "getproplen of no bytes");
}

static void huge_64k(void)
{
	huge_value(0x10000);
}

static void huge_1m(void)
{
	huge_value(HUGE);
	expect_alive();
}

// A firmware that leaks old values runs out of memory here.
static void huge_often(void)
{
	uint32_t chosen = find("/chosen"), i, want = 0x10000;

	for (i = 0; i < 1000; i++) {
		if (set_property(chosen, "test,often", huge, want - i % 7) ==
		    MISSING)
			break;
		set_property(chosen, "test,often", huge, i % 5);
	}
	expect(i == 0 || i == 1000, "setprop works only some of the time");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("500 properties of one node keep their values",
	     "IEEE 1275 6.3.2.2", EXPECTED, many_properties),
	RUNS("setprop of 64 KiB keeps all of it or refuses",
	     "IEEE 1275 6.3.2.2", EXPECTED, huge_64k),
	RUNS("setprop of 1 MiB keeps all of it or refuses", "IEEE 1275 6.3.2.2",
	     EXPECTED, huge_1m),
	RUNS("setprop of 64 KiB works a thousand times", "IEEE 1275 6.3.2.2",
	     EXPECTED, huge_often),
};

GROUP("42", "many properties", "setprop");

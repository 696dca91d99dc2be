// SPDX-License-Identifier: BSD-2-Clause
// Many and huge properties, in their own run: they stay in the tree.

#include "tests/guest/conformance/ranges.h"
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

// setprop stores all `length` bytes, or fails and keeps the old value.
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
	expect_is(back[length], CASES_FILL, "the byte after the value");
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

// Firmware that leaks old values runs out of memory here.
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

// Source of huge values: whatever memory holds from 64 KiB up.
static const void *from_low_memory(void)
{
	return (const void *)(uintptr_t)0x10000;
}

// More than any firmware has room for.
static void more_than_there_is(void)
{
	uint32_t chosen = find("/chosen"), size, got;
	unsigned char value[16];

	for (size = 2 * HUGE; size <= 64 * HUGE; size *= 2) {
		set_property(chosen, "test,more", "small", 5);
		got = set_property(chosen, "test,more", from_low_memory(),
				   size);
		memset(value, CASES_FILL, sizeof(value));
		if (got == MISSING) {
			expect_is(get_property(chosen, "test,more", value, 16),
				  5, "getprop of what was not replaced");
			expect_bytes(value, "small", 5, "the old value");
		} else {
			expect_is(got, size, "setprop's result");
			expect_is(property_length(chosen, "test,more"), size,
				  "getproplen");
		}
	}
	set_property(chosen, "test,more", NULL, 0);
	expect_alive();
}

// The first byte that is no longer free, or 0 if there is none.
static uint64_t taken_since(const struct ranges *before)
{
	static struct ranges after;
	unsigned int i;

	read_available(&after);
	for (i = 0; i < after.count; i++) {
		uint64_t end = after.at[i].base + after.at[i].size;
		int at =
			ranges_find(before, after.at[i].base, after.at[i].size);

		if (at < 0)
			continue;
		if (end != before->at[at].base + before->at[at].size)
			return end;
		if (after.at[i].base != before->at[at].base)
			return before->at[at].base;
	}
	return 0;
}

#define ROOMS 24u

static const char *room_name(uint32_t i)
{
	static char name[] = "test,room-a";

	name[10] = (char)('a' + i);
	return name;
}

// Sets values, each filled with its own letter, until the firmware claims free
// memory for them. Returns their count and, in *taken, where that memory was.
static uint32_t fill_rooms(uint64_t *taken)
{
	static struct ranges before;
	uint32_t i = 0;

	read_available(&before);
	for (*taken = 0; i < ROOMS && !*taken; i++) {
		memset(huge, 'a' + (int)i, HUGE);
		if (set_property(find("/chosen"), room_name(i), huge, HUGE) ==
		    MISSING)
			break;
		*taken = taken_since(&before);
	}
	return i;
}

// The firmware owns the memory that holds values: a client's reads must not
// overwrite them.
static void values_are_no_buffer(void)
{
	uint32_t chosen = find("/chosen"), count, i;
	uint64_t taken;

	count = fill_rooms(&taken);
	if (taken && taken < FOUR_GIB)
		for (i = 0; i < 16; i++)
			get_property(chosen, room_name(0),
				     (void *)(uintptr_t)(taken + i * 0x10000),
				     0x10000);
	expect_available_takes_data();
	for (i = 0; i < count; i++) {
		memset(huge, 'a' + (int)i, HUGE);
		expect_is(get_property(chosen, room_name(i), back, HUGE), HUGE,
			  "getprop");
		expect_bytes(back, huge, HUGE, "the value");
		set_property(chosen, room_name(i), NULL, 0);
	}
	expect_alive();
}

// When memory runs out, a value that cannot grow stays.
static void memory_ends(void)
{
	static const char *const fills[] = { "test,fill-0", "test,fill-1",
					     "test,fill-2", "test,fill-3",
					     "test,fill-4", "test,fill-5",
					     "test,fill-6", "test,fill-7" };
	uint32_t chosen = find("/chosen"), size, i;
	unsigned char value[16];

	set_property(chosen, "test,last", "small", 5);
	for (size = 256 * HUGE, i = 0; size >= HUGE && i < 8; size /= 2)
		while (i < 8 && set_property(chosen, fills[i],
					     from_low_memory(), size) == size)
			i++;
	for (size = 256 * HUGE; size >= HUGE; size /= 2) {
		if (set_property(chosen, "test,last", from_low_memory(),
				 size) != MISSING)
			break;
		memset(value, CASES_FILL, sizeof(value));
		expect_is(get_property(chosen, "test,last", value, 16), 5,
			  "getprop of what was not replaced");
		expect_bytes(value, "small", 5, "the old value");
	}
	set_property(chosen, "test,last", NULL, 0);
	for (i = 0; i < 8; i++)
		set_property(chosen, fills[i], NULL, 0);
	expect_alive();
}

// setprop refuses an overlong name or keeps all of it.
static void long_name(uint32_t length, char letter)
{
	static char name[0x10000 + 1], other[0x10000 + 1];
	uint32_t chosen = find("/chosen"), got, n = 0, before = 0;
	struct properties p = PROPERTIES(chosen), q = PROPERTIES(chosen);

	memset(name, letter, length);
	name[length] = 0;
	memcpy(other, name, length);
	other[length - 1] = 0;
	while (property_step(&p))
		before++;
	got = set_property(chosen, name, "long", 4);
	expect_is(property_length(chosen, other), MISSING,
		  "getproplen of the name without its last letter");
	if (got != MISSING) {
		expect_is(got, 4, "setprop's result");
		expect_is(property_length(chosen, name), 4, "getproplen");
		return;
	}
	expect_is(property_length(chosen, name), MISSING,
		  "getproplen of what was refused");
	while (property_step(&q))
		n++;
	expect_is(n, before, "properties after a refusal");
}

static void long_names(void)
{
	static const uint32_t lengths[] = { 64,	 66,   68,   128,
					    255, 1000, 4096, 0xffff };
	uint32_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		long_name(lengths[i], (char)('n' + i));
	expect_alive();
}

static void endless_name(void)
{
	memset(huge, 'n', HUGE);
	huge[HUGE] = 0;
	expect_is(set_property(find("/chosen"), (const char *)huge, "p", 1),
		  MISSING, "setprop with a name of 1 MiB");
	expect_alive();
}

static const struct test_case cases[] = {
	/* First: this makes the firmware claim more memory. */
	RUNS("memory that holds values is no buffer of the client",
	     "IEEE 1275 6.3.2.2", EXPECTED, values_are_no_buffer),
	RUNS("500 properties of one node keep their values",
	     "IEEE 1275 6.3.2.2", EXPECTED, many_properties),
	RUNS("setprop of 64 KiB keeps all of it or refuses",
	     "IEEE 1275 6.3.2.2", EXPECTED, huge_64k),
	RUNS("setprop of 1 MiB keeps all of it or refuses", "IEEE 1275 6.3.2.2",
	     EXPECTED, huge_1m),
	RUNS("setprop of 64 KiB works a thousand times", "IEEE 1275 6.3.2.2",
	     EXPECTED, huge_often),
	RUNS("names of 64 to 65,535 bytes are refused or kept whole",
	     "IEEE 1275 3.2.2.1.1", EXPECTED, long_names),
	RUNS("setprop of 2 to 64 MiB keeps all of it or refuses",
	     "IEEE 1275 6.3.2.2", EXPECTED, more_than_there_is),
	RUNS("when memory ends, setprop fails and the old value stays",
	     "IEEE 1275 6.3.2.2", EXPECTED, memory_ends),
	RUNS("setprop of a name of 1 MiB fails", "IEEE 1275 3.2.2.1.1",
	     EXPECTED, endless_name),
};

GROUP("42", "many properties", "setprop");

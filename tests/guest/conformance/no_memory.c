// SPDX-License-Identifier: BSD-2-Clause
// Services when neither the firmware nor the machine has memory left, in a run
// of their own. Calls that need memory may fail; all others work as before.

#include "tests/guest/conformance/ranges.h"
#include "tests/guest/conformance/walk.h"

#define MEALS 4000u
#define FIRST_MEAL 0x100000u
#define LAST_MEAL 8u
#define OPENS 1000u

static struct ranges all;
static unsigned char plenty[FIRST_MEAL];

static const char *meal_name(uint32_t i)
{
	static char name[] = "test,eat-0000";
	unsigned int digit;

	for (digit = 12; digit > 8; digit--, i /= 10)
		name[digit] = (char)('0' + i % 10);
	return name;
}

// Sets ever smaller values until none fits; returns how many.
static uint32_t eat_memory(void)
{
	uint32_t chosen = find("/chosen"), n = 0, size = FIRST_MEAL;

	read_available(&all);
	claim_ranges(&all);
	while (n < MEALS && size >= LAST_MEAL) {
		if (set_property(chosen, meal_name(n), plenty, size) == size)
			n++;
		else
			size /= 2;
	}
	return n;
}

static void free_memory(uint32_t meals)
{
	while (meals)
		set_property(find("/chosen"), meal_name(--meals), NULL, 0);
	release_ranges(&all);
	expect_alive();
}

// A path of that many bytes, or a failure that keeps the buffer.
static void expect_path(uint32_t got, uint32_t length, const char *what)
{
	if (got != MISSING)
		expect_is(got, length, what);
	else
		expect(buffer_kept(0), "a failing call wrote to the buffer");
	memset(cases_buffer, CASES_FILL, PATH_SIZE);
}

static void lookups(void)
{
	uint32_t meals, root = find("/"), chosen = find("/chosen"), length;
	char name[NAME_ROOM];

	length = property_length(root, "compatible");
	meals = eat_memory();
	expect_is(find("/"), root, "finddevice");
	expect_is(find("/chosen"), chosen, "finddevice of a node");
	expect_is(find("/no-such"), MISSING, "finddevice of no node");
	expect_is(property_length(root, "compatible"), length, "getproplen");
	expect_is(get_property(root, "compatible", cases_buffer, PATH_SIZE),
		  length, "getprop");
	expect_is(next_property(root, "", name), 1, "nextprop");
	expect_is(parent_of(chosen), root, "parent");
	expect(has_service("getprop"), "test does not find getprop");
	free_memory(meals);
}

static void paths(void)
{
	uint32_t meals, memory = find("/memory@0");

	meals = eat_memory();
	memset(cases_buffer, CASES_FILL, PATH_SIZE);
	expect_path(ci1("package-to-path", 3, memory, cell(cases_buffer),
			PATH_SIZE, 0),
		    9, "package-to-path");
	expect_path(ci1("canon", 3, cell("/memory"), cell(cases_buffer),
			PATH_SIZE, 0),
		    9, "canon");
	expect_path(ci1("instance-to-path", 3,
			guest_number("/chosen", "memory", 0),
			cell(cases_buffer), PATH_SIZE, 0),
		    9, "instance-to-path");
	free_memory(meals);
}

static void opens(void)
{
	static uint32_t open[OPENS];
	uint32_t meals = eat_memory(), n, i;

	for (n = 0; n < OPENS; n++) {
		open[n] = open_path("/:of-arguments");
		if (!open[n] || open[n] == MISSING)
			break;
	}
	if (n < OPENS)
		expect_is(open[n], 0, "open without memory");
	for (i = 0; i < n; i++)
		close_instance(open[i]);
	free_memory(meals);
	open[0] = open_path("/");
	if (expect_not(open[0], 0, "open afterwards"))
		close_instance(open[0]);
}

static void values(void)
{
	uint32_t chosen = find("/chosen"), meals;
	char value[8];

	expect_is(set_property(chosen, "test,kept", "small", 5), 5, "setprop");
	meals = eat_memory();
	expect_is(set_property(chosen, "test,new", plenty, FIRST_MEAL), MISSING,
		  "setprop of a new value");
	expect_is(property_length(chosen, "test,new"), MISSING,
		  "getproplen of what was refused");
	expect_is(set_property(chosen, "test,kept", plenty, FIRST_MEAL),
		  MISSING, "setprop of a larger value");
	expect_is(get_property(chosen, "test,kept", value, 8), 5, "getprop");
	expect_bytes(value, "small", 5, "the old value");
	free_memory(meals);
	expect_is(set_property(chosen, "test,kept", plenty, 0x400), 0x400,
		  "setprop afterwards");
}

static void flattened(void)
{
	uint32_t meals, got;

	if (!has_service("fdt-fetch")) {
		skip("the firmware has no fdt-fetch");
		return;
	}
	meals = eat_memory();
	memset(cases_buffer, CASES_FILL, PATH_SIZE);
	got = ci1("fdt-fetch", 2, cell(cases_buffer), PATH_SIZE, 0, 0);
	expect_is(got, MISSING, "fdt-fetch");
	expect(buffer_kept(0), "a failing fdt-fetch wrote to the buffer");
	free_memory(meals);
}

static void commands(void)
{
	uint32_t meals = eat_memory();

	interpret("10 ms");
	interpret("boot-command");
	interpret("dev /memory@0");
	free_memory(meals);
}

static void quiet(void)
{
	uint32_t meals = eat_memory();

	ci("quiesce", 0, 0, NULL);
	expect_not(find("/chosen"), MISSING, "finddevice after quiesce");
	free_memory(meals);
}

static const struct test_case cases[] = {
	RUNS("without memory, what is in the tree is found and read",
	     "IEEE 1275 6.3.2.2", EXPECTED, lookups),
	RUNS("without memory, a path comes whole or not at all",
	     "IEEE 1275 6.3.2.2", EXPECTED, paths),
	RUNS("without memory, setprop fails and the old value stays",
	     "IEEE 1275 6.3.2.2", EXPECTED, values),
	RUNS("without memory, open is 0 in the end", "IEEE 1275 6.3.2.3",
	     EXPECTED, opens),
	RUNS("without memory, fdt-fetch fails", "SLOF fdt-fl.fs", EXTENSION,
	     flattened),
	RUNS("without memory, interpret does no harm", "IEEE 1275 6.3.2.6",
	     EXPECTED, commands),
	/* Last: this stops all devices. */
	RUNS("without memory, quiesce comes back", "CHRP 10.1", EXPECTED,
	     quiet),
};

GROUP("87", "no memory", "no-memory");

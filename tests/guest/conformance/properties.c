// SPDX-License-Identifier: BSD-2-Clause
// Reading properties (IEEE 1275-1994 6.3.2.2): getproplen, getprop, nextprop.
// The property of known value is /chosen's "name": "chosen" with its NUL.

#include "tests/guest/conformance/ranges.h"
#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define CHOSEN_NODE NODE("/chosen")

static char long_name[CASES_BUFFER + 16];

// A name of n bytes.
static const char *name_of(uint32_t n)
{
	memset(long_name, 'n', n);
	long_name[n] = 0;
	return long_name;
}

static void handle_of_another_kind(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);
	char value[8];

	// If a firmware numbers both kinds alike, it is a phandle too.
	if (is_node(stdout))
		return;
	expect_is(get_property(stdout, "name", value, 8), MISSING,
		  "getprop of an ihandle");
	expect_is(property_length(stdout, "name"), MISSING,
		  "getproplen of an ihandle");
	expect_not(ci1("nextprop", 3, stdout, cell(""), cell(cases_buffer), 0),
		   1, "nextprop of an ihandle");
	expect(buffer_kept(0), "nextprop of an ihandle wrote a name");
	expect_alive();
}

// Numbers next to real phandles are not phandles.
static void handles_beside_nodes(void)
{
	uint32_t low = MISSING, high = 0, d;
	struct walk w = WALK;

	while (walk_step(&w)) {
		low = w.node < low ? w.node : low;
		high = w.node > high ? w.node : high;
	}
	for (d = 1; d <= 8; d++) {
		expect_is(property_length(low - d, "name"), MISSING,
			  "getproplen of a handle below the lowest");
		expect_is(property_length(high + d, "name"), MISSING,
			  "getproplen of a handle above the highest");
		expect_is(get_property(high + d, "name", cases_buffer, 16),
			  MISSING, "getprop of a handle above the highest");
	}
	expect(buffer_kept(0), "getprop wrote for a handle of no node");
	expect_alive();
}

static void long_names(void)
{
	static const uint32_t lengths[] = { 32, 63, 64, 255, 4096, 65536 };
	uint32_t chosen = find("/chosen"), i;
	char name[NAME_ROOM];

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		name_of(lengths[i]);
		expect_is(property_length(chosen, long_name), MISSING,
			  "getproplen of a long name");
		expect_is(get_property(chosen, long_name, cases_buffer, 16),
			  MISSING, "getprop of a long name");
		expect_is(ci1("nextprop", 3, chosen, cell(long_name),
			      cell(name), 0),
			  MISSING, "nextprop after a long name");
	}
	expect(buffer_kept(0), "a failing call wrote to the buffer");
	expect_alive();
}

// Each truncated length of a value, byte by byte.
static void every_length(void)
{
	static const char want[] = "chosen";
	uint32_t chosen = find("/chosen"), n;

	for (n = 0; n <= 16; n++) {
		memset(cases_buffer, CASES_FILL, 32);
		expect_is(get_property(chosen, "name", cases_buffer, n), 7,
			  "the length");
		expect_bytes(cases_buffer, want, n < 7 ? n : 7, "the value");
		expect(buffer_kept(n < 7 ? n : 7),
		       "bytes after the value or the buffer changed");
	}
}

// Values need no alignment anywhere.
static void every_alignment(void)
{
	uint32_t chosen = find("/chosen"), at;

	for (at = 0; at < 16; at++) {
		memset(cases_buffer, CASES_FILL, 64);
		expect_is(get_property(chosen, "name", cases_buffer + at, 7), 7,
			  "the length");
		expect_bytes(cases_buffer + at, "chosen", 7, "the value");
		expect(buffer_kept(at + 7), "a byte after changed");
		expect(!at || cases_buffer[at - 1] == CASES_FILL,
		       "the byte in front changed");
	}
}

// /chosen holds each ihandle in four bytes on every firmware.
static void numbers_are_big_endian(void)
{
	unsigned char value[4];
	uint32_t chosen = find("/chosen");

	expect_is(set_property(chosen, "test,cell", "\x12\x34\x56\x78", 4), 4,
		  "setprop of a cell");
	expect_is(get_property(chosen, "test,cell", value, 4), 4,
		  "getprop of a cell");
	expect_is(guest_be32(value), 0x12345678, "the cell");
}

static void walk_names_once(void)
{
	static char names[256][NAME_SIZE];
	struct properties p = PROPERTIES(find("/chosen"));
	uint32_t n = 0, i;
	bool name = false;

	while (property_step(&p) && n < 256) {
		for (i = 0; i < n; i++)
			expect(!same_text(names[i], p.name),
			       "a property comes twice");
		expect_not(property_length(p.node, p.name), MISSING,
			   "getproplen of a name that nextprop gave");
		put_texts(names[n++], NAME_SIZE, p.name, "", "");
		name |= same_text(p.name, "name");
	}
	expect_is(next_property(p.node, p.name, p.name), 0, "the end");
	expect(n >= 3, "/chosen has fewer than three properties");
	expect(name, "nextprop leaves out \"name\"");
}

static void first_after(uint32_t previous, const char *what)
{
	char first[NAME_ROOM] = "", again[NAME_ROOM] = "";
	uint32_t chosen = find("/chosen");

	expect_is(next_property(chosen, "", first), 1, "nextprop of \"\"");
	expect_is(ci1("nextprop", 3, chosen, previous, cell(again), 0), 1,
		  what);
	expect_text(again, first, what);
}

static void first_after_null(void)
{
	first_after(0, "nextprop of a NULL pointer");
}

static void first_after_empty(void)
{
	first_after(cell(""), "nextprop of an empty name");
}

// As a client calls it, with no room to spare.
static uint32_t raw_next(uint32_t node, const char *previous, char *to)
{
	return ci1("nextprop", 3, node, cell(previous), cell(to), 0);
}

// All 32 bytes of the buffer may change.
static void writes_only_the_name(void)
{
	struct properties p = PROPERTIES(find("/chosen"));
	char *to = (char *)cases_buffer;
	uint32_t length;

	for (; property_step(&p); memset(to, CASES_FILL, NAME_ROOM)) {
		char before[NAME_ROOM] = "";

		if (p.count > 1)
			continue;
		expect_is(raw_next(p.node, before, to), 1, "the result");
		expect_text(to, p.name, "the name");
		length = (uint32_t)strlen(p.name) + 1;
		expect(buffer_kept(length < 32 ? 32 : length),
		       "bytes after the buffer's 32 changed");
	}
}

// IEEE 1275 3.2.2.1.1: names have up to 31 characters, so 32 bytes suffice.
static void needs_32_bytes(void)
{
	char name[NAME_ROOM] = "";
	uint32_t node = find("/options"), n;

	if (node == MISSING)
		node = find("/chosen");
	for (n = 0; n < PROPERTY_LIMIT; n++) {
		memset(cases_buffer, CASES_FILL, NAME_ROOM);
		if (raw_next(node, name, (char *)cases_buffer) != 1)
			break;
		expect(buffer_kept(32), "nextprop wrote more than 32 bytes");
		memcpy(name, cases_buffer, 32);
	}
	expect(n > 2 && n < PROPERTY_LIMIT, "the walk has a wrong length");
}

static void backwards(void)
{
	static char names[256][NAME_SIZE];
	struct properties p = PROPERTIES(find("/chosen"));
	char next[NAME_ROOM];
	uint32_t n = 0, i;

	while (property_step(&p) && n < 256)
		put_texts(names[n++], NAME_SIZE, p.name, "", "");
	for (i = n; i-- > 1;) {
		expect_is(next_property(p.node, names[i - 1], next), 1,
			  "nextprop of a name out of order");
		expect_text(next, names[i], "the name that follows");
	}
}

// One buffer for both names, as in a small client.
static void same_buffer_for_both(void)
{
	struct properties p = PROPERTIES(find("/chosen"));
	char name[NAME_ROOM] = "";

	while (property_step(&p)) {
		expect_is(ci1("nextprop", 3, p.node, cell(name), cell(name), 0),
			  1, "nextprop into the buffer of previous");
		expect_text(name, p.name, "the name");
	}
	expect_is(ci1("nextprop", 3, p.node, cell(name), cell(name), 0), 0,
		  "the end");
}

// Two walks at once must not disturb each other.
static void two_walks_at_once(void)
{
	struct properties a = PROPERTIES(find("/chosen"));
	struct properties b = PROPERTIES(find("/"));
	uint32_t alone = 0;

	while (property_step(&b))
		alone++;
	b.count = 0;
	b.name[0] = 0;
	while (property_step(&b)) {
		if (property_step(&a))
			expect_not(property_length(a.node, a.name), MISSING,
				   "a name of the other walk");
	}
	expect_is(b.count, alone, "properties of the root in a mixed walk");
}

// A failing call may write a NUL: Open Firmware itself does.
static void writes_no_name(void)
{
	static const uint32_t bad[] = { 0, MISSING, BAD_HANDLE };
	uint32_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		expect_not(ci1("nextprop", 3, bad[i], cell(""),
			       cell(cases_buffer), 0),
			   1, "nextprop of a bad phandle");
	expect_not(ci1("nextprop", 3, find("/chosen"), cell("no-such"),
		       cell(cases_buffer), 0),
		   1, "nextprop of an unknown name");
	expect(!cases_buffer[0] || cases_buffer[0] == CASES_FILL,
	       "a failing nextprop wrote a name");
	expect(buffer_kept(1), "a failing nextprop wrote bytes");
}

// If there is memory, it holds a name that does not end.
static void behind_memory(void)
{
	const uint32_t at = 0xfffffff8;
	uint32_t got;

	if (memory_size() >= FOUR_GIB)
		memset((void *)(uintptr_t)at, 'a', 8);
	got = ci1("nextprop", 3, find("/chosen"), at, cell(cases_buffer), 0);
	expect(got == MISSING || got == UNTOUCHED, "nextprop found it");
	expect(buffer_kept(1), "a failing nextprop wrote to the buffer");
}

static const struct test_case cases[] = {
	CALLS("getproplen counts the NUL of a text", SPEC, REQUIRED,
	      "getproplen", IN(CHOSEN_NODE, TEXT("name")), OUT(IS(7))),
	CALLS("getproplen of a missing property is -1", SPEC, REQUIRED,
	      "getproplen", IN(CHOSEN_NODE, TEXT("no-such")), OUT(IS(-1))),
	CALLS("getproplen takes the whole name, not its beginning", SPEC,
	      REQUIRED, "getproplen", IN(CHOSEN_NODE, TEXT("nam")),
	      OUT(IS(-1))),
	CALLS("getproplen takes no name that only begins like one", SPEC,
	      REQUIRED, "getproplen", IN(CHOSEN_NODE, TEXT("name2")),
	      OUT(IS(-1))),
	CALLS("getproplen of an empty name is -1", SPEC, EXPECTED, "getproplen",
	      EITHER, IN(CHOSEN_NODE, TEXT("")), OUT(IS(-1))),
	CALLS("getproplen of a NULL name is -1", SPEC, EXPECTED, "getproplen",
	      EITHER, IN(CHOSEN_NODE, NUM(0)), OUT(IS(-1))),
	CALLS("getproplen of a name past all memory is -1", SPEC, EXPECTED,
	      "getproplen", EITHER, IN(CHOSEN_NODE, NUM(0xfffffffe)),
	      OUT(IS(-1))),
	CALLS("getproplen of a name in the firmware is -1", SPEC, EXPECTED,
	      "getproplen", EITHER, IN(CHOSEN_NODE, FIRMWARE), OUT(IS(-1))),
	CALLS("getproplen on phandle 0 is -1", SPEC, EXPECTED, "getproplen",
	      EITHER, IN(NUM(0), TEXT("name")), OUT(IS(-1))),
	CALLS("getproplen on phandle -1 is -1", SPEC, EXPECTED, "getproplen",
	      EITHER, IN(NUM(-1), TEXT("name")), OUT(IS(-1))),
	CALLS("getproplen on a wild phandle is -1", SPEC, EXPECTED,
	      "getproplen", EITHER, IN(NUM(BAD_HANDLE), TEXT("name")),
	      OUT(IS(-1))),

	CALLS("getprop copies the value and returns its length", SPEC, REQUIRED,
	      "getprop", IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(7)),
	      OUT(IS(7)), BYTES("chosen\0")),
	CALLS("getprop writes nothing after a short value", SPEC, REQUIRED,
	      "getprop", IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(64)),
	      OUT(IS(7)), BYTES("chosen\0")),
	CALLS("getprop returns the full length when it truncates", SPEC,
	      REQUIRED, "getprop",
	      IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(6)), OUT(IS(7)),
	      BYTES("chosen")),
	CALLS("getprop into one byte writes one byte", SPEC, REQUIRED,
	      "getprop", IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(1)),
	      OUT(IS(7)), BYTES("c")),
	CALLS("getprop into no bytes writes nothing", SPEC, REQUIRED, "getprop",
	      IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(0)), OUT(IS(7)),
	      BYTES("")),
	CALLS("getprop of length 0 does not look at the buffer", SPEC, EXPECTED,
	      "getprop", IN(CHOSEN_NODE, TEXT("name"), NUM(0), NUM(0)),
	      OUT(IS(7))),
	CALLS("getprop of a missing property is -1", SPEC, REQUIRED, "getprop",
	      IN(CHOSEN_NODE, TEXT("no-such"), BUFFER, NUM(64)), OUT(IS(-1))),
	CALLS("Linux: getprop of a missing property leaves the buffer alone",
	      "Linux prom_init.c", EXPECTED, "getprop",
	      IN(CHOSEN_NODE, TEXT("no-such"), BUFFER, NUM(64)), OUT(IS(-1)),
	      BYTES("")),
	RUNS("getprop truncates at every length", SPEC, REQUIRED, every_length),
	RUNS("getprop copies to any alignment", SPEC, REQUIRED,
	     every_alignment),
	RUNS("getprop gives back a cell's bytes in their order", SPEC, REQUIRED,
	     numbers_are_big_endian),
	CALLS("GRUB: getprop on phandle -1 fails", "GRUB kern/ieee1275/init.c",
	      EXPECTED, "getprop", EITHER,
	      IN(NUM(-1), TEXT("name"), BUFFER, NUM(64)), OUT(IS(-1)),
	      BYTES("")),
	CALLS("getprop on phandle 0 fails", SPEC, EXPECTED, "getprop", EITHER,
	      IN(NUM(0), TEXT("name"), BUFFER, NUM(64)), OUT(IS(-1)),
	      BYTES("")),
	CALLS("getprop on a wild phandle fails", SPEC, EXPECTED, "getprop",
	      EITHER, IN(NUM(BAD_HANDLE), TEXT("name"), BUFFER, NUM(64)),
	      OUT(IS(-1)), BYTES("")),
	CALLS("getprop of an empty name fails", SPEC, EXPECTED, "getprop",
	      EITHER, IN(CHOSEN_NODE, TEXT(""), BUFFER, NUM(64)), OUT(IS(-1)),
	      BYTES("")),
	CALLS("getprop of a NULL name fails", SPEC, EXPECTED, "getprop", EITHER,
	      IN(CHOSEN_NODE, NUM(0), BUFFER, NUM(64)), OUT(IS(-1)), BYTES("")),
	CALLS("getprop of a name past all memory fails", SPEC, EXPECTED,
	      "getprop", EITHER,
	      IN(CHOSEN_NODE, NUM(0xfffffff0), BUFFER, NUM(64)), OUT(IS(-1)),
	      BYTES("")),
	CALLS("getprop into the firmware's own memory fails", SPEC, EXPECTED,
	      "getprop", EITHER,
	      IN(CHOSEN_NODE, TEXT("name"), FIRMWARE, NUM(7)), OUT(IS(-1))),
	CALLS("getprop to the end of the address space fails", SPEC, EXPECTED,
	      "getprop", EITHER,
	      IN(CHOSEN_NODE, TEXT("name"), NUM(0xfffffffc), NUM(7)),
	      OUT(IS(-1))),
	CALLS("getprop to address -1 fails", SPEC, EXPECTED, "getprop", EITHER,
	      IN(CHOSEN_NODE, TEXT("name"), NUM(-1), NUM(7)), OUT(IS(-1))),
	CALLS("getprop with an absurd buffer length copies the value", SPEC,
	      EXPECTED, "getprop",
	      IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(0x7fffffff)),
	      OUT(IS(7)), BYTES("chosen\0")),
	CALLS("getprop with a buffer length of -1 copies the value", SPEC,
	      EXPECTED, "getprop",
	      IN(CHOSEN_NODE, TEXT("name"), BUFFER, NUM(-1)), OUT(IS(7)),
	      BYTES("chosen\0")),
	RUNS("an ihandle in place of a phandle has no properties", SPEC,
	     EXPECTED, handle_of_another_kind),
	RUNS("handles beside those of nodes have no properties", SPEC, EXPECTED,
	     handles_beside_nodes),
	RUNS("names of 32 bytes to 64 KiB are of no property", SPEC, EXPECTED,
	     long_names),

	RUNS("nextprop names each property once, \"name\" too", SPEC, REQUIRED,
	     walk_names_once),
	RUNS("nextprop of an empty name is the first", SPEC, REQUIRED,
	     first_after_empty),
	RUNS("FreeBSD: nextprop of a NULL pointer is the first",
	     "FreeBSD stand/libofw/ofw_fdt.c", EXPECTED, first_after_null),
	RUNS("nextprop writes the name and its NUL, nothing after 32 bytes",
	     SPEC, REQUIRED, writes_only_the_name),
	RUNS("nextprop is content with 32 bytes in standard nodes",
	     "IEEE 1275 3.2.2.1.1", REQUIRED, needs_32_bytes),
	RUNS("nextprop of any name gives the one that follows", SPEC, REQUIRED,
	     backwards),
	RUNS("nextprop may get one buffer for both names", SPEC, EXPECTED,
	     same_buffer_for_both),
	RUNS("two walks over properties do not disturb each other", SPEC,
	     REQUIRED, two_walks_at_once),
	CALLS("nextprop of an unknown name is -1", SPEC, REQUIRED, "nextprop",
	      IN(CHOSEN_NODE, TEXT("no-such"), BUFFER), OUT(IS(-1))),
	CALLS("nextprop of the beginning of a name is -1", SPEC, REQUIRED,
	      "nextprop", IN(CHOSEN_NODE, TEXT("nam"), BUFFER), OUT(IS(-1))),
	CALLS("nextprop on phandle 0 fails", SPEC, EXPECTED, "nextprop", EITHER,
	      IN(NUM(0), TEXT(""), BUFFER), OUT(NOT(1))),
	CALLS("nextprop on phandle -1 fails", SPEC, EXPECTED, "nextprop",
	      EITHER, IN(NUM(-1), TEXT(""), BUFFER), OUT(NOT(1))),
	CALLS("nextprop on a wild phandle fails", SPEC, EXPECTED, "nextprop",
	      EITHER, IN(NUM(BAD_HANDLE), TEXT(""), BUFFER), OUT(NOT(1))),
	RUNS("nextprop that fails writes no name", SPEC, EXPECTED,
	     writes_no_name),
	RUNS("nextprop of a name past all memory fails", SPEC, EXPECTED,
	     behind_memory),
	CALLS("nextprop into the firmware's own memory fails", SPEC, EXPECTED,
	      "nextprop", EITHER, IN(CHOSEN_NODE, TEXT(""), FIRMWARE),
	      OUT(IS(-1))),
	CALLS("nextprop to the end of the address space fails", SPEC, EXPECTED,
	      "nextprop", EITHER, IN(CHOSEN_NODE, TEXT(""), NUM(0xfffffffe)),
	      OUT(IS(-1))),
	RUNS("after all this the firmware still answers", SPEC, EXPECTED,
	     expect_alive),
};

GROUP("40", "properties", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Writing properties (IEEE 1275-1994 6.3.2.2): setprop. Properties cannot be
// deleted, so cases leave a few short ones in /chosen.

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define NAME_31 "test,31-characters-fit-a-name.."
#define NAME_32 "test,32-characters-are-too-long."

static unsigned char value[CASES_BUFFER];

static uint32_t chosen(void)
{
	return find("/chosen");
}

// Every way of reading the property gives exactly this value.
static void expect_value(uint32_t node, const char *name, const void *want,
			 uint32_t length)
{
	uint32_t room = length + 8;

	memset(value, CASES_FILL, room);
	expect_is(property_length(node, name), length, "getproplen");
	expect_is(get_property(node, name, value, room), length, "getprop");
	expect_bytes(value, want, length, "the value");
	expect_is(value[length], CASES_FILL, "the byte after the value");
}

static void set_to(const char *name, const void *want, uint32_t length)
{
	expect_is(set_property(chosen(), name, want, length), length,
		  "setprop's result");
	expect_value(chosen(), name, want, length);
}

static bool is_listed(uint32_t node, const char *name)
{
	struct properties p = PROPERTIES(node);

	while (property_step(&p))
		if (same_text(p.name, name))
			return true;
	return false;
}

static void creates(void)
{
	set_to("test,new", "four", 4);
	expect(is_listed(chosen(), "test,new"), "nextprop does not name it");
}

static void creates_nothing_twice(void)
{
	struct properties p = PROPERTIES(chosen());
	uint32_t times = 0;

	set_to("test,twice", "1", 1);
	set_to("test,twice", "22", 2);
	while (property_step(&p))
		times += same_text(p.name, "test,twice");
	expect_is(times, 1, "how often nextprop names it");
}

static void replaces(void)
{
	set_to("test,p", "short", 5);
	set_to("test,p", "same!", 5);
	set_to("test,p", "a much longer value than before", 31);
	set_to("test,p", "brief", 5);
	set_to("test,p", "a much longer value than before", 31);
}

static void every_length(void)
{
	uint32_t n, i;

	for (i = 0; i < 300; i++)
		cases_buffer[i] = (unsigned char)(i * 7 + 1);
	for (n = 0; n < 300; n += n < 40 ? 1 : 13)
		set_to("test,grow", cases_buffer + n % 3, n);
	for (n = 290; n; n -= n > 40 ? 11 : 1)
		set_to("test,grow", cases_buffer + n % 5, n);
}

static void sets_nothing(void)
{
	set_to("test,empty", NULL, 0);
	expect(is_listed(chosen(), "test,empty"), "nextprop does not name it");
	set_to("test,empty", "full", 4);
	set_to("test,empty", NULL, 0);
}

// The value is copied: the client's buffer may change afterwards.
static void keeps_its_own_copy(void)
{
	memcpy(cases_buffer, "value", 5);
	expect_is(set_property(chosen(), "test,copy", cases_buffer, 5), 5,
		  "setprop's result");
	memset(cases_buffer, 'X', 5);
	expect_value(chosen(), "test,copy", "value", 5);
}

static void keeps_its_own_name(void)
{
	char name[16] = "test,name-copy";

	expect_is(set_property(chosen(), name, "n", 1), 1, "setprop's result");
	memset(name, 'X', 14);
	expect_value(chosen(), "test,name-copy", "n", 1);
}

static void takes_zeros(void)
{
	set_to("test,zeros", "\0a\0\0b\0\0", 7);
}

// Neighbours keep their values and their order.
static void leaves_others_alone(void)
{
	struct properties p = PROPERTIES(chosen());
	char last[NAME_ROOM] = "";

	set_to("test,left", "left", 4);
	set_to("test,middle", "m", 1);
	set_to("test,right", "right", 5);
	memset(cases_buffer, 'm', 1000);
	set_to("test,middle", cases_buffer, 1000);
	expect_value(chosen(), "test,left", "left", 4);
	expect_value(chosen(), "test,right", "right", 5);
	set_to("test,middle", "m", 1);
	while (property_step(&p))
		put_texts(last, sizeof(last), p.name, "", "");
	expect_value(chosen(), "name", "chosen", 7);
	expect_not(property_length(chosen(), last), MISSING,
		   "the last property's length");
}

static void distinct_in_nodes(void)
{
	uint32_t cpus = find("/cpus");

	set_to("test,where", "chosen", 6);
	expect_is(set_property(cpus, "test,where", "cpus", 4), 4,
		  "setprop on /cpus");
	expect_value(cpus, "test,where", "cpus", 4);
	expect_value(chosen(), "test,where", "chosen", 6);
	expect_is(property_length(find("/"), "test,where"), MISSING,
		  "getproplen of it in the root");
}

static void same_beginnings(void)
{
	set_to("test,beginning", "long", 4);
	set_to("test,begin", "short", 5);
	set_to("test,begi", "other", 5);
	expect_value(chosen(), "test,beginning", "long", 4);
	expect_value(chosen(), "test,begin", "short", 5);
	expect_is(property_length(chosen(), "test,beg"), MISSING,
		  "getproplen of the beginning alone");
}

static void set_in(const char *path, const char *name)
{
	uint32_t node = find(path);

	if (node == MISSING)
		return;
	expect_is(set_property(node, name, "there", 5), 5, path);
	expect_value(node, name, "there", 5);
}

// Linux sets properties of /rtas, displays and the vTPM node.
static void in_any_node(void)
{
	struct walk w = WALK;
	char path[PATH_SIZE];

	set_in("/", "test,p");
	set_in("/rtas", "test,p");
	set_in("/memory", "test,p");
	set_in("/openprom", "test,p");
	set_in("/packages", "test,p");
	while (walk_step(&w) && w.count < 300)
		if (path_of(w.node, path, sizeof(path)) < sizeof(path))
			set_in(path, "test,p");
}

static void options_keep_what_is_set(void)
{
	static char old[NAME_ROOM];
	uint32_t options = find("/options"), length;

	if (!expect_not(options, MISSING, "finddevice of /options"))
		return;
	length = get_property(options, "boot-file", old, sizeof(old));
	expect_is(set_property(options, "boot-file", "linux quiet", 12), 12,
		  "setprop of boot-file");
	expect_value(options, "boot-file", "linux quiet", 12);
	if (length <= sizeof(old))
		set_property(options, "boot-file", old, length);
	else
		set_property(options, "boot-file", "", 1);
}

// Whether the NVRAM contains the text; false if it cannot be read.
static bool is_in_nvram(const char *text)
{
	uint32_t nvram = open_path("nvram"), n = (uint32_t)strlen(text), i;
	bool found = false;

	if (!nvram || nvram == MISSING || nvram == UNTOUCHED)
		return false;
	memset(value, 0, sizeof(value));
	seek_to(nvram, 0);
	read_bytes(nvram, value, sizeof(value));
	close_instance(nvram);
	for (i = 0; i + n <= sizeof(value) && !found; i++)
		found = !memcmp(value + i, text, n);
	return found;
}

// The variables survive a reboot, so setprop must write them to NVRAM.
static void options_go_to_nvram(void)
{
	uint32_t options = find("/options");

	if (!is_in_nvram("boot-command=")) {
		skip("no NVRAM with variables can be read");
		return;
	}
	expect_is(set_property(options, "boot-file", "kept/vmlinux", 13), 13,
		  "setprop of boot-file");
	expect(is_in_nvram("boot-file=kept/vmlinux"), "it is not in NVRAM");
	set_property(options, "boot-file", "", 1);
	expect(!is_in_nvram("boot-file=kept/vmlinux"), "it stays in NVRAM");
}

// Fedora's and RHEL's GRUB does this in every grub_ieee1275_cas_reboot().
static void options_take_new_names(void)
{
	uint32_t options = find("/options");

	if (!expect_not(options, MISSING, "finddevice of /options"))
		return;
	expect_is(set_property(options, "boot-last-label", "linux", 6), 6,
		  "setprop of boot-last-label");
	expect_value(options, "boot-last-label", "linux", 6);
	expect_is(set_property(options, "boot-last-label", NULL, 0), 0,
		  "setprop of no bytes");
}

static void bootargs_are_kept(void)
{
	static char old[2048];
	uint32_t length = get_property(chosen(), "bootargs", old, sizeof(old));

	set_to("bootargs", "root=/dev/sda2 ro", 18);
	if (length <= sizeof(old))
		set_to("bootargs", old, length);
}

// setprop's result must agree with getproplen.
static void all_or_nothing(const char *name, uint32_t got, uint32_t length)
{
	if (got == length)
		expect_is(property_length(chosen(), name), length,
			  "getproplen of what was set");
	else
		expect_is(got, MISSING, "setprop's result");
}

static void odd_names(void)
{
	static const char *const names[] = {
		NAME_32,      "test,with space", "test/with-slash",
		"test:colon", "test@at",	 "test,\x01\xff"
	};
	uint32_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		all_or_nothing(names[i],
			       set_property(chosen(), names[i], "odd", 3), 3);
	expect_alive();
}

static void longest_name(void)
{
	char name[NAME_ROOM] = "", *to = (char *)cases_buffer;
	struct properties p = PROPERTIES(chosen());

	set_to(NAME_31, "31", 2);
	while (property_step(&p))
		if (same_text(p.name, NAME_31))
			break;
		else
			put_texts(name, sizeof(name), p.name, "", "");
	expect_is(ci1("nextprop", 3, p.node, cell(name), cell(to), 0), 1,
		  "nextprop's result");
	expect_bytes(to, NAME_31, 32, "the name");
	expect(buffer_kept(32), "nextprop wrote more than 32 bytes");
}

static void wild_value(void)
{
	set_to("test,safe", "before", 6);
	expect_is(set_property(chosen(), "test,safe",
			       (const void *)(uintptr_t)0xfffffff0, 64),
		  MISSING, "setprop of bytes beyond 4 GiB");
	expect_value(chosen(), "test,safe", "before", 6);
	expect_is(set_property(chosen(), "test,safe", cases_buffer, MISSING),
		  MISSING, "setprop of 4 GiB - 1");
	expect_value(chosen(), "test,safe", "before", 6);
	expect_is(set_property(chosen(), "test,unsafe",
			       (const void *)(uintptr_t)0xfffffff0, 64),
		  MISSING, "setprop of bytes beyond 4 GiB");
	expect_is(property_length(chosen(), "test,unsafe"), MISSING,
		  "getproplen of what was not set");
	expect_alive();
}

static void ihandle_for_a_node(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);

	if (is_node(stdout))
		return;
	expect_is(set_property(stdout, "test,p", "x", 1), MISSING,
		  "setprop on an ihandle");
	expect_alive();
}

// A walk continues while the current property changes size.
static void grows_while_walked(void)
{
	struct properties p = PROPERTIES(chosen()), all = PROPERTIES(chosen());
	uint32_t n = 0, seen = 0;

	set_to("test,walk-1", "1", 1);
	set_to("test,walk-2", "2", 1);
	while (property_step(&all))
		n++;
	while (property_step(&p)) {
		seen++;
		set_to("test,walk-1", cases_buffer, seen * 3);
		set_to("test,walk-2", cases_buffer, 400 - seen);
	}
	expect_is(seen, n, "properties in the walk");
	set_to("test,walk-1", "1", 1);
	set_to("test,walk-2", "2", 1);
}

static void appears_while_walked(void)
{
	struct properties p = PROPERTIES(chosen());
	uint32_t others = 0, before = 0;
	char name[20] = "test,walk-new-a";

	while (property_step(&p))
		before += !has_text(p.name, "test,walk-new");
	p.count = 0;
	p.name[0] = 0;
	while (property_step(&p)) {
		others += !has_text(p.name, "test,walk-new");
		if (p.count < 8) {
			name[14] = (char)('a' + p.count);
			set_to(name, "new", 3);
		}
	}
	expect_is(others, before, "properties that were there before");
}

// LoPAR has names longer than the standard's 31 characters.
static void name_of_47(void)
{
	set_to("test,47-characters-have-to-fit-into-a-name.....", "47", 2);
}

static const struct test_case cases[] = {
	RUNS("setprop creates a property and returns its length", SPEC,
	     REQUIRED, creates),
	RUNS("setprop of an existing name makes no second property", SPEC,
	     REQUIRED, creates_nothing_twice),
	RUNS("setprop replaces a value by a longer and a shorter one", SPEC,
	     REQUIRED, replaces),
	RUNS("setprop takes values that grow and shrink by bytes", SPEC,
	     REQUIRED, every_length),
	RUNS("Linux: setprop of a NULL buffer and no bytes makes a flag",
	     "Linux prom_init.c", EXPECTED, sets_nothing),
	RUNS("setprop copies the value", SPEC, REQUIRED, keeps_its_own_copy),
	RUNS("setprop copies the name", SPEC, REQUIRED, keeps_its_own_name),
	RUNS("setprop keeps zero bytes in a value", SPEC, REQUIRED,
	     takes_zeros),
	RUNS("setprop leaves the other properties alone", SPEC, REQUIRED,
	     leaves_others_alone),
	RUNS("one name in two nodes is two properties", SPEC, REQUIRED,
	     distinct_in_nodes),
	RUNS("names with the same beginning are different properties", SPEC,
	     REQUIRED, same_beginnings),
	RUNS("setprop takes a name of 31 characters", "IEEE 1275 3.2.2.1.1",
	     REQUIRED, longest_name),
	RUNS("setprop takes a name of 47 characters", "LoPAR B.1.1", EXPECTED,
	     name_of_47),
	RUNS("Linux: setprop works in every node", "Linux prom_init.c",
	     EXPECTED, in_any_node),
	RUNS("setprop of /options/boot-file is read back", "IEEE 1275 3.5",
	     EXPECTED, options_keep_what_is_set),
	RUNS("setprop of /options/boot-file goes to the NVRAM", "IEEE 1275 3.5",
	     EXPECTED, options_go_to_nvram),
	RUNS("GRUB: setprop of a new name in /options works",
	     "GRUB (Fedora, RHEL) kern/ieee1275/ieee1275.c", EXPECTED,
	     options_take_new_names),
	RUNS("GRUB, FreeBSD: setprop of /chosen/bootargs is read back",
	     "GRUB loader/powerpc/ieee1275/linux.c", EXPECTED,
	     bootargs_are_kept),
	RUNS("a walk with nextprop survives values that grow and shrink", SPEC,
	     EXPECTED, grows_while_walked),
	RUNS("a walk with nextprop survives new properties", SPEC, EXPECTED,
	     appears_while_walked),
	RUNS("a name that breaks the rules is refused or kept whole",
	     "IEEE 1275 3.2.2.1.1", EXPECTED, odd_names),
	RUNS("setprop of bytes outside of memory changes nothing", SPEC,
	     EXPECTED, wild_value),
	RUNS("setprop on an ihandle fails", SPEC, EXPECTED, ihandle_for_a_node),
	CALLS("setprop on phandle 0 fails", SPEC, EXPECTED, "setprop", EITHER,
	      IN(NUM(0), TEXT("test,p"), TEXT("x"), NUM(1)), OUT(IS(-1))),
	CALLS("setprop on phandle -1 fails", SPEC, EXPECTED, "setprop", EITHER,
	      IN(NUM(-1), TEXT("test,p"), TEXT("x"), NUM(1)), OUT(IS(-1))),
	CALLS("setprop on a wild phandle fails", SPEC, EXPECTED, "setprop",
	      EITHER, IN(NUM(BAD_HANDLE), TEXT("test,p"), TEXT("x"), NUM(1)),
	      OUT(IS(-1))),
	CALLS("setprop of an empty name fails", SPEC, EXPECTED, "setprop",
	      EITHER, IN(NODE("/chosen"), TEXT(""), TEXT("x"), NUM(1)),
	      OUT(IS(-1))),
	CALLS("setprop of a NULL name fails", SPEC, EXPECTED, "setprop", EITHER,
	      IN(NODE("/chosen"), NUM(0), TEXT("x"), NUM(1)), OUT(IS(-1))),
	CALLS("setprop of a name past all memory fails", SPEC, EXPECTED,
	      "setprop", EITHER,
	      IN(NODE("/chosen"), NUM(0xfffffff8), TEXT("x"), NUM(1)),
	      OUT(IS(-1))),
	RUNS("after wrong arguments the firmware still answers", SPEC, EXPECTED,
	     expect_alive),
};

GROUP("41", "setprop", NULL);

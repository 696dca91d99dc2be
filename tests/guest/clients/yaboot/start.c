// SPDX-License-Identifier: BSD-2-Clause
// yaboot's start: /chosen, words for the user interface, heap, /options.

#include "tests/guest/clients/yaboot/yaboot.h"

#define HEAP_TOP 0x10000000u
#define HEAP_STEP 0x40000u
#define HEAP_SIZE 0x100000u
#define STEPS 64

static void starts_at_1_mib(void)
{
	expect_is(GUEST_BASE, 0x100000, "where it is linked");
	expect_is(cell((const void *)guest_main) >> 20, 1, "where it runs");
}

static void chosen_is_complete(void)
{
	static const char *const names[] = { "stdout", "stdin", "memory",
					     "mmu" };
	uint32_t chosen = find("/chosen"), i, instance;

	for (i = 0; i < 4; i++) {
		instance = node_number(chosen, names[i]);
		if (!expect(instance && instance != MISSING, names[i]))
			continue;
		instance = ci1("instance-to-package", 1, instance, 0, 0, 0);
		expect_not(instance, MISSING, "instance-to-package");
	}
}

// Words that yaboot defines for itself; it does not check the result.
static void definitions_are_harmless(void)
{
	uint32_t root = find("/");

	interpret(": D2NIP decode-int nip nip ;");
	interpret(": quoin-test ( -- n ) 1 2 + ;");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void texts_are_read(void)
{
	char text[1024];
	uint32_t chosen = find("/chosen"), n;

	memset(text, 0, sizeof(text));
	n = get_property(chosen, "bootpath", text, sizeof(text));
	expect(n && n <= sizeof(text), "bootpath is missing");
	expect_is(strlen(text) + 1, n, "the size of bootpath");
	memset(text, 0, sizeof(text));
	n = get_property(chosen, "bootargs", text, sizeof(text));
	expect(n <= sizeof(text), "bootargs is missing");
	expect(strlen(text) <= n, "bootargs does not end");
}

// prom_claim() from 256 MiB downward, until there is room.
static uint32_t heap(void)
{
	uint32_t at = HEAP_TOP, i;

	for (i = 0; i < STEPS; i++, at -= HEAP_STEP)
		if (claim(at, HEAP_SIZE, 0) == at)
			return at;
	return 0;
}

// The reader of the console sees whether anything is printed in between.
static void heap_grows_downward(void)
{
	note("claims begin");
	expect_is(heap(), HEAP_TOP, "the first heap");
	expect_is(heap(), HEAP_TOP - HEAP_SIZE, "the second heap");
	expect_is(heap(), HEAP_TOP - 2 * HEAP_SIZE, "the third heap");
	note("claims end");
}

static void options_are_kept(void)
{
	static const char label[] = "linux";
	uint32_t options = find("/options");
	char text[64];

	expect_is(ci1("setprop", 4, options, cell("boot-last-label"),
		      cell(label), sizeof(label)),
		  sizeof(label), "setprop of boot-last-label");
	memset(text, 0, sizeof(text));
	expect_is(get_property(options, "boot-last-label", text, 64),
		  sizeof(label), "getprop of boot-last-label");
	expect_text(text, label, "boot-last-label");
	expect_not(get_property(options, "boot-device", text, 64), MISSING,
		   "getprop of boot-device");
}

static void boot_once_is_cleared(void)
{
	uint32_t options = find("/options");

	expect_is(ci1("setprop", 4, options, cell("boot-once"), 0, 0), 0,
		  "setprop without a value");
	expect_is(ci1("getproplen", 2, options, cell("boot-once"), 0, 0), 0,
		  "getproplen");
}

static void absent_properties_are_missing(void)
{
	uint32_t options = find("/options"), chosen = find("/chosen");
	char text[16];

	expect_is(get_property(options, "linux,yaboot-debug", text, 16),
		  MISSING, "linux,yaboot-debug");
	expect_is(get_property(options, "ibm,fw-nbr-reboots", text, 16),
		  MISSING, "ibm,fw-nbr-reboots");
	expect_is(get_property(chosen, "nas-bootdevice", text, 16), MISSING,
		  "nas-bootdevice");
	expect_is(get_property(chosen, "ibm,client-architecture-support-reboot",
			       text, 16),
		  MISSING, "ibm,client-architecture-support-reboot");
}

#define PROM "yaboot second/prom.c"
#define YABOOT "yaboot second/yaboot.c"

static const struct test_case cases[] = {
	RUNS("yaboot: it is loaded at 1 MiB, where it is linked", YABOOT,
	     EXPECTED, starts_at_1_mib),
	RUNS("yaboot: chosen has stdout, stdin, memory and mmu", PROM, EXPECTED,
	     chosen_is_complete),
	RUNS("yaboot: definitions of words do no harm", PROM, EXPECTED,
	     definitions_are_harmless),
	RUNS("yaboot: bootpath and bootargs are read as strings", YABOOT,
	     EXPECTED, texts_are_read),
	RUNS("yaboot: its heap is claimed from 256 MiB downward", PROM,
	     EXPECTED, heap_grows_downward),
	RUNS("yaboot: options keeps what is set", YABOOT, EXPECTED,
	     options_are_kept),
	RUNS("yaboot: boot-once is set to nothing, from NULL", YABOOT, EXPECTED,
	     boot_once_is_cleared),
	RUNS("yaboot: properties of other firmware are missing", YABOOT,
	     EXPECTED, absent_properties_are_missing),
};

GROUP("10", "start", NULL);

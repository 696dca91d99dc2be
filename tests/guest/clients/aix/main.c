// SPDX-License-Identifier: BSD-2-Clause
// A boot image like AIX's, based on its boot log and its users' recipes: a
// program that runs at its own address and still uses the file at load-base
// that it was loaded from.

#include "tests/guest/clients/aix/aix.h"

// guest.lds: what nothing writes to
extern const char guest_base[], guest_rela_start[];

// ELF gABI 4-3, 5-1: offsets in a 32-bit file's header and program header
#define EI_OSABI 7
#define E_PHOFF 28
#define E_SHOFF 32
#define P_OFFSET 4
#define P_PADDR 12
#define OSABI_MONTEREY 7

static const unsigned char *image(uint32_t at)
{
	return (const unsigned char *)(uintptr_t)(LOAD_BASE + at);
}

uint32_t image_size(void)
{
	return guest_argument_number("image", 0);
}

uint32_t program_size(void)
{
	return guest_argument_number("program", 0);
}

static void expect_words(void)
{
	uint32_t at = program_size(), end = image_size();

	for (; at < end; at += 4)
		if (guest_be32(image(at)) != at / 4)
			break;
	expect_is(at, end, "the words after the program are whole up to");
}

void expect_image(void)
{
	uint32_t segment = guest_be32(image(E_PHOFF));
	uint32_t constant = (uint32_t)(guest_rela_start - guest_base);

	expect_bytes(image(0), "\177ELF\1\2\1\7", 8, "the file's first bytes");
	if (!expect_is(segment, 52, "where the program header is"))
		return;
	expect_bytes(image(guest_be32(image(segment + P_OFFSET))), guest_base,
		     constant, "the program in the file");
	expect_words();
}

static void runs_where_it_is_linked(void)
{
	uint32_t segment = guest_be32(image(E_PHOFF));

	expect_is(image(0)[EI_OSABI], OSABI_MONTEREY, "EI_OSABI");
	expect_is(guest_be32(image(E_SHOFF)), 0, "e_shoff");
	expect_is(guest_be32(image(segment + P_PADDR)), cell(guest_base),
		  "p_paddr");
	expect_is(cell(guest_base), GUEST_BASE, "where it runs");
}

// PowerPC binding 8.2: MSR bits EE, PR, IR, DR clear; ME set
static void is_entered_in_real_mode(void)
{
	uint32_t msr = (uint32_t)guest_entry.msr;

	expect_is(msr & 0xc030, 0, "MSR bits EE, PR, IR and DR");
	expect_is(msr & 0x1000, 0x1000, "MSR bit ME");
	expect_is(guest_entry.gpr[1] & 15, 0, "the stack's alignment");
	expect_is(guest_entry.gpr[3] | guest_entry.gpr[4], 0, "r3 and r4");
}

static void image_is_at_load_base(void)
{
	char text[16];

	text_property("/options", "load-base", text, sizeof(text));
	expect_text(text, "16384", "load-base in /options");
	expect_not(image_size(), 0, "the image's size in the arguments");
	expect_image();
}

static void names_the_machine(void)
{
	char text[PATH_SIZE];

	text_property("/", "compatible", text, sizeof(text));
	expect_text(text, "qemu,pseries", "compatible");
	text_property("/", "device_type", text, sizeof(text));
	expect_text(text, "chrp", "device_type");
	text_property("/", "vm,uuid", text, sizeof(text));
	expect_is(strlen(text), 36, "the length of vm,uuid");
}

static void lists_hypercalls(void)
{
	static const char wanted[] = "hcall-multi-tce";
	char *text = (char *)cases_buffer;
	uint32_t n = get_property(find("/rtas"), "ibm,hypertas-functions", text,
				  4096);
	uint32_t i = 0;

	if (!expect(n && n <= 4096, "ibm,hypertas-functions is missing"))
		return;
	expect_is((unsigned char)text[n - 1], 0, "the list's last byte");
	while (i < n && !same_text(text + i, wanted))
		i += (uint32_t)strlen(text + i) + 1;
	expect(i < n, "hcall-multi-tce is missing");
}

// The path is the one that the firmware reports for the device itself.
static void boot_path_is_canonical(void)
{
	uint32_t node = find(boot_device());
	char path[PATH_SIZE];

	text_property("/chosen", "bootpath", path, sizeof(path));
	note(path);
	if (!expect_not(node, MISSING, "the boot path's node"))
		return;
	memset(path, 0, sizeof(path));
	ci1("package-to-path", 3, node, cell(path), sizeof(path), 0);
	expect_text(path, boot_device(), "the node's path");
	text_property(path, "device_type", (char *)cases_buffer, 64);
	expect_text((char *)cases_buffer, "block", "device_type");
}

static void arguments_are_a_string(void)
{
	char text[64];
	uint32_t n;

	memset(text, 0x7f, sizeof(text));
	n = get_property(find("/chosen"), "bootargs", text, sizeof(text));
	if (!expect(n && n <= sizeof(text), "bootargs is missing"))
		return;
	expect_is((unsigned char)text[n - 1], 0, "the last byte of bootargs");
	expect_is(strlen(text), n - 1, "the length of bootargs");
	note("bootargs:");
	note(text);
}

// Only the user's recipe creates it: an empty property of the root.
static void diagnostics_are_asked_for(void)
{
	uint32_t n = ci1("getproplen", 2, find("/"),
			 cell("ibm,aix-diagnostics"), 0, 0);

	note(n == MISSING ? "no ibm,aix-diagnostics" : "ibm,aix-diagnostics");
	expect(!n || n == MISSING, "ibm,aix-diagnostics is not empty");
}

static void console_is_a_terminal(void)
{
	static const char banner[] = "\r\nAIX\r\n";
	uint32_t in = guest_number("/chosen", "stdin", 0);
	uint32_t out = guest_number("/chosen", "stdout", 0);
	char type[16];

	memset(type, 0, sizeof(type));
	get_property(ci1("instance-to-package", 1, in, 0, 0, 0), "device_type",
		     type, sizeof(type) - 1);
	expect_text(type, "serial", "the device type of stdin");
	expect_is(write_bytes(out, banner, sizeof(banner) - 1),
		  sizeof(banner) - 1, "what write says");
}

static void expect_type(const char *chosen, const char *type)
{
	uint32_t instance = guest_number("/chosen", chosen, 0);
	uint32_t node = ci1("instance-to-package", 1, instance, 0, 0, 0);
	char text[32];

	memset(text, 0, sizeof(text));
	get_property(node, type ? "device_type" : "name", text,
		     sizeof(text) - 1);
	expect_text(text, type ? type : chosen, chosen);
}

static void chosen_has_instances(void)
{
	expect_type("memory", "memory");
	expect_type("cpu", "cpu");
	expect_type("mmu", NULL);
}

#define LOG "AIX boot log"

static const struct test_case cases[] = {
	RUNS("AIX: an image with OSABI 7 and no sections runs at p_paddr", LOG,
	     EXPECTED, runs_where_it_is_linked),
	RUNS("AIX: the client is entered in real mode, without an initrd",
	     "PowerPC binding 8.2", REQUIRED, is_entered_in_real_mode),
	RUNS("AIX: the whole image is at load-base 0x4000", LOG, EXPECTED,
	     image_is_at_load_base),
	RUNS("AIX: the root says which machine it is", LOG, EXPECTED,
	     names_the_machine),
	RUNS("AIX: hcall-multi-tce is listed", LOG, EXPECTED, lists_hypercalls),
	RUNS("AIX: bootpath is the boot device's canonical path",
	     "IEEE 1275 3.5", REQUIRED, boot_path_is_canonical),
	RUNS("AIX: bootargs is one string", "IEEE 1275 3.5", REQUIRED,
	     arguments_are_a_string),
	RUNS("AIX: ibm,aix-diagnostics is empty where the user made it",
	     "AIX users' boot-command", EXPECTED, diagnostics_are_asked_for),
	RUNS("AIX: stdin and stdout are a terminal", LOG, EXPECTED,
	     console_is_a_terminal),
	RUNS("AIX: chosen has instances of memory, cpu and mmu",
	     "IEEE 1275 3.5", REQUIRED, chosen_has_instances),
};

GROUP("10", "start", NULL);

int guest_main(void)
{
	cases_main();
}

// SPDX-License-Identifier: BSD-2-Clause
// The nodes that the firmware makes (IEEE 1275-1994 3.5 standard system nodes)
// with the properties that known clients read.

#include "tests/guest/conformance/walk.h"

#define NODES "IEEE 1275 3.5"

static char text[4096];

// Reads a property as text; true if its only NUL is at its end.
static bool read_text(uint32_t node, const char *name)
{
	uint32_t n;

	memset(text, 0, sizeof(text));
	n = get_property(node, name, text, sizeof(text) - 1);
	return n && n < sizeof(text) && strlen(text) == n - 1;
}

static void expect_texts(const char *path, const char *const *names)
{
	uint32_t node = find(path);

	for (expect_not(node, MISSING, path); *names; names++)
		expect(read_text(node, *names), *names);
}

static uint32_t number_of(uint32_t node, const char *name)
{
	unsigned char value[4] = { 0 };

	expect_is(get_property(node, name, value, 4), 4, name);
	return guest_be32(value);
}

static void root_says_what_it_is(void)
{
	uint32_t root = find("/");

	expect(read_text(root, "model"), "model is no text");
	expect(read_text(root, "compatible") || strlen(text),
	       "compatible is no text");
	expect_not(property_length(root, "name"), MISSING, "name");
}

static void root_has_cells(void)
{
	uint32_t root = find("/");

	expect(number_of(root, "#address-cells") - 1 < 2,
	       "#address-cells is neither 1 nor 2");
	expect(number_of(root, "#size-cells") - 1 < 2,
	       "#size-cells is neither 1 nor 2");
}

static void root_is_chrp(void)
{
	if (!needs_pseries())
		return;
	expect(read_text(find("/"), "device_type"), "device_type");
	expect_text(text, "chrp", "device_type of the root");
	expect(read_text(find("/"), "model"), "model");
	expect(!memcmp(text, "IBM", 3), "model does not begin with IBM");
}

// GRUB asks for more memory by ibm,client-architecture-support if a name in
// compatible begins with "IBM,". QEMU's machine has none.
static void root_is_qemus(void)
{
	if (!needs_pseries())
		return;
	text_property("/", "model", text, sizeof(text));
	if (!same_text(text, "IBM pSeries (emulated by qemu)")) {
		skip("the machine is not QEMU's");
		return;
	}
	text_property("/", "compatible", text, sizeof(text));
	expect_text(text, "qemu,pseries", "compatible");
}

static void openprom_has_model(void)
{
	static const char *const names[] = { "model", NULL };

	expect_texts("/openprom", names);
	expect_is(property_length(find("/openprom"), "relative-addressing"), 0,
		  "getproplen of relative-addressing");
}

static void openprom_is_no_old_one(void)
{
	text_property("/openprom", "model", text, sizeof(text));
	expect(!same_text(text, "Open Firmware, 1.0.5"),
	       "Linux works around this model");
	expect(!has_text(text, "FirmWorks,3."),
	       "Linux works around this model");
	expect(!same_text(text, "OpenFirmware 3"),
	       "OpenBSD takes this model for a Macintosh");
	expect(text[0] < '0' || text[0] > '9', "the model begins with a digit");
}

static void chosen_is_no_alias(void)
{
	uint32_t node = find("/chosen");

	expect_not(node, MISSING, "finddevice of /chosen");
	expect_text((read_text(node, "name"), text), "chosen", "its name");
}

// Each is one cell: an ihandle whose package has a path.
static uint32_t chosen_package(const char *name)
{
	char path[PATH_SIZE];
	uint32_t ihandle, package;

	ihandle = number_of(find("/chosen"), name);
	expect_not(ihandle, 0, name);
	expect_not(ihandle, MISSING, name);
	package = ci1("instance-to-package", 1, ihandle, 0, 0, 0);
	expect(is_node(package), name);
	path_of(package, path, sizeof(path));
	expect_is(find(path), package, name);
	return package;
}

static void chosen_terminal(const char *name)
{
	uint32_t package = chosen_package(name);

	expect(read_text(package, "device_type"), "device_type");
	expect(same_text(text, "serial") || same_text(text, "display") ||
		       same_text(text, "keyboard"),
	       "device_type is neither serial, display nor keyboard");
}

static void chosen_stdout(void)
{
	chosen_terminal("stdout");
}

static void chosen_stdin(void)
{
	chosen_terminal("stdin");
}

static void chosen_memory(void)
{
	uint32_t package = chosen_package("memory");

	expect(read_text(package, "device_type"), "device_type");
	expect_text(text, "memory", "device_type");
	expect_not(property_length(package, "reg"), MISSING, "reg");
	expect_not(property_length(package, "available"), MISSING, "available");
}

static void chosen_mmu(void)
{
	uint32_t package = chosen_package("mmu");

	expect_not(property_length(package, "translations"), MISSING,
		   "translations");
}

static void chosen_cpu(void)
{
	uint32_t package = chosen_package("cpu");

	expect_is(parent_of(package), find("/cpus"), "the parent");
	expect_is(property_length(package, "reg"), 4, "the length of reg");
}

static void chosen_boot(void)
{
	static const char *const names[] = { "bootpath", "bootargs", NULL };

	expect_texts("/chosen", names);
}

static void options_are_texts(void)
{
	static const char *const names[] = {
		"auto-boot?",	"boot-command",	 "boot-device",
		"boot-file",	"diag-device",	 "diag-file",
		"diag-switch?", "input-device",	 "nvramrc",
		"oem-banner",	"oem-banner?",	 "oem-logo?",
		"load-base",	"output-device", "screen-#columns",
		"screen-#rows", "use-nvramrc?",	 NULL
	};

	expect_texts("/options", names);
}

static bool is_decimal(const char *digits)
{
	if (!*digits)
		return false;
	for (; *digits; digits++)
		if (*digits < '0' || *digits > '9')
			return false;
	return true;
}

static void options_are_numbers(void)
{
	static const char *const names[] = { "load-base", "screen-#columns",
					     "screen-#rows" };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		read_text(find("/options"), names[i]);
		expect(is_decimal(text), names[i]);
		expect(!same_text(text, "0"), names[i]);
	}
}

// The loader compares five bytes; GRUB accepts any value.
static void real_mode(void)
{
	if (!needs_pseries())
		return;
	expect_is(get_property(find("/options"), "real-mode?", text, 16), 5,
		  "the length of real-mode?");
	expect_bytes(text, "true", 5, "real-mode?");
}

static void aliases_are_paths(void)
{
	struct properties p = PROPERTIES(find("/aliases"));

	while (property_step(&p)) {
		if (same_text(p.name, "name") || same_text(p.name, "phandle"))
			continue;
		expect(read_text(p.node, p.name), p.name);
		expect(text[0] == '/', p.name);
	}
}

// GRUB uses an alias as a disk's name, and its value as a path.
static void aliases_name_nodes(void)
{
	struct properties p = PROPERTIES(find("/aliases"));

	while (property_step(&p)) {
		if (same_text(p.name, "name") || same_text(p.name, "phandle"))
			continue;
		read_text(p.node, p.name);
		expect_not(find(text), MISSING, p.name);
		expect_is(find(p.name), find(text), p.name);
	}
}

static bool has_alias(uint32_t node)
{
	struct properties p = PROPERTIES(find("/aliases"));

	while (property_step(&p))
		if (!same_text(p.name, "name") && find(p.name) == node)
			return true;
	return false;
}

static bool is_type(uint32_t node, const char *type)
{
	return read_text(node, "device_type") && same_text(text, type);
}

// GRUB finds disks below a vscsi node by a method, others only by alias.
static void disks_have_aliases(void)
{
	struct walk w = WALK;
	uint32_t disks = 0;

	while (walk_step(&w)) {
		if (!is_type(w.node, "block") ||
		    is_type(parent_of(w.node), "vscsi"))
			continue;
		disks++;
		expect_of(w.node, has_alias(w.node), "a disk without alias");
	}
	if (!disks)
		skip("there is no disk");
}

// The hypervisor's; a terminal substitute elsewhere has no alias.
static bool is_vty(uint32_t node)
{
	return is_type(node, "serial") && is_type(parent_of(node), "vdevice");
}

static void console_alias(void)
{
	struct walk w = WALK;

	if (!needs_pseries())
		return;
	while (walk_step(&w))
		if (is_vty(w.node))
			break;
	if (!is_vty(w.node)) {
		skip("there is no terminal");
		return;
	}
	expect(is_type(find("hvterm"), "serial"), "hvterm is no terminal");
}

static void packages(void)
{
	uint32_t label = find("/packages/disk-label");

	expect_not(child_of(find("/packages")), 0, "the first child");
	expect_not(label, MISSING, "finddevice of /packages/disk-label");
	expect_is(find("/packages/disk-label:1,\\file"), label,
		  "a support package with arguments");
}

static const struct test_case cases[] = {
	RUNS("Linux: the root has name, model and compatible",
	     "Linux prom_init.c", EXPECTED, root_says_what_it_is),
	RUNS("Linux: the root says how many cells addresses and sizes have",
	     "Linux prom_init.c", EXPECTED, root_has_cells),
	RUNS("Linux: the root's device_type is chrp", "Linux prom_init.c",
	     EXPECTED, root_is_chrp),
	RUNS("GRUB: no IBM, in compatible on QEMU", "GRUB ieee1275/cmain.c",
	     EXPECTED, root_is_qemus),
	RUNS("/openprom has model and relative-addressing", NODES, REQUIRED,
	     openprom_has_model),
	RUNS("Linux, OpenBSD: /openprom is none of those with workarounds",
	     "Linux prom_init.c", EXPECTED, openprom_is_no_old_one),
	RUNS("/chosen is there", NODES, REQUIRED, chosen_is_no_alias),
	RUNS("/chosen stdout is an instance of a terminal", NODES, REQUIRED,
	     chosen_stdout),
	RUNS("/chosen stdin is an instance of a terminal", NODES, REQUIRED,
	     chosen_stdin),
	RUNS("FreeBSD, yaboot: /chosen memory is an instance of the memory",
	     "FreeBSD stand/libofw/openfirm.c", EXPECTED, chosen_memory),
	RUNS("FreeBSD, yaboot: /chosen mmu is an instance with translations",
	     "FreeBSD stand/libofw/openfirm.c", EXPECTED, chosen_mmu),
	RUNS("Linux: /chosen cpu is an instance of a child of /cpus",
	     "Linux prom_init.c", EXPECTED, chosen_cpu),
	RUNS("GRUB: /chosen has bootpath and bootargs, empty ones at least",
	     "GRUB kern/ieee1275/init.c", EXPECTED, chosen_boot),
	RUNS("/options has the configuration variables as texts", NODES,
	     EXPECTED, options_are_texts),
	RUNS("GRUB: numbers in /options are decimal texts",
	     "GRUB term/ieee1275/console.c", EXPECTED, options_are_numbers),
	RUNS("FreeBSD, GRUB: real-mode? in /options is \"true\"",
	     "FreeBSD stand/libofw/openfirm.c", EXPECTED, real_mode),
	CALLS("/aliases is there", NODES, REQUIRED, "finddevice",
	      IN(TEXT("/aliases")), OUT(HANDLE)),
	RUNS("each alias is a full path", NODES, REQUIRED, aliases_are_paths),
	RUNS("GRUB: each alias leads to a node", "GRUB ieee1275/openfw.c",
	     EXPECTED, aliases_name_nodes),
	RUNS("GRUB: each disk has an alias", "GRUB disk/ieee1275/ofdisk.c",
	     EXPECTED, disks_have_aliases),
	RUNS("GRUB: hvterm is the alias of a terminal",
	     "GRUB term/ieee1275/serial.c", EXPECTED, console_alias),
	CALLS("/packages is there", NODES, REQUIRED, "finddevice",
	      IN(TEXT("/packages")), OUT(HANDLE)),
	RUNS("/packages has the support package for disks", "IEEE 1275 3.8",
	     EXPECTED, packages),
};

GROUP("25", "nodes", NULL);

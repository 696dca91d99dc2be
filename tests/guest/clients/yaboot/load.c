// SPDX-License-Identifier: BSD-2-Clause
// yaboot's files: a configuration and a kernel, read by byte positions from the
// boot partition or from a disc's files, to memory found by an upward search.

#include "tests/guest/clients/yaboot/yaboot.h"

#define CONFIG_SIZE 512u
#define CONFIG_AT 0x8000u // on the partition
#define TRIES 10
#define STEP (1u << 20)
#define KERNEL_LOWEST 0x100000u
#define INITRD_PIECE 0x10000u
#define PAGE 4096u
#define ODD 7777u // no multiple of anything

struct kernel kernel;

static char config[CONFIG_SIZE + 1];
static unsigned char *image; // the claimed memory

// prom_read(): a read of 0 bytes is repeated after a while.
static uint32_t patient_read(uint32_t instance, void *to, uint32_t n)
{
	uint32_t got = 0, i;

	for (i = 0; i < TRIES && !got; i++) {
		if (i)
			interpret(" 10 ms");
		got = read_bytes(instance, to, n);
	}
	return got;
}

static void paths_with_arguments_are_found(void)
{
	const char *device = boot_device();
	uint32_t node = find(device);

	expect_not(node, MISSING, "the boot device");
	expect_is(find(with_argument(device, "2")), node, "with a partition");
	expect_is(find(with_argument(device, "2,\\etc\\yaboot.conf")), node,
		  "with a file");
	expect_is(find(with_argument(device, "")), node, "with a colon");
}

static void block_size_is_told(void)
{
	uint32_t disk = open_path(with_argument(boot_device(), "0")), size;

	if (!expect(disk && disk != MISSING, "the boot device does not open"))
		return;
	expect_is(call_method("block-size", disk, 0, NULL, 1, &size), 0,
		  "catch-result");
	expect_is(size, booted_from_file() ? 2048 : 512, "block-size");
	close_instance(disk);
}

// The number after NAME= in the configuration; 0 if there is none.
static uint32_t setting(const char *name)
{
	uint32_t n = (uint32_t)strlen(name), number = 0;
	const char *c;

	for (c = config; *c; c++)
		if (strlen(c) > n && !memcmp(c, name, n) && c[n] == '=')
			break;
	if (!*c)
		return 0;
	for (c += n + 1; *c >= '0' && *c <= '9'; c++)
		number = number * 10 + (uint32_t)(*c - '0');
	return number;
}

static void configuration_is_read(void)
{
	bool file = booted_from_file();
	uint32_t from = open_path(with_argument(
		boot_device(), file ? ",\\etc\\yaboot.cnf" : "2"));

	if (!expect(from && from != MISSING, "it does not open"))
		return;
	expect_not(seek_to(from, file ? 0 : CONFIG_AT), MISSING, "seek");
	expect_not(patient_read(from, config, CONFIG_SIZE), MISSING, "read");
	close_instance(from);
	kernel.argument = file ? ",\\etc\\linux" : "2";
	kernel.at = setting("at");
	kernel.size = setting("size");
	expect_is(memcmp(config, "image=", 6), 0, "its start");
	expect(kernel.size > 2 * ODD, "the kernel's size in it");
}

// Searches upward from yaboot itself, but not the rest of its own MiB.
static void kernel_memory_is_found(void)
{
	uint32_t at;

	note("claims begin");
	for (at = KERNEL_LOWEST; at < 512 * STEP; at += STEP)
		if (claim(at, kernel.size, 0) == at)
			break;
	note("claims end");
	expect_is(at, KERNEL_LOWEST + STEP, "where there is room");
	image = (unsigned char *)(uintptr_t)at;
}

static void kernel_is_loaded(void)
{
	uint32_t from, n, at;

	if (!expect(image && kernel.size, "there is nothing to load"))
		return;
	from = open_path(with_argument(boot_device(), kernel.argument));
	if (!expect(from && from != MISSING, "it does not open"))
		return;
	memset(image, 0, kernel.size);
	for (at = 0; at < kernel.size; at += n) {
		n = kernel.size - at < ODD ? kernel.size - at : ODD;
		expect_not(seek_to(from, kernel.at + at), MISSING, "seek");
		if (!expect_is(patient_read(from, image + at, n), n, "read"))
			break;
	}
	close_instance(from);
	expect(is_disk_data(image, kernel.at, kernel.size), "what was read");
}

// Each piece of the initrd directly after the previous one.
static void initrd_grows(void)
{
	uint32_t end = cell(image) + kernel.size, start, i;

	start = (end + PAGE - 1) / PAGE * PAGE;
	for (i = 0; i < 16; i++, start += INITRD_PIECE)
		if (!expect_is(claim(start, INITRD_PIECE, 0), start, "claim"))
			return;
	expect_is(claim(start - 1, 2, 0), MISSING, "a claim of the last byte");
}

static void network_may_be_absent(void)
{
	static const char name[] = "net:192.168.1.1,\\boot\\yaboot.conf,,,2,2";
	uint32_t instance = open_path(name);

	expect_not(instance, MISSING, "the instance");
	if (instance && instance != MISSING)
		close_instance(instance);
	expect_is(find(name), find("net"), "finddevice with arguments");
	expect_not(find("/"), MISSING, "finddevice afterwards");
}

#define FILES "yaboot second/fs_of.c"
#define YABOOT "yaboot second/yaboot.c"

static const struct test_case cases[] = {
	RUNS("yaboot: a device is found with arguments after it", FILES,
	     EXPECTED, paths_with_arguments_are_found),
	RUNS("yaboot: block-size of the boot device", FILES, EXPECTED,
	     block_size_is_told),
	RUNS("yaboot: a network that is not there does not open", FILES,
	     EXPECTED, network_may_be_absent),
	RUNS("yaboot: the configuration is read from the boot partition",
	     "yaboot second/file.c", EXPECTED, configuration_is_read),
	RUNS("yaboot: memory for the kernel is looked for upward by 1 MiB",
	     YABOOT, EXPECTED, kernel_memory_is_found),
	RUNS("yaboot: the kernel is read by byte positions", YABOOT, EXPECTED,
	     kernel_is_loaded),
	RUNS("yaboot: memory for the initrd follows, piece by piece", YABOOT,
	     EXPECTED, initrd_grows),
};

GROUP("40", "load", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// An ihandle's package and path (IEEE 1275-1994 6.3.2.2), and the ihandles of
// /chosen.

#include "tests/guest/conformance/io.h"

#define TREE "IEEE 1275 6.3.2.2"

static void chosen_package(const char *name, const char *type)
{
	uint32_t ihandle = guest_number("/chosen", name, 0);
	char found[16];

	expect_not(ihandle, 0, name);
	memset(found, 0, sizeof(found));
	get_property(node_of(ihandle), "device_type", found, sizeof(found));
	expect_text(found, type, name);
}

static void chosen_memory(void)
{
	chosen_package("memory", "memory");
	expect_is(node_of(guest_number("/chosen", "memory", 0)),
		  find("/memory"), "its package");
}

static void chosen_cpu(void)
{
	chosen_package("cpu", "cpu");
}

static void chosen_mmu(void)
{
	uint32_t mmu = guest_number("/chosen", "mmu", 0);

	expect_not(node_of(mmu), MISSING, "the package of mmu");
}

// Expects a path and NUL from a service, and nothing after the buffer.
static void expect_path(const char *service, uint32_t ihandle, const char *path,
			uint32_t size)
{
	uint32_t n = strlen(path), kept = n < size ? n : size, i;

	memset(cases_buffer, CASES_FILL, CASES_BUFFER);
	expect_is(path_by(service, ihandle, cases_buffer, size), n,
		  "the path's length");
	expect_bytes(cases_buffer, path, kept, "the path");
	if (n < size)
		expect_is(cases_buffer[n], 0, "the byte after the path");
	for (i = size; i < CASES_BUFFER && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, CASES_BUFFER, "bytes after the buffer are kept up to");
}

static const uint32_t path_sizes[] = { 0, 1, 2, 1024, CASES_BUFFER };
#define PATH_SIZES (sizeof(path_sizes) / sizeof(path_sizes[0]))

static void instance_paths(const char *args)
{
	uint32_t disk = open_disk(args), n, i;
	char path[PATH_SIZE + 64];

	if (!disk)
		return;
	n = strlen(disk_path(args));
	memcpy(path, disk_path(args), n + 1);
	for (i = 0; i < PATH_SIZES; i++)
		expect_path("instance-to-path", disk, path, path_sizes[i]);
	expect_path("instance-to-path", disk, path, n);
	expect_path("instance-to-path", disk, path, n + 1);
	expect_path("instance-to-path", disk, path, n - 1);
	close_instance(disk);
}

static void plain_path(void)
{
	instance_paths(NULL);
}

static void path_with_arguments(void)
{
	instance_paths("0");
}

#define LONG_ARGUMENTS 900

static void long_arguments(void)
{
	static char path[LONG_ARGUMENTS + 3] = "/:";
	uint32_t root;

	memset(path + 2, 'x', LONG_ARGUMENTS);
	root = open_path(path);
	if (!root || root == MISSING) {
		skip("the root takes no such arguments");
		return;
	}
	// The standard leaves open what "/:" names.
	if (ci1("instance-to-package", 1, root, 0, 0, 0) == find("/")) {
		expect_path("instance-to-path", root, path, sizeof(path));
		expect_path("instance-to-path", root, path, 100);
	} else {
		skip("such a path is of another node");
	}
	close_instance(root);
}

static void root_path(void)
{
	uint32_t root = open_path("/");

	expect_path("instance-to-path", root, "/", 16);
	close_instance(root);
}

static void path_rest_is_cleared(void)
{
	uint32_t disk = open_disk(NULL), n, i;

	if (!disk)
		return;
	n = path_by("instance-to-path", disk, cases_buffer, 512);
	for (i = n; i < 512 && !cases_buffer[i]; i++)
		;
	expect_is(i, 512, "the buffer is zero up to");
	expect_is(cases_buffer[512], CASES_FILL, "the byte after the buffer");
	close_instance(disk);
}

// A length larger than memory: the call returns the path or fails.
static void huge_buffer(const char *service, uint32_t root, uint32_t size)
{
	uint32_t n;

	memset(cases_buffer, CASES_FILL, 64);
	n = path_by(service, root, cases_buffer, size);
	if (n == MISSING)
		return;
	expect_is(n, 1, "the length");
	expect_bytes(cases_buffer, "/", 2, "the path");
}

static void paths_to_huge_buffers(void)
{
	static const uint32_t sizes[] = { 0x7fffffff, 0x80000000, MISSING };
	uint32_t root = open_path("/"), i;

	for (i = 0; i < 3; i++) {
		huge_buffer("instance-to-path", root, sizes[i]);
		if (has_service("instance-to-interposed-path"))
			huge_buffer("instance-to-interposed-path", root,
				    sizes[i]);
	}
	close_instance(root);
	expect_alive();
}

static void path_to_no_buffer(void)
{
	uint32_t root = open_path("/");

	expect_is(ci1("instance-to-path", 3, root, 0, 0, 0), 1,
		  "instance-to-path of length 0 at NULL");
	if (has_service("instance-to-interposed-path"))
		expect_is(ci1("instance-to-interposed-path", 3, root, 0, 0, 0),
			  1, "instance-to-interposed-path, the same");
	close_instance(root);
}

static void closed_has_no_interposed_path(void)
{
	uint32_t ihandle = stale_instance();

	if (!has_service("instance-to-interposed-path"))
		skip("the firmware has no such service");
	else if (ihandle)
		expect_is(path_by("instance-to-interposed-path", ihandle,
				  cases_buffer, 64),
			  MISSING, "the path of a closed instance");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
}

static uint32_t path_handle;
static const char *path_service;

static void path_to_bad_place(const struct bad_place *place)
{
	uint32_t n =
		ci1(path_service, 3, path_handle, place->at, place->length, 0);

	expect_is(n, MISSING, place->name);
}

static void paths_to_wild_buffers(void)
{
	path_handle = open_path("/");
	path_service = "instance-to-path";
	for_bad_places(path_to_bad_place);
	path_service = "instance-to-interposed-path";
	if (has_service(path_service))
		for_bad_places(path_to_bad_place);
	close_instance(path_handle);
}

static void interposed_path(void)
{
	uint32_t disk, n;
	const char *base;

	if (!has_service("instance-to-interposed-path")) {
		skip("the firmware has no such service");
		return;
	}
	disk = open_disk("0");
	if (!disk)
		return;
	base = disk_path(NULL);
	n = path_by("instance-to-interposed-path", disk, cases_buffer, 512);
	expect(n >= strlen(base) && n < 512, "the length is not that of the "
					     "device's path or more");
	expect_bytes(cases_buffer, base, strlen(base), "the device's path");
	expect_is(strlen((char *)cases_buffer), n, "the text's length");
	// A short buffer gets the start, and the length is the same.
	memset(cases_buffer, CASES_FILL, CASES_BUFFER);
	expect_is(path_by("instance-to-interposed-path", disk, cases_buffer, 5),
		  n, "the length with a short buffer");
	expect_bytes(cases_buffer, base, 5, "the path's start");
	expect_is(cases_buffer[5], CASES_FILL, "the byte after the buffer");
	close_instance(disk);
}

#define NO_INSTANCE(service_, name_, handle_)                                  \
	CALLS(service_ " of " name_ " is -1", TREE, EXPECTED, service_,        \
	      IN(handle_, BUFFER, NUM(64)), OUT(IS(-1)), EITHER, BYTES(""))
#define NO_PACKAGE(name_, handle_)                                             \
	CALLS("Linux: instance-to-package of " name_ " is -1",                 \
	      "Linux prom_init.c", EXPECTED, "instance-to-package",            \
	      IN(handle_), OUT(IS(-1)), EITHER)

static void label_in_path(void)
{
	uint32_t disk;

	if (find("/packages/disk-label") == MISSING ||
	    !has_service("instance-to-interposed-path")) {
		skip("there is no disk-label, or no such service");
		return;
	}
	disk = open_disk("0");
	if (!disk)
		return;
	memset(cases_buffer, 0, 512);
	path_by("instance-to-interposed-path", disk, cases_buffer, 511);
	expect(has_text((char *)cases_buffer, "/%disk-label"),
	       "the path shows no disk-label");
	memset(cases_buffer, 0, 512);
	path_by("instance-to-path", disk, cases_buffer, 511);
	expect(!has_text((char *)cases_buffer, "%"),
	       "the plain path shows what is interposed");
	close_instance(disk);
}

static const struct test_case cases[] = {
	RUNS("/chosen memory is an instance of /memory", "IEEE 1275 3.5",
	     REQUIRED, chosen_memory),
	RUNS("/chosen mmu is an instance", "IEEE 1275 3.5", REQUIRED,
	     chosen_mmu),
	RUNS("Linux: /chosen cpu is an instance of a processor",
	     "Linux prom_init.c", EXPECTED, chosen_cpu),
	RUNS("instance-to-path gives a device's path, cut to the buffer", TREE,
	     REQUIRED, plain_path),
	RUNS("instance-to-path gives the arguments, too", TREE, EXPECTED,
	     path_with_arguments),
	RUNS("instance-to-path gives arguments of 900 bytes", TREE, EXPECTED,
	     long_arguments),
	RUNS("instance-to-path of the root is /", TREE, REQUIRED, root_path),
	RUNS("GRUB: instance-to-path clears the rest of the buffer",
	     "GRUB kern/ieee1275/openfw.c", EXPECTED, path_rest_is_cleared),
	RUNS("a path into memory that is not the client's is -1", TREE,
	     EXPECTED, paths_to_wild_buffers),
	RUNS("a path of length 0 does not look at the buffer", TREE, EXPECTED,
	     path_to_no_buffer),
	RUNS("instance paths into 2 GiB and more come whole or fail", TREE,
	     EXPECTED, paths_to_huge_buffers),
	RUNS("instance-to-interposed-path starts with the device's path",
	     "LoPAR B.10", EXTENSION, interposed_path),
	RUNS("instance-to-interposed-path shows a disk's label as %disk-label",
	     "LoPAR B.10", EXTENSION, label_in_path),
	RUNS("instance-to-interposed-path of a closed instance is -1",
	     "LoPAR B.10", EXTENSION, closed_has_no_interposed_path),
	NO_PACKAGE("ihandle 0", NUM(0)),
	NO_PACKAGE("ihandle -1", NUM(-1)),
	NO_PACKAGE("an odd ihandle", NUM(BAD_HANDLE)),
	NO_PACKAGE("a phandle", NODE("/")),
	NO_INSTANCE("instance-to-path", "ihandle 0", NUM(0)),
	NO_INSTANCE("instance-to-path", "ihandle -1", NUM(-1)),
	NO_INSTANCE("instance-to-path", "an odd ihandle", NUM(BAD_HANDLE)),
	NO_INSTANCE("instance-to-path", "a phandle", NODE("/")),
	NO_INSTANCE("instance-to-interposed-path", "ihandle 0", NUM(0)),
	NO_INSTANCE("instance-to-interposed-path", "ihandle -1", NUM(-1)),
	NO_INSTANCE("instance-to-interposed-path", "an odd ihandle",
		    NUM(BAD_HANDLE)),
	NO_INSTANCE("instance-to-interposed-path", "a phandle", NODE("/")),
};

GROUP("46", "instance paths", NULL);

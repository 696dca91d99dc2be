// SPDX-License-Identifier: BSD-2-Clause
// Device tree services (IEEE 1275-1994 6.3.2.2): nodes, properties, paths.

#include "tests/guest/ci/ci.h"

#define MODEL "IBM pSeries (emulated by qemu)"

void check_nodes(void)
{
	uint32_t root = find("/"), first, node;

	check(root != MISSING && root, "finddevice finds the root");
	check_eq(ci1("peer", 1, 0, 0, 0, 0), root, "peer of 0 is the root");
	check_eq(ci1("peer", 1, root, 0, 0, 0), 0, "the root has no peer");
	check_eq(ci1("parent", 1, root, 0, 0, 0), 0, "the root has no parent");
	first = ci1("child", 1, root, 0, 0, 0);
	check(first && first != MISSING, "the root has a child");
	for (node = first; node; node = ci1("peer", 1, node, 0, 0, 0))
		if (ci1("parent", 1, node, 0, 0, 0) != root)
			break;
	check_eq(node, 0, "each child of the root has the root as parent");
	check_eq(ci1("child", 1, find("/memory@0"), 0, 0, 0), 0,
		 "a leaf has no child");
	check_eq(ci1("peer", 1, BAD_HANDLE, 0, 0, 0), 0,
		 "peer of a bad handle is 0");
	check_eq(ci1("child", 1, BAD_HANDLE, 0, 0, 0), 0,
		 "child of a bad handle is 0");
	check_eq(ci1("parent", 1, MISSING, 0, 0, 0), 0,
		 "parent of handle -1 is 0");
}

static void check_getprop(void)
{
	uint32_t root = find("/");
	char value[64];

	memset(value, '#', sizeof(value));
	check_eq(ci1("getproplen", 2, root, cell("model"), 0, 0), sizeof(MODEL),
		 "getproplen counts the NUL");
	check_eq(ci1("getprop", 4, root, cell("model"), cell(value), 64),
		 sizeof(MODEL), "getprop returns the length");
	check(!memcmp(value, MODEL "\0#", sizeof(MODEL) + 1),
	      "getprop copies the value and nothing more");
	memset(value, '#', sizeof(value));
	check_eq(ci1("getprop", 4, root, cell("model"), cell(value), 4),
		 sizeof(MODEL), "getprop into a short buffer returns it all");
	check(!memcmp(value, "IBM #", 5), "getprop keeps to a short buffer");
	check_eq(ci1("getprop", 4, root, cell("no-such"), cell(value), 64),
		 MISSING, "getprop of a missing property is -1");
	check_eq(ci1("getproplen", 2, root, cell("no-such"), 0, 0), MISSING,
		 "getproplen of a missing property is -1");
	check_eq(ci1("getprop", 4, MISSING, cell("model"), cell(value), 64),
		 MISSING, "GRUB: getprop on phandle -1 is -1");
	check_eq(ci1("getprop", 4, BAD_HANDLE, cell("model"), cell(value), 64),
		 MISSING, "getprop on a bad phandle is -1");
	check_eq(ci1("getproplen", 2, 0, cell("model"), 0, 0), MISSING,
		 "getproplen on phandle 0 is -1");
	memset(value, 0, sizeof(value));
	ci1("getprop", 4, find("/memory@0"), cell("name"), cell(value), 64);
	check(same_text(value, "memory"), "every node has its name");
}

static void check_nextprop(void)
{
	uint32_t chosen = find("/chosen"), count = 0, result;
	char previous[64] = "", next[64] = "", first[64] = "";

	while ((result = ci1("nextprop", 3, chosen, cell(previous), cell(next),
			     0)) == 1) {
		if (ci1("getproplen", 2, chosen, cell(next), 0, 0) == MISSING)
			break;
		if (!count++)
			memcpy(first, next, sizeof(first));
		memcpy(previous, next, sizeof(previous));
	}
	check_eq(result, 0, "nextprop ends with 0 and names what exists");
	check(count > 5, "nextprop walks the properties of /chosen");
	result = ci1("nextprop", 3, chosen, 0, cell(next), 0);
	check(result == 1 && same_text(next, first),
	      "FreeBSD: nextprop after a NULL pointer is the first");
	check_eq(ci1("nextprop", 3, chosen, cell("no-such"), cell(next), 0),
		 MISSING, "nextprop after an unknown property is -1");
	check_eq(ci1("nextprop", 3, BAD_HANDLE, cell(""), cell(next), 0),
		 MISSING, "nextprop on a bad phandle is -1");
}

static void check_setprop(void)
{
	uint32_t chosen = find("/chosen");
	char value[16];

	check_eq(ci1("setprop", 4, chosen, cell("test,p"), cell("four"), 4), 4,
		 "setprop creates a property and returns its length");
	ci1("setprop", 4, chosen, cell("test,p"), cell("longer one"), 10);
	check(ci1("getprop", 4, chosen, cell("test,p"), cell(value), 16) ==
			      10 &&
		      !memcmp(value, "longer one", 10),
	      "setprop replaces a property by a longer one");
	check_eq(ci1("setprop", 4, chosen, cell("test,empty"), 0, 0), 0,
		 "setprop of no bytes makes a property without a value");
	check_eq(ci1("getproplen", 2, chosen, cell("test,empty"), 0, 0), 0,
		 "a property without a value has length 0");
	check_eq(ci1("setprop", 4, BAD_HANDLE, cell("p"), cell("x"), 1),
		 MISSING, "setprop on a bad phandle is -1");
}

void check_properties(void)
{
	check_getprop();
	check_nextprop();
	check_setprop();
}

static void check_finddevice(void)
{
	uint32_t memory = find("/memory@0"), disk;
	char path[256];

	check_eq(find("/no-such"), MISSING, "finddevice of nothing is -1");
	check_eq(find(""), MISSING, "finddevice of an empty path is -1");
	check_eq(find("no-such-alias"), MISSING,
		 "finddevice of an unknown alias is -1");
	check_eq(find("/memory"), memory,
		 "a missing unit address matches (Linux: /memory)");
	check_eq(find("/memory@00"), memory,
		 "unit addresses are compared as numbers");
	check_eq(find("/memory@1"), MISSING, "another unit does not match");
	check(memory != MISSING, "the memory node is there");
	text_property("/aliases", "disk", path, sizeof(path));
	disk = find(path);
	check(disk != MISSING, "the alias disk names a device");
	check_eq(find("disk"), disk, "finddevice follows an alias");
	check_eq(find("disk:1,\\file"), disk, "finddevice drops the arguments");
	check_eq(find("disk:"), disk, "finddevice takes empty arguments");
}

static void check_package_to_path(void)
{
	uint32_t memory = find("/memory@0");
	char path[32];

	memset(path, '#', sizeof(path));
	check_eq(ci1("package-to-path", 3, memory, cell(path), 32, 0), 9,
		 "package-to-path returns the length without the NUL");
	check(!memcmp(path, "/memory@0\0", 11),
	      "GRUB: package-to-path fills the buffer with NULs");
	memset(path, '#', sizeof(path));
	check_eq(ci1("package-to-path", 3, memory, cell(path), 4, 0), 9,
		 "package-to-path of a short buffer returns the full length");
	check(!memcmp(path, "/mem#", 5),
	      "package-to-path keeps to a short buffer");
	check_eq(ci1("package-to-path", 3, BAD_HANDLE, cell(path), 32, 0),
		 MISSING, "package-to-path of a bad handle is -1");
}

static void check_canon(void)
{
	uint32_t cells[4] = { cell("no-such-alias"), 0, 0, 0 };
	char alias[128], path[128];
	int32_t ret;

	text_property("/aliases", "disk", alias, sizeof(alias));
	memset(path, 0, sizeof(path));
	check_eq(ci1("canon", 3, cell("disk"), cell(path), 128, 0),
		 strlen(alias), "canon returns the path's length");
	check(same_text(path, alias), "canon replaces an alias by its path");
	check_eq(ci1("canon", 3, cell("disk"), cell(path), 3, 0), strlen(alias),
		 "canon of a short buffer returns all of it");
	cells[1] = cell(path);
	cells[2] = sizeof(path);
	ret = ci("canon", 3, 1, cells);
	check(ret == -1 || cells[3] == MISSING,
	      "canon of an unknown alias fails");
}

void check_paths(void)
{
	check_finddevice();
	check_package_to_path();
	check_canon();
}

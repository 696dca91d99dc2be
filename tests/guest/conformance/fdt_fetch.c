// SPDX-License-Identifier: BSD-2-Clause
// fdt-fetch returns a flattened device tree (a SLOF extension, fdt-fl.fs; the
// format is in Devicetree Specification 5).

#include "tests/guest/conformance/ranges.h"

#define BLOB_SIZE 0x100000u
#define MAGIC 0xd00dfeed
#define BEGIN_NODE 1u
#define END_NODE 2u
#define PROP 3u
#define NOP 4u
#define END 9u

// Words of the header.
enum {
	HEAD_MAGIC,
	HEAD_TOTAL,
	HEAD_STRUCT,
	HEAD_STRINGS,
	HEAD_RESERVED,
	HEAD_VERSION,
	HEAD_COMPATIBLE,
	HEAD_CPU,
	HEAD_STRINGS_SIZE,
	HEAD_STRUCT_SIZE,
	HEAD_WORDS
};

static unsigned char blob[BLOB_SIZE] __attribute__((aligned(8)));

static uint32_t fetch(void *to, uint32_t size)
{
	return ci1("fdt-fetch", 2, cell(to), size, 0, 0);
}

static uint32_t head(unsigned int word)
{
	return guest_be32(blob + 4 * word);
}

static bool offered(void)
{
	if (has_service("fdt-fetch"))
		return true;
	skip("the firmware has no fdt-fetch");
	return false;
}

static bool fetched(void)
{
	if (!offered())
		return false;
	memset(blob, CASES_FILL, sizeof(blob));
	return expect_is(fetch(blob, sizeof(blob)), 0, "fdt-fetch") &&
	       expect_is(head(HEAD_MAGIC), MAGIC, "the magic number") &&
	       expect(head(HEAD_TOTAL) <= sizeof(blob), "its size is absurd");
}

static void header(void)
{
	uint32_t total, i;

	if (!fetched())
		return;
	total = head(HEAD_TOTAL);
	expect_is(head(HEAD_VERSION), 17, "the version");
	expect(head(HEAD_COMPATIBLE) <= 17, "the compatible version is new");
	expect(head(HEAD_STRUCT) % 4 == 0, "the structure is not aligned");
	expect(head(HEAD_RESERVED) % 8 == 0, "the reservations are odd");
	expect(head(HEAD_RESERVED) >= 4 * HEAD_WORDS &&
		       head(HEAD_RESERVED) <= total - 16,
	       "the reservations lie outside");
	expect(head(HEAD_STRUCT) <= total &&
		       head(HEAD_STRUCT_SIZE) <= total - head(HEAD_STRUCT),
	       "the structure lies outside");
	expect(head(HEAD_STRINGS) <= total &&
		       head(HEAD_STRINGS_SIZE) <= total - head(HEAD_STRINGS),
	       "the strings lie outside");
	for (i = total; i < sizeof(blob) && blob[i] == CASES_FILL; i++)
		;
	expect_is(i, sizeof(blob), "bytes after it are kept up to");
}

// The position in the structure.
static struct {
	uint32_t at, end; // offsets in the blob
	uint32_t tag;
	const char *name; // of the node or the property
	const unsigned char *value;
	uint32_t length;
	unsigned int depth, nodes;
} walk;

static void walk_start(void)
{
	memset(&walk, 0, sizeof(walk));
	walk.at = head(HEAD_STRUCT);
	walk.end = walk.at + head(HEAD_STRUCT_SIZE);
}

static bool walk_text(uint32_t offset, uint32_t end)
{
	uint32_t i = offset;

	walk.name = (const char *)blob + offset;
	while (i < end && blob[i])
		i++;
	return expect(i < end, "a name has no end");
}

static bool walk_property(void)
{
	uint32_t strings = head(HEAD_STRINGS), name;

	if (!expect(walk.end - walk.at >= 8, "the structure is cut off"))
		return false;
	walk.length = guest_be32(blob + walk.at);
	name = guest_be32(blob + walk.at + 4);
	walk.at += 8;
	walk.value = blob + walk.at;
	if (!expect(walk.length <= walk.end - walk.at, "a value is cut off") ||
	    !expect(name < head(HEAD_STRINGS_SIZE), "a name lies outside"))
		return false;
	walk.at += (walk.length + 3) / 4 * 4;
	return walk_text(strings + name, strings + head(HEAD_STRINGS_SIZE));
}

// Moves to the next meaningful tag; false at the end or on a fault.
static bool walk_on(void)
{
	do {
		if (!expect(walk.at < walk.end && walk.end - walk.at >= 4,
			    "the structure has no end"))
			return false;
		walk.tag = guest_be32(blob + walk.at);
		walk.at += 4;
	} while (walk.tag == NOP);
	if (walk.tag == PROP)
		return expect(walk.depth, "a property is outside of nodes") &&
		       walk_property();
	if (walk.tag == BEGIN_NODE) {
		walk.depth++;
		walk.nodes++;
		if (!walk_text(walk.at, walk.end))
			return false;
		walk.at += (strlen(walk.name) + 4) / 4 * 4;
		return true;
	}
	if (walk.tag == END_NODE)
		return expect(walk.depth--, "more ends than nodes");
	expect_is(walk.tag, END, "a tag of the structure");
	expect_is(walk.depth, 0, "nodes without an end");
	return false;
}

// Counts what peer and child reach.
static uint32_t count_nodes(void)
{
	uint32_t node = ci1("peer", 1, 0, 0, 0, 0), count = 0, next;

	while (node && node != MISSING && count < 10000) {
		count++;
		next = ci1("child", 1, node, 0, 0, 0);
		while (node && !next) {
			next = ci1("peer", 1, node, 0, 0, 0);
			if (!next)
				node = ci1("parent", 1, node, 0, 0, 0);
		}
		node = next;
	}
	return count;
}

static void structure(void)
{
	if (!fetched())
		return;
	walk_start();
	while (walk_on())
		;
	expect_is(walk.at, walk.end, "where the structure ends");
	expect_is(walk.nodes, count_nodes(), "the number of nodes");
}

// Moves to the named property of the root or of a child of it.
static bool seek_property(const char *child, const char *name)
{
	bool inside = !child[0];

	walk_start();
	while (walk_on()) {
		if (walk.tag == BEGIN_NODE && walk.depth == 2)
			inside = same_text(walk.name, child);
		else if (walk.tag == END_NODE && walk.depth == 1)
			inside = false;
		else if (walk.tag == PROP && inside &&
			 walk.depth == (child[0] ? 2 : 1) &&
			 same_text(walk.name, name))
			return true;
	}
	return false;
}

static void same_property(const char *path, const char *name)
{
	uint32_t n = get_property(find(path), name, cases_buffer,
				  sizeof(cases_buffer));

	if (n == MISSING)
		return;
	if (!expect(seek_property(path + 1, name), name) ||
	    !expect_is(walk.length, n, name))
		return;
	expect_bytes(walk.value, cases_buffer, n, name);
}

static void content(void)
{
	if (!fetched())
		return;
	same_property("/", "compatible");
	same_property("/", "#address-cells");
	same_property("/", "model");
	same_property("/chosen", "stdout");
	same_property("/chosen", "bootargs");
	same_property("/cpus", "#address-cells");
	same_property("/rtas", "rtas-size");
	same_property("/aliases", "hvterm");
	same_property("/options", "boot-device");
	same_property("/memory@0", "reg");
	same_property("/memory@0", "available");
}

static void every_root_property(void)
{
	char name[33] = "";
	uint32_t root = find("/"), i;

	if (!fetched())
		return;
	for (i = 0; i < 200; i++) {
		char previous[33];

		memcpy(previous, name, sizeof(name));
		if (ci1("nextprop", 3, root, cell(previous), cell(name), 0) !=
		    1)
			return;
		// The begin tag holds a node's name.
		if (!same_text(name, "name"))
			same_property("/", name);
	}
}

static void handles(void)
{
	if (!fetched())
		return;
	if (expect(seek_property("cpus", "phandle"), "/cpus has no phandle"))
		expect_is(guest_be32(walk.value), find("/cpus"),
			  "the phandle of /cpus");
	if (expect(seek_property("chosen", "phandle"), "/chosen has none"))
		expect_is(guest_be32(walk.value), find("/chosen"),
			  "the phandle of /chosen");
}

static void boot_cpu(void)
{
	unsigned char reg[4];
	uint32_t cpu = ci1("child", 1, find("/cpus"), 0, 0, 0);

	if (!fetched())
		return;
	if (expect_is(get_property(cpu, "reg", reg, 4), 4, "the cpu's reg"))
		expect_is(head(HEAD_CPU), guest_be32(reg),
			  "the boot processor");
}

static void after_setprop(void)
{
	static const char name[] = "conformance,fetched", value[] = "by fdt";
	uint32_t chosen = find("/chosen");

	if (!offered())
		return;
	ci1("setprop", 4, chosen, cell(name), cell(value), sizeof(value));
	if (!fetched())
		return;
	if (expect(seek_property("chosen", name), "it has no new property") &&
	    expect_is(walk.length, sizeof(value), "its length"))
		expect_bytes(walk.value, value, sizeof(value), "its value");
}

static void sizes(void)
{
	uint32_t total;

	if (!fetched())
		return;
	total = head(HEAD_TOTAL);
	memset(blob, CASES_FILL, sizeof(blob));
	expect_is(fetch(blob, total), 0, "the exact size");
	expect_is(head(HEAD_MAGIC), MAGIC, "the magic number");
	expect_is(head(HEAD_TOTAL), total, "its size");
	expect_is(blob[total], CASES_FILL, "the byte after");
}

static void short_buffers(void)
{
	static const uint32_t lengths[] = { 0, 1, 4, 16, 40, 1024 };
	uint32_t total, i;

	if (!fetched())
		return;
	total = head(HEAD_TOTAL);
	memset(blob, CASES_FILL, sizeof(blob));
	expect_is(fetch(blob, total - 1), MISSING, "a byte too short");
	expect_is(blob[total - 1], CASES_FILL, "the byte after");
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(blob, CASES_FILL, 2048);
		expect_is(fetch(blob, lengths[i]), MISSING, "a short buffer");
		expect_is(blob[lengths[i]], CASES_FILL, "the byte after");
	}
}

static void refused(uint32_t at, uint32_t size)
{
	uint32_t root = find("/");

	if (!offered())
		return;
	expect_is(ci1("fdt-fetch", 2, at, size, 0, 0), MISSING, "fdt-fetch");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void outside_memory(void)
{
	if (memory_size() < FOUR_GIB - BLOB_SIZE)
		refused(0u - BLOB_SIZE, BLOB_SIZE);
	refused(0xfffff000, BLOB_SIZE);
	refused(0xfffff000, 0x1000);
	refused(MISSING, 1);
}

static void in_firmware(void)
{
	refused((uint32_t)guest_entry.gpr[5], BLOB_SIZE);
	refused((uint32_t)guest_entry.gpr[5] - BLOB_SIZE + 4, BLOB_SIZE);
}

static void at_null(void)
{
	refused(0, 0);
	refused(0, 16);
}

static const struct test_case cases[] = {
	RUNS("fdt-fetch gives a blob with a good header",
	     "Devicetree Specification 5.2", EXTENSION, header),
	RUNS("fdt-fetch gives a structure of all nodes",
	     "Devicetree Specification 5.4", EXTENSION, structure),
	RUNS("fdt-fetch gives the properties of the tree", "SLOF fdt-fl.fs",
	     EXTENSION, content),
	RUNS("fdt-fetch gives every property of the root", "SLOF fdt-fl.fs",
	     EXTENSION, every_root_property),
	RUNS("fdt-fetch gives the handles that finddevice gives",
	     "SLOF fdt-fl.fs", EXTENSION, handles),
	RUNS("fdt-fetch names the boot processor",
	     "Devicetree Specification 5.2", EXTENSION, boot_cpu),
	RUNS("fdt-fetch gives what setprop made", "SLOF fdt-fl.fs", EXTENSION,
	     after_setprop),
	RUNS("fdt-fetch fits into a buffer of its exact size", "SLOF fdt-fl.fs",
	     EXTENSION, sizes),
	RUNS("fdt-fetch into a short buffer fails and stays inside",
	     "SLOF fdt-fl.fs", EXTENSION, short_buffers),
	RUNS("fdt-fetch to what is not memory fails", "SLOF fdt-fl.fs",
	     EXTENSION, outside_memory),
	RUNS("fdt-fetch over the firmware's code fails", "SLOF fdt-fl.fs",
	     EXTENSION, in_firmware),
	RUNS("fdt-fetch of too few bytes at address 0 fails", "SLOF fdt-fl.fs",
	     EXTENSION, at_null),
	CALLS("fdt-fetch with one argument is refused", "IEEE 1275 6.3.1",
	      EXTENSION, "fdt-fetch", IN(BUFFER), OUT(NOT(0)), EITHER,
	      BYTES("")),
};

GROUP("82", "fdt-fetch", NULL);

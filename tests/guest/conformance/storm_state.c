// SPDX-License-Identifier: BSD-2-Clause
// Ingredients of random calls, and the state they must not change.

#include "tests/guest/conformance/storm.h"

#define CANARY 0x8000u
#define NODES_MAX 4096
#define PACKAGES 8

// The storm's property, and one the firmware may accept or refuse.
static const char own_property[] = "conformance,storm";
static const char long_property[] =
	"conformance,a-name-of-more-than-31-characters";

// Calls write to the middle area only, never to either side.
static struct {
	unsigned char before[CANARY];
	unsigned char area[STORM_AREA];
	unsigned char after[CANARY];
} memory;

unsigned char *const storm_area = memory.area;

static struct {
	uint32_t root, first, chosen, stdout, instance, image, tree;
	uint32_t compatible_length;
	unsigned char compatible[256];
	uint32_t packages[PACKAGES];
} was;

extern const unsigned char guest_groups_start[]; // guest.lds: after constants

const char *storm_text(uint32_t number)
{
	static char longest[2 * 65536 + 1];
	static const char *const texts[] = {
		"/",	     "/chosen",	 "/cpus",    "/memory@0",
		"/memory",   "/rtas",	 "/aliases", "disk",
		"disk:0",    "disk:9",	 "",	     "name",
		"reg",	     "stdout",	 "model",    "compatible",
		"available", "/no/such", "//",	     ":",
		"@",	     "/@",	 "/:",	     "/cpus/..",
		"no-such",   "%s%n%x",	 "\xff\xfe", "/pci@800000020000000",
	};

	number %= sizeof(texts) / sizeof(texts[0]) + 2;
	if (number < sizeof(texts) / sizeof(texts[0]))
		return texts[number];
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	// A 256-byte name, or one far longer than any real name.
	return number & 1 ? longest : longest + sizeof(longest) - 257;
}

const char *storm_forth(uint32_t number)
{
	static const char *const texts[] = {
		"cursor-on",	"cursor-off",	"",	"  ",
		"no-such-word", "\x01\x02\xff", "0 ms",
	};

	return texts[number % (sizeof(texts) / sizeof(texts[0]))];
}

const char *storm_method(uint32_t number)
{
	static const char *const methods[] = {
		"block-size", "#blocks", "max-transfer", "seek", "translate",
		"no-such",    "",	 "size",
	};

	return methods[number % (sizeof(methods) / sizeof(methods[0]))];
}

const char *storm_property(uint32_t number)
{
	return number % 4 ? own_property : long_property;
}

uint32_t storm_package(uint32_t number)
{
	return was.packages[number % PACKAGES];
}

uint32_t storm_root_instance(void)
{
	return was.instance;
}

static uint32_t add_bytes(uint32_t sum, const void *bytes, uint32_t n)
{
	const unsigned char *b = bytes;

	// FNV-1a.
	while (n--)
		sum = (sum ^ *b++) * 16777619;
	return sum;
}

static unsigned char canary(uint32_t i)
{
	return (unsigned char)(i * 167 + (i >> 8) * 13 + 91);
}

static bool canaries_are_good(void)
{
	uint32_t i;

	for (i = 0; i < CANARY; i++)
		if (memory.before[i] != canary(i) ||
		    memory.after[i] != canary(i + CANARY))
			return false;
	return true;
}

// The client's code and constants.
static uint32_t image_sum(void)
{
	return add_bytes(0, guest_base,
			 cell(guest_groups_start) - cell(guest_base));
}

static uint32_t add_properties(uint32_t sum, uint32_t node)
{
	char name[64] = "";
	uint32_t n, i;

	for (i = 0; i < 1000; i++) {
		char previous[64];

		memcpy(previous, name, sizeof(name));
		if (ci1("nextprop", 3, node, cell(previous), cell(name), 0) !=
		    1)
			return sum;
		if (same_text(name, own_property) ||
		    same_text(name, long_property) ||
		    same_text(name, "available"))
			continue;
		n = get_property(node, name, memory.area, STORM_AREA);
		sum = add_bytes(sum, name, (uint32_t)strlen(name));
		sum = add_bytes(sum, memory.area,
				n < STORM_AREA ? n : STORM_AREA);
	}
	return sum;
}

static uint32_t next_node(uint32_t node)
{
	uint32_t next = ci1("child", 1, node, 0, 0, 0);
	unsigned int depth;

	for (depth = 0; node && !next && depth < 64; depth++) {
		next = ci1("peer", 1, node, 0, 0, 0);
		if (!next)
			node = ci1("parent", 1, node, 0, 0, 0);
	}
	return next;
}

// All nodes, their properties and values.
static uint32_t tree_sum(void)
{
	uint32_t node = ci1("peer", 1, 0, 0, 0, 0), sum = 2166136261u, i;

	for (i = 0; node && node != MISSING && i < NODES_MAX; i++) {
		sum = add_bytes(sum, &node, sizeof(node));
		sum = add_properties(sum, node);
		node = next_node(node);
	}
	return sum;
}

void storm_remember(void)
{
	static const char *const paths[PACKAGES] = { "/",	 "/chosen",
						     "/cpus",	 "/memory",
						     "/rtas",	 "/aliases",
						     "/options", "/packages" };
	uint32_t i;

	for (i = 0; i < CANARY; i++) {
		memory.before[i] = canary(i);
		memory.after[i] = canary(i + CANARY);
	}
	for (i = 0; i < PACKAGES; i++)
		was.packages[i] = find(paths[i]);
	was.root = was.packages[0];
	was.chosen = was.packages[1];
	was.first = ci1("child", 1, was.root, 0, 0, 0);
	was.stdout = guest_number("/chosen", "stdout", 0);
	was.compatible_length = get_property(
		was.root, "compatible", was.compatible, sizeof(was.compatible));
	was.image = image_sum();
	was.tree = tree_sum();
	was.instance = open_path("/");
}

bool storm_probe(void)
{
	unsigned char compatible[256];

	memset(compatible, 0, sizeof(compatible));
	return expect_is(find("/"), was.root, "finddevice of /") &&
	       expect_is(find("/chosen"), was.chosen, "finddevice") &&
	       expect_is(ci1("child", 1, was.root, 0, 0, 0), was.first,
			 "the first child of /") &&
	       expect_is(guest_number("/chosen", "stdout", 0), was.stdout,
			 "stdout") &&
	       expect_is(get_property(was.root, "compatible", compatible,
				      sizeof(compatible)),
			 was.compatible_length, "the length of compatible") &&
	       expect_bytes(compatible, was.compatible, sizeof(compatible),
			    "compatible") &&
	       expect(canaries_are_good(),
		      "memory beside the buffers has changed") &&
	       expect_is(image_sum(), was.image, "the client's code");
}

void storm_compare(void)
{
	storm_probe();
	close_instance(was.instance);
	expect_is(tree_sum(), was.tree, "the sum over the tree");
}

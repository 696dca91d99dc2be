// SPDX-License-Identifier: BSD-2-Clause
// From paths to nodes (IEEE 1275-1994 6.3.2.2 finddevice, 4.3.1 path
// resolution).

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 4.3.1"
#define LONG 0x10000u

static char text[LONG + 64];

// "/a@1/b" as "/a@1:x/b:x": arguments after each component.
static void arguments_everywhere(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;
	uint32_t i, at, tried = 0;

	while (walk_step(&w) && tried < 50) {
		if (path_of(w.node, path, sizeof(path)) < 2)
			continue;
		for (i = at = 0; i <= strlen(path); i++) {
			if (i && (path[i] == '/' || !path[i])) {
				memcpy(text + at, ":1,ab", 5);
				at += 5;
			}
			text[at++] = path[i];
		}
		expect_of(w.node, find(text) == w.node,
			  "a path with arguments everywhere");
		tried++;
	}
	expect(tried > 3, "the tree has too few nodes");
}

static void found_by_their_paths(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		expect_of(w.node, find(path) == w.node, "finddevice");
		put_texts(text, sizeof(text), path, "/no-such", "");
		expect_of(w.node, find(text) == MISSING,
			  "finddevice of a child that is not there");
	}
}

static const char *unit_of(const char *path)
{
	const char *at = NULL;

	for (; *path; path++)
		if (*path == '/')
			at = NULL;
		else if (*path == '@' && !at)
			at = path;
	return at;
}

// The first child of the same name: IEEE 1275 finds that one.
static void no_unit_address(void)
{
	char path[PATH_SIZE], name[NAME_ROOM], other[NAME_ROOM];
	struct walk w = WALK;
	uint32_t first;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		if (!unit_of(path))
			continue;
		text_property(path, "name", name, sizeof(name));
		text[0] = 0;
		put_texts(text, (uint32_t)(unit_of(path) - path) + 1, path, "",
			  "");
		first = find(text);
		expect_of(w.node, parent_of(first) == parent_of(w.node),
			  "without unit address the parent is another");
		memset(other, 0, sizeof(other));
		get_property(first, "name", other, sizeof(other) - 1);
		expect_text(other, name, "without unit address the name");
	}
}

// "/@0": a component may omit its name.
static void no_name(void)
{
	char path[PATH_SIZE], found[PATH_SIZE], *slash;
	struct walk w = WALK;
	uint32_t node;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		slash = last_of(path, '/');
		if (!slash || !unit_of(path))
			continue;
		put_texts(text, (uint32_t)(slash - path) + 2, path, "", "");
		put_texts(text + (slash - path) + 1, PATH_SIZE, unit_of(path),
			  "", "");
		node = find(text);
		if (!expect_of(w.node, node != MISSING, "\"@unit\" alone"))
			continue;
		expect_is(parent_of(node), parent_of(w.node), "its parent");
		path_of(node, found, sizeof(found));
		expect_text(unit_of(found) ? unit_of(found) : "", unit_of(path),
			    "the unit address");
	}
}

static void other_units(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		if (!unit_of(path))
			continue;
		put_texts(text, (uint32_t)(unit_of(path) - path) + 1, path, "",
			  "");
		put_texts(text + strlen(text), 32, "@7fedcba9", "", "");
		expect_of(w.node, find(text) == MISSING,
			  "a unit address that is not there");
	}
}

// Puts zeros before each number of a unit address; false for text.
static bool put_zeros(const char *path)
{
	const char *unit = unit_of(path), *from = path;
	char *to = text;
	bool start = false;

	for (; *from; start = from >= unit && (*from == '@' || *from == ','),
		      *to++ = *from++) {
		if (from > unit &&
		    !((*from >= '0' && *from <= '9') ||
		      (*from >= 'a' && *from <= 'f') || *from == ','))
			return false;
		if (start) {
			*to++ = '0';
			*to++ = '0';
		}
	}
	*to = 0;
	return true;
}

static void leading_zeros(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		if (unit_of(path) && put_zeros(path))
			expect_of(w.node, find(text) == w.node,
				  "a unit address with leading zeros");
	}
}

static bool put_upper(char *unit)
{
	bool changed = false;

	for (; *unit; unit++)
		if (*unit >= 'a' && *unit <= 'f') {
			*unit = (char)(*unit - 'a' + 'A');
			changed = true;
		}
	return changed;
}

static void upper_case_units(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;
	uint32_t tried = 0;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		if (!unit_of(path))
			continue;
		put_texts(text, sizeof(text), path, "", "");
		if (!put_upper(text + (unit_of(path) - path)))
			continue;
		tried++;
		expect_of(w.node, find(text) == w.node,
			  "a unit address in upper case");
	}
	if (!tried)
		skip("no unit address has a letter");
}

// An empty component may match any node, or none.
static void expect_any(const char *path)
{
	uint32_t got = find(path);

	expect(got == MISSING || is_node(got), path);
}

static void odd_slashes(void)
{
	uint32_t root = find("/"), chosen = find("/chosen");

	expect_maybe("", root);
	expect_any("//");
	expect_maybe("/chosen/", chosen);
	expect_any("//chosen");
	expect_any("/chosen//");
	expect_maybe("/chosen@", chosen);
	expect_any("/.");
	expect_any("/..");
	expect_any("/chosen/..");
	expect_any("/@");
	expect_any("/:x");
	expect_any(":x");
	expect_any("/chosen@:@/:");
	expect_alive();
}

// A slash ends a component; some firmware counts it as part of the arguments if
// no child has that name.
static void slashes_in_arguments(void)
{
	expect_maybe("/memory@0:1,/boot/file", find("/memory@0"));
	expect_maybe("/chosen:/boot/file", find("/chosen"));
	expect_found("/memory@0:1,\\boot\\file", find("/memory@0"));
}

static void names_without_slash(void)
{
	uint32_t aliases = find("/aliases");

	if (property_length(aliases, "chosen") != MISSING)
		return;
	expect_maybe("chosen", find("/chosen"));
	expect_maybe("memory@0", find("/memory@0"));
	expect_maybe("memory@0:x", find("/memory@0"));
}

static void filled(char first, char rest, uint32_t length, const char *end)
{
	memset(text, rest, length);
	text[0] = first;
	put_texts(text + length, 64, end, "", "");
}

static void long_paths(void)
{
	static const uint32_t lengths[] = { 32,	  255,	256,   1023,
					    1024, 4096, 65535, 65536 };
	uint32_t i, memory = find("/memory");

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		filled('/', 'a', lengths[i], "");
		expect_is(find(text), MISSING, "finddevice of a long name");
		filled('a', 'a', lengths[i], "");
		expect_is(find(text), MISSING, "finddevice of a long alias");
		filled('/', '/', lengths[i], "");
		expect_any(text);
		filled('/', '/', lengths[i], "memory");
		expect_any(text);
		filled('/', '@', lengths[i], "");
		expect_any(text);
		put_texts(text, sizeof(text), "/memory:", "", "");
		memset(text + 8, 'x', lengths[i]);
		text[8 + lengths[i]] = 0;
		expect_maybe(text, memory);
	}
	expect_alive();
}

static void deep_paths(void)
{
	uint32_t i;

	for (i = 0; i < LONG; i += 2)
		memcpy(text + i, "/a", 2);
	text[LONG] = 0;
	expect_is(find(text), MISSING, "finddevice of 32,768 components");
	for (i = 0; i < LONG; i += 4)
		memcpy(text + i, "/..:", 4);
	expect_is(find(text), MISSING, "finddevice of many /..:");
	expect_alive();
}

// Names are case-sensitive; lenient firmware ignores case.
static void names_in_upper_case(void)
{
	expect_maybe("/CHOSEN", find("/chosen"));
	expect_maybe("/Chosen:x", find("/chosen"));
	expect_maybe("/MEMORY@0", find("/memory@0"));
	expect_alive();
}

static const struct test_case cases[] = {
	CALLS("finddevice finds the root", "IEEE 1275 6.3.2.2", REQUIRED,
	      "finddevice", IN(TEXT("/")), OUT(HANDLE)),
	RUNS("each node is found by its path", "IEEE 1275 6.3.2.2", REQUIRED,
	     found_by_their_paths),
	CALLS("finddevice of a node that is not there is -1",
	      "IEEE 1275 6.3.2.2", REQUIRED, "finddevice", IN(TEXT("/no-such")),
	      OUT(IS(-1))),
	CALLS("finddevice takes no beginning of a name", "IEEE 1275 6.3.2.2",
	      REQUIRED, "finddevice", IN(TEXT("/chose")), OUT(IS(-1))),
	CALLS("finddevice takes no name that only begins like a node's",
	      "IEEE 1275 6.3.2.2", REQUIRED, "finddevice", IN(TEXT("/chosen2")),
	      OUT(IS(-1))),
	CALLS("finddevice of a child of a leaf is -1", "IEEE 1275 6.3.2.2",
	      REQUIRED, "finddevice", IN(TEXT("/chosen/chosen")), OUT(IS(-1))),
	CALLS("finddevice of an unknown alias is -1", SPEC, REQUIRED,
	      "finddevice", IN(TEXT("no-such-alias")), OUT(IS(-1))),
	CALLS("finddevice of an unknown alias with a path is -1", SPEC,
	      REQUIRED, "finddevice", IN(TEXT("no-such-alias/chosen")),
	      OUT(IS(-1))),
	CALLS("finddevice of a unit address with zeros in front", SPEC,
	      REQUIRED, "finddevice", IN(TEXT("/memory@000")),
	      OUT(IS_NODE("/memory@0"))),
	CALLS("GRUB, Linux: /memory is the memory at 0", "GRUB init.c",
	      EXPECTED, "finddevice", IN(TEXT("/memory")),
	      OUT(IS_NODE("/memory@0"))),
	CALLS("GRUB, yaboot: finddevice drops the arguments",
	      "GRUB net/drivers/ieee1275/ofnet.c", REQUIRED, "finddevice",
	      IN(TEXT("/memory@0:speed=auto,duplex=auto,1.1.1.1,dummy,5")),
	      OUT(IS_NODE("/memory@0"))),
	CALLS("finddevice takes empty arguments", SPEC, REQUIRED, "finddevice",
	      IN(TEXT("/chosen:")), OUT(IS_NODE("/chosen"))),
	RUNS("finddevice drops the arguments of each component", SPEC, REQUIRED,
	     arguments_everywhere),
	RUNS("a slash in arguments finds the node or nothing", SPEC, EXPECTED,
	     slashes_in_arguments),
	RUNS("a name without a slash in front is that node or nothing", SPEC,
	     EXPECTED, names_without_slash),
	RUNS("a missing unit address matches a node of that name", SPEC,
	     REQUIRED, no_unit_address),
	RUNS("a component without a name matches by its unit address", SPEC,
	     REQUIRED, no_name),
	RUNS("another unit address does not match", SPEC, REQUIRED,
	     other_units),
	RUNS("unit addresses match with leading zeros", SPEC, EXPECTED,
	     leading_zeros),
	RUNS("unit addresses match in upper case", SPEC, EXPECTED,
	     upper_case_units),
	RUNS("a name in upper case finds the node or nothing",
	     "IEEE 1275 3.2.1.1", EXPECTED, names_in_upper_case),
	RUNS("odd slashes find nothing or what they stand for", SPEC, EXPECTED,
	     odd_slashes),
	RUNS("components of 32 bytes to 64 KiB do no harm", SPEC, EXPECTED,
	     long_paths),
	RUNS("a path of 32,768 components finds nothing", SPEC, EXPECTED,
	     deep_paths),
	CALLS("finddevice of a NULL pointer fails", "IEEE 1275 6.3.2.2",
	      EXPECTED, "finddevice", EITHER, IN(NUM(0)), OUT(IS(-1))),
	CALLS("finddevice of a path past all memory fails", "IEEE 1275 6.3.2.2",
	      EXPECTED, "finddevice", EITHER, IN(NUM(0xfffffff8)), OUT(IS(-1))),
	CALLS("finddevice of the last address fails", "IEEE 1275 6.3.2.2",
	      EXPECTED, "finddevice", EITHER, IN(NUM(-1)), OUT(IS(-1))),
	CALLS("finddevice of the firmware's code fails", "IEEE 1275 6.3.2.2",
	      EXPECTED, "finddevice", EITHER, IN(FIRMWARE), OUT(IS(-1))),
	RUNS("after wrong paths the firmware still answers",
	     "IEEE 1275 6.3.2.2", EXPECTED, expect_alive),
};

GROUP("35", "paths", NULL);

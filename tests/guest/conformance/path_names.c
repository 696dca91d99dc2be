// SPDX-License-Identifier: BSD-2-Clause
// From nodes and short names to full paths (IEEE 1275-1994 6.3.2.2):
// package-to-path and canon. "/memory@0" has nine characters.

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define MEMORY NODE("/memory@0")
#define LONG 0x10000u

static char text[LONG + 64];

static void set_alias(const char *path)
{
	expect_is(set_property(find("/aliases"), "test-canon", path,
			       (uint32_t)strlen(path) + 1),
		  strlen(path) + 1, "setprop of an alias");
}

static uint32_t canon(const char *path, void *to, uint32_t size)
{
	return ci1("canon", 3, cell(path), cell(to), size, 0);
}

static void expect_canon(const char *path, const char *want)
{
	uint32_t n = (uint32_t)strlen(want);

	memset(cases_buffer, CASES_FILL, PATH_SIZE + 8);
	expect_is(canon(path, cases_buffer, PATH_SIZE), n, path);
	expect_bytes(cases_buffer, want, n + 1, path);
	expect(buffer_kept(PATH_SIZE), "canon wrote after the buffer");
}

// A buffer of this size gets what fits, and nothing after it changes.
static void check_short(uint32_t got, const char *path, uint32_t size)
{
	uint32_t n = (uint32_t)strlen(path);

	expect_is(got, n, "the length");
	expect_bytes(cases_buffer, path, size <= n ? size : n + 1, "the path");
	expect(buffer_kept(size), "bytes after the buffer changed");
}

static void every_size(void)
{
	uint32_t memory = find("/memory@0"), size;

	for (size = 0; size <= 24; size++) {
		memset(cases_buffer, CASES_FILL, 64);
		check_short(ci1("package-to-path", 3, memory,
				cell(cases_buffer), size, 0),
			    "/memory@0", size);
	}
}

static void every_canon_size(void)
{
	uint32_t size;

	for (size = 0; size <= 24; size++) {
		memset(cases_buffer, CASES_FILL, 64);
		check_short(canon("/memory@0", cases_buffer, size), "/memory@0",
			    size);
	}
}

// Each path is its parent's plus one component that starts with the name.
static void made_of_components(void)
{
	char path[PATH_SIZE], parent[PATH_SIZE], name[NAME_ROOM];
	struct walk w = WALK;
	uint32_t n;

	while (walk_step(&w)) {
		n = path_of(w.node, path, sizeof(path));
		if (!expect_of(w.node, n == strlen(path) && path[0] == '/',
			       "the path's length or first character"))
			continue;
		if (n < 2)
			continue;
		n = path_of(parent_of(w.node), parent, sizeof(parent));
		n = n == 1 ? 0 : n;
		expect_of(w.node, !memcmp(path, parent, n) && path[n] == '/',
			  "the path is not its parent's and a component");
		memset(name, 0, sizeof(name));
		get_property(w.node, "name", name, sizeof(name) - 1);
		expect_of(w.node, last_of(path, '/') == path + n,
			  "the last component has a slash");
		expect_of(w.node,
			  !memcmp(path + n + 1, name, strlen(name)) &&
				  (!path[n + 1 + strlen(name)] ||
				   path[n + 1 + strlen(name)] == '@'),
			  "the last component is not name@unit");
	}
}

static void paths_are_unique(void)
{
	char path[PATH_SIZE], other[PATH_SIZE];
	uint32_t node;
	struct walk w = WALK;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		for (node = peer_of(w.node); node && w.node != find("/");
		     node = peer_of(node)) {
			path_of(node, other, sizeof(other));
			expect_of(w.node, !same_text(path, other),
				  "two nodes have the same path");
		}
	}
}

static void ihandle_for_a_node(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);

	if (is_node(stdout))
		return;
	expect_is(ci1("package-to-path", 3, stdout, cell(cases_buffer), 64, 0),
		  MISSING, "package-to-path of an ihandle");
	expect(buffer_kept(64), "package-to-path wrote after the buffer");
	expect_alive();
}

static void canon_of_each_node(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	while (walk_step(&w) && w.count < 200) {
		path_of(w.node, path, sizeof(path));
		expect_canon(path, path);
	}
}

static void canon_of_aliases(void)
{
	set_alias("/chosen");
	expect_canon("test-canon", "/chosen");
	set_alias("/memory");
	expect_canon("test-canon", "/memory@0");
	set_alias("/cpus");
	expect_canon("test-canon", "/cpus");
	set_alias("/");
	expect_canon("test-canon", "/");
}

// The standard leaves open whether the path includes arguments.
static void canon_with_arguments(void)
{
	static const char want[] = "/memory@0:1,\\a";
	uint32_t n;

	set_alias("/memory");
	n = canon("test-canon:1,\\a", cases_buffer, PATH_SIZE);
	if (n != 9)
		expect_is(n, sizeof(want) - 1, "the length");
	expect_bytes(cases_buffer, want, n == 9 ? 9 : sizeof(want) - 1,
		     "the path");
	expect_is(cases_buffer[n < 64 ? n : 0], 0, "the byte after the path");
	set_alias("/");
}

static void canon_of_long_paths(void)
{
	uint32_t n;

	memset(text, 'a', LONG);
	text[LONG] = 0;
	expect_is(canon(text, cases_buffer, 64), MISSING, "a long alias");
	text[0] = '/';
	expect_is(canon(text, cases_buffer, 64), MISSING, "a long name");
	expect(buffer_kept(0), "a failing canon wrote to the buffer");
	put_texts(text, sizeof(text), "/memory:", "", "");
	memset(text + 8, 'x', 3000);
	text[3008] = 0;
	n = canon(text, cases_buffer, 64);
	if (n != MISSING)
		expect_bytes(cases_buffer, "/memory@0", 9, "the path");
	expect(buffer_kept(64), "canon wrote after the buffer");
	expect_alive();
}

static void canon_of_nothing(void)
{
	static const char *const none[] = { "/no-such", "no-such-alias", "" };
	uint32_t i;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		expect_is(canon(none[i], cases_buffer, 64), MISSING, none[i]);
		expect(buffer_kept(0), "a failing canon wrote to the buffer");
	}
}

// Each length near multiples of 128, and some others.
static uint32_t next_length(uint32_t n)
{
	uint32_t rest = n % 128;

	return n + (rest > 120 || rest < 8 ? 1 : 8);
}

// Whatever a firmware's limit is, a path that fits comes back whole: `node`
// with enough letters for a canonical text of n bytes, or without them.
static void expect_whole(const char *node, uint32_t n)
{
	uint32_t used = (uint32_t)strlen(node), got;

	memcpy(text, node, used);
	memset(text + used, 'x', n - 10);
	text[used + n - 10] = 0;
	memset(cases_buffer, CASES_FILL, 1200);
	got = canon(text, cases_buffer, 1100);
	if (got == MISSING)
		return;
	put_texts(text, sizeof(text), "/memory@0:", "", "");
	memset(text + 10, 'x', n - 10);
	if (got != 9)
		expect_is(got, n, "the length");
	expect_bytes(cases_buffer, text, got == 9 ? 9 : n, "the path");
	expect_is(cases_buffer[got == 9 ? 9 : n], 0, "the byte after it");
	expect(buffer_kept(1100), "canon wrote after the buffer");
}

static void canon_at_limits(void)
{
	uint32_t n;

	for (n = 16; n < 1100; n = next_length(n)) {
		expect_whole("/memory:", n); // grows by two bytes
		expect_whole("/memory@0:", n);
	}
}

// A length larger than memory: the call returns the path or fails.
static void huge_lengths(void)
{
	static const uint32_t sizes[] = { 0x7fffffff, 0x80000000, MISSING };
	uint32_t memory = find("/memory@0"), i, n;

	for (i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		memset(cases_buffer, CASES_FILL, PATH_SIZE);
		if (i % 2)
			n = canon("/memory@0", cases_buffer, sizes[i / 2]);
		else
			n = ci1("package-to-path", 3, memory,
				cell(cases_buffer), sizes[i / 2], 0);
		if (n == MISSING)
			continue;
		expect_is(n, 9, "the length");
		expect_bytes(cases_buffer, "/memory@0", 10, "the path");
	}
	expect_alive();
}

static const struct test_case cases[] = {
	CALLS("package-to-path writes the path and a NUL", SPEC, REQUIRED,
	      "package-to-path", IN(MEMORY, BUFFER, NUM(10)), OUT(IS(9)),
	      BYTES("/memory@0\0")),
	CALLS("package-to-path of the root is \"/\"", SPEC, REQUIRED,
	      "package-to-path", IN(NODE("/"), BUFFER, NUM(2)), OUT(IS(1)),
	      BYTES("/\0")),
	CALLS("package-to-path leaves out a NUL that does not fit", SPEC,
	      REQUIRED, "package-to-path", IN(MEMORY, BUFFER, NUM(9)),
	      OUT(IS(9)), BYTES("/memory@0")),
	CALLS("package-to-path returns the full length when it truncates", SPEC,
	      REQUIRED, "package-to-path", IN(MEMORY, BUFFER, NUM(4)),
	      OUT(IS(9)), BYTES("/mem")),
	CALLS("package-to-path into one byte writes one byte", SPEC, REQUIRED,
	      "package-to-path", IN(MEMORY, BUFFER, NUM(1)), OUT(IS(9)),
	      BYTES("/")),
	CALLS("package-to-path into no bytes writes nothing", SPEC, REQUIRED,
	      "package-to-path", IN(MEMORY, BUFFER, NUM(0)), OUT(IS(9)),
	      BYTES("")),
	CALLS("package-to-path of length 0 does not look at the buffer", SPEC,
	      EXPECTED, "package-to-path", IN(MEMORY, NUM(0), NUM(0)),
	      OUT(IS(9))),
	RUNS("package-to-path keeps to buffers of 0 to 24 bytes", SPEC,
	     REQUIRED, every_size),
	RUNS("each path is its parent's path and name@unit", SPEC, REQUIRED,
	     made_of_components),
	RUNS("no two nodes of a parent have the same path", SPEC, REQUIRED,
	     paths_are_unique),
	CALLS("package-to-path of phandle 0 fails", SPEC, EXPECTED,
	      "package-to-path", EITHER, IN(NUM(0), BUFFER, NUM(64)),
	      OUT(IS(-1))),
	CALLS("package-to-path of phandle -1 is -1", SPEC, REQUIRED,
	      "package-to-path", EITHER, IN(NUM(-1), BUFFER, NUM(64)),
	      OUT(IS(-1))),
	CALLS("package-to-path of a wild phandle is -1", SPEC, REQUIRED,
	      "package-to-path", EITHER, IN(NUM(BAD_HANDLE), BUFFER, NUM(64)),
	      OUT(IS(-1))),
	RUNS("package-to-path of an ihandle fails", SPEC, EXPECTED,
	     ihandle_for_a_node),
	CALLS("package-to-path into the firmware's own memory fails", SPEC,
	      EXPECTED, "package-to-path", EITHER,
	      IN(MEMORY, FIRMWARE, NUM(16)), OUT(IS(-1))),
	CALLS("package-to-path to the end of the address space fails", SPEC,
	      EXPECTED, "package-to-path", EITHER,
	      IN(MEMORY, NUM(0xfffffffc), NUM(16)), OUT(IS(-1))),

	CALLS("canon of a full path is that path", SPEC, REQUIRED, "canon",
	      IN(TEXT("/memory@0"), BUFFER, NUM(10)), OUT(IS(9)),
	      BYTES("/memory@0\0")),
	CALLS("canon of the root is \"/\"", SPEC, REQUIRED, "canon",
	      IN(TEXT("/"), BUFFER, NUM(2)), OUT(IS(1)), BYTES("/\0")),
	CALLS("canon adds a missing unit address", SPEC, REQUIRED, "canon",
	      IN(TEXT("/memory"), BUFFER, NUM(10)), OUT(IS(9)),
	      BYTES("/memory@0\0")),
	CALLS("canon writes a unit address as the node has it", SPEC, REQUIRED,
	      "canon", IN(TEXT("/memory@000"), BUFFER, NUM(10)), OUT(IS(9)),
	      BYTES("/memory@0\0")),
	CALLS("canon leaves out a NUL that does not fit", SPEC, REQUIRED,
	      "canon", IN(TEXT("/memory@0"), BUFFER, NUM(9)), OUT(IS(9)),
	      BYTES("/memory@0")),
	CALLS("canon returns the full length when it truncates", SPEC, REQUIRED,
	      "canon", IN(TEXT("/memory"), BUFFER, NUM(4)), OUT(IS(9)),
	      BYTES("/mem")),
	CALLS("canon into no bytes writes nothing", SPEC, REQUIRED, "canon",
	      IN(TEXT("/memory@0"), BUFFER, NUM(0)), OUT(IS(9)), BYTES("")),
	RUNS("canon keeps to buffers of 0 to 24 bytes", SPEC, REQUIRED,
	     every_canon_size),
	RUNS("canon of each node's path is that path", SPEC, REQUIRED,
	     canon_of_each_node),
	RUNS("canon replaces an alias by its path", SPEC, REQUIRED,
	     canon_of_aliases),
	RUNS("GRUB: canon of a path with arguments begins with its path",
	     "GRUB net/drivers/ieee1275/ofnet.c", EXPECTED,
	     canon_with_arguments),
	CALLS("canon of a path to nothing is -1", SPEC, REQUIRED, "canon",
	      EITHER, IN(TEXT("/no-such"), BUFFER, NUM(64)), OUT(IS(-1))),
	CALLS("canon of an unknown alias is -1", SPEC, REQUIRED, "canon",
	      EITHER, IN(TEXT("no-such-alias"), BUFFER, NUM(64)), OUT(IS(-1))),
	CALLS("canon of a NULL pointer fails", SPEC, EXPECTED, "canon", EITHER,
	      IN(NUM(0), BUFFER, NUM(64)), OUT(IS(-1))),
	RUNS("canon of no node fails and leaves the buffer", SPEC, EXPECTED,
	     canon_of_nothing),
	CALLS("canon of a path past all memory fails", SPEC, EXPECTED, "canon",
	      EITHER, IN(NUM(0xfffffffa), BUFFER, NUM(64)), OUT(IS(-1))),
	CALLS("canon into the firmware's own memory fails", SPEC, EXPECTED,
	      "canon", EITHER, IN(TEXT("/memory@0"), FIRMWARE, NUM(16)),
	      OUT(IS(-1))),
	CALLS("canon to the end of the address space fails", SPEC, EXPECTED,
	      "canon", EITHER, IN(TEXT("/memory@0"), NUM(0xfffffffc), NUM(16)),
	      OUT(IS(-1))),
	RUNS("canon of paths of 3,000 to 65,536 bytes does no harm", SPEC,
	     EXPECTED, canon_of_long_paths),
	RUNS("canon of paths of 16 to 1,099 bytes fails or is whole", SPEC,
	     EXPECTED, canon_at_limits),
	RUNS("paths into buffers of 2 GiB and more come whole or fail", SPEC,
	     EXPECTED, huge_lengths),
	RUNS("after wrong buffers the firmware still answers", SPEC, EXPECTED,
	     expect_alive),
};

GROUP("37", "path names", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Aliases (IEEE 1275-1994 3.5 /aliases, 4.3.1 path resolution). They cannot be
// deleted, so the cases leave theirs set to "/".

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 4.3.1"
#define LONG 0x10000u

static char text[LONG + 64];

static void set_alias(const char *name, const char *path)
{
	expect_is(set_property(find("/aliases"), name, path,
			       (uint32_t)strlen(path) + 1),
		  strlen(path) + 1, "setprop of an alias");
}

static void aliases(void)
{
	uint32_t chosen = find("/chosen"), cpus = find("/cpus");
	char path[PATH_SIZE], *slash;

	set_alias("test-a", "/chosen");
	expect_not(chosen, MISSING, "finddevice of /chosen");
	expect_found("test-a", chosen);
	expect_found("test-a:1,\\file", chosen);
	expect_found("test-a:", chosen);
	set_alias("test-a", "/cpus");
	expect_found("test-a", cpus);
	path_of(child_of(cpus), path, sizeof(path));
	slash = last_of(path, '/');
	put_texts(text, sizeof(text), "test-a", slash ? slash : "/", "");
	expect_found(text, child_of(cpus));
	put_texts(text, sizeof(text), "test-a", slash ? slash : "/", ":1");
	expect_found(text, child_of(cpus));
	expect_found("test-a/no-such", MISSING);
	set_alias("test-a", "/");
	expect_found("test-a", find("/"));
}

static void alias_is_whole_name(void)
{
	set_alias("test-name", "/chosen");
	expect_found("test-nam", MISSING);
	expect_found("test-name2", MISSING);
	expect_found("/test-name", MISSING);
	expect_found("/aliases/test-name", MISSING);
	set_alias("test-name", "/");
}

static void alias_with_arguments(void)
{
	uint32_t chosen = find("/chosen"), cpus = find("/cpus");
	char path[PATH_SIZE], *slash;

	set_alias("test-args", "/cpus");
	path_of(child_of(cpus), path, sizeof(path));
	slash = last_of(path, '/');
	put_texts(text, sizeof(text), "test-args:0", slash ? slash : "/", ":1");
	expect_found(text, child_of(cpus));
	set_alias("test-args", "/chosen:1,\\boot");
	expect_found("test-args", chosen);
	expect_found("test-args:2", chosen);
	set_alias("test-args", "/");
}

static void alias_to_nothing(void)
{
	set_alias("test-gone", "/no-such/device@1");
	expect_found("test-gone", MISSING);
	expect_found("test-gone/x", MISSING);
	set_alias("test-gone", "no-such-alias");
	expect_found("test-gone", MISSING);
	set_alias("test-gone", "/");
}

static void nested_aliases(void)
{
	uint32_t chosen = find("/chosen");

	set_alias("test-n1", "/chosen");
	set_alias("test-n2", "test-n1");
	set_alias("test-n3", "test-n2");
	set_alias("test-n4", "test-n3:x");
	expect_maybe("test-n2", chosen);
	expect_maybe("test-n3", chosen);
	expect_maybe("test-n4", chosen);
	expect_maybe("test-n3:args", chosen);
	set_alias("test-n1", "/cpus");
	expect_maybe("test-n3", find("/cpus"));
	set_alias("test-n1", "/");
}

static void looping_aliases(void)
{
	set_alias("test-l0", "test-l0");
	expect_found("test-l0", MISSING);
	expect_found("test-l0:x", MISSING);
	set_alias("test-l0", "/");
	set_alias("test-l1", "test-l2");
	set_alias("test-l2", "test-l1");
	expect_found("test-l1", MISSING);
	set_alias("test-l2", "test-l1/x:y");
	expect_found("test-l1", MISSING);
	set_alias("test-l1", "/");
	set_alias("test-l2", "/");
	expect_alive();
}

// The name may still resolve to the node.
static void alias_of_itself(void)
{
	set_alias("packages", "packages");
	expect_maybe("packages", find("/packages"));
	set_alias("packages", "/packages");
	expect_found("packages", find("/packages"));
}

static void broken_aliases(void)
{
	uint32_t node = find("/aliases"), chosen = find("/chosen");

	set_property(node, "test-b", NULL, 0);
	expect_found("test-b", MISSING);
	set_property(node, "test-b", "", 1);
	expect_maybe("test-b", find("/"));
	set_property(node, "test-b", "/chosen", 7);
	expect_maybe("test-b", chosen);
	memset(text, 'a', LONG);
	text[0] = '/';
	text[LONG] = 0;
	set_property(node, "test-b", text, LONG + 1);
	expect_found("test-b", MISSING);
	set_alias("test-b", "/");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("an alias stands for its path, with child and arguments", SPEC,
	     REQUIRED, aliases),
	RUNS("an alias is a whole first component", SPEC, REQUIRED,
	     alias_is_whole_name),
	RUNS("an alias may hold arguments, or have them in front of a child",
	     SPEC, EXPECTED, alias_with_arguments),
	RUNS("an alias to nothing is -1", SPEC, REQUIRED, alias_to_nothing),
	RUNS("an alias of an alias is what that one names, or nothing", SPEC,
	     EXPECTED, nested_aliases),
	RUNS("aliases that go in circles are -1", SPEC, EXPECTED,
	     looping_aliases),
	RUNS("an alias of its own name is the node of that name, or nothing",
	     SPEC, EXPECTED, alias_of_itself),
	RUNS("an alias without path, NUL or end does no harm", SPEC, EXPECTED,
	     broken_aliases),
};

GROUP("36", "aliases", NULL);

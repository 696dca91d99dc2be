// SPDX-License-Identifier: BSD-2-Clause
// A client that copies the whole tree walks over it twice: first for
// the names, then for nodes and values (Linux prom_init.c,
// flatten_device_tree(); FreeBSD stand/libofw/ofw_fdt.c). Both walks agree.

#include "tests/guest/conformance/walk.h"

#define LINUX "Linux prom_init.c"
#define SPEC "IEEE 1275 6.3.2.2"
#define VALUE_SIZE 0x20000u

static unsigned char value[VALUE_SIZE];

static uint32_t hash(uint32_t sum, const void *data, uint32_t n)
{
	const unsigned char *p = data;

	while (n--)
		sum = (sum ^ *p++) * 0x01000193; // FNV-1a
	return sum;
}

struct pass {
	uint32_t nodes, properties, bytes, sum;
};

// Names only, as in the first pass.
static void take_names(struct pass *pass)
{
	struct walk w = WALK;

	memset(pass, 0, sizeof(*pass));
	while (walk_step(&w)) {
		struct properties p = PROPERTIES(w.node);

		pass->sum = hash(pass->sum, &w.node, 4);
		while (property_step(&p))
			pass->sum = hash(pass->sum, p.name,
					 (uint32_t)strlen(p.name) + 1);
		pass->properties += p.count;
		pass->nodes++;
	}
}

static void take_value(struct pass *pass, const struct properties *p)
{
	uint32_t n = property_length(p->node, p->name), got;

	if (!expect_of(p->node, n <= VALUE_SIZE - 8, p->name))
		return;
	memset(value + n, CASES_FILL, 8);
	got = get_property(p->node, p->name, value, n);
	expect_of(p->node, got == n, p->name);
	expect(value[n] == CASES_FILL, "getprop wrote after the buffer");
	pass->sum = hash(pass->sum, value, n);
	pass->bytes += n;
}

// Names, paths, lengths and values, as in the second.
static void take_all(struct pass *pass)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	memset(pass, 0, sizeof(*pass));
	while (walk_step(&w)) {
		struct properties p = PROPERTIES(w.node);

		path_of(w.node, path, sizeof(path));
		pass->sum = hash(pass->sum, path, (uint32_t)strlen(path));
		while (property_step(&p))
			take_value(pass, &p);
		pass->properties += p.count;
		pass->nodes++;
	}
}

static void passes_agree(void)
{
	struct pass names, all, again;

	take_names(&names);
	take_all(&all);
	take_names(&again);
	expect_is(all.nodes, names.nodes, "nodes of the second pass");
	expect_is(all.properties, names.properties,
		  "properties of the second pass");
	expect_is(again.sum, names.sum, "names of a third pass");
}

static void values_stay(void)
{
	struct pass first, second;

	take_all(&first);
	take_all(&second);
	expect_is(second.bytes, first.bytes, "bytes of the second pass");
	expect_is(second.sum, first.sum, "contents of the second pass");
}

// Linux claims memory for its strings between the passes.
static void claims_add_no_names(void)
{
	uint32_t base = claim(0, 0x100000, 0x1000);
	struct pass before, after;

	take_names(&before);
	if (base != MISSING)
		release(base, 0x100000);
	base = claim(0, 0x300000, 0x100000);
	take_names(&after);
	if (base != MISSING)
		release(base, 0x300000);
	expect_is(after.properties, before.properties,
		  "properties after a claim");
	expect_is(after.sum, before.sum, "names after a claim");
}

// Linux's first chunk for the flattened tree; a node needs its name and two
// words, a property three words and its value.
static void fits_a_chunk(void)
{
	struct pass all;

	take_all(&all);
	expect(all.nodes * (8 + 64) + all.properties * 12 + all.bytes <
		       0x100000,
	       "the flattened tree has more than 1 MiB");
}

static void each_property(void (*each)(const struct properties *p))
{
	struct walk w = WALK;

	while (walk_step(&w)) {
		struct properties p = PROPERTIES(w.node);

		while (property_step(&p))
			each(&p);
	}
}

static void check_rules(const struct properties *p)
{
	uint32_t n = (uint32_t)strlen(p->name), i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p->name[i];

		if (c <= ' ' || c >= 0x7f || c == '/' || c == '\\' ||
		    c == ':' || c == '[' || c == ']' || c == '@')
			expect_of(p->node, false, p->name);
	}
	expect_of(p->node, n > 0, "a property without a name");
}

static void names_keep_the_rules(void)
{
	each_property(check_rules);
}

// Names with a prefix "company," can be longer, even in LoPAR:
// "ibm,associativity-reference-points".
static void check_length(const struct properties *p)
{
	if (!has_text(p->name, ","))
		expect_of(p->node, strlen(p->name) <= 31, p->name);
}

static void names_are_short(void)
{
	each_property(check_length);
}

static void check_buffer(const struct properties *p)
{
	expect_of(p->node, strlen(p->name) < NAME_SIZE, p->name);
}

static void names_fit_linux(void)
{
	each_property(check_buffer);
}

static void unique_in(uint32_t node)
{
	static char names[256][NAME_SIZE];
	struct properties p = PROPERTIES(node);
	uint32_t n = 0, i;

	for (; n < 256 && property_step(&p); n++) {
		put_texts(names[n], NAME_SIZE, p.name, "", "");
		for (i = 0; i < n; i++)
			expect_of(node, !same_text(names[i], names[n]), p.name);
	}
}

static void names_are_unique(void)
{
	struct walk w = WALK;

	while (walk_step(&w))
		unique_in(w.node);
}

static void check_equal(const struct properties *p)
{
	uint32_t n = property_length(p->node, p->name);

	expect_of(p->node, n != MISSING, p->name);
	expect_of(p->node,
		  get_property(p->node, p->name, value, VALUE_SIZE) == n,
		  p->name);
	expect_of(p->node, get_property(p->node, p->name, value, 0) == n,
		  p->name);
}

static void lengths_agree(void)
{
	each_property(check_equal);
}

static void check_handle(const struct properties *p)
{
	unsigned char handle[4];

	if (!same_text(p->name, "phandle") &&
	    !same_text(p->name, "linux,phandle") &&
	    !same_text(p->name, "ibm,phandle"))
		return;
	expect_of(p->node, get_property(p->node, p->name, handle, 4) == 4,
		  p->name);
	expect_of(p->node, guest_be32(handle) == p->node, p->name);
}

static void handles_are_the_properties(void)
{
	each_property(check_handle);
}

static void check_parent(const struct properties *p)
{
	unsigned char handle[4];

	if (!same_text(p->name, "interrupt-parent"))
		return;
	get_property(p->node, p->name, handle, 4);
	expect_of(p->node, is_node(guest_be32(handle)), p->name);
}

static void interrupt_parents_are_nodes(void)
{
	each_property(check_parent);
}

static void every_node_has_its_name(void)
{
	struct walk w = WALK;
	uint32_t n;

	while (walk_step(&w)) {
		n = get_property(w.node, "name", value, VALUE_SIZE);
		if (!expect_of(w.node, n > 0 && n <= 32, "the name's length"))
			continue;
		expect_of(w.node, !value[n - 1], "the name has no NUL");
		expect_of(w.node, strlen((char *)value) == n - 1,
			  "the name has a NUL inside");
	}
}

static void paths_are_short(void)
{
	static char path[4096];
	struct walk w = WALK;

	while (walk_step(&w))
		expect_of(w.node, path_of(w.node, path, sizeof(path)) < 255,
			  "a path of 255 characters or more");
}

// A node "name@unit" has its unit in "reg" (IEEE 1275 3.2.1.2).
static void units_have_reg(void)
{
	char path[PATH_SIZE];
	struct walk w = WALK;

	while (walk_step(&w)) {
		path_of(w.node, path, sizeof(path));
		if (has_text(last_of(path, '/'), "@"))
			expect_of(w.node,
				  property_length(w.node, "reg") != MISSING,
				  "a unit address without reg");
	}
}

static const struct test_case cases[] = {
	RUNS("Linux: both passes meet the same nodes and names", LINUX,
	     EXPECTED, passes_agree),
	RUNS("values are the same in two passes", SPEC, EXPECTED, values_stay),
	RUNS("Linux: a claim between the passes adds no name", LINUX, EXPECTED,
	     claims_add_no_names),
	RUNS("Linux: the flattened tree fits its chunk of 1 MiB", LINUX,
	     EXPECTED, fits_a_chunk),
	RUNS("getproplen and getprop of every property agree", SPEC, REQUIRED,
	     lengths_agree),
	RUNS("no node has two properties of one name", "IEEE 1275 3.2.2.1.1",
	     REQUIRED, names_are_unique),
	RUNS("property names are printable and hold no separators",
	     "IEEE 1275 3.2.2.1.1", REQUIRED, names_keep_the_rules),
	RUNS("property names without a prefix have up to 31 characters",
	     "IEEE 1275 3.2.2.1.1", REQUIRED, names_are_short),
	RUNS("Linux: property names fit buffers of 64 bytes", LINUX, EXPECTED,
	     names_fit_linux),
	RUNS("each node has a name of up to 31 characters", "IEEE 1275 3.2.2.1",
	     REQUIRED, every_node_has_its_name),
	RUNS("Linux, GRUB: paths have less than 255 characters", LINUX,
	     EXPECTED, paths_are_short),
	RUNS("each node with a unit address has reg", "IEEE 1275 3.2.1",
	     REQUIRED, units_have_reg),
	RUNS("Linux: a property phandle is the node's handle", LINUX, EXPECTED,
	     handles_are_the_properties),
	RUNS("Linux: each interrupt-parent is the handle of a node", LINUX,
	     EXPECTED, interrupt_parents_are_nodes),
};

GROUP("32", "flatten", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Device tree walks and service wrappers.

#include "tests/guest/conformance/walk.h"

#define DEPTH_LIMIT 64

uint32_t peer_of(uint32_t node)
{
	return ci1("peer", 1, node, 0, 0, 0);
}

uint32_t child_of(uint32_t node)
{
	return ci1("child", 1, node, 0, 0, 0);
}

uint32_t parent_of(uint32_t node)
{
	return ci1("parent", 1, node, 0, 0, 0);
}

uint32_t property_length(uint32_t node, const char *name)
{
	return ci1("getproplen", 2, node, cell(name), 0, 0);
}

uint32_t set_property(uint32_t node, const char *name, const void *value,
		      uint32_t length)
{
	return ci1("setprop", 4, node, cell(name), cell(value), length);
}

uint32_t path_of(uint32_t node, char *to, uint32_t size)
{
	memset(to, 0, size);
	return ci1("package-to-path", 3, node, cell(to), size - 1, 0);
}

uint32_t next_property(uint32_t node, const char *previous, char *to)
{
	// Firmware that accepts any name returns it whole.
	static char name[0x11000];
	char before[NAME_ROOM];
	uint32_t result;

	put_texts(before, sizeof(before), previous, "", "");
	name[0] = 0;
	result = ci1("nextprop", 3, node, cell(before), cell(name), 0);
	if (result == 1)
		put_texts(to, NAME_ROOM, name, "", "");
	return result;
}

// Failing firmware returns one of these as a node.
static bool no_node(uint32_t handle)
{
	return !handle || handle == MISSING || handle == UNTOUCHED;
}

static uint32_t node_after(uint32_t node)
{
	uint32_t next = child_of(node);
	unsigned int depth;

	if (!no_node(next))
		return next;
	for (depth = 0; depth < DEPTH_LIMIT && !no_node(node); depth++) {
		next = peer_of(node);
		if (!no_node(next))
			return next;
		node = parent_of(node);
	}
	return 0;
}

bool walk_step(struct walk *walk)
{
	walk->node = walk->node ? node_after(walk->node) : peer_of(0);
	if (no_node(walk->node))
		return false;
	return expect(walk->count++ < WALK_LIMIT, "a walk does not end");
}

bool property_step(struct properties *p)
{
	if (next_property(p->node, p->name, p->name) != 1)
		return false;
	return expect(p->count++ < PROPERTY_LIMIT,
		      "a node's properties do not end");
}

bool is_node(uint32_t handle)
{
	struct walk w = WALK;

	while (walk_step(&w))
		if (w.node == handle)
			return true;
	return false;
}

bool expect_of(uint32_t node, bool good, const char *what)
{
	char path[PATH_SIZE];

	if (!expect(good, what)) {
		path_of(node, path, sizeof(path));
		note(path);
	}
	return good;
}

bool buffer_kept(uint32_t from)
{
	for (; from < sizeof(cases_buffer); from++)
		if (cases_buffer[from] != CASES_FILL)
			return false;
	return true;
}

void put_texts(char *to, uint32_t size, const char *first, const char *second,
	       const char *third)
{
	const char *const parts[3] = { first, second, third };
	const char *from;
	unsigned int i;

	for (i = 0; i < 3; i++)
		for (from = parts[i]; *from && size > 1; size--)
			*to++ = *from++;
	*to = 0;
}

void expect_found(const char *path, uint32_t node)
{
	expect_is(find(path), node, path);
}

void expect_maybe(const char *path, uint32_t node)
{
	uint32_t got = find(path);

	if (got != MISSING)
		expect_is(got, node, path);
}

char *last_of(char *text, char character)
{
	char *at = text + strlen(text);

	while (at > text && *at != character)
		at--;
	return *at == character ? at : NULL;
}

bool needs_pseries(void)
{
	uint32_t rtas = find("/rtas");

	if (!no_node(rtas) &&
	    property_length(rtas, "ibm,hypertas-functions") != MISSING)
		return true;
	skip("the machine is no pseries");
	return false;
}

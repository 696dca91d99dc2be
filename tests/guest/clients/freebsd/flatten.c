// SPDX-License-Identifier: BSD-2-Clause
// Copies the tree into a flattened one (Devicetree Specification 0.4, 5).

#include "tests/guest/clients/freebsd/freebsd.h"

#define HEADER 40u
#define RESERVED 16u // the empty table's end
#define BEGIN_NODE 1
#define END_NODE 2
#define PROPERTY 3
#define END 9
#define NAME_SIZE 64u
#define STRINGS_SIZE 65536u
#define MOST_STEPS 100000u

unsigned char blob[BLOB_SIZE];
uint32_t nodes[MOST_NODES];
unsigned int node_count;

static char strings[STRINGS_SIZE];
static uint32_t at, strings_size;

static void put(uint32_t where, uint32_t value)
{
	blob[where] = (unsigned char)(value >> 24);
	blob[where + 1] = (unsigned char)(value >> 16);
	blob[where + 2] = (unsigned char)(value >> 8);
	blob[where + 3] = (unsigned char)value;
}

static void token(uint32_t value)
{
	put(at, value);
	at += 4;
}

// Zeros up to the next word.
static void advance(uint32_t n)
{
	at += n;
	for (; at & 3; at++)
		blob[at] = 0;
}

static uint32_t string_offset(const char *name)
{
	uint32_t i = 0, n = (uint32_t)strlen(name) + 1;

	while (i < strings_size && !same_text(strings + i, name))
		i += (uint32_t)strlen(strings + i) + 1;
	if (i < strings_size)
		return i;
	if (!expect(strings_size + n <= STRINGS_SIZE, "too many names"))
		return 0;
	memcpy(strings + i, name, n);
	strings_size += n;
	return i;
}

static bool add_property(uint32_t node, const char *name)
{
	uint32_t size = ci1("getproplen", 2, node, cell(name), 0, 0);

	if (!expect(size < BLOB_SIZE - at - STRINGS_SIZE, "the tree's size"))
		return false;
	token(PROPERTY);
	token(size);
	token(string_offset(name));
	expect_is(get_property(node, name, blob + at, size), size, name);
	advance(size);
	return true;
}

// The first name gets a NULL pointer for the previous one.
static bool add_properties(uint32_t node)
{
	static char name[2][NAME_SIZE];
	uint32_t which, previous = 0, steps, more;

	for (steps = 0; steps < 1000; steps++) {
		which = steps & 1;
		memset(name[which], 0x7f, NAME_SIZE);
		more = ci1("nextprop", 3, node, previous, cell(name[which]), 0);
		if (!more)
			return true;
		if (!expect_is(more, 1, "nextprop"))
			return false;
		name[which][NAME_SIZE - 1] = 0;
		if (!add_property(node, name[which]))
			return false;
		previous = cell(name[which]);
	}
	return expect(false, "properties without end");
}

// The node's name is the end of its path.
static bool begin_node(uint32_t node)
{
	char path[256];
	uint32_t n = ci1("package-to-path", 3, node, cell(path), 255, 0), i;

	if (!expect(n && n < 255, "package-to-path"))
		return false;
	path[n] = 0;
	for (i = n; path[i - 1] != '/'; i--)
		if (i == 1)
			return expect(false, "a path without '/'");
	token(BEGIN_NODE);
	memcpy(blob + at, path + i, n - i + 1);
	advance(n - i + 1);
	if (!expect(node_count < MOST_NODES, "nodes without end"))
		return false;
	nodes[node_count++] = node;
	return add_properties(node);
}

// Advances to the next node: a child, else a peer of the node or an ancestor.
static uint32_t step(uint32_t node)
{
	uint32_t next = ci1("child", 1, node, 0, 0, 0);

	while (!next && node && node != MISSING) {
		token(END_NODE);
		next = ci1("peer", 1, node, 0, 0, 0);
		node = ci1("parent", 1, node, 0, 0, 0);
	}
	return next;
}

static void finish(void)
{
	uint32_t start = HEADER + RESERVED, size = at - start;
	const uint32_t header[HEADER / 4] = {
		0xd00dfeed, at + strings_size, start, at, HEADER, 17, 16,
		0,	    strings_size,      size,
	};
	unsigned int i;

	for (i = 0; i < HEADER / 4; i++)
		put(4 * i, header[i]);
	memcpy(blob + at, strings, strings_size);
	at += strings_size;
}

uint32_t flatten(void)
{
	uint32_t node = ci1("peer", 1, 0, 0, 0, 0), steps;

	memset(blob, 0, sizeof(blob));
	at = HEADER + RESERVED;
	strings_size = 0;
	node_count = 0;
	for (steps = 0; node && steps < MOST_STEPS; steps++) {
		if (!begin_node(node))
			return 0;
		node = step(node);
	}
	token(END);
	finish();
	return at;
}

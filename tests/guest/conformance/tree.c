// SPDX-License-Identifier: BSD-2-Clause
// Tree structure (IEEE 1275-1994 6.3.2.2): peer, child, parent.

#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define NODES 4096

static uint32_t seen[NODES];

static uint32_t all_nodes(void)
{
	struct walk w = WALK;

	while (walk_step(&w) && w.count <= NODES)
		seen[w.count - 1] = w.node;
	return w.count < NODES ? w.count : NODES;
}

static void walk_ends(void)
{
	uint32_t n = all_nodes(), i;

	expect(n > 5, "the tree has less than six nodes");
	for (i = 0; i < n; i++) {
		expect_not(seen[i], 0, "a handle");
		expect_not(seen[i], MISSING, "a handle");
	}
}

static void handles_are_unique(void)
{
	uint32_t n = all_nodes(), i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (seen[i] == seen[j])
				expect_of(seen[i], false,
					  "two nodes have one handle");
}

static void walks_agree(void)
{
	struct walk w = WALK;
	uint32_t n = all_nodes();

	while (walk_step(&w) && w.count <= n)
		if (!expect_of(w.node, w.node == seen[w.count - 1],
			       "a second walk has another node here"))
			break;
	expect_is(w.count, n, "nodes of the second walk");
}

static void parents_of_children(void)
{
	struct walk w = WALK;
	uint32_t child;

	while (walk_step(&w))
		for (child = child_of(w.node); child; child = peer_of(child))
			if (!expect_of(child, parent_of(child) == w.node,
				       "the parent is another node"))
				break;
}

// Counts siblings directly, not by a walk.
static void counts_agree(void)
{
	struct walk w = WALK;
	uint32_t children = 0, child, n;

	while (walk_step(&w))
		for (child = child_of(w.node), n = 0; child && n < WALK_LIMIT;
		     child = peer_of(child), n++)
			children++;
	expect_is(children + 1, w.count, "all children and the root");
}

static void parents_lead_to_the_root(void)
{
	struct walk w = WALK;
	uint32_t node, depth, root = find("/");

	while (walk_step(&w)) {
		node = w.node;
		for (depth = 0; node != root && depth < 64; depth++)
			node = parent_of(node);
		expect_of(w.node, node == root,
			  "parents do not lead to the root");
	}
}

static void known_children(void)
{
	uint32_t root = find("/"), node;
	bool chosen = false, cpus = false;

	for (node = child_of(root); node && node != MISSING;
	     node = peer_of(node)) {
		chosen |= node == find("/chosen");
		cpus |= node == find("/cpus");
	}
	expect(chosen, "/chosen is no child of the root");
	expect(cpus, "/cpus is no child of the root");
	expect_is(parent_of(find("/chosen")), root, "the parent of /chosen");
	expect_is(parent_of(child_of(find("/cpus"))), find("/cpus"),
		  "the parent of the first processor");
}

static void beside_nodes(void)
{
	uint32_t n = all_nodes(), low = MISSING, high = 0, i;

	for (i = 0; i < n; i++) {
		low = seen[i] < low ? seen[i] : low;
		high = seen[i] > high ? seen[i] : high;
	}
	for (i = 1; i <= 16; i++) {
		expect_is(child_of(high + i), 0, "child of no node");
		expect_is(peer_of(high + i), 0, "peer of no node");
		expect_is(parent_of(high + i), 0, "parent of no node");
		if (low <= i)
			continue;
		expect_is(child_of(low - i), 0, "child of no node");
		expect_is(peer_of(low - i), 0, "peer of no node");
		expect_is(parent_of(low - i), 0, "parent of no node");
	}
	expect_alive();
}

static void ihandle_is_no_node(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);

	if (is_node(stdout))
		return;
	expect_is(child_of(stdout), 0, "child of an ihandle");
	expect_is(peer_of(stdout), 0, "peer of an ihandle");
	expect_is(parent_of(stdout), 0, "parent of an ihandle");
	expect_alive();
}

// Firmware that follows any pointer crashes on one of these.
static void wild_handles(void)
{
	uint32_t handle = 0x9e3779b9, i;

	for (i = 0; i < 64; i++, handle = handle * 1664525 + 1013904223) {
		if (is_node(handle))
			continue;
		expect_is(child_of(handle), 0, "child of a wild handle");
		expect_is(peer_of(handle), 0, "peer of a wild handle");
		expect_is(parent_of(handle), 0, "parent of a wild handle");
	}
	expect_alive();
}

// Opening a device must not move it or its siblings.
static void stays_when_opened(void)
{
	uint32_t n = all_nodes(), before, i;
	struct walk w = WALK;

	before = open_path("/memory");
	while (walk_step(&w) && w.count <= n)
		expect_of(w.node, w.node == seen[w.count - 1],
			  "the tree is another while /memory is open");
	expect_is(w.count, n, "nodes");
	if (before && before != MISSING)
		close_instance(before);
	for (i = 0; i < 3; i++)
		expect_is(peer_of(0), seen[0], "the root");
}

static const struct test_case cases[] = {
	CALLS("peer of 0 is the root", SPEC, REQUIRED, "peer", IN(NUM(0)),
	      OUT(IS_NODE("/"))),
	CALLS("the root has no peer", SPEC, REQUIRED, "peer", IN(NODE("/")),
	      OUT(IS(0))),
	CALLS("the root has no parent", SPEC, REQUIRED, "parent", IN(NODE("/")),
	      OUT(IS(0))),
	CALLS("the root has a child", SPEC, REQUIRED, "child", IN(NODE("/")),
	      OUT(HANDLE)),
	CALLS("the parent of /chosen is the root", SPEC, REQUIRED, "parent",
	      IN(NODE("/chosen")), OUT(IS_NODE("/"))),
	CALLS("/cpus has a child", "PowerPC binding 5.1", REQUIRED, "child",
	      IN(NODE("/cpus")), OUT(HANDLE)),
	CALLS("a leaf has no child", SPEC, REQUIRED, "child",
	      IN(NODE("/chosen")), OUT(IS(0))),
	RUNS("known nodes are among the root's children", SPEC, REQUIRED,
	     known_children),
	RUNS("a walk by child, peer and parent ends", SPEC, REQUIRED,
	     walk_ends),
	RUNS("no two nodes have the same handle", SPEC, REQUIRED,
	     handles_are_unique),
	RUNS("two walks meet the same nodes in the same order", SPEC, REQUIRED,
	     walks_agree),
	RUNS("each child has its parent", SPEC, REQUIRED, parents_of_children),
	RUNS("children counted one by one are as many as nodes", SPEC, REQUIRED,
	     counts_agree),
	RUNS("the parents of each node lead to the root", SPEC, REQUIRED,
	     parents_lead_to_the_root),
	RUNS("an open instance changes no node's place", SPEC, EXPECTED,
	     stays_when_opened),
	CALLS("child of phandle 0 fails", SPEC, EXPECTED, "child", EITHER,
	      IN(NUM(0)), OUT(IS(0))),
	CALLS("parent of phandle 0 fails", SPEC, EXPECTED, "parent", EITHER,
	      IN(NUM(0)), OUT(IS(0))),
	CALLS("peer of phandle -1 fails", SPEC, EXPECTED, "peer", EITHER,
	      IN(NUM(-1)), OUT(IS(0))),
	CALLS("child of phandle -1 fails", SPEC, EXPECTED, "child", EITHER,
	      IN(NUM(-1)), OUT(IS(0))),
	CALLS("parent of phandle -1 fails", SPEC, EXPECTED, "parent", EITHER,
	      IN(NUM(-1)), OUT(IS(0))),
	CALLS("peer of a wild phandle fails", SPEC, EXPECTED, "peer", EITHER,
	      IN(NUM(BAD_HANDLE)), OUT(IS(0))),
	CALLS("child of a wild phandle fails", SPEC, EXPECTED, "child", EITHER,
	      IN(NUM(BAD_HANDLE)), OUT(IS(0))),
	CALLS("parent of a wild phandle fails", SPEC, EXPECTED, "parent",
	      EITHER, IN(NUM(BAD_HANDLE)), OUT(IS(0))),
	RUNS("handles beside those of nodes have no relatives", SPEC, EXPECTED,
	     beside_nodes),
	RUNS("an ihandle has no relatives", SPEC, EXPECTED, ihandle_is_no_node),
	RUNS("64 handles made up at random have no relatives", SPEC, EXPECTED,
	     wild_handles),
};

GROUP("30", "tree", NULL);

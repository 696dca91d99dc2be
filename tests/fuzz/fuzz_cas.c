// SPDX-License-Identifier: BSD-2-Clause
// The tree that CAS brings, merged into a live one twice.
#include <stdlib.h>

#include "lib/err.h"
#include "tests/fake/fdt.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/fdt.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A node that was added is whole: it has a handle, and is in the tree. */
static void added(struct node *node)
{
	assert(tree_by_phandle(node->phandle) == node);
	assert(node->parent);
}

static const struct tree_merge_ops ops = { .added = added };

/* The nodes before a merge: those that stay keep their handles. */
static struct {
	struct node *node; /* NULL: it went */
	phandle_t phandle;
} known[400];
static unsigned known_count;

static void remember(void)
{
	known_count = 0;
	for (struct node *n = tree_root(); n; n = tree_next(n)) {
		assert(known_count < ARRAY_SIZE(known));
		known[known_count].node = n;
		known[known_count++].phandle = n->phandle;
	}
}

/* Children go before their parents; nothing goes twice. */
static void removed(struct node *node)
{
	unsigned i = 0;

	assert(!node->child && node->parent);
	while (i < known_count && known[i].node != node)
		i++;
	if (i < known_count)
		known[i].node = NULL;
}

static void plug(void)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	struct node *aliases;

	assert(!tree_init());
	assert(tree_unflatten(blob, size) == (long)size);
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert(aliases);
	assert(!tree_set_str(aliases, "bridge", "/pci/pci@1"));
	assert(!tree_set_str(aliases, "disk", "/pci/scsi@2"));
	assert(tree_add_node(tree_find("/pci/scsi@2"), "disk@8000",
			     TREE_QUOIN));
	assert(tree_add_node(tree_root(), "client-made", TREE_CLIENT));
	tree_set_remove_hook(removed);
}

/* The links of the tree, and a handle for each node. */
static void check(void)
{
	for (struct node *n = tree_root(); n; n = tree_next(n)) {
		assert(n->phandle && tree_by_phandle(n->phandle) == n);
		assert(!n->next || n->next->prev == n);
		assert(!n->child || n->child->parent == n);
		assert(!n->last_child || !n->last_child->next);
	}
	assert(tree_find("/client-made"));
	for (unsigned i = 0; i < known_count; i++) {
		const struct node *n = known[i].node;

		if (n)
			assert(n->phandle == known[i].phandle);
		else
			assert(!tree_by_phandle(known[i].phandle) ||
			       known[i].phandle < TREE_PHANDLE_FIRST ||
			       known[i].phandle > TREE_PHANDLE_MAX);
	}
}

static void merge(const void *from, size_t len, unsigned allocations)
{
	void *blob = malloc(len + 1), *out = NULL;
	long rc;

	memcpy(blob, from, len);
	remember();
	if (allocations)
		fake_heap_fail_after(allocations);
	rc = tree_merge(blob, len, &ops);
	assert(rc > 0 || rc == ERR_FORMAT || rc == ERR_NOMEM);
	assert(rc <= (long)len);
	assert(rc != ERR_NOMEM || fake_heap_failed());
	fake_heap_fail_after(-1);
	free(blob);
	/* Without memory the tree is half changed, but sound. */
	check();
	assert(tree_flatten(0, 0, &out) > 0);
	heap_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t kind = fuzz_u8(&in);
	size_t len;
	void *blob;

	plug();
	if (kind & 1) {
		merge(in.at, in.left, 0);
	} else {
		unsigned allocations = kind & 2 ? fuzz_u8(&in) : 0;

		blob = fuzz_fdt(&in, &len);
		merge(blob, len, allocations);
		merge(blob, len, 0);
	}
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}

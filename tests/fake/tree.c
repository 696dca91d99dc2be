// SPDX-License-Identifier: BSD-2-Clause
/* Nodes and handles of the tree with a way to free them, in place of the
 * archive's: the firmware keeps its tree to the end. */
#include "tests/fake/tree.h"

#include "tree/node.c"
#include "tree/phandle.c"

void tree_free(void)
{
	struct node *node = tree.root;

	while (node) {
		struct node *parent;

		while (node->child)
			node = node->child;
		parent = node->parent;
		if (parent)
			node_unlink(node);
		node_free(node);
		node = parent;
	}
	tree.root = NULL;
	heap_free(handles.ours);
	heap_free(handles.foreign);
	phandle_reset();
}

// SPDX-License-Identifier: BSD-2-Clause
// Merges the tree that a CAS call returned into the live one.
#include "tree/fdt.h"

#include <string.h>

#include "lib/err.h"
#include "tree/blob.h"
#include "tree/internal.h"
#include "tree/path.h"

/*
 * The blob is a whole tree, not a difference. It lacks the data that QEMU adds
 * only at reset (bootargs, the initrd), that we added and that the client set:
 * an absent node or property is not necessarily deleted.
 *
 *	node in the blob   in the live tree     the merge
 *	yes                yes                  sets the blob's properties
 *	yes                no                   adds the node, calls added()
 *	no                 QEMU's               removes it with its subtree
 *	no                 ours, the client's   leaves it alone
 *
 * The blob's value of a property wins, regardless of the owner. No property of
 * a surviving node is deleted.
 *
 * Three walks: the first marks the nodes that are also in the blob; then QEMU's
 * nodes without a mark are removed; the second walk sets properties and adds
 * new nodes; the last one calls added() for them. Removal precedes addition
 * because the nodes of the interrupt controllers XICS and XIVE use the same
 * phandle: the old one must release it first.
 */
struct merge {
	struct blob_reader blob;
	struct node *node;  /* its properties are being read */
	struct node *guess; /* its child that is expected next */
	uint32_t skipped;   /* open nodes of the blob below `node` */
};

/* Marks of this merge; other nodes have 0 or marks of earlier merges. */
static uint32_t merge_old, merge_new;

static bool merge_is_called(const struct node *node,
			    const struct blob_reader *b)
{
	size_t len = strlen(node->name);

	if (b->name_len < len || memcmp(b->name, node->name, len) != 0)
		return false;
	if (!node->unit)
		return b->name_len == len;
	return b->name[len] == '@' &&
	       strcmp(b->name + len + 1, node->unit) == 0;
}

/* The order of nodes in the blob is usually ours. */
static struct node *merge_find(const struct merge *m)
{
	struct node *node;

	for (node = m->guess; node; node = node->next) {
		if (merge_is_called(node, &m->blob))
			return node;
	}
	for (node = m->node->child; node != m->guess; node = node->next) {
		if (merge_is_called(node, &m->blob))
			return node;
	}
	return NULL;
}

static void merge_enter(struct merge *m, struct node *node)
{
	m->node = node;
	m->guess = node->child;
}

static void merge_leave(struct merge *m)
{
	m->guess = m->node->next;
	m->node = m->node->parent;
}

/* First walk: changes only the marks. */
static int merge_mark(struct merge *m)
{
	struct node *node;

	for (;;) {
		switch (blob_next(&m->blob)) {
		case BLOB_NODE:
			node = m->skipped ? NULL : merge_find(m);
			if (!node) {
				m->skipped++;
				break;
			}
			node->mark = merge_old;
			merge_enter(m, node);
			break;
		case BLOB_NODE_END:
			if (m->skipped)
				m->skipped--;
			else
				merge_leave(m);
			break;
		case BLOB_PROP:
			break;
		case BLOB_END:
			return 0;
		default:
			return ERR_FORMAT;
		}
	}
}

/* Returns true if any node was removed. */
static bool merge_remove(void)
{
	struct node *node = tree_next(tree_root());
	bool removed = false;

	while (node) {
		struct node *gone = node;

		if (node->owner != TREE_QEMU || node->mark == merge_old) {
			node = tree_next(node);
			continue;
		}
		node = tree_next_skip(node);
		tree_remove_node(gone);
		removed = true;
	}
	return removed;
}

static int merge_node(struct merge *m)
{
	struct node *node = merge_find(m);

	if (!node) {
		node = tree_node_new(m->node, m->blob.name, m->blob.name_len,
				     TREE_QEMU);
		if (!node)
			return ERR_NOMEM;
		node->mark = merge_new;
	}
	merge_enter(m, node);
	return 0;
}

static int merge_node_end(struct merge *m)
{
	int err = m->node->phandle ? 0 : tree_give_phandle(m->node);

	merge_leave(m);
	return err;
}

static int merge_prop(struct merge *m)
{
	const struct blob_reader *b = &m->blob;
	phandle_t phandle = blob_phandle(b);

	if (strcmp(b->name, "name") == 0)
		return 0;
	if (phandle) {
		int err;

		/*
		 * A surviving node keeps its handle: the client may hold it,
		 * and properties that are not in the blob may refer to it.
		 */
		if (m->node->mark != merge_new)
			return 0;
		err = blob_take_phandle(m->node, phandle);
		if (err)
			return err;
	}
	return tree_setprop(m->node, b->name, b->value, b->len, TREE_QEMU);
}

/* Second walk. */
static int merge_change(struct merge *m)
{
	for (;;) {
		int err;

		switch (blob_next(&m->blob)) {
		case BLOB_NODE:
			err = merge_node(m);
			break;
		case BLOB_PROP:
			err = merge_prop(m);
			break;
		case BLOB_NODE_END:
			err = merge_node_end(m);
			break;
		default: /* the first walk has found all errors */
			return 0;
		}
		if (err)
			return err;
	}
}

/* Removes the new nodes: their handles and properties are incomplete. */
static void merge_undo(void)
{
	struct node *node = tree_root();

	while (node) {
		struct node *gone = node;

		if (node->mark != merge_new) {
			node = tree_next(node);
			continue;
		}
		node = tree_next_skip(node);
		tree_remove_node(gone);
	}
}

/* Last walk: `added` may add child nodes. */
static void merge_show(const struct tree_merge_ops *ops)
{
	struct node *node;

	if (!ops || !ops->added)
		return;
	for (node = tree_root(); node; node = tree_next(node)) {
		if (node->mark == merge_new)
			ops->added(node);
	}
}

long tree_merge(const void *fdt, size_t max, const struct tree_merge_ops *ops)
{
	struct merge m = { .node = tree_root(), .guess = tree_root()->child };
	struct merge start;
	long size = blob_open(&m.blob, fdt, max);
	int err;

	if (size < 0)
		return size;
	merge_old = merge_new + 1;
	merge_new = merge_old + 1;
	start = m;
	err = merge_mark(&m);
	if (err)
		return err;
	if (merge_remove())
		tree_drop_aliases();
	m = start;
	m.guess = m.node->child; /* the first child may have been removed */
	err = merge_change(&m);
	if (err) {
		merge_undo();
		return err;
	}
	merge_show(ops);
	return size;
}

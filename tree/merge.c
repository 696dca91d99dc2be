// SPDX-License-Identifier: BSD-2-Clause
// Brings the tree that a CAS call returned into the live one.
#include "tree/fdt.h"

#include <string.h>

#include "lib/err.h"
#include "tree/blob.h"
#include "tree/internal.h"
#include "tree/path.h"

/*
 * The blob is a whole tree, not a difference. It lacks what QEMU says only at
 * reset (bootargs, the initrd), what we added and what the client set: that a
 * node or property is absent does not mean that it is gone.
 *
 *	node in the blob   in the live tree     the merge
 *	yes                yes                  sets the blob's properties
 *	yes                no                   makes the node and shows it
 *	no                 QEMU's               removes it with its subtree
 *	no                 ours, the client's   leaves it alone
 *
 * The blob's value of a property wins, whoever set the old one. No property of
 * a node that stays is deleted.
 *
 * Three walks: the first marks the nodes that the blob has, too; then those of
 * QEMU without a mark go; the second walk sets properties and adds what is new;
 * the last one shows the new nodes to the caller. Removing comes before adding:
 * the interrupt controllers XICS and XIVE are two nodes with one phandle, which
 * the old one must give up before the new one can take it.
 */
struct merge {
	struct blob_reader blob;
	struct node *node;  /* whose properties are read */
	struct node *guess; /* the child of it that should come next */
	uint32_t skipped;   /* open nodes of the blob below `node` */
};

/* The marks of this merge; other nodes have 0 or those of earlier ones. */
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

/* The blob has its nodes in our order most of the time. */
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

/* First walk: nothing is changed but marks. */
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

/* Returns true if there was anything to remove. */
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
		 * A node that stays keeps its handle: the client may hold it,
		 * and properties that the blob does not have may refer to it.
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
		default: /* the first walk has seen it all */
			return 0;
		}
		if (err)
			return err;
	}
}

/* What came so far goes: its handles and properties are not complete. */
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

/* Last walk: `added` may hang nodes of its own below. */
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
	m.guess = m.node->child; /* the first child may be gone */
	err = merge_change(&m);
	if (err) {
		merge_undo();
		return err;
	}
	merge_show(ops);
	return size;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The live device tree: nodes, their links, and their handles. */
#ifndef TREE_NODE_H
#define TREE_NODE_H

#include "lib/list.h"
#include "lib/types.h"

/* The creator of a node or property; CAS deletes only nodes of QEMU. */
enum tree_owner {
	TREE_QEMU,
	TREE_QUOIN,
	TREE_CLIENT,
};

/* Our own phandles: dense, and apart from those of QEMU (0x1111, ...). */
#define TREE_PHANDLE_FIRST 0x20000000u
#define TREE_PHANDLE_MAX 0x2fffffffu
/* No phandle: 0 ends walks, -1 is the "not found" of finddevice (1275 6.3). */
#define TREE_NO_PHANDLE 0u

struct node {
	char *name;	     /* without unit address; "" for the root */
	char *unit;	     /* text after '@', or NULL */
	char *other_unit;    /* a second one that finds it, or NULL */
	struct node *parent; /* NULL for the root */
	struct node *child;  /* first child */
	struct node *last_child;
	struct node *next; /* next sibling */
	struct node *prev;
	struct list props;   /* struct prop, in stable order */
	struct prop *cursor; /* end of the last lookup: makes
				nextprop O(1) amortised */
	phandle_t phandle;   /* never 0 */
	uint32_t mark;	     /* scratch for walks (CAS generation) */
	enum tree_owner owner;
	void *device; /* struct device, set by drivers/ */
};

/*
 * tree_init - start with a tree that has only a root.
 * An earlier tree is forgotten, not freed.
 * Returns 0 or ERR_NOMEM.
 */
must_check int tree_init(void);

/* tree_root - return the root node; never NULL after tree_init(). */
struct node *tree_root(void);

/*
 * tree_add_node - append a child to `parent`.
 * `name`: "name" or "name@unit" (copied); 1..63 characters in total, no '/'.
 * The node gets one of our phandles and a property "name".
 * Returns the node, or NULL: bad name or out of memory (see reason()).
 */
must_check struct node *tree_add_node(struct node *parent, const char *name,
				      enum tree_owner owner);

/*
 * tree_set_other_unit - let paths find a node by a second unit address, too,
 * which is used nowhere else. `unit` is copied. Call it once per node.
 * Returns 0 or ERR_NOMEM, see reason().
 */
must_check int tree_set_other_unit(struct node *node, const char *unit);

/*
 * tree_remove_node - remove a node (not the root) and its subtree.
 * Their handles become invalid. Ours are never reused; QEMU may reuse its own.
 */
void tree_remove_node(struct node *node);

/*
 * tree_set_remove_hook - call `hook` for each node just before it is removed,
 * children first (drivers close its instances). NULL: no hook.
 */
void tree_set_remove_hook(void (*hook)(struct node *node));

/*
 * tree_by_phandle - find the live node of a handle in O(1). Returns NULL for 0,
 * -1, stale and unknown handles.
 */
struct node *tree_by_phandle(phandle_t phandle);

/*
 * tree_set_phandle - give a node the phandle from QEMU's tree.
 * Returns 0; ERR_EXIST: in use, or one of ours that is or was in use;
 * ERR_INVAL: 0 or -1; ERR_NOMEM.
 */
must_check int tree_set_phandle(struct node *node, phandle_t phandle);

/* tree_next - the next node in depth-first order, or NULL. Not recursive. */
struct node *tree_next(const struct node *node);

/* tree_next_skip - the same, but skips the nodes below `node`. */
struct node *tree_next_skip(const struct node *node);

/* tree_child_named - the child named exactly `name`, "name[@unit]", or NULL. */
struct node *tree_child_named(const struct node *parent, const char *name);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The live device tree: nodes, how they hang together, and their handles. */
#ifndef TREE_NODE_H
#define TREE_NODE_H

#include "lib/list.h"
#include "lib/types.h"

/* Who made a node or property; CAS deletes only what QEMU made. */
enum tree_owner {
	TREE_QEMU,
	TREE_QUOIN,
	TREE_CLIENT,
};

/* Phandles that we give out: dense, away from those QEMU uses (0x1111, ...). */
#define TREE_PHANDLE_FIRST 0x20000000u
#define TREE_PHANDLE_MAX 0x2fffffffu
/* No phandle: 0 ends walks, -1 is the "not found" of finddevice (1275 6.3). */
#define TREE_NO_PHANDLE 0u

struct node {
	char *name;	     /* without unit address; "" for the root */
	char *unit;	     /* text after '@', or NULL */
	struct node *parent; /* NULL for the root */
	struct node *child;  /* first child */
	struct node *last_child;
	struct node *next; /* next sibling */
	struct node *prev;
	struct list props;   /* struct prop, in stable order */
	struct prop *cursor; /* where the last lookup ended: makes
				nextprop O(1) amortised */
	phandle_t phandle;   /* never 0 */
	uint32_t mark;	     /* scratch for walks (CAS generation) */
	enum tree_owner owner;
	void *device; /* drivers/ hangs its struct device here */
};

/*
 * tree_init - start with an empty tree that has only a root.
 * A tree from before is forgotten without being freed.
 * Returns 0 or ERR_NOMEM.
 */
must_check int tree_init(void);

/* tree_root - the root node; never NULL after tree_init(). */
struct node *tree_root(void);

/*
 * tree_add_node - append a child to `parent`.
 * `name`: "name" or "name@unit" (copied); 1..63 characters in all, no '/'.
 * The node gets a phandle of ours and a property "name".
 * Returns the node, or NULL: bad name, or out of memory (see reason()).
 */
must_check struct node *tree_add_node(struct node *parent, const char *name,
				      enum tree_owner owner);

/*
 * tree_remove_node - remove a node with all below it.
 * The handles die: they are never given to another node. Must not be the root.
 */
void tree_remove_node(struct node *node);

/*
 * tree_set_remove_hook - call `hook` for each node just before it is removed,
 * children first (drivers close the instances of it). NULL: none.
 */
void tree_set_remove_hook(void (*hook)(struct node *node));

/*
 * tree_by_phandle - the live node of a handle in O(1), or NULL: 0, -1, stale
 * and never-used values.
 */
struct node *tree_by_phandle(phandle_t phandle);

/*
 * tree_set_phandle - give a node the phandle that QEMU's tree uses for it.
 * Returns 0; ERR_EXIST: another node has it, or a removed one had it from us;
 * ERR_INVAL: 0 or -1; ERR_NOMEM.
 */
must_check int tree_set_phandle(struct node *node, phandle_t phandle);

/* tree_next - the node after `node` in depth-first order, or NULL. Iterative. */
struct node *tree_next(const struct node *node);

/* tree_next_skip - the same, but without going below `node`. */
struct node *tree_next_skip(const struct node *node);

/* tree_child_named - the child whose "name[@unit]" is exactly `name`. */
struct node *tree_child_named(const struct node *parent, const char *name);

#endif

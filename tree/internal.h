/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of tree/ share with each other and with nobody else. */
#ifndef TREE_INTERNAL_H
#define TREE_INTERNAL_H

#include "tree/node.h"
#include "tree/prop.h"

/* Longest "name@unit": Linux's flattening has 64-byte buffers. */
#define TREE_NODE_NAME_MAX 63

/* Text that need not be NUL-terminated. */
struct tree_text {
	const char *at;
	size_t len;
};

/*
 * tree_node_new - append a child with its property "name", but without a
 * phandle: the caller calls tree_set_phandle() or tree_give_phandle().
 * `name`: "name[@unit]", `len` bytes, not checked.
 * Returns the node or NULL: out of memory.
 */
must_check struct node *tree_node_new(struct node *parent, const char *name,
				      size_t len, enum tree_owner owner);

/*
 * tree_give_phandle - give a node without phandle one of ours.
 * Returns 0 or ERR_NOMEM.
 */
must_check int tree_give_phandle(struct node *node);

/* A property name that is about to be searched or added. */
struct tree_name {
	const char *at;
	size_t len; /* up to TREE_PROP_NAME_MAX */
	uint32_t hash;
};

/* tree_name_hash - of a property name; equal hashes mean equal lengths. */
uint32_t tree_name_hash(const char *name, size_t len);

/* tree_name_of - a name with its hash. */
struct tree_name tree_name_of(const char *name, size_t len);

/*
 * tree_prop_append - add a property that the node does not have yet.
 * Returns it, or NULL: out of memory.
 */
must_check struct prop *tree_prop_append(struct node *node,
					 struct tree_name name,
					 const void *value, uint32_t len,
					 enum tree_owner owner);

/* tree_prop_free_all - free all properties of a node. */
void tree_prop_free_all(struct node *node);

/* phandle_reset - forget all handles; the table's memory goes with the heap. */
void phandle_reset(void);

/* phandle_forget - `node` goes: its handle dies. */
void phandle_forget(const struct node *node);

/*
 * alias_expand - replace the alias at the start of a path, and the alias that
 * its value begins with, and so on.
 * `buf`: TREE_PATH_MAX bytes, holds the path and receives the absolute one.
 * Returns 0, ERR_NOENT: no such alias, ERR_RANGE: too long, or in circles.
 */
must_check int alias_expand(char *buf);

#endif

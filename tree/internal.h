/* SPDX-License-Identifier: BSD-2-Clause */
/* Internal to tree/. */
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
 * tree_node_new - append a child with the property "name", but no phandle: the
 * caller must call tree_set_phandle() or tree_give_phandle().
 * `name`: "name[@unit]", `len` bytes, not checked.
 * Returns the node or NULL: out of memory.
 */
must_check struct node *tree_node_new(struct node *parent, const char *name,
				      size_t len, enum tree_owner owner);

/*
 * tree_give_phandle - give a node without a phandle one of ours.
 * Returns 0 or ERR_NOMEM.
 */
must_check int tree_give_phandle(struct node *node);

/* A property name to find or add. */
struct tree_name {
	const char *at;
	size_t len; /* up to TREE_PROP_NAME_MAX */
	uint32_t hash;
};

/* tree_name_hash - hash a property name; equal hashes imply equal lengths. */
uint32_t tree_name_hash(const char *name, size_t len);

/* tree_name_of - make a struct tree_name; `name` is kept, not copied. */
struct tree_name tree_name_of(const char *name, size_t len);

/*
 * tree_prop_append - append a property that the node does not have yet.
 * Returns it, or NULL: out of memory.
 */
must_check struct prop *tree_prop_append(struct node *node,
					 struct tree_name name,
					 const void *value, uint32_t len,
					 enum tree_owner owner);

/* tree_prop_free_all - free all properties of a node. */
void tree_prop_free_all(struct node *node);

/* phandle_reset - forget all handles; the tables are not freed. */
void phandle_reset(void);

/* phandle_forget - invalidate the handle of `node`, which is being removed. */
void phandle_forget(const struct node *node);

/*
 * alias_expand - replace the alias at the start of a path by its value, until
 * the path is absolute.
 * `buf`: TREE_PATH_MAX bytes, contains the path and receives the absolute one.
 * Returns 0; ERR_NOENT: no such alias; ERR_RANGE: too long, or a loop.
 */
must_check int alias_expand(char *buf);

#endif

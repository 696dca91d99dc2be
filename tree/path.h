/* SPDX-License-Identifier: BSD-2-Clause */
/* Device paths: from text to nodes and back, aliases (IEEE 1275 3.2.1, 4.3). */
#ifndef TREE_PATH_H
#define TREE_PATH_H

#include "tree/node.h"

/* Longest path that is resolved; aliases may expand to it. */
#define TREE_PATH_MAX 1024

/*
 * tree_find - the node that a path or alias names.
 * `path`: "/a@1/b", "alias", "alias/b@2", with or without ":arguments" after
 * each component (they are skipped). A component without unit address matches
 * the first child of that name; unit addresses compare as numbers and without
 * regard to case, names without regard to case. Aliases may refer to aliases
 * (bounded). "/memory" is "/memory@0" even if other memory nodes come first
 * (GRUB reads the RMA size from it).
 * Returns the node or NULL.
 */
struct node *tree_find(const char *path);

/*
 * tree_resolve - split a path into its node and the last component's arguments.
 * `args`: receives a pointer into `path`'s expansion in `buf` (TREE_PATH_MAX
 * bytes), "" if there are none. An alias that itself holds arguments keeps
 * them unless the path has its own.
 * Returns the node, or NULL (see reason()).
 */
struct node *tree_resolve(const char *path, char *buf, const char **args);

/*
 * tree_path - full path of a node, "/" for the root.
 * `buf` gets as much as fits and is NUL-terminated when size > 0.
 * Returns the full length without the NUL.
 */
size_t tree_path(const struct node *node, char *buf, size_t size);

/*
 * tree_canon - canonical text of a path: aliases expanded, unit addresses as
 * the nodes have them, arguments of the last component kept.
 * Returns the full length without NUL (buf as in tree_path()), or ERR_NOENT.
 */
must_check long tree_canon(const char *path, char *buf, size_t size);

/*
 * tree_add_alias - the next free alias of a family: "disk", "disk1", "disk2"...
 * (SLOF's numbering). Nothing happens when an alias of the family already has
 * this value.
 * Returns 0, ERR_NOENT: no /aliases, ERR_RANGE: path too long, ERR_NOMEM.
 */
must_check int tree_add_alias(const char *family, const struct node *node);

/* tree_drop_aliases - delete each alias whose path no longer resolves. */
void tree_drop_aliases(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Device paths: from text to nodes and back, aliases (IEEE 1275 3.2.1, 4.3). */
#ifndef TREE_PATH_H
#define TREE_PATH_H

#include "tree/node.h"

/* Size of the longest path after alias expansion, with NUL. */
#define TREE_PATH_MAX 1024

/*
 * tree_find - find the node of a path or alias.
 * `path`: "/a@1/b", "alias", "alias/b@2", with or without ":arguments" after
 * each component (they are skipped). A component without a unit address matches
 * the first child of that name. Unit addresses compare as numbers; they and
 * names ignore case. Aliases may refer to aliases (bounded). "/memory" is
 * "/memory@0" even if other memory nodes precede it (GRUB reads the RMA size
 * from it).
 * Returns the node or NULL.
 */
struct node *tree_find(const char *path);

/*
 * tree_set_child_hook - call `hook` for a component of a path, "name[@unit]" of
 * `len` characters, that no child of `parent` matches. It returns the node that
 * is meant, which may be `parent`, or NULL. NULL: no hook.
 */
void tree_set_child_hook(struct node *(*hook)(struct node *parent,
					      const char *part, size_t len));

/*
 * tree_resolve - split a path into its node and the last component's arguments.
 * `buf`: TREE_PATH_MAX bytes, receives the expanded path. `args`: receives a
 * pointer into `buf`, "" if there are none. The path's own arguments replace
 * those of an alias.
 * Returns the node, or NULL (see reason()).
 */
struct node *tree_resolve(const char *path, char *buf, const char **args);

/*
 * tree_path - write the full path of a node, "/" for the root.
 * `buf` gets as much as fits and is NUL-terminated when size > 0.
 * Returns the full length without the NUL.
 */
size_t tree_path(const struct node *node, char *buf, size_t size);

/*
 * tree_canon - write the canonical form of a path: aliases expanded, unit
 * addresses as in the nodes, arguments of the last component kept.
 * Returns the full length without NUL (buf as in tree_path()), or ERR_NOENT.
 */
must_check long tree_canon(const char *path, char *buf, size_t size);

/*
 * tree_add_alias - add the next free alias of a family: "disk", "disk1"...
 * (SLOF's numbering). Does nothing if an alias of the family already has this
 * value.
 * Returns 0; ERR_NOENT: no /aliases; ERR_RANGE: path too long; ERR_NOMEM.
 */
must_check int tree_add_alias(const char *family, const struct node *node);

/*
 * tree_set_alias - define or replace an alias of the user's choice, as the
 * command devalias does. `path` need not exist. (IEEE 1275: devalias)
 * tree_check_alias: only check both texts.
 * Returns 0; ERR_INVAL: no valid name, or the path is empty or too long;
 * ERR_NOENT: no /aliases; ERR_NOMEM. See reason().
 */
must_check int tree_set_alias(const char *name, const char *path);
must_check int tree_check_alias(const char *name, const char *path);

/* tree_drop_aliases - delete each alias whose path no longer resolves. */
void tree_drop_aliases(void);

#endif

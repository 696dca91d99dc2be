// SPDX-License-Identifier: BSD-2-Clause
// Nodes of the live tree, and their links.
#include "tree/node.h"

#include <string.h>

#include "lib/err.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/internal.h"

static struct {
	struct node *root;
	void (*remove_hook)(struct node *node);
} tree;

/* Allocates a node, followed by its text; it is not linked yet. */
static struct node *node_alloc(const char *name, size_t len,
			       enum tree_owner owner)
{
	struct node *node = heap_alloc(sizeof(*node) + len + 1);
	char *text, *at;

	if (!node)
		return NULL;
	memset(node, 0, sizeof(*node));
	text = (char *)(node + 1);
	memcpy(text, name, len);
	text[len] = '\0';
	node->name = text;
	at = memchr(text, '@', len);
	if (at) {
		*at = '\0';
		node->unit = at + 1;
	}
	list_init(&node->props);
	node->owner = owner;
	return node;
}

static void node_link(struct node *parent, struct node *node)
{
	node->parent = parent;
	node->prev = parent->last_child;
	if (node->prev)
		node->prev->next = node;
	else
		parent->child = node;
	parent->last_child = node;
}

static void node_unlink(struct node *node)
{
	struct node *parent = node->parent;

	if (node->prev)
		node->prev->next = node->next;
	else
		parent->child = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		parent->last_child = node->prev;
}

static void node_free(struct node *node)
{
	tree_prop_free_all(node);
	heap_free(node->other_unit);
	heap_free(node);
}

struct node *tree_node_new(struct node *parent, const char *name, size_t len,
			   enum tree_owner owner)
{
	struct node *node = node_alloc(name, len, owner);

	if (!node)
		goto no_memory;
	if (!tree_prop_append(node, tree_name_of("name", 4), node->name,
			      (uint32_t)strlen(node->name) + 1, owner))
		goto free_node;
	if (parent)
		node_link(parent, node);
	return node;

free_node:
	node_free(node);
no_memory:
	reason_fail(ERR_NOMEM, "device tree: no memory for node %.*s", (int)len,
		    name);
	return NULL;
}

int tree_init(void)
{
	phandle_reset();
	tree.remove_hook = NULL;
	tree.root = tree_node_new(NULL, "", 0, TREE_QEMU);
	if (!tree.root)
		return ERR_NOMEM;
	return tree_give_phandle(tree.root);
}

struct node *tree_root(void)
{
	return tree.root;
}

static bool node_name_ok(const char *name, size_t len)
{
	return len > 0 && len <= TREE_NODE_NAME_MAX && name[0] != '@' &&
	       !strchr(name, '/');
}

struct node *tree_add_node(struct node *parent, const char *name,
			   enum tree_owner owner)
{
	size_t len = strlen(name);
	struct node *node;

	if (!node_name_ok(name, len)) {
		reason_fail(ERR_INVAL, "device tree: \"%s\" cannot name a node",
			    name);
		return NULL;
	}
	node = tree_node_new(parent, name, len, owner);
	if (node && tree_give_phandle(node) < 0) {
		node_unlink(node);
		node_free(node);
		return NULL;
	}
	return node;
}

int tree_set_other_unit(struct node *node, const char *unit)
{
	size_t size = strlen(unit) + 1;
	char *copy = heap_alloc(size);

	if (!copy)
		return reason_fail(ERR_NOMEM, "device tree: no memory for @%s",
				   unit);
	memcpy(copy, unit, size);
	node->other_unit = copy;
	return 0;
}

static void node_remove_leaf(struct node *node)
{
	if (tree.remove_hook)
		tree.remove_hook(node);
	phandle_forget(node);
	node_unlink(node);
	node_free(node);
}

void tree_remove_node(struct node *node)
{
	struct node *leaf = node;
	bool last;

	assert(node->parent);
	do {
		struct node *parent;

		while (leaf->child)
			leaf = leaf->child;
		parent = leaf->parent;
		last = leaf == node;
		node_remove_leaf(leaf);
		leaf = parent;
	} while (!last);
}

void tree_set_remove_hook(void (*hook)(struct node *node))
{
	tree.remove_hook = hook;
}

struct node *tree_next(const struct node *node)
{
	return node->child ? node->child : tree_next_skip(node);
}

struct node *tree_next_skip(const struct node *node)
{
	for (; node; node = node->parent) {
		if (node->next)
			return node->next;
	}
	return NULL;
}

/* True if the node is named exactly `name`, "name[@unit]". */
static bool node_is_called(const struct node *node, const char *name)
{
	size_t len = strlen(node->name);

	if (strncmp(name, node->name, len) != 0)
		return false;
	if (!node->unit)
		return name[len] == '\0';
	return name[len] == '@' && strcmp(name + len + 1, node->unit) == 0;
}

struct node *tree_child_named(const struct node *parent, const char *name)
{
	struct node *node = parent->child;

	while (node && !node_is_called(node, name))
		node = node->next;
	return node;
}

// SPDX-License-Identifier: BSD-2-Clause
// Properties of live nodes: find, set, walk, delete.
#include "tree/prop.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/internal.h"

/* One heap block: struct prop | value, `room` bytes | name | NUL. */
#define PROP_VALUE_ALIGN 8u

static_assert(sizeof(struct prop) % PROP_VALUE_ALIGN == 0,
	      "a value after struct prop is aligned");

static void *prop_own_value(const struct prop *p)
{
	return (void *)((uintptr_t)p + sizeof(*p));
}

uint32_t tree_name_hash(const char *name, size_t len)
{
	uint64_t first = 0, last = 0;

	if (len >= 8) {
		memcpy(&first, name, 8);
		memcpy(&last, name + len - 8, 8);
	} else {
		memcpy(&first, name, len);
	}
	first = (first ^ (last << 7 | last >> 57)) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(first >> 32 & 0xffffff00u) | (uint8_t)len;
}

struct tree_name tree_name_of(const char *name, size_t len)
{
	return (struct tree_name){ name, len, tree_name_hash(name, len) };
}

static bool prop_is_called(const struct prop *p, struct tree_name name)
{
	return p->hash == name.hash && memcmp(p->name, name.at, name.len) == 0;
}

static struct prop *prop_find_key(const struct node *node, struct tree_name key)
{
	struct prop *last = node->cursor;
	struct prop *p;

	if (last && prop_is_called(last, key))
		return last;
	list_for_each(p, &node->props, link) {
		if (prop_is_called(p, key))
			return p;
	}
	return NULL;
}

static struct prop *prop_find(const struct node *node, const char *name)
{
	size_t len = strlen(name);

	if (len > TREE_PROP_NAME_MAX)
		return NULL;
	return prop_find_key(node, tree_name_of(name, len));
}

struct prop *tree_prop_append(struct node *node, struct tree_name name,
			      const void *value, uint32_t len,
			      enum tree_owner owner)
{
	size_t room = ALIGN_UP((size_t)len, PROP_VALUE_ALIGN);
	struct prop *p = heap_alloc(sizeof(*p) + room + name.len + 1);

	if (!p) {
		reason_fail(ERR_NOMEM,
			    "device tree: no memory for property %.*s of %s",
			    (int)name.len, name.at, node->name);
		return NULL;
	}
	p->value = prop_own_value(p);
	p->name = (char *)p->value + room;
	p->hash = name.hash;
	p->len = len;
	p->room = (uint32_t)MIN(room, UINT32_MAX);
	p->owner = owner;
	memcpy(p->name, name.at, name.len);
	p->name[name.len] = '\0';
	if (len)
		memcpy(p->value, value, len);
	list_add_tail(&node->props, &p->link);
	return p;
}

static void prop_free(struct prop *p)
{
	if (p->value != prop_own_value(p))
		heap_free(p->value);
	heap_free(p);
}

void tree_prop_free_all(struct node *node)
{
	struct prop *p, *next;

	list_for_each_safe(p, next, &node->props, link)
		prop_free(p);
	list_init(&node->props);
	node->cursor = NULL;
}

const void *tree_getprop(const struct node *node, const char *name,
			 uint32_t *len)
{
	const struct prop *p = prop_find(node, name);

	if (!p)
		return NULL;
	if (len)
		*len = p->len;
	return p->value;
}

/* Makes room for `room` bytes. `*old`: a block to free after the copy. */
static int prop_grow(struct prop *p, uint32_t room, void **old)
{
	void *value;

	*old = NULL;
	if (room <= p->room)
		return 0;
	value = heap_alloc(room);
	if (!value)
		return reason_fail(
			ERR_NOMEM,
			"device tree: no memory for %u bytes in property %s",
			room, p->name);
	memcpy(value, p->value, p->len);
	if (p->value != prop_own_value(p))
		*old = p->value;
	p->value = value;
	p->room = room;
	return 0;
}

/* `value` may point into the old value. */
static int prop_replace(struct prop *p, const void *value, uint32_t len)
{
	void *old;
	int err = prop_grow(p, len, &old);

	if (err)
		return err;
	if (len)
		memmove(p->value, value, len);
	p->len = len;
	heap_free(old);
	return 0;
}

int tree_setprop(struct node *node, const char *name, const void *value,
		 uint32_t len, enum tree_owner owner)
{
	size_t name_len = strnlen(name, TREE_PROP_NAME_MAX + 1);
	struct tree_name key;
	struct prop *p;

	if (name_len == 0 || name_len > TREE_PROP_NAME_MAX ||
	    memchr(name, '/', name_len))
		return reason_fail(ERR_INVAL,
				   "device tree: a property of %s cannot "
				   "be called \"%.*s\"",
				   node->name, TREE_PROP_NAME_MAX + 1, name);
	key = tree_name_of(name, name_len);
	p = prop_find_key(node, key);
	if (p)
		return prop_replace(p, value, len);
	if (!tree_prop_append(node, key, value, len, owner))
		return ERR_NOMEM;
	return 0;
}

void tree_delprop(struct node *node, const char *name)
{
	struct prop *p = prop_find(node, name);

	if (!p)
		return;
	if (node->cursor == p)
		node->cursor = NULL;
	list_del(&p->link);
	prop_free(p);
}

const struct prop *tree_next_prop(struct node *node, const char *prev,
				  bool *found)
{
	const struct list *at = &node->props;

	*found = true;
	if (prev && *prev) {
		const struct prop *p = prop_find(node, prev);

		*found = p != NULL;
		if (!p)
			return NULL;
		at = &p->link;
	}
	if (at->next == &node->props)
		return NULL;
	node->cursor = container_of(at->next, struct prop, link);
	return node->cursor;
}

int tree_reserve_prop(struct node *node, const char *name, uint32_t room)
{
	struct prop *p = prop_find(node, name);

	if (!p)
		return reason_fail(ERR_NOENT,
				   "device tree: %s has no property %s",
				   node->name, name);

	void *old;
	int err = prop_grow(p, room, &old);

	heap_free(old);
	return err;
}

int tree_set_str(struct node *node, const char *name, const char *value)
{
	return tree_setprop(node, name, value, (uint32_t)strlen(value) + 1,
			    TREE_QUOIN);
}

int tree_set_u32(struct node *node, const char *name, uint32_t value)
{
	be32 cell = be32_make(value);

	return tree_setprop(node, name, &cell, sizeof(cell), TREE_QUOIN);
}

int tree_set_u64(struct node *node, const char *name, uint64_t value)
{
	be64 cells = be64_make(value);

	return tree_setprop(node, name, &cells, sizeof(cells), TREE_QUOIN);
}

int tree_set_cells(struct node *node, const char *name, const uint32_t *cells,
		   size_t n)
{
	be32 *wire = heap_alloc(n * sizeof(*wire));
	int err;

	if (!wire)
		return reason_fail(ERR_NOMEM,
				   "device tree: no memory for %zu cells in "
				   "property %s",
				   n, name);
	for (size_t i = 0; i < n; i++)
		wire[i] = be32_make(cells[i]);
	err = tree_setprop(node, name, wire, (uint32_t)(n * sizeof(*wire)),
			   TREE_QUOIN);
	heap_free(wire);
	return err;
}

/* The address of `cells` cells from number `index` on, or NULL. */
static const uint8_t *prop_cells(const struct node *node, const char *name,
				 uint32_t index, uint32_t cells)
{
	uint32_t len;
	const uint8_t *value = tree_getprop(node, name, &len);

	if (!value || index >= len / 4 || len / 4 - index < cells)
		return NULL;
	return value + (size_t)index * 4;
}

int tree_get_u32(const struct node *node, const char *name, uint32_t index,
		 uint32_t *value)
{
	const uint8_t *at = prop_cells(node, name, index, 1);

	if (!at)
		return ERR_NOENT;
	*value = be32_load(at);
	return 0;
}

int tree_get_u64(const struct node *node, const char *name, uint32_t index,
		 uint64_t *value)
{
	const uint8_t *at = prop_cells(node, name, index, 2);

	if (!at)
		return ERR_NOENT;
	*value = be64_load(at);
	return 0;
}

const char *tree_get_str(const struct node *node, const char *name)
{
	uint32_t len;
	const char *value = tree_getprop(node, name, &len);

	return value && memchr(value, '\0', len) ? value : NULL;
}

bool tree_has_string(const struct node *node, const char *name,
		     const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t len;
	const char *value = tree_getprop(node, name, &len);

	while (value && len) {
		size_t n = strnlen(value, len) + 1;

		if (n > len)
			return false; /* not terminated */
		if (n == size && memcmp(value, text, n) == 0)
			return true;
		value += n;
		len -= (uint32_t)n;
	}
	return false;
}

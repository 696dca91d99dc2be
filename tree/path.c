// SPDX-License-Identifier: BSD-2-Clause
// Device paths: from text to nodes and back (IEEE 1275-1994, 3.2.1 and 4.3).
#include "tree/path.h"

#include <string.h>

#include "lib/err.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tree/internal.h"

/* One component, "name@unit". */
struct path_part {
	struct tree_text name;
	struct tree_text unit; /* at: NULL if there is no '@' */
};

/* A path being expanded; too large for a stack frame. */
static char path_buf[TREE_PATH_MAX];

static struct node *(*path_hook)(struct node *parent, const char *part,
				 size_t len);

void tree_set_child_hook(struct node *(*hook)(struct node *parent,
					      const char *part, size_t len))
{
	path_hook = hook;
}

static bool text_equal(struct tree_text a, struct tree_text b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

/*
 * Takes the next number of a comma-separated list; 0 at its end.
 * Returns false if it is not a hexadecimal number.
 */
static bool unit_next(struct tree_text *list, uint64_t *val)
{
	const char *comma = memchr(list->at, ',', list->len);
	size_t len = comma ? (size_t)(comma - list->at) : list->len;
	size_t skip = comma ? len + 1 : len;
	size_t zeros = 0;

	/* Allow any number of leading zeros: "00800000020000000" is a PHB. */
	while (zeros + 1 < len && list->at[zeros] == '0')
		zeros++;
	*val = 0;
	if (list->len && fmt_parse_hex(list->at + zeros, len - zeros, val) < 0)
		return false;
	list->at += skip;
	list->len -= skip;
	return true;
}

static bool unit_equal(struct tree_text a, struct tree_text b)
{
	struct tree_text p = a, q = b;

	if (a.len == 0 || b.len == 0)
		return a.len == b.len;
	while (p.len || q.len) {
		uint64_t x, y;

		if (!unit_next(&p, &x) || !unit_next(&q, &y))
			return text_equal(a, b);
		if (x != y)
			return false;
	}
	return true;
}

static struct tree_text text_of(const char *text)
{
	return (struct tree_text){ text, strlen(text) };
}

static bool unit_matches(const char *unit, struct tree_text want)
{
	return unit && unit_equal(want, text_of(unit));
}

static bool path_matches(const struct node *node, const struct path_part *part)
{
	if (part->name.len && !text_equal(part->name, text_of(node->name)))
		return false;
	if (!part->unit.at)
		return true;
	return unit_matches(node->unit, part->unit) ||
	       unit_matches(node->other_unit, part->unit);
}

static struct node *path_child(const struct node *parent,
			       const struct path_part *part)
{
	struct node *node = parent->child;

	while (node && !path_matches(node, part))
		node = node->next;
	return node;
}

/*
 * Finds the child for a component. GRUB reads the RMA's size from "/memory":
 * this is "/memory@0", even if it is not the first memory node.
 */
static struct node *path_next(const struct node *parent,
			      const struct path_part *part)
{
	struct path_part rma = { part->name, text_of("0") };
	struct node *node = NULL;

	if (!parent->parent && !part->unit.at &&
	    text_equal(part->name, text_of("memory")))
		node = path_child(parent, &rma);
	return node ? node : path_child(parent, part);
}

/* Takes "name@unit" off a path. Returns the rest: "", "/..." or ":...". */
static const char *path_take(const char *path, struct path_part *part)
{
	const char *end = path;
	const char *at = NULL;

	for (; *end && *end != '/' && *end != ':'; end++) {
		if (*end == '@' && !at)
			at = end;
	}
	*part = (struct path_part){ .name = { path, (size_t)(end - path) } };
	if (at) {
		part->name.len = (size_t)(at - path);
		part->unit.at = at + 1;
		part->unit.len = (size_t)(end - at - 1);
	}
	return end;
}

/*
 * Follows an absolute path from the root. `args`: receives the last component's
 * arguments (without ':'), empty and at the path's end if there are none.
 */
static struct node *path_walk(const char *path, const char **args)
{
	struct node *node = tree_root();

	*args = NULL;
	for (;;) {
		struct path_part part;
		struct node *child = node; /* "/:arguments" */
		const char *begin;

		while (*path == '/')
			path++;
		if (!*path)
			break;
		begin = path;
		path = path_take(path, &part);
		if (part.name.len || part.unit.at)
			child = path_next(node, &part);
		if (!child && !*args && path_hook)
			child = path_hook(node, begin, (size_t)(path - begin));
		/* "/disk:1,/boot/file": no node, so part of the arguments. */
		if (!child)
			return *args ? node : NULL;
		node = child;
		*args = *path == ':' ? path + 1 : NULL;
		while (*path && *path != '/')
			path++;
	}
	if (!*args)
		*args = path;
	return node;
}

struct node *tree_find(const char *path)
{
	const char *args;

	return *path == '/' ? path_walk(path, &args)
			    : tree_resolve(path, path_buf, &args);
}

struct node *tree_resolve(const char *path, char *buf, const char **args)
{
	size_t len = strnlen(path, TREE_PATH_MAX);
	struct node *node;

	if (len == 0 || len == TREE_PATH_MAX) {
		reason_fail(ERR_RANGE, "a device path of %zu characters", len);
		return NULL;
	}
	memcpy(buf, path, len + 1);
	if (alias_expand(buf) < 0)
		return NULL;
	node = path_walk(buf, args);
	if (!node)
		reason_fail(ERR_NOENT, "%s: no such device", buf);
	return node;
}

/* Length of "/name@unit". */
static size_t path_part_len(const struct node *node)
{
	return 1 + strlen(node->name) +
	       (node->unit ? 1 + strlen(node->unit) : 0);
}

/* Copies `text` to offset `at` as far as it fits. Returns the end offset. */
static size_t path_put(char *buf, size_t size, size_t at, const char *text)
{
	size_t len = strlen(text);

	if (at < size)
		memcpy(buf + at, text, MIN(len, size - at));
	return at + len;
}

size_t tree_path(const struct node *node, char *buf, size_t size)
{
	const struct node *n;
	size_t len = 0;

	for (n = node; n->parent; n = n->parent)
		len += path_part_len(n);

	size_t end = len;

	for (n = node; n->parent; n = n->parent) {
		size_t at = end -= path_part_len(n);

		at = path_put(buf, size, at, "/");
		at = path_put(buf, size, at, n->name);
		if (n->unit) {
			at = path_put(buf, size, at, "@");
			path_put(buf, size, at, n->unit);
		}
	}
	if (len == 0)
		len = path_put(buf, size, 0, "/");
	if (size)
		buf[MIN(len, size - 1)] = '\0';
	return len;
}

long tree_canon(const char *path, char *buf, size_t size)
{
	const char *args;
	const struct node *node = tree_resolve(path, path_buf, &args);
	size_t len;

	if (!node)
		return ERR_NOENT;
	len = tree_path(node, buf, size);
	if (*args) {
		len = path_put(buf, size, len, ":");
		len = path_put(buf, size, len, args);
		if (size)
			buf[MIN(len, size - 1)] = '\0';
	}
	return (long)len;
}

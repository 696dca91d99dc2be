// SPDX-License-Identifier: BSD-2-Clause
// Aliases: short names for device paths (IEEE 1275-1994, 3.2.1.1).
#include "tree/path.h"

#include <string.h>

#include "lib/err.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tree/internal.h"

/* Maximum depth of aliases that refer to aliases: catches loops. */
#define ALIAS_DEPTH 8

/* The path of a new alias; too large for a stack frame. */
static char alias_path[TREE_PATH_MAX];

static struct node *alias_node(void)
{
	return tree_child_named(tree_root(), "aliases");
}

/* Value of the alias that is the first `len` bytes of `text`, or NULL. */
static const char *alias_value(const char *text, size_t len)
{
	const struct node *aliases = alias_node();
	char name[TREE_PROP_NAME_MAX + 1];

	if (!aliases || len == 0 || len > TREE_PROP_NAME_MAX)
		return NULL;
	memcpy(name, text, len);
	name[len] = '\0';
	return tree_get_str(aliases, name);
}

/* Replaces an alias's name, buf[0..head), by its value. */
static int alias_replace(char *buf, size_t head, const char *value)
{
	const char *rest = buf + head;
	const char *colon = strrchr(value, ':');
	size_t len = strlen(value);
	size_t rest_size = strlen(rest) + 1;

	/* The path's own arguments replace those of the alias. */
	if (*rest == ':' && colon)
		len = (size_t)(colon - value);
	if (rest_size > TREE_PATH_MAX - MIN(len, TREE_PATH_MAX))
		return reason_fail(ERR_RANGE,
				   "alias %.*s: the path is too long",
				   (int)head, buf);
	memmove(buf + len, rest, rest_size);
	memcpy(buf, value, len);
	return 0;
}

int alias_expand(char *buf)
{
	for (int depth = 0; *buf != '/'; depth++) {
		size_t head = 0;
		const char *value;
		int err;

		while (buf[head] && buf[head] != '/' && buf[head] != ':')
			head++;
		value = alias_value(buf, head);
		if (!value)
			return reason_fail(ERR_NOENT, "%s: no such alias", buf);
		if (depth == ALIAS_DEPTH)
			return reason_fail(ERR_RANGE,
					   "alias %.*s: too many aliases "
					   "of aliases",
					   (int)head, buf);
		err = alias_replace(buf, head, value);
		if (err)
			return err;
	}
	return 0;
}

/* The number after a family's name: "disk" 0, "disk7" 7, others -1. */
static long alias_number(const char *name, const char *family)
{
	size_t len = strlen(family);
	uint64_t number;

	if (strncmp(name, family, len) != 0)
		return -1;
	if (!name[len])
		return 0;
	if (fmt_parse_dec(name + len, strlen(name + len), &number) < 0)
		return -1;
	return (long)MIN(number, (uint64_t)INT32_MAX);
}

/*
 * Finds the first free number of a family. Returns false if one of its aliases
 * already has the value `path` (`size` bytes with NUL).
 */
static bool alias_next_number(const struct node *aliases, const char *family,
			      const char *path, size_t size, uint32_t *number)
{
	const struct prop *p;
	uint32_t count = 0, end = 0;

	list_for_each(p, &aliases->props, link) {
		long n = alias_number(p->name, family);

		if (n < 0)
			continue;
		if (p->len == size && memcmp(p->value, path, size) == 0)
			return false;
		count++;
		end = MAX(end, (uint32_t)n + 1);
	}
	/* There are usually no gaps, so there is no need to search. */
	*number = count == end ? end : 0;
	return true;
}

int tree_add_alias(const char *family, const struct node *node)
{
	struct node *aliases = alias_node();
	size_t size = tree_path(node, alias_path, sizeof(alias_path)) + 1;
	char name[TREE_PROP_NAME_MAX + 1];
	uint32_t number;

	if (!aliases)
		return reason_fail(ERR_NOENT, "no node /aliases");
	if (size > sizeof(alias_path))
		return reason_fail(ERR_RANGE,
				   "no alias %s: the path is too long", family);
	if (!alias_next_number(aliases, family, alias_path, size, &number))
		return 0;
	do {
		if (number == 0)
			fmt_str(name, sizeof(name), "%s", family);
		else
			fmt_str(name, sizeof(name), "%s%u", family, number);
		number++;
	} while (tree_getprop(aliases, name, NULL));
	return tree_set_str(aliases, name, alias_path);
}

int tree_check_alias(const char *name, const char *path)
{
	size_t len = strlen(name);

	if (!len || len > TREE_PROP_NAME_MAX || strchr(name, '/') ||
	    strchr(name, ':') || !strcmp(name, "name") ||
	    !strcmp(name, "phandle"))
		return reason_fail(ERR_INVAL,
				   "\"%s\" is not a valid alias name", name);
	len = strlen(path);
	if (!len || len >= TREE_PATH_MAX)
		return reason_fail(ERR_INVAL,
				   "alias %s: a device path of %zu characters",
				   name, len);
	return 0;
}

int tree_set_alias(const char *name, const char *path)
{
	struct node *aliases = alias_node();
	int err = tree_check_alias(name, path);

	if (err)
		return err;
	err = aliases ? tree_set_str(aliases, name, path) : ERR_NOENT;
	return err ? reason_fail(err, "alias %s: cannot change /aliases: %s",
				 name, err_str(err))
		   : 0;
}

void tree_drop_aliases(void)
{
	struct node *aliases = alias_node();
	struct prop *p, *next;

	if (!aliases)
		return;
	list_for_each_safe(p, next, &aliases->props, link) {
		const char *value = tree_get_str(aliases, p->name);

		if (strcmp(p->name, "name") != 0 && value && !tree_find(value))
			tree_delprop(aliases, p->name);
	}
}

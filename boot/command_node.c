// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's position in the device tree, and paths relative to it. */
#include <string.h>

#include "boot/command.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A handle, because the node may go; none: the root. */
static phandle_t node_position = TREE_NO_PHANDLE;

/* Paths that are shown, joined, resolved; too large for a stack frame. */
static char node_shown[TREE_PATH_MAX], node_text[TREE_PATH_MAX];
static char node_buf[TREE_PATH_MAX];

struct node *command_node(void)
{
	struct node *node = tree_by_phandle(node_position);

	return node ? node : tree_root();
}

const char *command_path(const struct node *node)
{
	tree_path(node, node_shown, sizeof(node_shown));
	return node_shown;
}

/* Is the first component of `path` an alias? Aliases come before children. */
static bool node_is_alias(const char *path)
{
	const struct node *aliases = tree_child_named(tree_root(), "aliases");
	char name[TREE_PROP_NAME_MAX + 1];
	size_t len = 0;

	while (path[len] && path[len] != '/' && path[len] != ':')
		len++;
	if (!aliases || !len || len >= sizeof(name))
		return false;
	memcpy(name, path, len);
	name[len] = '\0';
	return strcmp(name, "name") && tree_getprop(aliases, name, NULL);
}

/* Before `rest`, which may be arguments: ":..." or "\file". */
static const char *node_separator(const char *path, const char *rest)
{
	if (!*path || (*rest != ':' && *rest != '\\'))
		return "/";
	return *rest == ':' ? "" : ":";
}

/* Puts "<path of node>/<rest>" or "<path of node>:<rest>" into node_text. */
static int node_join(const struct node *node, const char *rest)
{
	const char *path = node->parent ? command_path(node) : "";
	size_t len = fmt_str(node_text, sizeof(node_text), "%s%s%s", path,
			     node_separator(path, rest), rest);

	if (len < sizeof(node_text))
		return 0;
	return reason_fail(ERR_RANGE, "a device path of %zu characters", len);
}

/* Finds the component "." or ".." before the arguments of a path, or NULL. */
static char *node_find_dots(char *path)
{
	for (char *p = path; *p && *p != ':'; p++) {
		size_t dots = 0;

		if (p != path && p[-1] != '/')
			continue;
		while (p[dots] == '.')
			dots++;
		if ((dots == 1 || dots == 2) &&
		    (!p[dots] || p[dots] == '/' || p[dots] == ':'))
			return p;
	}
	return NULL;
}

/* Replaces "<path>/.." or "<path>/." in node_text by the node's own path. */
static int node_fold(char *dots)
{
	bool up = dots[1] == '.';
	char *rest = dots + (up ? 2 : 1);
	struct node *node = tree_root();

	if (dots > node_text + 1) {
		dots[-1] = '\0';
		node = tree_find(node_text);
	}
	if (!node)
		return reason_fail(ERR_NOENT, "%s: no such device", node_text);
	if (up && node->parent)
		node = node->parent;
	if (*rest == '/')
		rest++;
	memcpy(node_buf, rest, strlen(rest) + 1);
	return node_join(node, node_buf);
}

/* Puts the whole path into node_text; it may begin with an alias. */
static int node_begin(const char *path, bool relative)
{
	size_t len = strlen(path);

	if (relative)
		return node_join(command_node(), path);
	if (len >= sizeof(node_text))
		return reason_fail(ERR_RANGE, "a device path of %zu characters",
				   len);
	memcpy(node_text, path, len + 1);
	return 0;
}

static struct node *node_follow(const char *path, const char **args)
{
	bool relative = *path != '/' && !node_is_alias(path);
	int rc = node_begin(path, relative);
	struct node *node;
	char *dots;

	while (!rc && (dots = node_find_dots(node_text)) != NULL)
		rc = node_fold(dots);
	node = rc ? NULL : tree_resolve(node_text, node_buf, args);
	if (!node && !rc && relative)
		reason_fail(ERR_NOENT, "%s: no such device or alias", path);
	return node;
}

struct node *command_resolve(const char *path, const char **args)
{
	const char *ignored;

	if (!args)
		args = &ignored;
	*args = "";
	return *path ? node_follow(path, args) : command_node();
}

int command_dev(const struct prompt_ops *ops, char *args)
{
	const struct node *node = command_resolve(args, NULL);

	(void)ops;
	if (!node)
		return ERR_NOENT;
	node_position = node->phandle;
	return COMMAND_OK;
}

int command_device_end(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	node_position = TREE_NO_PHANDLE;
	return COMMAND_OK;
}

int command_pwd(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	print("%s\n", command_path(command_node()));
	return COMMAND_OK;
}

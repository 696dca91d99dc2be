// SPDX-License-Identifier: BSD-2-Clause
/* Selecting a client's stdin and stdout, as SLOF does. */
#include "ci/console.h"

#include <string.h>

#include "drivers/console.h"
#include "drivers/instance.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

struct selection {
	struct node *in, *out;
};

/* The phandles of what is selected; 0: nothing yet. */
static struct {
	uint32_t in, out;
} selected;

void ci_console_reset(void)
{
	selected.in = selected.out = 0;
}

static long null_read(struct instance *inst, void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	(void)len;
	return ERR_AGAIN;
}

static long null_write(struct instance *inst, const void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	return (long)len;
}

/*
 * The console of a machine without one: no input, and output is discarded.
 * Linux's prom_init gives up without a stdout. The path is SLOF's; GRUB treats
 * a "serial" node as 80 columns by 24 lines.
 */
static struct node *console_null(void)
{
	static const struct instance_ops ops = {
		.read = null_read,
		.write = null_write,
	};
	struct node *openprom = tree_find("/openprom");
	struct instance_ops have;
	struct node *node;

	if (!openprom)
		openprom = tree_add_node(tree_root(), "openprom", TREE_QUOIN);
	if (!openprom)
		return NULL;
	node = tree_child_named(openprom, "devnull-console");
	if (!node)
		node = tree_add_node(openprom, "devnull-console", TREE_QUOIN);
	if (!node || tree_set_str(node, "device_type", "serial"))
		return NULL;
	if (!node_ops(node, &have) && node_methods_register(node, &ops, NULL))
		return NULL;
	return node;
}

static bool console_plays(const struct node *node, const struct role *role)
{
	return node && device_of(node) && device_role(device_of(node), role);
}

/* A string property; NULL: missing or empty. */
static const char *console_text(const char *node, const char *name)
{
	const char *text = tree_get_str(tree_find(node), name);

	return text && *text ? text : NULL;
}

static const char *console_path(void)
{
	const char *path = console_text("/chosen", "stdout-path");

	return path ? path : console_text("/chosen", "linux,stdout-path");
}

bool ci_console_is_named(void)
{
	return console_path() != NULL;
}

/* The node of a path or alias in a role; NULL: there is none. */
static struct node *console_find(const char *path, const struct role *role)
{
	struct node *node = tree_find(path);

	return console_plays(node, role) ? node : NULL;
}

/*
 * The console that `what` names, or `instead`. A bad name is not fatal: public
 * AIX recipes misspell it.
 */
static struct node *console_named(const char *what, const char *path,
				  const struct role *role, struct node *instead)
{
	struct node *node = tree_find(path);

	/* A keyboard that nothing has needed so far. */
	if (!node && device_scan_rest())
		node = tree_find(path);
	if (console_plays(node, role))
		return node;
	log_warn("%s %s: %s; using the default console", what, path,
		 node ? "not a console" : "no such device");
	return instead;
}

/*
 * The first console: the lowest vty, which has shown all text so far, otherwise
 * one that plays both roles.
 */
static void console_first(struct selection *sel)
{
	const struct device_role *as = NULL;

	while ((as = device_next_role(as, &console_output_role)) != NULL) {
		struct node *node = as->dev->node;

		if (console_plays(node, &console_input_role) &&
		    (!sel->in || console_output_of(as->dev)->early))
			sel->in = sel->out = node;
	}
}

/* SLOF's line and choice if /chosen names a console. */
static void console_use_path(const char *path, struct selection *sel)
{
	struct node *node;

	print("Using default console: %s\n", path);
	console_first(sel);
	node = console_named("stdout-path", path, &console_output_role, NULL);
	if (node)
		sel->out = node;
	if (console_plays(node, &console_input_role))
		sel->in = node;
}

/* Returns false if the machine lacks the screen or the keyboard. */
static bool console_use_screen(struct selection *sel)
{
	const char *direct = console_text("/options", "direct-serial?");
	bool serial = direct && !strcmp(direct, "true");
	struct node *screen = console_find("screen", &console_output_role);
	struct node *keyboard = console_find("keyboard", &console_input_role);

	if (!screen || !keyboard)
		return false;
	print("using screen & %s\n", serial ? "hvterm" : "keyboard");
	sel->out = screen;
	sel->in = keyboard;
	if (serial)
		sel->in = console_find("hvterm", &console_input_role);
	return true;
}

static bool console_use_alias(const char *alias, struct selection *sel)
{
	struct node *node = console_find(alias, &console_output_role);

	if (!node)
		return false;
	print("using %s\n", alias);
	sel->out = node;
	sel->in = console_find(alias, &console_input_role);
	return true;
}

/* SLOF's lines and order if it does not. */
static void console_use_any(struct selection *sel)
{
	print("No console specified ");
	if (!console_use_screen(sel) && !console_use_alias("hvterm", sel) &&
	    !console_use_alias("vsterm", sel))
		print("and no default found, creating dev-null\n");
}

/* What the user's variables name. SLOF prints names that do not exist, too. */
static void console_use_variables(struct selection *sel)
{
	const char *path = console_text("/options", "input-device");

	if (path) {
		print("User selected input-device console: %s\n", path);
		sel->in = console_named("input-device", path,
					&console_input_role, sel->in);
	}
	path = console_text("/options", "output-device");
	if (path) {
		print("User selected output-device console: %s\n", path);
		sel->out = console_named("output-device", path,
					 &console_output_role, sel->out);
	}
}

/* The user has chosen a screen that would be silent. */
static void console_follow_spare(const struct node *node)
{
	const struct device *dev = node ? device_of(node) : NULL;
	struct console_output *out = dev ? console_output_of(dev) : NULL;

	if (out && out->spare)
		console_follow(out, true);
}

static struct selection console_select(void)
{
	const char *path = console_path();
	struct selection sel = { 0 };

	if (path)
		console_use_path(path, &sel);
	else
		console_use_any(&sel);
	console_use_variables(&sel);
	console_follow_all();
	console_follow_spare(sel.out);
	return sel;
}

static int console_set_number(struct node *node, const char *name,
			      unsigned value)
{
	char text[16];

	fmt_str(text, sizeof(text), "%u", value);
	return tree_set_str(node, name, text);
}

/*
 * GRUB takes the size of its terminal from /options. A vty's is not known: GRUB
 * takes SLOF's 512 for 80 by 24. NVRAM keeps its values.
 */
static int console_tell_size(const struct node *node)
{
	struct device *dev = device_of(node);
	struct console_output *out = dev ? console_output_of(dev) : NULL;
	struct node *options = tree_find("/options");
	unsigned columns = 0, rows = 0;
	int err;

	if (out && out->size)
		out->size(out, &columns, &rows);
	if (!options || !columns || !rows)
		return 0;
	err = console_set_number(options, "screen-#columns", columns);
	if (err < 0)
		return err;
	return console_set_number(options, "screen-#rows", rows);
}

int ci_console_select(struct node **in, struct node **out)
{
	struct selection sel = {
		.in = tree_by_phandle(selected.in),
		.out = tree_by_phandle(selected.out),
	};

	if (!selected.out)
		sel = console_select();
	if (!sel.in)
		sel.in = console_null();
	if (!sel.out)
		sel.out = console_null();
	if (!sel.in || !sel.out || console_tell_size(sel.out) < 0)
		return ERR_NOMEM;
	selected.in = sel.in->phandle;
	selected.out = sel.out->phandle;
	*in = sel.in;
	*out = sel.out;
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/* Standard nodes (IEEE 1275 3.5) that QEMU's tree lacks. */
#include "ci/nodes.h"

#include <string.h>

#include "drivers/console.h"
#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tree/path.h"
#include "tree/prop.h"

/* /openprom model. Linux prints it as "of:..."; must not start with a digit. */
#define OPENPROM_MODEL "SLOF,quoin-" QUOIN_VERSION

static struct node *nodes_add(struct node *parent, const char *name)
{
	struct node *node = tree_child_named(parent, name);

	return node ? node : tree_add_node(parent, name, TREE_QUOIN);
}

/* Sets a string property. `node` may be NULL: an earlier step failed. */
static int nodes_set(struct node *node, const char *name, const char *value)
{
	return node ? tree_set_str(node, name, value) : ERR_NOMEM;
}

static int nodes_packages(struct node *packages)
{
	const struct package *const *pkg;
	const struct filesystem *const *fs;

	if (!packages)
		return ERR_NOMEM;
	table_for_each(pkg, packages) {
		if (!nodes_add(packages, (*pkg)->name))
			return ERR_NOMEM;
	}
	table_for_each(fs, filesystems) {
		if (!nodes_add(packages, (*fs)->name))
			return ERR_NOMEM;
	}
	return 0;
}

int ci_nodes_create(void)
{
	struct node *root = tree_root();
	struct node *openprom, *mmu, *rtc;

	if (!nodes_add(root, "chosen") || !nodes_add(root, "aliases") ||
	    !nodes_add(root, "options"))
		return ERR_NOMEM;
	openprom = nodes_add(root, "openprom");
	mmu = nodes_add(root, "mmu");
	rtc = nodes_add(root, "rtc");
	if (nodes_set(openprom, "model", OPENPROM_MODEL) ||
	    tree_setprop(openprom, "relative-addressing", NULL, 0,
			 TREE_QUOIN) ||
	    nodes_set(mmu, "device_type", "mmu") ||
	    tree_setprop(mmu, "translations", NULL, 0, TREE_QUOIN) ||
	    nodes_set(rtc, "device_type", "rtc") || tree_add_alias("rtc", rtc))
		return ERR_NOMEM;
	return nodes_packages(nodes_add(root, "packages"));
}

void ci_rtas_tokens(void)
{
	const struct node *rtas = tree_find("/rtas");
	uint32_t token;

	rtas_reset();
	for (int fn = 0; rtas && fn < RTAS_FN_COUNT; fn++) {
		if (tree_get_u32(rtas, rtas_fn_name(fn), 0, &token) == 0)
			rtas_set_token(fn, token);
	}
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
 * The terminal of a machine without one: no input, and output is discarded.
 * Linux's prom_init gives up without a stdout. The path is SLOF's; GRUB treats
 * a "serial" node as 80 columns by 24 lines.
 */
static struct node *nodes_null(void)
{
	static const struct instance_ops ops = {
		.read = null_read,
		.write = null_write,
	};
	struct node *openprom = nodes_add(tree_root(), "openprom");
	struct instance_ops have;
	struct node *node = openprom ? nodes_add(openprom, "devnull-console")
				     : NULL;

	if (nodes_set(node, "device_type", "serial"))
		return NULL;
	if (node_ops(node, &have))
		return node;
	log_warn("no terminal: clients get no input, and their output is lost");
	if (node_methods_register(node, &ops, NULL))
		return NULL;
	return node;
}

/* Opens a node and stores its ihandle in /chosen. */
static int nodes_chosen(const char *name, struct node *node)
{
	const struct instance *inst;

	if (!node)
		return 0;
	inst = instance_open_node(node, "");
	if (!inst) {
		log_err("/chosen %s: %s", name, reason());
		return 0;
	}
	return tree_set_u32(tree_find("/chosen"), name, inst->handle);
}

static bool nodes_plays(const struct node *node, const struct role *role)
{
	return node && device_of(node) && device_role(device_of(node), role);
}

/*
 * The console that QEMU names in stdout-path (without a display, the lowest
 * terminal), otherwise the lowest terminal.
 */
static struct node *nodes_console(void)
{
	const char *path = tree_get_str(tree_find("/chosen"), "stdout-path");
	struct node *best = path ? tree_find(path) : NULL;
	const struct device_role *as = NULL;
	uint32_t unit, lowest = UINT32_MAX;

	if (nodes_plays(best, &console_output_role))
		return best;
	best = NULL;
	while ((as = device_next_role(as, &console_output_role)) != NULL) {
		struct node *node = as->dev->node;

		if (nodes_plays(node, &console_input_role) &&
		    !tree_get_u32(node, "reg", 0, &unit) && unit <= lowest) {
			lowest = unit;
			best = node;
		}
	}
	return best;
}

/*
 * The console that the variable input-device or output-device names. A bad name
 * is not fatal: public AIX recipes misspell it.
 */
static struct node *nodes_configured(const char *variable,
				     const struct role *role,
				     struct node *console)
{
	const char *path = tree_get_str(tree_find("/options"), variable);
	struct node *node = path && *path ? tree_find(path) : NULL;

	if (!path || !*path)
		return console;
	if (nodes_plays(node, role))
		return node;
	log_warn("%s %s: %s; using the default console", variable, path,
		 node ? "not a console" : "no such device");
	return console;
}

/* The selected output gets the firmware's text, too, not only the default. */
static struct node *nodes_output(struct node *console)
{
	struct node *node = nodes_configured("output-device",
					     &console_output_role, console);
	struct device_role *as = NULL;

	while ((as = device_next_role(as, &console_output_role)) != NULL)
		console_follow(console_output_of(as->dev),
			       as->dev->node == node && node != console);
	return node;
}

/* Adds an empty string property that clients expect, if it is missing. */
static int nodes_default(struct node *node, const char *name)
{
	if (tree_getprop(node, name, NULL))
		return 0;
	return tree_set_str(node, name, "");
}

int ci_chosen_open(void)
{
	struct node *chosen = tree_find("/chosen");
	struct node *console = nodes_console();
	struct node *cpus = tree_find("/cpus");

	if (!console)
		console = nodes_null();
	if (!console)
		return ERR_NOMEM;
	if (nodes_chosen("stdin",
			 nodes_configured("input-device", &console_input_role,
					  console)) ||
	    nodes_chosen("stdout", nodes_output(console)) ||
	    nodes_chosen("memory", tree_find("/memory@0")) ||
	    nodes_chosen("mmu", tree_find("/mmu")) ||
	    nodes_chosen("cpu", cpus ? cpus->child : NULL))
		return ERR_NOMEM;
	/* GRUB reads bootpath, always present in SLOF; Linux reads bootargs. */
	if (nodes_default(chosen, "bootpath") ||
	    nodes_default(chosen, "bootargs"))
		return ERR_NOMEM;
	return 0;
}

bool ci_console_is_named(void)
{
	const struct node *chosen = tree_find("/chosen");

	return chosen && (tree_getprop(chosen, "stdout-path", NULL) ||
			  tree_getprop(chosen, "linux,stdout-path", NULL));
}

ihandle_t ci_stdout(void)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t handle;

	if (!chosen || tree_get_u32(chosen, "stdout", 0, &handle))
		return 0;
	return handle;
}

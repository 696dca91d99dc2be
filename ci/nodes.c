// SPDX-License-Identifier: BSD-2-Clause
/* Standard nodes (IEEE 1275 3.5) that QEMU's tree lacks. */
#include "ci/nodes.h"

#include <string.h>

#include "ci/console.h"
#include "drivers/console.h"
#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/filesystem.h"
#include "packages/secure/keys.h"
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

	ci_console_reset();
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

int ci_nodes_policy(void)
{
	return tree_set_u32(tree_root(), "ibm,secure-boot", keys_mode());
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

/* Opens a node and stores its ihandle in /chosen; `merge`: as a terminal. */
static int nodes_chosen(const char *name, struct node *node, bool merge)
{
	struct instance *inst;

	if (!node)
		return 0;
	inst = instance_open_node(node, "");
	if (!inst) {
		log_err("/chosen %s: %s", name, reason());
		return 0;
	}
	if (merge)
		console_merge(inst);
	return tree_set_u32(tree_find("/chosen"), name, inst->handle);
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
	struct node *cpus = tree_find("/cpus");
	struct node *in, *out;

	if (ci_console_select(&in, &out) || nodes_chosen("stdin", in, true) ||
	    nodes_chosen("stdout", out, true) ||
	    nodes_chosen("memory", tree_find("/memory@0"), false) ||
	    nodes_chosen("mmu", tree_find("/mmu"), false) ||
	    nodes_chosen("cpu", cpus ? cpus->child : NULL, false))
		return ERR_NOMEM;
	/* GRUB reads bootpath, always present in SLOF; Linux reads bootargs. */
	if (nodes_default(chosen, "bootpath") ||
	    nodes_default(chosen, "bootargs"))
		return ERR_NOMEM;
	return 0;
}

ihandle_t ci_stdout(void)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t handle;

	if (!chosen || tree_get_u32(chosen, "stdout", 0, &handle))
		return 0;
	return handle;
}

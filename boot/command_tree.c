// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's commands that show nodes and the contents of disks. */
#include <string.h>

#include "boot/command.h"
#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/disk_list.h"
#include "tree/path.h"

/* Only this many bytes of a property are shown. */
#define SHOWN_BYTES 1024u

static int command_ls_disk(struct block_device *bd, const char *args)
{
	int rc = block_open(bd);

	if (rc)
		return rc;
	rc = disk_list(bd, args);
	block_close(bd);
	return rc;
}

static void command_ls_children(const struct node *node)
{
	const struct node *child;

	for (child = node->child; child; child = child->next)
		print("%08x: %s%s%s\n", child->phandle, child->name,
		      child->unit ? "@" : "", child->unit ? child->unit : "");
}

int command_ls(const struct prompt_ops *ops, char *args)
{
	const char *disk_args;
	struct node *node = command_resolve(args, &disk_args);
	struct block_device *bd;

	(void)ops;
	if (!node)
		return ERR_NOENT;
	bd = device_of(node) ? block_of(device_of(node)) : NULL;
	if (bd)
		return command_ls_disk(bd, disk_args);
	command_ls_children(node);
	return COMMAND_OK;
}

/* An empty string, or several printable ones, none of them empty. */
static bool command_is_text(const char *value, uint32_t len)
{
	char last = '\0';

	if (!len || value[len - 1])
		return false;
	if (len == 1)
		return true;
	for (uint32_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c ? c < ' ' || c > '~' : !last)
			return false;
		last = value[i];
	}
	return true;
}

static void command_print_text(const char *value, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += (uint32_t)strlen(value + i) + 1)
		print("%s\"%s\"", i ? ", " : "", value + i);
}

static void command_print_hex(const uint8_t *value, uint32_t len)
{
	uint32_t shown = MIN(len, SHOWN_BYTES);

	for (uint32_t i = 0; i < shown; i++)
		print("%s%02x", i && i % 4 == 0 ? " " : "", value[i]);
	if (shown < len)
		print(" ... (%u bytes)", len);
}

static void command_print_property(const struct prop *prop)
{
	print("%-32s ", prop->name);
	if (command_is_text(prop->value, prop->len))
		command_print_text(prop->value, prop->len);
	else
		command_print_hex(prop->value, prop->len);
	print("\n");
}

/* Prints all properties, or those named `name`. Returns whether there is one. */
static bool command_print_properties(const struct node *node, const char *name)
{
	const struct prop *prop;
	bool found = false;

	list_for_each(prop, &node->props, link) {
		if (*name && strcmp(prop->name, name))
			continue;
		command_print_property(prop);
		found = true;
	}
	return found;
}

/* One word is a path, or else the name of a property of the selected node. */
int command_properties(const struct prompt_ops *ops, char *args)
{
	const char *path = command_word(&args), *name = args;
	const struct node *node = command_node();

	(void)ops;
	if (!*name && tree_getprop(node, path, NULL))
		name = path;
	else
		node = command_resolve(path, NULL);
	if (!node)
		return *name || strchr(path, '/') || strchr(path, ':')
			       ? ERR_NOENT
			       : reason_fail(ERR_NOENT,
					     "%s: no such property, device or "
					     "alias",
					     path);
	if (!command_print_properties(node, name) && *name)
		return reason_fail(ERR_NOENT, "%s has no property %s",
				   command_path(node), name);
	return COMMAND_OK;
}

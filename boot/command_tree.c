// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's commands that show the device tree and the contents of disks. */
#include <string.h>

#include "boot/command.h"
#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/disk_list.h"
#include "tree/path.h"

/* Only this many bytes of a property are shown. */
#define SHOWN_BYTES 1024u

int command_devalias(const struct prompt_ops *ops, char *args)
{
	struct node *aliases = tree_find("/aliases");
	const char *name = command_word(&args);
	const struct prop *prop;
	bool shown = false;

	(void)ops;
	if (*args)
		return reason_fail(ERR_NOTSUP,
				   "devalias: cannot create aliases");
	if (aliases) {
		list_for_each(prop, &aliases->props, link) {
			if (!strcmp(prop->name, "name") ||
			    (*name && strcmp(prop->name, name)))
				continue;
			shown = true;
			print("%-20s %.*s\n", prop->name, (int)prop->len,
			      (const char *)prop->value);
		}
	}
	if (*name && !shown)
		return reason_fail(ERR_NOENT, "%s: no such alias", name);
	return COMMAND_OK;
}

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
	const char *path = command_word(&args), *disk_args;
	char *buf = heap_alloc(TREE_PATH_MAX);
	struct block_device *bd = NULL;
	struct node *node;
	int rc = COMMAND_OK;

	(void)ops;
	if (!buf)
		return reason_fail(ERR_NOMEM, "ls: out of memory");
	node = tree_resolve(*path ? path : "/", buf, &disk_args);
	if (node && device_of(node))
		bd = block_of(device_of(node));
	if (!node)
		rc = reason_fail(ERR_NOENT, "%s: no such device", path);
	else if (bd)
		rc = command_ls_disk(bd, disk_args);
	else
		command_ls_children(node);
	heap_free(buf);
	return rc;
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

int command_properties(const struct prompt_ops *ops, char *args)
{
	const char *path = command_word(&args);
	const struct node *node = tree_find(*path ? path : "/");
	const struct prop *prop;

	(void)ops;
	if (!node)
		return reason_fail(ERR_NOENT, "%s: no such device", path);
	list_for_each(prop, &node->props, link) {
		print("%-32s ", prop->name);
		if (command_is_text(prop->value, prop->len))
			command_print_text(prop->value, prop->len);
		else
			command_print_hex(prop->value, prop->len);
		print("\n");
	}
	return COMMAND_OK;
}

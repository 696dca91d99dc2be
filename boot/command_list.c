// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's commands that list devices. */
#include <string.h>

#include "boot/command.h"
#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

int command_show_devs(const struct prompt_ops *ops, char *args)
{
	const struct node *node = command_resolve(*args ? args : "/", NULL);
	const struct node *end;

	(void)ops;
	if (!node)
		return ERR_NOENT;
	end = tree_next_skip(node);
	for (; node != end; node = tree_next(node))
		print("%s\n", command_path(node));
	return COMMAND_OK;
}

int command_show_disks(const struct prompt_ops *ops, char *args)
{
	const struct node *aliases = tree_find("/aliases"), *node;
	const struct prop *prop;
	const char *path, *type;

	(void)ops;
	(void)args;
	if (!aliases)
		return COMMAND_OK;
	list_for_each(prop, &aliases->props, link) {
		path = tree_get_str(aliases, prop->name);
		node = path && *path == '/' ? tree_find(path) : NULL;
		type = node ? tree_get_str(node, "device_type") : NULL;
		if (type && !strcmp(type, "block"))
			print("%6s : %s\n", prop->name, path);
	}
	return COMMAND_OK;
}

/* Is it the node of a USB device? Its `compatible` is "usb46f4,1". */
static bool list_usb_id(const struct node *node, uint64_t *vendor,
			uint64_t *product)
{
	const char *id = tree_get_str(node, "compatible");
	const char *comma = id ? strchr(id, ',') : NULL;

	return comma && !strncmp(id, "usb", 3) &&
	       !fmt_parse_hex(id + 3, (size_t)(comma - id) - 3, vendor) &&
	       !fmt_parse_hex(comma + 1, strlen(comma + 1), product);
}

int command_usb_scan(const struct prompt_ops *ops, char *args)
{
	const struct node *node;
	bool found = false;

	(void)args;
	/* The tree of a client does not change under it. */
	if (!ops->can_go)
		device_scan_rest();
	for (node = tree_root(); node; node = tree_next(node)) {
		uint64_t vendor, product;

		if (!list_usb_id(node, &vendor, &product))
			continue;
		print("%04jx:%04jx  %-12s %s\n", (uintmax_t)vendor,
		      (uintmax_t)product, node->name, command_path(node));
		found = true;
	}
	if (!found)
		print("no USB device\n");
	return COMMAND_OK;
}

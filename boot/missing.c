// SPDX-License-Identifier: BSD-2-Clause
/* Why a device that QEMU or the user names is not in the tree. */
#include "boot/missing.h"

#include <string.h>

#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tree/path.h"

/* The last node of a path that exists; NULL: none but the root. */
static const struct node *missing_parent(char *path)
{
	const struct node *node = NULL;
	char *slash;

	while (!node && (slash = strrchr(path, '/')) && slash != path) {
		*slash = '\0';
		node = tree_find(path);
	}
	return node;
}

/*
 * QEMU's bootindex names the disk on a controller, sata@3/drive@0; quoin's tree
 * ends at a controller that has no driver.
 */
void missing_explain(const char *path, char *scratch)
{
	const struct node *node;
	const struct device *dev;

	fmt_str(scratch, TREE_PATH_MAX, "%s", path);
	node = missing_parent(scratch);
	dev = node ? device_of(node) : NULL;
	if (dev && dev->state == DEVICE_FAILED)
		reason_fail(ERR_NOENT, "%s: %s", path, dev->failure);
	else if (node && !dev)
		reason_fail(ERR_NOENT, "%s: no driver for %s", path,
			    strrchr(scratch, '/') + 1);
}

// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's command for network cards. */
#include "boot/command.h"
#include "drivers/network.h"
#include "lib/reason.h"
#include "packages/net/netboot.h"

int command_ping(const struct prompt_ops *ops, char *args)
{
	const char *net_args;
	struct node *node;
	struct device *dev;

	if (ops->can_go)
		return reason_fail(ERR_NOTSUP, "ping: a client has the "
					       "network; boot ends it");
	node = command_resolve(args, &net_args);
	if (!node)
		return ERR_NOENT;
	dev = device_of(node);
	if (!dev || !network_of(dev))
		return reason_fail(ERR_NOTSUP, "ping: %s is no network card",
				   command_path(node));
	return netboot_ping(dev, net_args) ? COMMAND_QUIET : COMMAND_OK;
}

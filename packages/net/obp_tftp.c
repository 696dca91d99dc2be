// SPDX-License-Identifier: BSD-2-Clause
// The package obp-tftp: instances of cards that load, and raw frames as before.
#include "drivers/instance.h"
#include "drivers/network.h"
#include "packages/net/netboot.h"

static long obp_tftp_read(struct instance *inst, void *buf, size_t len)
{
	return instance_read(inst->parent, buf, len);
}

static long obp_tftp_write(struct instance *inst, const void *buf, size_t len)
{
	return instance_write(inst->parent, buf, len);
}

static long obp_tftp_load(struct instance *inst, void *buf, size_t room)
{
	return netboot_load(device_of(inst->node), inst->args, buf, room);
}

/* ping ( -- ): the host that the arguments name. */
static int obp_tftp_ping(struct instance *inst, const cell_t *args,
			 cell_t *rets)
{
	(void)args;
	(void)rets;
	return netboot_ping(device_of(inst->node), inst->args);
}

static const struct instance_ops obp_tftp_ops = {
	.read = obp_tftp_read,
	.write = obp_tftp_write,
	.load = obp_tftp_load,
};

static const struct method obp_tftp_methods[] = {
	{ "ping", 0, 0, obp_tftp_ping },
	{ .name = NULL },
};

/*
 * Arguments are looked at only by load and ping: GRUB opens cards with
 * addresses that mean nothing.
 */
static int obp_tftp_open(struct instance *inst)
{
	(void)inst;
	return 0;
}

PACKAGE(obp_tftp) = {
	.name = "obp-tftp",
	.role = &network_role,
	.ops = &obp_tftp_ops,
	.methods = obp_tftp_methods,
	.open = obp_tftp_open,
	.boot = &netboot_bootable,
};

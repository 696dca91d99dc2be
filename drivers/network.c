// SPDX-License-Identifier: BSD-2-Clause
// Network cards: sharing, the frames for us, instances for clients.

#include "drivers/network.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* Most frames that a call drops, however fast others come. */
#define NETWORK_DROPS 64u
/* The same for older frames, when the card starts. */
#define NETWORK_STALE 1024u

/* The least bit of a MAC's first byte. [IEEE 802.3, 3.2.3] */
#define MAC_GROUP 1u

/* All open users of a card share its frames: who reads first has the frame. */

static struct network_device *network_as(struct device_role *as)
{
	return container_of(as, struct network_device, as);
}

struct network_device *network_of(const struct device *dev)
{
	struct device_role *as = device_role(dev, &network_role);

	return as ? network_as(as) : NULL;
}

static int network_fail(const struct network_device *nd, int err)
{
	const struct device *dev = nd->as.dev;

	return reason_fail(err, "%s %s: %s", dev->driver->name,
			   device_path(dev), reason());
}

/*
 * GRUB takes a card without local-mac-address for no card. QEMU's l-lan node has
 * one, which may be of 8 bytes. [hw/net/spapr_llan.c, spapr_vlan_devnode]
 */
static int network_describe(const struct network_device *nd, struct node *node)
{
	uint32_t len;
	int err = 0;

	if (!tree_getprop(node, "local-mac-address", &len) || len != 8)
		err = tree_setprop(node, "local-mac-address", nd->mac,
				   NETWORK_MAC, TREE_QUOIN);
	if (err == 0)
		err = tree_add_alias("net", node);
	return err;
}

int network_add(struct network_device *nd, struct device *dev)
{
	static const uint8_t none[NETWORK_MAC];
	int err;

	if (nd->mac[0] & MAC_GROUP || !memcmp(nd->mac, none, NETWORK_MAC))
		return reason_fail(ERR_FORMAT, "the card has no valid MAC");
	err = network_describe(nd, dev->node);
	if (err == 0)
		err = device_add_role(dev, &nd->as, &network_role);
	return err < 0 ? reason_fail(err, "no memory for properties") : 0;
}

/* A card that breaks at once stops itself. */
static void network_forget(struct network_device *nd)
{
	size_t len;

	for (unsigned i = 0; i < NETWORK_STALE && nd->ops->peek(nd, &len); i++)
		nd->ops->release(nd);
}

int network_open(struct network_device *nd)
{
	struct device *dev = nd->as.dev;
	bool first = !device_is_up(dev);
	int err = device_open(dev);

	if (err < 0)
		return network_fail(nd, err);
	if (!first)
		return 0;
	network_forget(nd);
	if (!device_is_up(dev)) {
		device_close(dev);
		return network_fail(nd, ERR_IO);
	}
	nd->counts = (struct network_counts){ 0 };
	nd->taken = false;
	if (!network_link(nd))
		log_warn("%s %s: the link is down", dev->driver->name,
			 device_path(dev));
	return 0;
}

void network_close(struct network_device *nd)
{
	device_close(nd->as.dev);
}

void network_take(struct network_device *nd, bool take)
{
	nd->taken = take;
}

int network_send(struct network_device *nd, const void *frame, size_t len)
{
	uint8_t padded[NETWORK_FRAME_MIN];
	int err;

	if (len < NETWORK_HEADER || len > NETWORK_FRAME_MAX)
		return reason_fail(ERR_INVAL, "a frame of %zu bytes", len);
	if (!device_is_up(nd->as.dev)) {
		reason_fail(ERR_NODEV, "the card is not started");
		return network_fail(nd, ERR_NODEV);
	}
	if (len < NETWORK_FRAME_MIN) {
		memset(padded, 0, sizeof(padded));
		frame = memcpy(padded, frame, len);
		len = NETWORK_FRAME_MIN;
	}
	err = nd->ops->send(nd, frame, len);
	if (err < 0)
		return network_fail(nd, err);
	nd->counts.sent++;
	return 0;
}

void network_kick(struct network_device *nd)
{
	if (nd->ops->kick && device_is_up(nd->as.dev))
		nd->ops->kick(nd);
}

/*
 * Cards pass on what others get, too. Our own broadcasts come back from a hub.
 * The first byte of `frame` is its destination's, the source follows.
 */
static bool network_is_ours(const struct network_device *nd,
			    const uint8_t *frame, size_t len)
{
	if (len < NETWORK_HEADER || len > NETWORK_FRAME_MAX)
		return false;
	if (!memcmp(frame + NETWORK_MAC, nd->mac, NETWORK_MAC))
		return false;
	return frame[0] & MAC_GROUP || !memcmp(frame, nd->mac, NETWORK_MAC);
}

static void network_drop(struct network_device *nd)
{
	nd->counts.dropped++;
	nd->ops->release(nd);
}

const void *network_peek(struct network_device *nd, size_t *len)
{
	const void *frame = NULL;

	if (!device_is_up(nd->as.dev))
		return NULL;
	for (unsigned i = 0; i < NETWORK_DROPS; i++) {
		frame = nd->ops->peek(nd, len);
		if (!frame || network_is_ours(nd, frame, *len))
			return frame;
		network_drop(nd);
	}
	return NULL;
}

void network_release(struct network_device *nd)
{
	nd->counts.received++;
	nd->ops->release(nd);
}

bool network_link(struct network_device *nd)
{
	return !nd->ops->link || !device_is_up(nd->as.dev) || nd->ops->link(nd);
}

struct network_counts network_counts(struct network_device *nd, uint64_t *lost)
{
	*lost = nd->ops->dropped ? nd->ops->dropped(nd) : 0;
	return nd->counts;
}

/* Instances: raw frames for a client's own protocols. */

static int network_role_open(struct instance *inst, struct device_role *as)
{
	inst->priv = network_as(as);
	return network_open(inst->priv);
}

static void network_role_close(struct instance *inst)
{
	network_close(inst->priv);
}

/* GRUB polls: this is fast. It takes any number for a whole frame: none is cut. */
static long network_read(struct instance *inst, void *buf, size_t len)
{
	struct network_device *nd = inst->priv;
	const void *frame = NULL;
	size_t n = 0;

	if (!nd->taken)
		frame = network_peek(nd, &n);
	if (!frame)
		return ERR_AGAIN;
	if (n > len) {
		network_drop(nd);
		return ERR_AGAIN;
	}
	memcpy(buf, frame, n);
	network_release(nd);
	return (long)n;
}

static long network_write(struct instance *inst, const void *buf, size_t len)
{
	struct network_device *nd = inst->priv;
	int err = network_send(nd, buf, len);

	network_kick(nd);
	return err < 0 ? err : (long)len;
}

static const struct instance_ops network_role_ops = {
	.read = network_read,
	.write = network_write,
	.close = network_role_close,
};

const struct role network_role = {
	.device_type = "network",
	.ops = &network_role_ops,
	.open = network_role_open,
};

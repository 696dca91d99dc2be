// SPDX-License-Identifier: BSD-2-Clause
/*
 * A toy: a bus that does not exist, its controller, and a driver for what is
 * plugged in, all in this file; tests/unit/test_drivers_toys.c uses it.
 */
#include <string.h>

#include "drivers/instance.h"
#include "drivers/vio/vio.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/list.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* The bus's data about a node: the `bus_data` of its device. */
struct toy_plug {
	struct list link;
	const struct node *node;
	uint32_t socket; /* its `reg` */
	uint32_t kind;	 /* which drivers match */
};

static struct list toy_plugs = LIST_INIT(toy_plugs);

static struct toy_plug *toy_plug_find(const struct node *node)
{
	struct toy_plug *plug;

	list_for_each(plug, &toy_plugs, link) {
		if (plug->node == node)
			return plug;
	}
	return NULL;
}

static bool toy_match(const struct device *dev, const void *match)
{
	const struct toy_plug *plug = dev->bus_data;
	const uint32_t *kind = match;

	return plug->kind == *kind;
}

static void toy_offer(struct device *parent, struct node *node);

static void toy_forget(const struct node *node)
{
	struct toy_plug *plug = toy_plug_find(node);

	if (!plug)
		return;
	list_del(&plug->link);
	heap_free(plug);
}

BUS(toy_bus) = {
	.name = "toy",
	.match = toy_match,
	.offer = toy_offer,
	.forget = toy_forget,
};

static void toy_offer(struct device *parent, struct node *node)
{
	struct toy_plug *plug;

	if (toy_plug_find(node))
		return;
	plug = heap_zalloc(sizeof(*plug));
	if (!plug || tree_get_u32(node, "reg", 0, &plug->socket) ||
	    tree_get_u32(node, "toy,kind", 0, &plug->kind)) {
		log_err("toy bus: %s: %s", node->name,
			plug ? "no reg or no kind" : "no memory");
		heap_free(plug);
		return;
	}
	plug->node = node;
	list_add_tail(&toy_plugs, &plug->link);
	device_add(parent, &toy_bus, node, plug);
}

/* A controller has sockets; the devices in them need its power. */
struct toy_controller {
	bool power;
	uint32_t asked; /* sockets that have answered */
};

static int controller_attach(struct device *dev)
{
	struct node *node;

	dev->priv = heap_zalloc(sizeof(struct toy_controller));
	if (!dev->priv)
		return reason_fail(ERR_NOMEM, "no memory");
	for (node = dev->node->child; node; node = node->next)
		bus_offer(node);
	return 0;
}

static int controller_start(struct device *dev)
{
	struct toy_controller *controller = dev->priv;

	controller->power = true;
	return 0;
}

static void controller_stop(struct device *dev)
{
	struct toy_controller *controller = dev->priv;

	controller->power = false;
}

/* A property describes the hardware: the kind in each socket; 0: none. */
static bool controller_scan(struct device *dev)
{
	struct toy_controller *controller = dev->priv;
	uint32_t kind;

	if (tree_get_u32(dev->node, "toy,sockets", controller->asked, &kind))
		return false;
	controller->asked++;
	return true;
}

static int controller_add(struct device *dev, uint32_t socket, uint32_t kind)
{
	struct node *node;
	char name[16];

	fmt_str(name, sizeof(name), "plug@%x", socket);
	node = tree_add_node(dev->node, name, TREE_QUOIN);
	if (!node || tree_set_u32(node, "reg", socket) ||
	    tree_set_u32(node, "toy,kind", kind))
		return ERR_NOMEM;
	bus_offer(node);
	return 0;
}

static void controller_found(struct device *dev)
{
	const struct toy_controller *controller = dev->priv;
	uint32_t kind = 0;
	int err = 0;

	for (uint32_t i = 0; i < controller->asked && err == 0; i++) {
		err = tree_get_u32(dev->node, "toy,sockets", i, &kind);
		if (err == 0 && kind)
			err = controller_add(dev, i, kind);
	}
	if (err < 0)
		log_err("toy controller: %s", err_str(err));
}

static void controller_detach(struct device *dev)
{
	heap_free(dev->priv);
}

DRIVER(toy_controller) = {
	.name = "toy-controller",
	.bus = &vio_bus,
	.match = "toy,controller",
	.children = &toy_bus,
	.attach = controller_attach,
	.start = controller_start,
	.stop = controller_stop,
	.scan = controller_scan,
	.found = controller_found,
	.detach = controller_detach,
};

/* A lamp: reports the socket in which it burns. */
struct toy_lamp {
	bool burns;
};

static int lamp_start(struct device *dev)
{
	const struct toy_controller *controller = dev->parent->priv;
	struct toy_lamp *lamp = dev->priv;

	if (!controller->power)
		return reason_fail(ERR_IO, "the socket has no power");
	lamp->burns = true;
	return 0;
}

static void lamp_stop(struct device *dev)
{
	struct toy_lamp *lamp = dev->priv;

	lamp->burns = false;
}

static long lamp_read(struct instance *inst, void *buf, size_t len)
{
	struct device *dev = device_of(inst->node);
	const struct toy_plug *plug = dev->bus_data;
	const struct toy_lamp *lamp = dev->priv;
	char text[16];
	int err = 0;

	/* The first read opens it; its controller may be reset later. */
	if (!inst->priv)
		err = device_open(dev);
	else if (!device_is_up(dev))
		err = device_start(dev);
	if (err == 0)
		inst->priv = dev;
	if (err < 0)
		return err;
	if (!lamp->burns)
		return reason_fail(ERR_IO, "the lamp is out");
	len = MIN(len, fmt_str(text, sizeof(text), "lamp %u", plug->socket));
	memcpy(buf, text, len);
	return (long)len;
}

static void lamp_close(struct instance *inst)
{
	if (inst->priv)
		device_close(inst->priv);
}

static int lamp_attach(struct device *dev)
{
	static const struct instance_ops ops = {
		.read = lamp_read,
		.close = lamp_close,
	};

	dev->priv = heap_zalloc(sizeof(struct toy_lamp));
	if (!dev->priv)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->ops = ops;
	return 0;
}

static void lamp_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static const uint32_t lamp_kind = 7;

DRIVER(toy_lamp) = {
	.name = "toy-lamp",
	.bus = &toy_bus,
	.match = &lamp_kind,
	.attach = lamp_attach,
	.start = lamp_start,
	.stop = lamp_stop,
	.detach = lamp_detach,
};

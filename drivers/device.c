// SPDX-License-Identifier: BSD-2-Clause
// Devices: matching, attaching, and their life cycle.
#include "drivers/device.h"

#include "drivers/console.h"
#include "drivers/dma.h"
#include "drivers/instance.h"
#include "drivers/request.h"
#include "drivers/waits.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/*
 * Life cycle, see enum device_state:
 *
 *	OFF -- start --> STARTING --> READY -- stop --> OFF
 *	any -- device_fail() --> FAILED, any -- quiesce --> QUIESCED
 *
 * A device runs while it has users: open instances, running children, a scan. A
 * disk holds its host, the nearest ancestor with a start(), from its own start
 * to its last close, so nothing is active that nobody has open. A host may be
 * reset under its disks, by a timeout: `starts` then differs from the disks'
 * host_starts, they count as OFF, and the next use restarts them.
 */
static struct list devices = LIST_INIT(devices);

/* Not yet attached, unknown to their nodes; in order, as long as `waiting`. */
static struct list late = LIST_INIT(late);
static bool waiting;

struct device *device_next(const struct device *dev)
{
	struct list *at = dev ? dev->link.next : devices.next;

	return at == &devices ? NULL : container_of(at, struct device, link);
}

static void device_release_roles(struct device *dev)
{
	struct device_role *as;

	list_for_each(as, &dev->roles, link) {
		if (as->role->release)
			as->role->release(as);
	}
}

static void device_free(struct device *dev)
{
	list_del(&dev->link);
	dev->node->device = NULL;
	heap_free(dev);
}

static struct device *device_new(const struct device *like)
{
	struct device *dev = heap_alloc(sizeof(*dev));

	if (!dev) {
		log_err("%s: out of memory", like->driver->name);
		return NULL;
	}
	*dev = *like;
	list_init(&dev->roles);
	return dev;
}

static void device_enter(struct device *dev)
{
	dev->node->device = dev;
	list_add_tail(&devices, &dev->link);
}

static struct device *device_attach(struct device *dev)
{
	device_enter(dev);
	reason_clear();
	if (dev->driver->attach && dev->driver->attach(dev)) {
		log_err("%s %s: %s", dev->driver->name, device_path(dev),
			reason());
		device_free(dev);
		return NULL;
	}
	log_debug(LOG_DRIVERS, "%s: %s device, driver %s", device_path(dev),
		  dev->bus->name, dev->driver->name);
	return dev;
}

struct device *device_add(struct device *parent, const struct bus *bus,
			  struct node *node, void *bus_data)
{
	struct device like = {
		.node = node, .parent = parent, .bus = bus, .bus_data = bus_data
	};
	struct device *dev;

	if (parent)
		like.host = parent->driver->start ? parent : parent->host;
	like.driver = bus_driver(&like);
	dev = like.driver ? device_new(&like) : NULL;
	if (!dev)
		return NULL;
	if (waiting && dev->driver->late) {
		list_add_tail(&late, &dev->link);
		return NULL;
	}
	return device_attach(dev);
}

void device_attach_rest(void)
{
	waiting = false;
	while (!list_empty(&late)) {
		struct device *dev =
			container_of(late.next, struct device, link);

		list_del(&dev->link);
		device_attach(dev);
	}
}

int node_methods_register(struct node *node, const struct instance_ops *ops,
			  const struct method *methods)
{
	static const struct driver none = { .name = "node" };
	const struct device like = {
		.node = node,
		.driver = &none,
		.ops = ops ? *ops : (struct instance_ops){ 0 },
		.methods = methods,
	};
	struct device *dev = device_new(&like);

	if (!dev)
		return ERR_NOMEM;
	device_enter(dev);
	return 0;
}

static void device_add_ops(struct instance_ops *ops,
			   const struct instance_ops *more)
{
	ops->read = ops->read ? ops->read : more->read;
	ops->write = ops->write ? ops->write : more->write;
	ops->seek = ops->seek ? ops->seek : more->seek;
	ops->size = ops->size ? ops->size : more->size;
	ops->load = ops->load ? ops->load : more->load;
	ops->close = ops->close ? ops->close : more->close;
}

int device_add_role(struct device *dev, struct device_role *as,
		    const struct role *role)
{
	int err = 0;

	*as = (struct device_role){ .dev = dev, .role = role };
	list_add_tail(&dev->roles, &as->link);
	if (role->ops)
		device_add_ops(&dev->ops, role->ops);
	if (role->device_type)
		err = tree_set_str(dev->node, "device_type", role->device_type);
	if (err == 0 && role->added)
		role->added(as);
	return err;
}

struct device_role *device_role(const struct device *dev,
				const struct role *role)
{
	struct device_role *as;

	list_for_each(as, &dev->roles, link) {
		if (as->role == role)
			return as;
	}
	return NULL;
}

struct device_role *device_next_role(const struct device_role *as,
				     const struct role *role)
{
	const struct list *at = as ? &as->dev->link : &devices;
	struct device_role *next = NULL;

	for (at = at->next; at != &devices && !next; at = at->next)
		next = device_role(container_of(at, struct device, link), role);
	return next;
}

/* Returns true while a scan has requests in flight. */
static bool device_scan_step(bool rest)
{
	struct device *dev;
	bool busy = false;

	list_for_each(dev, &devices, link) {
		if (dev->scanned || (dev->driver->on_demand && !rest))
			continue;
		dev->scanned = !dev->driver->scan || !dev->driver->scan(dev);
		busy |= !dev->scanned;
	}
	return busy;
}

/* Calls found() in the order of devices. Returns whether any was scanned. */
static bool device_found(void)
{
	struct device *dev;
	bool any = false;

	list_for_each(dev, &devices, link) {
		if (!dev->scanned || dev->found)
			continue;
		any = dev->found = true;
		if (dev->driver->found)
			dev->driver->found(dev);
	}
	return any;
}

static void device_settle(void)
{
	struct device *dev;

	list_for_each(dev, &devices, link) {
		if (!dev->found || dev->settled)
			continue;
		dev->settled = true;
		if (dev->driver->settled)
			dev->driver->settled(dev);
	}
}

static void device_scan(bool rest)
{
	do {
		while (device_scan_step(rest))
			request_wait();
		/* found() may have added controllers. */
	} while (device_found());
	device_settle();
}

void device_scan_all(void)
{
	device_scan(false);
}

static bool device_has_rest(void)
{
	const struct device *dev;

	list_for_each(dev, &devices, link) {
		if (dev->driver->on_demand && !dev->scanned)
			return true;
	}
	return false;
}

bool device_scan_rest(void)
{
	bool has_rest = device_has_rest();

	if (has_rest)
		device_scan(true);
	return has_rest;
}

static bool device_is_on(const struct device *dev)
{
	return dev->state == DEVICE_STARTING || dev->state == DEVICE_READY;
}

bool device_is_up(struct device *dev)
{
	struct device *host = dev->host;

	if (device_is_on(dev) && host &&
	    (host->starts != dev->host_starts || !device_is_up(host)))
		dev->state = DEVICE_OFF;
	return device_is_on(dev);
}

static int device_start_host(struct device *dev)
{
	struct device *host = dev->host;
	int err;

	if (!host)
		return 0;
	err = dev->holds_host ? device_start(host) : device_open(host);
	if (err < 0)
		return err;
	dev->holds_host = true;
	dev->host_starts = host->starts;
	return 0;
}

static int device_start_self(struct device *dev)
{
	uint64_t begin = waits_begin();
	int err;

	dev->state = DEVICE_STARTING;
	err = dev->driver->start ? dev->driver->start(dev) : 0;
	waits_end(dev, begin);
	return err;
}

int device_start(struct device *dev)
{
	struct reason_kept kept;
	int err = 0;

	if (dev->state == DEVICE_QUIESCED)
		return reason_fail(ERR_NODEV, "the device is shut down");
	if (dev->state == DEVICE_FAILED)
		return reason_fail(ERR_NODEV, "%s", dev->failure);
	if (device_is_up(dev))
		return 0;
	err = device_start_host(dev);
	if (err == 0)
		err = device_start_self(dev);
	if (err < 0) {
		reason_keep(&kept);
		device_stop(dev);
		reason_put_back(&kept);
		return err;
	}
	dev->state = DEVICE_READY;
	dev->starts++;
	return 0;
}

void device_stop(struct device *dev)
{
	if (dev->driver->stop)
		dev->driver->stop(dev);
	if (device_is_on(dev))
		dev->state = DEVICE_OFF;
	if (dev->users || !dev->holds_host)
		return;
	dev->holds_host = false;
	device_close(dev->host);
}

void device_fail(struct device *dev, const char *why)
{
	dev->failure = why;
	if (dev->state != DEVICE_QUIESCED)
		dev->state = DEVICE_FAILED;
}

void device_explain(void)
{
	const struct device *dev;

	list_for_each(dev, &devices, link) {
		if (dev->state == DEVICE_FAILED && list_empty(&dev->roles))
			log_err("%s %s: %s", dev->driver->name,
				device_path(dev), dev->failure);
	}
}

int device_open(struct device *dev)
{
	int err = device_start(dev);

	dev->users += err == 0;
	return err;
}

void device_close(struct device *dev)
{
	/* There are no users after device_abandon_all(). */
	if (dev->users && --dev->users == 0)
		device_stop(dev);
}

static void device_sync(struct device *dev)
{
	struct device_role *as;

	list_for_each(as, &dev->roles, link) {
		if (as->role->sync)
			as->role->sync(as);
	}
}

void device_sync_all(void)
{
	struct device *dev;

	list_for_each(dev, &devices, link)
		device_sync(dev);
}

static void device_quiesce(struct device *dev)
{
	device_sync(dev);
	dev->state = DEVICE_QUIESCED;
	dev->users = 0;
	device_stop(dev);
}

bool device_is_kept(const struct node *node, const struct node *keep)
{
	while (keep && keep != node)
		keep = keep->parent;
	return keep != NULL;
}

void device_quiesce_all(const struct node *keep)
{
	const struct bus *const *bus;
	struct device *dev;

	/* Children first: disks flush through their controllers. */
	list_for_each_reverse(dev, &devices, link) {
		if (device_is_kept(dev->node, keep))
			continue;
		/* A host is stopped in its turn: it must know it is for good. */
		dev->holds_host &= dev->host &&
				   device_is_kept(dev->host->node, keep);
		device_quiesce(dev);
	}
	table_for_each(bus, buses) {
		if ((*bus)->quiesce)
			(*bus)->quiesce(keep);
	}
}

void device_abandon_all(void)
{
	struct device *dev;

	request_forget(NULL);
	console_abandon();
	/* Children first: disks use their controllers. */
	list_for_each_reverse(dev, &devices, link) {
		/* Its requests are forgotten: end a scan, too. */
		dev->scanned |= device_is_on(dev) || dev->users;
		/* What settled() would close, nobody has open. */
		dev->settled |= dev->scanned;
		dev->users = 0;
		dev->holds_host = false;
		device_stop(dev);
	}
}

static void device_remove(struct device *dev)
{
	device_quiesce(dev);
	request_forget(dev);
	device_release_roles(dev);
	if (dev->driver->detach)
		dev->driver->detach(dev);
	device_free(dev);
}

/* Instances first: they use the device. */
static void device_node_removed(struct node *node)
{
	const struct bus *const *bus;

	instance_remove_node(node);
	if (node->device)
		device_remove(node->device);
	table_for_each(bus, buses) {
		if ((*bus)->forget)
			(*bus)->forget(node);
	}
}

void device_init(void)
{
	list_init(&devices);
	list_init(&late);
	waiting = true;
	request_forget(NULL);
	instance_init();
	console_init();
	dma_init();
	tree_set_remove_hook(device_node_removed);
	tree_set_child_hook(bus_resolve);
}

const char *device_path(const struct device *dev)
{
	static char buf[2][256];
	static unsigned turn;

	turn = !turn;
	tree_path(dev->node, buf[turn], sizeof(buf[turn]));
	return buf[turn];
}

// SPDX-License-Identifier: BSD-2-Clause
// USB: the bus of interfaces, controllers, devices.
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

#define CLASS_HUB 9u
/* Resets of a dead controller until it is given up. */
#define LOSSES_MAX 3u
/* Longest time to bring devices up, however many of them hang. */
#define BRING_UP_MS 10000u
/* QEMU's devices. [include/hw/pci/pci.h, PCI_SUBDEVICE_ID_QEMU] */
#define PCI_SUBSYSTEM 0x2cu
#define SUBSYSTEM_QEMU 0x11001af4u

static bool match_one(uint8_t have, uint8_t want)
{
	return want == USB_ANY || have == want;
}

/* The entry of a driver's table that fits, or NULL. */
static const struct usb_match *match_find(const struct usb_interface *intf,
					  const struct usb_match *match)
{
	for (; match->node; match++) {
		if (match_one(intf->class, match->class) &&
		    match_one(intf->subclass, match->subclass) &&
		    match_one(intf->protocol, match->protocol))
			return match;
	}
	return NULL;
}

static bool usb_bus_match(const struct device *dev, const void *match)
{
	return match_find(dev->bus_data, match) != NULL;
}

BUS(usb_bus) = {
	.name = "usb",
	.match = usb_bus_match,
};

const struct usb_match *usb_match_of(const struct usb_interface *intf)
{
	const struct driver *const *drv;
	const struct usb_match *found;

	table_for_each(drv, drivers) {
		if ((*drv)->bus != &usb_bus)
			continue;
		found = match_find(intf, (*drv)->match);
		if (found)
			return found;
	}
	return NULL;
}

/* Hubs are brought up by the core; this gives them a node. */
static const struct usb_match hub_match[] = {
	{ CLASS_HUB, USB_ANY, USB_ANY, "hub" },
	{ 0 },
};

DRIVER(usb_hub) = {
	.name = "usb-hub",
	.bus = &usb_bus,
	.match = hub_match,
};

bool usb_hub_is(const struct usb_device *udev)
{
	return udev->config.n_interfaces &&
	       udev->config.interfaces[0].class == CLASS_HUB;
}

/* usb0, usb1...: SLOF's names; other families have no 0. */
static int controller_add_alias(const struct node *node)
{
	struct node *aliases = tree_find("/aliases");
	char name[16], path[256];
	unsigned n = 0;

	if (!aliases || tree_path(node, path, sizeof(path)) >= sizeof(path))
		return ERR_RANGE;
	do {
		fmt_str(name, sizeof(name), "usb%u", n++);
	} while (tree_getprop(aliases, name, NULL));
	return tree_set_str(aliases, name, path);
}

static int controller_describe(struct device *dev, const char *kind)
{
	int err = tree_set_str(dev->node, "device_type", kind);

	if (err == 0)
		err = tree_set_u32(dev->node, "#address-cells", 1);
	if (err == 0)
		err = tree_set_u32(dev->node, "#size-cells", 0);
	if (err == 0)
		err = controller_add_alias(dev->node);
	return err < 0 ? reason_fail(err, "cannot describe it: %s",
				     err_str(err))
		       : 0;
}

int usb_controller_attach(struct usb_controller *hc, struct device *dev,
			  const struct usb_controller_ops *ops,
			  const char *kind)
{
	hc->dev = dev;
	hc->ops = ops;
	dev->priv = hc;
	list_init(&hc->devices);
	list_init(&hc->waiters);
	usb_queue_init_root(hc);
	return controller_describe(dev, kind);
}

uint64_t usb_controller_registers(struct usb_controller *hc, uint64_t min,
				  uint64_t *size)
{
	const struct pci_function *fn = pci_function_of(hc->dev);
	uint64_t base;

	*size = 0;
	base = pci_bar_address(fn, 0, size);
	if (!base || *size < min) {
		reason_fail(ERR_NODEV, "its registers have no address");
		return 0;
	}
	hc->real = pci_config_read(fn, PCI_SUBSYSTEM, 4) != SUBSYSTEM_QEMU;
	return base;
}

void usb_controller_detach(struct usb_controller *hc)
{
	struct usb_device *udev, *next;

	list_for_each_safe(udev, next, &hc->devices, link)
		usb_device_free(udev);
}

void usb_controller_lost(struct usb_controller *hc)
{
	struct reason_kept kept;

	reason_keep(&kept);
	log_err("usb %s: controller reset: %s", device_path(hc->dev), reason());
	device_stop(hc->dev);
	if (++hc->losses == LOSSES_MAX)
		device_fail(hc->dev, "the controller fails again and again");
	reason_put_back(&kept);
}

/* The states of its devices are those before its last start. */
static void controller_forget_states(struct usb_controller *hc)
{
	struct usb_device *udev;

	reason_fail(ERR_IO, "the controller was reset");
	request_end_all(&hc->root, ERR_IO);
	list_for_each(udev, &hc->devices, link)
		request_end_all(&udev->requests, ERR_IO);
	list_for_each(udev, &hc->devices, link) {
		udev->was_addressed = false;
		/* Those that wait, and after an exception also the others. */
		if (udev->state != USB_DROPPED)
			usb_device_off(udev);
	}
}

int usb_controller_start(struct usb_controller *hc)
{
	int err = device_start(hc->dev);

	if (err == 0 && hc->seen != hc->dev->starts) {
		controller_forget_states(hc);
		hc->seen = hc->dev->starts;
		hc->started = deadline_ms();
	}
	return err;
}

void usb_controller_allow_time(struct usb_controller *hc)
{
	if (!hc->scanning)
		hc->late = deadline_ms() + BRING_UP_MS;
}

bool usb_controller_is_young(const struct usb_controller *hc)
{
	return hc->real && deadline_ms() < hc->started + USB_CONNECT_MS;
}

bool usb_controller_is_late(const struct usb_controller *hc)
{
	return deadline_ms() > hc->late;
}

static void device_place(struct usb_device *udev, struct usb_device *hub,
			 unsigned port)
{
	udev->hub = hub;
	udev->port = port;
	udev->root_port = hub ? hub->root_port : port;
	if (!hub)
		return;
	udev->depth = hub->depth + 1;
	/* Four bits per hub; 15: 15 or more. [xHCI 1.2, 8.9] */
	udev->route = hub->route | MIN(port, 15u) << 4 * hub->depth;
}

/* A scan may look at a port twice, if the controller was stopped. */
static bool device_known(const struct usb_controller *hc,
			 const struct usb_device *hub, unsigned port)
{
	const struct usb_device *udev;

	list_for_each(udev, &hc->devices, link) {
		if (udev->hub == hub && udev->port == port)
			return true;
	}
	return false;
}

/* The order of ports, at each boot: the end of what is behind `hub`. */
static struct list *device_after(struct usb_controller *hc,
				 struct usb_device *hub)
{
	struct list *at = &hc->devices;

	if (!hub)
		return at;
	for (at = hub->link.next; at != &hc->devices; at = at->next) {
		if (container_of(at, struct usb_device, link)->depth <=
		    hub->depth)
			break;
	}
	return at;
}

/* Says it once: a hostile hub has 255 ports. */
static void device_refuse(struct usb_controller *hc, const char *why)
{
	if (!hc->full)
		log_err("usb %s: %s", device_path(hc->dev), why);
	hc->full = true;
}

static unsigned device_count(const struct usb_controller *hc)
{
	const struct list *at;
	unsigned n = 0;

	for (at = hc->devices.next; at != &hc->devices; at = at->next)
		n++;
	return n;
}

void usb_device_new(struct usb_controller *hc, struct usb_device *hub,
		    unsigned port)
{
	struct usb_device *udev;
	unsigned n = device_count(hc);

	if (device_known(hc, hub, port))
		return;
	if (n == USB_DEVICES_MAX) {
		device_refuse(hc, "it has more devices than addresses");
		return;
	}
	udev = heap_zalloc(sizeof(*udev));
	if (!udev) {
		device_refuse(hc, "no memory for a device");
		return;
	}
	udev->hc = hc;
	udev->ep0.udev = udev;
	/* None is freed before the controller is. */
	udev->number = (uint8_t)(n + 1);
	device_place(udev, hub, port);
	list_init(&udev->waiting);
	list_init(&udev->waiters);
	usb_queue_init_device(udev);
	list_insert_before(device_after(hc, hub), &udev->link);
}

void usb_device_free(struct usb_device *udev)
{
	list_del(&udev->link);
	dma_free(&udev->hc->dma, udev->page, udev->page_bus, 4096);
	heap_free(udev->scratch);
	heap_free(udev);
}

bool usb_controller_is_current(const struct usb_controller *hc)
{
	return hc->seen == hc->dev->starts && device_is_up(hc->dev);
}

bool usb_device_is_up(const struct usb_device *udev)
{
	return udev->state == USB_UP && usb_controller_is_current(udev->hc);
}

static bool device_is_moving(const struct usb_device *udev)
{
	return udev->state == USB_WAITING || udev->state == USB_BUSY;
}

int usb_device_start(struct usb_device *udev)
{
	/* Each try but the last ends by a reset of the controller. */
	for (unsigned tries = 0; tries < 3; tries++) {
		int err = usb_controller_start(udev->hc);

		if (err < 0)
			return err;
		usb_controller_allow_time(udev->hc);
		if (udev->state == USB_DROPPED)
			return reason_fail(ERR_NODEV, "it was ignored before");
		if (udev->state == USB_OFF || udev->state == USB_GONE)
			usb_device_begin(udev);
		while (device_is_moving(udev))
			request_wait();
		if (udev->state == USB_UP)
			return 0;
		if (udev->state == USB_GONE)
			return reason_fail(ERR_NODEV, "unplugged");
	}
	return reason_fail(ERR_IO, "the controller is reset again and again");
}

/* Ports from the root on, "4.2". Returns the length. */
static size_t device_ports(const struct usb_device *udev, char *buf,
			   size_t size)
{
	unsigned ports[USB_HUBS_MAX], n = 0;
	size_t len = 0;

	for (; udev->hub; udev = udev->hub)
		ports[n++] = udev->port;
	len = fmt_str(buf, size, "%u", usb_port_unit(udev->hc, udev->port));
	while (n && len < size)
		len += fmt_str(buf + len, size - len, ".%u", ports[--n]);
	return len;
}

const char *usb_device_name(const struct usb_device *udev)
{
	static char buf[256];
	char ports[48];

	device_ports(udev, ports, sizeof(ports));
	fmt_str(buf, sizeof(buf), "%s port %s", device_path(udev->hc->dev),
		ports);
	return buf;
}

unsigned usb_port_unit(const struct usb_controller *hc, unsigned port)
{
	return hc->ops->port_unit ? hc->ops->port_unit(hc, port) : port;
}

struct usb_endpoint *usb_endpoint_find(struct usb_interface *intf,
				       enum usb_endpoint_type type, unsigned in)
{
	for (unsigned i = 0; i < intf->n_endpoints; i++) {
		struct usb_endpoint *ep = &intf->endpoints[i];

		if (ep->type == type && (ep->address & USB_IN) == in)
			return ep;
	}
	return NULL;
}

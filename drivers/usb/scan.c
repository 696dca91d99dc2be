// SPDX-License-Identifier: BSD-2-Clause
// USB: finding what is plugged in, and its nodes.
#include "drivers/usb/core.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/node.h"
#include "tree/prop.h"

/* Longest scan of a controller, however many of its devices hang. */
#define SCAN_MS 10000u

static void scan_complain(const struct usb_controller *hc)
{
	log_err("usb %s: %s", device_path(hc->dev), reason());
}

static int scan_begin(struct usb_controller *hc)
{
	int err = device_open(hc->dev);

	if (err == 0)
		err = usb_controller_start(hc);
	if (err < 0)
		return err;
	hc->scanning = true;
	hc->scan_ends = deadline_ms() + SCAN_MS;
	for (unsigned port = 1; port <= hc->ports; port++) {
		if (hc->ops->port_state(hc, port).connected)
			usb_device_new(hc, NULL, port);
	}
	return 0;
}

/* Returns whether devices are still on their way. */
static bool scan_advance(struct usb_controller *hc)
{
	struct usb_device *udev;
	bool busy = false;

	list_for_each(udev, &hc->devices, link) {
		if (udev->state == USB_OFF && deadline_ms() > hc->scan_ends) {
			reason_fail(ERR_TIMEOUT, "no time left for it");
			usb_device_drop(udev);
		} else if (udev->state == USB_OFF) {
			usb_device_begin(udev);
		}
		busy |= udev->state == USB_WAITING || udev->state == USB_BUSY;
	}
	return busy;
}

bool usb_scan(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	int err = hc->scanning ? usb_controller_start(hc) : scan_begin(hc);

	if (err < 0)
		scan_complain(hc);
	else if (scan_advance(hc))
		return true;
	hc->scanning = false;
	return false;
}

static struct node *found_parent(const struct usb_device *udev)
{
	struct node *node = udev->hub ? udev->hub->node : NULL;

	return node ? node : udev->hc->dev->node;
}

static unsigned found_unit(const struct usb_device *udev)
{
	return udev->hub ? udev->port : usb_port_unit(udev->hc, udev->port);
}

static int found_describe(struct node *node, unsigned unit)
{
	int err = tree_set_u32(node, "reg", unit);

	if (err == 0)
		err = tree_set_u32(node, "#address-cells", 1);
	if (err == 0)
		err = tree_set_u32(node, "#size-cells", 0);
	return err;
}

/* device_add() prints errors; the node stays. */
static void found_interface(struct usb_interface *intf)
{
	struct usb_device *udev = intf->udev;
	const struct usb_match *match = usb_match_of(intf);
	struct node *parent = found_parent(udev);
	char name[32];

	if (!match)
		return;
	fmt_str(name, sizeof(name), "%s@%x", match->node, found_unit(udev));
	/* A second keyboard in one device would have the same name. */
	if (tree_child_named(parent, name))
		return;
	intf->node = tree_add_node(parent, name, TREE_QUOIN);
	if (!intf->node || found_describe(intf->node, found_unit(udev))) {
		reason_fail(ERR_NOMEM, "no memory for the node %s", name);
		scan_complain(udev->hc);
		return;
	}
	if (usb_hub_is(udev))
		udev->node = intf->node;
	device_add(udev->hc->dev, &usb_bus, intf->node, intf);
}

void usb_found(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct usb_device *udev;

	list_for_each(udev, &hc->devices, link) {
		if (udev->state != USB_UP)
			continue;
		for (unsigned i = 0; i < udev->config.n_interfaces; i++)
			found_interface(&udev->config.interfaces[i]);
	}
}

/* The opening of usb_scan(). */
void usb_settled(struct device *dev)
{
	device_close(dev);
}

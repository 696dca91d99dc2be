// SPDX-License-Identifier: BSD-2-Clause
// USB: finding what is plugged in, and its nodes.
#include "drivers/usb/core.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/node.h"
#include "tree/prop.h"

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
	usb_controller_allow_time(hc);
	return 0;
}

/* It may die on the way. */
static void scan_ports(struct usb_controller *hc)
{
	for (unsigned port = 1; port <= hc->ports; port++) {
		if (usb_controller_is_current(hc) &&
		    hc->ops->port_state(hc, port).connected)
			usb_device_new(hc, NULL, port);
	}
}

static void scan_waited(struct request *rq)
{
	struct usb_controller *hc =
		container_of(usb_transfer_of(rq), struct usb_controller, wait);

	hc->waiting = false;
	if (rq->status == 0)
		scan_ports(hc);
}

/* After each start; on real hardware, when devices have connected. */
static void scan_look(struct usb_controller *hc)
{
	if (!hc->real) {
		scan_ports(hc);
		return;
	}
	hc->waiting = true;
	hc->wait = (struct usb_transfer){
		.kind = USB_DELAY,
		.rq = { .timeout_ms = USB_CONTROL_MS, .done = scan_waited },
	};
	request_add_later(&hc->root, &hc->wait.rq, USB_CONNECT_MS);
}

/* One that is known may wait for its first use. */
static void scan_device(struct usb_device *udev)
{
	if (!usb_controller_is_late(udev->hc)) {
		usb_device_begin(udev);
	} else if (!udev->known) {
		reason_fail(ERR_TIMEOUT, "no time is left for it");
		usb_device_drop(udev);
	}
}

/* Returns whether devices are still on their way. */
static bool scan_advance(struct usb_controller *hc)
{
	struct usb_device *udev;
	bool busy = false;

	list_for_each(udev, &hc->devices, link) {
		if (udev->state == USB_OFF)
			scan_device(udev);
		busy |= udev->state == USB_WAITING || udev->state == USB_BUSY;
	}
	return busy || hc->waiting || !usb_controller_is_current(hc);
}

bool usb_scan(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	bool first = !hc->scanning;
	uint32_t seen = hc->seen;
	int err = first ? scan_begin(hc) : usb_controller_start(hc);

	if (err < 0) {
		scan_complain(hc);
		return false;
	}
	if (first || hc->seen != seen)
		scan_look(hc);
	hc->scanning = scan_advance(hc);
	return hc->scanning;
}

static struct node *found_parent(const struct usb_device *udev)
{
	return udev->hub ? udev->hub->node : udev->hc->dev->node;
}

static unsigned found_unit(const struct usb_device *udev)
{
	return udev->hub ? udev->port : usb_port_unit(udev->hc, udev->port);
}

/*
 * A storage device, which has disks, sets its own cells. `compatible`: as the
 * USB binding to IEEE 1275 writes it, and Linux's usb-device.yaml.
 */
static int found_describe(struct node *node, const struct usb_device *udev)
{
	int err = tree_set_u32(node, "reg", found_unit(udev));
	bool is_hub = usb_hub_is(udev);
	char id[16];

	fmt_str(id, sizeof(id), "usb%x,%x", udev->vendor, udev->product);
	if (err == 0)
		err = tree_set_str(node, "compatible", id);
	if (err == 0 && is_hub)
		err = tree_set_u32(node, "#address-cells", 1);
	if (err == 0 && is_hub)
		err = tree_set_u32(node, "#size-cells", 0);
	return err;
}

/* device_add() prints errors; the node stays. */
static void found_interface(struct usb_interface *intf)
{
	struct usb_device *udev = intf->udev;
	const struct usb_match *match = usb_match_of(intf);
	struct node *parent = found_parent(udev), *node;
	char name[32];

	if (!match)
		return;
	fmt_str(name, sizeof(name), "%s@%x", match->node, found_unit(udev));
	/*
	 * A second keyboard in one device would have the same name. So have the
	 * two hubs in a hub of USB 3: what is behind them shares a node.
	 */
	node = tree_child_named(parent, name);
	if (node) {
		udev->node = usb_hub_is(udev) ? node : NULL;
		return;
	}
	intf->node = tree_add_node(parent, name, TREE_QUOIN);
	if (!intf->node || found_describe(intf->node, udev)) {
		reason_fail(ERR_NOMEM, "no memory for the node %s", name);
		scan_complain(udev->hc);
		return;
	}
	if (usb_hub_is(udev))
		udev->node = intf->node;
	device_add(udev->hc->dev, &usb_bus, intf->node, intf);
}

/* Others may be up again at their first use; hubs come before their devices. */
static bool found_is_usable(const struct usb_device *udev)
{
	if (udev->hub && !udev->hub->node)
		return false;
	return udev->known && (udev->state == USB_UP || udev->state == USB_OFF);
}

void usb_found(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct usb_device *udev;

	/* Also that of one that failed or was abandoned. */
	hc->scanning = hc->waiting = false;
	list_for_each(udev, &hc->devices, link) {
		if (!found_is_usable(udev))
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

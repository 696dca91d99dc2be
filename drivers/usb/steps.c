// SPDX-License-Identifier: BSD-2-Clause
// The steps that bring a USB device up (USB 2.0, 9.1.2, 11; USB 3.2, 10).
#include "drivers/usb/core.h"
#include "drivers/usb/descriptor.h"
#include "lib/reason.h"

/* A transfer of the device's hub, about the device's port. */
static void step_ask_hub(struct usb_device *udev, struct usb_transfer *t,
			 unsigned type, enum usb_request request,
			 unsigned feature, unsigned len)
{
	usb_setup_fill(t, udev->hub, type | USB_TYPE_CLASS | USB_TO_OTHER,
		       request, feature, udev->port, udev->scratch, len);
}

static void step_get_descriptor(struct usb_device *udev, struct usb_transfer *t,
				unsigned type, unsigned len)
{
	usb_setup_fill(t, udev, USB_IN, USB_GET_DESCRIPTOR, type << 8, 0,
		       udev->scratch, len);
}

static void step_command(struct usb_device *udev, struct usb_transfer *t,
			 enum usb_transfer_kind kind)
{
	*t = (struct usb_transfer){ .udev = udev,
				    .kind = kind,
				    .ep = &udev->ep0 };
}

static bool send_reset(struct usb_device *udev, struct usb_transfer *t)
{
	if (udev->hub)
		return false;
	step_command(udev, t, USB_RESET_PORT);
	t->port = udev->port;
	udev->unaddressed = true;
	return true;
}

static int take_reset(struct usb_device *udev, const struct usb_transfer *t)
{
	if (udev->known && t->speed != udev->speed)
		return reason_fail(ERR_IO, "another speed after a reset");
	udev->speed = t->speed;
	return USB_NEXT_STEP;
}

static bool send_hub_reset(struct usb_device *udev, struct usb_transfer *t)
{
	if (!udev->hub)
		return false;
	step_ask_hub(udev, t, 0, USB_SET_FEATURE, USB_PORT_RESET, 0);
	udev->unaddressed = true;
	return true;
}

static enum request_disposition hub_reset_decide(struct usb_transfer *t)
{
	uint32_t status = le32_load(t->buf);

	if (t->actual < USB_PORT_STATUS_LEN ||
	    !(status & USB_STATUS_CONNECTION))
		return REQUEST_DONE;
	if (status & USB_STATUS_C_RESET && !(status & USB_STATUS_RESET))
		return REQUEST_DONE;
	reason_fail(ERR_BUSY, "the reset of its port does not end");
	return REQUEST_WAIT;
}

static bool send_hub_status(struct usb_device *udev, struct usb_transfer *t)
{
	if (udev->hub) {
		step_ask_hub(udev, t, USB_IN, USB_GET_STATUS, 0,
			     USB_PORT_STATUS_LEN);
		t->decide = hub_reset_decide;
	}
	return udev->hub != NULL;
}

static enum usb_speed hub_port_speed(const struct usb_device *hub,
				     uint32_t status)
{
	if (hub->speed == USB_SUPER)
		return USB_SUPER;
	if (status & USB_STATUS_LOW)
		return USB_LOW;
	return status & USB_STATUS_HIGH ? USB_HIGH : USB_FULL;
}

static int take_hub_status(struct usb_device *udev,
			   const struct usb_transfer *t)
{
	uint32_t status = le32_load(udev->scratch);
	enum usb_speed speed = hub_port_speed(udev->hub, status);

	if (t->actual < USB_PORT_STATUS_LEN)
		return reason_fail(ERR_IO, "short port status");
	if (!(status & USB_STATUS_CONNECTION))
		return reason_fail(ERR_NODEV, "unplugged");
	udev->unaddressed = status & USB_STATUS_ENABLE;
	if (!udev->unaddressed)
		return reason_fail(ERR_IO, "the port stays disabled after a "
					   "reset");
	if (udev->known && speed != udev->speed)
		return reason_fail(ERR_IO, "another speed after a reset");
	udev->speed = speed;
	return USB_NEXT_STEP;
}

static bool send_hub_clear_reset(struct usb_device *udev,
				 struct usb_transfer *t)
{
	if (udev->hub)
		step_ask_hub(udev, t, 0, USB_CLEAR_FEATURE, USB_C_PORT_RESET,
			     0);
	return udev->hub != NULL;
}

static bool send_hub_clear_connection(struct usb_device *udev,
				      struct usb_transfer *t)
{
	if (udev->hub)
		step_ask_hub(udev, t, 0, USB_CLEAR_FEATURE,
			     USB_C_PORT_CONNECTION, 0);
	return udev->hub != NULL;
}

/* The nearest high-speed hub translates for slower devices. [USB 2.0, 11.14] */
static void step_find_tt(struct usb_device *udev)
{
	const struct usb_device *at = udev;

	udev->tt = NULL;
	if (udev->speed != USB_FULL && udev->speed != USB_LOW)
		return;
	while (at->hub && at->hub->speed != USB_HIGH)
		at = at->hub;
	udev->tt = at->hub;
	udev->tt_port = at->port;
}

/* Until the device says more. [USB 2.0, 5.5.3; USB 3.2, 9.6.1] */
static uint16_t step_first_mps0(enum usb_speed speed)
{
	if (speed == USB_SUPER)
		return 512;
	return speed == USB_HIGH ? 64 : 8;
}

static bool send_address(struct usb_device *udev, struct usb_transfer *t)
{
	step_find_tt(udev);
	udev->ep0.mps = step_first_mps0(udev->speed);
	step_command(udev, t, USB_ADDRESS);
	return true;
}

static int take_address(struct usb_device *udev, const struct usb_transfer *t)
{
	(void)t;
	udev->was_addressed = true;
	usb_device_release_bus(udev);
	return USB_NEXT_STEP;
}

static bool send_device_head(struct usb_device *udev, struct usb_transfer *t)
{
	step_get_descriptor(udev, t, USB_DESC_DEVICE, USB_DEVICE_HEAD);
	return true;
}

/* High-speed and SuperSpeed have one size only; devices may still lie. */
static int take_device_head(struct usb_device *udev,
			    const struct usb_transfer *t)
{
	int mps = usb_parse_mps0(t->buf, t->actual, udev->speed);

	if (mps < 0)
		return mps;
	udev->new_mps0 = (uint16_t)mps != udev->ep0.mps;
	udev->ep0.mps = (uint16_t)mps;
	return USB_NEXT_STEP;
}

static bool send_mps0(struct usb_device *udev, struct usb_transfer *t)
{
	step_command(udev, t, USB_MPS0);
	return udev->new_mps0;
}

static bool send_device(struct usb_device *udev, struct usb_transfer *t)
{
	step_get_descriptor(udev, t, USB_DESC_DEVICE, USB_DEVICE_LEN);
	return true;
}

static int take_device(struct usb_device *udev, const struct usb_transfer *t)
{
	struct usb_device_ids ids;
	int err = usb_parse_device(t->buf, t->actual, &ids);

	if (err < 0)
		return err;
	if (udev->known &&
	    (ids.vendor != udev->vendor || ids.product != udev->product))
		return reason_fail(ERR_IO, "another device after a reset");
	udev->vendor = ids.vendor;
	udev->product = ids.product;
	return USB_NEXT_STEP;
}

/* What is known is not read again: endpoints have users. */
static bool send_config_head(struct usb_device *udev, struct usb_transfer *t)
{
	step_get_descriptor(udev, t, USB_DESC_CONFIG, USB_CONFIG_LEN);
	return !udev->known;
}

static int take_config_head(struct usb_device *udev,
			    const struct usb_transfer *t)
{
	int total = usb_parse_total(t->buf, t->actual);

	if (total < 0)
		return total;
	udev->config_len = (uint16_t)total;
	return USB_NEXT_STEP;
}

static bool send_config(struct usb_device *udev, struct usb_transfer *t)
{
	step_get_descriptor(udev, t, USB_DESC_CONFIG, udev->config_len);
	return !udev->known;
}

/*
 * QEMU returns one report per interval, and a key may take four; usb-kbd asks
 * for 8 ms. Its controllers can look every ms, as can its devices. [QEMU
 * hw/usb/hcd-xhci.c, xhci_calc_intr_kick; hw/input/hid.c]
 */
static void step_hasten(struct usb_endpoint *ep)
{
	const struct usb_device *udev = ep->udev;
	uint8_t ms = udev->speed == USB_FULL || udev->speed == USB_LOW ? 1 : 4;

	if (ep->type == USB_EP_INTERRUPT && !udev->hc->real)
		ep->interval = MIN(ep->interval, ms);
}

/* Endpoints are set up for the interfaces that have a driver. */
static void step_adopt(struct usb_device *udev)
{
	for (unsigned i = 0; i < udev->config.n_interfaces; i++) {
		struct usb_interface *intf = &udev->config.interfaces[i];
		bool used = usb_match_of(intf) != NULL;

		intf->udev = udev;
		for (unsigned j = 0; j < intf->n_endpoints; j++) {
			intf->endpoints[j].udev = udev;
			intf->endpoints[j].used = used;
			step_hasten(&intf->endpoints[j]);
		}
	}
}

static int take_config(struct usb_device *udev, const struct usb_transfer *t)
{
	int err = usb_parse_config(t->buf, t->actual, &udev->config);

	if (err < 0)
		return err;
	step_adopt(udev);
	udev->known = true;
	return USB_NEXT_STEP;
}

static bool send_configure(struct usb_device *udev, struct usb_transfer *t)
{
	usb_setup_fill(t, udev, 0, USB_SET_CONFIGURATION, udev->config.value, 0,
		       NULL, 0);
	return true;
}

static bool send_hub_descriptor(struct usb_device *udev, struct usb_transfer *t)
{
	unsigned type = udev->speed == USB_SUPER ? USB_DESC_SUPER_HUB
						 : USB_DESC_HUB;

	usb_setup_fill(t, udev, USB_IN | USB_TYPE_CLASS, USB_GET_DESCRIPTOR,
		       type << 8, 0, udev->scratch, USB_HUB_LEN);
	return usb_hub_is(udev);
}

static int take_hub_descriptor(struct usb_device *udev,
			       const struct usb_transfer *t)
{
	int ports = usb_parse_hub(t->buf, t->actual);

	if (ports < 0)
		return ports;
	if (udev->depth == USB_HUBS_MAX)
		return reason_fail(ERR_RANGE, "more than %u hubs in a row",
				   USB_HUBS_MAX);
	udev->hub_ports = (unsigned)ports;
	udev->at_port = 1;
	return USB_NEXT_STEP;
}

static bool send_endpoints(struct usb_device *udev, struct usb_transfer *t)
{
	step_command(udev, t, USB_ENDPOINTS);
	return true;
}

/* [USB 3.2, 10.16.2.9] */
static bool send_hub_depth(struct usb_device *udev, struct usb_transfer *t)
{
	usb_setup_fill(t, udev, USB_TYPE_CLASS, USB_SET_HUB_DEPTH, udev->depth,
		       0, NULL, 0);
	return udev->hub_ports && udev->speed == USB_SUPER;
}

static bool send_port_power(struct usb_device *udev, struct usb_transfer *t)
{
	usb_setup_fill(t, udev, USB_TYPE_CLASS | USB_TO_OTHER, USB_SET_FEATURE,
		       USB_PORT_POWER, udev->at_port, NULL, 0);
	return udev->hub_ports != 0;
}

static int step_next_port(struct usb_device *udev)
{
	if (udev->at_port++ < udev->hub_ports)
		return USB_SAME_STEP;
	udev->at_port = 1;
	return USB_NEXT_STEP;
}

static int take_port_power(struct usb_device *udev,
			   const struct usb_transfer *t)
{
	(void)t;
	return step_next_port(udev);
}

/* Its ports have power: devices may connect. */
static bool send_hub_wait(struct usb_device *udev, struct usb_transfer *t)
{
	step_command(udev, t, USB_DELAY);
	return udev->hub_ports && udev->hc->real;
}

/* Only a scan looks for devices. */
static bool send_port_status(struct usb_device *udev, struct usb_transfer *t)
{
	usb_setup_fill(t, udev, USB_IN | USB_TYPE_CLASS | USB_TO_OTHER,
		       USB_GET_STATUS, 0, udev->at_port, udev->scratch,
		       USB_PORT_STATUS_LEN);
	return udev->hub_ports && udev->hc->scanning && !udev->hub_scanned;
}

static int take_port_status(struct usb_device *udev,
			    const struct usb_transfer *t)
{
	int next;

	if (t->actual < USB_PORT_STATUS_LEN)
		return reason_fail(ERR_IO, "short port status");
	if (le32_load(t->buf) & USB_STATUS_CONNECTION)
		usb_device_new(udev->hc, udev, udev->at_port);
	next = step_next_port(udev);
	udev->hub_scanned = next == USB_NEXT_STEP;
	return next;
}

const struct usb_step usb_steps[] = {
	{ send_reset, take_reset, 0 },
	{ send_hub_reset, NULL, 0 },
	{ send_hub_status, take_hub_status, USB_RECOVERY_MS },
	{ send_hub_clear_reset, NULL, 0 },
	{ send_hub_clear_connection, NULL, 0 },
	{ send_address, take_address, USB_RECOVERY_MS },
	{ send_device_head, take_device_head, USB_RECOVERY_MS },
	{ send_mps0, NULL, 0 },
	{ send_device, take_device, 0 },
	{ send_config_head, take_config_head, 0 },
	{ send_config, take_config, 0 },
	{ send_configure, NULL, 0 },
	{ send_hub_descriptor, take_hub_descriptor, 0 },
	{ send_endpoints, NULL, 0 },
	{ send_hub_depth, NULL, 0 },
	{ send_port_power, take_port_power, 0 },
	{ send_hub_wait, NULL, USB_CONNECT_MS },
	{ send_port_status, take_port_status, 0 },
};
const unsigned usb_step_count = ARRAY_SIZE(usb_steps);

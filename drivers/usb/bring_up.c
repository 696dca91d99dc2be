// SPDX-License-Identifier: BSD-2-Clause
// USB devices: from a plugged port to a configured device (USB 2.0, 9.1.2).
#include <string.h>

#include "drivers/usb/core.h"
#include "drivers/usb/descriptor.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * Each device goes through the steps of the table below, one transfer after the
 * other, while other devices and controllers go through theirs:
 *
 *	OFF -- begin --> WAITING -- hub up, bus free --> BUSY -- steps --> UP
 *
 * From its reset to its address a device listens to address 0, so only one per
 * controller, hc->addressing, is in these steps. After a fault the device tries
 * once more; the second time it is dropped. When the controller has been
 * stopped, by a time-out, its devices are OFF; who waits for one begins again:
 * usb_scan(), usb_device_start().
 */

/* Faults until a device is dropped. */
#define FAULTS_MAX 2u

/* What comes after a step. */
enum bring_up_next {
	NEXT_STEP,
	SAME_STEP, /* for the hub's next port */
};

/* A step: returns false if the device needs none of it. */
typedef bool bring_up_send_fn(struct usb_device *udev, struct usb_transfer *t);
/* Its transfer has succeeded. Returns enum bring_up_next or ERR_*. */
typedef int bring_up_take_fn(struct usb_device *udev,
			     const struct usb_transfer *t);

/* A transfer of the device's hub, about the device's port. */
static void bring_up_ask_hub(struct usb_device *udev, struct usb_transfer *t,
			     unsigned type, enum usb_request request,
			     unsigned feature, unsigned len)
{
	usb_setup_fill(t, udev->hub, type | USB_TYPE_CLASS | USB_TO_OTHER,
		       request, feature, udev->port, udev->scratch, len);
}

static void bring_up_get_descriptor(struct usb_device *udev,
				    struct usb_transfer *t, unsigned type,
				    unsigned len)
{
	usb_setup_fill(t, udev, USB_IN, USB_GET_DESCRIPTOR, type << 8, 0,
		       udev->scratch, len);
}

static void bring_up_command(struct usb_device *udev, struct usb_transfer *t,
			     enum usb_transfer_kind kind)
{
	*t = (struct usb_transfer){ .udev = udev,
				    .kind = kind,
				    .ep = &udev->ep0 };
}

/* A SuperSpeed port enables itself when the controller starts. */
static bool send_reset(struct usb_device *udev, struct usb_transfer *t)
{
	struct usb_controller *hc = udev->hc;
	struct usb_port port;

	if (udev->hub)
		return false;
	port = hc->ops->port_state(hc, udev->port);
	if (port.connected && port.enabled && port.speed == USB_SUPER &&
	    !udev->was_addressed) {
		udev->speed = port.speed;
		return false;
	}
	bring_up_command(udev, t, USB_RESET_PORT);
	t->port = udev->port;
	return true;
}

static int take_reset(struct usb_device *udev, const struct usb_transfer *t)
{
	struct usb_controller *hc = udev->hc;
	enum usb_speed speed = hc->ops->port_state(hc, t->port).speed;

	if (udev->known && speed != udev->speed)
		return reason_fail(ERR_IO, "another speed after a reset");
	udev->speed = speed;
	return NEXT_STEP;
}

static bool send_hub_reset(struct usb_device *udev, struct usb_transfer *t)
{
	if (udev->hub)
		bring_up_ask_hub(udev, t, 0, USB_SET_FEATURE, USB_PORT_RESET,
				 0);
	return udev->hub != NULL;
}

static enum request_disposition hub_reset_decide(struct usb_transfer *t)
{
	uint32_t status = le32_load(t->buf);

	if (t->actual < USB_PORT_STATUS_LEN || status & USB_STATUS_C_RESET ||
	    !(status & USB_STATUS_CONNECTION))
		return REQUEST_DONE;
	return REQUEST_WAIT;
}

static bool send_hub_status(struct usb_device *udev, struct usb_transfer *t)
{
	if (udev->hub) {
		bring_up_ask_hub(udev, t, USB_IN, USB_GET_STATUS, 0,
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
	if (!(status & USB_STATUS_ENABLE))
		return reason_fail(ERR_IO, "the port stays disabled after a "
					   "reset");
	if (udev->known && speed != udev->speed)
		return reason_fail(ERR_IO, "another speed after a reset");
	udev->speed = speed;
	return NEXT_STEP;
}

static bool send_hub_clear_reset(struct usb_device *udev,
				 struct usb_transfer *t)
{
	if (udev->hub)
		bring_up_ask_hub(udev, t, 0, USB_CLEAR_FEATURE,
				 USB_C_PORT_RESET, 0);
	return udev->hub != NULL;
}

static bool send_hub_clear_connection(struct usb_device *udev,
				      struct usb_transfer *t)
{
	if (udev->hub)
		bring_up_ask_hub(udev, t, 0, USB_CLEAR_FEATURE,
				 USB_C_PORT_CONNECTION, 0);
	return udev->hub != NULL;
}

/* The nearest high-speed hub translates for slower devices. [USB 2.0, 11.14] */
static void bring_up_find_tt(struct usb_device *udev)
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
static uint16_t bring_up_first_mps0(enum usb_speed speed)
{
	if (speed == USB_SUPER)
		return 512;
	return speed == USB_HIGH ? 64 : 8;
}

static bool send_address(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_find_tt(udev);
	udev->ep0.mps = bring_up_first_mps0(udev->speed);
	bring_up_command(udev, t, USB_ADDRESS);
	return true;
}

static void bring_up_release_bus(struct usb_device *udev);

static int take_address(struct usb_device *udev, const struct usb_transfer *t)
{
	(void)t;
	udev->was_addressed = true;
	bring_up_release_bus(udev);
	return NEXT_STEP;
}

static bool send_device_head(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_get_descriptor(udev, t, USB_DESC_DEVICE, USB_DEVICE_HEAD);
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
	return NEXT_STEP;
}

static bool send_mps0(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_command(udev, t, USB_MPS0);
	return udev->new_mps0;
}

static bool send_device(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_get_descriptor(udev, t, USB_DESC_DEVICE, USB_DEVICE_LEN);
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
	udev->class = ids.class;
	return NEXT_STEP;
}

/* What is known is not read again: endpoints have users. */
static bool send_config_head(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_get_descriptor(udev, t, USB_DESC_CONFIG, USB_CONFIG_LEN);
	return !udev->known;
}

static int take_config_head(struct usb_device *udev,
			    const struct usb_transfer *t)
{
	int total = usb_parse_total(t->buf, t->actual);

	if (total < 0)
		return total;
	udev->config_len = (uint16_t)total;
	return NEXT_STEP;
}

static bool send_config(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_get_descriptor(udev, t, USB_DESC_CONFIG, udev->config_len);
	return !udev->known;
}

/* Endpoints are set up for the interfaces that have a driver. */
static void bring_up_adopt(struct usb_device *udev)
{
	for (unsigned i = 0; i < udev->config.n_interfaces; i++) {
		struct usb_interface *intf = &udev->config.interfaces[i];

		intf->udev = udev;
		for (unsigned j = 0; j < intf->n_endpoints; j++) {
			intf->endpoints[j].udev = udev;
			intf->endpoints[j].used = usb_match_of(intf) != NULL;
		}
	}
}

static int take_config(struct usb_device *udev, const struct usb_transfer *t)
{
	int err = usb_parse_config(t->buf, t->actual, &udev->config);

	if (err < 0)
		return err;
	bring_up_adopt(udev);
	udev->known = true;
	return NEXT_STEP;
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
	udev->hub_ports = (unsigned)ports;
	udev->at_port = 1;
	return NEXT_STEP;
}

static bool send_endpoints(struct usb_device *udev, struct usb_transfer *t)
{
	bring_up_command(udev, t, USB_ENDPOINTS);
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

static int bring_up_next_port(struct usb_device *udev)
{
	if (udev->at_port++ < udev->hub_ports)
		return SAME_STEP;
	udev->at_port = 1;
	return NEXT_STEP;
}

static int take_port_power(struct usb_device *udev,
			   const struct usb_transfer *t)
{
	(void)t;
	return bring_up_next_port(udev);
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
	next = bring_up_next_port(udev);
	udev->hub_scanned = next == NEXT_STEP;
	return next;
}

static const struct bring_up_step {
	bring_up_send_fn *send;
	bring_up_take_fn *take; /* NULL: on to the next step */
	uint32_t delay;		/* ms before it, on real hardware */
} steps[] = {
	{ send_reset, take_reset, USB_DEBOUNCE_MS },
	{ send_hub_reset, NULL, USB_DEBOUNCE_MS },
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
	{ send_port_status, take_port_status, USB_DEBOUNCE_MS },
};

static void bring_up_step_done(struct usb_transfer *t);

/* The transfer of a child's step may be one of its hub's. */
static struct usb_device *bring_up_device(struct usb_transfer *t)
{
	return container_of(t, struct usb_device, bring_up);
}

static void bring_up_end(struct usb_device *udev, enum usb_state state);

/* Sends the next transfer, or ends the bring-up. */
static void bring_up_advance(struct usb_device *udev)
{
	struct usb_transfer *t = &udev->bring_up;

	for (; udev->step < ARRAY_SIZE(steps); udev->step++) {
		if (!steps[udev->step].send(udev, t))
			continue;
		t->done = bring_up_step_done;
		usb_transfer_add(t, usb_device_delay(udev,
						     steps[udev->step].delay));
		return;
	}
	bring_up_end(udev, USB_UP);
}

/* Takes the bus, or waits for it. */
static void bring_up_take_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;

	if (hc->addressing) {
		list_add_tail(&hc->waiters, &udev->waiting);
		return;
	}
	hc->addressing = udev;
	udev->state = USB_BUSY;
	udev->step = 0;
	bring_up_advance(udev);
}

static void bring_up_release_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;
	struct usb_device *next;

	if (hc->addressing != udev)
		return;
	hc->addressing = NULL;
	if (list_empty(&hc->waiters) || !usb_controller_is_current(hc))
		return;
	next = container_of(hc->waiters.next, struct usb_device, waiting);
	list_del(&next->waiting);
	bring_up_take_bus(next);
}

void usb_device_begin(struct usb_device *udev)
{
	struct usb_device *hub = udev->hub;

	udev->state = USB_WAITING;
	if (!udev->scratch)
		udev->scratch = heap_alloc(USB_CONTROL_MAX);
	if (!udev->scratch) {
		reason_fail(ERR_NOMEM, "no memory");
		usb_device_drop(udev);
		return;
	}
	if (!hub || usb_device_is_up(hub)) {
		bring_up_take_bus(udev);
		return;
	}
	list_add_tail(&hub->waiters, &udev->waiting);
	if (hub->state == USB_OFF)
		usb_device_begin(hub);
	else if (hub->state == USB_DROPPED || hub->state == USB_GONE)
		bring_up_end(udev, USB_GONE);
}

/* Those that wait for a hub: go on, or end with it. */
static void bring_up_wake(struct usb_device *hub)
{
	struct usb_device *udev, *next;

	list_for_each_safe(udev, next, &hub->waiters, waiting) {
		list_del(&udev->waiting);
		if (hub->state == USB_UP)
			bring_up_take_bus(udev);
		else
			bring_up_end(udev, hub->state == USB_OFF ? USB_OFF
								 : USB_GONE);
	}
}

static void bring_up_end(struct usb_device *udev, enum usb_state state)
{
	void (*up)(struct usb_device * udev, void *arg) = udev->up;

	udev->state = state;
	udev->up = NULL;
	list_del(&udev->waiting);
	heap_free(udev->scratch);
	udev->scratch = NULL;
	bring_up_release_bus(udev);
	bring_up_wake(udev);
	if (up)
		up(udev, udev->up_arg);
}

void usb_device_off(struct usb_device *udev)
{
	bring_up_end(udev, USB_OFF);
}

void usb_device_drop(struct usb_device *udev)
{
	log_err("usb %s: device ignored: %s", usb_device_name(udev), reason());
	bring_up_end(udev, USB_DROPPED);
}

/* A time-out has cost 5 s and all other devices their state: no second try. */
static void bring_up_failed(struct usb_device *udev, int err)
{
	if (err == ERR_NODEV) {
		bring_up_end(udev, USB_GONE);
		return;
	}
	udev->faults++;
	if (err == ERR_TIMEOUT || udev->faults >= FAULTS_MAX) {
		usb_device_drop(udev);
		return;
	}
	if (!usb_controller_is_current(udev->hc)) {
		bring_up_end(udev, USB_OFF);
		return;
	}
	bring_up_release_bus(udev);
	usb_device_begin(udev);
}

static void bring_up_step_done(struct usb_transfer *t)
{
	struct usb_device *udev = bring_up_device(t);
	const struct bring_up_step *step = &steps[udev->step];
	int err = t->rq.status;

	/* The controller was stopped by another device's time-out. */
	if (err == ERR_IO && !usb_controller_is_current(udev->hc)) {
		bring_up_end(udev, USB_OFF);
		return;
	}
	if (err < 0)
		reason_fail(err, "%s", t->rq.why);
	else if (step->take)
		err = step->take(udev, t);
	if (err < 0) {
		bring_up_failed(udev, err);
		return;
	}
	if (err == NEXT_STEP)
		udev->step++;
	bring_up_advance(udev);
}

void usb_device_recover(struct usb_device *udev,
			void (*up)(struct usb_device *udev, void *arg),
			void *arg)
{
	udev->up = up;
	udev->up_arg = arg;
	udev->faults++;
	if (udev->faults >= FAULTS_MAX)
		usb_device_drop(udev);
	else if (!usb_controller_is_current(udev->hc))
		bring_up_end(udev, USB_OFF);
	else
		usb_device_begin(udev);
}

void usb_device_worked(struct usb_device *udev)
{
	udev->faults = 0;
}

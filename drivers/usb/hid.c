// SPDX-License-Identifier: BSD-2-Clause
// USB keyboards (HID 1.11, boot protocol), mice and tablets.
#include "drivers/input/report.h"
#include "drivers/usb/usb.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Requests to the interface. [HID 1.11, 7.2] */
enum hid_request {
	HID_SET_IDLE = 0x0a,
	HID_SET_PROTOCOL = 0x0b,
};
/* A device that works answers at once; a hub may be in between. */
#define HID_REQUEST_MS 1000u

struct usb_keyboard {
	struct keyboard kb;
	struct usb_interface *intf;
	struct usb_pipe pipe;
	uint32_t opened; /* hc->dev->starts when the pipe was opened */
	struct report_state reports;
};

static struct usb_keyboard *hid_of(const struct device *dev)
{
	return container_of(dev->priv, struct usb_keyboard, kb);
}

static struct usb_controller *hid_controller(const struct usb_keyboard *uk)
{
	return uk->intf->udev->hc;
}

/* Both requests are optional, and value 0 is right for both. */
static int hid_request(const struct usb_keyboard *uk, enum hid_request request)
{
	struct usb_transfer t;

	usb_setup_fill(&t, uk->intf->udev, USB_TYPE_CLASS | USB_TO_INTERFACE,
		       request, 0, uk->intf->number, NULL, 0);
	t.rq.timeout_ms = HID_REQUEST_MS;
	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	if (t.rq.status == 0 || t.rq.status == USB_STALL)
		return 0;
	return reason_fail(t.rq.status, "%s", t.rq.why);
}

static int hid_open_pipe(struct usb_keyboard *uk)
{
	struct usb_controller *hc = hid_controller(uk);
	struct usb_pipe *pipe = &uk->pipe;
	int err;

	if (!pipe->reports)
		pipe->reports = dma_alloc(
			&hc->dma, USB_PIPE_REPORTS * pipe->size, &pipe->bus);
	if (!pipe->reports)
		return ERR_NOMEM;
	err = hc->ops->pipe_open(hc, pipe);
	if (err == 0)
		uk->opened = hc->dev->starts;
	uk->reports = (struct report_state){ 0 };
	return err;
}

/* Resets the device: nothing else closes a pipe that is still open. */
static int hid_recover(struct usb_device *udev)
{
	int err;

	usb_device_recover(udev, NULL, NULL);
	err = usb_device_start(udev);
	if (udev->state == USB_DROPPED)
		reason_clear(); /* printed */
	return err;
}

static int hid_start(struct device *dev)
{
	struct usb_keyboard *uk = hid_of(dev);
	struct usb_device *udev = uk->intf->udev;
	int err = usb_device_start(udev);

	if (err == 0 && uk->opened == udev->hc->dev->starts)
		err = hid_recover(udev);
	if (err == 0)
		err = hid_request(uk, HID_SET_PROTOCOL);
	if (err == 0)
		err = hid_request(uk, HID_SET_IDLE);
	if (err == 0)
		err = hid_open_pipe(uk);
	return err;
}

static bool hid_fetch(struct keyboard *kb)
{
	struct usb_keyboard *uk = container_of(kb, struct usb_keyboard, kb);
	struct usb_controller *hc = hid_controller(uk);
	uint8_t report[USB_PIPE_SIZE_MAX];
	long n = hc->ops->pipe_read(hc, &uk->pipe, report);

	if (n == ERR_AGAIN)
		return report_none(&uk->reports, kb);
	if (n < 0) {
		reason_fail((int)n, "its endpoint is halted, or it was "
				    "unplugged");
		keyboard_fault(kb);
		return false;
	}
	report_take(&uk->reports, kb, report, (size_t)n);
	usb_device_worked(uk->intf->udev);
	return true;
}

static int hid_attach(struct device *dev)
{
	struct usb_interface *intf = usb_interface_of(dev);
	struct usb_endpoint *ep =
		usb_endpoint_find(intf, USB_EP_INTERRUPT, USB_IN);
	struct usb_keyboard *uk;
	int err;

	if (!ep)
		return reason_fail(ERR_NOTSUP, "no interrupt IN endpoint");
	uk = heap_zalloc(sizeof(*uk));
	if (!uk)
		return reason_fail(ERR_NOMEM, "no memory");
	uk->intf = intf;
	uk->pipe.ep = ep;
	uk->pipe.size = MIN(ep->mps, USB_PIPE_SIZE_MAX);
	uk->kb.fetch = hid_fetch;
	dev->priv = &uk->kb;
	err = keyboard_describe(&uk->kb, dev);
	if (err < 0)
		heap_free(uk);
	return err;
}

/* The controller may still write reports. */
static void hid_detach(struct device *dev)
{
	struct usb_keyboard *uk = hid_of(dev);
	struct usb_controller *hc = hid_controller(uk);

	device_stop(hc->dev);
	dma_free(&hc->dma, uk->pipe.reports, uk->pipe.bus,
		 USB_PIPE_REPORTS * uk->pipe.size);
	heap_free(uk);
}

/* Class, subclass: boot interface, protocol. [HID 1.11, 4] */
static const struct usb_match hid_keyboards[] = {
	{ 3, 1, 1, "usb-keyboard" },
	{ 0 },
};

DRIVER(usb_keyboard) = {
	.name = "usb-keyboard",
	.bus = &usb_bus,
	.match = hid_keyboards,
	.attach = hid_attach,
	.start = hid_start,
	.scan = keyboard_scan,
	.found = keyboard_found,
	.detach = hid_detach,
};

/* They get a node, for whoever looks at the tree, and are not driven. */
static const struct usb_match hid_pointers[] = {
	{ 3, 1, 2, "usb-mouse" },
	{ 3, 0, USB_ANY, "usb-tablet" },
	{ 0 },
};

DRIVER(usb_pointer) = {
	.name = "usb-pointer",
	.bus = &usb_bus,
	.match = hid_pointers,
};

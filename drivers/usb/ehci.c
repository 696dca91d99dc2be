// SPDX-License-Identifier: BSD-2-Clause
// EHCI, the controller of high-speed USB 2.0 devices: operations.
#include "drivers/usb/ehci.h"

#include "lib/heap.h"
#include "lib/reason.h"

/*
 * QEMU looks at the asynchronous schedule every 1 to 64 ms, less often the
 * longer it is idle, and at once when the doorbell is rung, although that is
 * there to unlink QHs. While the answer (USBSTS bit 5) is not cleared, it does
 * not look at all. So: ring for each batch of transfers, and clear the answer.
 * [hw/usb/hcd-ehci.c, ehci_opreg_write, ehci_advance_async_state]
 */

void ehci_ring(struct ehci *eh)
{
	eh->ring = false;
	ehci_barrier();
	ehci_write(eh, EHCI_USBSTS, EHCI_STS_ADVANCE);
	ehci_write(eh, EHCI_USBCMD, eh->cmd | EHCI_CMD_DOORBELL);
}

static void ehci_kick(struct usb_controller *hc)
{
	struct ehci *eh = ehci_of(hc);

	if (eh->ring)
		ehci_ring(eh);
}

/* SET_ADDRESS, sent to address 0. [USB 2.0, 9.4.6] */
static int ehci_address(struct ehci *eh, struct usb_transfer *t)
{
	struct usb_device *udev = t->udev;
	int err;

	if (udev->tt || udev->speed != USB_HIGH)
		return reason_fail(ERR_NOTSUP,
				   "not a high-speed device: EHCI cannot drive "
				   "it (no split transactions)");
	ehci_queues_forget(eh, udev);
	err = ehci_queue_open(eh, &udev->ep0, 0);
	if (err)
		return err;
	eh->schedule->set_address = usb_setup_address(udev);
	return ehci_queue_control(
		eh, ehci_queue_of(&udev->ep0), t,
		eh->schedule_bus + offsetof(struct ehci_schedule, set_address));
}

/* A device without one must not hear what is sent to the next at address 0. */
static void ehci_address_end(struct ehci *eh, struct usb_transfer *t,
			     int status)
{
	struct usb_device *udev = t->udev;

	if (status == 0) {
		udev->address = udev->number;
		ehci_queue_retarget(ehci_queue_of(&udev->ep0), udev->address,
				    udev->ep0.mps);
		return;
	}
	if (!udev->hub)
		ehci_port_disable(eh, udev->port);
}

void ehci_transfer_end(struct ehci *eh, struct usb_transfer *t, int status)
{
	if (t->kind == USB_ADDRESS)
		ehci_address_end(eh, t, status);
	request_done(&t->rq, status);
}

static int ehci_open_endpoints(struct ehci *eh, struct usb_interface *intf,
			       uint8_t address)
{
	int err = 0;
	unsigned i;

	for (i = 0; err == 0 && i < intf->n_endpoints; i++) {
		struct usb_endpoint *ep = &intf->endpoints[i];

		/* Interrupt endpoints: when their pipe is opened. */
		if (ep->used && ep->type == USB_EP_BULK)
			err = ehci_queue_open(eh, ep, address);
	}
	return err;
}

static int ehci_endpoints(struct ehci *eh, struct usb_transfer *t)
{
	struct usb_config *config = &t->udev->config;
	int err = 0;
	unsigned i;

	for (i = 0; err == 0 && i < config->n_interfaces; i++)
		err = ehci_open_endpoints(eh, &config->interfaces[i],
					  t->udev->address);
	if (err == 0)
		request_done(&t->rq, 0);
	return err;
}

static int ehci_move_data(struct ehci *eh, struct usb_transfer *t)
{
	struct usb_endpoint *ep = t->kind == USB_BULK ? t->ep : &t->udev->ep0;
	struct ehci_queue *q = ehci_queue_of(ep);

	if (!q)
		return reason_fail(ERR_IO, "endpoint 0x%02x: not set up",
				   ep->address);
	/* A device has one transfer at a time: USB_SLOTS. */
	assert(!q->t);
	if (t->kind == USB_MPS0) {
		ehci_queue_retarget(q, t->udev->address, t->udev->ep0.mps);
		request_done(&t->rq, 0);
		return 0;
	}
	return t->kind == USB_BULK ? ehci_queue_bulk(eh, q, t)
				   : ehci_queue_control(eh, q, t, t->setup_bus);
}

static int ehci_submit(struct usb_controller *hc, struct usb_transfer *t)
{
	struct ehci *eh = ehci_of(hc);

	if (eh->port[t->udev->root_port].lost)
		return reason_fail(ERR_NODEV, "the device is unplugged");
	switch (t->kind) {
	case USB_ADDRESS:
		return ehci_address(eh, t);
	case USB_ENDPOINTS:
		return ehci_endpoints(eh, t);
	case USB_MPS0:
	case USB_CONTROL:
	case USB_BULK:
		return ehci_move_data(eh, t);
	default:
		return reason_fail(ERR_NOTSUP, "unknown kind of transfer");
	}
}

/* Ends what memory shows as ended. Returns whether anything has. */
static bool ehci_poll_memory(struct ehci *eh)
{
	const uint32_t stops = eh->stops;
	struct ehci_queue *q, *next;
	bool ended = false;

	list_for_each_safe(q, next, &eh->busy, busy) {
		ended |= ehci_queue_poll(eh, q);
		if (eh->stops != stops)
			return true;
	}
	return ended;
}

/* Returns whether the controller is dead, reason(). */
static bool ehci_is_dead(uint32_t status)
{
	if (status == UINT32_MAX)
		reason_fail(ERR_IO, "it does not respond");
	else if (status & EHCI_STS_ERROR)
		reason_fail(ERR_IO, "host system error");
	else if (status & EHCI_STS_HALTED)
		reason_fail(ERR_IO, "it has halted");
	else
		return false;
	return true;
}

/* While transfers are in flight: is the controller alive and looking? */
static void ehci_poll_status(struct ehci *eh)
{
	const uint32_t stops = eh->stops;
	uint32_t status = ehci_read(eh, EHCI_USBSTS);

	if (ehci_is_dead(status)) {
		usb_controller_lost(&eh->hc);
		return;
	}
	if (!(status & (EHCI_STS_ADVANCE | EHCI_STS_PORT)))
		return;
	ehci_write(eh, EHCI_USBSTS, status & EHCI_STS_ALL);
	if (status & EHCI_STS_PORT)
		ehci_ports_changed(eh);
	if (status & EHCI_STS_ADVANCE)
		ehci_queues_evicted(eh);
	if (eh->stops == stops && !list_empty(&eh->busy))
		ehci_ring(eh);
}

static void ehci_poll(struct usb_controller *hc)
{
	struct ehci *eh = ehci_of(hc);

	if (!eh->op || list_empty(&eh->busy) || ehci_poll_memory(eh))
		return;
	ehci_poll_status(eh);
}

static const struct usb_controller_ops ehci_ops = {
	.port_state = ehci_port_state,
	.port_reset = ehci_port_reset,
	.submit = ehci_submit,
	.kick = ehci_kick,
	.poll = ehci_poll,
	.pipe_open = ehci_pipe_open,
	.pipe_read = ehci_pipe_read,
};

static int ehci_attach(struct device *dev)
{
	struct ehci *eh = heap_zalloc(sizeof(*eh));
	int err;

	if (!eh)
		return reason_fail(ERR_NOMEM, "out of memory");
	eh->fn = pci_function_of(dev);
	err = usb_controller_attach(&eh->hc, dev, &ehci_ops, "ehci");
	if (err)
		heap_free(eh);
	return err;
}

static void ehci_detach(struct device *dev)
{
	struct usb_controller *hc = dev->priv;

	usb_controller_detach(hc);
	heap_free(ehci_of(hc));
}

static const struct pci_match ehci_match[] = {
	{ PCI_ANY, PCI_ANY, 0x0c0320, 0xffffff },
	{ 0 },
};

DRIVER(ehci) = {
	.name = "ehci",
	.bus = &pci_bus,
	.match = ehci_match,
	.on_demand = true,
	.attach = ehci_attach,
	.start = ehci_start,
	.stop = ehci_stop,
	.scan = usb_scan,
	.found = usb_found,
	.settled = usb_settled,
	.detach = ehci_detach,
};

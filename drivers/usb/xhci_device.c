// SPDX-License-Identifier: BSD-2-Clause
// xHCI: devices: slots, addresses, endpoints (xHCI 1.2, 4.3, 4.6).
#include "drivers/usb/xhci.h"
#include "lib/heap.h"
#include "lib/reason.h"

/*
 * A device keeps its memory and its rings until the controller is stopped, and
 * uses them again when it gets another address. An unplugged one loses its slot
 * first: only then no DMA follows, and its transfers end.
 */

/* Which contexts a command is about; those of endpoints follow. [6.2.5.1] */
#define ADD_SLOT (1u << 0)
#define ADD_EP0 (1u << 1)

/* TRBs of rings, with the link: nothing in flight is where the last one was, so
 * that a late event about that does not match. */
#define CONTROL_RING 16u
#define BULK_RING 40u
#define PIPE_RING (2u * USB_PIPE_REPORTS + 1)

/* States of a device's job. */
enum job_state {
	JOB_BEGIN,
	JOB_DISABLING,
	JOB_ENABLING,
	JOB_COMMANDING, /* the command that the transfer is about */
};

static struct xhci_device *device_of_job(struct xhci_job *job)
{
	return container_of(job, struct xhci_device, job);
}

static unsigned endpoint_ring_size(const struct usb_endpoint *ep)
{
	switch (ep->type) {
	case USB_EP_CONTROL:
		return CONTROL_RING;
	case USB_EP_BULK:
		return BULK_RING;
	default:
		return PIPE_RING;
	}
}

/* Returns an endpoint with an empty ring, or NULL: no memory. */
static struct xhci_endpoint *endpoint_get(struct xhci_device *xd,
					  struct usb_endpoint *ep)
{
	unsigned id = xhci_endpoint_id(ep);
	struct xhci_endpoint *xe = xd->endpoints[id];

	if (xe)
		return xe;
	xe = heap_zalloc(sizeof(*xe));
	if (!xe) {
		reason_fail(ERR_NOMEM, "no memory");
		return NULL;
	}
	*xe = (struct xhci_endpoint){ .xd = xd, .ep = ep, .id = id };
	list_init(&xe->job.link);
	if (xhci_ring_alloc(xd->xh, &xe->ring, endpoint_ring_size(ep)) < 0) {
		heap_free(xe);
		return NULL;
	}
	xd->endpoints[id] = xe;
	xd->last = MAX(xd->last, id);
	return xe;
}

/* Its slot is disabled: it begins anew. */
static void endpoint_reset(struct xhci_endpoint *xe)
{
	list_del(&xe->job.link);
	xe->configured = false;
	xe->code = 0;
	xe->pipe = NULL;
	xhci_ring_reset(&xe->ring);
}

struct xhci_endpoint *xhci_endpoint_of(const struct usb_endpoint *ep)
{
	const struct xhci_device *xd = ep->udev->hcd;
	struct xhci_endpoint *xe;

	xe = xd ? xd->endpoints[xhci_endpoint_id(ep)] : NULL;
	return xe && xe->configured ? xe : NULL;
}

static struct xhci_device *device_new(struct xhci *xh, struct usb_device *udev)
{
	struct xhci_device *xd = heap_zalloc(sizeof(*xd));

	if (!xd) {
		reason_fail(ERR_NOMEM, "no memory");
		return NULL;
	}
	xd->xh = xh;
	xd->udev = udev;
	list_init(&xd->job.link);
	xd->context = xhci_alloc(xh, XHCI_CONTEXTS * xh->context_size,
				 &xd->context_bus);
	if (!xd->context || !endpoint_get(xd, &udev->ep0)) {
		heap_free(xd);
		return NULL;
	}
	udev->hcd = xd;
	list_add_tail(&xh->devices, &xd->link);
	return xd;
}

void xhci_devices_free(struct xhci *xh)
{
	struct xhci_device *xd, *next;

	list_for_each_safe(xd, next, &xh->devices, link) {
		for (unsigned i = 1; i <= xd->last; i++)
			heap_free(xd->endpoints[i]);
		xd->udev->hcd = NULL;
		heap_free(xd);
	}
	list_init(&xh->devices);
	list_init(&xh->jobs);
	memset(xh->slot, 0, sizeof(xh->slot));
}

int xhci_device_failure(const struct xhci_device *xd)
{
	switch (xd->gone) {
	case 0:
		return reason_fail(ERR_IO, "the device was reset");
	case ERR_NODEV:
		return reason_fail(ERR_NODEV, "unplugged");
	default:
		return reason_fail(xd->gone, "the device does not recover");
	}
}

static void device_step_address(struct xhci_job *job, unsigned code);

static void device_disable(struct xhci_device *xd)
{
	if (xd->slot && list_empty(&xd->job.link))
		xhci_job_start(xd->xh, &xd->job, device_step_address);
}

void xhci_device_drop(struct xhci_device *xd, int why)
{
	if (xd->gone)
		return;
	xd->gone = why;
	/* Otherwise at the end of its job. */
	device_disable(xd);
}

void xhci_port_gone(struct xhci *xh, unsigned port)
{
	struct xhci_device *xd;

	list_for_each(xd, &xh->devices, link) {
		if (xd->udev->root_port == port && xd->slot)
			xhci_device_drop(xd, ERR_NODEV);
	}
}

/* Ends the job and its transfer, with reason() if `status` is an error. */
static void device_job_end(struct xhci_device *xd, int status)
{
	struct usb_transfer *t = xd->command;

	xd->command = NULL;
	xhci_job_end(xd->xh, &xd->job);
	if (xd->gone) {
		device_disable(xd);
		status = xhci_device_failure(xd);
	}
	request_done(&t->rq, status);
}

static int device_error(const char *command, unsigned code)
{
	return reason_fail(ERR_IO, "%s: xHCI code %u (%s)", command, code,
			   xhci_code_name(code));
}

/* Forgets the slot after Disable Slot. */
static void device_release_slot(struct xhci_device *xd)
{
	struct xhci *xh = xd->xh;

	xh->contexts[xd->slot] = le64_make(0);
	xh->slot[xd->slot] = NULL;
	xd->slot = 0;
	memset(xd->context, 0, XHCI_CONTEXTS * xh->context_size);
	for (unsigned i = 1; i <= xd->last; i++) {
		if (xd->endpoints[i])
			endpoint_reset(xd->endpoints[i]);
	}
}

/* Takes the slot of Enable Slot. Returns 0 or ERR_*. */
static int device_take_slot(struct xhci_device *xd, unsigned code)
{
	struct xhci *xh = xd->xh;
	unsigned slot = xh->new_slot;

	if (code == XHCI_NO_SLOTS)
		return reason_fail(ERR_NOSPACE,
				   "all %u slots of the controller are in use",
				   xh->slots);
	if (code != XHCI_SUCCESS)
		return device_error("Enable Slot", code);
	if (slot == 0 || slot > xh->slots || xh->slot[slot])
		return reason_fail(ERR_IO, "Enable Slot: wrong slot %u", slot);
	xh->contexts[slot] = le64_make(xd->context_bus);
	xh->slot[slot] = xd;
	xd->slot = slot;
	return 0;
}

static void device_send_address(struct xhci_device *xd)
{
	struct xhci *xh = xd->xh;

	xhci_context_begin(xd, ADD_SLOT | ADD_EP0, 1);
	xhci_context_endpoint(xd->endpoints[1]);
	xhci_command(xh, XHCI_ADDRESS_DEVICE, xh->input_bus,
		     xhci_target(xd->slot, 0));
}

static void device_enable(struct xhci_device *xd)
{
	xd->gone = 0;
	xd->job.state = JOB_ENABLING;
	xhci_command(xd->xh, XHCI_ENABLE_SLOT, 0, 0);
}

/* Returns false if the controller was stopped by what a done() did. */
static bool device_end_transfers(struct xhci_device *xd)
{
	struct xhci *xh = xd->xh;
	unsigned stops = xh->stops;

	for (unsigned i = 1; i <= xd->last; i++) {
		struct xhci_endpoint *xe = xd->endpoints[i];
		struct usb_transfer *t = xe ? xe->transfer : NULL;

		if (!t)
			continue;
		xe->transfer = NULL;
		request_done(&t->rq, xhci_device_failure(xd));
		if (xh->stops != stops)
			return false;
	}
	return true;
}

/* After Disable Slot: the end of a dropped device, or a new address. */
static void device_disabled(struct xhci_device *xd, unsigned code)
{
	if (code != XHCI_SUCCESS) {
		device_error("Disable Slot", code);
		xhci_lost(xd->xh);
		return;
	}
	device_release_slot(xd);
	if (!device_end_transfers(xd))
		return;
	if (xd->command)
		device_enable(xd);
	else
		xhci_job_end(xd->xh, &xd->job);
}

static void device_addressed(struct xhci_device *xd, unsigned code)
{
	xd->endpoints[1]->configured = code == XHCI_SUCCESS;
	if (code == XHCI_TRANSACTION_ERROR)
		xhci_port_look(xd->xh, xd->udev->root_port);
	if (code == XHCI_SUCCESS)
		device_job_end(xd, 0);
	else
		device_job_end(xd, device_error("Address Device", code));
}

static void device_step_address(struct xhci_job *job, unsigned code)
{
	struct xhci_device *xd = device_of_job(job);
	int err;

	switch ((enum job_state)job->state) {
	case JOB_BEGIN:
		if (!xd->slot) {
			device_enable(xd);
			break;
		}
		job->state = JOB_DISABLING;
		xhci_command(xd->xh, XHCI_DISABLE_SLOT, 0,
			     xhci_target(xd->slot, 0));
		break;
	case JOB_DISABLING:
		device_disabled(xd, code);
		break;
	case JOB_ENABLING:
		err = device_take_slot(xd, code);
		job->state = JOB_COMMANDING;
		if (err < 0)
			device_job_end(xd, err);
		else
			device_send_address(xd);
		break;
	case JOB_COMMANDING:
		device_addressed(xd, code);
		break;
	}
}

/* [xHCI 1.2, 4.6.7] */
static void device_step_mps0(struct xhci_job *job, unsigned code)
{
	struct xhci_device *xd = device_of_job(job);
	struct xhci *xh = xd->xh;

	if (job->state == JOB_COMMANDING) {
		device_job_end(xd, code == XHCI_SUCCESS
					   ? 0
					   : device_error("Evaluate Context",
							  code));
		return;
	}
	job->state = JOB_COMMANDING;
	xhci_context_begin(xd, ADD_EP0, 1);
	xhci_context_endpoint(xd->endpoints[1]);
	xhci_command(xh, XHCI_EVALUATE_CONTEXT, xh->input_bus,
		     xhci_target(xd->slot, 0));
}

static void device_send_endpoints(struct xhci_device *xd)
{
	struct xhci *xh = xd->xh;
	uint32_t add = ADD_SLOT;
	unsigned i;

	for (i = 2; i <= xd->last; i++) {
		if (xd->endpoints[i] && !xd->endpoints[i]->configured)
			add |= 1u << i;
	}
	xhci_context_begin(xd, add, xd->last);
	for (i = 2; i <= xd->last; i++) {
		if (add & 1u << i)
			xhci_context_endpoint(xd->endpoints[i]);
	}
	xhci_command(xh, XHCI_CONFIGURE_ENDPOINT, xh->input_bus,
		     xhci_target(xd->slot, 0));
}

static void device_step_endpoints(struct xhci_job *job, unsigned code)
{
	struct xhci_device *xd = device_of_job(job);
	int err = 0;

	if (job->state != JOB_COMMANDING) {
		job->state = JOB_COMMANDING;
		device_send_endpoints(xd);
		return;
	}
	if (code != XHCI_SUCCESS)
		err = device_error("Configure Endpoint", code);
	for (unsigned i = 2; i <= xd->last && !err; i++) {
		if (xd->endpoints[i])
			xd->endpoints[i]->configured = true;
	}
	device_job_end(xd, err);
}

static bool endpoint_is_supported(const struct usb_endpoint *ep)
{
	return ep->used && ep->address & 0xf &&
	       (ep->type == USB_EP_BULK || ep->type == USB_EP_INTERRUPT);
}

/* Makes rings for the endpoints of all interfaces. Returns 0 or ERR_NOMEM. */
static int device_get_endpoints(struct xhci_device *xd)
{
	struct usb_config *config = &xd->udev->config;

	for (unsigned i = 0; i < config->n_interfaces; i++) {
		struct usb_interface *intf = &config->interfaces[i];

		for (unsigned j = 0; j < intf->n_endpoints; j++) {
			struct usb_endpoint *ep = &intf->endpoints[j];

			if (endpoint_is_supported(ep) && !endpoint_get(xd, ep))
				return ERR_NOMEM;
		}
	}
	return 0;
}

static int device_submit_address(struct xhci *xh, struct usb_transfer *t)
{
	struct xhci_device *xd = t->udev->hcd;

	if (!xd)
		xd = device_new(xh, t->udev);
	if (!xd)
		return ERR_NOMEM;
	if (xd->command)
		return reason_fail(ERR_BUSY, "a command is in flight");
	xd->command = t;
	/* A device that is being dropped goes on with this. */
	if (list_empty(&xd->job.link))
		xhci_job_start(xh, &xd->job, device_step_address);
	return 0;
}

int xhci_device_submit(struct xhci *xh, struct usb_transfer *t)
{
	struct xhci_device *xd = t->udev->hcd;

	if (t->kind == USB_ADDRESS)
		return device_submit_address(xh, t);
	if (xd && xd->gone)
		return xhci_device_failure(xd);
	if (!xd || !xd->endpoints[1]->configured)
		return reason_fail(ERR_IO, "the device has no address");
	if (xd->command)
		return reason_fail(ERR_BUSY, "a command is in flight");
	if (t->kind == USB_ENDPOINTS && device_get_endpoints(xd) < 0)
		return ERR_NOMEM;
	xd->command = t;
	xhci_job_start(xh, &xd->job,
		       t->kind == USB_MPS0 ? device_step_mps0
					   : device_step_endpoints);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// xHCI: contexts, which describe devices and endpoints (xHCI 1.2, 6.2).
#include "drivers/usb/xhci.h"

/* Contexts in an input context; device contexts lack the first. [6.2.5] */
enum input_context {
	INPUT_CONTROL = 0,
	INPUT_SLOT = 1,
	INPUT_ENDPOINT = 1, /* + its id */
};

static le32 *context_input(const struct xhci *xh, unsigned context)
{
	return (le32 *)(void *)(xh->input + context * xh->context_size);
}

static void context_put64(le32 *words, uint64_t value)
{
	words[0] = le32_make((uint32_t)value);
	words[1] = le32_make((uint32_t)(value >> 32));
}

void xhci_context_begin(const struct xhci_device *xd, uint32_t add,
			unsigned last)
{
	const struct xhci *xh = xd->xh;
	const struct usb_device *udev = xd->udev;
	const struct xhci_device *tt = udev->tt ? udev->tt->hcd : NULL;
	uint32_t hub = udev->hub_ports ? 1 : 0;
	le32 *slot = context_input(xh, INPUT_SLOT);

	memset(xh->input, 0, (INPUT_ENDPOINT + last + 1) * xh->context_size);
	context_input(xh, INPUT_CONTROL)[1] = le32_make(add);
	slot[0] = le32_make(udev->route | (uint32_t)udev->speed << 20 |
			    hub << 26 | last << 27);
	slot[1] = le32_make(udev->root_port << 16 | udev->hub_ports << 24);
	if (tt)
		slot[2] = le32_make(tt->slot | udev->tt_port << 8);
}

/*
 * The interval is a power of two in units of 125 us; that of slower devices is
 * in ms. [xHCI 1.2, 6.2.3.6]
 */
static uint32_t context_interval(const struct usb_endpoint *ep)
{
	unsigned interval = MAX(1u, ep->interval), exponent = 3;

	if (ep->type != USB_EP_INTERRUPT)
		return 0;
	if (ep->udev->speed == USB_HIGH || ep->udev->speed == USB_SUPER)
		return MIN(interval - 1, 15u);
	while (interval >>= 1)
		exponent++;
	return exponent;
}

/* [xHCI 1.2, table 6-9]: 4 to OUT and IN. */
static uint32_t context_type(const struct usb_endpoint *ep)
{
	if (ep->type == USB_EP_CONTROL)
		return 4;
	return ep->type | (ep->address & USB_IN ? 4u : 0);
}

void xhci_context_endpoint(const struct xhci_endpoint *xe)
{
	const struct usb_endpoint *ep = xe->ep;
	const struct xhci_ring *ring = &xe->ring;
	le32 *context = context_input(xe->xd->xh, INPUT_ENDPOINT + xe->id);
	uint32_t average = ep->mps, per_interval = 0;
	uint64_t next = ring->bus + ring->next * sizeof(struct xhci_trb);

	if (ep->type == USB_EP_CONTROL)
		average = sizeof(struct usb_setup);
	else if (ep->type == USB_EP_INTERRUPT)
		per_interval = ep->mps * (ep->burst + 1u);
	context[0] = le32_make(context_interval(ep) << 16);
	/* Three tries after an error. */
	context[1] =
		le32_make(3u << 1 | context_type(ep) << 3 |
			  (uint32_t)ep->burst << 8 | (uint32_t)ep->mps << 16);
	context_put64(&context[2], next | ring->cycle);
	context[4] = le32_make(average | per_interval << 16);
}

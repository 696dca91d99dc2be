// SPDX-License-Identifier: BSD-2-Clause
// A machine with an xHCI function: see tests/fake/xhci_machine.h.
#include "tests/fake/xhci_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include "tests/fake/table.h"

TABLE_LINK(drivers, driver_xhci);

struct device *xhci_dev;
struct usb_controller *xhci_hc;

int xhci_setup(void **state)
{
	struct node *node;

	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_xhci_reset();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "usb-xhci@3", TREE_QEMU);
	xhci_dev = device_add(NULL, &pci_bus, node, &fake_xhci_fn);
	assert_non_null(xhci_dev);
	xhci_hc = xhci_dev->priv;
	return 0;
}

/* As CAS takes a controller away. */
int xhci_teardown(void **state)
{
	(void)state;
	tree_remove_node(xhci_dev->node);
	tree_free();
	assert_false(fake_xhci.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

void xhci_start(void)
{
	struct usb_device *udev;

	if (device_open(xhci_dev) < 0)
		fail_msg("no start: %s", reason());
	assert_int_equal(usb_controller_start(xhci_hc), 0);
	/* For the core, which else refuses transfers. */
	list_for_each(udev, &xhci_hc->devices, link)
		udev->state = USB_UP;
}

void xhci_stop(void)
{
	device_close(xhci_dev);
}

struct xhci *xhci_state(void)
{
	return xhci_of(xhci_hc);
}

static void port_enable(unsigned port)
{
	struct usb_port state = xhci_hc->ops->port_state(xhci_hc, port);

	assert_true(state.connected);
	if (!state.enabled)
		xhci_hc->ops->port_reset(xhci_hc, port);
	state = xhci_hc->ops->port_state(xhci_hc, port);
	assert_true(state.enabled && !state.resetting);
}

struct usb_device *xhci_new(struct usb_device *hub, unsigned port)
{
	struct usb_device *udev;

	usb_device_new(xhci_hc, hub, port);
	list_for_each(udev, &xhci_hc->devices, link) {
		if (udev->hub == hub && udev->port == port)
			break;
	}
	assert_true(&udev->link != &xhci_hc->devices);
	udev->state = USB_UP;
	return udev;
}

struct usb_device *xhci_add(unsigned port, struct fake_xhci_device *fd)
{
	struct usb_device *udev;

	if (!xhci_dev->users)
		xhci_start();
	fake_xhci_plug(port, fd);
	port_enable(port);
	udev = xhci_new(NULL, port);
	udev->speed = xhci_hc->ops->port_state(xhci_hc, port).speed;
	udev->ep0.mps = udev->speed == USB_SUPER ? 512 : 64;
	return udev;
}

struct usb_device *xhci_add_addressed(unsigned port,
				      struct fake_xhci_device *fd)
{
	struct usb_device *udev = xhci_add(port, fd);

	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	return udev;
}

int xhci_run(struct usb_transfer *t)
{
	usb_transfer_add(t, 0);
	while (t->rq.status == REQUEST_PENDING)
		request_wait();
	if (t->rq.status < 0)
		reason_fail(t->rq.status, "%s", t->rq.why);
	return t->rq.status;
}

int xhci_kind(struct usb_device *udev, enum usb_transfer_kind kind)
{
	struct usb_transfer t = { .udev = udev,
				  .kind = kind,
				  .ep = &udev->ep0 };

	return xhci_run(&t);
}

void xhci_configure(struct usb_device *udev)
{
	struct usb_interface *intf = &udev->config.interfaces[0];
	static const struct usb_endpoint endpoints[] = {
		{ .address = 0x81, .type = USB_EP_BULK, .mps = 512 },
		{ .address = 0x02, .type = USB_EP_BULK, .mps = 512 },
		{ .address = 0x83,
		  .type = USB_EP_INTERRUPT,
		  .mps = 8,
		  .interval = 7 },
	};

	udev->config.n_interfaces = 1;
	intf->udev = udev;
	intf->n_endpoints = ARRAY_SIZE(endpoints);
	memcpy(intf->endpoints, endpoints, sizeof(endpoints));
	for (unsigned i = 0; i < ARRAY_SIZE(endpoints); i++) {
		intf->endpoints[i].udev = udev;
		intf->endpoints[i].used = true;
	}
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
}

struct usb_endpoint *xhci_bulk_in(struct usb_device *udev)
{
	return &udev->config.interfaces[0].endpoints[0];
}

struct usb_endpoint *xhci_bulk_out(struct usb_device *udev)
{
	return &udev->config.interfaces[0].endpoints[1];
}

struct usb_endpoint *xhci_interrupt(struct usb_device *udev)
{
	return &udev->config.interfaces[0].endpoints[2];
}

void xhci_bulk_fill(struct usb_transfer *t, struct usb_endpoint *ep, void *buf,
		    uint32_t len)
{
	*t = (struct usb_transfer){ .udev = ep->udev,
				    .kind = USB_BULK,
				    .ep = ep,
				    .buf = buf,
				    .len = len };
}

int xhci_bulk(struct usb_endpoint *ep, void *buf, uint32_t len,
	      uint32_t *actual)
{
	struct usb_transfer t;
	int err;

	xhci_bulk_fill(&t, ep, buf, len);
	err = xhci_run(&t);
	if (actual)
		*actual = t.actual;
	return err;
}

void xhci_poll(void)
{
	xhci_hc->ops->poll(xhci_hc);
}

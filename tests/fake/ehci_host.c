// SPDX-License-Identifier: BSD-2-Clause
// The EHCI driver on a fake function: see tests/fake/ehci_host.h.
#include "tests/fake/ehci_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/core.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_ehci);

struct device *host_dev;
struct usb_controller *host_hc;
static struct node *node;

unsigned host_live(void)
{
	struct usb_device *udev;
	unsigned n = fake_dma_live();

	list_for_each(udev, &host_hc->devices, link)
		n -= udev->page != NULL;
	return n;
}

void host_kind(struct usb_transfer *t, struct usb_device *udev,
	       enum usb_transfer_kind kind)
{
	memset(t, 0, sizeof(*t));
	t->udev = udev;
	t->kind = kind;
	t->ep = &udev->ep0;
}

void host_bulk(struct usb_transfer *t, struct usb_device *udev,
	       unsigned endpoint, void *buf, uint32_t len)
{
	host_kind(t, udev, USB_BULK);
	t->ep = host_endpoint(udev, endpoint);
	t->buf = buf;
	t->len = len;
}

void host_control(struct usb_transfer *t, struct usb_device *udev,
		  unsigned type, void *buf, uint32_t len)
{
	usb_setup_fill(t, udev, type, USB_GET_DESCRIPTOR, 0x0100, 0, buf, len);
}

int host_wait(struct usb_transfer *t)
{
	while (t->rq.status == REQUEST_PENDING)
		request_wait();
	return t->rq.status;
}

/* For the core the device is up: it passes on whatever it is asked for. */
int host_run(struct usb_transfer *t)
{
	t->udev->state = USB_UP;
	usb_transfer_add(t, 0);
	return host_wait(t);
}

struct usb_endpoint *host_endpoint(struct usb_device *udev, unsigned n)
{
	return &udev->config.interfaces[0].endpoints[n];
}

static void add_endpoint(struct usb_device *udev, uint8_t address, uint8_t type,
			 uint16_t mps)
{
	struct usb_interface *intf = &udev->config.interfaces[0];

	intf->endpoints[intf->n_endpoints++] =
		(struct usb_endpoint){ .udev = udev,
				       .address = address,
				       .type = type,
				       .mps = mps,
				       .used = true };
}

struct usb_device *host_device(unsigned port)
{
	struct usb_device *udev;

	usb_device_new(host_hc, NULL, port);
	udev = container_of(host_hc->devices.prev, struct usb_device, link);
	assert_int_equal(udev->port, port);
	udev->speed = USB_HIGH;
	udev->ep0.mps = 64;
	udev->config.n_interfaces = 1;
	add_endpoint(udev, 0x01, USB_EP_BULK, 512);
	add_endpoint(udev, 0x81, USB_EP_BULK, 512);
	add_endpoint(udev, 0x82, USB_EP_INTERRUPT, 8);
	return udev;
}

struct usb_port host_reset_port(unsigned port)
{
	struct usb_port state;
	unsigned n = 0;

	host_hc->ops->port_reset(host_hc, port);
	do {
		state = host_hc->ops->port_state(host_hc, port);
		assert_true(n++ < 1000);
	} while (state.resetting);
	return state;
}

void host_bring_up(struct usb_device *udev)
{
	struct usb_transfer t;

	assert_true(host_reset_port(udev->root_port).enabled);
	host_kind(&t, udev, USB_ADDRESS);
	assert_int_equal(host_run(&t), 0);
	assert_in_range(udev->address, 1, 127);
	host_kind(&t, udev, USB_ENDPOINTS);
	assert_int_equal(host_run(&t), 0);
}

int host_plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_ehci_reset();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "usb-ehci@1", TREE_QEMU);
	host_dev = device_add(NULL, &pci_bus, node, &fake_ehci_fn);
	assert_non_null(host_dev);
	host_hc = host_dev->priv;
	return 0;
}

int host_unplug(void **state)
{
	(void)state;
	tree_remove_node(node);
	tree_free();
	assert_false(fake_ehci.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

void host_start(void)
{
	assert_int_equal(usb_controller_start(host_hc), 0);
	assert_true(fake_ehci.enabled);
}

// SPDX-License-Identifier: BSD-2-Clause
// The OHCI driver on a fake function: see tests/fake/ohci_host.h.
#include "tests/fake/ohci_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "lib/watch.h"

TABLE_LINK(drivers, driver_ohci);

struct device *host_dev;
struct usb_controller *host_hc;
static struct node *node;

int host_start(void **state)
{
	(void)state;
	fake_log_start();
	fake_ohci_reset();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "usb-ohci@2", TREE_QEMU);
	host_dev = device_add(NULL, &pci_bus, node, &fake_ohci_fn);
	assert_non_null(host_dev);
	host_hc = host_dev->priv;
	return 0;
}

int host_stop(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_remove_node(node);
	tree_free();
	assert_false(fake_ohci.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

int host_run(struct usb_transfer *t)
{
	/* As the core sees it; it has been reset and addressed. */
	t->udev->state = USB_UP;
	usb_transfer_add(t, 0);
	while (t->rq.status == REQUEST_PENDING)
		request_wait();
	if (t->rq.status < 0)
		reason_fail(t->rq.status, "%s", t->rq.why);
	return t->rq.status;
}

int host_address(struct usb_device *udev)
{
	struct usb_transfer t = { .udev = udev,
				  .kind = USB_ADDRESS,
				  .ep = &udev->ep0 };

	return host_run(&t);
}

struct usb_device *host_new(struct usb_device *hub, unsigned port)
{
	struct usb_device *udev;

	usb_device_new(host_hc, hub, port);
	list_for_each(udev, &host_hc->devices, link) {
		if (udev->hub == hub && udev->port == port)
			return udev;
	}
	fail_msg("no device at port %u", port);
	return NULL;
}

struct usb_device *host_device(struct fake_ohci_device *fd)
{
	struct usb_device *udev;

	assert_int_equal(usb_controller_start(host_hc), 0);
	udev = host_new(NULL, fd->port);
	host_hc->ops->port_reset(host_hc, fd->port);
	udev->speed = host_hc->ops->port_state(host_hc, fd->port).speed;
	udev->ep0.mps = 8;
	assert_int_equal(host_address(udev), 0);
	return udev;
}

struct usb_endpoint *host_endpoint(struct usb_device *udev, uint8_t address,
				   enum usb_endpoint_type type, uint16_t mps)
{
	struct usb_transfer t = { .udev = udev, .kind = USB_ENDPOINTS };
	struct usb_interface *intf = &udev->config.interfaces[0];
	struct usb_endpoint *ep = &intf->endpoints[intf->n_endpoints++];

	udev->config.n_interfaces = 1;
	*ep = (struct usb_endpoint){ .udev = udev,
				     .address = address,
				     .type = type,
				     .mps = mps,
				     .used = true };
	assert_int_equal(host_run(&t), 0);
	return ep;
}

long host_bulk(struct usb_endpoint *ep, void *buf, uint32_t len)
{
	struct usb_transfer t = { .udev = ep->udev,
				  .kind = USB_BULK,
				  .ep = ep,
				  .buf = buf,
				  .len = len };
	int err;

	watch_begin("bulk");
	watch_allow(buf, len);
	err = host_run(&t);
	watch_end();
	return err < 0 ? err : (long)t.actual;
}

// SPDX-License-Identifier: BSD-2-Clause
// xHCI functions that write what they like to registers, events, contexts.
#include "drivers/usb/core.h"
#include "lib/deadline.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/xhci.h"
#include "tests/fuzz/input.h"

TABLE_LINK(drivers, driver_xhci);

#define DEVICES 3u

static struct fuzz_input in;
static uint64_t clock_now;
static struct device *dev;
static struct usb_controller *hc;
static struct fake_xhci_device devices[DEVICES];
static const unsigned ports[DEVICES] = { 1, 5, 6 };

/* A TRB of ours, or near one. */
static uint64_t address(uint8_t how)
{
	unsigned slot = fuzz_u8(&in) % 4, id = fuzz_u8(&in) % 8;
	uint64_t near = 16u * (how >> 4);

	switch (how & 3) {
	case 0:
		return fake_xhci.command_at - near;
	case 1:
		return fake_slots.slot[slot].endpoints[id].at + near;
	case 2:
		return fake_slots.slot[slot].endpoints[id].last + near;
	default:
		return fuzz_u64(&in);
	}
}

static void make_event(void)
{
	static const uint8_t types[] = { 32, 32, 32, 33, 33, 34, 37, 0 };
	static const uint8_t codes[] = { 1, 1, 13, 6, 4, 3, 19, 9 };
	uint8_t what = fuzz_u8(&in), more = fuzz_u8(&in);
	unsigned type = types[what & 7], code = codes[what >> 3 & 7];
	uint64_t param = address(more);
	uint32_t residual = 0, target = fuzz_u8(&in);

	if (what & 0x40)
		code = fuzz_u8(&in);
	if (what & 0x80)
		residual = fuzz_u32(&in) & 0xffffff;
	if (type == 0)
		type = fuzz_u8(&in) & 0x3f;
	if (type == 34)
		param = (uint64_t)fuzz_u8(&in) << 24;
	fake_xhci_event(param, code << 24 | residual,
			type << 10 | (target & 0x1f) << 16 |
				(target >> 5) << 24);
}

/* The event ring, or a device context. */
static void scribble(void)
{
	struct xhci *xh = hc ? xhci_of(hc) : NULL;
	uint8_t where = fuzz_u8(&in);
	unsigned at = fuzz_u16(&in);
	const struct xhci_device *xd;

	if (!xh || !xh->events)
		return;
	xd = xh->slot[where % 4];
	if (where & 0x80 && xd)
		fuzz_take(&in, xd->context + at % 1000, where & 15);
	else
		fuzz_take(&in, (uint8_t *)xh->events + at % 2000, where & 15);
}

static void change_port(uint8_t how)
{
	unsigned i = how >> 4 & 1, port = ports[i];

	if (!(fake_xhci.command & 1))
		return;
	if (how & 0x80)
		fake_xhci.portsc[port] = fuzz_u32(&in);
	else if (how & 0x40 && fake_xhci.port[port])
		fake_xhci_unplug(port);
	else if (!fake_xhci.port[port])
		fake_xhci_plug(port, &devices[i]);
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);

	switch (what & 15) {
	case 1:
	case 2:
	case 3:
		make_event();
		break;
	case 4:
		scribble();
		break;
	case 5:
		change_port(what);
		break;
	case 6:
		fake_slots.code[9 + fuzz_u8(&in) % 8] =
			what & 0x10 ? 2 + (what >> 5) : 0;
		break;
	case 7:
		fake_slots.silent = what & 0x10;
		fake_slots.twice = what & 0x20;
		fake_slots.new_slot = what & 0x40 ? fuzz_u8(&in) : 0;
		break;
	case 8:
		if (fake_xhci.lie != XHCI_GONE)
			fake_xhci.lie = what >> 4;
		break;
	case 9:
		fake_xhci.status ^= 1u << (what >> 4);
		break;
	case 10:
		fake_slots_wake();
		break;
	}
}

/* Each look at the clock lets the controller act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 4;
	return clock_now;
}

static long fill(uint8_t *data, uint32_t len)
{
	uint8_t how = fuzz_u8(&in);

	if (how < 8)
		return how & 1 ? USB_STALL : FAKE_XHCI_CODE(how);
	if (how < 12)
		return FAKE_XHCI_NAK;
	memset(data, 0, len);
	fuzz_take(&in, data, MIN(len, how));
	return how & 1 ? (long)len : (long)MIN(len, how);
}

/* Mostly a device that comes up. */
static long control(struct fake_xhci_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	static const uint8_t device[] = { 18, 1, 0, 2, 0, 0, 0, 64, 0,
					  0,  0, 0, 0, 0, 0, 0, 0,  1 };
	static const uint8_t config[] = {
		9, 2,	 39, 0, 1, 1, 0, 0x80, 50,   9, 4, 0, 0,
		3, 0xff, 0,  0, 0, 7, 5, 0x81, 2,    0, 2, 0, 7,
		5, 0x02, 2,  0, 2, 0, 7, 5,    0x83, 3, 8, 0, 7,
	};
	const uint8_t *from = device;
	size_t size = sizeof(device);

	(void)fd;
	if (fuzz_u8(&in) & 0x80)
		return fill(data, len);
	if (!(setup->type & USB_IN))
		return 0;
	if (le16_get(setup->value) >> 8 == 2) {
		from = config;
		size = sizeof(config);
	}
	memcpy(data, from, MIN(size, len));
	return (long)MIN(size, len);
}

static long data_of(struct fake_xhci_device *fd, unsigned endpoint,
		    uint8_t *data, uint32_t len)
{
	(void)fd;
	(void)endpoint;
	return fill(data, len);
}

static void use_bulk(struct usb_endpoint *ep)
{
	static _Alignas(65536) uint8_t buf[1 << 18];
	struct usb_transfer t = { .udev = ep->udev,
				  .kind = USB_BULK,
				  .ep = ep };

	t.buf = buf + fuzz_u16(&in);
	t.len = (fuzz_u8(&in) & 1 ? fuzz_u32(&in) : fuzz_u8(&in)) % (1 << 17);
	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert(t.actual <= t.len);
	assert(t.rq.status <= 0);
}

static void use_pipe(struct usb_endpoint *ep)
{
	static uint8_t reports[USB_PIPE_REPORTS * 8];
	struct usb_pipe pipe = { .ep = ep, .reports = reports, .size = 8 };
	uint8_t report[8];

	/* Stays mapped while the controller may write to it. */
	if (dma_map(&hc->dma, reports, sizeof(reports), DMA_FROM_DEVICE,
		    &pipe.bus))
		return;
	if (hc->ops->pipe_open(hc, &pipe) == 0) {
		for (unsigned n = fuzz_u8(&in); n; n--) {
			long len = hc->ops->pipe_read(hc, &pipe, report);

			assert(len <= 8);
			act();
		}
	}
	device_stop(dev);
	dma_unmap(&hc->dma, pipe.bus, sizeof(reports));
}

/* Endpoints are used as if each had a class driver. */
static void use(struct usb_device *udev)
{
	struct usb_interface *intf = &udev->config.interfaces[0];

	if (usb_device_start(udev) < 0)
		return;
	for (unsigned i = 0; i < intf->n_endpoints; i++) {
		struct usb_endpoint *ep = &intf->endpoints[i];
		struct usb_transfer t = { .udev = udev,
					  .kind = USB_ENDPOINTS,
					  .ep = &udev->ep0 };

		if (!ep->used) {
			ep->used = true;
			usb_transfer_add(&t, 0);
			while (t.rq.status == REQUEST_PENDING)
				request_wait();
		}
		if (!usb_device_is_up(udev))
			return;
		if (ep->type == USB_EP_BULK)
			use_bulk(ep);
		else if (ep->address & USB_IN)
			use_pipe(ep);
	}
}

static void plug(void)
{
	uint8_t how = fuzz_u8(&in);

	fake_xhci_reset();
	fake_slots.lenient = true;
	if (how & 1)
		fake_xhci.hcc_params |= 4;
	if (how & 2)
		fake_xhci.params2 = fuzz_u32(&in) & 0xf8200000;
	if (how & 4)
		fake_xhci.page_size = fuzz_u8(&in);
	if (how & 8)
		fuzz_take(&in, fake_xhci.extended, 64);
	if (how & 16)
		fake_xhci.params1 = 0x08001000 | fuzz_u8(&in);
	if (how & 32)
		fake_xhci.subsystem = 0;
	if (how & 64)
		fake_xhci.lie = fuzz_u8(&in) & 15;
	for (unsigned i = 0; i < DEVICES; i++) {
		devices[i] = (struct fake_xhci_device){
			.speed = i ? USB_HIGH : USB_SUPER,
			.control = control,
			.data = data_of,
		};
		fake_xhci.port[ports[i]] = &devices[i];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *node;
	struct usb_device *udev;

	in = (struct fuzz_input){ data, size };
	fake_log_start();
	clock_now = 0;
	hc = NULL;
	plug();
	deadline_init(0);
	assert(tree_init() == 0);
	device_init();
	node = tree_add_node(tree_root(), "usb-xhci@3", TREE_QEMU);
	assert(node && tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	dev = device_add(NULL, &pci_bus, node, &fake_xhci_fn);
	assert(dev);
	hc = dev->priv;
	device_scan_rest();
	list_for_each(udev, &hc->devices, link) {
		if (udev->known)
			use(udev);
	}
	tree_remove_node(node);
	tree_free();
	assert(!fake_xhci.enabled);
	assert(fake_dma_live() == 0 && fake_heap_live() == 0);
	fake_log_stop();
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// A fake USB controller and its devices: see tests/fake/usb.h.
#include "tests/fake/usb.h"

#include <string.h>

#include "lib/reason.h"
#include "tree/prop.h"

struct fake_usb fake_usb;

static bool is_there(const struct fake_usb_device *fd)
{
	return fd && !fd->gone;
}

/* The device at the end of a route string, or NULL. [xHCI 1.2, 8.9] */
static struct fake_usb_device *device_at(const struct usb_device *udev)
{
	struct fake_usb_device *fd = fake_usb.port[udev->root_port];
	uint32_t route = udev->route;

	for (; is_there(fd) && route; route >>= 4)
		fd = fd->behind[route & 0xf];
	return is_there(fd) ? fd : NULL;
}

static void device_reset(struct fake_usb_device *fd, bool enabled)
{
	unsigned i;

	fd->enabled = enabled;
	fd->addressed = false;
	fd->configuration = 0;
	fd->halted = 0;
	fd->resets++;
	if (fd->reset)
		fd->reset(fd);
	/* What is behind a hub loses its power. */
	for (i = 0; i < ARRAY_SIZE(fd->behind); i++) {
		if (fd->behind[i])
			fd->behind[i]->enabled = false;
	}
}

static struct usb_port port_state(struct usb_controller *hc, unsigned port)
{
	struct fake_usb_device *fd = fake_usb.port[port];

	assert(fake_usb.running && port >= 1 && port <= hc->ports);
	if (!is_there(fd))
		return (struct usb_port){ 0 };
	if (fd->resetting && --fd->resetting == 0)
		device_reset(fd, true);
	return (struct usb_port){
		.connected = true,
		.enabled = fd->enabled && !fd->resetting,
		.resetting = fd->resetting != 0,
		.speed = fd->speed,
	};
}

static void port_reset(struct usb_controller *hc, unsigned port)
{
	struct fake_usb_device *fd = fake_usb.port[port];

	assert(fake_usb.running && port >= 1 && port <= hc->ports);
	if (!is_there(fd))
		return;
	fd->resetting = fd->reset_looks;
	if (!fd->resetting)
		device_reset(fd, true);
}

static unsigned port_unit(const struct usb_controller *hc, unsigned port)
{
	(void)hc;
	return fake_usb.unit[port] ? fake_usb.unit[port] : port;
}

/* At most one device may have address 0. */
static long address(struct fake_usb_device *fd)
{
	unsigned i, unaddressed = 0;

	for (i = 1; i <= FAKE_USB_PORTS; i++) {
		const struct fake_usb_device *other = fake_usb.port[i];

		unaddressed += is_there(other) && other->enabled &&
			       !other->addressed && other->speed != USB_SUPER;
	}
	assert(fd->speed == USB_SUPER || unaddressed <= 1);
	fd->addressed = true;
	fd->addresses++;
	return 0;
}

static long take(uint8_t *to, uint32_t len, const uint8_t *from, size_t n)
{
	n = MIN(n, len);
	if (n)
		memcpy(to, from, n);
	return (long)n;
}

/* What every device answers to. [USB 2.0, 9.4] */
static long standard(struct fake_usb_device *fd, const struct usb_setup *setup,
		     uint8_t *data, uint32_t len)
{
	unsigned value = le16_get(setup->value);
	unsigned index = le16_get(setup->index);

	if (setup->type == USB_IN && setup->request == USB_GET_DESCRIPTOR) {
		if (value >> 8 == 1)
			return take(data, len, fd->descriptor, 18);
		if (value >> 8 == 2)
			return take(data, len, fd->config, fd->config_len);
	}
	if (setup->type == USB_TO_DEVICE &&
	    setup->request == USB_SET_CONFIGURATION) {
		fd->configuration = (uint8_t)value;
		return 0;
	}
	if (setup->type == USB_TO_ENDPOINT &&
	    setup->request == USB_CLEAR_FEATURE && value == USB_ENDPOINT_HALT) {
		fd->halted &= ~fake_usb_bit((uint8_t)index);
		return 0;
	}
	return USB_STALL;
}

/* The data of a transfer, which must be mapped. */
static uint8_t *data_of(const struct usb_transfer *t)
{
	if (!t->len)
		return NULL;
	return fake_dma_ptr(t->bus, t->len,
			    usb_transfer_is_in(t) ? DMA_FROM_DEVICE
						  : DMA_TO_DEVICE);
}

static long control(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	struct usb_setup setup;
	uint8_t *data = data_of(t);
	long n = FAKE_USB_PASS;

	assert(fd->addressed);
	memcpy(&setup, fake_dma_ptr(t->setup_bus, 8, DMA_TO_DEVICE), 8);
	assert(le16_get(setup.length) == t->len);
	if (fd->control)
		n = fd->control(fd, &setup, data, t->len);
	return n == FAKE_USB_PASS ? standard(fd, &setup, data, t->len) : n;
}

static long bulk(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	uint8_t endpoint = t->ep->address;
	uint32_t bit = fake_usb_bit(endpoint);
	uint8_t *data = data_of(t);
	long n = USB_STALL;

	assert(fd->configuration && t->len <= fake_usb.hc.max_bulk);
	if (fd->bulk && !(fd->halted & bit))
		n = fd->bulk(fd, endpoint, data, t->len);
	if (n == USB_STALL)
		fd->halted |= bit;
	return n;
}

static long serve(const struct usb_transfer *t)
{
	struct fake_usb_device *fd = device_at(t->udev);

	if (!fd)
		return ERR_NODEV;
	switch (t->kind) {
	case USB_ADDRESS:
		return address(fd);
	case USB_CONTROL:
		return control(fd, t);
	case USB_BULK:
		return bulk(fd, t);
	case USB_ENDPOINTS:
		fd->setups++;
		return 0;
	case USB_MPS0:
		return 0;
	default:
		assert(t->kind != USB_RESET_PORT);
		return ERR_IO;
	}
}

static const char *why(long status)
{
	switch (status) {
	case USB_STALL:
		return "stalled";
	case ERR_NODEV:
		return "unplugged";
	default:
		return "fake error";
	}
}

/* Returns false while the device does not respond. */
static bool end(unsigned i)
{
	struct usb_transfer *t = fake_usb.flight[i];
	long n = serve(t);

	if (n == FAKE_USB_NAK)
		return false;
	fake_usb.n--;
	fake_usb.served++;
	memmove(&fake_usb.flight[i], &fake_usb.flight[i + 1],
		(fake_usb.n - i) * sizeof(fake_usb.flight[0]));
	assert(n <= (long)t->len);
	t->actual = n < 0 ? 0 : (uint32_t)n;
	if (n < 0)
		reason_fail((int)n, "%s", why(n));
	request_done(&t->rq, n < 0 ? (int)n : 0);
	return true;
}

static int submit(struct usb_controller *hc, struct usb_transfer *t)
{
	assert(fake_usb.running && t->udev->hc == hc);
	assert(fake_usb.n < ARRAY_SIZE(fake_usb.flight));
	t->actual = 0;
	fake_usb.flight[fake_usb.n++] = t;
	return 0;
}

static void kick(struct usb_controller *hc)
{
	(void)hc;
	fake_usb.kicks++;
}

/* Those that are there now; what they add comes at the next poll. */
static void poll(struct usb_controller *hc)
{
	unsigned left = fake_usb.silent ? 0 : fake_usb.n, i = 0;

	(void)hc;
	assert(fake_usb.running);
	fake_usb.polls++;
	for (; left; left--) {
		unsigned at = fake_usb.backward ? left - 1 : i;

		/* Fewer: it was stopped. */
		if (at < fake_usb.n && !end(at))
			i++;
	}
}

static int pipe_open(struct usb_controller *hc, struct usb_pipe *pipe)
{
	(void)hc;
	assert(fake_usb.running && device_at(pipe->ep->udev));
	return 0;
}

static long pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		      void *report)
{
	struct fake_usb_device *fd = device_at(pipe->ep->udev);

	(void)hc;
	assert(fake_usb.running);
	if (!fd)
		return ERR_IO;
	return fd->report ? fd->report(fd, report, pipe->size) : ERR_AGAIN;
}

static const struct usb_controller_ops ops = {
	.port_state = port_state,
	.port_reset = port_reset,
	.port_unit = port_unit,
	.submit = submit,
	.kick = kick,
	.poll = poll,
	.pipe_open = pipe_open,
	.pipe_read = pipe_read,
};

static void reset_all(void)
{
	unsigned i;

	for (i = 1; i <= FAKE_USB_PORTS; i++) {
		struct fake_usb_device *fd = fake_usb.port[i];

		if (fd)
			device_reset(fd, fd->speed == USB_SUPER);
	}
}

static int fake_start(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	int err = 0;

	fake_usb.starts++;
	if (fake_usb.start_error)
		return reason_fail(fake_usb.start_error, "no start");
	if (fake_usb.window)
		err = dma_init_window(&hc->dma, 1, 0, 1 << 30);
	else
		dma_init_bypass(&hc->dma);
	hc->ports = FAKE_USB_PORTS;
	hc->max_bulk = fake_usb.max_bulk ? fake_usb.max_bulk : 16 * MiB;
	reset_all();
	fake_usb.n = 0;
	fake_usb.running = err == 0;
	return err;
}

static void fake_stop(struct device *dev)
{
	(void)dev;
	fake_usb.stops++;
	fake_usb.n = 0;
	fake_usb.running = false;
}

static int fake_attach(struct device *dev)
{
	return usb_controller_attach(&fake_usb.hc, dev, &ops, "fake-usb");
}

static void fake_detach(struct device *dev)
{
	usb_controller_detach(dev->priv);
}

DRIVER(fake_usb) = {
	.name = "fake-usb",
	.bus = &platform_bus,
	.match = "fake,usb",
	.on_demand = true,
	.attach = fake_attach,
	.start = fake_start,
	.stop = fake_stop,
	.scan = usb_scan,
	.found = usb_found,
	.settled = usb_settled,
	.detach = fake_detach,
};

void fake_usb_reset(void)
{
	fake_usb = (struct fake_usb){ 0 };
	fake_dma_reset();
}

struct device *fake_usb_plug(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);
	int err = tree_set_str(node, "compatible", "fake,usb");

	assert(err == 0);
	bus_offer(node);
	assert(device_of(node));
	return device_of(node);
}

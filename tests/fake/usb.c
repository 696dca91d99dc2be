// SPDX-License-Identifier: BSD-2-Clause
// A fake USB controller and its devices: see tests/fake/usb.h.
#include "tests/fake/usb.h"

#include <string.h>

#include "lib/reason.h"
#include "tree/prop.h"

struct fake_usb fake_usb, fake_usb_other;

static struct fake_usb *fake_of(struct usb_controller *hc)
{
	return container_of(hc, struct fake_usb, hc);
}

static bool is_there(const struct fake_usb_device *fd)
{
	return fd && !fd->gone;
}

/* [xHCI 1.2, 8.9] */
struct fake_usb_device *fake_usb_device_of(const struct usb_device *udev)
{
	struct fake_usb_device *fd = fake_of(udev->hc)->port[udev->root_port];
	uint32_t route = udev->route;

	for (; fd && route; route >>= 4)
		fd = fd->behind[route & 0xf];
	return fd;
}

/* Not if it, or a hub on the way, is unplugged. */
static struct fake_usb_device *device_at(const struct usb_device *udev)
{
	const struct usb_device *at = udev;

	for (; at; at = at->hub) {
		if (!is_there(fake_usb_device_of(at)))
			return NULL;
	}
	return fake_usb_device_of(udev);
}

static void power_off(struct fake_usb_device *fd)
{
	fd->enabled = fd->addressed = false;
	fd->configuration = 0;
	fd->resetting = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(fd->behind); i++) {
		if (fd->behind[i])
			power_off(fd->behind[i]);
	}
}

void fake_usb_device_reset(struct fake_usb_device *fd, bool enabled)
{
	/* Also what is behind a hub. */
	power_off(fd);
	fd->enabled = enabled;
	fd->halted = 0;
	fd->resets++;
	if (fd->reset)
		fd->reset(fd);
}

static void die(struct usb_controller *hc)
{
	reason_fail(ERR_IO, "host system error");
	usb_controller_lost(hc);
}

/* The port of a device; a reset ends when it was looked at often enough. */
static struct usb_port device_port(struct fake_usb_device *fd)
{
	if (fd->resetting && --fd->resetting == 0)
		fake_usb_device_reset(fd, true);
	return (struct usb_port){
		.connected = true,
		.enabled = fd->enabled && !fd->resetting,
		.resetting = fd->resetting != 0,
		.speed = fd->speed,
	};
}

static struct usb_port port_state(struct usb_controller *hc, unsigned port)
{
	struct fake_usb *fu = fake_of(hc);
	struct usb_port seen = { 0 };

	assert(fu->running && port >= 1 && port <= hc->ports);
	if (++fu->looks == fu->lost_look) {
		die(hc);
		return seen;
	}
	if (is_there(fu->port[port]) &&
	    deadline_ms() >= fu->started + fu->connect_ms)
		seen = device_port(fu->port[port]);
	if (fu->see)
		fu->see(&seen);
	return seen;
}

static void port_reset(struct usb_controller *hc, unsigned port)
{
	struct fake_usb_device *fd = fake_of(hc)->port[port];

	assert(fake_of(hc)->running && port >= 1 && port <= hc->ports);
	if (!is_there(fd))
		return;
	fd->resetting = fd->reset_looks;
	if (!fd->resetting)
		fake_usb_device_reset(fd, true);
}

static unsigned port_unit(const struct usb_controller *hc, unsigned port)
{
	const struct fake_usb *fu = container_of(hc, struct fake_usb, hc);

	return fu->unit[port] ? fu->unit[port] : port;
}

/* Devices that listen to address 0: this one, and those at its ports. */
static unsigned unaddressed(const struct fake_usb_device *fd)
{
	unsigned n;

	if (!is_there(fd))
		return 0;
	n = fd->enabled && !fd->addressed && fd->speed != USB_SUPER;
	for (unsigned i = 0; i < ARRAY_SIZE(fd->behind); i++)
		n += unaddressed(fd->behind[i]);
	return n;
}

/* At most one device may have address 0. */
static long address(const struct fake_usb *fu, struct fake_usb_device *fd)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= FAKE_USB_PORTS; i++)
		n += unaddressed(fu->port[i]);
	assert(fd->enabled && (n <= 1 || fu->lies));
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
long fake_usb_standard(struct fake_usb_device *fd,
		       const struct usb_setup *setup, uint8_t *data,
		       uint32_t len)
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

	/* One device may be at two ports of a hub that has too many. */
	if (!fd->addressed && fake_of(t->udev->hc)->lies)
		return ERR_IO;
	assert(fd->addressed);
	memcpy(&setup, fake_dma_ptr(t->setup_bus, 8, DMA_TO_DEVICE), 8);
	assert(le16_get(setup.length) == t->len);
	if (fd->control)
		n = fd->control(fd, &setup, data, t->len);
	return n == FAKE_USB_PASS ? fake_usb_standard(fd, &setup, data, t->len)
				  : n;
}

static long bulk(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	uint8_t endpoint = t->ep->address;
	uint32_t bit = fake_usb_bit(endpoint);
	uint8_t *data = data_of(t);
	long n = USB_STALL;

	assert(t->len <= t->udev->hc->max_bulk);
	if (fd->configuration && fd->bulk && !(fd->halted & bit))
		n = fd->bulk(fd, endpoint, data, t->len);
	if (n == USB_STALL)
		fd->halted |= bit;
	return n;
}

static long serve(const struct usb_transfer *t)
{
	struct fake_usb_device *fd = device_at(t->udev);
	long n;

	if (!fd)
		return ERR_NODEV;
	if (!fd->enabled)
		return ERR_IO;
	n = fd->serve ? fd->serve(fd, t) : FAKE_USB_PASS;
	if (n != FAKE_USB_PASS)
		return n;
	switch (t->kind) {
	case USB_ADDRESS:
		return address(fake_of(t->udev->hc), fd);
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

static uint32_t moved_before(const struct usb_transfer *t)
{
	struct fake_usb_device *fd = device_at(t->udev);
	uint32_t n = fd ? fd->partial : 0;

	if (fd)
		fd->partial = 0;
	return n;
}

/* Returns false while the device does not respond. */
static bool end(struct fake_usb *fu, unsigned i)
{
	struct usb_transfer *t = fu->flight[i];
	long n = serve(t);

	if (n == FAKE_USB_NAK)
		return false;
	/* Its device has stopped the controller. */
	if (!fu->running)
		return true;
	fu->n--;
	fu->served++;
	memmove(&fu->flight[i], &fu->flight[i + 1],
		(fu->n - i) * sizeof(fu->flight[0]));
	assert(n <= (long)t->len);
	t->actual = (n < 0 ? moved_before(t) : (uint32_t)n) + fu->excess;
	if (n < 0)
		reason_fail((int)n, "%s", why(n));
	request_done(&t->rq, n < 0 ? (int)n : 0);
	return true;
}

static int submit(struct usb_controller *hc, struct usb_transfer *t)
{
	struct fake_usb *fu = fake_of(hc);

	assert(fu->running && t->udev->hc == hc);
	assert(fu->n < ARRAY_SIZE(fu->flight));
	if (++fu->submits == fu->lost_submit) {
		die(hc);
		return 0;
	}
	fu->flight[fu->n++] = t;
	return 0;
}

static void kick(struct usb_controller *hc)
{
	assert(fake_of(hc)->running);
	fake_of(hc)->kicks++;
}

/* Those that are there now; what they add comes at the next poll. */
static void poll(struct usb_controller *hc)
{
	struct fake_usb *fu = fake_of(hc);
	unsigned left = fu->silent ? 0 : fu->n, i = 0;

	assert(fu->running);
	fu->polls++;
	if (fu->losses || fu->polls == fu->lost_at) {
		fu->losses -= fu->losses != 0;
		die(hc);
		return;
	}
	for (; left; left--) {
		unsigned at = fu->backward ? left - 1 : i;

		/* Fewer: it was stopped. */
		if (at < fu->n && !end(fu, at))
			i++;
	}
}

static int pipe_open(struct usb_controller *hc, struct usb_pipe *pipe)
{
	assert(fake_of(hc)->running && device_at(pipe->ep->udev));
	assert(pipe->ep->used && pipe->size <= USB_PIPE_SIZE_MAX);
	fake_dma_ptr(pipe->bus, USB_PIPE_REPORTS * pipe->size, DMA_FROM_DEVICE);
	fake_of(hc)->pipes++;
	return 0;
}

static long pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		      void *report)
{
	struct fake_usb_device *fd = device_at(pipe->ep->udev);

	assert(fake_of(hc)->running);
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

static void reset_all(struct fake_usb *fu)
{
	unsigned i;

	for (i = 1; i <= FAKE_USB_PORTS; i++) {
		struct fake_usb_device *fd = fu->port[i];

		if (fd)
			fake_usb_device_reset(fd, fd->speed == USB_SUPER);
	}
}

static int fake_start(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct fake_usb *fu = fake_of(hc);
	int err = 0;

	fu->starts++;
	if (fu->start_error)
		return reason_fail(fu->start_error, "no start");
	if (fu->window)
		err = dma_init_window(&hc->dma, 1, 0, 1 << 30);
	else
		dma_init_bypass(&hc->dma);
	hc->ports = FAKE_USB_PORTS;
	hc->max_bulk = fu->max_bulk ? fu->max_bulk : 16 * MiB;
	hc->real |= fu->real;
	reset_all(fu);
	fu->started = deadline_ms();
	fu->n = 0;
	fu->running = err == 0;
	return err;
}

static void fake_stop(struct device *dev)
{
	struct fake_usb *fu = fake_of(dev->priv);

	fu->stops++;
	fu->n = 0;
	fu->running = false;
}

/* The controller that fake_usb_plug() adds. */
static struct fake_usb *plugged;

static int fake_attach(struct device *dev)
{
	return usb_controller_attach(&plugged->hc, dev, &ops, "fake-usb");
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
	fake_usb = fake_usb_other = (struct fake_usb){ 0 };
	fake_dma_reset();
}

static struct device *plug(struct fake_usb *fu, const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);
	int err = tree_set_str(node, "compatible", "fake,usb");

	assert(err == 0);
	plugged = fu;
	bus_offer(node);
	assert(device_of(node));
	return device_of(node);
}

struct device *fake_usb_plug(const char *name)
{
	return plug(&fake_usb, name);
}

struct device *fake_usb_plug_other(const char *name)
{
	return plug(&fake_usb_other, name);
}

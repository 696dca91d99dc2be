// SPDX-License-Identifier: BSD-2-Clause
// USB devices for tests: see tests/fake/usb_devices.h.
#include "tests/fake/usb_devices.h"

#include <stdio.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "drivers/usb/descriptor.h"
#include "lib/reason.h"
#include "tests/fake/table.h"
#include "tree/path.h"

int fake_usb_attach_error;

static int class_attach(struct device *dev)
{
	(void)dev;
	if (fake_usb_attach_error)
		return reason_fail(fake_usb_attach_error, "no attach");
	return 0;
}

static int class_start(struct device *dev)
{
	return usb_device_start(usb_interface_of(dev)->udev);
}

static const struct usb_match class_match[] = {
	{ 8, 6, 0x50, "storage" },
	{ 3, 1, 1, "keyboard" },
	{ 3, 1, 2, "mouse" },
	{ 0 },
};

DRIVER(fake_usb_class) = {
	.name = "fake-usb-class",
	.bus = &usb_bus,
	.match = class_match,
	.attach = class_attach,
	.start = class_start,
};

static struct fake_usb_thing *thing_of(struct fake_usb_device *fd)
{
	return container_of(fd, struct fake_usb_thing, fd);
}

/* Is it too early to respond? */
static bool is_early(struct fake_usb_thing *thing)
{
	if (!thing->slow_ms)
		return false;
	if (!thing->due)
		thing->due = deadline_ms() + thing->slow_ms;
	if (deadline_ms() < thing->due)
		return true;
	thing->due = 0;
	return false;
}

static void note(struct fake_usb_thing *thing, enum usb_transfer_kind kind)
{
	static const char letters[] = { [USB_CONTROL] = 'c',
					[USB_BULK] = 'b',
					[USB_ADDRESS] = 'a',
					[USB_MPS0] = 'm',
					[USB_ENDPOINTS] = 'e' };

	if (thing->transfers < sizeof(thing->trace) - 1)
		thing->trace[thing->transfers] = letters[kind];
	thing->transfers++;
}

static long serve(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	struct fake_usb_thing *thing = thing_of(fd);

	if (is_early(thing))
		return FAKE_USB_NAK;
	note(thing, t->kind);
	if (!thing->trouble_at || thing->transfers < thing->trouble_at)
		return FAKE_USB_PASS;
	if (thing->transfers > thing->trouble_at && !thing->lasting)
		return FAKE_USB_PASS;
	fd->gone |= thing->trouble == ERR_NODEV;
	return thing->trouble;
}

/* What was in flight is lost. */
static void forget_due(struct fake_usb_device *fd)
{
	thing_of(fd)->due = 0;
}

static void make(struct fake_usb_thing *thing, enum usb_speed speed,
		 uint8_t class)
{
	static const uint8_t mps0[] = {
		[USB_FULL] = 8, [USB_LOW] = 8, [USB_HIGH] = 64, [USB_SUPER] = 9
	};
	const uint8_t descriptor[] = {
		18,   1,     0, 2,    class, 0, 0, mps0[speed], 0xf4,
		0x46, class, 0, 0x00, 1,     0, 0, 0,		1,
	};

	*thing = (struct fake_usb_thing){
		.fd = { .speed = speed,
			.descriptor = thing->descriptor,
			.config = thing->config,
			.serve = serve,
			.reset = forget_due },
	};
	memcpy(thing->descriptor, descriptor, sizeof(descriptor));
}

void fake_usb_set_config(struct fake_usb_thing *thing, const uint8_t *bytes,
			 size_t len)
{
	const uint8_t head[9] = {
		9,    2, (uint8_t)(9 + len), (uint8_t)((9 + len) >> 8), 1, 7, 0,
		0xc0, 0
	};

	assert(sizeof(head) + len <= sizeof(thing->config));
	memcpy(thing->config, head, sizeof(head));
	if (len)
		memcpy(thing->config + sizeof(head), bytes, len);
	thing->fd.config_len = sizeof(head) + len;
}

void fake_usb_disk(struct fake_usb_thing *thing, enum usb_speed speed)
{
	static const uint8_t slow[] = {
		9, 4, 0,    0, 2,    8, 6, 0x50, 0, /* interface */
		7, 5, 0x81, 2, 0x40, 0, 0,	    /* bulk IN */
		7, 5, 0x02, 2, 0x40, 0, 0,	    /* bulk OUT */
	};
	static const uint8_t super[] = {
		9, 4,	 0,    0, 2, 8, 6, 0x50, 0, /* interface */
		7, 5,	 0x81, 2, 0, 4, 0,	    /* bulk IN, 1024 */
		6, 0x30, 15,   0, 0, 0,		    /* its companion */
		7, 5,	 0x02, 2, 0, 4, 0,	    /* bulk OUT, 1024 */
		6, 0x30, 15,   0, 0, 0,		    /* its companion */
	};

	make(thing, speed, 0);
	if (speed == USB_SUPER)
		fake_usb_set_config(thing, super, sizeof(super));
	else
		fake_usb_set_config(thing, slow, sizeof(slow));
}

void fake_usb_keyboard(struct fake_usb_thing *thing, enum usb_speed speed)
{
	static const uint8_t bytes[] = {
		9, 4,	 0,    0,    1, 3, 1,	 1,  0, /* interface */
		9, 0x21, 0x11, 0x01, 0, 1, 0x22, 63, 0, /* HID */
		7, 5,	 0x81, 3,    8, 0, 10,		/* interrupt IN */
	};

	make(thing, speed, 0);
	fake_usb_set_config(thing, bytes, sizeof(bytes));
}

static uint32_t port_bit(unsigned port)
{
	return 1u << MIN(port, 31u);
}

static struct fake_usb_device *child_of(struct fake_usb_thing *hub,
					unsigned port)
{
	struct fake_usb_device *child = hub->fd.behind[MIN(port, 15u)];

	if (deadline_ms() < hub->powered_at + hub->connect_ms)
		return NULL;
	return child && !child->gone ? child : NULL;
}

/* A look at a port whose reset may be over. */
static uint32_t look_at_reset(struct fake_usb_thing *hub, unsigned port)
{
	struct fake_usb_device *child = child_of(hub, port);

	if (!child || !child->resetting)
		return 0;
	if (--child->resetting)
		return USB_STATUS_RESET;
	hub->changed |= port_bit(port);
	fake_usb_device_reset(child, true);
	return 0;
}

static uint32_t port_status(struct fake_usb_thing *hub, unsigned port)
{
	const struct fake_usb_device *child = child_of(hub, port);
	uint32_t status = look_at_reset(hub, port);

	if (hub->crowded || child)
		status |= USB_STATUS_CONNECTION;
	if (hub->changed & port_bit(port))
		status |= USB_STATUS_C_RESET;
	if (!child)
		return status;
	if (child->enabled)
		status |= USB_STATUS_ENABLE;
	if (hub->fd.speed == USB_SUPER)
		return status;
	if (child->speed == USB_LOW)
		status |= USB_STATUS_LOW;
	if (child->speed == USB_HIGH)
		status |= USB_STATUS_HIGH;
	return status;
}

/* Features of ports; all others are accepted, and nothing. */
static long port_feature(struct fake_usb_thing *hub, bool set, unsigned feature,
			 unsigned port)
{
	struct fake_usb_device *child = child_of(hub, port);

	if (set && feature == USB_PORT_POWER) {
		hub->powered |= port_bit(port);
		hub->powered_at = deadline_ms();
	}
	if (!set && feature == USB_C_PORT_CONNECTION)
		hub->heard |= port_bit(port);
	if (!set && feature == USB_C_PORT_RESET && !hub->sticky)
		hub->changed &= ~port_bit(port);
	if (!set || feature != USB_PORT_RESET || hub->stuck)
		return 0;
	if (!(hub->powered & port_bit(port)))
		return USB_STALL;
	if (child && child->reset_looks) {
		child->enabled = false;
		child->resetting = child->reset_looks;
		return 0;
	}
	hub->changed |= port_bit(port);
	if (child)
		fake_usb_device_reset(child, true);
	return 0;
}

static long hub_descriptor(const struct fake_usb_thing *hub, unsigned type,
			   uint8_t *data, uint32_t len)
{
	const uint8_t bytes[] = {
		9, (uint8_t)type, (uint8_t)hub->ports, 0, 0, 1, 0, 0, 0xff
	};
	unsigned want = hub->fd.speed == USB_SUPER ? USB_DESC_SUPER_HUB
						   : USB_DESC_HUB;

	if (type != want)
		return USB_STALL;
	memcpy(data, bytes, MIN(len, sizeof(bytes)));
	return (long)MIN(len, sizeof(bytes));
}

/* [USB 2.0, 11.24.2] */
static long hub_control(struct fake_usb_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len)
{
	struct fake_usb_thing *hub = thing_of(fd);
	unsigned value = le16_get(setup->value);
	unsigned port = le16_get(setup->index);

	if (!(setup->type & USB_TYPE_CLASS))
		return FAKE_USB_PASS;
	if (!fd->configuration)
		return USB_STALL;
	if (setup->request == USB_GET_DESCRIPTOR)
		return hub_descriptor(hub, value >> 8, data, len);
	if (setup->request == USB_SET_HUB_DEPTH) {
		hub->hub_depth = value;
		return 0;
	}
	assert(setup->type & USB_TO_OTHER && port >= 1 && port <= hub->ports);
	if (setup->request != USB_GET_STATUS)
		return port_feature(hub, setup->request == USB_SET_FEATURE,
				    value, port);
	assert(len == USB_PORT_STATUS_LEN);
	le32_store(data, port_status(hub, port));
	return USB_PORT_STATUS_LEN;
}

/* Its ports lose their power. */
static void hub_reset(struct fake_usb_device *fd)
{
	struct fake_usb_thing *hub = thing_of(fd);

	forget_due(fd);
	hub->powered = 0;
	if (!hub->sticky)
		hub->changed = 0;
}

void fake_usb_hub(struct fake_usb_thing *thing, enum usb_speed speed,
		  unsigned ports)
{
	static const uint8_t bytes[] = {
		9, 4, 0,    0, 1, 9, 0,	 0, 0, /* interface */
		7, 5, 0x81, 3, 1, 0, 12,       /* interrupt IN */
	};

	make(thing, speed, 9);
	fake_usb_set_config(thing, bytes, sizeof(bytes));
	thing->fd.control = hub_control;
	thing->fd.reset = hub_reset;
	thing->ports = ports;
}

int fake_usb_setup(void **state)
{
	int err;

	(void)state;
	fake_usb_reset();
	fake_usb_attach_error = 0;
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	deadline_init(0);
	fake_log_start();
	err = tree_init();
	assert(err == 0);
	device_init();
	if (!tree_add_node(tree_root(), "aliases", TREE_QUOIN))
		assert(false);
	return 0;
}

int fake_usb_teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	fake_log_stop();
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
	return 0;
}

static struct usb_device *known(struct fake_usb *fu,
				const struct fake_usb_thing *thing)
{
	struct usb_device *udev;

	if (!fu->hc.devices.next)
		return NULL;
	list_for_each(udev, &fu->hc.devices, link) {
		if (fake_usb_device_of(udev) == &thing->fd)
			return udev;
	}
	return NULL;
}

struct usb_device *fake_usb_known(const struct fake_usb_thing *thing)
{
	struct usb_device *udev = known(&fake_usb, thing);

	return udev ? udev : known(&fake_usb_other, thing);
}

uint64_t fake_usb_scan(void)
{
	uint64_t before = deadline_ms();

	device_scan_rest();
	return deadline_ms() - before;
}

const char *fake_usb_nodes(struct node *node)
{
	static char text[4096];
	char path[256];
	size_t skip, at = 0;
	struct node *next = node;

	tree_path(node, path, sizeof(path));
	skip = strlen(path) + 1;
	text[0] = '\0';
	while ((next = tree_next(next)) != NULL) {
		const struct node *up = next;

		while (up && up != node)
			up = up->parent;
		if (!up)
			break;
		tree_path(next, path, sizeof(path));
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s ",
				       path + skip);
		assert(at < sizeof(text));
	}
	return text;
}

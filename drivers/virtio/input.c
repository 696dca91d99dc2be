// SPDX-License-Identifier: BSD-2-Clause
// virtio-input: keyboards (virtio 1.2, 5.8).

#include "drivers/input/keyboard.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Queues: events, and status, for LEDs, which is not used. [5.8.2] */
#define EVENT_QUEUE 0u

/*
 * Buffers for events. A key takes two; QEMU drops it if they are not there, so
 * have as many as its queue. [hw/input/virtio-input.c, virtio_input_send]
 */
#define EVENTS 64u

/* struct virtio_input_config [virtio 1.2, 5.8.4]: offsets. */
enum config_field {
	CONFIG_SELECT = 0,
	CONFIG_SUBSEL = 1,
	CONFIG_SIZE = 2,
	CONFIG_DATA = 8,
};
#define SELECT_EV_BITS 0x11u

/* Event types and a key code of Linux. [input-event-codes.h] */
#define EV_KEY 1u
#define KEY_A 30u

/* What the value of an EV_KEY event says. */
enum key_value {
	KEY_RELEASED = 0,
	KEY_PRESSED = 1, /* QEMU: also for a repeat */
	KEY_REPEATS = 2,
};

/* [virtio 1.2, 5.8.6]; numbers in the device's byte order. */
struct input_event {
	uint16_t type;
	uint16_t code;
	uint32_t value;
};
static_assert(sizeof(struct input_event) == 8, "virtio_input_event");

/* Base classes of PCI: keyboards, and what may be one. [PCI 3.0, D.10] */
#define CLASS_KEYBOARD 0x090000u
#define CLASS_OTHER 0x098000u
#define CLASS_MASK 0xffff00u

struct virtio_input {
	struct virtio_device vd;
	struct keyboard kb;
	uint8_t held; /* the last key pressed, until it is released */
	struct input_event events[EVENTS];
};

static struct virtio_input *input_of(const struct device *dev)
{
	return container_of(dev->priv, struct virtio_input, kb);
}

static uint32_t input_class(const struct device *dev)
{
	return pci_function_of(dev)->class_code & CLASS_MASK;
}

static int input_post(struct virtio_input *vi, struct input_event *event)
{
	const struct virtio_buf buf = { event, sizeof(*event), true };

	return virtio_submit(&vi->vd, EVENT_QUEUE, &buf, 1, event);
}

static int input_start(struct device *dev)
{
	struct virtio_input *vi = input_of(dev);
	unsigned n = 0;
	int err = virtio_pci_start(&vi->vd, pci_function_of(dev), 0,
				   1u << EVENT_QUEUE);

	if (err < 0)
		return err;
	while (err == 0 && n < EVENTS)
		err = input_post(vi, &vi->events[n++]);
	/* A short queue is full before. */
	if (err < 0 && err != ERR_BUSY)
		return err;
	vi->held = 0;
	virtio_kick(&vi->vd, EVENT_QUEUE);
	return 0;
}

static void input_stop(struct device *dev)
{
	virtio_stop(&input_of(dev)->vd);
}

static void input_modifier(struct virtio_input *vi, uint8_t usage, bool down)
{
	uint8_t bit = (uint8_t)(1u << (usage - KEYMAP_MODIFIERS));

	if (down)
		vi->kb.map.modifiers |= bit;
	else
		vi->kb.map.modifiers &= (uint8_t)~bit;
}

/* Of a held key, a second press is a repeat, too. */
static void input_key(struct virtio_input *vi, uint8_t usage, uint32_t value)
{
	if (usage >= KEYMAP_MODIFIERS) {
		input_modifier(vi, usage, value != KEY_RELEASED);
	} else if (value != KEY_RELEASED) {
		keyboard_press(&vi->kb, usage,
			       value == KEY_REPEATS || usage == vi->held);
		vi->held = usage;
	} else if (usage == vi->held) {
		vi->held = 0;
	}
}

static void input_take(struct virtio_input *vi, const struct input_event *event,
		       uint32_t written)
{
	const struct virtio_device *vd = &vi->vd;
	uint8_t usage;

	if (written < sizeof(*event) ||
	    virtio_wire16(vd, event->type) != EV_KEY)
		return;
	usage = keymap_usage(virtio_wire16(vd, event->code));
	if (usage)
		input_key(vi, usage, virtio_wire32(vd, event->value));
}

static bool input_fetch(struct keyboard *kb)
{
	struct virtio_input *vi = container_of(kb, struct virtio_input, kb);
	struct input_event *buf, event;
	uint32_t written;

	buf = virtio_poll(&vi->vd, EVENT_QUEUE, &written);
	if (!buf) {
		virtio_kick(&vi->vd, EVENT_QUEUE);
		if (virtio_broken(&vi->vd, EVENT_QUEUE))
			keyboard_fault(kb);
		return false;
	}
	/* The device may change its buffer at any time. */
	event = *(volatile struct input_event *)buf;
	if (input_post(vi, buf) < 0) {
		keyboard_fault(kb);
		return false;
	}
	input_take(vi, &event, written);
	return true;
}

/*
 * A keyboard has the key A, tablets only buttons. Reading the configuration
 * needs no start, which would take the keys from other keyboards.
 */
static bool input_is_keyboard(struct device *dev)
{
	struct virtio_device *vd = &input_of(dev)->vd;
	struct pci_function *fn = pci_function_of(dev);
	bool is = false;

	if (virtio_pci_init(vd, fn) < 0 || vd->config_len <= CONFIG_DATA)
		return false;
	pci_enable(fn);
	pci_io_write(vd->config + CONFIG_SELECT, 1, SELECT_EV_BITS);
	pci_io_write(vd->config + CONFIG_SUBSEL, 1, EV_KEY);
	if (virtio_config(vd, CONFIG_SIZE, 1) > KEY_A / 8)
		is = virtio_config(vd, CONFIG_DATA + KEY_A / 8, 1) >>
			     KEY_A % 8 &
		     1;
	pci_disable(fn);
	return is;
}

/* What kind of device another class has, only the device knows. */
static bool input_scan(struct device *dev)
{
	struct virtio_input *vi = input_of(dev);

	if (vi->kb.in.read)
		return keyboard_scan(dev);
	if (!input_is_keyboard(dev))
		return false;
	if (keyboard_describe(&vi->kb, dev) == 0)
		return keyboard_scan(dev);
	log_err("virtio-input %s: %s", device_path(dev), reason());
	return false;
}

static int input_attach(struct device *dev)
{
	struct virtio_input *vi = heap_zalloc(sizeof(*vi));
	int err = 0;

	if (!vi)
		return reason_fail(ERR_NOMEM, "no memory");
	vi->kb.fetch = input_fetch;
	dev->priv = &vi->kb;
	if (input_class(dev) == CLASS_KEYBOARD)
		err = keyboard_describe(&vi->kb, dev);
	if (err < 0)
		heap_free(vi);
	return err;
}

static void input_detach(struct device *dev)
{
	heap_free(input_of(dev));
}

static const struct pci_match input_ids[] = {
	{ VIRTIO_PCI_VENDOR, 0x1052, CLASS_KEYBOARD, CLASS_MASK },
	{ VIRTIO_PCI_VENDOR, 0x1052, CLASS_OTHER, CLASS_MASK },
	{ .vendor = 0 },
};

DRIVER(virtio_input) = {
	.name = "virtio-input",
	.bus = &pci_bus,
	.match = input_ids,
	.on_demand = true,
	.attach = input_attach,
	.start = input_start,
	.stop = input_stop,
	.scan = input_scan,
	.found = keyboard_found,
	.detach = input_detach,
};

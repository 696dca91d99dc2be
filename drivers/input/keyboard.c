// SPDX-License-Identifier: BSD-2-Clause
// Keyboards: opening, restarting, reading whole keys.
#include "drivers/input/keyboard.h"

#include <string.h>

#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* Faults in a row until a keyboard is given up. */
#define FAULTS_MAX 2u
/* Most fetches of a read, however much a device sends. */
#define FETCHES_MAX 64u

static void keyboard_complain(const struct device *dev)
{
	/* Without a reason somebody else has printed it. */
	if (*reason())
		log_err("%s %s: %s", dev->driver->name, device_path(dev),
			reason());
}

static void keyboard_close(struct keyboard *kb)
{
	keyboard_complain(kb->in.as.dev);
	kb->open = false;
	device_close(kb->in.as.dev);
}

void keyboard_fault(struct keyboard *kb)
{
	if (++kb->faults >= FAULTS_MAX)
		keyboard_close(kb);
	else
		device_stop(kb->in.as.dev);
}

/* It has no users after an exception. */
static int keyboard_start(struct device *dev)
{
	return dev->users ? device_start(dev) : device_open(dev);
}

/* Restarts it if it, or its controller, was reset. */
static bool keyboard_is_up(struct keyboard *kb)
{
	struct device *dev = kb->in.as.dev;

	if (!kb->open || device_is_up(dev))
		return kb->open;
	if (dev->state == DEVICE_QUIESCED)
		return false;
	/* Who knows when they were released. */
	kb->map.modifiers = 0;
	if (keyboard_start(dev) == 0)
		return true;
	keyboard_fault(kb);
	return false;
}

void keyboard_press(struct keyboard *kb, uint8_t usage, bool repeat)
{
	char *key = &kb->keys[kb->typed];
	unsigned n;

	assert(sizeof(kb->keys) - kb->typed > KEYMAP_KEY_MAX);
	n = keymap_press(&kb->map, usage, repeat, key + 1);
	if (!n)
		return;
	*key = (char)n;
	kb->typed = (uint8_t)(kb->typed + 1 + n);
	kb->faults = 0;
}

/* Only whole keys: GRUB waits 100 ms for the rest of a sequence. */
static size_t keyboard_take(struct keyboard *kb, char *buf, size_t len)
{
	size_t n = 0;

	while (kb->taken < kb->typed) {
		const char *key = &kb->keys[kb->taken];
		size_t size = (size_t)*key;

		if (size > len - n)
			return n;
		memcpy(buf + n, key + 1, size);
		n += size;
		kb->taken = (uint8_t)(kb->taken + 1 + size);
	}
	kb->taken = kb->typed = 0;
	return n;
}

static long keyboard_read(struct console_input *in, char *buf, size_t len)
{
	struct keyboard *kb = container_of(in, struct keyboard, in);
	unsigned fetches = FETCHES_MAX;
	size_t n = 0;

	assert(len >= KEYMAP_KEY_MAX);
	if (!keyboard_is_up(kb))
		return 0;
	do
		n += keyboard_take(kb, buf + n, len - n);
	while (!kb->typed && fetches-- && kb->fetch(kb));
	return (long)n;
}

/* As SLOF's node. [slof/fs/usb/dev-keyb.fs] */
int keyboard_describe(struct keyboard *kb, struct device *dev)
{
	int err = tree_set_str(dev->node, "device_type", "keyboard");

	if (err == 0)
		err = tree_set_str(dev->node, "language", "EN");
	if (err == 0)
		err = device_add_role(dev, &kb->in.as, &console_input_role);
	if (err < 0)
		return reason_fail(err, "cannot describe it: %s", err_str(err));
	kb->in.read = keyboard_read;
	return 0;
}

bool keyboard_scan(struct device *dev)
{
	struct keyboard *kb = dev->priv;
	int err = device_open(dev);

	/* Another device's time-out may have reset its controller. */
	if (err == ERR_IO)
		err = device_open(dev);
	if (err < 0)
		keyboard_complain(dev);
	kb->open = err == 0;
	return false;
}

void keyboard_found(struct device *dev)
{
	const struct keyboard *kb = dev->priv;
	struct node *aliases = tree_find("/aliases");

	if (!kb->open || !aliases)
		return;
	if (tree_set_str(aliases, "keyboard", device_path(dev)) < 0)
		log_err("%s %s: no memory for an alias", dev->driver->name,
			device_path(dev));
}

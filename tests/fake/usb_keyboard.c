// SPDX-License-Identifier: BSD-2-Clause
// Fake USB keyboards: see tests/fake/usb_keyboard.h.
#include "tests/fake/usb_keyboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "lib/reason.h"
#include "tests/fake/table.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_usb_keyboard);
TABLE_LINK(drivers, driver_usb_pointer);

struct usb_kbd usb_kbd, usb_kbd2;
struct device *usb_kbd_hc;

/* [QEMU hw/usb/dev-hid.c] */
const uint8_t usb_kbd_descriptor[18] = { 18, 1, 0, 2, 0, 0, 0, 8, 0x27,
					 6,  1, 0, 0, 0, 0, 0, 0, 1 };
static const uint8_t config[34] = {
	9, 2,	 34,   0, 1, 1, 8,  0xa0, 50, /* configuration */
	9, 4,	 0,    0, 1, 3, 1,  1,	  0,  /* interface */
	9, 0x21, 0x11, 1, 0, 1, 34, 63,	  0,  /* HID */
	7, 5,	 0x81, 3, 8, 0, 7,	      /* endpoint */
};

/* SET_PROTOCOL, then SET_IDLE. [HID 1.11, 7.2] */
static long kbd_control(struct fake_usb_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len)
{
	static const uint8_t expected[] = { 0x0b, 0x0a };
	struct usb_kbd *kbd = container_of(fd, struct usb_kbd, fd);

	(void)data;
	if (!(setup->type & USB_TYPE_CLASS))
		return FAKE_USB_PASS;
	if (kbd->answer == FAKE_USB_NAK)
		return kbd->answer;
	assert_int_equal(setup->type, 0x21);
	assert_int_equal(setup->request, expected[kbd->requests++ % 2]);
	assert_int_equal(le16_get(setup->value), 0);
	assert_int_equal(le16_get(setup->index),
			 kbd->config[USB_KBD_INTERFACE + 2]);
	assert_int_equal(len, 0);
	return kbd->answer;
}

static long kbd_next(struct fake_usb_device *fd, uint8_t *report, unsigned size)
{
	struct usb_kbd *kbd = container_of(fd, struct usb_kbd, fd);
	unsigned i = kbd->next;

	assert_in_range(kbd->requests, 2, 1000);
	if (i == kbd->n)
		return ERR_AGAIN;
	if (!kbd->flood || i + 1 < kbd->n)
		kbd->next++;
	if (kbd->lengths[i] < 0)
		return kbd->lengths[i];
	assert_in_range(kbd->lengths[i], 0, size);
	memcpy(report, kbd->queue[i], (size_t)kbd->lengths[i]);
	return kbd->lengths[i];
}

/* It empties QEMU's queue, too. [hw/input/hid.c, hid_reset] */
static void kbd_reset(struct fake_usb_device *fd)
{
	struct usb_kbd *kbd = container_of(fd, struct usb_kbd, fd);

	kbd->n = kbd->next = 0;
}

void usb_kbd_plug_at(unsigned port, struct usb_kbd *kbd, uint8_t subclass,
		     uint8_t protocol)
{
	*kbd = (struct usb_kbd){
		.fd = { .speed = USB_HIGH,
			.descriptor = usb_kbd_descriptor,
			.config = kbd->config,
			.config_len = sizeof(kbd->config),
			.control = kbd_control,
			.report = kbd_next,
			.reset = kbd_reset },
	};
	memcpy(kbd->config, config, sizeof(kbd->config));
	kbd->config[USB_KBD_INTERFACE + 6] = subclass;
	kbd->config[USB_KBD_INTERFACE + 7] = protocol;
	fake_usb.port[port] = &kbd->fd;
}

int usb_kbd_plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_usb_reset();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	usb_kbd_hc = fake_usb_plug("usb@1");
	usb_kbd_plug_at(2, &usb_kbd, 1, 1);
	return 0;
}

int usb_kbd_unplug(void **state)
{
	(void)state;
	tree_remove_node(usb_kbd_hc->node);
	tree_free();
	assert_false(fake_usb.running);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

const char *usb_kbd_read_from(const char *path)
{
	static char text[17];
	struct node *node = tree_find(path);
	struct console_input *in;
	char *buf = test_malloc(16);
	long n;

	assert_non_null(node);
	assert_non_null(node->device);
	in = console_input_of(device_of(node));
	n = in->read(in, buf, 16);
	assert_in_range(n, 0, 16);
	memcpy(text, buf, (size_t)n);
	text[n] = '\0';
	test_free(buf);
	return text;
}

const char *usb_kbd_read(void)
{
	return usb_kbd_read_from("/usb@1/usb-keyboard@2");
}

void usb_kbd_report(long len, uint8_t mods, uint8_t a, uint8_t b)
{
	const uint8_t report[USB_PIPE_SIZE_MAX] = { mods, 0, a, b };

	assert_true(usb_kbd.n < ARRAY_SIZE(usb_kbd.queue));
	memcpy(usb_kbd.queue[usb_kbd.n], report, sizeof(report));
	usb_kbd.lengths[usb_kbd.n++] = len;
}

void usb_kbd_tap(uint8_t usage)
{
	usb_kbd_report(8, 0, usage, 0);
	usb_kbd_report(8, 0, 0, 0);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/hid.c: keyboards, mice, tablets.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "tests/fake/usb_keyboard.h"
#include "tree/path.h"

#define A 0x04
#define F12 0x45

static void a_keyboard_has_slofs_node_and_alias(void **state)
{
	const struct node *node;

	(void)state;
	device_scan_rest();
	node = tree_find("/usb@1/usb-keyboard@2");
	assert_non_null(node);
	assert_string_equal(tree_get_str(node, "device_type"), "keyboard");
	assert_string_equal(tree_get_str(node, "language"), "EN");
	assert_ptr_equal(tree_find("keyboard"), node);
	assert_int_equal(usb_kbd.requests, 2);
	assert_int_equal(fake_usb.pipes, 1);
	assert_true(fake_usb.running);
	assert_string_equal(fake_printed, "");
}

static void both_requests_are_optional(void **state)
{
	(void)state;
	usb_kbd.answer = USB_STALL;
	device_scan_rest();
	assert_int_equal(usb_kbd.requests, 2);
	usb_kbd_tap(A);
	assert_string_equal(usb_kbd_read(), "a");
	assert_string_equal(fake_printed, "");
}

static void keys_are_typed(void **state)
{
	(void)state;
	device_scan_rest();
	usb_kbd_tap(A);
	usb_kbd_report(8, 0x02, 0, 0);
	usb_kbd_report(8, 0x02, A, 0);
	usb_kbd_tap(F12);
	assert_string_equal(usb_kbd_read(), "aA\033[24~");
	assert_string_equal(usb_kbd_read(), "");
}

static unsigned interval(enum usb_speed speed, uint8_t wanted, bool real)
{
	struct usb_interface *intf;

	usb_kbd_unplug(NULL);
	usb_kbd_plug(NULL);
	usb_kbd.fd.speed = speed;
	usb_kbd.config[USB_KBD_ENDPOINT + 6] = wanted;
	fake_usb.real = real;
	device_scan_rest();
	intf = usb_interface_of(device_of(tree_find("keyboard")));
	return intf->endpoints[0].interval;
}

/* Frames of 1 ms, or 2^(n - 1) microframes. [USB 2.0, table 9-13] */
static void reports_are_asked_for_every_ms(void **state)
{
	(void)state;
	assert_int_equal(interval(USB_HIGH, 7, false), 4);
	assert_int_equal(interval(USB_HIGH, 2, false), 2);
	assert_int_equal(interval(USB_FULL, 10, false), 1);
	assert_int_equal(interval(USB_LOW, 10, false), 1);
	/* Real devices get what they ask for. */
	assert_int_equal(interval(USB_HIGH, 7, true), 7);
	assert_int_equal(interval(USB_LOW, 10, true), 10);
}

/* QEMU's queue holds 16 scan codes. */
static void a_full_queue_is_typed_at_once(void **state)
{
	(void)state;
	device_scan_rest();
	for (uint8_t i = 0; i < 8; i++)
		usb_kbd_tap((uint8_t)(A + i));
	assert_string_equal(usb_kbd_read(), "abcdefgh");
}

static void an_idle_read_asks_nothing(void **state)
{
	unsigned served, polls;

	(void)state;
	device_scan_rest();
	served = fake_usb.served;
	polls = fake_usb.polls;
	for (unsigned i = 0; i < 100; i++)
		assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(fake_usb.served, served);
	assert_int_equal(fake_usb.polls, polls);
	assert_int_equal(fake_usb.starts, 1);
}

static void several_keyboards_are_read_each(void **state)
{
	(void)state;
	usb_kbd_plug_at(3, &usb_kbd2, 1, 1);
	usb_kbd2.config[USB_KBD_INTERFACE + 2] = 7;
	device_scan_rest();
	assert_ptr_equal(tree_find("keyboard"),
			 tree_find("/usb@1/usb-keyboard@3"));
	usb_kbd2.queue[0][2] = A;
	usb_kbd2.lengths[0] = 8;
	usb_kbd2.n = 1;
	usb_kbd_tap(A + 1);
	assert_string_equal(usb_kbd_read_from("/usb@1/usb-keyboard@3"), "a");
	assert_string_equal(usb_kbd_read(), "b");
}

static void quiesce_ends_it(void **state)
{
	(void)state;
	device_scan_rest();
	usb_kbd_tap(A);
	device_quiesce_all(NULL);
	assert_false(fake_usb.running);
	assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(fake_usb.starts, 1);
}

static void a_reset_of_the_controller_is_not_noticed(void **state)
{
	(void)state;
	device_scan_rest();
	usb_kbd_report(8, 0x02, A, 0);
	assert_string_equal(usb_kbd_read(), "A");
	device_stop(usb_kbd_hc);
	assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(fake_usb.starts, 2);
	assert_int_equal(fake_usb.pipes, 2);
	assert_int_equal(usb_kbd.requests, 4);
	/* The same key is a new one. */
	usb_kbd_tap(A);
	assert_string_equal(usb_kbd_read(), "a");
	assert_string_equal(fake_printed, "");
}

/* Otherwise the controller would write reports to memory that is free. */
static void a_removed_keyboard_stops_its_controller(void **state)
{
	(void)state;
	usb_kbd_plug_at(3, &usb_kbd2, 1, 1);
	device_scan_rest();
	assert_true(fake_usb.running);
	tree_remove_node(tree_find("/usb@1/usb-keyboard@2"));
	assert_false(fake_usb.running);
}

static void assert_only_a_node(const char *path)
{
	const struct node *node;

	fake_usb.port[2] = NULL;
	device_scan_rest();
	node = tree_find(path);
	assert_non_null(node);
	assert_null(tree_getprop(node, "device_type", NULL));
	assert_null(console_input_of(device_of(node)));
	assert_int_equal(usb_kbd2.requests, 0);
	assert_int_equal(fake_usb.pipes, 0);
	assert_false(fake_usb.running);
	assert_null(tree_find("keyboard"));
	assert_string_equal(fake_printed, "");
}

static void a_mouse_is_a_node(void **state)
{
	(void)state;
	usb_kbd_plug_at(1, &usb_kbd2, 1, 2);
	assert_only_a_node("/usb@1/usb-mouse@1");
}

static void a_tablet_is_a_node(void **state)
{
	(void)state;
	usb_kbd_plug_at(1, &usb_kbd2, 0, 0);
	assert_only_a_node("/usb@1/usb-tablet@1");
}

static void other_hid_devices_have_no_node(void **state)
{
	(void)state;
	usb_kbd_plug_at(2, &usb_kbd, 1, 3);
	device_scan_rest();
	assert_null(usb_kbd_hc->node->child);
	assert_string_equal(fake_printed, "");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, usb_kbd_plug, usb_kbd_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_keyboard_has_slofs_node_and_alias),
		T(both_requests_are_optional),
		T(keys_are_typed),
		T(reports_are_asked_for_every_ms),
		T(a_full_queue_is_typed_at_once),
		T(an_idle_read_asks_nothing),
		T(several_keyboards_are_read_each),
		T(quiesce_ends_it),
		T(a_reset_of_the_controller_is_not_noticed),
		T(a_removed_keyboard_stops_its_controller),
		T(a_mouse_is_a_node),
		T(a_tablet_is_a_node),
		T(other_hid_devices_have_no_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

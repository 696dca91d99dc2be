// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/hid.c: keyboards that fail, lie or hang.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "tests/fake/usb_keyboard.h"
#include "tree/path.h"

#define A 0x04

static void a_controller_that_does_not_come_back_is_told_once(void **state)
{
	(void)state;
	device_scan_rest();
	device_stop(usb_kbd_hc);
	fake_usb.start_error = ERR_IO;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(usb_kbd_read(), "");
	assert_string_equal(fake_printed,
			    "usb-keyboard /usb@1/usb-keyboard@2: no "
			    "start\r\n");
	assert_int_equal(fake_usb.starts, 3);
}

static void a_halted_endpoint_is_reset_with_its_device(void **state)
{
	unsigned resets;

	(void)state;
	device_scan_rest();
	resets = usb_kbd.fd.resets;
	usb_kbd_report(ERR_IO, 0, 0, 0);
	assert_string_equal(usb_kbd_read(), "");
	assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(usb_kbd.fd.resets, resets + 1);
	assert_int_equal(fake_usb.pipes, 2);
	assert_int_equal(fake_usb.starts, 1);
	usb_kbd_tap(A);
	assert_string_equal(usb_kbd_read(), "a");
	/* It has worked since. */
	usb_kbd_report(ERR_IO, 0, 0, 0);
	usb_kbd_read();
	usb_kbd_read();
	usb_kbd_tap(A);
	assert_string_equal(usb_kbd_read(), "a");
	assert_string_equal(fake_printed, "");
}

static void an_endpoint_that_stays_halted_is_given_up(void **state)
{
	unsigned resets;

	(void)state;
	device_scan_rest();
	usb_kbd_report(ERR_IO, 0, 0, 0);
	usb_kbd_read();
	usb_kbd.fd.reset = NULL;
	usb_kbd.flood = true;
	usb_kbd.next = 0;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(usb_kbd_read(), "");
	assert_string_equal(
		fake_printed,
		"usb-keyboard /usb@1/usb-keyboard@2: its endpoint is "
		"halted, or it was unplugged\r\n");
	resets = usb_kbd.fd.resets;
	usb_kbd_read();
	assert_int_equal(usb_kbd.fd.resets, resets);
	/* Nobody else uses the controller. */
	assert_false(fake_usb.running);
}

static void an_unplugged_keyboard_is_told_once(void **state)
{
	(void)state;
	device_scan_rest();
	usb_kbd.fd.gone = true;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(usb_kbd_read(), "");
	assert_string_equal(fake_printed, "usb-keyboard /usb@1/usb-keyboard@2: "
					  "unplugged\r\n");
	assert_false(fake_usb.running);
}

/* The core drops it, and says so. */
static void
a_keyboard_that_is_another_after_its_reset_is_told_once(void **state)
{
	static uint8_t changed[18];

	(void)state;
	device_scan_rest();
	memcpy(changed, usb_kbd_descriptor, sizeof(changed));
	changed[10]++;
	usb_kbd.fd.descriptor = changed;
	usb_kbd_report(ERR_IO, 0, 0, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("another device after a reset"));
}

static void a_keyboard_that_never_responds_costs_a_second(void **state)
{
	const uint64_t before = deadline_ms();

	(void)state;
	usb_kbd.answer = FAKE_USB_NAK;
	device_scan_rest();
	assert_in_range(deadline_ms() - before, 1000, 3000);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(
		fake_log_has("usb-keyboard /usb@1/usb-keyboard@2: no response "
			     "in 1 s; device reset"));
	assert_string_equal(usb_kbd_read(), "");
	assert_null(tree_find("keyboard"));
	assert_false(fake_usb.running);
}

/* The first keyboard stops the controller of the usb_kbd2. */
static void a_keyboard_that_never_responds_spares_the_others(void **state)
{
	(void)state;
	usb_kbd_plug_at(3, &usb_kbd2, 1, 1);
	usb_kbd.answer = FAKE_USB_NAK;
	device_scan_rest();
	assert_int_equal(fake_log_lines(), 1);
	usb_kbd2.queue[0][2] = A;
	usb_kbd2.lengths[0] = 8;
	usb_kbd2.n = 1;
	assert_string_equal(usb_kbd_read_from("/usb@1/usb-keyboard@3"), "a");
}

static void short_and_long_reports_are_harmless(void **state)
{
	(void)state;
	/* 64 bytes. */
	usb_kbd.config[USB_KBD_ENDPOINT + 4] = 64;
	device_scan_rest();
	for (long len = 0; len < 8; len++)
		usb_kbd_report(len, 0x02, A, 0);
	assert_string_equal(usb_kbd_read(), "");
	for (long len = 9; len <= 64; len++) {
		usb_kbd.n = usb_kbd.next = 0;
		usb_kbd_report(len, 0, A, 0);
		usb_kbd_report(len, 0, 0, 0);
		assert_string_equal(usb_kbd_read(), "a");
	}
}

static void an_endpoint_of_another_size_is_read_in_64_bytes(void **state)
{
	(void)state;
	/* 1024 bytes. */
	usb_kbd.config[USB_KBD_ENDPOINT + 4] = 0;
	usb_kbd.config[USB_KBD_ENDPOINT + 5] = 4;
	device_scan_rest();
	usb_kbd_report(64, 0, A, 0);
	assert_string_equal(usb_kbd_read(), "a");
}

static void a_tiny_endpoint_types_nothing(void **state)
{
	(void)state;
	usb_kbd.config[USB_KBD_ENDPOINT + 4] = 1;
	device_scan_rest();
	usb_kbd_report(1, 0xff, 0, 0);
	assert_string_equal(usb_kbd_read(), "");
}

static void reports_of_all_ones_type_nothing(void **state)
{
	(void)state;
	device_scan_rest();
	memset(usb_kbd.queue[0], 0xff, sizeof(usb_kbd.queue[0]));
	usb_kbd.lengths[usb_kbd.n++] = 8;
	assert_string_equal(usb_kbd_read(), "");
}

/* A read of a device that never ends ends all the same. */
static void a_flood_of_reports_is_bounded(void **state)
{
	unsigned keys = 0;

	(void)state;
	device_scan_rest();
	usb_kbd.flood = true;
	usb_kbd_report(8, 0, 1, 1);
	assert_string_equal(usb_kbd_read(), "");
	usb_kbd.n = usb_kbd.next = 0;
	usb_kbd_report(8, 0, A, 0);
	for (unsigned i = 0; i < 10000; i++)
		keys += (unsigned)strlen(usb_kbd_read());
	assert_int_equal(keys, 10000 * 16);
}

static void assert_no_driver(const char *reason)
{
	device_scan_rest();
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has(reason));
	assert_null(device_of(tree_find("/usb@1/usb-keyboard@2")));
	assert_null(tree_find("keyboard"));
}

static void a_keyboard_with_an_out_endpoint_only_has_no_driver(void **state)
{
	(void)state;
	usb_kbd.config[USB_KBD_ENDPOINT + 2] = 0x01;
	assert_no_driver("no interrupt IN endpoint");
}

static void a_keyboard_with_a_bulk_endpoint_only_has_no_driver(void **state)
{
	(void)state;
	usb_kbd.config[USB_KBD_ENDPOINT + 3] = 2;
	assert_no_driver("no interrupt IN endpoint");
}

static void without_memory_nothing_is_left(void **state)
{
	(void)state;
	for (long n = 0; n < 60; n++) {
		usb_kbd_unplug(NULL);
		usb_kbd_plug(NULL);
		fake_heap_fail_after(n);
		device_scan_rest();
		fake_heap_fail_after(-1);
		if (tree_find("/usb@1/usb-keyboard@2") &&
		    device_of(tree_find("/usb@1/usb-keyboard@2")))
			usb_kbd_read();
	}
	assert_string_equal(usb_kbd_read(), "");
	assert_ptr_equal(tree_find("keyboard"),
			 tree_find("/usb@1/usb-keyboard@2"));
}

static void without_room_in_the_window_it_is_silent(void **state)
{
	(void)state;
	fake_usb.window = true;
	/* The first mapping is for control transfers. */
	fake_dma_fail(2);
	device_scan_rest();
	assert_string_equal(usb_kbd_read(), "");
	assert_int_equal(fake_usb.pipes, 0);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, usb_kbd_plug, usb_kbd_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_controller_that_does_not_come_back_is_told_once),
		T(a_halted_endpoint_is_reset_with_its_device),
		T(an_endpoint_that_stays_halted_is_given_up),
		T(an_unplugged_keyboard_is_told_once),
		T(a_keyboard_that_is_another_after_its_reset_is_told_once),
		T(a_keyboard_that_never_responds_costs_a_second),
		T(a_keyboard_that_never_responds_spares_the_others),
		T(short_and_long_reports_are_harmless),
		T(an_endpoint_of_another_size_is_read_in_64_bytes),
		T(a_tiny_endpoint_types_nothing),
		T(reports_of_all_ones_type_nothing),
		T(a_flood_of_reports_is_bounded),
		T(a_keyboard_with_an_out_endpoint_only_has_no_driver),
		T(a_keyboard_with_a_bulk_endpoint_only_has_no_driver),
		T(without_memory_nothing_is_left),
		T(without_room_in_the_window_it_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/core.c: the bus, starts that fail, the end of all.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"
#include "tree/prop.h"

static struct fake_usb_thing disk, keyboard, child, hub;

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	return device_of(node);
}

/* A disk at port 1, a hub with a disk at 2, a keyboard at 3. */
static struct device *plug(void)
{
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_hub(&hub, USB_HIGH, 4);
	fake_usb_disk(&child, USB_HIGH);
	fake_usb_keyboard(&keyboard, USB_LOW);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &hub.fd;
	hub.fd.behind[1] = &child.fd;
	fake_usb.port[3] = &keyboard.fd;
	return fake_usb_plug("usb@1");
}

#define ALL "storage@1 hub@2 hub@2/storage@1 keyboard@3 "
#define assert_nodes(dev, want)                                                \
	assert_string_equal(fake_usb_nodes((dev)->node), want)

/* All can be opened, and the controller stops after that. */
static void expect_all_work(const struct device *hc)
{
	static const char *const paths[] = { "/usb@1/storage@1",
					     "/usb@1/hub@2/storage@1",
					     "/usb@1/keyboard@3" };

	assert_nodes(hc, ALL);
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(device_open(find(paths[i])), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		device_close(find(paths[i]));
	assert_int_equal(hc->users, 0);
	assert_false(fake_usb.running);
}

static const char *matched(uint8_t class, uint8_t subclass, uint8_t protocol)
{
	const struct usb_interface intf = { .class = class,
					    .subclass = subclass,
					    .protocol = protocol };
	const struct usb_match *match = usb_match_of(&intf);

	return match ? match->node : "none";
}

static void interfaces_match_by_class(void **state)
{
	(void)state;
	assert_string_equal(matched(8, 6, 0x50), "storage");
	assert_string_equal(matched(8, 6, 0x62), "none");
	assert_string_equal(matched(8, 5, 0x50), "none");
	assert_string_equal(matched(7, 6, 0x50), "none");
	assert_string_equal(matched(3, 1, 1), "keyboard");
	assert_string_equal(matched(3, 1, 2), "mouse");
	/* A hub of any kind. */
	assert_string_equal(matched(9, 0, 0), "hub");
	assert_string_equal(matched(9, 1, 2), "hub");
	assert_string_equal(matched(0, 0, 0), "none");
	assert_string_equal(matched(255, 255, 255), "none");
}

static const char *text(const char *path, const char *prop)
{
	return tree_getprop(tree_find(path), prop, NULL);
}

static void a_controller_describes_itself(void **state)
{
	uint32_t cells = 0;

	(void)state;
	fake_usb_plug("usb@1");
	fake_usb_plug_other("usb@2");
	assert_string_equal(text("/usb@1", "device_type"), "fake-usb");
	assert_int_equal(tree_get_u32(tree_find("/usb@1"), "#address-cells", 0,
				      &cells),
			 0);
	assert_int_equal(cells, 1);
	assert_int_equal(
		tree_get_u32(tree_find("/usb@1"), "#size-cells", 0, &cells), 0);
	assert_int_equal(cells, 0);
	assert_string_equal(text("/aliases", "usb0"), "/usb@1");
	assert_string_equal(text("/aliases", "usb1"), "/usb@2");
	/* Nothing was asked for that. */
	assert_int_equal(fake_usb.starts, 0);
	assert_int_equal(fake_usb_other.starts, 0);
}

static void without_memory_it_has_no_driver(void **state)
{
	struct device *dev = fake_usb_plug("usb@1");
	static struct usb_controller hc;

	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(usb_controller_attach(&hc, dev, fake_usb.hc.ops, "x"),
			 ERR_NOMEM);
	assert_string_equal(reason(), "cannot describe it: out of memory");
	dev->priv = &fake_usb.hc;
}

static void endpoints_are_found_by_type_and_direction(void **state)
{
	struct usb_interface intf = {
		.n_endpoints = 3,
		.endpoints = { { .address = 0x83, .type = USB_EP_INTERRUPT },
			       { .address = 0x02, .type = USB_EP_BULK },
			       { .address = 0x81, .type = USB_EP_BULK } },
	};

	(void)state;
	assert_ptr_equal(usb_endpoint_find(&intf, USB_EP_BULK, USB_IN),
			 &intf.endpoints[2]);
	assert_ptr_equal(usb_endpoint_find(&intf, USB_EP_BULK, 0),
			 &intf.endpoints[1]);
	assert_ptr_equal(usb_endpoint_find(&intf, USB_EP_INTERRUPT, USB_IN),
			 &intf.endpoints[0]);
	assert_null(usb_endpoint_find(&intf, USB_EP_INTERRUPT, 0));
	intf.n_endpoints = 2;
	assert_null(usb_endpoint_find(&intf, USB_EP_BULK, USB_IN));
}

static void ports_may_have_other_numbers(void **state)
{
	const struct usb_controller_ops plain = { 0 };
	const struct usb_controller hc = { .ops = &plain };

	(void)state;
	assert_int_equal(usb_port_unit(&hc, 7), 7);
	fake_usb.unit[3] = 9;
	plug();
	fake_usb_scan();
	assert_string_equal(usb_device_name(fake_usb_known(&keyboard)),
			    "/usb@1 port 9");
	assert_string_equal(usb_device_name(fake_usb_known(&child)),
			    "/usb@1 port 2.1");
}

static void a_start_that_fails_has_a_reason(void **state)
{
	struct device *hc = plug(), *dev;

	(void)state;
	fake_usb_scan();
	dev = find("/usb@1/hub@2/storage@1");
	fake_usb.start_error = ERR_IO;
	assert_int_equal(device_open(dev), ERR_IO);
	assert_string_equal(reason(), "no start");
	fake_usb.start_error = 0;
	hub.fd.gone = true;
	assert_int_equal(device_open(dev), ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
	assert_int_equal(hc->users, 0);
	hub.fd.gone = false;
	expect_all_work(hc);
}

/* The controller is open, and goes down at the address of one device. */
static long take_down(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	(void)fd;
	device_stop(t->udev->hc->dev);
	return ERR_IO;
}

static void a_start_does_not_try_for_ever(void **state)
{
	struct device *hc = plug();

	(void)state;
	fake_usb_scan();
	disk.fd.serve = take_down;
	fake_usb.starts = 0;
	assert_int_equal(device_open(find("/usb@1/storage@1")), ERR_IO);
	assert_string_equal(reason(),
			    "the controller is reset again and again");
	assert_int_equal(fake_usb.starts, 3);
	assert_int_equal(hc->users, 0);
	/* Nor if it does not come up again. */
	assert_int_equal(device_open(find("/usb@1/keyboard@3")), 0);
	device_stop(hc);
	fake_usb.start_error = ERR_IO;
	assert_int_equal(usb_device_start(fake_usb_known(&keyboard)), ERR_IO);
	assert_string_equal(reason(), "no start");
	device_close(find("/usb@1/keyboard@3"));
}

/* The device hangs and hangs: it is not the controller's fault. */
static void a_start_may_time_out(void **state)
{
	struct device *hc = plug();

	(void)state;
	fake_usb_scan();
	disk.trouble = FAKE_USB_NAK;
	disk.trouble_at = 1;
	disk.lasting = true;
	assert_int_equal(device_open(find("/usb@1/storage@1")), ERR_NODEV);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(hc->users, 0);
	assert_int_equal(device_open(find("/usb@1/keyboard@3")), 0);
	device_close(find("/usb@1/keyboard@3"));
}

static void nothing_starts_after_quiesce(void **state)
{
	struct device *hc = plug(), *dev;

	(void)state;
	fake_usb_scan();
	dev = find("/usb@1/storage@1");
	assert_int_equal(device_open(dev), 0);
	device_quiesce_all(NULL);
	assert_false(fake_usb.running);
	assert_int_equal(hc->state, DEVICE_QUIESCED);
	assert_int_equal(device_open(dev), ERR_NODEV);
	assert_int_equal(device_open(find("/usb@1/keyboard@3")), ERR_NODEV);
	assert_int_equal(fake_usb.starts, 2);
}

/* A keyboard that is the console goes on, and its controller with it. */
static void the_console_survives_quiesce(void **state)
{
	struct device *hc = plug(), *dev;

	(void)state;
	fake_usb_scan();
	dev = find("/usb@1/keyboard@3");
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(device_open(find("/usb@1/storage@1")), 0);
	device_quiesce_all(dev->node);
	assert_true(fake_usb.running);
	assert_true(usb_device_is_up(fake_usb_known(&keyboard)));
	assert_int_equal(hc->users, 1);
	device_close(dev);
	assert_false(fake_usb.running);
}

/* Where an exception, or the removal of a node, leaves a scan. */
static jmp_buf out;
static unsigned stop_at, served;
static long (*usual_serve)(struct fake_usb_device *fd,
			   const struct usb_transfer *t);

static long serve(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	if (++served == stop_at)
		longjmp(out, 1);
	return usual_serve(fd, t);
}

/* Returns true if the scan was left at the nth transfer to any device. */
static bool scan_until(unsigned n)
{
	usual_serve = disk.fd.serve;
	disk.fd.serve = keyboard.fd.serve = child.fd.serve = serve;
	hub.fd.serve = serve;
	served = 0;
	stop_at = n;
	if (setjmp(out))
		return true;
	fake_usb_scan();
	stop_at = 0;
	return false;
}

static void a_scan_may_be_abandoned_anywhere(void **state)
{
	volatile unsigned n = 1;
	struct device *hc = plug();

	while (scan_until(n)) {
		stop_at = 0;
		device_abandon_all();
		assert_false(fake_usb.running);
		/* It is over: what was known by then is there. */
		device_scan_rest();
		device_scan_all();
		assert_false(hc->priv && fake_usb.hc.scanning);
		for (struct node *at = hc->node; at; at = tree_next(at)) {
			if (!strcmp(at->name, "usb") ||
			    !strcmp(at->name, "hub"))
				continue;
			assert_int_equal(device_open(device_of(at)), 0);
			device_close(device_of(at));
		}
		assert_int_equal(hc->users, 0);
		assert_string_equal(fake_printed, "");
		fake_usb_teardown(state);
		fake_usb_setup(state);
		hc = plug();
		n++;
	}
	assert_true(n > 30);
	expect_all_work(hc);
}

/* The first use of a device, hubs included. */
static void a_start_may_be_abandoned_anywhere(void **state)
{
	volatile unsigned n = 1;
	struct device *hc = plug();
	struct device *dev;

	(void)state;
	fake_usb_scan();
	dev = find("/usb@1/hub@2/storage@1");
	usual_serve = child.fd.serve;
	child.fd.serve = hub.fd.serve = serve;
	for (;; n++) {
		served = 0;
		stop_at = n;
		if (!setjmp(out)) {
			assert_int_equal(device_open(dev), 0);
			stop_at = 0;
			break;
		}
		device_abandon_all();
		assert_false(fake_usb.running);
		assert_int_equal(hc->users, 0);
	}
	device_close(dev);
	assert_true(n > 15);
	expect_all_work(hc);
}

/* The teardown finds what is not freed. */
static void a_controller_may_be_removed_anywhere(void **state)
{
	volatile unsigned n = 1;

	plug();
	while (scan_until(n)) {
		tree_remove_node(tree_find("/usb@1"));
		assert_false(fake_usb.running);
		fake_usb_teardown(state);
		fake_usb_setup(state);
		plug();
		n++;
	}
	assert_true(n > 30);
	assert_int_equal(device_open(find("/usb@1/storage@1")), 0);
	tree_remove_node(tree_find("/usb@1"));
	assert_false(fake_usb.running);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(interfaces_match_by_class),
		T(a_controller_describes_itself),
		T(without_memory_it_has_no_driver),
		T(endpoints_are_found_by_type_and_direction),
		T(ports_may_have_other_numbers),
		T(a_start_that_fails_has_a_reason),
		T(a_start_does_not_try_for_ever),
		T(a_start_may_time_out),
		T(nothing_starts_after_quiesce),
		T(the_console_survives_quiesce),
		T(a_scan_may_be_abandoned_anywhere),
		T(a_start_may_be_abandoned_anywhere),
		T(a_controller_may_be_removed_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

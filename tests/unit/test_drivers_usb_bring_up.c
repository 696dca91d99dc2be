// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bring_up.c: from port to configured device, and again.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

static struct fake_usb_thing disk, other, keyboard, hubs[6];

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	return device_of(node);
}

/* A device on a root port: how it is brought up. */
static void expect_trace(enum usb_speed speed, const char *trace,
			 unsigned resets, unsigned mps0)
{
	const struct usb_device *udev;

	fake_usb_disk(&disk, speed);
	fake_usb.port[2] = &disk.fd;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	udev = fake_usb_known(&disk);
	assert_int_equal(udev->speed, speed);
	assert_int_equal(udev->ep0.mps, mps0);
	assert_int_equal(udev->root_port, 2);
	assert_int_equal(udev->route, 0);
	assert_null(udev->tt);
	assert_int_equal(udev->vendor, 0x46f4);
	assert_int_equal(udev->product, 0);
	/* One more by the start of the controller. */
	assert_int_equal(disk.fd.resets, 1 + resets);
	assert_string_equal(disk.trace, trace);
	assert_int_equal(disk.fd.configuration, 7);
	assert_string_equal(fake_printed, "");
}

/* Address, twice the device, twice the configuration, set it, endpoints. */
static void a_high_speed_device_comes_up(void **state)
{
	(void)state;
	expect_trace(USB_HIGH, "accccce", 1, 64);
}

static void a_full_speed_device_comes_up(void **state)
{
	(void)state;
	expect_trace(USB_FULL, "accccce", 1, 8);
}

static void a_low_speed_device_comes_up(void **state)
{
	(void)state;
	expect_trace(USB_LOW, "accccce", 1, 8);
}

/* Its port is enabled: it needs no reset. */
static void a_super_speed_device_comes_up(void **state)
{
	(void)state;
	expect_trace(USB_SUPER, "accccce", 0, 512);
}

static void the_packet_size_may_change(void **state)
{
	(void)state;
	fake_usb_disk(&disk, USB_FULL);
	disk.descriptor[7] = 64;
	fake_usb.port[1] = &disk.fd;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	assert_string_equal(disk.trace, "acmcccce");
	assert_int_equal(fake_usb_known(&disk)->ep0.mps, 64);
}

static void a_root_port_may_take_its_time(void **state)
{
	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	disk.fd.reset_looks = 10;
	fake_usb.port[1] = &disk.fd;
	fake_usb_plug("usb@1");
	assert_in_range(fake_usb_scan(), 100, 500);
	assert_int_equal(fake_usb_known(&disk)->known, true);
	assert_int_equal(disk.fd.resets, 2);
}

static void a_hubs_port_may_take_its_time(void **state)
{
	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_hub(&hubs[0], USB_HIGH, 4);
	disk.fd.reset_looks = 10;
	/* A change of an earlier reset says nothing. */
	hubs[0].sticky = true;
	hubs[0].changed = 1u << 3;
	fake_usb.port[1] = &hubs[0].fd;
	hubs[0].fd.behind[3] = &disk.fd;
	fake_usb_plug("usb@1");
	assert_in_range(fake_usb_scan(), 100, 500);
	assert_string_equal(disk.trace, "accccce");
	assert_string_equal(fake_printed, "");
}

/* Hubs h[0] to h[n - 1] in a row, each at port 2 * (its index + 1). */
static void plug_row(enum usb_speed speed, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fake_usb_hub(&hubs[i], speed, 20);
		if (i)
			hubs[i - 1].fd.behind[2 * i] = &hubs[i].fd;
	}
	fake_usb.port[2] = &hubs[0].fd;
}

static void five_hubs_may_be_in_a_row(void **state)
{
	const struct usb_device *udev;

	(void)state;
	fake_usb_plug("usb@1");
	plug_row(USB_HIGH, 5);
	fake_usb_disk(&disk, USB_HIGH);
	hubs[4].fd.behind[10] = &disk.fd;
	fake_usb_scan();
	assert_non_null(
		tree_find("/usb@1/hub@2/hub@2/hub@4/hub@6/hub@8/storage@a"));
	udev = fake_usb_known(&disk);
	assert_int_equal(udev->depth, 5);
	assert_int_equal(udev->route, 0xa8642);
	assert_int_equal(udev->root_port, 2);
	assert_int_equal(udev->port, 10);
	assert_string_equal(usb_device_name(udev), "/usb@1 port 2.2.4.6.8.10");
	assert_int_equal(fake_usb_known(&hubs[4])->hub_ports, 20);
	assert_string_equal(fake_printed, "");
}

static void a_hub_gives_power_and_is_answered(void **state)
{
	(void)state;
	fake_usb_plug("usb@1");
	fake_usb_hub(&hubs[0], USB_HIGH, 15);
	fake_usb_disk(&disk, USB_HIGH);
	hubs[0].fd.behind[15] = &disk.fd;
	fake_usb.port[1] = &hubs[0].fd;
	fake_usb_scan();
	assert_int_equal(fake_usb_known(&disk)->route, 15);
	assert_int_equal(hubs[0].powered, 0xfffe);
	/* Changes of its port are acknowledged. */
	assert_int_equal(hubs[0].heard, 1u << 15);
	assert_int_equal(hubs[0].changed, 0);
}

static void expect_tt(const struct fake_usb_thing *thing,
		      const struct fake_usb_thing *tt, unsigned port)
{
	const struct usb_device *udev = fake_usb_known(thing);

	assert_int_equal(udev->known, true);
	assert_ptr_equal(udev->tt, tt ? fake_usb_known(tt) : NULL);
	if (tt)
		assert_int_equal(udev->tt_port, port);
}

/* keyboard - FS hub - HS hub - HS hub - root; a HS and a LS one on the way. */
static void the_nearest_high_speed_hub_translates(void **state)
{
	(void)state;
	fake_usb_plug("usb@1");
	plug_row(USB_HIGH, 2);
	fake_usb_hub(&hubs[2], USB_FULL, 4);
	hubs[1].fd.behind[5] = &hubs[2].fd;
	fake_usb_keyboard(&keyboard, USB_FULL);
	hubs[2].fd.behind[3] = &keyboard.fd;
	fake_usb_disk(&disk, USB_HIGH);
	hubs[1].fd.behind[6] = &disk.fd;
	fake_usb_keyboard(&other, USB_LOW);
	hubs[1].fd.behind[7] = &other.fd;
	fake_usb_scan();
	expect_tt(&keyboard, &hubs[1], 5);
	expect_tt(&hubs[2], &hubs[1], 5);
	expect_tt(&hubs[1], NULL, 0);
	expect_tt(&disk, NULL, 0);
	expect_tt(&other, &hubs[1], 7);
	assert_int_equal(fake_usb_known(&other)->speed, USB_LOW);
}

static void behind_a_full_speed_hub_nothing_is_translated(void **state)
{
	(void)state;
	fake_usb_plug("usb@1");
	plug_row(USB_FULL, 2);
	fake_usb_keyboard(&keyboard, USB_LOW);
	hubs[1].fd.behind[1] = &keyboard.fd;
	fake_usb_scan();
	expect_tt(&keyboard, NULL, 0);
}

static void a_super_speed_hub_learns_its_depth(void **state)
{
	(void)state;
	fake_usb_plug("usb@1");
	plug_row(USB_SUPER, 3);
	fake_usb_disk(&disk, USB_SUPER);
	hubs[2].fd.behind[1] = &disk.fd;
	fake_usb_scan();
	assert_int_equal(hubs[0].hub_depth, 0);
	assert_int_equal(hubs[1].hub_depth, 1);
	assert_int_equal(hubs[2].hub_depth, 2);
	assert_int_equal(fake_usb_known(&disk)->speed, USB_SUPER);
	assert_string_equal(fake_printed, "");
}

/* Its endpoints have users: they must stay what they are. */
static void the_configuration_is_read_once(void **state)
{
	struct device *dev;

	(void)state;
	expect_trace(USB_HIGH, "accccce", 1, 64);
	dev = find("/usb@1/storage@2");
	memset(disk.trace, 0, sizeof(disk.trace));
	disk.transfers = 0;
	disk.config[9 + 9 + 2] = 0x83;
	assert_int_equal(device_open(dev), 0);
	assert_string_equal(disk.trace, "accce");
	assert_int_equal(usb_interface_of(dev)->endpoints[0].address, 0x81);
	device_close(dev);
}

static void a_hub_is_brought_up_for_its_device(void **state)
{
	struct device *dev;

	(void)state;
	fake_usb_plug("usb@1");
	plug_row(USB_HIGH, 3);
	fake_usb_disk(&disk, USB_HIGH);
	hubs[2].fd.behind[1] = &disk.fd;
	fake_usb_disk(&other, USB_HIGH);
	hubs[0].fd.behind[1] = &other.fd;
	fake_usb_scan();
	dev = find("/usb@1/hub@2/hub@2/hub@4/storage@1");
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(disk.fd.addresses, 2);
	assert_int_equal(hubs[0].fd.addresses, 2);
	assert_int_equal(hubs[2].fd.addresses, 2);
	/* Nobody needs this one. */
	assert_int_equal(other.fd.addresses, 1);
	assert_int_equal(device_open(find("/usb@1/hub@2/storage@1")), 0);
	assert_int_equal(other.fd.addresses, 2);
	assert_int_equal(hubs[0].fd.addresses, 2);
	device_close(find("/usb@1/hub@2/storage@1"));
	device_close(dev);
}

/* The second interface has no driver. */
static void endpoints_with_a_driver_are_used(void **state)
{
	static const uint8_t two[] = {
		9, 4, 0,    0, 1, 3, 1,	 1, 0, /* keyboard */
		7, 5, 0x81, 3, 8, 0, 10,       /* its interrupt IN */
		7, 5, 0x01, 3, 8, 0, 10,       /* its interrupt OUT */
		9, 4, 1,    0, 1, 3, 0,	 0, 0, /* not a boot device */
		7, 5, 0x82, 3, 8, 0, 10,       /* its interrupt IN */
	};
	const struct usb_config *config;

	(void)state;
	fake_usb_keyboard(&keyboard, USB_FULL);
	fake_usb_set_config(&keyboard, two, sizeof(two));
	fake_usb.port[1] = &keyboard.fd;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	config = &fake_usb_known(&keyboard)->config;
	assert_int_equal(config->n_interfaces, 2);
	assert_true(config->interfaces[0].endpoints[0].used);
	assert_true(config->interfaces[0].endpoints[1].used);
	assert_ptr_equal(config->interfaces[0].endpoints[1].udev,
			 fake_usb_known(&keyboard));
	assert_false(config->interfaces[1].endpoints[0].used);
	assert_ptr_equal(config->interfaces[1].endpoints[0].udev,
			 fake_usb_known(&keyboard));
}

static unsigned interval_at(enum usb_speed speed, bool real)
{
	unsigned interval;

	fake_usb.real = real;
	fake_usb_keyboard(&keyboard, speed);
	fake_usb.port[1] = &keyboard.fd;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	interval = fake_usb_known(&keyboard)
			   ->config.interfaces[0]
			   .endpoints[0]
			   .interval;
	tree_remove_node(tree_find("/usb@1"));
	fake_usb_reset();
	return interval;
}

/* Emulated ones: frames, or 2^(4 - 1) microframes. */
static void reports_come_every_ms(void **state)
{
	(void)state;
	assert_int_equal(interval_at(USB_LOW, false), 1);
	assert_int_equal(interval_at(USB_FULL, false), 1);
	assert_int_equal(interval_at(USB_HIGH, false), 4);
	assert_int_equal(interval_at(USB_SUPER, false), 4);
	assert_int_equal(interval_at(USB_FULL, true), 10);
}

static uint64_t scan_two_disks(void)
{
	fake_usb_plug("usb@1");
	plug_row(USB_HIGH, 1);
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	hubs[0].fd.behind[1] = &other.fd;
	return fake_usb_scan();
}

static void emulated_hardware_needs_no_delays(void **state)
{
	(void)state;
	assert_in_range(scan_two_disks(), 0, 50);
}

/*
 * 400 ms until devices are connected, at root ports and those of a hub; and
 * recovery after resets and addresses. [USB 2.0, 7.1.7.3, 7.1.7.5, 9.2.6.3]
 */
static void real_hardware_needs_delays(void **state)
{
	uint64_t took;

	(void)state;
	fake_usb.real = true;
	took = scan_two_disks();
	assert_in_range(took, 2 * 400 + 50, 2 * 400 + 150);
	assert_string_equal(other.trace, "accccce");
}

/* They are not there at once, after any start. */
static void real_devices_connect_late(void **state)
{
	struct device *dev;

	(void)state;
	fake_usb.real = true;
	fake_usb.connect_ms = 350;
	fake_usb_disk(&keyboard, USB_SUPER);
	fake_usb.port[4] = &keyboard.fd;
	/* The controller is reset on the way. */
	fake_usb.lost_at = 3;
	scan_two_disks();
	hubs[0].connect_ms = 350;
	dev = find("/usb@1/storage@1");
	assert_int_equal(device_open(dev), 0);
	device_close(dev);
	dev = find("/usb@1/hub@2/storage@1");
	assert_int_equal(device_open(dev), 0);
	device_close(dev);
	dev = find("/usb@1/storage@4");
	keyboard.fd.resets = 0;
	assert_int_equal(device_open(dev), 0);
	/* By the controller's start. */
	assert_int_equal(keyboard.fd.resets, 1);
	device_close(dev);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_high_speed_device_comes_up),
		T(a_full_speed_device_comes_up),
		T(a_low_speed_device_comes_up),
		T(a_super_speed_device_comes_up),
		T(the_packet_size_may_change),
		T(a_root_port_may_take_its_time),
		T(a_hubs_port_may_take_its_time),
		T(five_hubs_may_be_in_a_row),
		T(a_hub_gives_power_and_is_answered),
		T(the_nearest_high_speed_hub_translates),
		T(behind_a_full_speed_hub_nothing_is_translated),
		T(a_super_speed_hub_learns_its_depth),
		T(the_configuration_is_read_once),
		T(a_hub_is_brought_up_for_its_device),
		T(endpoints_with_a_driver_are_used),
		T(reports_come_every_ms),
		T(emulated_hardware_needs_no_delays),
		T(real_hardware_needs_delays),
		T(real_devices_connect_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

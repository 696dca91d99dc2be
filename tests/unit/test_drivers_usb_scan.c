// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/scan.c: nodes, their order, controllers that settle.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"
#include "tree/prop.h"

static struct fake_usb_thing disk, other, keyboard, hubs[6];

static uint32_t number(const char *path, const char *prop)
{
	struct node *node = tree_find(path);
	uint32_t value = 0;

	assert_non_null(node);
	assert_int_equal(tree_get_u32(node, prop, 0, &value), 0);
	return value;
}

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	assert_non_null(device_of(node));
	return device_of(node);
}

#define assert_nodes(dev, want)                                                \
	assert_string_equal(fake_usb_nodes((dev)->node), want)

static void each_device_has_a_node_at_its_port(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_keyboard(&keyboard, USB_FULL);
	fake_usb.port[3] = &disk.fd;
	fake_usb.port[5] = &keyboard.fd;
	fake_usb_scan();
	assert_nodes(hc, "storage@3 keyboard@5 ");
	assert_int_equal(number("/usb@1/storage@3", "reg"), 3);
	/* As the USB binding to IEEE 1275 writes vendor and product. */
	assert_string_equal(tree_get_str(tree_find("/usb@1/storage@3"),
					 "compatible"),
			    "usb46f4,0");
	/* Disks below it: its own driver describes them. */
	assert_null(tree_getprop(tree_find("/usb@1/storage@3"),
				 "#address-cells", NULL));
	assert_string_equal(find("/usb@1/storage@3")->driver->name,
			    "fake-usb-class");
	assert_string_equal(fake_printed, "");
}

/* xHCI: one plug is two ports. */
static void the_controller_numbers_its_ports(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_SUPER);
	fake_usb_disk(&other, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[6] = &other.fd;
	fake_usb.unit[6] = 2;
	fake_usb_scan();
	assert_nodes(hc, "storage@1 storage@2 ");
	assert_int_equal(number("/usb@1/storage@2", "reg"), 2);
}

static void what_is_behind_hubs_is_below_their_nodes(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_hub(&hubs[0], USB_HIGH, 4);
	fake_usb_hub(&hubs[1], USB_FULL, 8);
	fake_usb_disk(&disk, USB_FULL);
	fake_usb_disk(&other, USB_HIGH);
	fake_usb.port[2] = &hubs[0].fd;
	hubs[0].fd.behind[4] = &hubs[1].fd;
	hubs[0].fd.behind[1] = &other.fd;
	hubs[1].fd.behind[8] = &disk.fd;
	fake_usb_scan();
	assert_nodes(hc, "hub@2 hub@2/storage@1 hub@2/hub@4 "
			 "hub@2/hub@4/storage@8 ");
	assert_int_equal(number("/usb@1/hub@2/hub@4", "reg"), 4);
	/* The controller is their host: hubs are not started. */
	assert_ptr_equal(find("/usb@1/hub@2/hub@4/storage@8")->host, hc);
	assert_string_equal(fake_printed, "");
}

/* Root ports and hubs with slow and fast devices, first and last. */
static void plug_many(void)
{
	static struct fake_usb_thing disks[8];
	unsigned i;

	for (i = 0; i < 8; i++) {
		fake_usb_disk(&disks[i], USB_HIGH);
		disks[i].slow_ms = 10 * ((i * 5) % 8);
	}
	fake_usb_hub(&hubs[0], USB_HIGH, 4);
	fake_usb_hub(&hubs[1], USB_HIGH, 4);
	hubs[0].slow_ms = 40;
	fake_usb.port[1] = &disks[0].fd;
	fake_usb.port[2] = &hubs[0].fd;
	fake_usb.port[3] = &disks[1].fd;
	hubs[0].fd.behind[1] = &disks[2].fd;
	hubs[0].fd.behind[2] = &hubs[1].fd;
	hubs[0].fd.behind[3] = &disks[3].fd;
	hubs[1].fd.behind[1] = &disks[4].fd;
	hubs[1].fd.behind[4] = &disks[5].fd;
	fake_usb.port[7] = &disks[6].fd;
	fake_usb.port[8] = &disks[7].fd;
}

static void the_order_is_that_of_ports(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	plug_many();
	fake_usb_scan();
	assert_nodes(hc, "storage@1 hub@2 hub@2/storage@1 hub@2/hub@2 "
			 "hub@2/hub@2/storage@1 hub@2/hub@2/storage@4 "
			 "hub@2/storage@3 storage@3 storage@7 storage@8 ");
}

static void whatever_answers_first(void **state)
{
	(void)state;
	fake_usb.backward = true;
	the_order_is_that_of_ports(state);
}

/* Keyboard, mouse and two disks in one device. */
static const uint8_t composite[] = {
	8, 11, 0,    4, 3, 1, 1,  0,	   /* interface association */
	9, 4,  0,    0, 1, 3, 1,  1,	0, /* keyboard */
	7, 5,  0x81, 3, 8, 0, 10,	   /* its interrupt IN */
	9, 4,  1,    0, 1, 3, 1,  2,	0, /* mouse */
	7, 5,  0x82, 3, 4, 0, 10,	   /* its interrupt IN */
	9, 4,  2,    0, 1, 3, 1,  1,	0, /* a second keyboard */
	7, 5,  0x83, 3, 8, 0, 10,	   /* its interrupt IN */
	9, 4,  3,    0, 2, 8, 6,  0x50, 0, /* disk */
	7, 5,  0x84, 2, 0, 2, 0,	   /* its bulk IN */
	7, 5,  0x04, 2, 0, 2, 0,	   /* its bulk OUT */
	9, 4,  4,    0, 0, 1, 1,  0,	0, /* audio: no driver */
	9, 4,  4,    1, 0, 8, 6,  0x50, 0, /* not alternate setting 0 */
};

static void each_interface_has_a_node(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");
	struct usb_interface *intf;

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_set_config(&disk, composite, sizeof(composite));
	fake_usb.port[1] = &disk.fd;
	fake_usb_scan();
	/* Of two with one name, the first has it. */
	assert_nodes(hc, "keyboard@1 mouse@1 storage@1 ");
	intf = usb_interface_of(find("/usb@1/keyboard@1"));
	assert_int_equal(intf->number, 0);
	assert_ptr_equal(intf->node, find("/usb@1/keyboard@1")->node);
	intf = usb_interface_of(find("/usb@1/storage@1"));
	assert_int_equal(intf->number, 3);
	assert_int_equal(intf->endpoints[1].address, 4);
	assert_string_equal(fake_printed, "");
}

static void what_has_no_driver_has_no_node(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	disk.config[9 + 6] = 0x11;
	fake_usb.port[1] = &disk.fd;
	fake_usb_disk(&other, USB_HIGH);
	fake_usb_set_config(&other, NULL, 0);
	fake_usb.port[2] = &other.fd;
	fake_usb_scan();
	assert_nodes(hc, "");
	assert_int_equal(disk.fd.configuration, 7);
	assert_string_equal(fake_printed, "");
}

static void a_failed_attach_is_printed(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_attach_error = ERR_IO;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	fake_usb_scan();
	assert_nodes(hc, "storage@1 ");
	assert_null(device_of(tree_find("/usb@1/storage@1")));
	assert_string_equal(fake_printed,
			    "fake-usb-class /usb@1/storage@1: no attach\r\n");
}

/* A hub of USB 3 is two hubs, and one plug is two ports. */
static void both_halves_of_a_hub_share_a_node(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_hub(&hubs[0], USB_SUPER, 4);
	fake_usb_hub(&hubs[1], USB_HIGH, 4);
	fake_usb_disk(&disk, USB_SUPER);
	fake_usb_keyboard(&keyboard, USB_LOW);
	fake_usb.port[1] = &hubs[0].fd;
	fake_usb.port[5] = &hubs[1].fd;
	fake_usb.unit[5] = 1;
	hubs[0].fd.behind[2] = &disk.fd;
	hubs[1].fd.behind[3] = &keyboard.fd;
	fake_usb_scan();
	assert_nodes(hc, "hub@1 hub@1/storage@2 hub@1/keyboard@3 ");
	assert_int_equal(number("/usb@1/hub@1", "#address-cells"), 1);
	assert_int_equal(number("/usb@1/hub@1", "#size-cells"), 0);
}

static void controllers_are_scanned_together(void **state)
{
	struct device *a = fake_usb_plug("usb@1");
	struct device *b = fake_usb_plug_other("usb@2");
	uint64_t alone, together;

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	disk.slow_ms = 200;
	fake_usb.port[1] = &disk.fd;
	alone = fake_usb_scan();
	assert_nodes(a, "storage@1 ");
	tree_remove_node(a->node);
	tree_remove_node(b->node);

	fake_usb_reset();
	a = fake_usb_plug("usb@1");
	b = fake_usb_plug_other("usb@2");
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_HIGH);
	disk.slow_ms = other.slow_ms = 200;
	fake_usb.port[1] = &disk.fd;
	fake_usb_other.port[1] = &other.fd;
	together = fake_usb_scan();
	assert_nodes(a, "storage@1 ");
	assert_nodes(b, "storage@1 ");
	assert_in_range(alone, 6 * 200, 8 * 200);
	assert_in_range(together, alone, alone + 50);
}

static void without_users_the_controller_is_stopped(void **state)
{
	struct device *hc = fake_usb_plug("usb@1"), *dev;
	const struct usb_device *udev;
	unsigned i;

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	fake_usb_scan();
	assert_false(fake_usb.running);
	assert_int_equal(hc->users, 0);
	dev = find("/usb@1/storage@1");
	udev = usb_interface_of(dev)->udev;
	assert_false(usb_device_is_up(udev));
	for (i = 1; i <= 3; i++) {
		assert_int_equal(device_open(dev), 0);
		assert_true(fake_usb.running && usb_device_is_up(udev));
		assert_int_equal(disk.fd.addresses, 1 + i);
		assert_int_equal(disk.fd.configuration, 7);
		device_close(dev);
		assert_false(fake_usb.running);
	}
	assert_int_equal(fake_usb.starts, 4);
	assert_string_equal(fake_printed, "");
}

static void who_has_it_open_keeps_the_controller(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	assert_int_equal(device_open(hc), 0);
	fake_usb_scan();
	assert_true(fake_usb.running);
	assert_int_equal(hc->users, 1);
	/* Then nothing needs to be brought up again. */
	assert_int_equal(device_open(find("/usb@1/storage@1")), 0);
	assert_int_equal(disk.fd.addresses, 1);
	device_close(find("/usb@1/storage@1"));
	assert_true(fake_usb.running);
	device_close(hc);
	assert_false(fake_usb.running);
}

static void a_controller_that_does_not_start_is_printed(void **state)
{
	struct device *a = fake_usb_plug("usb@1");
	struct device *b = fake_usb_plug_other("usb@2");

	(void)state;
	fake_usb.start_error = ERR_IO;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	fake_usb_other.port[1] = &other.fd;
	fake_usb_scan();
	assert_nodes(a, "");
	assert_nodes(b, "storage@1 ");
	assert_string_equal(fake_printed, "usb /usb@1: no start\r\n");
}

/* It starts, and does not after the reset that another's silence causes. */
static long break_controller(struct fake_usb_device *fd,
			     const struct usb_setup *setup, uint8_t *data,
			     uint32_t len)
{
	(void)fd;
	(void)setup;
	(void)data;
	(void)len;
	fake_usb.start_error = ERR_IO;
	return FAKE_USB_NAK;
}

static void a_controller_may_fail_to_start_again(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &other.fd;
	disk.fd.control = break_controller;
	fake_usb_scan();
	assert_int_equal(fake_log_lines(), 2);
	assert_true(fake_log_has("usb /usb@1: no start\r\n"));
	assert_int_equal(hc->users, 0);
	/* What was found is there, and can be used when that works again. */
	assert_nodes(hc, "storage@2 ");
	fake_usb.start_error = 0;
	assert_int_equal(device_open(find("/usb@1/storage@2")), 0);
	device_close(find("/usb@1/storage@2"));
}

static void plug_a_few(void)
{
	fake_usb_hub(&hubs[0], USB_HIGH, 2);
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_keyboard(&keyboard, USB_FULL);
	fake_usb.port[1] = &hubs[0].fd;
	fake_usb.port[2] = &keyboard.fd;
	hubs[0].fd.behind[1] = &disk.fd;
}

/* Whatever allocation fails: it is said, and nothing is left over. */
static void memory_may_run_out_anywhere(void **state)
{
	unsigned long n = 0;
	bool failed;

	do {
		struct device *hc = fake_usb_plug("usb@1");

		plug_a_few();
		fake_log_clear();
		fake_heap_fail_after((long)n++);
		assert_true(fake_usb_scan() < 1000);
		failed = fake_heap_failed();
		if (failed)
			assert_true(fake_log_has("memory"));
		else
			assert_nodes(hc, "hub@1 hub@1/storage@1 keyboard@2 ");
		fake_usb_teardown(state);
		fake_usb_setup(state);
	} while (failed);
	assert_true(n > 20);
}

/* For all that comes after the bring-up of the only device. */
static void a_node_without_memory_is_printed(void **state)
{
	struct device *hc = fake_usb_plug("usb@1");

	(void)state;
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb.port[1] = &disk.fd;
	/* Its device, its data, its page: these it has. */
	fake_heap_fail_after(3);
	fake_usb_scan();
	assert_nodes(hc, "");
	assert_string_equal(fake_printed, "usb /usb@1: no memory for the node "
					  "storage@1\r\n");
}

static void and_bus_addresses_too(void **state)
{
	unsigned n;

	for (n = 1; n <= 3; n++) {
		struct device *hc = fake_usb_plug("usb@1");

		plug_a_few();
		fake_usb.window = true;
		fake_dma_fail(n);
		assert_true(fake_usb_scan() < 1000);
		/* Each is asked twice. */
		assert_nodes(hc, "hub@1 hub@1/storage@1 keyboard@2 ");
		fake_usb_teardown(state);
		fake_usb_setup(state);
	}
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_device_has_a_node_at_its_port),
		T(the_controller_numbers_its_ports),
		T(what_is_behind_hubs_is_below_their_nodes),
		T(the_order_is_that_of_ports),
		T(whatever_answers_first),
		T(each_interface_has_a_node),
		T(what_has_no_driver_has_no_node),
		T(a_failed_attach_is_printed),
		T(both_halves_of_a_hub_share_a_node),
		T(controllers_are_scanned_together),
		T(without_users_the_controller_is_stopped),
		T(who_has_it_open_keeps_the_controller),
		T(a_controller_that_does_not_start_is_printed),
		T(a_controller_may_fail_to_start_again),
		T(memory_may_run_out_anywhere),
		T(a_node_without_memory_is_printed),
		T(and_bus_addresses_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

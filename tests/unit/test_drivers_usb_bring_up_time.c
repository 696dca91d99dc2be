// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bring_up.c: several that hang, slow ones, little time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

#define SILENCE_MS 5000u
#define BUS_MS 2000u /* silence while it is at address 0 */
#define SCAN_MS 10000u
#define SLACK_MS 200u

static struct fake_usb_thing things[9], hub;

/* Disks at the root ports 1 to `n`. */
static struct device *plug(unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		fake_usb_disk(&things[i], USB_HIGH);
		fake_usb.port[i] = &things[i].fd;
	}
	return fake_usb_plug("usb@1");
}

static void silence(unsigned i, unsigned at)
{
	things[i].trouble = FAKE_USB_NAK;
	things[i].trouble_at = at;
	things[i].lasting = true;
}

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	return device_of(node);
}

#define assert_nodes(dev, want)                                                \
	assert_string_equal(fake_usb_nodes((dev)->node), want)
#define assert_took(ms, want) assert_in_range(ms, want, (want) + SLACK_MS)

static void a_silent_device_resets_the_controller_once(void **state)
{
	struct device *hc = plug(3);

	(void)state;
	silence(2, 3);
	assert_took(fake_usb_scan(), SILENCE_MS);
	assert_nodes(hc, "storage@1 storage@3 ");
	assert_int_equal(fake_usb.starts, 2);
	assert_int_equal(things[1].fd.addresses, 2);
	assert_int_equal(things[3].fd.addresses, 2);
	assert_int_equal(things[2].fd.addresses, 1);
	assert_string_equal(fake_printed,
			    "usb /usb@1 port 2: device ignored: no response in "
			    "5 s; device reset\r\n");
	/* For ever. */
	things[2].trouble_at = 0;
	assert_int_equal(device_open(find("/usb@1/storage@1")), 0);
	assert_int_equal(things[2].fd.addresses, 1);
	device_close(find("/usb@1/storage@1"));
}

/* Silent while they have the bus, for which the others wait; and after that. */
static void two_may_be_silent(void **state)
{
	for (unsigned at = 1; at <= 2; at++) {
		struct device *hc = plug(4);
		uint32_t first = at == 1 ? BUS_MS : SILENCE_MS;

		silence(1, at);
		silence(3, at);
		/* The other one is silent from the start by then. */
		assert_took(fake_usb_scan(), first + BUS_MS);
		assert_nodes(hc, "storage@2 storage@4 ");
		assert_int_equal(fake_log_lines(), 2);
		assert_int_equal(device_open(find("/usb@1/storage@2")), 0);
		device_close(find("/usb@1/storage@2"));
		fake_usb_teardown(state);
		fake_usb_setup(state);
	}
}

/* For the last ones, no time is left. */
static void any_number_takes_10_s(void **state)
{
	struct device *hc = plug(8);

	(void)state;
	for (unsigned i = 2; i <= 8; i++)
		silence(i, 2);
	assert_in_range(fake_usb_scan(), SCAN_MS, SCAN_MS + BUS_MS);
	assert_nodes(hc, "storage@1 ");
	assert_int_equal(fake_log_lines(), 7);
	assert_true(fake_log_has("usb /usb@1 port 8: device ignored: no time "
				 "is left for it"));
	assert_int_equal(device_open(find("/usb@1/storage@1")), 0);
	device_close(find("/usb@1/storage@1"));
}

/* Each answer comes just in time. */
/*
 * The controller is reset after 5, 7 and 9 s; then a slow device has the bus
 * until the time is over. One that worked, and waits for it, is not to blame.
 */
static void who_only_waits_is_not_ignored(void **state)
{
	struct device *hc = plug(5);

	(void)state;
	silence(1, 2);
	/* When they are brought up again. */
	silence(2, 8);
	silence(3, 8);
	things[4].slow_ms = BUS_MS - 100;
	assert_in_range(fake_usb_scan(), SCAN_MS, SCAN_MS + BUS_MS);
	assert_nodes(hc, "storage@5 ");
	assert_int_equal(fake_log_lines(), 4);
	assert_true(fake_log_has("usb /usb@1 port 4: device ignored: no time "
				 "is left for it"));
	assert_int_equal(device_open(find("/usb@1/storage@5")), 0);
	device_close(find("/usb@1/storage@5"));
}

static void a_slow_device_has_no_more_time(void **state)
{
	struct device *hc = plug(3);

	(void)state;
	things[2].slow_ms = BUS_MS - 100;
	assert_in_range(fake_usb_scan(), SCAN_MS, SCAN_MS + BUS_MS);
	assert_nodes(hc, "storage@1 storage@3 ");
	assert_string_equal(fake_printed, "usb /usb@1 port 2: device ignored: "
					  "no time is left for it\r\n");
	assert_int_equal(device_open(find("/usb@1/storage@3")), 0);
	device_close(find("/usb@1/storage@3"));
}

static void nor_do_many(void **state)
{
	struct device *hc = plug(8);

	(void)state;
	for (unsigned i = 1; i <= 8; i++)
		things[i].slow_ms = BUS_MS - 100;
	assert_in_range(fake_usb_scan(), SCAN_MS, SCAN_MS + BUS_MS);
	assert_nodes(hc, "");
	assert_int_equal(fake_log_lines(), 8);
	assert_int_equal(hc->users, 0);
}

/* 255 ports, two transfers each. */
static void nor_does_a_slow_hub(void **state)
{
	struct device *hc = plug(1);

	(void)state;
	fake_usb_hub(&hub, USB_HIGH, 255);
	hub.slow_ms = 100;
	fake_usb.port[2] = &hub.fd;
	assert_took(fake_usb_scan(), SCAN_MS);
	assert_nodes(hc, "storage@1 ");
	assert_string_equal(fake_printed, "usb /usb@1 port 2: device ignored: "
					  "no time is left for it\r\n");
}

static void the_first_use_has_time_again(void **state)
{
	struct device *dev;
	uint64_t before;

	(void)state;
	plug(1);
	fake_usb_hub(&hub, USB_HIGH, 4);
	fake_usb.port[2] = &hub.fd;
	fake_usb_disk(&things[2], USB_HIGH);
	hub.fd.behind[1] = &things[2].fd;
	fake_usb_scan();
	fake_clock_advance(60ull * TIMEBASE_DEFAULT_HZ);
	dev = find("/usb@1/hub@2/storage@1");
	things[2].slow_ms = 1000;
	assert_int_equal(device_open(dev), 0);
	device_close(dev);
	hub.slow_ms = BUS_MS - 100;
	before = deadline_ms();
	assert_int_equal(device_open(dev), ERR_NODEV);
	assert_in_range(deadline_ms() - before, SCAN_MS, SCAN_MS + BUS_MS);
	assert_false(fake_usb.running);
	assert_true(fake_log_has("usb /usb@1 port 2: device ignored: no time "
				 "is left for it"));
}

/* Its hub is up when the time is over: it is tried again. */
static void who_waits_for_its_hub_is_not_ignored(void **state)
{
	struct device *dev;
	uint64_t before;

	(void)state;
	fake_usb_plug("usb@1");
	fake_usb_hub(&hub, USB_HIGH, 4);
	fake_usb.port[2] = &hub.fd;
	fake_usb_disk(&things[2], USB_HIGH);
	hub.fd.behind[1] = &things[2].fd;
	fake_usb_scan();
	dev = find("/usb@1/hub@2/storage@1");
	/* Address, 3 descriptors, configuration, endpoints, power of 4 ports. */
	hub.slow_ms = SCAN_MS / 10 + 50;
	before = deadline_ms();
	assert_int_equal(device_open(dev), 0);
	assert_true(deadline_ms() - before > SCAN_MS);
	assert_string_equal(fake_printed, "");
	device_close(dev);
}

static void a_root_port_may_reset_for_ever(void **state)
{
	struct device *hc = plug(3);

	(void)state;
	things[2].fd.reset_looks = UINT32_MAX;
	assert_took(fake_usb_scan(), BUS_MS);
	assert_nodes(hc, "storage@1 storage@3 ");
	assert_string_equal(fake_printed,
			    "usb /usb@1 port 2: device ignored: the reset of "
			    "its port does not end\r\n");
}

static void a_hubs_port_may_reset_for_ever(void **state)
{
	struct device *hc = plug(1);

	(void)state;
	fake_usb_hub(&hub, USB_HIGH, 4);
	hub.stuck = true;
	fake_usb.port[2] = &hub.fd;
	fake_usb_disk(&things[2], USB_HIGH);
	hub.fd.behind[3] = &things[2].fd;
	assert_took(fake_usb_scan(), BUS_MS);
	assert_nodes(hc, "storage@1 hub@2 ");
	assert_string_equal(fake_printed,
			    "usb /usb@1 port 2.3: device ignored: the reset of "
			    "its port does not end\r\n");
}

static void another_controller_is_not_delayed(void **state)
{
	struct device *a = plug(2), *b = fake_usb_plug_other("usb@2");

	(void)state;
	silence(2, 1);
	fake_usb_disk(&things[3], USB_HIGH);
	fake_usb_other.port[1] = &things[3].fd;
	assert_took(fake_usb_scan(), BUS_MS);
	assert_nodes(a, "storage@1 ");
	assert_nodes(b, "storage@1 ");
	assert_int_equal(fake_usb_other.starts, 1);
	assert_int_equal(things[3].fd.addresses, 1);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_silent_device_resets_the_controller_once),
		T(two_may_be_silent),
		T(any_number_takes_10_s),
		T(who_only_waits_is_not_ignored),
		T(a_slow_device_has_no_more_time),
		T(nor_do_many),
		T(nor_does_a_slow_hub),
		T(the_first_use_has_time_again),
		T(who_waits_for_its_hub_is_not_ignored),
		T(a_root_port_may_reset_for_ever),
		T(a_hubs_port_may_reset_for_ever),
		T(another_controller_is_not_delayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

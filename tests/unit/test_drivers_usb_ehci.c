// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci.c: addresses, the doorbell, dead controllers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"

#define STS_PORT 0x04u
#define STS_ADVANCE 0x20u

static uint8_t buf[4096];
static bool ready;

/* IN data is ready when the test says so. */
static int serve(struct fake_ehci_device *d, unsigned endpoint,
		 enum fake_pid pid, uint8_t *data, unsigned len)
{
	(void)d;
	if (pid != FAKE_IN || !len)
		return (int)len;
	if (endpoint && !ready)
		return FAKE_NAK;
	memset(data, 0x42, len);
	return (int)len;
}

static int plug(void **state)
{
	unsigned port;

	host_plug(state);
	for (port = 1; port <= 6; port++)
		fake_ehci_plug(port)->handle = serve;
	ready = true;
	host_start();
	return 0;
}

static void the_node_says_what_it_is(void **state)
{
	(void)state;
	assert_string_equal(tree_getprop(host_dev->node, "device_type", NULL),
			    "ehci");
	assert_ptr_equal(host_dev->driver->scan, usb_scan);
	assert_true(host_dev->driver->on_demand);
}

static void each_device_gets_an_address_of_its_own(void **state)
{
	unsigned port;

	(void)state;
	for (port = 1; port <= 6; port++) {
		struct usb_device *udev = host_device(port);

		host_bring_up(udev);
		assert_int_equal(fake_ehci.device[port].address, udev->address);
	}
}

static void a_device_keeps_its_address(void **state)
{
	struct usb_device *a, *b;
	unsigned i;

	(void)state;
	a = host_device(1);
	b = host_device(2);
	host_bring_up(a);
	for (i = 0; i < 300; i++) {
		host_bring_up(b);
		assert_int_equal(b->address, 2);
	}
	assert_int_equal(fake_ehci.device[1].address, 1);
	/* Also after a restart. */
	device_stop(host_dev);
	host_start();
	host_bring_up(b);
	assert_int_equal(b->address, 2);
}

static void a_refused_address_may_be_tried_again(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;
	unsigned i;

	(void)state;
	udev = host_device(1);
	for (i = 0; i < 300; i++) {
		assert_true(host_reset_port(1).enabled);
		fake_ehci.device[1].address = 99;
		host_kind(&t, udev, USB_ADDRESS);
		assert_int_equal(host_run(&t), ERR_IO);
		assert_int_equal(udev->address, 0);
	}
	host_bring_up(udev);
}

/* The fake finds two devices that listen to one address. */
static void a_device_without_address_hears_nothing(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;

	(void)state;
	udev = host_device(1);
	assert_true(host_reset_port(1).enabled);
	fake_ehci.device[1].address = 99;
	host_kind(&t, udev, USB_ADDRESS);
	assert_int_equal(host_run(&t), ERR_IO);
	fake_ehci.device[1].address = 0;
	host_bring_up(host_device(2));
	host_bring_up(udev);
}

static void all_addresses_may_be_in_use(void **state)
{
	struct usb_device *udev;
	bool seen[128] = { false };
	unsigned port;

	(void)state;
	/* As if there were hubs. */
	for (port = 10; port < 10 + USB_DEVICES_MAX; port++) {
		udev = host_device(port);
		udev->root_port = udev->port = 1;
		host_bring_up(udev);
		assert_false(seen[udev->address]);
		seen[udev->address] = true;
		udev->port = port;
	}
}

static void slower_devices_are_not_supported(void **state)
{
	static const enum usb_speed speeds[] = { USB_FULL, USB_LOW };
	struct usb_device *hub, *udev;
	struct usb_transfer t;
	unsigned i;

	(void)state;
	hub = host_device(1);
	udev = host_device(2);
	udev->tt = hub;
	for (i = 0; i < ARRAY_SIZE(speeds); i++) {
		udev->speed = speeds[i];
		host_kind(&t, udev, USB_ADDRESS);
		assert_int_equal(host_run(&t), ERR_NOTSUP);
		assert_string_equal(t.rq.why,
				    "not a high-speed device: EHCI cannot "
				    "drive it (no split transactions)");
	}
}

static void packet_size_0_changes(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	udev->ep0.mps = 8;
	host_kind(&t, udev, USB_MPS0);
	t.ep = NULL;
	assert_int_equal(host_run(&t), 0);
	host_control(&t, udev, USB_IN, buf, 18);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(fake_ehci.mps, 8);
	host_kind(&t, udev, USB_RESET_PORT);
	assert_int_equal(host_hc->ops->submit(host_hc, &t), ERR_NOTSUP);
}

static void a_batch_of_transfers_rings_once(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;
	unsigned doorbells;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	doorbells = fake_ehci.doorbells;
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(fake_ehci.doorbells - doorbells, 1);
	/* No new qTDs: nothing to tell. */
	host_hc->ops->kick(host_hc);
	assert_int_equal(fake_ehci.doorbells - doorbells, 1);
}

/* Else QEMU looks 1 to 64 ms later. Answers of old doorbells are cleared. */
static void nothing_is_looked_at_without_the_doorbell(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	assert_true(fake_ehci.sts & STS_ADVANCE);
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(fake_ehci.looks, fake_ehci.doorbells);
	assert_int_equal(buf[0], 0x42);
}

/* The device becomes ready after the look that the doorbell has caused. */
static int serve_later(struct fake_ehci_device *d, unsigned endpoint,
		       enum fake_pid pid, uint8_t *data, unsigned len)
{
	int n = serve(d, endpoint, pid, data, len);

	ready = true;
	return n;
}

/*
 * While the doorbell's answer is set, QEMU does not look at the schedule, even
 * if a device gets ready: it is cleared, and the doorbell rung again.
 */
static void the_answer_is_cleared_while_a_transfer_waits(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;
	unsigned doorbells;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	fake_ehci.device[1].handle = serve_later;
	ready = false;
	doorbells = fake_ehci.doorbells;
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(buf[0], 0x42);
	assert_int_equal(fake_ehci.doorbells - doorbells, 2);
	assert_int_equal(fake_ehci.looks, fake_ehci.doorbells);
}

static void a_port_that_changes_is_looked_at_once(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;
	unsigned before;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	fake_ehci.device[1].handle = serve_later;
	ready = false;
	fake_ehci_unplug(2);
	before = fake_ehci.accesses;
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), 0);
	assert_false(fake_ehci.sts & STS_PORT);
	/* Doorbell, status, six ports, doorbell. */
	assert_in_range(fake_ehci.accesses - before, 12, 14);
}

static void an_idle_poll_touches_no_register(void **state)
{
	struct usb_device *udev;
	unsigned before;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	before = fake_ehci.accesses;
	host_hc->ops->poll(host_hc);
	host_hc->ops->kick(host_hc);
	assert_int_equal(fake_ehci.accesses, before);
}

static void a_dead_controller(enum fake_ehci_lie lie, const char *why)
{
	struct usb_device *udev = host_device(1);
	struct usb_transfer t;

	host_bring_up(udev);
	ready = false;
	fake_ehci.lie = lie;
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), ERR_IO);
	assert_int_equal(host_hc->losses, 1);
	assert_true(fake_log_has(why));
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
	ready = true;
	fake_ehci.lie = EHCI_HONEST;
	host_start();
	host_bring_up(udev);
	host_bulk(&t, udev, 1, buf, 512);
	assert_int_equal(host_run(&t), 0);
}

static void a_host_system_error_stops_it(void **state)
{
	(void)state;
	a_dead_controller(EHCI_STEPS_DOWN, "controller reset: host system");
}

static void a_controller_that_halts_is_stopped(void **state)
{
	(void)state;
	a_dead_controller(EHCI_HALTS, "controller reset: it has halted");
}

static void a_controller_that_is_gone_is_stopped(void **state)
{
	(void)state;
	a_dead_controller(EHCI_GONE, "controller reset: it does not respond");
}

static void stopped_controllers_are_not_polled(void **state)
{
	struct usb_device *udev;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	device_stop(host_dev);
	host_hc->ops->poll(host_hc);
	host_hc->ops->kick(host_hc);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, host_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_node_says_what_it_is),
		TEST(each_device_gets_an_address_of_its_own),
		TEST(a_device_keeps_its_address),
		TEST(a_refused_address_may_be_tried_again),
		TEST(a_device_without_address_hears_nothing),
		TEST(all_addresses_may_be_in_use),
		TEST(slower_devices_are_not_supported),
		TEST(packet_size_0_changes),
		TEST(a_batch_of_transfers_rings_once),
		TEST(nothing_is_looked_at_without_the_doorbell),
		TEST(the_answer_is_cleared_while_a_transfer_waits),
		TEST(a_port_that_changes_is_looked_at_once),
		TEST(an_idle_poll_touches_no_register),
		TEST(a_host_system_error_stops_it),
		TEST(a_controller_that_halts_is_stopped),
		TEST(a_controller_that_is_gone_is_stopped),
		TEST(stopped_controllers_are_not_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci_port.c: what is plugged in, resets, companions.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"

static struct usb_port port_state(unsigned port)
{
	return host_hc->ops->port_state(host_hc, port);
}

static void an_empty_port_is_not_connected(void **state)
{
	struct usb_port port;

	(void)state;
	host_start();
	port = port_state(1);
	assert_false(port.connected || port.enabled || port.resetting);
	port = host_reset_port(1);
	assert_false(port.connected || port.enabled || port.resetting);
}

static void a_high_speed_device_is_enabled_by_a_reset(void **state)
{
	struct usb_port port;

	(void)state;
	fake_ehci_plug(6);
	host_start();
	port = port_state(6);
	assert_true(port.connected);
	assert_false(port.enabled || port.resetting);
	host_hc->ops->port_reset(host_hc, 6);
	port = port_state(6);
	assert_true(port.connected && port.enabled);
	assert_false(port.resetting);
	assert_int_equal(port.speed, USB_HIGH);
	assert_false(port_state(5).connected);
}

static void an_emulated_reset_takes_no_time(void **state)
{
	(void)state;
	fake_ehci_plug(1);
	host_start();
	host_reset_port(1);
	assert_in_range(fake_ehci.reset_ms, 0, 5);
}

static void a_real_reset_takes_50_ms(void **state)
{
	(void)state;
	le32_store(&fake_ehci.pci_config[0x2c], 0x12345678);
	fake_ehci_plug(1);
	host_start();
	assert_true(host_reset_port(1).enabled);
	assert_in_range(fake_ehci.reset_ms, 50, 60);
}

static void a_reset_that_does_not_end_is_given_up(void **state)
{
	struct usb_port port;

	(void)state;
	fake_ehci_plug(1);
	host_start();
	fake_ehci.lie = EHCI_NO_PORT_RESET;
	port = host_reset_port(1);
	assert_true(port.connected);
	assert_false(port.enabled);
	fake_ehci.lie = EHCI_HONEST;
	assert_true(host_reset_port(1).enabled);
}

static void a_slower_device_without_companion_is_told_once(void **state)
{
	struct usb_port port;

	(void)state;
	fake_ehci_plug(3)->slow = true;
	host_start();
	assert_true(port_state(3).connected);
	port = host_reset_port(3);
	assert_false(port.connected || port.enabled);
	assert_false(port_state(3).connected);
	assert_string_equal(fake_printed,
			    "Warning: ehci /usb-ehci@1: the device at port 3 "
			    "is not a high-speed device: it needs an OHCI or "
			    "xHCI controller\r\n");
	host_reset_port(3);
	assert_int_equal(fake_log_lines(), 1);
	assert_false(fake_ehci.portsc[3] & 0x2000);
}

static void another_device_in_its_place_is_seen(void **state)
{
	(void)state;
	fake_ehci_plug(3)->slow = true;
	host_start();
	host_reset_port(3);
	fake_ehci_unplug(3);
	assert_false(port_state(3).connected);
	fake_ehci_plug(3);
	assert_true(port_state(3).connected);
	assert_true(host_reset_port(3).enabled);
}

static void a_slower_device_goes_to_the_companion(void **state)
{
	(void)state;
	fake_ehci.hcsparams = 0x3206;
	fake_ehci_plug(3)->slow = true;
	fake_ehci_plug(4);
	host_start();
	assert_false(host_reset_port(3).connected);
	assert_true(fake_ehci.portsc[3] & 0x2000);
	assert_true(host_reset_port(4).enabled);
	assert_false(fake_ehci.portsc[4] & 0x2000);
	assert_string_equal(fake_printed, "");
}

static void a_low_speed_device_is_not_reset(void **state)
{
	struct fake_ehci_device *dev;

	(void)state;
	fake_ehci.hcsparams = 0x3206;
	dev = fake_ehci_plug(1);
	dev->slow = dev->low = true;
	host_start();
	assert_false(host_reset_port(1).connected);
	assert_true(fake_ehci.portsc[1] & 0x2000);
	assert_int_equal(fake_ehci.reset_since, 0);
}

static void switched_ports_get_power(void **state)
{
	(void)state;
	fake_ehci.hcsparams = 0x12;
	fake_ehci_plug(1);
	host_start();
	assert_true(fake_ehci.portsc[1] & 0x1000);
	assert_true(fake_ehci.portsc[2] & 0x1000);
	assert_true(host_reset_port(1).enabled);
}

static void a_controller_that_is_gone_has_nothing_connected(void **state)
{
	struct usb_port port;

	(void)state;
	fake_ehci_plug(1);
	host_start();
	fake_ehci.lie = EHCI_GONE;
	port = host_reset_port(1);
	assert_false(port.connected || port.enabled);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, host_plug, host_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_port_is_not_connected),
		TEST(a_high_speed_device_is_enabled_by_a_reset),
		TEST(an_emulated_reset_takes_no_time),
		TEST(a_real_reset_takes_50_ms),
		TEST(a_reset_that_does_not_end_is_given_up),
		TEST(a_slower_device_without_companion_is_told_once),
		TEST(another_device_in_its_place_is_seen),
		TEST(a_slower_device_goes_to_the_companion),
		TEST(a_low_speed_device_is_not_reset),
		TEST(switched_ports_get_power),
		TEST(a_controller_that_is_gone_has_nothing_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_context.c: what contexts tell the controller.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

static struct fake_xhci_device stick, keyboard;

static int setup(void **state)
{
	stick = (struct fake_xhci_device){ .speed = USB_HIGH };
	keyboard = (struct fake_xhci_device){ .speed = USB_FULL };
	return xhci_setup(state);
}

static struct fake_xhci_slot *slot_of(const struct fake_xhci_device *fd)
{
	assert_int_not_equal(fd->slot, 0);
	return &fake_slots.slot[fd->slot];
}

static void an_address_takes_a_slot_and_a_context(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	struct fake_xhci_slot *s = slot_of(&stick);

	(void)state;
	assert_non_null(udev->hcd);
	assert_int_equal(s->context[0], 3u << 20 | 1u << 27);
	assert_int_equal(s->context[1], PORT_HIGH << 16);
	assert_int_equal(s->context[2], 0);
	/* Control, 3 tries, 64 bytes per packet; setup packets on average. */
	assert_int_equal(s->endpoints[1].context[1],
			 64u << 16 | 4 << 3 | 3 << 1);
	assert_int_equal(s->endpoints[1].context[4], 8);
	assert_int_equal(fake_slots.commands[XHCI_ENABLE_SLOT], 1);
	assert_int_equal(fake_slots.commands[XHCI_ADDRESS_DEVICE], 1);
	assert_int_equal(fake_xhci.doorbell[0], 2);
}

static void contexts_may_have_64_bytes(void **state)
{
	struct usb_device *udev;

	(void)state;
	fake_xhci.hcc_params |= 4;
	udev = xhci_add_addressed(PORT_HIGH, &stick);
	xhci_configure(udev);
	assert_int_equal(slot_of(&stick)->endpoints[7].state, FAKE_RUNNING);
}

static void a_device_behind_hubs_has_a_route_and_a_translator(void **state)
{
	struct usb_device *hub = xhci_add_addressed(PORT_HIGH, &stick), *udev;
	const struct fake_xhci_slot *s;

	(void)state;
	stick.behind[3] = &keyboard;
	udev = xhci_new(hub, 3);
	udev->speed = USB_FULL;
	udev->tt = hub;
	udev->tt_port = 3;
	udev->ep0.mps = 8;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	s = slot_of(&keyboard);
	assert_int_equal(s->context[0], 3 | 1u << 20 | 1u << 27);
	assert_int_equal(s->context[1], PORT_HIGH << 16);
	assert_int_equal(s->context[2], stick.slot | 3 << 8);
}

static void the_first_packet_size_can_be_corrected(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &keyboard);

	(void)state;
	udev->ep0.mps = 16;
	assert_int_equal(xhci_kind(udev, USB_MPS0), 0);
	assert_int_equal(slot_of(&keyboard)->endpoints[1].context[1] >> 16, 16);
}

static void endpoints_get_their_type_size_and_interval(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	const struct fake_xhci_endpoint *e = slot_of(&stick)->endpoints;

	(void)state;
	xhci_configure(udev);
	/* Bulk IN 1, bulk OUT 2, interrupt IN 3 every 2^6 microframes. */
	assert_int_equal(e[3].context[1], 512u << 16 | 6 << 3 | 3 << 1);
	assert_int_equal(e[3].context[0] >> 16, 0);
	assert_int_equal(e[3].context[4], 512);
	assert_int_equal(e[4].context[1], 512u << 16 | 2 << 3 | 3 << 1);
	assert_int_equal(e[7].context[1], 8u << 16 | 7 << 3 | 3 << 1);
	assert_int_equal(e[7].context[0] >> 16, 6);
	assert_int_equal(e[7].context[4], 8u << 16 | 8);
	assert_int_equal(slot_of(&stick)->context[0] >> 27, 7);
	assert_int_equal(fake_slots.commands[XHCI_CONFIGURE_ENDPOINT], 1);
}

/* bInterval, and the exponent of the interval in units of 125 us. */
static void interval_is(struct usb_device *udev, uint8_t interval,
			uint32_t exponent)
{
	struct usb_interface *intf = &udev->config.interfaces[0];

	udev->config.n_interfaces = 1;
	intf->n_endpoints = 1;
	intf->endpoints[0] = (struct usb_endpoint){
		.udev = udev,
		.address = 0x81,
		.type = USB_EP_INTERRUPT,
		.interval = interval,
		.mps = 8,
		.used = true,
	};
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(fake_slots.slot[1].endpoints[3].context[0] >> 16 &
				 0xff,
			 exponent);
}

static void intervals_of_full_speed_devices_are_in_milliseconds(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &keyboard);

	(void)state;
	interval_is(udev, 10, 6);
	interval_is(udev, 1, 3);
	interval_is(udev, 0, 3);
	interval_is(udev, 255, 10);
}

static void intervals_of_faster_devices_are_powers_of_two(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &stick);

	(void)state;
	interval_is(udev, 7, 6);
	interval_is(udev, 1, 0);
	interval_is(udev, 0, 0);
	interval_is(udev, 255, 15);
}

static void superspeed_endpoints_have_bursts(void **state)
{
	struct usb_device *udev;

	(void)state;
	stick.speed = USB_SUPER;
	udev = xhci_add_addressed(PORT_SUPER, &stick);
	udev->config.n_interfaces = 1;
	udev->config.interfaces[0].n_endpoints = 1;
	udev->config.interfaces[0].endpoints[0] = (struct usb_endpoint){
		.udev = udev,
		.address = 0x8f,
		.type = USB_EP_BULK,
		.mps = 1024,
		.burst = 15,
		.used = true,
	};
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(slot_of(&stick)->endpoints[31].context[1],
			 1024u << 16 | 15 << 8 | 6 << 3 | 3 << 1);
}

static void a_hub_says_how_many_ports_it_has(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	udev->hub_ports = 8;
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(slot_of(&stick)->context[0] >> 26 & 1, 1);
	assert_int_equal(slot_of(&stick)->context[1] >> 24, 8);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_takes_a_slot_and_a_context),
		TEST(contexts_may_have_64_bytes),
		TEST(a_device_behind_hubs_has_a_route_and_a_translator),
		TEST(the_first_packet_size_can_be_corrected),
		TEST(endpoints_get_their_type_size_and_interval),
		TEST(intervals_of_full_speed_devices_are_in_milliseconds),
		TEST(intervals_of_faster_devices_are_powers_of_two),
		TEST(superspeed_endpoints_have_bursts),
		TEST(a_hub_says_how_many_ports_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

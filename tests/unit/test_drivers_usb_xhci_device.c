// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_device.c: slots, addresses, endpoints.
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

static void endpoints_that_nobody_uses_are_left_out(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	struct usb_interface *intf = &udev->config.interfaces[0];
	static const struct usb_endpoint wrong[] = {
		{ .address = 0x81, .type = USB_EP_BULK, .mps = 512 },
		{ .address = 0x82,
		  .type = USB_EP_ISOCHRONOUS,
		  .mps = 64,
		  .used = true },
		{ .address = 0x80,
		  .type = USB_EP_BULK,
		  .mps = 64,
		  .used = true },
		{ .address = 0x03,
		  .type = USB_EP_CONTROL,
		  .mps = 64,
		  .used = true },
	};

	(void)state;
	udev->config.n_interfaces = 1;
	intf->n_endpoints = ARRAY_SIZE(wrong);
	memcpy(intf->endpoints, wrong, sizeof(wrong));
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	for (unsigned id = 2; id < 32; id++)
		assert_int_equal(slot_of(&stick)->endpoints[id].state,
				 FAKE_DISABLED);
}

static void an_endpoint_twice_is_one(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	struct usb_interface *intf = udev->config.interfaces;

	(void)state;
	intf[1].n_endpoints = 1;
	intf[1].endpoints[0] = (struct usb_endpoint){
		.udev = udev,
		.address = 0x81,
		.type = USB_EP_INTERRUPT,
		.mps = 8,
		.used = true,
	};
	xhci_configure(udev);
	udev->config.n_interfaces = 2;
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(slot_of(&stick)->endpoints[3].context[1] >> 3 & 7, 6);
}

static void a_second_address_gives_back_the_first_slot(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	unsigned live;

	(void)state;
	xhci_configure(udev);
	live = fake_dma_live();
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
		assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	}
	assert_int_equal(fake_slots.commands[XHCI_DISABLE_SLOT], 200);
	assert_int_equal(stick.slot, 1);
	/* With the memory of the first. */
	assert_int_equal(fake_dma_live(), live);
}

static void a_stop_forgets_all_devices(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	xhci_configure(udev);
	xhci_stop();
	assert_null(udev->hcd);
	assert_int_equal(stick.slot, 0);
	xhci_start();
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_MPS0), ERR_IO);
	assert_string_equal(reason(), "the device has no address");
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	assert_int_equal(fake_slots.commands[XHCI_DISABLE_SLOT], 0);
}

static void a_controller_without_a_free_slot_says_so(void **state)
{
	struct usb_device *udev;

	(void)state;
	fake_xhci.params1 = 0x08001001;
	xhci_add_addressed(PORT_HIGH, &stick);
	udev = xhci_add(PORT_HIGH + 1, &keyboard);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_NOSPACE);
	assert_string_equal(reason(),
			    "all 1 slots of the controller are in use");
	assert_int_not_equal(stick.slot, 0);
}

static void a_slot_that_is_taken_or_impossible_is_refused(void **state)
{
	static const unsigned wrong[] = { 1, 65, 255 };
	struct usb_device *udev;

	(void)state;
	xhci_add_addressed(PORT_HIGH, &stick);
	udev = xhci_add(PORT_HIGH + 1, &keyboard);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		fake_slots.new_slot = wrong[i];
		assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_IO);
		assert_non_null(strstr(reason(), "Enable Slot: wrong slot"));
	}
	fake_slots.code[XHCI_ENABLE_SLOT] = XHCI_SUCCESS;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_IO);
	assert_string_equal(reason(), "Enable Slot: wrong slot 0");
	fake_slots.code[XHCI_ENABLE_SLOT] = 0;
	fake_slots.new_slot = 0;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
}

static void a_device_unplugged_before_its_address_is_gone(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &stick);

	(void)state;
	fake_xhci_unplug(PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
	assert_int_equal(xhci_kind(udev, USB_MPS0), ERR_NODEV);
	xhci_poll();
	assert_false(fake_slots.slot[1].enabled);
	/* Plugged again. */
	fake_xhci_plug(PORT_HIGH, &stick);
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
}

static void an_unplugged_device_loses_its_slot(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	fake_xhci_unplug(PORT_HIGH);
	xhci_poll();
	xhci_poll();
	assert_false(fake_slots.slot[1].enabled);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), ERR_NODEV);
}

/* The port's event is not yet read when the device gets a new address. */
static void a_device_that_was_plugged_again_gets_an_address(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	fake_xhci_unplug(PORT_HIGH);
	fake_xhci_plug(PORT_HIGH, &stick);
	assert_true(xhci_hc->ops->port_state(xhci_hc, PORT_HIGH).connected);
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	assert_int_equal(fake_slots.commands[XHCI_DISABLE_SLOT], 1);
	assert_int_equal(xhci_kind(udev, USB_MPS0), 0);
	assert_int_equal(stick.slot, 1);
}

static void memory_that_runs_out_is_told(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &stick);

	(void)state;
	for (long n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_NOMEM);
		fake_heap_fail_after(-1);
	}
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	udev->config.n_interfaces = 1;
	udev->config.interfaces[0].n_endpoints = 1;
	udev->config.interfaces[0].endpoints[0] = (struct usb_endpoint){
		.udev = udev,
		.address = 0x81,
		.type = USB_EP_BULK,
		.mps = 512,
		.used = true,
	};
	fake_heap_fail_after(0);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(endpoints_that_nobody_uses_are_left_out),
		TEST(an_endpoint_twice_is_one),
		TEST(a_second_address_gives_back_the_first_slot),
		TEST(a_stop_forgets_all_devices),
		TEST(a_controller_without_a_free_slot_says_so),
		TEST(a_slot_that_is_taken_or_impossible_is_refused),
		TEST(a_device_unplugged_before_its_address_is_gone),
		TEST(an_unplugged_device_loses_its_slot),
		TEST(a_device_that_was_plugged_again_gets_an_address),
		TEST(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

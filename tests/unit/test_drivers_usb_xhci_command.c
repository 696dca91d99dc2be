// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_command.c: commands, and those that fail.
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

/* A command that fails with a code, and its reason. */
static void command_fails(struct usb_device *udev, enum usb_transfer_kind kind,
			  unsigned command, unsigned code, const char *why)
{
	fake_slots.code[command] = code;
	assert_int_equal(xhci_kind(udev, kind), ERR_IO);
	assert_string_equal(reason(), why);
	fake_slots.code[command] = 0;
}

static void commands_that_fail_are_told_in_words(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &stick);

	(void)state;
	command_fails(udev, USB_ADDRESS, XHCI_ENABLE_SLOT, 7,
		      "Enable Slot: xHCI code 7 (resource error)");
	command_fails(udev, USB_ADDRESS, XHCI_ADDRESS_DEVICE, 4,
		      "Address Device: xHCI code 4 (transaction error)");
	command_fails(udev, USB_ADDRESS, XHCI_ADDRESS_DEVICE, 200,
		      "Address Device: xHCI code 200 (unexpected)");
	/* Code 0 is invalid. */
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	command_fails(udev, USB_MPS0, XHCI_EVALUATE_CONTEXT, 17,
		      "Evaluate Context: xHCI code 17 (parameter error)");
	command_fails(udev, USB_ENDPOINTS, XHCI_CONFIGURE_ENDPOINT, 8,
		      "Configure Endpoint: xHCI code 8 (bandwidth error)");
	assert_int_equal(xhci_kind(udev, USB_MPS0), 0);
}

/* A command that waits for its event. */
static struct usb_transfer pending;

static void begin(struct usb_device *udev, enum usb_transfer_kind kind)
{
	pending = (struct usb_transfer){ .udev = udev,
					 .kind = kind,
					 .ep = &udev->ep0 };
	pending.rq.queue = &udev->requests;
	pending.rq.status = REQUEST_PENDING;
	udev->requests.slots[0] = &pending.rq;
	udev->requests.in_flight = 1;
	fake_xhci.lie = XHCI_NO_COMMANDS;
	assert_int_equal(xhci_hc->ops->submit(xhci_hc, &pending), 0);
}

static void events_of_other_commands_are_ignored(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	uint64_t trb = fake_xhci.command_at;

	(void)state;
	begin(udev, USB_MPS0);
	fake_xhci_event(trb - 16, 1u << 24, 33u << 10);
	fake_xhci_event(trb + 16, 1u << 24, 33u << 10);
	fake_xhci_event(trb + 1, 1u << 24, 33u << 10);
	fake_xhci_event(trb, 1u << 24, 32u << 10);
	xhci_poll();
	assert_int_equal(pending.rq.status, REQUEST_PENDING);
	fake_xhci_event(trb, 1u << 24, 33u << 10);
	xhci_poll();
	assert_int_equal(pending.rq.status, 0);
}

/* A new address ends what is in flight, and a recovery that waits. */
static void a_new_address_ends_transfers(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);
	struct request *slots[1];
	struct request_queue queue;
	struct usb_transfer t = { .udev = udev, .kind = USB_BULK };
	uint8_t buf[1];

	(void)state;
	xhci_configure(udev);
	request_queue_init(&queue, xhci_dev, udev->requests.ops, slots, 1);
	t.ep = xhci_bulk_in(udev);
	t.rq.queue = &queue;
	t.rq.status = REQUEST_PENDING;
	queue.in_flight = 1;
	fake_slots.silent = true;
	assert_int_equal(xhci_hc->ops->submit(xhci_hc, &t), 0);
	begin(udev, USB_ADDRESS);
	fake_xhci_event(slot_of(&stick)->endpoints[3].at, 6u << 24,
			32u << 10 | 3u << 16 | stick.slot << 24);
	xhci_poll();
	assert_int_equal(t.rq.status, REQUEST_PENDING);
	fake_xhci.lie = XHCI_HONEST;
	fake_xhci_commands();
	for (unsigned i = 0; i < 8; i++)
		xhci_poll();
	assert_int_equal(t.rq.status, ERR_IO);
	assert_string_equal(t.rq.why, "the device was reset");
	assert_int_equal(pending.rq.status, 0);
	assert_int_equal(fake_slots.commands[XHCI_STOP_ENDPOINT] +
				 fake_slots.commands[XHCI_RESET_ENDPOINT],
			 0);
	fake_slots.silent = false;
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), buf, 1, NULL),
			 USB_STALL);
}

static void a_code_of_0_is_an_error(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	begin(udev, USB_MPS0);
	/* It must not be taken for a new command. */
	fake_xhci_event(fake_xhci.command_at, 0, 33u << 10);
	xhci_poll();
	assert_int_equal(pending.rq.status, ERR_IO);
	assert_string_equal(pending.rq.why,
			    "Evaluate Context: xHCI code 255 (unexpected)");
}

static void a_slot_that_cannot_be_disabled_resets_the_controller(void **state)
{
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &stick);

	(void)state;
	fake_slots.code[XHCI_DISABLE_SLOT] = 11;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_IO);
	assert_true(fake_log_has("controller reset: Disable Slot: xHCI code 11 "
				 "(slot not enabled)"));
	assert_null(udev->hcd);
}

static void a_command_that_does_not_end_resets_the_controller(void **state)
{
	struct usb_device *udev = xhci_add(PORT_HIGH, &stick);

	(void)state;
	fake_xhci.lie = XHCI_NO_COMMANDS;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), ERR_TIMEOUT);
	assert_int_equal(fake_xhci.resets, 2);
	assert_null(udev->hcd);
	fake_xhci.lie = XHCI_HONEST;
	xhci_start();
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	xhci_stop();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_that_fail_are_told_in_words),
		TEST(events_of_other_commands_are_ignored),
		TEST(a_new_address_ends_transfers),
		TEST(a_code_of_0_is_an_error),
		TEST(a_slot_that_cannot_be_disabled_resets_the_controller),
		TEST(a_command_that_does_not_end_resets_the_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

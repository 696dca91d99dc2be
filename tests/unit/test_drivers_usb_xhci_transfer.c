// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_transfer.c: control and bulk transfers, errors.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

static struct fake_xhci_device stick;
static struct usb_device *udev;
static _Alignas(65536) uint8_t memory[(1 << 20) + 65536];
static uint8_t contents[1 << 20];

/* What the device does. */
static long answer; /* a number of bytes, or an error */
static struct usb_setup asked;
static uint8_t got[4096];

static long control(struct fake_xhci_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	long n = answer < 0 ? answer : (long)MIN((uint32_t)answer, len);

	(void)fd;
	asked = *setup;
	if (n <= 0)
		return n;
	if (setup->type & USB_IN)
		memcpy(data, contents, (size_t)n);
	else
		memcpy(got, data, (size_t)n);
	return n;
}

static long bulk(struct fake_xhci_device *fd, unsigned endpoint, uint8_t *data,
		 uint32_t len)
{
	long n = answer < 0 ? answer : (long)MIN((uint32_t)answer, len);

	(void)fd;
	if (n > 0 && endpoint & USB_IN)
		memcpy(data, contents, (size_t)n);
	else if (n > 0)
		memcpy(contents, data, (size_t)n);
	return n;
}

static int setup(void **state)
{
	int err = xhci_setup(state);

	for (unsigned i = 0; i < sizeof(contents); i++)
		contents[i] = (uint8_t)(i / 512 * 7 + i);
	memset(memory, 0, sizeof(memory));
	answer = 1 << 20;
	stick = (struct fake_xhci_device){ .speed = USB_HIGH,
					   .control = control,
					   .data = bulk };
	udev = xhci_add_addressed(PORT_HIGH, &stick);
	xhci_configure(udev);
	return err;
}

static void control_data_comes_in(void **state)
{
	uint8_t buf[18];

	(void)state;
	assert_int_equal(usb_control(udev, USB_IN, USB_GET_DESCRIPTOR, 0x100,
				     0x409, buf, 18),
			 18);
	assert_memory_equal(buf, contents, 18);
	assert_int_equal(asked.type, USB_IN);
	assert_int_equal(asked.request, USB_GET_DESCRIPTOR);
	assert_int_equal(le16_get(asked.value), 0x100);
	assert_int_equal(le16_get(asked.index), 0x409);
	assert_int_equal(le16_get(asked.length), 18);
}

static void control_data_goes_out(void **state)
{
	uint8_t buf[3] = { 1, 2, 3 };

	(void)state;
	assert_int_equal(usb_control(udev, 0, 1, 0, 0, buf, 3), 3);
	assert_memory_equal(got, buf, 3);
	assert_int_equal(stick.trbs, 3);
	assert_int_equal(
		usb_control(udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0), 0);
	assert_int_equal(stick.trbs, 2);
}

static void short_control_data_is_noticed(void **state)
{
	uint8_t buf[64];

	(void)state;
	answer = 4;
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 64), 4);
	answer = 0;
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 64), 0);
	answer = 64;
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 64), 64);
}

static void a_control_transfer_is_one_doorbell(void **state)
{
	uint8_t buf[8];

	(void)state;
	fake_xhci_idle();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 8), 8);
	/* And ERDP once per 32 events. */
	assert_true(fake_xhci.writes <= 104);
	assert_int_equal(fake_xhci.reads, 0);
}

static void bulk_data_moves_both_ways(void **state)
{
	uint32_t actual;

	(void)state;
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, &actual),
			 0);
	assert_int_equal(actual, 512);
	assert_memory_equal(memory, contents, 512);
	memset(memory, 0x55, 31);
	assert_int_equal(xhci_bulk(xhci_bulk_out(udev), memory, 31, &actual),
			 0);
	assert_int_equal(actual, 31);
	assert_memory_equal(memory, contents, 31);
	answer = 0;
	assert_int_equal(xhci_bulk(xhci_bulk_out(udev), memory, 0, &actual), 0);
	assert_int_equal(stick.trbs, 1);
}

/* The fake checks that no TRB crosses 64 KiB, and how chains are linked. */
static void a_mebibyte_is_split_at_64_kib(void **state)
{
	static const struct {
		uint32_t offset, len, trbs;
	} cases[] = {
		{ 0, 1 << 20, 16 },	{ 1, 1 << 20, 17 },
		{ 65535, 1 << 20, 17 }, { 65535, 1, 1 },
		{ 65535, 2, 2 },	{ 0, 65536, 1 },
		{ 0, 65537, 2 },	{ 4096, 61440, 1 },
		{ 4096, 61441, 2 },	{ 100, (1 << 20) - 100, 16 },
	};
	uint32_t actual;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		unsigned i = round % ARRAY_SIZE(cases);

		answer = cases[i].len;
		memset(memory, 0, sizeof(memory));
		assert_int_equal(xhci_bulk(xhci_bulk_in(udev),
					   memory + cases[i].offset,
					   cases[i].len, &actual),
				 0);
		assert_int_equal(actual, cases[i].len);
		assert_int_equal(stick.trbs, cases[i].trbs);
		assert_memory_equal(memory + cases[i].offset, contents, actual);
	}
}

static void short_bulk_data_is_counted_to_the_byte(void **state)
{
	static const uint32_t lengths[] = { 0,	   1,	  65535,  65536,
					    65537, 99999, 1048575 };
	uint32_t actual;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		answer = lengths[i];
		assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory + 77,
					   1 << 20, &actual),
				 0);
		assert_int_equal(actual, lengths[i]);
	}
}

static void a_megabyte_is_one_doorbell(void **state)
{
	(void)state;
	fake_xhci_idle();
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 1 << 20, NULL),
			 0);
	assert_int_equal(fake_xhci.writes, 1);
	assert_int_equal(fake_xhci.reads, 0);
}

static void a_stall_of_endpoint_0_resets_it(void **state)
{
	uint8_t buf[8];

	(void)state;
	answer = USB_STALL;
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 8), USB_STALL);
	assert_string_equal(reason(), "stalled");
	assert_int_equal(fake_slots.commands[XHCI_RESET_ENDPOINT], 1);
	assert_int_equal(fake_slots.commands[XHCI_SET_TR_DEQUEUE], 1);
	answer = 8;
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 8), 8);
}

static void a_stall_of_a_bulk_endpoint_leaves_it_ready(void **state)
{
	struct usb_transfer t;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		answer = USB_STALL;
		xhci_bulk_fill(&t, xhci_bulk_in(udev), memory + 5, 1 << 20);
		assert_int_equal(xhci_run(&t), USB_STALL);
		assert_int_equal(t.actual, 0);
		answer = 1 << 20;
		assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 1 << 20,
					   NULL),
				 0);
	}
}

/* A completion code and its reason. */
static void fails_with(unsigned code, const char *why)
{
	answer = FAKE_XHCI_CODE(code);
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL),
			 ERR_IO);
	assert_string_equal(reason(), why);
	answer = 512;
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL), 0);
}

static void errors_are_told_in_words(void **state)
{
	(void)state;
	fails_with(3, "xHCI code 3 (babble)");
	fails_with(4, "xHCI code 4 (transaction error)");
	/* These do not halt it: it is stopped. */
	fails_with(2, "xHCI code 2 (data buffer error)");
	assert_int_equal(fake_slots.commands[XHCI_STOP_ENDPOINT], 1);
	fails_with(5, "xHCI code 5 (TRB error)");
	fails_with(200, "xHCI code 200 (unexpected)");
	fails_with(0, "xHCI code 255 (unexpected)");
	fails_with(26, "xHCI code 26 (unexpected)");
}

/* Then the endpoint is reset once, too. */
static void an_invalid_code_that_comes_twice_counts_once(void **state)
{
	(void)state;
	fake_slots.twice = true;
	fails_with(0, "xHCI code 255 (unexpected)");
	fails_with(4, "xHCI code 4 (transaction error)");
}

static void an_endpoint_in_another_state_is_moved_on_even_so(void **state)
{
	(void)state;
	fake_slots.code[XHCI_STOP_ENDPOINT] = XHCI_CONTEXT_STATE;
	fake_slots.code[XHCI_SET_TR_DEQUEUE] = XHCI_SUCCESS;
	answer = FAKE_XHCI_CODE(5);
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL),
			 ERR_IO);
	assert_string_equal(reason(), "xHCI code 5 (TRB error)");
}

/* Then no DMA follows, and the device needs another address. */
static void an_endpoint_that_does_not_reset_costs_the_slot(void **state)
{
	static const unsigned commands[] = { XHCI_RESET_ENDPOINT,
					     XHCI_SET_TR_DEQUEUE };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		fake_slots.code[commands[i]] = 5;
		answer = USB_STALL;
		assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512,
					   NULL),
				 ERR_IO);
		assert_string_equal(reason(), "the device does not recover");
		assert_int_equal(stick.slot, 0);
		assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512,
					   NULL),
				 ERR_IO);
		assert_string_equal(reason(), "the device does not recover");
		fake_slots.code[commands[i]] = 0;
		answer = 512;
		assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
		assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
		assert_int_equal(
			xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL), 0);
	}
}

/* Its transfer would never end: QEMU drops it without an event. */
static void a_device_unplugged_during_a_transfer_is_gone(void **state)
{
	struct usb_transfer t;

	(void)state;
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	t.rq.timeout_ms = 100000;
	usb_transfer_add(&t, 0);
	fake_slots.silent = true;
	fake_xhci_unplug(PORT_HIGH);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(t.rq.status, ERR_NODEV);
	assert_string_equal(t.rq.why, "unplugged");
	/* The buffer is unmapped once the slot is disabled. */
	assert_int_equal(fake_slots.commands[XHCI_DISABLE_SLOT], 1);
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL),
			 ERR_NODEV);
	assert_int_equal(fake_xhci.resets, 1);
}

/* Its port has a device when the event is read. */
static void a_device_replaced_during_a_transfer_is_gone(void **state)
{
	struct usb_transfer t;

	(void)state;
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	t.rq.timeout_ms = 100000;
	usb_transfer_add(&t, 0);
	fake_slots.silent = true;
	fake_xhci_unplug(PORT_HIGH);
	fake_xhci_plug(PORT_HIGH, &stick);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(t.rq.status, ERR_NODEV);
	assert_int_equal(fake_xhci.resets, 1);
}

static void
a_transaction_error_of_an_empty_port_is_an_unplugged_device(void **state)
{
	(void)state;
	answer = ERR_IO;
	/* Not told by an event. */
	fake_xhci.portsc[PORT_HIGH] &= ~1u;
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL),
			 ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
}

static void a_transfer_that_does_not_end_resets_the_controller(void **state)
{
	struct usb_transfer t;

	(void)state;
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	assert_int_equal(xhci_run(&t), ERR_TIMEOUT);
	assert_int_equal(fake_xhci.resets, 2);
	assert_null(udev->hcd);
	assert_int_equal(fake_dma_live(), 1); /* the device's page */
}

static void stop(struct usb_transfer *t)
{
	(void)t;
	device_stop(xhci_dev);
}

static void ends_by_a_stop(int status)
{
	struct usb_transfer t;

	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	t.done = stop;
	assert_int_equal(xhci_run(&t), status);
	assert_false(fake_xhci.enabled);
	xhci_start();
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
}

/* All that it knew of the device is freed then. */
static void the_end_of_a_transfer_may_stop_the_controller(void **state)
{
	struct usb_transfer t;

	(void)state;
	ends_by_a_stop(0);
	answer = USB_STALL;
	ends_by_a_stop(USB_STALL);
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	t.done = stop;
	usb_transfer_add(&t, 0);
	fake_xhci_unplug(PORT_HIGH);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(t.rq.status, ERR_NODEV);
	assert_false(fake_xhci.enabled);
}

static void endpoints_that_are_not_set_up_are_refused(void **state)
{
	struct usb_endpoint other = {
		.udev = udev, .address = 5, .type = USB_EP_BULK, .mps = 512
	};

	(void)state;
	assert_int_equal(xhci_bulk(&other, memory, 512, NULL), ERR_IO);
	assert_string_equal(reason(), "the endpoint is not set up");
	other.address = 0x83;
	assert_int_equal(xhci_bulk(&other, memory, 512, NULL), ERR_IO);
	xhci_stop();
	xhci_start();
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), memory, 512, NULL),
			 ERR_IO);
}

static void an_endpoint_takes_one_transfer(void **state)
{
	struct usb_transfer t = { .rq.queue = &udev->requests }, second;

	(void)state;
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&t, xhci_bulk_in(udev), memory, 512);
	t.bus = second.bus = 0x1000;
	assert_int_equal(xhci_hc->ops->submit(xhci_hc, &t), 0);
	second = t;
	assert_int_equal(xhci_hc->ops->submit(xhci_hc, &second), ERR_BUSY);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(control_data_comes_in),
		TEST(control_data_goes_out),
		TEST(short_control_data_is_noticed),
		TEST(a_control_transfer_is_one_doorbell),
		TEST(bulk_data_moves_both_ways),
		TEST(a_mebibyte_is_split_at_64_kib),
		TEST(short_bulk_data_is_counted_to_the_byte),
		TEST(a_megabyte_is_one_doorbell),
		TEST(a_stall_of_endpoint_0_resets_it),
		TEST(a_stall_of_a_bulk_endpoint_leaves_it_ready),
		TEST(errors_are_told_in_words),
		TEST(an_invalid_code_that_comes_twice_counts_once),
		TEST(an_endpoint_in_another_state_is_moved_on_even_so),
		TEST(an_endpoint_that_does_not_reset_costs_the_slot),
		TEST(a_device_unplugged_during_a_transfer_is_gone),
		TEST(a_device_replaced_during_a_transfer_is_gone),
		TEST(a_transaction_error_of_an_empty_port_is_an_unplugged_device),
		TEST(a_transfer_that_does_not_end_resets_the_controller),
		TEST(the_end_of_a_transfer_may_stop_the_controller),
		TEST(endpoints_that_are_not_set_up_are_refused),
		TEST(an_endpoint_takes_one_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

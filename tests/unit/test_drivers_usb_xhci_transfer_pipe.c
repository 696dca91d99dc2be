// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_transfer.c: pipes, which are read for ever.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

static struct fake_xhci_device keyboard;
static struct usb_device *udev;
static struct usb_pipe pipe;
static uint8_t report[64];

/* Reports that wait in the device, and what comes after the last. */
static unsigned waiting, next;
static long length, end;

static long interrupt(struct fake_xhci_device *fd, unsigned endpoint,
		      uint8_t *data, uint32_t len)
{
	(void)fd;
	assert_int_equal(endpoint, 0x83);
	assert_int_equal(len, 8);
	if (!waiting)
		return end;
	waiting--;
	memset(data, (int)++next, (size_t)length);
	return length;
}

static int setup(void **state)
{
	int err = xhci_setup(state);

	waiting = next = 0;
	length = 8;
	end = FAKE_XHCI_NAK;
	keyboard = (struct fake_xhci_device){ .speed = USB_HIGH,
					      .data = interrupt };
	udev = xhci_add_addressed(PORT_HIGH, &keyboard);
	xhci_configure(udev);
	pipe = (struct usb_pipe){ .ep = xhci_interrupt(udev), .size = 8 };
	pipe.reports = dma_alloc(&xhci_hc->dma, 4096, &pipe.bus);
	assert_int_equal(xhci_hc->ops->pipe_open(xhci_hc, &pipe), 0);
	return err;
}

static int teardown(void **state)
{
	device_stop(xhci_dev);
	dma_free(&xhci_hc->dma, pipe.reports, pipe.bus, 4096);
	return xhci_teardown(state);
}

static void arrive(unsigned n)
{
	waiting += n;
	fake_slots_wake();
}

static long read_pipe(void)
{
	memset(report, 0xee, sizeof(report));
	return xhci_hc->ops->pipe_read(xhci_hc, &pipe, report);
}

static void next_is(unsigned n)
{
	assert_int_equal(read_pipe(), 8);
	assert_int_equal(report[0], n & 0xff);
	assert_int_equal(report[7], n & 0xff);
	assert_int_equal(report[8], 0xee);
}

static void reports_come_in_order(void **state)
{
	(void)state;
	assert_int_equal(read_pipe(), ERR_AGAIN);
	for (unsigned n = 1; n <= 300; n++) {
		arrive(1);
		next_is(n);
		assert_int_equal(read_pipe(), ERR_AGAIN);
	}
}

static void an_idle_pipe_costs_no_hypercall(void **state)
{
	(void)state;
	read_pipe();
	fake_xhci_idle();
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(read_pipe(), ERR_AGAIN);
	assert_int_equal(fake_xhci.reads + fake_xhci.writes, 0);
}

static void a_burst_waits_in_the_buffers(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		/* More than there are buffers: the device keeps the rest. */
		arrive(11);
		for (unsigned i = 0; i < 11; i++)
			next_is(++n);
		assert_int_equal(read_pipe(), ERR_AGAIN);
	}
}

static void buffers_are_armed_with_one_doorbell_per_batch(void **state)
{
	unsigned slot = keyboard.slot;
	unsigned before = fake_xhci.doorbell[slot];

	(void)state;
	for (unsigned n = 1; n <= 80; n++) {
		arrive(1);
		next_is(n);
	}
	assert_int_equal(fake_xhci.doorbell[slot] - before, 80 / 4);
	before = fake_xhci.doorbell[slot];
	arrive(8);
	for (unsigned n = 81; n <= 88; n++)
		next_is(n);
	assert_int_equal(fake_xhci.doorbell[slot] - before, 1);
}

static void short_reports_have_their_length(void **state)
{
	(void)state;
	for (length = 0; length <= 8; length++) {
		arrive(1);
		assert_int_equal(read_pipe(), length);
		assert_int_equal(report[length], 0xee);
	}
	/* A controller that claims less than nothing. */
	length = 8;
	fake_slots.residual = 0xff0000;
	arrive(1);
	assert_int_equal(read_pipe(), 0);
}

static void what_does_not_come_in_order_is_ignored(void **state)
{
	const struct xhci_device *xd = udev->hcd;
	uint64_t bus = xd->endpoints[7]->ring.bus;
	uint32_t target = 32u << 10 | 7u << 16 | keyboard.slot << 24;

	(void)state;
	for (unsigned i = 1; i < 17; i++)
		fake_xhci_event(bus + 16 * i, 1u << 24, target);
	assert_int_equal(read_pipe(), ERR_AGAIN);
	arrive(1);
	next_is(1);
	/* What has been read. */
	fake_xhci_event(bus, 1u << 24, target);
	assert_int_equal(read_pipe(), ERR_AGAIN);
}

static void reports_for_ever_are_read_one_by_one(void **state)
{
	(void)state;
	waiting = 10000;
	fake_slots_wake();
	for (unsigned n = 1; n <= 10000; n++)
		next_is(n);
	assert_int_equal(read_pipe(), ERR_AGAIN);
}

static void a_halted_pipe_is_an_error(void **state)
{
	(void)state;
	end = USB_STALL;
	arrive(2);
	next_is(1);
	next_is(2);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(reason(), "stalled");
	/* Its device gets a new address, and the pipe is opened again. */
	end = FAKE_XHCI_NAK;
	assert_int_equal(xhci_kind(udev, USB_ADDRESS), 0);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_int_equal(xhci_kind(udev, USB_ENDPOINTS), 0);
	assert_int_equal(xhci_hc->ops->pipe_open(xhci_hc, &pipe), 0);
	assert_int_equal(read_pipe(), ERR_AGAIN);
	arrive(1);
	next_is(3);
}

static void an_unplugged_pipe_is_an_error(void **state)
{
	(void)state;
	arrive(1);
	next_is(1);
	fake_xhci_unplug(PORT_HIGH);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_false(fake_slots.slot[1].enabled);
}

static void a_stopped_controller_is_an_error(void **state)
{
	(void)state;
	device_stop(xhci_dev);
	fake_xhci_idle();
	assert_int_equal(read_pipe(), ERR_IO);
	assert_int_equal(fake_xhci.reads + fake_xhci.writes, 0);
}

static void a_pipe_is_opened_once(void **state)
{
	struct usb_pipe other = pipe;

	(void)state;
	arrive(1);
	assert_int_equal(xhci_hc->ops->pipe_open(xhci_hc, &pipe), 0);
	next_is(1);
	assert_int_equal(xhci_hc->ops->pipe_open(xhci_hc, &other), ERR_BUSY);
	other.ep = xhci_bulk_in(udev);
	assert_int_equal(xhci_hc->ops->pipe_open(xhci_hc, &other), ERR_IO);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_come_in_order),
		TEST(an_idle_pipe_costs_no_hypercall),
		TEST(a_burst_waits_in_the_buffers),
		TEST(buffers_are_armed_with_one_doorbell_per_batch),
		TEST(short_reports_have_their_length),
		TEST(what_does_not_come_in_order_is_ignored),
		TEST(reports_for_ever_are_read_one_by_one),
		TEST(a_halted_pipe_is_an_error),
		TEST(an_unplugged_pipe_is_an_error),
		TEST(a_stopped_controller_is_an_error),
		TEST(a_pipe_is_opened_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

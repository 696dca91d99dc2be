// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci_schedule.c: queues that come, stay and go.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"

static uint8_t buf[8192];
static int in_answer;

static int serve(struct fake_ehci_device *d, unsigned endpoint,
		 enum fake_pid pid, uint8_t *data, unsigned len)
{
	(void)d;
	if (pid != FAKE_IN || !len)
		return (int)len;
	if (endpoint && in_answer)
		return in_answer;
	memset(data, 0x42, len);
	return (int)len;
}

static int plug(void **state)
{
	unsigned port;

	host_plug(state);
	for (port = 1; port <= 6; port++)
		fake_ehci_plug(port)->handle = serve;
	in_answer = 0;
	host_start();
	return 0;
}

/* The memory that a bus address reaches. */
static le32 *at(uint32_t bus)
{
	return fake_dma_ptr(bus & ~31u, 4, DMA_BOTH);
}

static unsigned linked_async(void)
{
	uint32_t bus = fake_ehci.async;
	unsigned n = 0;

	do {
		bus = le32_get(*at(bus)) & ~31u;
		n++;
	} while (bus != fake_ehci.async);
	return n - 1;
}

/* The first QH after the head. */
static uint32_t first_periodic(void)
{
	uint32_t head = le32_get(*at(fake_ehci.periodic));

	return le32_get(*at(head)) & ~31u;
}

static unsigned linked_periodic(void)
{
	uint32_t bus = le32_get(*at(fake_ehci.periodic));
	unsigned n = 0;

	for (; !(bus & 1); bus = le32_get(*at(bus)))
		n++;
	return n - 1;
}

static int transfer(struct usb_device *udev, unsigned endpoint)
{
	struct usb_transfer t;

	host_bulk(&t, udev, endpoint, buf, 1000);
	return host_run(&t);
}

static void check_frames(unsigned step)
{
	const le32 *frames =
		fake_dma_ptr(fake_ehci.periodic, 4096, DMA_TO_DEVICE);
	unsigned i;

	for (i = 0; i < 1024; i++)
		assert_int_equal(le32_get(frames[i]) & 1, i % step != 0);
}

static void both_schedules_start_empty(void **state)
{
	(void)state;
	assert_int_equal(linked_async(), 0);
	assert_int_equal(linked_periodic(), 0);
	check_frames(1);
	device_stop(host_dev);
	le32_store(&fake_ehci.pci_config[0x2c], 0x12345678);
	host_start();
	check_frames(8);
}

static void every_endpoint_has_a_queue(void **state)
{
	unsigned port;

	(void)state;
	for (port = 1; port <= 6; port++)
		host_bring_up(host_device(port));
	assert_int_equal(linked_async(), 18);
	assert_int_equal(host_live(), 19);
}

/* Interfaces without a driver, and kinds of endpoints that EHCI leaves out. */
static void only_endpoints_that_are_used_have_one(void **state)
{
	struct usb_device *udev;

	(void)state;
	udev = host_device(1);
	host_endpoint(udev, 0)->used = false;
	host_endpoint(udev, 1)->type = USB_EP_ISOCHRONOUS;
	host_bring_up(udev);
	assert_int_equal(linked_async(), 1);
	assert_null(host_endpoint(udev, 0)->hcd);
}

static void a_device_that_comes_back_keeps_its_queues(void **state)
{
	struct usb_device *udev;
	unsigned i;

	(void)state;
	udev = host_device(1);
	for (i = 0; i < 50; i++) {
		host_bring_up(udev);
		assert_int_equal(linked_async(), 3);
		/* Toggles that are 0 in a device that has been reset. */
		assert_int_equal(transfer(udev, 0), 0);
		assert_int_equal(transfer(udev, 1), 0);
		assert_int_equal(transfer(udev, i % 2), 0);
	}
	assert_int_equal(host_live(), 4);
}

static void a_pipe_that_is_opened_again_gets_another_queue(void **state)
{
	static uint8_t reports[USB_PIPE_REPORTS * 8];
	struct usb_pipe pipe = { .reports = reports, .bus = 0x1000, .size = 8 };
	struct usb_device *udev;
	uint32_t old;
	unsigned i;

	(void)state;
	udev = host_device(1);
	pipe.ep = host_endpoint(udev, 2);
	for (i = 0; i < 20; i++) {
		host_bring_up(udev);
		assert_int_equal(linked_periodic(), 0);
		assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), 0);
		old = first_periodic();
		/* The controller may still be at the old one. */
		assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), 0);
		assert_int_not_equal(first_periodic(), old);
		assert_int_equal(linked_periodic(), 1);
	}
	/* The old ones are used again when the controller is done with them. */
	assert_in_range(host_live(), 5, 12);
}

/* It goes while its transfer waits. */
static int serve_and_go(struct fake_ehci_device *d, unsigned endpoint,
			enum fake_pid pid, uint8_t *data, unsigned len)
{
	if (!endpoint)
		return serve(d, endpoint, pid, data, len);
	fake_ehci_unplug((unsigned)(d - fake_ehci.device));
	return FAKE_NAK;
}

static void an_unplugged_device_ends_its_transfer(void **state)
{
	struct usb_device *udev, *other;
	struct usb_transfer t;
	unsigned doorbells;

	(void)state;
	udev = host_device(1);
	other = host_device(2);
	host_bring_up(udev);
	host_bring_up(other);
	fake_ehci.device[1].handle = serve_and_go;
	host_bulk(&t, udev, 1, buf, 1000);
	doorbells = fake_ehci.doorbells;
	assert_int_equal(host_run(&t), ERR_NODEV);
	assert_string_equal(t.rq.why, "the device is unplugged");
	/* The answer to a doorbell that was rung before does not count. */
	assert_int_equal(fake_ehci.doorbells - doorbells, 2);
	assert_int_equal(linked_async(), 5);
	assert_int_equal(transfer(udev, 0), ERR_NODEV);
	assert_int_equal(transfer(other, 1), 0);
	assert_int_equal(host_hc->losses, 0);
	/* Another device in its place. */
	fake_ehci_plug(1)->handle = serve;
	host_bring_up(udev);
	assert_int_equal(transfer(udev, 1), 0);
	assert_int_equal(host_live(), 7);
}

/* The buffer belongs to the controller until it has answered twice. */
static void a_doorbell_that_is_not_answered_times_out(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	fake_ehci.lie = EHCI_NO_ADVANCE;
	fake_ehci.device[1].handle = serve_and_go;
	host_bulk(&t, udev, 1, buf, 1000);
	assert_int_equal(host_run(&t), ERR_TIMEOUT);
	assert_false(fake_ehci.enabled);
}

static void a_controller_that_goes_mad_with_ports_is_bounded(void **state)
{
	struct usb_device *udev;

	(void)state;
	udev = host_device(1);
	host_bring_up(udev);
	fake_ehci.lie = EHCI_PORTS_GO_MAD;
	in_answer = FAKE_NAK;
	assert_int_equal(transfer(udev, 1), ERR_TIMEOUT);
	assert_false(fake_ehci.enabled);
}

static void no_memory_for_a_queue_is_an_error(void **state)
{
	struct usb_device *udev;
	struct usb_transfer t;

	(void)state;
	udev = host_device(1);
	assert_true(host_reset_port(1).enabled);
	host_kind(&t, udev, USB_ADDRESS);
	fake_dma_fail(2); /* the first is the core's */
	assert_int_equal(host_run(&t), ERR_NOMEM);
	host_bring_up(udev);
	host_endpoint(udev, 0)->address = 0x03;
	fake_dma_fail(1);
	host_kind(&t, udev, USB_ENDPOINTS);
	assert_int_equal(host_run(&t), ERR_NOMEM);
	fake_heap_fail_after(0);
	assert_int_equal(host_run(&t), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(host_run(&t), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, host_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_schedules_start_empty),
		TEST(every_endpoint_has_a_queue),
		TEST(only_endpoints_that_are_used_have_one),
		TEST(a_device_that_comes_back_keeps_its_queues),
		TEST(a_pipe_that_is_opened_again_gets_another_queue),
		TEST(an_unplugged_device_ends_its_transfer),
		TEST(a_doorbell_that_is_not_answered_times_out),
		TEST(a_controller_that_goes_mad_with_ports_is_bounded),
		TEST(no_memory_for_a_queue_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

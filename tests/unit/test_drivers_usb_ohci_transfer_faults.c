// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ohci_transfer.c: failing devices, lying controllers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/ohci_host.h"
#include <cmocka.h>

static struct fake_ohci_device *fd;
static struct usb_device *udev;
static struct usb_endpoint *in;
/* 8 TDs. */
static _Alignas(4096) uint8_t buf[65536];
static long refuse; /* 0: all bytes asked for */

static long bulk_packet(struct fake_ohci_device *dev, enum fake_ohci_pid pid,
			unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	(void)dev;
	(void)pid;
	(void)endpoint;
	if (!refuse)
		memset(ptr, 0x5a, len);
	return refuse ? refuse : (long)len;
}

static int setup(void **state)
{
	host_start(state);
	fd = fake_ohci_plug(1);
	udev = host_device(fd);
	fd->packet = bulk_packet;
	in = host_endpoint(udev, 0x81, USB_EP_BULK, 64);
	refuse = 0;
	return 0;
}

static void each_error_has_its_words(void **state)
{
	static const struct {
		unsigned code;
		const char *words;
	} errors[] = {
		{ 1, "endpoint 0x81: no valid response from the device" },
		{ 2, "endpoint 0x81: no valid response from the device" },
		{ 3, "endpoint 0x81: no valid response from the device" },
		{ 5, "endpoint 0x81: no valid response from the device" },
		{ 6, "endpoint 0x81: no valid response from the device" },
		{ 7, "endpoint 0x81: no valid response from the device" },
		{ 8, "endpoint 0x81: too many bytes from the device (babble)" },
		{ 10,
		  "endpoint 0x81: the controller did not say what happened" },
		{ 12, "endpoint 0x81: the controller could not keep up" },
		{ 13, "endpoint 0x81: the controller could not keep up" },
		{ 15,
		  "endpoint 0x81: the controller did not say what happened" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		refuse = FAKE_OHCI_CODE(errors[i].code);
		assert_int_equal(host_bulk(in, buf, 65536), ERR_IO);
		assert_string_equal(reason(), errors[i].words);
		/* The endpoint is usable again, its toggle 0. */
		refuse = 0;
		fd->toggle[1] = false;
		assert_int_equal(host_bulk(in, buf, 65536), 65536);
	}
}

/* Data is short without an error; nothing else can be. */
static void a_control_transfer_does_not_underrun(void **state)
{
	struct usb_transfer t;

	(void)state;
	refuse = FAKE_OHCI_CODE(9);
	usb_setup_fill(&t, udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	assert_int_equal(host_run(&t), ERR_IO);
	assert_string_equal(
		reason(),
		"endpoint 0x00: the controller did not say what happened");
}

static void bytes_before_an_error_are_counted(void **state)
{
	struct usb_transfer t = {
		.udev = udev, .kind = USB_BULK, .ep = in, .buf = buf, .len = 64
	};

	(void)state;
	assert_int_equal(host_run(&t), 0);
	refuse = FAKE_OHCI_CODE(1);
	assert_int_equal(host_run(&t), ERR_IO);
	assert_int_equal(t.actual, 0);
}

static void a_device_that_was_unplugged_is_absent(void **state)
{
	(void)state;
	fake_ohci_unplug(fd);
	assert_int_equal(host_bulk(in, buf, 64), ERR_NODEV);
	assert_string_equal(reason(), "the device is unplugged");
}

/* Another device in its place has not been reset. */
static void a_device_that_was_exchanged_is_absent(void **state)
{
	(void)state;
	fake_ohci_unplug(fd);
	fake_ohci_plug(1);
	assert_int_equal(host_bulk(in, buf, 64), ERR_NODEV);
}

static void a_disabled_port_is_an_error(void **state)
{
	(void)state;
	fake_ohci.port[1] &= ~2u;
	fd->enabled = false;
	assert_int_equal(host_bulk(in, buf, 64), ERR_IO);
	assert_string_equal(reason(), "the port is disabled");
}

/* QEMU leaves the TDs of absent devices alone. */
static void a_device_unplugged_in_qemu_is_found_soon(void **state)
{
	struct usb_device *other = host_device(fake_ohci_plug(2));
	unsigned frames = fake_ohci.frames;
	struct usb_transfer t;

	(void)state;
	fake_ohci.qemu = true;
	fake_ohci_unplug(fd);
	assert_int_equal(host_bulk(in, buf, 65536), ERR_NODEV);
	assert_string_equal(reason(), "the device is unplugged");
	assert_in_range(fake_ohci.frames - frames, 1, 100);
	/* The controller and other devices go on. */
	assert_true(device_is_up(host_dev));
	usb_setup_fill(&t, other, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	assert_int_equal(host_run(&t), 0);
	/* The ED is usable. */
	fd = fake_ohci_plug(1);
	fd->packet = bulk_packet;
	fd->enabled = true;
	fd->address = udev->address;
	assert_int_equal(host_bulk(in, buf, 65536), 65536);
}

static void a_port_disabled_in_qemu_is_found_soon(void **state)
{
	(void)state;
	fake_ohci.qemu = true;
	fake_ohci.port[1] &= ~2u;
	fd->enabled = false;
	assert_int_equal(host_bulk(in, buf, 64), ERR_IO);
	assert_string_equal(reason(), "the port is disabled");
	assert_true(device_is_up(host_dev));
}

static void a_device_that_only_naks_is_given_up(void **state)
{
	unsigned frames = fake_ohci.frames;

	(void)state;
	refuse = FAKE_OHCI_NAK;
	assert_int_equal(host_bulk(in, buf, 64), ERR_TIMEOUT);
	assert_in_range(fake_ohci.frames - frames, 4900, 5100);
	assert_false(fake_ohci.enabled);
	assert_null(in->hcd);
}

/* QEMU reads 32 EDs of a list. */
static void a_hundred_transfers_are_in_flight(void **state)
{
	static struct usb_transfer t[100];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		struct usb_device *of;
		struct fake_ohci_device *dev = fake_ohci_plug(2);

		of = host_new(udev, i + 1);
		of->root_port = 2;
		of->speed = USB_FULL;
		of->ep0.mps = 8;
		fake_ohci.port[2] = 3;
		dev->enabled = true;
		assert_int_equal(host_address(of), 0);
		usb_setup_fill(&t[i], of, 0, USB_SET_CONFIGURATION, 1, 0, NULL,
			       0);
	}
	for (i = 0; i < 100; i++)
		usb_transfer_add(&t[i], 0);
	for (i = 0; i < 100; i++) {
		while (t[i].rq.status == REQUEST_PENDING)
			request_wait();
		assert_int_equal(t[i].rq.status, 0);
	}
	assert_int_equal(fake_ohci.longest, 33);
}

static void stop_it(struct usb_transfer *t)
{
	(void)t;
	device_stop(host_dev);
}

/* A class driver may close its device then. */
static void the_end_of_a_transfer_may_stop_the_controller(void **state)
{
	struct usb_device *other = host_device(fake_ohci_plug(2));
	struct usb_transfer t[2];
	unsigned i;

	(void)state;
	usb_setup_fill(&t[0], other, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	usb_setup_fill(&t[1], udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	t[0].done = t[1].done = stop_it;
	usb_transfer_add(&t[0], 0);
	usb_transfer_add(&t[1], 0);
	for (i = 0; i < 2; i++) {
		while (t[i].rq.status == REQUEST_PENDING)
			request_wait();
	}
	assert_int_equal(t[0].rq.status, 0);
	assert_int_equal(t[1].rq.status, ERR_IO);
}

/* Lies of the controller: what it writes to the first bulk ED, once. */
static struct {
	unsigned word;
	uint32_t value;
	bool in_td, relative;
} lie;

static void tell_a_lie(void)
{
	uint8_t *ed = fake_ohci_ed(1), *at = ed;
	uint32_t value = lie.value;

	if (!ed)
		return;
	if (lie.in_td)
		at = fake_dma_ptr(le32_load(ed + 8) & ~15u, 16, DMA_BOTH);
	if (lie.relative)
		value += le32_load(at + 4 * lie.word);
	le32_store(at + 4 * lie.word, value);
	fake_ohci.between = NULL;
	fake_ohci_forget();
}

static int lying(unsigned word, uint32_t value, bool in_td, bool relative)
{
	long rc;

	lie.word = word;
	lie.value = value;
	lie.in_td = in_td;
	lie.relative = relative;
	refuse = FAKE_OHCI_NAK;
	fake_ohci.between = tell_a_lie;
	rc = host_bulk(in, buf, 65536);
	return (int)rc;
}

static void expect_lost(int rc)
{
	assert_int_equal(rc, ERR_IO);
	assert_string_equal(fake_printed,
			    "usb /usb-ohci@2: controller reset: it "
			    "violates OHCI: a transfer\r\n");
	assert_false(fake_ohci.enabled);
}

static void a_head_outside_the_ring_is_not_followed(void **state)
{
	(void)state;
	expect_lost(lying(2, 0x12345670 | 1, false, false));
}

static void a_head_of_zero_is_not_followed(void **state)
{
	(void)state;
	expect_lost(lying(2, 1, false, false));
}

/* In the ring, but of no TD that was filled. */
static void a_head_past_the_tail_is_not_followed(void **state)
{
	(void)state;
	expect_lost(lying(2, 22 * 16 + 1, false, true));
}

static void a_head_just_past_the_ring_is_not_followed(void **state)
{
	(void)state;
	expect_lost(lying(2, 23 * 16 + 1, false, true));
}

static void a_head_before_the_ring_is_not_followed(void **state)
{
	(void)state;
	expect_lost(lying(2, (uint32_t)-16 + 1, false, true));
}

/* As if all TDs were done that the controller has not looked at. */
static void descriptors_that_were_not_run_are_an_error(void **state)
{
	(void)state;
	assert_int_equal(lying(2, 8 * 16, false, true), ERR_IO);
	assert_string_equal(
		reason(),
		"endpoint 0x81: the controller did not say what happened");
}

static void a_halt_without_a_cause_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(lying(2, 1, false, true), ERR_IO);
	assert_string_equal(
		reason(),
		"endpoint 0x81: the controller did not say what happened");
	assert_true(device_is_up(host_dev));
}

/* More bytes than were asked for, in either direction. */
static void retire_with(uint32_t current)
{
	uint8_t *ed = fake_ohci_ed(1), *td;

	td = fake_dma_ptr(le32_load(ed + 8) & ~15u, 16, DMA_BOTH);
	le32_store(td + 4, current);
	le32_store(td, 0);
	le32_store(ed + 8, le32_load(td + 8) | 1);
}

static uint32_t current_lie;
static void lie_about_current(void)
{
	if (!fake_ohci_ed(1))
		return;
	retire_with(current_lie);
	fake_ohci.between = NULL;
	fake_ohci_forget();
}

static void more_bytes_than_asked_for_are_not_believed(void **state)
{
	(void)state;
	refuse = FAKE_OHCI_NAK;
	current_lie = (uint32_t)(uintptr_t)buf + 3 * 4096;
	fake_ohci.between = lie_about_current;
	expect_lost((int)host_bulk(in, buf, 65536));
}

static void fewer_bytes_than_none_are_not_believed(void **state)
{
	(void)state;
	refuse = FAKE_OHCI_NAK;
	current_lie = (uint32_t)(uintptr_t)buf - 1;
	fake_ohci.between = lie_about_current;
	expect_lost((int)host_bulk(in, buf, 65536));
}

/* The controller hides an ED from itself. */
static void an_overwritten_skip_bit_ends_at_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(lying(0, 1u << 14, false, false), ERR_TIMEOUT);
}

static void an_overwritten_tail_ends_at_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(lying(1, 0, false, false), ERR_TIMEOUT);
}

/* The list loops, and ends nowhere. */
static void link_to_itself(void)
{
	uint8_t *ed = fake_ohci_ed(1);

	if (!ed)
		return;
	le32_store(ed + 12, le32_load(fake_dma_ptr(fake_ohci.head[1] + 12, 4,
						   DMA_BOTH)));
	refuse = 0;
}

static void overwritten_links_are_not_followed(void **state)
{
	unsigned i;

	(void)state;
	fake_ohci.between = link_to_itself;
	for (i = 0; i < 10; i++) {
		refuse = FAKE_OHCI_NAK;
		assert_int_equal(host_bulk(in, buf, 65536), 65536);
	}
}

static void scribble_done_head(void)
{
	uint8_t *hcca;

	if (!fake_ohci.hcca)
		return;
	hcca = fake_dma_ptr(fake_ohci.hcca, 256, DMA_BOTH);
	le32_store(hcca + 0x84, 0xfffffff1);
	le16_store(hcca + 0x82, 0xffff);
}

static void the_done_head_is_not_read(void **state)
{
	(void)state;
	fake_ohci.between = scribble_done_head;
	assert_int_equal(host_bulk(in, buf, 65536), 65536);
}

static void a_controller_that_lies_three_times_is_given_up(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		if (i) {
			assert_int_equal(usb_controller_start(host_hc), 0);
			host_hc->ops->port_reset(host_hc, 1);
			fd->packet = NULL;
			assert_int_equal(host_address(udev), 0);
			fd->packet = bulk_packet;
			udev->config.interfaces[0].n_endpoints = 0;
			in = host_endpoint(udev, 0x81, USB_EP_BULK, 64);
		}
		assert_int_equal(lying(2, 1, false, false), ERR_IO);
	}
	assert_int_equal(device_start(host_dev), ERR_NODEV);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, host_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_error_has_its_words),
		TEST(a_control_transfer_does_not_underrun),
		TEST(bytes_before_an_error_are_counted),
		TEST(a_device_that_was_unplugged_is_absent),
		TEST(a_device_that_was_exchanged_is_absent),
		TEST(a_disabled_port_is_an_error),
		TEST(a_device_unplugged_in_qemu_is_found_soon),
		TEST(a_port_disabled_in_qemu_is_found_soon),
		TEST(a_device_that_only_naks_is_given_up),
		TEST(a_hundred_transfers_are_in_flight),
		TEST(the_end_of_a_transfer_may_stop_the_controller),
		TEST(a_head_outside_the_ring_is_not_followed),
		TEST(a_head_of_zero_is_not_followed),
		TEST(a_head_past_the_tail_is_not_followed),
		TEST(a_head_just_past_the_ring_is_not_followed),
		TEST(a_head_before_the_ring_is_not_followed),
		TEST(descriptors_that_were_not_run_are_an_error),
		TEST(a_halt_without_a_cause_is_an_error),
		TEST(more_bytes_than_asked_for_are_not_believed),
		TEST(fewer_bytes_than_none_are_not_believed),
		TEST(an_overwritten_skip_bit_ends_at_the_deadline),
		TEST(an_overwritten_tail_ends_at_the_deadline),
		TEST(overwritten_links_are_not_followed),
		TEST(the_done_head_is_not_read),
		TEST(a_controller_that_lies_three_times_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ohci_transfer.c: pipes, as keyboards use them.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/ohci_host.h"
#include <cmocka.h>

static struct fake_ohci_device *fd;
static struct usb_device *udev;
static struct usb_pipe pipe;
static uint8_t reports[USB_PIPE_REPORTS * USB_PIPE_SIZE_MAX];
static uint8_t report[USB_PIPE_SIZE_MAX];
/* Reports that the device still sends, of how many bytes; its last number. */
static unsigned ready;
static uint32_t report_len;
static uint8_t number;
static long refuse;

static long send_report(struct fake_ohci_device *dev, enum fake_ohci_pid pid,
			unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	(void)dev;
	assert_int_equal(pid, FAKE_OHCI_IN);
	assert_int_equal(endpoint, 1);
	if (refuse)
		return refuse;
	if (!ready)
		return FAKE_OHCI_NAK;
	ready--;
	memset(ptr, 0, len);
	ptr[0] = ++number;
	return report_len;
}

/* The class driver's memory for DMA. */
static void open_pipe(struct usb_device *of, struct usb_pipe *p, unsigned size)
{
	*p = (struct usb_pipe){
		.ep = host_endpoint(of, 0x81, USB_EP_INTERRUPT, (uint16_t)size),
		.reports = reports,
		.size = size,
	};
	assert_int_equal(dma_map(&host_hc->dma, reports, sizeof(reports),
				 DMA_FROM_DEVICE, &p->bus),
			 0);
	assert_int_equal(host_hc->ops->pipe_open(host_hc, p), 0);
}

static int setup(void **state)
{
	host_start(state);
	fd = fake_ohci_plug(1);
	udev = host_device(fd);
	fd->packet = send_report;
	open_pipe(udev, &pipe, 8);
	ready = 0;
	report_len = 8;
	number = 0;
	refuse = 0;
	return 0;
}

static int teardown(void **state)
{
	device_stop(host_dev);
	dma_unmap(&host_hc->dma, pipe.bus, sizeof(reports));
	return host_stop(state);
}

static long read_pipe(void)
{
	return host_hc->ops->pipe_read(host_hc, &pipe, report);
}

static void nothing_typed_costs_no_hypercall(void **state)
{
	unsigned reads = fake_ohci.reads, writes = fake_ohci.writes, i;

	(void)state;
	for (i = 0; i < 10000; i++)
		assert_int_equal(read_pipe(), ERR_AGAIN);
	assert_true(fake_ohci.frames > 1000);
	assert_int_equal(fake_ohci.reads, reads);
	assert_int_equal(fake_ohci.writes, writes);
}

static void reports_come_in_order_and_once(void **state)
{
	unsigned i;

	(void)state;
	ready = 5;
	fake_ohci_run(8);
	for (i = 1; i <= 5; i++) {
		assert_int_equal(read_pipe(), 8);
		assert_int_equal(report[0], i);
	}
	assert_int_equal(read_pipe(), ERR_AGAIN);
}

static void what_is_not_read_waits_in_the_device(void **state)
{
	unsigned i;

	(void)state;
	ready = 20;
	fake_ohci_run(100);
	assert_int_equal(ready, 20 - USB_PIPE_REPORTS);
	for (i = 1; i <= 20; i++) {
		assert_int_equal(read_pipe(), 8);
		assert_int_equal(report[0], i);
		fake_ohci_run(8);
	}
	assert_int_equal(read_pipe(), ERR_AGAIN);
}

static void buffers_are_used_for_ever(void **state)
{
	unsigned i, got = 0;
	uint8_t last = 0;

	(void)state;
	ready = 10000;
	for (i = 0; i < 200000 && got < 10000; i++) {
		long n = read_pipe();

		if (n == ERR_AGAIN)
			continue;
		assert_int_equal(n, 8);
		assert_int_equal(report[0], ++last);
		got++;
	}
	assert_int_equal(got, 10000);
}

static void an_endpoint_is_read_every_eight_frames(void **state)
{
	unsigned first;

	(void)state;
	refuse = FAKE_OHCI_NAK;
	fake_ohci_run(8);
	first = fd->packets;
	fake_ohci_run(80);
	assert_int_equal(fd->packets, first + 10);
}

static void short_reports_have_their_length(void **state)
{
	(void)state;
	for (report_len = 0; report_len <= 8; report_len++) {
		ready = 1;
		fake_ohci_run(8);
		assert_int_equal(read_pipe(), report_len);
	}
}

/* QEMU reads 32 EDs of a list. */
static void many_keyboards_share_the_frames(void **state)
{
	static struct usb_pipe pipes[100];
	static struct fake_ohci_device *devs[100];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		struct usb_device *of;

		/* As behind a hub: no other one is at address 0. */
		devs[i] = fake_ohci_plug(2);
		of = host_new(udev, i + 1);
		of->root_port = 2;
		of->speed = USB_FULL;
		of->ep0.mps = 8;
		fake_ohci.port[2] = 3;
		devs[i]->enabled = true;
		assert_int_equal(host_address(of), 0);
		devs[i]->packet = send_report;
		open_pipe(of, &pipes[i], 8);
		dma_unmap(&host_hc->dma, pipes[i].bus, sizeof(reports));
	}
	refuse = FAKE_OHCI_NAK;
	fake_ohci.longest = 0;
	for (i = 0; i < 100; i++)
		devs[i]->packets = 0;
	fake_ohci_run(80);
	for (i = 0; i < 100; i++)
		assert_int_equal(devs[i]->packets, 10);
	assert_in_range(fake_ohci.longest, 1, 14);
}

static void a_broken_pipe_is_an_error_and_stays_one(void **state)
{
	unsigned reads;

	(void)state;
	ready = 1;
	fake_ohci_run(8);
	refuse = FAKE_OHCI_STALL;
	fake_ohci_run(8);
	assert_int_equal(read_pipe(), 8);
	reads = fake_ohci.reads;
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(reason(), "endpoint 0x81: stalled");
	assert_int_equal(read_pipe(), ERR_IO);
	assert_int_equal(fake_ohci.reads, reads);
	assert_true(device_is_up(host_dev));
}

/* As real hardware says it. */
static void an_unplugged_keyboard_is_an_error(void **state)
{
	unsigned reads = fake_ohci.reads, i;

	(void)state;
	fake_ohci_unplug(fd);
	fake_ohci_run(8);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(reason(), "the device is unplugged");
	for (i = 0; i < 100; i++)
		assert_int_equal(read_pipe(), ERR_IO);
	assert_int_equal(fake_ohci.reads, reads + 1);
}

/* QEMU says nothing: it is as if no key was pressed. */
static void a_keyboard_unplugged_in_qemu_is_silent(void **state)
{
	(void)state;
	fake_ohci.qemu = true;
	fake_ohci_unplug(fd);
	fake_ohci_run(800);
	assert_int_equal(read_pipe(), ERR_AGAIN);
}

static void a_report_that_is_too_long_is_an_error(void **state)
{
	(void)state;
	ready = 1;
	report_len = 9;
	fake_ohci_run(8);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(
		reason(),
		"endpoint 0x81: too many bytes from the device (babble)");
}

static void a_reset_device_sends_to_its_new_pipe_only(void **state)
{
	struct usb_transfer t = { .udev = udev, .kind = USB_ENDPOINTS };

	(void)state;
	host_hc->ops->port_reset(host_hc, 1);
	fd->packet = NULL;
	assert_int_equal(host_address(udev), 0);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(reason(), "endpoint 0x81: not open");
	fd->packet = send_report;
	ready = 1;
	fake_ohci.longest = 0;
	fake_ohci_run(16);
	assert_int_equal(fake_ohci.longest, 1);
	assert_int_equal(ready, 1);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(reason(), "endpoint 0x81: not open");
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), 0);
	fake_ohci_run(8);
	assert_int_equal(read_pipe(), 8);
	assert_int_equal(report[0], 1);
}

static void a_pipe_is_opened_once_and_only_when_set_up(void **state)
{
	struct usb_pipe other = pipe;
	struct usb_endpoint *bulk = host_endpoint(udev, 0x82, USB_EP_BULK, 64);

	(void)state;
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), ERR_IO);
	other.ep = bulk;
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &other), ERR_IO);
	other.ep = &udev->config.interfaces[1].endpoints[0];
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &other), ERR_IO);
	other.ep = host_endpoint(udev, 0x83, USB_EP_INTERRUPT, 8);
	other.bus = 0xfffffff0;
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &other), ERR_IO);
	assert_string_equal(reason(), "its DMA window is above 4 GiB");
}

static void a_dead_controller_is_found_by_reading(void **state)
{
	unsigned i;

	(void)state;
	fake_ohci.lie = FAKE_OHCI_DEAD;
	for (i = 0; i < 1000 && read_pipe() == ERR_AGAIN; i++)
		;
	assert_true(i < 1000);
	assert_false(device_is_up(host_dev));
	for (i = 0; i < 1000; i++)
		assert_int_equal(read_pipe(), ERR_IO);
}

/* The head of the pipe's ED, in its list of interrupt endpoints. */
static uint32_t head_lie;

static void lie_about_head(void)
{
	unsigned list;

	for (list = 2; list < 10; list++) {
		uint8_t *ed = fake_ohci_ed(list);

		if (ed)
			le32_store(ed + 8, le32_load(ed + 8) + head_lie);
	}
	fake_ohci.between = NULL;
	fake_ohci_forget();
}

static void expect_lost(uint32_t value)
{
	head_lie = value;
	fake_ohci.between = lie_about_head;
	fake_ohci_run(1);
	assert_int_equal(read_pipe(), ERR_IO);
	assert_string_equal(fake_printed,
			    "usb /usb-ohci@2: controller reset: it violates "
			    "OHCI: a pipe\r\n");
	assert_false(fake_ohci.enabled);
}

static void a_head_outside_the_ring_is_not_followed(void **state)
{
	(void)state;
	expect_lost(10 * 16 + 1);
}

static void a_halt_without_a_cause_loses_the_controller(void **state)
{
	(void)state;
	expect_lost(1);
}

/* As if it had run a TD, and moved more than there is room for. */
static void more_bytes_than_asked_for_are_not_believed(void **state)
{
	uint8_t *td = NULL;
	unsigned list;

	(void)state;
	for (list = 2; list < 10 && !td; list++) {
		uint8_t *ed = fake_ohci_ed(list);

		if (!ed)
			continue;
		td = fake_dma_ptr(le32_load(ed + 8), 16, DMA_BOTH);
		le32_store(td + 4, le32_load(td + 4) + 9);
		le32_store(td, 0);
		le32_store(ed + 8, le32_load(ed + 8) + 16);
	}
	assert_non_null(td);
	fake_ohci_forget();
	assert_int_equal(read_pipe(), ERR_IO);
	assert_false(fake_ohci.enabled);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_typed_costs_no_hypercall),
		TEST(reports_come_in_order_and_once),
		TEST(what_is_not_read_waits_in_the_device),
		TEST(buffers_are_used_for_ever),
		TEST(an_endpoint_is_read_every_eight_frames),
		TEST(short_reports_have_their_length),
		TEST(many_keyboards_share_the_frames),
		TEST(a_broken_pipe_is_an_error_and_stays_one),
		TEST(an_unplugged_keyboard_is_an_error),
		TEST(a_keyboard_unplugged_in_qemu_is_silent),
		TEST(a_report_that_is_too_long_is_an_error),
		TEST(a_reset_device_sends_to_its_new_pipe_only),
		TEST(a_pipe_is_opened_once_and_only_when_set_up),
		TEST(a_dead_controller_is_found_by_reading),
		TEST(a_head_outside_the_ring_is_not_followed),
		TEST(a_halt_without_a_cause_loses_the_controller),
		TEST(more_bytes_than_asked_for_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

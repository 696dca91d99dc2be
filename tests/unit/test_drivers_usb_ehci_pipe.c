// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci_pipe.c: reports, in order, none lost.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"

struct keyboard {
	struct usb_device *udev;
	struct usb_pipe pipe;
	uint64_t bus;
	uint8_t *reports; /* at an odd place: across a page */
};
static struct keyboard keyboards[3];
static _Alignas(4096) uint8_t memory[3][2 * 4096];

/* Of each port: how many reports are waiting, their length, or FAKE_*. */
static unsigned typed[7], sent[7];
static int len_or_error;
/* Times that endpoint 0 is not ready. */
static unsigned naks;

static int serve(struct fake_ehci_device *d, unsigned endpoint,
		 enum fake_pid pid, uint8_t *data, unsigned len)
{
	unsigned port = (unsigned)(d - fake_ehci.device);

	if (!endpoint && naks && naks--)
		return FAKE_NAK;
	if (!endpoint || pid != FAKE_IN)
		return pid == FAKE_IN ? 0 : (int)len;
	assert_int_equal(endpoint, 2);
	if (sent[port] == typed[port])
		return FAKE_NAK;
	if (len_or_error < 0)
		return len_or_error;
	memset(data, 0, (size_t)len_or_error);
	if (len_or_error)
		data[0] = (uint8_t)sent[port]++;
	if (len_or_error > 1)
		data[1] = (uint8_t)port;
	return len_or_error;
}

static void open_keyboard(struct keyboard *kb, unsigned size)
{
	kb->pipe = (struct usb_pipe){ .ep = host_endpoint(kb->udev, 2),
				      .reports = kb->reports,
				      .bus = kb->bus,
				      .size = size };
	kb->pipe.ep->mps = (uint16_t)size;
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &kb->pipe), 0);
}

static int plug(void **state)
{
	unsigned i;

	host_plug(state);
	memset(typed, 0, sizeof(typed));
	memset(sent, 0, sizeof(sent));
	memset(memory, 0xee, sizeof(memory));
	len_or_error = 8;
	naks = 0;
	for (i = 0; i < ARRAY_SIZE(keyboards); i++)
		fake_ehci_plug(i + 1)->handle = serve;
	host_start();
	for (i = 0; i < ARRAY_SIZE(keyboards); i++) {
		struct keyboard *kb = &keyboards[i];

		kb->reports = memory[i] + 4096 - 20;
		assert_int_equal(dma_map(&host_hc->dma, kb->reports, 512,
					 DMA_FROM_DEVICE, &kb->bus),
				 0);
		kb->udev = host_device(i + 1);
		host_bring_up(kb->udev);
	}
	return 0;
}

static int unplug(void **state)
{
	unsigned i;

	device_stop(host_dev);
	for (i = 0; i < ARRAY_SIZE(keyboards); i++)
		dma_unmap(&host_hc->dma, keyboards[i].bus, 512);
	return host_unplug(state);
}

static long read_report(struct keyboard *kb, uint8_t *report)
{
	memset(report, 0xaa, 64);
	return host_hc->ops->pipe_read(host_hc, &kb->pipe, report);
}

static void the_schedule_runs_with_the_first_pipe(void **state)
{
	(void)state;
	assert_false(fake_ehci.cmd & 0x10);
	open_keyboard(&keyboards[0], 8);
	assert_true(fake_ehci.cmd & 0x10);
	assert_true(fake_ehci.cmd & 0x20);
}

static void reports_arrive_in_order(void **state)
{
	struct keyboard *kb = &keyboards[0];
	uint8_t report[64];
	unsigned i;

	(void)state;
	open_keyboard(kb, 8);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(read_report(kb, report), ERR_AGAIN);
		typed[1]++;
		fake_ehci_frame(8 * i);
		assert_int_equal(read_report(kb, report), 8);
		assert_int_equal(report[0], i & 0xff);
		assert_int_equal(report[8], 0xaa);
	}
}

static void eight_reports_wait_and_none_is_lost(void **state)
{
	struct keyboard *kb = &keyboards[0];
	uint8_t report[64];
	unsigned i, round;

	(void)state;
	open_keyboard(kb, 8);
	for (round = 0; round < 20; round++) {
		typed[1] += 20;
		fake_ehci_frame(0);
		assert_int_equal(sent[1], 20 * round + 8);
		for (i = 0; i < 20; i++) {
			assert_int_equal(read_report(kb, report), 8);
			assert_int_equal(report[0], (20 * round + i) & 0xff);
			fake_ehci_frame(16);
		}
		assert_int_equal(read_report(kb, report), ERR_AGAIN);
	}
	/* Nothing beside the buffers. */
	assert_int_equal(kb->reports[-1], 0xee);
	assert_int_equal(kb->reports[64], 0xee);
}

static void every_frame_gives_a_report(void **state)
{
	uint8_t report[64];
	unsigned frame;

	(void)state;
	open_keyboard(&keyboards[0], 8);
	for (frame = 0; frame < 2000; frame++) {
		typed[1]++;
		fake_ehci_frame(frame);
		assert_int_equal(read_report(&keyboards[0], report), 8);
	}
}

static void several_keyboards_are_read(void **state)
{
	uint8_t report[64];
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(keyboards); i++) {
		open_keyboard(&keyboards[i], 8);
		typed[i + 1] = i + 1;
	}
	fake_ehci_frame(0);
	for (i = 0; i < ARRAY_SIZE(keyboards); i++) {
		assert_int_equal(read_report(&keyboards[i], report), 8);
		assert_int_equal(report[1], i + 1);
	}
	assert_int_equal(read_report(&keyboards[0], report), ERR_AGAIN);
	assert_int_equal(read_report(&keyboards[2], report), 8);
}

static void reports_may_be_of_any_length(void **state)
{
	struct keyboard *kb = &keyboards[1];
	uint8_t report[64];

	(void)state;
	open_keyboard(kb, 64);
	for (len_or_error = 1; len_or_error <= 64; len_or_error++) {
		typed[2]++;
		fake_ehci_frame(0);
		assert_int_equal(read_report(kb, report), len_or_error);
		assert_int_equal(report[0], len_or_error - 1);
	}
	assert_int_equal(kb->reports[-1], 0xee);
	assert_int_equal(kb->reports[512], 0xee);
}

static void an_empty_report_is_one(void **state)
{
	uint8_t report[64];
	unsigned n = 0;

	(void)state;
	open_keyboard(&keyboards[0], 8);
	len_or_error = 0;
	typed[1] = 1;
	fake_ehci_frame(0);
	len_or_error = 8;
	while (read_report(&keyboards[0], report) == 0)
		n++;
	assert_int_equal(n, 8);
}

static void looking_for_a_report_touches_no_register(void **state)
{
	uint8_t report[64];
	unsigned before;

	(void)state;
	open_keyboard(&keyboards[0], 8);
	before = fake_ehci.accesses;
	assert_int_equal(read_report(&keyboards[0], report), ERR_AGAIN);
	typed[1] = 1;
	fake_ehci_frame(0);
	assert_int_equal(read_report(&keyboards[0], report), 8);
	assert_int_equal(fake_ehci.accesses, before);
}

static void a_pipe_that_fails_says_so(void **state)
{
	static const int errors[] = { FAKE_STALL, FAKE_BABBLE, FAKE_XACT };
	struct keyboard *kb = &keyboards[0];
	uint8_t report[64];
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		len_or_error = errors[i];
		open_keyboard(kb, 8);
		typed[1]++;
		fake_ehci_frame(0);
		assert_int_equal(read_report(kb, report), ERR_IO);
		assert_non_null(strstr(reason(), "endpoint 0x82"));
		assert_int_equal(read_report(kb, report), ERR_IO);
		/* A reset helps. */
		len_or_error = 8;
		host_bring_up(kb->udev);
		assert_int_equal(read_report(kb, report), ERR_IO);
		open_keyboard(kb, 8);
		fake_ehci_frame(0);
		assert_int_equal(read_report(kb, report), 8);
	}
}

static void more_bytes_left_than_asked_for_are_an_error(void **state)
{
	uint8_t report[64];

	(void)state;
	open_keyboard(&keyboards[0], 8);
	fake_ehci.lie = EHCI_RESIDUE;
	typed[1] = 1;
	fake_ehci_frame(0);
	assert_int_equal(read_report(&keyboards[0], report), ERR_IO);
}

static void a_scribbling_controller_harms_nobody(void **state)
{
	uint8_t report[64];
	unsigned n;

	(void)state;
	open_keyboard(&keyboards[0], 8);
	fake_ehci.lie = EHCI_SCRIBBLES;
	typed[1] = 1;
	fake_ehci_frame(0);
	for (n = 0; n < 20; n++)
		(void)read_report(&keyboards[0], report);
}

/* Seen while another device has a transfer. */
static void an_unplugged_keyboard_says_so(void **state)
{
	struct usb_transfer t;
	uint8_t report[64];

	(void)state;
	open_keyboard(&keyboards[0], 8);
	fake_ehci_unplug(1);
	naks = 1;
	host_control(&t, keyboards[1].udev, 0, NULL, 0);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(read_report(&keyboards[0], report), ERR_IO);
	assert_string_equal(reason(), "the device is unplugged");
}

static void a_stopped_controller_has_no_pipes(void **state)
{
	uint8_t report[64];

	(void)state;
	open_keyboard(&keyboards[0], 8);
	device_stop(host_dev);
	assert_int_equal(read_report(&keyboards[0], report), ERR_IO);
	assert_string_equal(reason(), "endpoint 0x82: not open");
	host_start();
	assert_false(fake_ehci.cmd & 0x10);
	host_bring_up(keyboards[0].udev);
	open_keyboard(&keyboards[0], 8);
	assert_true(fake_ehci.cmd & 0x10);
	assert_int_equal(read_report(&keyboards[0], report), ERR_AGAIN);
}

static void no_memory_is_an_error(void **state)
{
	struct usb_pipe pipe = { .ep = host_endpoint(keyboards[0].udev, 2),
				 .reports = keyboards[0].reports,
				 .bus = keyboards[0].bus,
				 .size = 8 };

	(void)state;
	fake_dma_fail(1);
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), ERR_NOMEM);
	pipe.bus = UINT32_MAX - 62;
	assert_int_equal(host_hc->ops->pipe_open(host_hc, &pipe), ERR_INVAL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_schedule_runs_with_the_first_pipe),
		TEST(reports_arrive_in_order),
		TEST(eight_reports_wait_and_none_is_lost),
		TEST(every_frame_gives_a_report),
		TEST(several_keyboards_are_read),
		TEST(reports_may_be_of_any_length),
		TEST(an_empty_report_is_one),
		TEST(looking_for_a_report_touches_no_register),
		TEST(a_pipe_that_fails_says_so),
		TEST(more_bytes_left_than_asked_for_are_an_error),
		TEST(a_scribbling_controller_harms_nobody),
		TEST(an_unplugged_keyboard_says_so),
		TEST(a_stopped_controller_has_no_pipes),
		TEST(no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

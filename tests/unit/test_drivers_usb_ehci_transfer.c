// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci_transfer.c: data, short packets, errors, lies.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"

#define OUT 0
#define IN 1

static _Alignas(4096) uint8_t memory[1 << 20];
static uint8_t source[1 << 20], sink[1 << 20];
static struct usb_device *udev;
static struct fake_ehci_device *dev;

/* The device: IN endpoints read the source, OUT ones write the sink. */
static uint32_t in_left, in_at, out_at;
static int answer[3]; /* per PID; 0: as above */
static uint8_t setup[8];

static int serve(struct fake_ehci_device *d, unsigned endpoint,
		 enum fake_pid pid, uint8_t *buf, unsigned len)
{
	uint32_t n = MIN(len, in_left);

	(void)d;
	(void)endpoint;
	if (answer[pid])
		return answer[pid];
	if (pid == FAKE_SETUP)
		memcpy(setup, buf, 8);
	if (pid == FAKE_OUT)
		memcpy(sink + out_at, buf, len);
	if (pid != FAKE_IN) {
		out_at += pid == FAKE_OUT ? len : 0;
		return (int)len;
	}
	memcpy(buf, source + in_at, n);
	in_at += n;
	in_left -= n;
	return (int)n;
}

static int plug(void **state)
{
	unsigned i;

	host_plug(state);
	dev = fake_ehci_plug(1);
	dev->handle = serve;
	host_start();
	udev = host_device(1);
	host_bring_up(udev);
	for (i = 0; i < sizeof(source); i++)
		source[i] = (uint8_t)(i * 7 + i / 512);
	memset(memory, 0xee, sizeof(memory));
	memset(answer, 0, sizeof(answer));
	in_left = sizeof(source);
	in_at = out_at = 0;
	return 0;
}

static void a_control_transfer_reads(void **state)
{
	struct usb_transfer t;

	(void)state;
	host_control(&t, udev, USB_IN, memory, 18);
	t.setup.value = le16_make(0x0100);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 18);
	assert_memory_equal(memory, source, 18);
	assert_int_equal(memory[18], 0xee);
	assert_memory_equal(setup, "\x80\x06\x00\x01\x00\x00\x12\x00", 8);
	assert_int_equal(fake_ehci.mps, 64);
}

static void a_control_transfer_may_be_short(void **state)
{
	struct usb_transfer t;

	(void)state;
	in_left = 9;
	host_control(&t, udev, USB_IN, memory, 255);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 9);
	in_left = 1000;
	host_control(&t, udev, USB_IN, memory, 255);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 255);
}

static void a_control_transfer_writes(void **state)
{
	struct usb_transfer t;

	(void)state;
	memcpy(memory, "LEDs", 4);
	host_control(&t, udev, 0, memory, 4);
	in_left = 0; /* the status */
	assert_int_equal(host_run(&t), 0);
	assert_memory_equal(sink, "LEDs", 4);
	assert_int_equal(t.actual, 4);
}

static void a_control_transfer_needs_no_data(void **state)
{
	struct usb_transfer t;
	unsigned before = fake_ehci.qtds;

	(void)state;
	in_left = 0;
	host_control(&t, udev, 0, NULL, 0);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 0);
	assert_int_equal(fake_ehci.qtds - before, 2);
}

/* From any byte of a page, of any length. */
static void bulk_data_is_read_and_written(void **state)
{
	static const uint32_t lengths[] = {
		1, 31, 512, 4096, 16383, 16384, 16385, 65536, 512 * 1024 - 8,
	};
	struct usb_transfer t;
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
		uint32_t len = lengths[i / 2];
		uint8_t *buf = memory + (i % 2 ? 4095 : 8);

		in_at = 0;
		in_left = len;
		host_bulk(&t, udev, IN, buf, len);
		assert_int_equal(host_run(&t), 0);
		assert_int_equal(t.actual, len);
		assert_memory_equal(buf, source, len);
		assert_int_equal(buf[len], 0xee);
		out_at = 0;
		host_bulk(&t, udev, OUT, buf, len);
		assert_int_equal(host_run(&t), 0);
		assert_int_equal(t.actual, len);
		assert_memory_equal(sink, source, len);
		memset(memory, 0xee, sizeof(memory));
	}
}

static void the_longest_transfer_rings_once(void **state)
{
	struct usb_transfer t;
	unsigned doorbells = fake_ehci.doorbells, qtds = fake_ehci.qtds;

	(void)state;
	host_bulk(&t, udev, IN, memory + 4095, 512 * KiB);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 512 * KiB);
	assert_memory_equal(memory + 4095, source, 512 * KiB);
	assert_int_equal(fake_ehci.doorbells - doorbells, 1);
	assert_int_equal(fake_ehci.qtds - qtds, 32);
}

static void longer_ones_are_refused(void **state)
{
	struct usb_transfer t;

	(void)state;
	host_bulk(&t, udev, IN, memory, 512 * KiB + 1);
	assert_int_equal(host_run(&t), ERR_INVAL);
}

static void buffers_above_4_gib_are_refused(void **state)
{
	static const uint64_t places[] = { 1ULL << 32, 1ULL << 40,
					   UINT32_MAX - 511 };
	struct usb_transfer t;
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		host_bulk(&t, udev, IN, memory, 512);
		t.bus = places[i];
		assert_int_equal(host_run(&t), ERR_INVAL);
	}
	assert_string_equal(t.rq.why, "not a buffer for EHCI");
}

static void an_empty_transfer_is_one_packet(void **state)
{
	struct usb_transfer t;
	unsigned qtds = fake_ehci.qtds;

	(void)state;
	host_bulk(&t, udev, OUT, NULL, 0);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(fake_ehci.qtds - qtds, 1);
}

/* The fake checks the toggle of each packet. */
static void toggles_go_on_from_transfer_to_transfer(void **state)
{
	struct usb_transfer t;
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++) {
		host_bulk(&t, udev, i & 1 ? IN : OUT, memory, 31 + 513 * i);
		out_at = in_at = 0;
		in_left = sizeof(source);
		assert_int_equal(host_run(&t), 0);
	}
}

/* Whole packets, so that no device is cut short in the middle. */
static void odd_packet_sizes_fit_the_qtds(void **state)
{
	struct usb_transfer t;
	unsigned qtds;

	(void)state;
	host_endpoint(udev, IN)->mps = 1023;
	host_bring_up(udev);
	qtds = fake_ehci.qtds;
	host_bulk(&t, udev, IN, memory, 512 * KiB);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 512 * KiB);
	assert_memory_equal(memory, source, 512 * KiB);
	assert_int_equal(fake_ehci.qtds - qtds, 33); /* of 16368 bytes */
}

static void a_short_packet_ends_a_transfer(void **state)
{
	struct usb_transfer t, next;
	unsigned qtds;

	(void)state;
	in_left = 20000; /* ends in the second of four qTDs */
	qtds = fake_ehci.qtds;
	host_bulk(&t, udev, IN, memory, 65536);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 20000);
	/* What comes next is for the next transfer. */
	assert_int_equal(fake_ehci.qtds - qtds, 2);
	in_left = 13;
	host_bulk(&next, udev, IN, memory + 70000, 13);
	assert_int_equal(host_run(&next), 0);
	assert_memory_equal(memory + 70000, source + 20000, 13);
	assert_int_equal(memory[20000], 0xee);
}

/* The skipped qTDs of short transfers are not found when the ring wraps. */
static void many_short_transfers_go_round_the_ring(void **state)
{
	struct usb_transfer t;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		in_left = i * 11;
		in_at = 0;
		host_bulk(&t, udev, IN, memory, 512 * 1024);
		assert_int_equal(host_run(&t), 0);
		assert_int_equal(t.actual, i * 11);
	}
	assert_int_equal(memory[99 * 11], 0xee);
}

static void fails(unsigned endpoint, int how, int err, const char *why)
{
	struct usb_transfer t;

	answer[FAKE_IN] = answer[FAKE_OUT] = how;
	host_bulk(&t, udev, endpoint, memory, 40000);
	assert_int_equal(host_run(&t), err);
	assert_string_equal(t.rq.why, why);
	answer[FAKE_IN] = answer[FAKE_OUT] = 0;
	/* The endpoint is empty, and its toggle 0. */
	in_at = out_at = 0;
	in_left = 1000;
	host_bulk(&t, udev, endpoint, memory, 1000);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 1000);
}

static void errors_are_told_and_leave_the_endpoint_usable(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 50; i++) {
		fails(IN, FAKE_STALL, USB_STALL, "endpoint 0x81: stalled");
		fails(OUT, FAKE_STALL, USB_STALL, "endpoint 0x01: stalled");
		fails(IN, FAKE_BABBLE, ERR_IO,
		      "endpoint 0x81: too many bytes from the device "
		      "(babble)");
		fails(IN, FAKE_XACT, ERR_IO,
		      "endpoint 0x81: no valid response from the device");
		fails(OUT, FAKE_BUFFER, ERR_IO,
		      "endpoint 0x01: the controller could not keep up");
	}
	assert_int_equal(host_hc->losses, 0);
}

/* An error in the third of several qTDs counts what came before. */
static void an_error_after_some_data_tells_how_much(void **state)
{
	struct usb_transfer t;

	(void)state;
	host_control(&t, udev, USB_IN, memory, 100);
	answer[FAKE_OUT] = FAKE_STALL; /* the status */
	assert_int_equal(host_run(&t), USB_STALL);
	assert_int_equal(t.actual, 100);
	answer[FAKE_OUT] = 0;
	answer[FAKE_SETUP] = FAKE_STALL;
	host_control(&t, udev, USB_IN, memory, 100);
	assert_int_equal(host_run(&t), USB_STALL);
	assert_string_equal(t.rq.why, "endpoint 0x00: stalled");
	assert_int_equal(t.actual, 0);
	answer[FAKE_SETUP] = 0;
	host_control(&t, udev, USB_IN, memory, 100);
	assert_int_equal(host_run(&t), 0);
}

static void endpoints_that_are_not_set_up_are_refused(void **state)
{
	struct usb_device *other;
	struct usb_transfer t;

	(void)state;
	other = host_device(2);
	host_bulk(&t, other, IN, memory, 512);
	assert_int_equal(host_run(&t), ERR_IO);
	assert_string_equal(t.rq.why, "endpoint 0x81: not set up");
}

/* Whatever the controller does, the transfer ends and nothing more comes. */
static void bounded(enum fake_ehci_lie lie, int err, const char *why)
{
	struct usb_transfer t;
	uint64_t before = deadline_ms();

	fake_ehci.lie = lie;
	answer[FAKE_IN] = lie == EHCI_HALF_HALTED ? FAKE_STALL : 0;
	host_bulk(&t, udev, IN, memory, 1000);
	assert_int_equal(host_run(&t), err);
	assert_true(strstr(t.rq.why, why) || fake_log_has(why));
	assert_in_range(deadline_ms() - before, 0, 7000);
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
	fake_ehci.lie = EHCI_HONEST;
	answer[FAKE_IN] = 0;
	host_start();
	host_bring_up(udev);
	in_at = 0;
	in_left = 1000;
	host_bulk(&t, udev, IN, memory, 1000);
	assert_int_equal(host_run(&t), 0);
	assert_memory_equal(memory, source, 1000);
}

static void a_qtd_that_stays_active_times_out(void **state)
{
	(void)state;
	bounded(EHCI_STAYS_ACTIVE, ERR_TIMEOUT, "no response");
}

static void a_silent_controller_times_out(void **state)
{
	(void)state;
	bounded(EHCI_SILENT, ERR_TIMEOUT, "no response");
}

static void more_bytes_left_than_asked_for_end_it(void **state)
{
	(void)state;
	bounded(EHCI_RESIDUE, ERR_IO, "more bytes left than were asked for");
	assert_int_equal(host_hc->losses, 1);
}

/* The QH could still be written: it is not reused. */
static void a_halted_qtd_in_a_running_queue_times_out(void **state)
{
	(void)state;
	bounded(EHCI_HALF_HALTED, ERR_TIMEOUT, "no response");
}

/* The first transfer is complete; links that it wrote are not followed. */
static void links_that_the_controller_overwrites_do_not_matter(void **state)
{
	struct usb_transfer t;

	(void)state;
	fake_ehci.lie = EHCI_SCRIBBLES;
	host_bulk(&t, udev, IN, memory, 1000);
	assert_int_equal(host_run(&t), 0);
	assert_int_equal(t.actual, 1000);
	bounded(EHCI_SCRIBBLES, ERR_TIMEOUT, "no response");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, host_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_control_transfer_reads),
		TEST(a_control_transfer_may_be_short),
		TEST(a_control_transfer_writes),
		TEST(a_control_transfer_needs_no_data),
		TEST(bulk_data_is_read_and_written),
		TEST(the_longest_transfer_rings_once),
		TEST(longer_ones_are_refused),
		TEST(buffers_above_4_gib_are_refused),
		TEST(an_empty_transfer_is_one_packet),
		TEST(toggles_go_on_from_transfer_to_transfer),
		TEST(odd_packet_sizes_fit_the_qtds),
		TEST(a_short_packet_ends_a_transfer),
		TEST(many_short_transfers_go_round_the_ring),
		TEST(errors_are_told_and_leave_the_endpoint_usable),
		TEST(an_error_after_some_data_tells_how_much),
		TEST(endpoints_that_are_not_set_up_are_refused),
		TEST(a_qtd_that_stays_active_times_out),
		TEST(a_silent_controller_times_out),
		TEST(more_bytes_left_than_asked_for_end_it),
		TEST(a_halted_qtd_in_a_running_queue_times_out),
		TEST(links_that_the_controller_overwrites_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

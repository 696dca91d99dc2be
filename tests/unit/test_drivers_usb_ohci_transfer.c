// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ohci_transfer.c: transfers and pipes of honest devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include "lib/watch.h"
#include "tests/fake/ohci_host.h"
#include <cmocka.h>

static struct fake_ohci_device *fd;
static struct usb_device *udev;
/* Below 4 GiB, with room to shift what is transferred. */
static uint8_t buf[72 * 1024], data[72 * 1024], page[4096];

/* What a bulk device does: packets it has moved, and a script. */
static uint32_t moved, limit, packet_max;
static unsigned short_packets;
static long refuse; /* 0: nothing */

static int setup(void **state)
{
	unsigned i;

	host_start(state);
	watch_memory((uintptr_t)buf, sizeof(buf));
	fd = fake_ohci_plug(1);
	udev = host_device(fd);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	memset(buf, 0, sizeof(buf));
	moved = short_packets = 0;
	limit = sizeof(data);
	packet_max = 64;
	refuse = 0;
	return 0;
}

static int control(unsigned type, unsigned request, void *ptr, unsigned len,
		   uint32_t *actual)
{
	struct usb_transfer t;
	int err;

	usb_setup_fill(&t, udev, type, request, 0x100, 0, ptr, len);
	err = host_run(&t);
	*actual = t.actual;
	return err;
}

/* The packet size of a bulk device is checked, too. */
static long bulk_packet(struct fake_ohci_device *dev, enum fake_ohci_pid pid,
			unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	uint32_t n = MIN(len, limit - moved);

	(void)dev;
	assert_int_equal(endpoint, pid == FAKE_OHCI_IN ? 1 : 2);
	assert_true(len <= packet_max);
	if (refuse)
		return refuse;
	short_packets += n < packet_max;
	if (pid == FAKE_OHCI_IN)
		memcpy(ptr, data + moved, n);
	else
		memcpy(buf + moved, ptr, n);
	moved += n;
	return n;
}

static struct usb_endpoint *bulk(uint8_t address, uint16_t mps)
{
	packet_max = mps;
	fd->packet = bulk_packet;
	return host_endpoint(udev, address, USB_EP_BULK, mps);
}

static void a_device_gets_an_address(void **state)
{
	static const uint8_t set_address[8] = { 0, 5, 1 };

	(void)state;
	assert_memory_equal(fd->setup, set_address, 8);
	assert_int_equal(udev->address, 1);
	assert_int_equal(fd->address, 1);
}

static void each_device_gets_another_address(void **state)
{
	struct usb_device *other = host_device(fake_ohci_plug(2));

	(void)state;
	assert_int_equal(other->address, 2);
	/* After a reset it keeps its own. */
	host_hc->ops->port_reset(host_hc, 1);
	assert_int_equal(host_address(udev), 0);
	assert_int_equal(udev->address, 1);
	assert_int_equal(fd->address, 1);
}

static void a_device_that_refuses_its_address_has_none(void **state)
{
	(void)state;
	host_hc->ops->port_reset(host_hc, 1);
	fd->packet = bulk_packet;
	fd->enabled = false;
	assert_int_equal(host_address(udev), ERR_IO);
	fd->enabled = true;
	fd->packet = NULL;
	assert_int_equal(host_address(udev), 0);
}

static void data_of_a_control_transfer_comes_in_packets(void **state)
{
	uint32_t actual;

	(void)state;
	fd->reply = data;
	fd->reply_len = 100;
	fd->packets = 0;
	assert_int_equal(control(USB_IN, 6, page, 100, &actual), 0);
	assert_int_equal(actual, 100);
	assert_memory_equal(page, data, 100);
	/* Setup, 13 of 8 bytes, status. */
	assert_int_equal(fd->packets, 15);
}

static void a_new_packet_size_is_used(void **state)
{
	struct usb_transfer t = { .udev = udev, .kind = USB_MPS0 };
	uint32_t actual;

	(void)state;
	udev->ep0.mps = 64;
	assert_int_equal(host_run(&t), 0);
	fd->reply = data;
	fd->reply_len = 4000;
	fd->packets = 0;
	assert_int_equal(control(USB_IN, 6, page, 4000, &actual), 0);
	assert_int_equal(actual, 4000);
	assert_memory_equal(page, data, 4000);
	assert_int_equal(fd->packets, 2 + 63);
}

static void a_short_answer_says_how_short(void **state)
{
	uint32_t actual, len;

	(void)state;
	fd->reply = data;
	for (len = 0; len < 40; len++) {
		fd->reply_len = len;
		assert_int_equal(control(USB_IN, 6, page, 40, &actual), 0);
		assert_int_equal(actual, len);
	}
}

static void data_goes_to_a_device(void **state)
{
	uint32_t actual;

	(void)state;
	assert_int_equal(control(0, 9, data, 21, &actual), 0);
	assert_int_equal(actual, 21);
	assert_int_equal(fd->at, 21);
	assert_memory_equal(fd->got, data, 21);
	assert_int_equal(control(0, 9, NULL, 0, &actual), 0);
	assert_int_equal(fd->at, 0);
}

static long stall(struct fake_ohci_device *dev, enum fake_ohci_pid pid,
		  unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	(void)dev;
	(void)endpoint;
	(void)ptr;
	return pid == FAKE_OHCI_SETUP ? (long)len : FAKE_OHCI_STALL;
}

static void a_stall_has_a_status_of_its_own(void **state)
{
	uint32_t actual;
	unsigned i;

	(void)state;
	fd->reply = data;
	fd->reply_len = 18;
	for (i = 0; i < 20; i++) {
		fd->packet = stall;
		assert_int_equal(control(USB_IN, 6, page, 18, &actual),
				 USB_STALL);
		assert_string_equal(reason(), "endpoint 0x00: stalled");
		assert_int_equal(actual, 0);
		fd->packet = NULL;
		assert_int_equal(control(USB_IN, 6, page, 18, &actual), 0);
		assert_int_equal(actual, 18);
	}
}

static void bulk_data_arrives_whole(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64), *out = bulk(0x02, 64);
	unsigned shift;

	(void)state;
	for (shift = 0; shift < 4096; shift += 511) {
		moved = short_packets = 0;
		assert_int_equal(host_bulk(in, buf + shift, 65536), 65536);
		assert_memory_equal(buf + shift, data, 65536);
		assert_int_equal(moved, 65536);
		/* In the middle they would end the transfer. */
		assert_int_equal(short_packets, 0);
	}
	memset(buf, 0, sizeof(buf));
	moved = 0;
	assert_int_equal(host_bulk(out, data + 4095, 65536), 65536);
	assert_memory_equal(buf, data + 4095, 65536);
}

/* Not a divisor of the page: a device may ask for any. */
static void odd_packet_sizes_work(void **state)
{
	static const uint16_t sizes[] = { 8, 63, 1000, 1023, 1024 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct usb_endpoint *in;

		udev->config.interfaces[0].n_endpoints = 0;
		in = bulk(0x81, sizes[i]);
		memset(fd->toggle, 0, sizeof(fd->toggle));
		moved = short_packets = 0;
		assert_int_equal(host_bulk(in, buf + 4095, 65536), 65536);
		assert_memory_equal(buf + 4095, data, 65536);
		assert_int_equal(short_packets, 65536 % sizes[i] != 0);
	}
}

/* The fake checks toggles at each packet. */
static void toggles_go_on_from_transfer_to_transfer(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64), *out = bulk(0x02, 64);
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		moved = 0;
		limit = 64 * (1 + i % 3);
		assert_int_equal(host_bulk(in, buf, 64 * (1 + i % 3)), limit);
		assert_int_equal(host_bulk(out, data, 31), 0);
		limit = 31;
		moved = 0;
		assert_int_equal(host_bulk(out, data, 31), 31);
	}
}

static void empty_bulk_transfers_work(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64), *out = bulk(0x02, 64);

	(void)state;
	assert_int_equal(host_bulk(in, buf, 0), 0);
	assert_int_equal(host_bulk(out, buf, 0), 0);
	assert_int_equal(short_packets, 2);
}

static void a_short_bulk_answer_says_how_short(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64);

	(void)state;
	for (limit = 0; limit < 300; limit += 13) {
		moved = 0;
		assert_int_equal(host_bulk(in, buf, 8192), limit);
		assert_memory_equal(buf, data, limit);
	}
}

/* The status of a SCSI command comes next, and is not data. */
static void a_short_answer_ends_a_long_transfer(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64);

	(void)state;
	fake_ohci.qemu = false;
	limit = 20000;
	assert_int_equal(host_bulk(in, buf, 65536), 20000);
	assert_memory_equal(buf, data, 20000);
	assert_int_equal(short_packets, 1);
	limit = 20013;
	assert_int_equal(host_bulk(in, buf, 13), 13);
	assert_memory_equal(buf, data + 20000, 13);
}

/* QEMU does not say how much of the 8 KiB there was. */
static void qemus_short_answer_counts_whole_descriptors(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64);
	uint8_t *at = (uint8_t *)ALIGN_UP((uintptr_t)buf, 4096);

	(void)state;
	fake_ohci.qemu = true;
	limit = 20000;
	assert_int_equal(host_bulk(in, at, 65536), 16384);
	limit = 20013;
	assert_int_equal(host_bulk(in, buf, 13), 13);
}

/* The user clears the halt in the device: its toggle is 0, too. */
static void a_stall_resets_the_toggle(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64);

	(void)state;
	assert_int_equal(host_bulk(in, buf, 64), 64);
	assert_true(fd->toggle[1]);
	refuse = FAKE_OHCI_STALL;
	assert_int_equal(host_bulk(in, buf, 65536), USB_STALL);
	refuse = 0;
	fd->toggle[1] = false;
	assert_int_equal(host_bulk(in, buf, 64), 64);
}

static void low_speed_devices_are_marked(void **state)
{
	struct fake_ohci_device *low = fake_ohci_plug(2);

	(void)state;
	low->low = true;
	/* The fake compares. */
	assert_int_equal(host_device(low)->speed, USB_LOW);
	assert_int_equal(low->packets, 2);
}

static void one_kick_starts_a_batch(void **state)
{
	unsigned kicks = fake_ohci.kicks;
	uint32_t actual;

	(void)state;
	assert_int_equal(control(0, 9, NULL, 0, &actual), 0);
	assert_int_equal(fake_ohci.kicks, kicks + 1);
	host_hc->ops->kick(host_hc);
	assert_int_equal(fake_ohci.kicks, kicks + 1);
}

/* The engine submits it again when another one has ended. */
static void an_endpoint_does_one_transfer_at_a_time(void **state)
{
	struct usb_endpoint *in = bulk(0x81, 64), *out = bulk(0x02, 64);
	struct usb_transfer t[3] = {
		{ .udev = udev, .kind = USB_BULK, .ep = in },
		{ .udev = udev, .kind = USB_BULK, .ep = in },
		{ .udev = udev, .kind = USB_BULK, .ep = out },
	};
	int (*submit)(struct usb_controller *, struct usb_transfer *) =
		host_hc->ops->submit;

	(void)state;
	assert_int_equal(submit(host_hc, &t[0]), 0);
	assert_int_equal(submit(host_hc, &t[1]), ERR_BUSY);
	assert_int_equal(submit(host_hc, &t[2]), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, host_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_gets_an_address),
		TEST(each_device_gets_another_address),
		TEST(a_device_that_refuses_its_address_has_none),
		TEST(data_of_a_control_transfer_comes_in_packets),
		TEST(a_new_packet_size_is_used),
		TEST(a_short_answer_says_how_short),
		TEST(data_goes_to_a_device),
		TEST(a_stall_has_a_status_of_its_own),
		TEST(bulk_data_arrives_whole),
		TEST(odd_packet_sizes_work),
		TEST(toggles_go_on_from_transfer_to_transfer),
		TEST(empty_bulk_transfers_work),
		TEST(a_short_bulk_answer_says_how_short),
		TEST(a_short_answer_ends_a_long_transfer),
		TEST(qemus_short_answer_counts_whole_descriptors),
		TEST(a_stall_resets_the_toggle),
		TEST(low_speed_devices_are_marked),
		TEST(one_kick_starts_a_batch),
		TEST(an_endpoint_does_one_transfer_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

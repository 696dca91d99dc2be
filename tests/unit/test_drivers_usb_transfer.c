// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/transfer.c: memory for the controller, statuses, waiting.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/request.h"
#include "drivers/usb/core.h"
#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

#define SLACK_MS 20u

static struct fake_usb_thing disk, other;
static struct usb_device *udev, *other_udev;
static struct device *dev;
static uint8_t data[8192];

/* The last control request to the disk, and its answer. */
static struct usb_setup asked;
static uint8_t heard[USB_CONTROL_MAX];
static long answer;

static long control(struct fake_usb_device *fd, const struct usb_setup *setup,
		    uint8_t *buf, uint32_t len)
{
	(void)fd;
	if ((setup->type & 0x60) != 0x40)
		return FAKE_USB_PASS;
	if (answer == FAKE_USB_NAK)
		return FAKE_USB_NAK;
	asked = *setup;
	if (!(setup->type & USB_IN) && len)
		memcpy(heard, buf, len);
	for (uint32_t i = 0; setup->type & USB_IN && i < len; i++) {
		/* Nothing of an earlier transfer lies there. */
		assert_int_equal(buf[i], 0);
		buf[i] = (uint8_t)(i + 1);
	}
	return answer < 0 ? answer : MIN(answer, (long)len);
}

static long bulk(struct fake_usb_device *fd, uint8_t endpoint, uint8_t *buf,
		 uint32_t len)
{
	(void)fd;
	if (endpoint & USB_IN)
		memset(buf, 0x5a, len);
	return answer < 0 ? answer : MIN(answer, (long)len);
}

/* Two disks; the first is open. */
static int setup(void **state)
{
	fake_usb_setup(state);
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_HIGH);
	disk.fd.control = other.fd.control = control;
	disk.fd.bulk = other.fd.bulk = bulk;
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &other.fd;
	fake_usb.window = true;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	udev = fake_usb_known(&disk);
	other_udev = fake_usb_known(&other);
	dev = device_of(tree_find("/usb@1/storage@1"));
	assert_int_equal(device_open(dev), 0);
	answer = 1000000;
	memset(data, 0xee, sizeof(data));
	return 0;
}

static int teardown(void **state)
{
	/* Pages of the two devices. */
	assert_int_equal(fake_dma_live(), 2);
	device_close(dev);
	return fake_usb_teardown(state);
}

static void control_data_comes_in(void **state)
{
	(void)state;
	assert_int_equal(
		usb_control(udev, 0xc0, 0x12, 0x3456, 0x789a, data, 100), 100);
	assert_int_equal(asked.type, 0xc0);
	assert_int_equal(asked.request, 0x12);
	assert_int_equal(le16_get(asked.value), 0x3456);
	assert_int_equal(le16_get(asked.index), 0x789a);
	assert_int_equal(le16_get(asked.length), 100);
	assert_int_equal(data[0], 1);
	assert_int_equal(data[99], 100);
	assert_int_equal(data[100], 0xee);
}

static void a_short_answer_leaves_the_rest_alone(void **state)
{
	(void)state;
	answer = 3;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 100), 3);
	assert_int_equal(data[2], 3);
	assert_int_equal(data[3], 0xee);
	answer = 0;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 100), 0);
	assert_int_equal(data[0], 1);
}

static void the_longest_control_transfer(void **state)
{
	(void)state;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data,
				     USB_CONTROL_MAX),
			 USB_CONTROL_MAX);
	assert_int_equal(data[USB_CONTROL_MAX - 1], (uint8_t)USB_CONTROL_MAX);
	assert_int_equal(data[USB_CONTROL_MAX], 0xee);
}

static void control_data_goes_out(void **state)
{
	(void)state;
	memcpy(data, "to the device", 13);
	assert_int_equal(usb_control(udev, 0x40, 1, 0, 0, data, 13), 13);
	assert_memory_equal(heard, "to the device", 13);
	assert_int_equal(usb_control(udev, 0x40, 1, 0, 0, NULL, 0), 0);
	assert_int_equal(le16_get(asked.length), 0);
}

static void errors_have_reasons(void **state)
{
	(void)state;
	answer = USB_STALL;
	assert_int_equal(usb_control(udev, 0x40, 1, 0, 0, NULL, 0), USB_STALL);
	assert_string_equal(reason(), "stalled");
	answer = ERR_IO;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 9), ERR_IO);
	assert_string_equal(reason(), "fake error");
	assert_int_equal(data[0], 0xee);
	disk.fd.gone = true;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 9), ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
}

/* The controller may say what it likes. */
static void no_more_moves_than_was_asked_for(void **state)
{
	struct usb_transfer t = { .udev = udev, .kind = USB_BULK };

	(void)state;
	fake_usb.excess = 0x7fffffff;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 100), 100);
	assert_int_equal(data[100], 0xee);
	t.ep = &udev->config.interfaces[0].endpoints[0];
	t.buf = data;
	t.len = 512;
	usb_transfer_add(&t, 0);
	request_wait();
	assert_int_equal(t.actual, 512);
}

static void silence_ends_after_5_s(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	answer = FAKE_USB_NAK;
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 9),
			 ERR_TIMEOUT);
	assert_string_equal(reason(), "no response in 5 s; device reset");
	assert_in_range(deadline_ms() - before, 5000, 5000 + SLACK_MS);
	assert_false(fake_usb.running);
}

/* A bulk transfer of `len` bytes at `data + 64`. */
static struct usb_transfer make_bulk(unsigned endpoint, uint32_t len)
{
	return (struct usb_transfer){
		.udev = udev,
		.kind = USB_BULK,
		.ep = &udev->config.interfaces[0].endpoints[endpoint],
		.buf = len ? data + 64 : NULL,
		.len = len,
	};
}

static void run(struct usb_transfer *t)
{
	usb_transfer_add(t, 0);
	while (t->rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(fake_dma_live(), 2);
}

/* The fake device checks that exactly its memory is mapped. */
static void bulk_memory_is_mapped_meanwhile(void **state)
{
	struct usb_transfer in = make_bulk(0, 4096), out = make_bulk(1, 512);

	(void)state;
	run(&in);
	assert_int_equal(in.rq.status, 0);
	assert_int_equal(in.actual, 4096);
	assert_int_equal(in.bus, 0);
	assert_int_equal(data[64], 0x5a);
	assert_int_equal(data[63], 0xee);
	run(&out);
	assert_int_equal(out.rq.status, 0);
	assert_int_equal(out.actual, 512);
	/* Once more, for example after a retry. */
	run(&in);
	assert_int_equal(in.rq.status, 0);
}

static void bulk_without_data(void **state)
{
	struct usb_transfer t = make_bulk(1, 0);

	(void)state;
	run(&t);
	assert_int_equal(t.rq.status, 0);
	assert_int_equal(t.actual, 0);
}

static void a_user_may_map_it(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&udev->hc->dma, t.buf, t.len, DMA_FROM_DEVICE,
				 &bus),
			 0);
	t.bus = bus;
	usb_transfer_add(&t, 0);
	request_wait();
	assert_int_equal(t.rq.status, 0);
	assert_int_equal(t.bus, bus);
	assert_true(fake_dma_mapped(bus));
	dma_unmap(&udev->hc->dma, bus, t.len);
}

static void a_full_window_ends_the_transfer(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);

	(void)state;
	fake_dma_fail(1);
	run(&t);
	assert_int_equal(t.rq.status, ERR_NOSPACE);
	assert_string_equal(t.rq.why, "dma: window is full");
	run(&t);
	assert_int_equal(t.rq.status, 0);
}

static void whatever_the_end_it_is_unmapped(void **state)
{
	static const long answers[] = { USB_STALL, ERR_IO, FAKE_USB_NAK };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(answers); i++) {
		struct usb_transfer t = make_bulk(0, 512);

		answer = answers[i];
		run(&t);
		assert_int_equal(t.rq.status,
				 i == 2 ? ERR_TIMEOUT : (int)answer);
		assert_int_equal(t.actual, 0);
		disk.fd.halted = 0;
	}
	assert_int_equal(usb_device_start(udev), 0);
}

static void also_by_the_loss_of_the_controller(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);

	(void)state;
	fake_usb.losses = 1;
	run(&t);
	assert_int_equal(t.rq.status, ERR_IO);
	assert_string_equal(fake_printed, "usb /usb@1: controller reset: host "
					  "system error\r\n");
}

/* Those of another device, which it has in flight. */
static void also_by_another_devices_silence(void **state)
{
	struct usb_transfer t = make_bulk(0, 512), s = make_bulk(0, 512);

	(void)state;
	assert_int_equal(usb_device_start(other_udev), 0);
	s.udev = other_udev;
	s.ep = &other_udev->config.interfaces[0].endpoints[0];
	answer = FAKE_USB_NAK;
	t.rq.timeout_ms = 60000;
	usb_transfer_add(&t, 0);
	usb_transfer_add(&s, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(s.rq.status, ERR_TIMEOUT);
	assert_int_equal(t.rq.status, ERR_IO);
	assert_int_equal(fake_dma_live(), 2);
}

/* It was reset, and started again before the engine noticed. */
static void also_by_a_restart(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);

	(void)state;
	answer = FAKE_USB_NAK;
	usb_transfer_add(&t, 0);
	/* Until it is in flight. */
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(fake_usb.n, 1);
	device_stop(udev->hc->dev);
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(t.rq.status, ERR_IO);
	assert_string_equal(t.rq.why, "the controller was reset");
	assert_int_equal(fake_dma_live(), 2);
}

/* The controller was started again for somebody else. */
static void a_device_that_is_not_up_gets_nothing(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);

	(void)state;
	device_stop(udev->hc->dev);
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_true(fake_usb.running);
	run(&t);
	assert_int_equal(t.rq.status, ERR_IO);
	assert_string_equal(t.rq.why, "the device is not up");
	assert_int_equal(usb_control(udev, 0xc0, 1, 0, 0, data, 9), ERR_IO);
	assert_int_equal(fake_usb.n, 0);
	assert_int_equal(usb_device_start(udev), 0);
	run(&t);
	assert_int_equal(t.rq.status, 0);
}

static void nor_while_it_recovers(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);

	(void)state;
	usb_device_recover(udev, NULL, NULL);
	/* Before the bring-up's own, and after its first ones. */
	run(&t);
	assert_int_equal(t.rq.status, ERR_IO);
	while (!usb_device_is_up(udev))
		request_wait();
	run(&t);
	assert_int_equal(t.rq.status, 0);
}

static void a_transfer_may_wait(void **state)
{
	struct usb_transfer t = make_bulk(0, 512);
	uint64_t before = deadline_ms();

	(void)state;
	usb_transfer_add(&t, 300);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_in_range(deadline_ms() - before, 300, 300 + SLACK_MS);
	assert_int_equal(t.rq.status, 0);
}

static void devices_do_not_wait_for_each_other(void **state)
{
	struct usb_transfer t[4], s;

	(void)state;
	assert_int_equal(usb_device_start(other_udev), 0);
	disk.slow_ms = 300;
	s = make_bulk(0, 512);
	s.udev = other_udev;
	s.ep = &other_udev->config.interfaces[0].endpoints[0];
	for (unsigned i = 0; i < 4; i++) {
		t[i] = make_bulk(i & 1, 512);
		usb_transfer_add(&t[i], 0);
	}
	usb_transfer_add(&s, 0);
	request_wait();
	assert_int_equal(s.rq.status, 0);
	assert_int_equal(t[0].rq.status, REQUEST_PENDING);
	for (unsigned i = 0; i < 4; i++) {
		while (t[i].rq.status == REQUEST_PENDING)
			request_wait();
		/* In their order. */
		assert_int_equal(t[MIN(i + 1, 3u)].rq.status,
				 i < 3 ? REQUEST_PENDING : 0);
	}
}

static unsigned looks;

static enum request_disposition look_again(struct usb_transfer *t)
{
	assert_int_equal(((const uint8_t *)t->buf)[0], 1);
	return ++looks < 3 ? REQUEST_WAIT : REQUEST_DONE;
}

static void an_answer_may_ask_for_another(void **state)
{
	struct usb_transfer t;

	(void)state;
	looks = 0;
	usb_setup_fill(&t, udev, 0xc0, 1, 0, 0, data, 9);
	t.decide = look_again;
	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(looks, 3);
	assert_int_equal(t.rq.status, 0);
	/* An error is not for decide(). */
	answer = USB_STALL;
	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(looks, 3);
	assert_int_equal(t.rq.status, USB_STALL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(control_data_comes_in),
		T(a_short_answer_leaves_the_rest_alone),
		T(the_longest_control_transfer),
		T(control_data_goes_out),
		T(errors_have_reasons),
		T(no_more_moves_than_was_asked_for),
		T(silence_ends_after_5_s),
		T(bulk_memory_is_mapped_meanwhile),
		T(bulk_without_data),
		T(a_user_may_map_it),
		T(a_full_window_ends_the_transfer),
		T(whatever_the_end_it_is_unmapped),
		T(also_by_the_loss_of_the_controller),
		T(also_by_another_devices_silence),
		T(also_by_a_restart),
		T(a_device_that_is_not_up_gets_nothing),
		T(nor_while_it_recovers),
		T(a_transfer_may_wait),
		T(devices_do_not_wait_for_each_other),
		T(an_answer_may_ask_for_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

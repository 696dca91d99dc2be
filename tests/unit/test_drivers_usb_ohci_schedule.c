// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ohci_schedule.c: memory, lists, endpoints.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/ohci.h"
#include "lib/reason.h"
#include "tests/fake/ohci_host.h"
#include <cmocka.h>

static struct ohci *ohci(void)
{
	return ohci_of(host_hc);
}

static void the_controller_gets_eight_lists_of_interrupts(void **state)
{
	const uint8_t *hcca;
	uint32_t first[8];
	unsigned i, j;

	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	hcca = fake_dma_ptr(fake_ohci.hcca, 256, DMA_BOTH);
	for (i = 0; i < 32; i++) {
		uint32_t at = le32_load(hcca + 4 * i);

		assert_int_equal(at % 16, 0);
		if (i < 8)
			first[i] = at;
		assert_int_equal(at, first[i % 8]);
		for (j = 0; j < MIN(i, 8u); j++)
			assert_true(j == i % 8 || first[j] != at);
	}
}

static void memory_is_one_page_until_many_devices_need_more(void **state)
{
	(void)state;
	host_device(fake_ohci_plug(1));
	host_device(fake_ohci_plug(2));
	/* And each device's own. */
	assert_int_equal(fake_dma_live(), 1 + 2);
}

static struct ohci_endpoint *open_ep0(struct usb_device *udev)
{
	assert_int_equal(ohci_device_forget(ohci(), udev), 0);
	assert_null(udev->ep0.hcd);
	assert_int_equal(ohci_endpoint_open(ohci(), udev, &udev->ep0, 5), 0);
	return udev->ep0.hcd;
}

/* The controller may still have read its old flags, and its new tail. */
static void an_ed_is_used_again_two_frames_later(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct ohci_endpoint *first = udev->ep0.hcd;

	(void)state;
	fake_ohci_run(2);
	/* This takes the one of address 0. */
	assert_ptr_not_equal(open_ep0(udev), first);
	assert_ptr_not_equal(open_ep0(udev), first);
	assert_true(le32_get(first->ed->flags) & OHCI_SKIP);
	fake_ohci_run(1);
	assert_ptr_not_equal(open_ep0(udev), first);
	fake_ohci_run(1);
	assert_ptr_equal(open_ep0(udev), first);
	assert_false(le32_get(first->ed->flags) & OHCI_SKIP);
}

static void the_frame_number_may_wrap(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct ohci_endpoint *first = udev->ep0.hcd;

	(void)state;
	fake_ohci.frame = 0xfffe;
	fake_ohci_run(1);
	assert_int_equal(ohci_frame(ohci()), 0xffff);
	open_ep0(udev);
	open_ep0(udev);
	fake_ohci_run(2);
	assert_int_equal(ohci_frame(ohci()), 1);
	assert_ptr_equal(open_ep0(udev), first);
}

static void resetting_a_device_for_ever_takes_no_memory(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	unsigned live, i;
	long heap;

	(void)state;
	host_endpoint(udev, 0x81, USB_EP_BULK, 64);
	host_endpoint(udev, 0x02, USB_EP_BULK, 64);
	for (i = 0; i < 500; i++) {
		struct usb_transfer t = { .udev = udev, .kind = USB_ENDPOINTS };

		if (i == 10) {
			live = fake_dma_live();
			heap = fake_heap_live();
		}
		host_hc->ops->port_reset(host_hc, 1);
		assert_int_equal(host_address(udev), 0);
		assert_int_equal(host_run(&t), 0);
	}
	assert_int_equal(fake_dma_live(), live);
	assert_int_equal(fake_heap_live(), heap);
}

static void a_device_with_a_transfer_is_not_forgotten(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct usb_transfer t = {
		.udev = udev,
		.kind = USB_BULK,
		.ep = host_endpoint(udev, 0x81, USB_EP_BULK, 64),
	};

	(void)state;
	assert_int_equal(ohci_submit(host_hc, &t), 0);
	assert_int_equal(ohci_device_forget(ohci(), udev), ERR_BUSY);
	assert_non_null(t.ep->hcd);
	t.kind = USB_ADDRESS;
	assert_int_equal(ohci_submit(host_hc, &t), ERR_BUSY);
}

static void only_used_endpoints_are_set_up(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct usb_interface *intf = udev->config.interfaces;
	struct usb_transfer t = { .udev = udev, .kind = USB_ENDPOINTS };

	(void)state;
	udev->config.n_interfaces = 2;
	intf[1].n_endpoints = 2;
	intf[1].endpoints[0] = (struct usb_endpoint){ .address = 0x81,
						      .type = USB_EP_BULK,
						      .mps = 64 };
	intf[1].endpoints[1] = (struct usb_endpoint){
		.address = 2, .type = USB_EP_BULK, .mps = 64, .used = true
	};
	assert_int_equal(host_run(&t), 0);
	assert_null(intf[1].endpoints[0].hcd);
	assert_non_null(intf[1].endpoints[1].hcd);
	t.kind = USB_BULK;
	t.ep = &intf[1].endpoints[0];
	assert_int_equal(host_run(&t), ERR_IO);
	assert_string_equal(reason(), "endpoint 0x81: not set up");
}

static long give_up(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
		    unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	(void)fd;
	(void)pid;
	(void)endpoint;
	(void)ptr;
	(void)len;
	return FAKE_OHCI_STALL;
}

static void wait_for(const struct usb_transfer *t)
{
	while (t->rq.status == REQUEST_PENDING)
		request_wait();
}

/* The link of what was removed leads to what it is now added to. */
static void an_ed_that_comes_back_does_not_close_a_loop(void **state)
{
	struct usb_transfer t[2];
	struct fake_ohci_device *fd[2];
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct usb_device *udev;

		fd[i] = fake_ohci_plug(i + 1);
		udev = host_device(fd[i]);
		t[i] = (struct usb_transfer){
			.udev = udev,
			.kind = USB_BULK,
			.ep = host_endpoint(udev, 0x81, USB_EP_BULK, 64),
		};
		usb_transfer_add(&t[i], 0);
	}
	fd[0]->packet = give_up;
	wait_for(&t[0]);
	assert_int_equal(t[1].rq.status, REQUEST_PENDING);
	fake_ohci.longest = 0;
	usb_transfer_add(&t[0], 0);
	wait_for(&t[0]);
	assert_int_equal(fake_ohci.longest, 3);
	fd[1]->packet = give_up;
	wait_for(&t[1]);
}

/* The core has no more devices. */
static void addresses_end_at_127(void **state)
{
	struct usb_device *hub = host_device(fake_ohci_plug(1));
	unsigned i;

	(void)state;
	for (i = 2; i <= 127; i++) {
		struct fake_ohci_device *fd = fake_ohci_plug(2);
		struct usb_device *udev = host_new(hub, i);

		fake_ohci.port[2] = 3;
		fd->enabled = true;
		udev->root_port = 2;
		udev->speed = USB_FULL;
		udev->ep0.mps = 8;
		assert_int_equal(host_address(udev), 0);
		assert_int_equal(fd->address, i);
	}
}

static void memory_above_4_gib_is_out_of_reach(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct usb_transfer t = {
		.udev = udev,
		.kind = USB_BULK,
		.ep = host_endpoint(udev, 0x81, USB_EP_BULK, 64),
		.len = 64,
	};

	(void)state;
	for (t.bus = 0xffffffc1; t.bus < 1ULL << 40; t.bus <<= 1) {
		assert_int_equal(host_run(&t), ERR_IO);
		assert_string_equal(reason(), "its DMA window is above 4 GiB");
	}
	assert_int_equal(ohci_check_bus(0xffffffc0, 63), 0);
	assert_int_equal(ohci_check_bus(UINT64_MAX, 1), ERR_IO);
}

/* Each allocation in turn. */
static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	unsigned failed = 0, i, n = 0;

	(void)state;
	for (i = 0; i < 32; i++) {
		struct usb_transfer t = { .udev = udev, .kind = USB_ENDPOINTS };
		struct usb_interface *intf = udev->config.interfaces;

		device_stop(host_dev);
		assert_int_equal(usb_controller_start(host_hc), 0);
		host_hc->ops->port_reset(host_hc, 1);
		assert_int_equal(host_address(udev), 0);
		udev->config.n_interfaces = USB_INTERFACES_MAX;
		for (n = 0; n < USB_INTERFACES_MAX; n++) {
			intf[n].n_endpoints = 1;
			intf[n].endpoints[0] = (struct usb_endpoint){
				.address = 0x81,
				.type = USB_EP_BULK,
				.mps = 64,
				.used = true,
			};
		}
		fake_heap_fail_after((long)i);
		failed += host_run(&t) == ERR_NOMEM;
		fake_heap_fail_after(-1);
	}
	assert_in_range(failed, 16, 31);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, host_start, host_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_controller_gets_eight_lists_of_interrupts),
		TEST(memory_is_one_page_until_many_devices_need_more),
		TEST(an_ed_is_used_again_two_frames_later),
		TEST(the_frame_number_may_wrap),
		TEST(resetting_a_device_for_ever_takes_no_memory),
		TEST(a_device_with_a_transfer_is_not_forgotten),
		TEST(only_used_endpoints_are_set_up),
		TEST(an_ed_that_comes_back_does_not_close_a_loop),
		TEST(addresses_end_at_127),
		TEST(memory_above_4_gib_is_out_of_reach),
		TEST(running_out_of_memory_is_an_error_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

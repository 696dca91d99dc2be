// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ohci.c: start and stop, root ports, dead controllers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/ohci_host.h"
#include "tree/path.h"
#include <cmocka.h>

static void attaching_touches_no_register(void **state)
{
	const char *type;
	uint32_t len;

	(void)state;
	assert_int_equal(fake_ohci.reads + fake_ohci.writes, 0);
	assert_false(fake_ohci.enabled);
	type = tree_getprop(host_dev->node, "device_type", &len);
	assert_string_equal(type, "ohci");
	assert_ptr_equal(tree_find("usb0"), host_dev->node);
}

static void a_started_controller_walks_its_lists(void **state)
{
	unsigned i;

	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	assert_true(fake_ohci.enabled);
	assert_int_equal(fake_ohci.control, 0xb7);
	assert_int_equal(fake_ohci.interval, 0x27782edf);
	assert_int_equal(fake_ohci.start, 0x2a2f);
	assert_int_equal(fake_ohci.resets, 1);
	assert_int_equal(host_hc->ports, 3);
	assert_int_equal(host_hc->max_bulk, 65536);
	assert_false(host_hc->real);
	assert_int_equal(fake_ohci.powered, 0);
	fake_ohci_run(40);
	assert_int_equal(fake_ohci.frames, 40);
	/* Only the empty ED that begins each. */
	assert_int_equal(fake_ohci.longest, 1);
	for (i = 0; i < 34; i++)
		assert_null(fake_ohci_ed(i));
}

static void starting_takes_few_hypercalls(void **state)
{
	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	assert_in_range(fake_ohci.reads, 1, 4);
	assert_in_range(fake_ohci.writes, 1, 9);
}

/* VFIO: any other subsystem. */
static void a_real_controller_is_told_from_qemus(void **state)
{
	(void)state;
	fake_ohci.subsystem = 0x00ff106b;
	assert_int_equal(device_start(host_dev), 0);
	assert_true(host_hc->real);
}

static void ports_with_power_switches_are_powered(void **state)
{
	(void)state;
	fake_ohci.power = 0x100;
	fake_ohci.ports = 15;
	assert_int_equal(device_start(host_dev), 0);
	assert_int_equal(fake_ohci.powered, 15);
}

static void a_real_controller_is_taken_from_the_system_firmware(void **state)
{
	(void)state;
	fake_ohci.subsystem = 0;
	fake_ohci.smm = 5;
	assert_int_equal(device_start(host_dev), 0);
	assert_int_equal(fake_ohci.smm, 0);
	assert_int_equal(fake_ohci.takeovers, 1);
}

static void a_system_firmware_that_does_not_let_go_is_no_hang(void **state)
{
	(void)state;
	fake_ohci.subsystem = 0;
	fake_ohci.smm = ~0u;
	assert_int_equal(device_start(host_dev), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "the system firmware keeps the controller");
	assert_false(fake_ohci.enabled);
}

static void expect_start(int err, const char *why)
{
	assert_int_equal(device_start(host_dev), err);
	assert_string_equal(reason(), why);
	assert_false(fake_ohci.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void impossible_numbers_of_ports_are_refused(void **state)
{
	(void)state;
	fake_ohci.ports = 0;
	expect_start(ERR_NOTSUP, "0 root ports");
	fake_ohci.ports = 16;
	expect_start(ERR_NOTSUP, "16 root ports");
	fake_ohci.ports = 255;
	expect_start(ERR_NOTSUP, "255 root ports");
	fake_ohci.ports = 15;
	assert_int_equal(device_start(host_dev), 0);
}

static void unknown_revisions_are_refused(void **state)
{
	(void)state;
	fake_ohci.revision = 0;
	expect_start(ERR_NOTSUP, "unknown revision 0x0");
	fake_ohci.revision = 0x20;
	expect_start(ERR_NOTSUP, "unknown revision 0x20");
	/* With legacy support. [OHCI 1.0a, 7.1.1] */
	fake_ohci.revision = 0x110;
	assert_int_equal(device_start(host_dev), 0);
}

static void absent_registers_are_refused(void **state)
{
	(void)state;
	fake_ohci.bar_size = 0;
	expect_start(ERR_NODEV, "its registers have no address");
	fake_ohci.bar_size = 128;
	expect_start(ERR_NODEV, "its registers have no address");
	fake_ohci.bar_size = 4096;
	fake_ohci.lie = FAKE_OHCI_GONE;
	expect_start(ERR_IO, "its registers cannot be read");
}

static void a_reset_that_does_not_end_is_no_hang(void **state)
{
	(void)state;
	fake_ohci.lie = FAKE_OHCI_NO_RESET;
	expect_start(ERR_TIMEOUT, "reset timed out after 10 ms");
}

static void running_out_of_memory_fails_the_start(void **state)
{
	int n;

	(void)state;
	fake_dma_fail(1);
	assert_int_equal(device_start(host_dev), ERR_NOMEM);
	assert_int_equal(fake_dma_live(), 0);
	for (n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(device_start(host_dev), ERR_NOMEM);
		assert_int_equal(fake_dma_live(), 0);
	}
	fake_heap_fail_after(-1);
	assert_int_equal(device_start(host_dev), 0);
}

/* QEMU keeps a packet in flight over an HCReset alone. */
static void stopping_resets_the_bus_before_the_controller(void **state)
{
	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	device_stop(host_dev);
	assert_int_equal(fake_ohci.bus_resets, 1);
	assert_int_equal(fake_ohci.resets, 2);
	assert_int_equal(FAKE_OHCI_STATE(fake_ohci.control), 3);
	assert_false(fake_ohci.enabled);
	assert_int_equal(fake_dma_live(), 0);
	device_stop(host_dev);
	assert_int_equal(fake_ohci.resets, 2);
}

static void a_controller_that_does_not_reset_is_cut_off(void **state)
{
	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	fake_ohci.lie = FAKE_OHCI_NO_RESET;
	device_stop(host_dev);
	assert_false(fake_ohci.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void it_starts_again(void **state)
{
	struct fake_ohci_device *fd = fake_ohci_plug(1);
	struct usb_device *udev = host_device(fd);

	(void)state;
	host_endpoint(udev, 0x81, USB_EP_INTERRUPT, 8);
	assert_non_null(udev->ep0.hcd);
	device_stop(host_dev);
	assert_null(udev->ep0.hcd);
	assert_null(udev->config.interfaces[0].endpoints[0].hcd);
	assert_int_equal(usb_controller_start(host_hc), 0);
	assert_int_equal(host_device(fake_ohci_plug(2))->address, 2);
	host_hc->ops->port_reset(host_hc, 1);
	assert_int_equal(host_address(udev), 0);
	assert_int_equal(udev->address, 1);
}

static struct usb_port state_of(unsigned port)
{
	return host_hc->ops->port_state(host_hc, port);
}

static void ports_tell_what_is_plugged(void **state)
{
	(void)state;
	fake_ohci_plug(1);
	fake_ohci_plug(3)->low = true;
	assert_int_equal(device_start(host_dev), 0);
	assert_true(state_of(1).connected);
	assert_false(state_of(1).enabled);
	assert_false(state_of(2).connected);
	host_hc->ops->port_reset(host_hc, 1);
	host_hc->ops->port_reset(host_hc, 3);
	assert_true(state_of(1).enabled);
	assert_false(state_of(1).resetting);
	assert_int_equal(state_of(1).speed, USB_FULL);
	assert_int_equal(state_of(3).speed, USB_LOW);
	assert_int_equal(fake_ohci.port_resets, 2);
}

/* Each reset of the controller takes 10 ms, the bus wants 50. */
static void a_port_of_real_hardware_is_reset_five_times(void **state)
{
	unsigned looks = 0;

	(void)state;
	fake_ohci_plug(2);
	fake_ohci.subsystem = 0;
	assert_int_equal(device_start(host_dev), 0);
	host_hc->ops->port_reset(host_hc, 2);
	while (state_of(2).resetting)
		looks++;
	assert_int_equal(looks, 4);
	assert_int_equal(fake_ohci.port_resets, 5);
	assert_false(state_of(2).resetting);
}

static void ports_of_an_absent_controller_are_empty(void **state)
{
	(void)state;
	fake_ohci_plug(1);
	assert_int_equal(device_start(host_dev), 0);
	fake_ohci.lie = FAKE_OHCI_GONE;
	assert_false(state_of(1).connected);
	assert_false(state_of(1).resetting);
}

/* A transfer that a controller does not serve any more. */
static void expect_loss(enum fake_ohci_lie lie, const char *line)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct usb_transfer t;

	usb_setup_fill(&t, udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	fake_ohci.lie = lie;
	assert_int_equal(host_run(&t), ERR_IO);
	assert_string_equal(fake_printed, line);
	assert_false(device_is_up(host_dev));
	assert_false(fake_ohci.enabled);
	assert_true(fake_ohci.reads < 200);
}

static void an_unrecoverable_error_is_found_at_once(void **state)
{
	(void)state;
	expect_loss(FAKE_OHCI_DEAD, "usb /usb-ohci@2: controller reset: "
				    "unrecoverable error\r\n");
}

static void an_absent_controller_is_found_at_once(void **state)
{
	(void)state;
	expect_loss(FAKE_OHCI_GONE, "usb /usb-ohci@2: controller reset: "
				    "it does not respond\r\n");
}

static void a_silent_controller_is_reset_at_the_deadline(void **state)
{
	struct usb_device *udev = host_device(fake_ohci_plug(1));
	struct usb_transfer t;

	(void)state;
	usb_setup_fill(&t, udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	fake_ohci.lie = FAKE_OHCI_FROZEN;
	assert_int_equal(host_run(&t), ERR_TIMEOUT);
	assert_string_equal(reason(), "no response in 5 s; device reset");
	assert_false(fake_ohci.enabled);
}

/* A hypercall costs more than all else in a poll. */
static void waiting_reads_no_register(void **state)
{
	unsigned reads, i;

	(void)state;
	assert_int_equal(device_start(host_dev), 0);
	reads = fake_ohci.reads;
	for (i = 0; i < 10000; i++)
		host_hc->ops->poll(host_hc);
	assert_true(fake_ohci.frames > 1000);
	assert_int_equal(fake_ohci.reads, reads);
}

static long late(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
		 unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	(void)endpoint;
	(void)ptr;
	if (pid == FAKE_OHCI_SETUP && fake_ohci.frames % 64 < fd->at)
		return FAKE_OHCI_NAK;
	return len;
}

/* The port is asked about a device that does not respond for 40 ms. */
static void a_slow_device_is_asked_for_and_a_fast_one_not(void **state)
{
	struct fake_ohci_device *fd = fake_ohci_plug(1);
	struct usb_device *udev = host_device(fd);
	struct usb_transfer t;
	unsigned reads, i;

	(void)state;
	usb_setup_fill(&t, udev, 0, USB_SET_CONFIGURATION, 1, 0, NULL, 0);
	fd->packet = late;
	for (i = 0; i < 10; i++) {
		fd->at = i == 4 ? 60 : 12;
		while (fake_ohci.frames % 64)
			fake_ohci_run(1);
		reads = fake_ohci.reads;
		assert_int_equal(host_run(&t), 0);
		if (i == 4)
			assert_in_range(fake_ohci.reads, reads + 1, reads + 3);
		else
			assert_int_equal(fake_ohci.reads, reads);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, host_start, host_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_touches_no_register),
		TEST(a_started_controller_walks_its_lists),
		TEST(starting_takes_few_hypercalls),
		TEST(a_real_controller_is_told_from_qemus),
		TEST(ports_with_power_switches_are_powered),
		TEST(a_real_controller_is_taken_from_the_system_firmware),
		TEST(a_system_firmware_that_does_not_let_go_is_no_hang),
		TEST(impossible_numbers_of_ports_are_refused),
		TEST(unknown_revisions_are_refused),
		TEST(absent_registers_are_refused),
		TEST(a_reset_that_does_not_end_is_no_hang),
		TEST(running_out_of_memory_fails_the_start),
		TEST(stopping_resets_the_bus_before_the_controller),
		TEST(a_controller_that_does_not_reset_is_cut_off),
		TEST(it_starts_again),
		TEST(ports_tell_what_is_plugged),
		TEST(a_port_of_real_hardware_is_reset_five_times),
		TEST(ports_of_an_absent_controller_are_empty),
		TEST(an_unrecoverable_error_is_found_at_once),
		TEST(an_absent_controller_is_found_at_once),
		TEST(a_silent_controller_is_reset_at_the_deadline),
		TEST(waiting_reads_no_register),
		TEST(a_slow_device_is_asked_for_and_a_fast_one_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci.c: registers, start and stop, ports.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

/* Opening it fails with this reason, and nothing is left behind. */
static void fails_with(int err, const char *why)
{
	assert_int_equal(device_open(xhci_dev), err);
	assert_string_equal(reason(), why);
	assert_false(fake_xhci.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void attaching_does_no_io(void **state)
{
	(void)state;
	assert_int_equal(fake_xhci.reads + fake_xhci.writes, 0);
	assert_true(tree_has_string(xhci_dev->node, "device_type", "xhci"));
	assert_ptr_equal(tree_find("usb0"), xhci_dev->node);
}

static void start_runs_the_controller(void **state)
{
	(void)state;
	xhci_start();
	assert_int_equal(fake_xhci.resets, 1);
	assert_int_equal(fake_xhci.command, 1);
	assert_int_equal(fake_xhci.config, 64);
	assert_int_equal(xhci_hc->ports, 8);
	assert_int_equal(xhci_hc->max_bulk, 1 << 20);
	assert_false(xhci_hc->real);
	assert_true(fake_dma_used_window());
	/* ERDP is in the ring before the table is known. */
	assert_int_equal(fake_xhci.event_read, fake_xhci.events);
	xhci_stop();
	assert_int_equal(fake_xhci.resets, 2);
	assert_int_equal(fake_xhci.command, 0);
	assert_false(fake_xhci.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void all_that_is_shared_is_in_one_page(void **state)
{
	const struct xhci *xh = xhci_state();
	uint64_t page;

	(void)state;
	xhci_start();
	page = fake_xhci.contexts / 4096;
	assert_int_equal(fake_xhci.events / 4096, page);
	assert_int_equal((fake_xhci.events + fake_xhci.events_size * 16 - 1) /
				 4096,
			 page);
	assert_int_equal(xh->input_bus / 4096, page);
	assert_int_equal(xh->commands.bus / 4096, page);
	assert_int_equal(fake_xhci.event_table / 4096, page);
}

static void hardware_is_not_qemus(void **state)
{
	(void)state;
	fake_xhci.subsystem = 0x00151849;
	xhci_start();
	assert_true(xhci_hc->real);
}

static void a_running_controller_is_halted_before_its_reset(void **state)
{
	(void)state;
	/* Left behind by a client; the fake checks the order. */
	fake_xhci.status = 0;
	fake_xhci.command = 1;
	xhci_start();
	assert_int_equal(fake_xhci.resets, 1);
}

static void stop_is_idempotent(void **state)
{
	(void)state;
	device_stop(xhci_dev);
	assert_int_equal(fake_xhci.resets, 0);
	xhci_start();
	device_stop(xhci_dev);
	device_stop(xhci_dev);
	assert_int_equal(fake_xhci.resets, 2);
}

static void a_reset_that_does_not_end_is_told(void **state)
{
	(void)state;
	fake_xhci.lie = XHCI_NO_RESET;
	fails_with(ERR_TIMEOUT, "reset timed out after 1000 ms");
	fake_xhci.lie = XHCI_NOT_READY;
	fails_with(ERR_TIMEOUT, "reset timed out after 1000 ms");
}

static void a_controller_that_does_not_run_is_told(void **state)
{
	(void)state;
	fake_xhci.lie = XHCI_NO_RUN;
	fails_with(ERR_TIMEOUT, "it does not run after 100 ms");
	fake_xhci.lie = XHCI_DIES;
	fails_with(ERR_IO, "controller error, status 0x1000");
	fake_xhci.lie = XHCI_GONE;
	fails_with(ERR_IO, "its registers cannot be read");
}

static void a_controller_that_does_not_halt_is_reset_even_so(void **state)
{
	(void)state;
	xhci_start();
	fake_xhci.lie = XHCI_NO_HALT;
	xhci_stop();
	assert_int_equal(fake_xhci.resets, 2);
	assert_int_equal(fake_dma_live(), 0);
}

static void a_controller_that_is_gone_is_stopped(void **state)
{
	(void)state;
	xhci_start();
	fake_xhci.lie = XHCI_GONE;
	xhci_stop();
	assert_false(fake_xhci.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void registers_outside_the_bar_are_refused(void **state)
{
	static const struct {
		uint32_t length, doorbells, runtime, params1;
		uint64_t size;
	} cases[] = {
		{ 0, 0x2000, 0x1000, 0x08001040, 0x4000 },
		{ 0x1f, 0x2000, 0x1000, 0x08001040, 0x4000 },
		{ 0xff, 0x2000, 0x1000, 0x08001040, 0x4000 },
		{ 0x40, 0x4000, 0x1000, 0x08001040, 0x4000 },
		{ 0x40, 0x3f00, 0x1000, 0x08001040, 0x4000 },
		{ 0x40, 0xfffffffc, 0x1000, 0x08001040, 0x4000 },
		{ 0x40, 0x2000, 0x4000, 0x08001040, 0x4000 },
		{ 0x40, 0x2000, 0xffffffe0, 0x08001040, 0x4000 },
		{ 0x40, 0x400, 0x600, 0xff001040, 0x1000 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_xhci.cap_length = cases[i].length;
		fake_xhci.doorbells = cases[i].doorbells;
		fake_xhci.runtime = cases[i].runtime;
		fake_xhci.params1 = cases[i].params1;
		fake_xhci.bar_size = cases[i].size;
		assert_int_equal(device_open(xhci_dev), ERR_IO);
		assert_non_null(strstr(reason(), ", outside its BAR"));
		assert_int_equal(fake_xhci.writes, 0);
	}
}

static void a_bar_without_an_address_is_told(void **state)
{
	(void)state;
	fake_xhci.bar_size = 0;
	fails_with(ERR_NODEV, "its registers have no address");
}

static void any_number_of_slots_and_ports_works(void **state)
{
	(void)state;
	fake_xhci.params1 = 0x08001000;
	fails_with(ERR_IO, "the controller has no slots");
	/* Without ports there are no devices. */
	fake_xhci.params1 = 0x00001001;
	xhci_start();
	assert_int_equal(xhci_hc->ports, 0);
	xhci_stop();
	fake_xhci.params1 = 0xff0010ff;
	fake_xhci.runtime = 0x2000;
	fake_xhci.doorbells = 0x3000;
	xhci_start();
	assert_int_equal(xhci_hc->ports, 255);
	assert_int_equal(fake_xhci.config, XHCI_SLOTS_MAX);
	assert_false(xhci_hc->ops->port_state(xhci_hc, 255).connected);
	xhci_stop();
}

static void memory_that_runs_out_is_told(void **state)
{
	(void)state;
	fake_dma_fail(1);
	assert_int_equal(device_open(xhci_dev), ERR_NOMEM);
	assert_int_equal(fake_dma_live(), 0);
	for (long n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(device_open(xhci_dev), ERR_NOMEM);
		fake_heap_fail_after(-1);
		assert_int_equal(fake_dma_live(), 0);
	}
	xhci_start();
}

/* The array at entry 0, and pages that are mapped and aligned. */
static void scratchpads_are(unsigned n, unsigned size)
{
	uint64_t array =
		le64_load(fake_dma_ptr(fake_xhci.contexts, 8, DMA_TO_DEVICE));

	for (unsigned i = 0; i < n; i++) {
		uint64_t page = le64_load(
			fake_dma_ptr(array + 8 * i, 8, DMA_TO_DEVICE));

		assert_int_equal(page % size, 0);
		fake_dma_ptr(page, size, DMA_BOTH);
	}
}

static void scratchpads_are_given_to_the_controller(void **state)
{
	(void)state;
	/* 33: one in the upper field, one in the lower. */
	fake_xhci.params2 = 1u << 21 | 1u << 27;
	xhci_start();
	scratchpads_are(33, 4096);
	xhci_stop();
	fake_xhci.params2 = 0x1fu << 21 | 0x1fu << 27;
	xhci_start();
	scratchpads_are(1023, 4096);
	xhci_stop();
	fake_xhci.params2 = 3u << 27;
	fake_xhci.page_size = 1 << 4;
	xhci_start();
	scratchpads_are(3, 65536);
	xhci_stop();
	fake_xhci.page_size = 0;
	fails_with(ERR_NOTSUP, "page size is 0x0");
	fake_xhci.page_size = 0x8000;
	fails_with(ERR_NOTSUP, "page size is 0x8000000");
}

static unsigned unit(unsigned port)
{
	return usb_port_unit(xhci_hc, port);
}

static void both_halves_of_the_ports_count_from_1(void **state)
{
	(void)state;
	xhci_start();
	for (unsigned port = 1; port <= 4; port++) {
		assert_int_equal(unit(port), port);
		assert_int_equal(unit(port + 4), port);
	}
	/* Also when it is stopped: messages name ports. */
	xhci_stop();
	assert_int_equal(unit(8), 4);
	/* p2=15,p3=15 */
	fake_xhci.params1 = 0x1e001040;
	fake_xhci.extended[2] = 15 << 8 | 1;
	fake_xhci.extended[6] = 15 << 8 | 16;
	xhci_start();
	assert_int_equal(unit(15), 15);
	assert_int_equal(unit(16), 1);
	assert_int_equal(unit(30), 15);
}

static void wrong_port_numbers_are_ignored(void **state)
{
	(void)state;
	fake_xhci.extended[2] = 0xff << 8 | 0xf0;
	fake_xhci.extended[6] = 0xff << 8;
	xhci_start();
	for (unsigned port = 1; port <= 8; port++)
		assert_int_equal(unit(port), port + 1);
	xhci_stop();
	fake_xhci.extended[0] = 0;
	xhci_start();
	assert_int_equal(unit(7), 7);
}

static void endless_capabilities_end(void **state)
{
	(void)state;
	/* Each one leads to the next. */
	fake_xhci.hcc_params = 0x3000 / 4 << 16;
	fake_xhci.bar_size = 0x100000;
	for (unsigned i = 0; i < ARRAY_SIZE(fake_xhci.extended); i++)
		fake_xhci.extended[i] = 0x00000102;
	xhci_start();
	assert_true(fake_xhci.reads < 200);
	xhci_stop();
	fake_xhci.bar_size = 0x4000;
	fake_xhci.hcc_params = 0x3ff0 / 4 << 16;
	xhci_start();
	xhci_stop();
	fake_xhci.hcc_params = 0xffff0000;
	xhci_start();
	xhci_stop();
	fake_xhci.hcc_params = 0;
	xhci_start();
}

static void ports_tell_what_is_plugged(void **state)
{
	static struct fake_xhci_device super = { .speed = USB_SUPER },
				       full = { .speed = USB_FULL };
	struct usb_port port;

	(void)state;
	fake_xhci.port[PORT_SUPER] = &super;
	fake_xhci.port[PORT_HIGH] = &full;
	xhci_start();
	port = xhci_hc->ops->port_state(xhci_hc, PORT_SUPER);
	assert_true(port.connected && port.enabled && !port.resetting);
	assert_int_equal(port.speed, USB_SUPER);
	port = xhci_hc->ops->port_state(xhci_hc, PORT_HIGH);
	assert_true(port.connected && !port.enabled);
	assert_false(xhci_hc->ops->port_state(xhci_hc, 2).connected);
	xhci_hc->ops->port_reset(xhci_hc, PORT_HIGH);
	port = xhci_hc->ops->port_state(xhci_hc, PORT_HIGH);
	assert_true(port.connected && port.enabled && !port.resetting);
	assert_int_equal(port.speed, USB_FULL);
	assert_int_equal(fake_xhci.port_resets, 1);
	/* Changes are cleared, so that the next one is told. */
	assert_int_equal(fake_xhci.portsc[PORT_HIGH] >> 17, 0);
}

static void a_look_at_an_empty_port_is_one_read(void **state)
{
	(void)state;
	xhci_start();
	fake_xhci_idle();
	for (unsigned port = 1; port <= 8; port++)
		assert_false(xhci_hc->ops->port_state(xhci_hc, port).connected);
	assert_int_equal(fake_xhci.reads, 8);
	assert_int_equal(fake_xhci.writes, 0);
}

static void states_of_ports_that_make_no_sense_are_cut(void **state)
{
	struct usb_port port;

	(void)state;
	xhci_start();
	fake_xhci.portsc[1] = 0xf << 10 | 3 | 1u << 4;
	port = xhci_hc->ops->port_state(xhci_hc, 1);
	assert_true(port.enabled && port.resetting);
	assert_int_equal(port.speed, USB_SUPER);
	fake_xhci.portsc[1] = 3;
	assert_false(xhci_hc->ops->port_state(xhci_hc, 1).enabled);
	fake_xhci.portsc[1] = UINT32_MAX;
	assert_false(xhci_hc->ops->port_state(xhci_hc, 1).connected);
}

static void ports_of_hardware_get_power(void **state)
{
	(void)state;
	xhci_start();
	fake_xhci_idle();
	xhci_stop();
	fake_xhci.subsystem = 0;
	xhci_start();
	for (unsigned port = 1; port <= 8; port++)
		assert_int_equal(fake_xhci.portsc[port] & 1u << 9, 1u << 9);
	assert_true(fake_xhci.writes >= 8);
}

static void a_controller_that_dies_is_reset(void **state)
{
	static struct fake_xhci_device fd = { .speed = USB_HIGH };
	struct usb_device *udev = xhci_add_addressed(PORT_HIGH, &fd);
	struct usb_transfer t = { .udev = udev,
				  .kind = USB_ADDRESS,
				  .ep = &udev->ep0 };

	(void)state;
	fake_xhci.lie = XHCI_NO_COMMANDS;
	fake_xhci.status = 1u << 2;
	fake_log_clear();
	assert_int_equal(xhci_run(&t), ERR_IO);
	assert_true(fake_log_has(
		"usb /usb-xhci@3: controller reset: controller error, "
		"status 0x4\r\n"));
	assert_int_equal(fake_dma_live(), 1); /* the device's page */
	assert_null(udev->hcd);
}

static void polls_without_an_event_rarely_read_the_status(void **state)
{
	(void)state;
	xhci_start();
	fake_xhci_idle();
	for (unsigned i = 0; i < 160; i++)
		xhci_poll();
	assert_int_equal(fake_xhci.reads, 10);
	assert_int_equal(fake_xhci.writes, 0);
	xhci_stop();
	xhci_poll();
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, xhci_setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_does_no_io),
		TEST(start_runs_the_controller),
		TEST(all_that_is_shared_is_in_one_page),
		TEST(hardware_is_not_qemus),
		TEST(a_running_controller_is_halted_before_its_reset),
		TEST(stop_is_idempotent),
		TEST(a_reset_that_does_not_end_is_told),
		TEST(a_controller_that_does_not_run_is_told),
		TEST(a_controller_that_does_not_halt_is_reset_even_so),
		TEST(a_controller_that_is_gone_is_stopped),
		TEST(registers_outside_the_bar_are_refused),
		TEST(a_bar_without_an_address_is_told),
		TEST(any_number_of_slots_and_ports_works),
		TEST(memory_that_runs_out_is_told),
		TEST(scratchpads_are_given_to_the_controller),
		TEST(both_halves_of_the_ports_count_from_1),
		TEST(wrong_port_numbers_are_ignored),
		TEST(endless_capabilities_end),
		TEST(ports_tell_what_is_plugged),
		TEST(a_look_at_an_empty_port_is_one_read),
		TEST(states_of_ports_that_make_no_sense_are_cut),
		TEST(ports_of_hardware_get_power),
		TEST(a_controller_that_dies_is_reset),
		TEST(polls_without_an_event_rarely_read_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

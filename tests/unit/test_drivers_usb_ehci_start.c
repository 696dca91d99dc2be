// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/ehci_start.c: starting, stopping, wrong registers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"
#include "tests/fake/timebase.h"

static void attaching_touches_no_register(void **state)
{
	(void)state;
	assert_int_equal(fake_ehci.accesses, 0);
	assert_false(fake_ehci.enabled);
}

static void a_controller_is_reset_and_runs(void **state)
{
	(void)state;
	host_start();
	assert_int_equal(fake_ehci.resets, 1);
	assert_int_equal(fake_ehci.cmd & 0xff, 0x21);
	assert_int_equal(fake_ehci.sts, 0);
	assert_int_equal(fake_ehci.configflag, 1);
	assert_int_equal(fake_ehci.async & 31, 0);
	assert_int_equal(host_hc->ports, 6);
	assert_int_equal(host_hc->max_bulk, 512 * KiB);
	assert_false(host_hc->real);
	assert_in_range(fake_ehci.accesses, 1, 20);
}

static void a_stopped_one_is_reset_and_holds_nothing(void **state)
{
	struct usb_device *udev;

	(void)state;
	fake_ehci_plug(2);
	host_start();
	udev = host_device(2);
	host_bring_up(udev);
	device_stop(host_dev);
	assert_int_equal(fake_ehci.resets, 2);
	assert_int_equal(fake_ehci.cmd & 0xff, 0);
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
	assert_null(udev->ep0.hcd);
	assert_null(host_endpoint(udev, 0)->hcd);
	assert_int_equal(udev->address, 0);
	device_stop(host_dev);
	assert_int_equal(fake_ehci.resets, 2);
	host_start();
	host_bring_up(udev);
}

static void quiescing_stops_it(void **state)
{
	(void)state;
	host_start();
	device_quiesce_all(NULL);
	assert_int_equal(fake_ehci.cmd & 0xff, 0);
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
}

/* It fails to start, says why, and nothing is left behind. */
static void refused(int err, const char *why)
{
	unsigned accesses;

	assert_int_equal(device_start(host_dev), err);
	assert_non_null(strstr(reason(), why));
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
	accesses = fake_ehci.accesses;
	device_stop(host_dev);
	assert_int_equal(fake_ehci.accesses, accesses);
}

static void registers_outside_the_bar_are_refused(void **state)
{
	static const uint8_t lengths[] = { 0, 4, 8, 0x21, 0x22, 0xff };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		fake_ehci.cap_length = lengths[i];
		refused(ERR_IO, "outside its BAR");
	}
	fake_ehci.cap_length = 0x20;
	fake_ehci.bar_size = 0x7b; /* port 6 ends at 0x7c */
	refused(ERR_IO, "outside its BAR");
	fake_ehci.bar_size = 8;
	refused(ERR_NODEV, "its registers have no address");
	fake_ehci.bar_size = 0;
	refused(ERR_NODEV, "its registers have no address");
	fake_ehci.bar_size = 0x7c;
	host_start();
}

static void ports_are_as_many_as_it_says(void **state)
{
	(void)state;
	fake_ehci.hcsparams = 0;
	refused(ERR_NOTSUP, "no ports");
	fake_ehci.hcsparams = 15;
	host_start();
	assert_int_equal(host_hc->ports, 15);
}

static void an_absent_controller_is_refused(void **state)
{
	(void)state;
	fake_ehci.lie = EHCI_GONE;
	refused(ERR_IO, "cannot be read");
}

static void a_reset_that_does_not_end_is_refused(void **state)
{
	(void)state;
	fake_ehci.lie = EHCI_NO_RESET;
	refused(ERR_TIMEOUT, "reset timed out");
}

static void a_controller_that_does_not_run_is_refused(void **state)
{
	(void)state;
	fake_ehci.lie = EHCI_NO_RUN;
	refused(ERR_TIMEOUT, "it does not run after 20 ms");
}

/* Bus mastering is off, so it does not matter. */
static void a_stop_without_an_end_is_bounded(void **state)
{
	(void)state;
	host_start();
	fake_ehci.lie = EHCI_NO_RESET;
	device_stop(host_dev);
	assert_false(fake_ehci.enabled);
	assert_int_equal(host_live(), 0);
	fake_ehci.lie = EHCI_HONEST;
	host_start();
	fake_ehci.lie = EHCI_GONE;
	device_stop(host_dev);
	assert_false(fake_ehci.enabled);
}

static void no_memory_is_an_error(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(device_start(host_dev), ERR_NOMEM);
	fake_heap_fail_after(-1);
	fake_dma_fail(1);
	assert_int_equal(device_start(host_dev), ERR_NOMEM);
	host_start();
}

static void without_memory_it_is_not_attached(void **state)
{
	struct node *other =
		tree_add_node(tree_root(), "usb-ehci@2", TREE_QEMU);
	unsigned n;

	(void)state;
	/* The second is the driver's, the others are the tree's. */
	for (n = 0; n < 3; n++) {
		fake_heap_fail_after(n);
		assert_null(device_add(NULL, &pci_bus, other, &fake_ehci_fn));
		fake_heap_fail_after(-1);
	}
	tree_remove_node(other);
}

static void make_real(void)
{
	le32_store(&fake_ehci.pci_config[0x2c], 0x20e01af4);
}

static void a_real_controller_is_halted_first(void **state)
{
	(void)state;
	make_real();
	fake_ehci.sts = 0;
	fake_ehci.cmd = 1;
	host_start();
	assert_true(host_hc->real);
	device_stop(host_dev);
	fake_ehci.lie = EHCI_NO_HALT;
	fake_ehci.sts = 0;
	host_start();
}

/* USBLEGSUP at 0x68, the second capability. */
static void add_legacy(bool bios_stays)
{
	make_real();
	fake_ehci.bios_stays = bios_stays;
	fake_ehci.hccparams = 0x6080;
	le32_store(&fake_ehci.pci_config[0x60], 0x00006802);
	le32_store(&fake_ehci.pci_config[0x68], 0x00010001);
	le32_store(&fake_ehci.pci_config[0x6c], 0xe000e01f);
}

static void the_bios_of_a_real_host_gives_it_away(void **state)
{
	(void)state;
	add_legacy(false);
	host_start();
	assert_int_equal(le32_load(&fake_ehci.pci_config[0x68]), 0x01000001);
	assert_int_equal(le32_load(&fake_ehci.pci_config[0x6c]), 0);
}

static void a_bios_that_keeps_it_loses_it(void **state)
{
	const uint64_t before = deadline_ms();

	(void)state;
	add_legacy(true);
	host_start();
	assert_in_range(deadline_ms() - before, 1000, 1100);
	assert_int_equal(le32_load(&fake_ehci.pci_config[0x68]), 0x01000001);
	assert_int_equal(le32_load(&fake_ehci.pci_config[0x6c]), 0);
}

static void a_loop_of_capabilities_ends(void **state)
{
	(void)state;
	make_real();
	fake_ehci.hccparams = 0xfd00;
	le32_store(&fake_ehci.pci_config[0xfc], 0x0000fc02);
	host_start();
}

static void an_emulated_ones_capability_is_left_alone(void **state)
{
	(void)state;
	add_legacy(false);
	le32_store(&fake_ehci.pci_config[0x2c], 0x11001af4);
	host_start();
	assert_int_equal(le32_load(&fake_ehci.pci_config[0x68]), 0x00010001);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, host_plug, host_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_touches_no_register),
		TEST(a_controller_is_reset_and_runs),
		TEST(a_stopped_one_is_reset_and_holds_nothing),
		TEST(quiescing_stops_it),
		TEST(registers_outside_the_bar_are_refused),
		TEST(ports_are_as_many_as_it_says),
		TEST(an_absent_controller_is_refused),
		TEST(a_reset_that_does_not_end_is_refused),
		TEST(a_controller_that_does_not_run_is_refused),
		TEST(a_stop_without_an_end_is_bounded),
		TEST(no_memory_is_an_error),
		TEST(without_memory_it_is_not_attached),
		TEST(a_real_controller_is_halted_first),
		TEST(the_bios_of_a_real_host_gives_it_away),
		TEST(a_bios_that_keeps_it_loses_it),
		TEST(a_loop_of_capabilities_ends),
		TEST(an_emulated_ones_capability_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

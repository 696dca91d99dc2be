// SPDX-License-Identifier: BSD-2-Clause
// Tests of xHCI below the USB core: scans of hubs and of many devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

#define HUBS 8u
#define PORTS 10u

static const uint8_t hub_config[] = {
	9, 2, 25, 0, 1, 1, 0, 0xe0, 0, 9, 4, 0,	  0,
	1, 9, 0,  0, 0, 7, 5, 0x81, 3, 2, 0, 255,
};
static const uint8_t other_config[] = {
	9, 2, 18, 0, 1, 1, 0, 0xa0, 50, 9, 4, 0, 0, 0, 0xff, 0, 0, 0,
};

static struct fake_xhci_device hubs[HUBS + 1], others[HUBS + 1][PORTS + 1];
static unsigned stalled; /* the hub that stalls everything, 0: none */

static long give(uint8_t *data, uint32_t len, const void *from, size_t size)
{
	size = MIN(size, len);
	memcpy(data, from, size);
	return (long)size;
}

/* Ports of a hub: connected, enabled, reset done. */
static long port_status(const struct fake_xhci_device *fd, unsigned port,
			uint8_t *data, uint32_t len)
{
	uint8_t status[4] = { fd->behind[port] ? 3 : 0, 1,
			      fd->behind[port] ? 0x11 : 0, 0 };

	return give(data, len, status, sizeof(status));
}

static long control(struct fake_xhci_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	static const uint8_t hub[] = { 9, 0x29, PORTS, 0, 0, 1, 0, 0, 0 };
	bool is_hub = fd->arg;
	uint8_t device[18] = { 18, 1, 0, 1, 0, 0, 0, 8, 0x34, 0x12, 1, 0 };

	device[17] = 1;
	if (stalled && fd == &hubs[stalled])
		return USB_STALL;
	if (!(setup->type & USB_IN))
		return 0;
	if (setup->request == USB_GET_STATUS)
		return port_status(fd, le16_get(setup->index), data, len);
	switch (le16_get(setup->value) >> 8) {
	case 1:
		return give(data, len, device, sizeof(device));
	case 2:
		return is_hub ? give(data, len, hub_config, sizeof(hub_config))
			      : give(data, len, other_config,
				     sizeof(other_config));
	case 0x29:
		return give(data, len, hub, sizeof(hub));
	default:
		return USB_STALL;
	}
}

static int setup(void **state)
{
	int err = xhci_setup(state);

	/* A scan may take 10 s. */
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	stalled = 0;
	memset(hubs, 0, sizeof(hubs));
	memset(others, 0, sizeof(others));
	fake_xhci.params1 = 0x1e001040;
	fake_xhci.extended[2] = 15 << 8 | 1;
	fake_xhci.extended[6] = 15 << 8 | 16;
	return err;
}

/* A hub at port `n` of the USB 2 half, with devices at its ports. */
static void plug_hub(unsigned n, unsigned devices)
{
	hubs[n] = (struct fake_xhci_device){ .speed = USB_FULL,
					     .control = control,
					     .arg = hubs };
	for (unsigned i = 1; i <= devices; i++) {
		others[n][i] = (struct fake_xhci_device){
			.speed = USB_FULL,
			.control = control,
		};
		hubs[n].behind[i] = &others[n][i];
	}
	fake_xhci.port[15 + n] = &hubs[n];
}

static void a_scan_finds_what_is_behind_a_hub(void **state)
{
	(void)state;
	plug_hub(2, 2);
	device_scan_rest();
	assert_non_null(tree_find("/usb-xhci@3/hub@2"));
	assert_int_equal(fake_slots.commands[XHCI_ADDRESS_DEVICE], 3);
	/* Once per device; the hub's has its ports. */
	assert_int_equal(fake_slots.commands[XHCI_CONFIGURE_ENDPOINT], 3);
	assert_string_equal(fake_printed, "");
	/* Nobody uses it. */
	assert_false(fake_xhci.enabled);
}

static void more_devices_than_slots_end_the_scan(void **state)
{
	unsigned addressed = 0;

	(void)state;
	for (unsigned n = 1; n <= HUBS; n++)
		plug_hub(n, PORTS);
	device_scan_rest();
	assert_true(fake_log_has("usb /usb-xhci@3 port 8.10: device ignored: "
				 "all 64 slots of the controller are in use"
				 "\r\n"));
	addressed = fake_slots.commands[XHCI_ADDRESS_DEVICE];
	assert_int_equal(addressed, 64);
	assert_int_equal(fake_log_lines(), HUBS * (PORTS + 1) - 64);
	assert_int_equal(fake_xhci.resets, 2);
}

static void a_device_that_stalls_everything_is_ignored(void **state)
{
	(void)state;
	plug_hub(1, 0);
	plug_hub(2, 0);
	stalled = 1;
	device_scan_rest();
	assert_string_equal(fake_printed, "usb /usb-xhci@3 port 1: device "
					  "ignored: stalled\r\n");
	assert_non_null(tree_find("/usb-xhci@3/hub@2"));
}

static void a_silent_controller_ends_the_scan(void **state)
{
	(void)state;
	plug_hub(1, 0);
	fake_xhci.lie = XHCI_NO_COMMANDS;
	device_scan_rest();
	assert_true(fake_log_has("port 1: device ignored: no response"));
	assert_false(fake_xhci.enabled);
}

static void a_controller_that_does_not_start_is_told_once(void **state)
{
	(void)state;
	fake_xhci.lie = XHCI_NO_RESET;
	device_scan_rest();
	assert_string_equal(fake_printed, "usb /usb-xhci@3: reset timed out "
					  "after 1000 ms\r\n");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_scan_finds_what_is_behind_a_hub),
		TEST(more_devices_than_slots_end_the_scan),
		TEST(a_device_that_stalls_everything_is_ignored),
		TEST(a_silent_controller_ends_the_scan),
		TEST(a_controller_that_does_not_start_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/core.c: controllers that die, at any time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

static struct fake_usb_thing disk, keyboard, child, hub;

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	return device_of(node);
}

/* A disk at port 1, a hub with a disk at 2, a keyboard at 3. */
static struct device *plug(void)
{
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_hub(&hub, USB_HIGH, 4);
	fake_usb_disk(&child, USB_HIGH);
	fake_usb_keyboard(&keyboard, USB_LOW);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &hub.fd;
	hub.fd.behind[1] = &child.fd;
	fake_usb.port[3] = &keyboard.fd;
	return fake_usb_plug("usb@1");
}

#define ALL "storage@1 hub@2 hub@2/storage@1 keyboard@3 "
#define assert_nodes(dev, want)                                                \
	assert_string_equal(fake_usb_nodes((dev)->node), want)

/* All can be opened, and the controller stops after that. */
static void expect_all_work(const struct device *hc)
{
	static const char *const paths[] = { "/usb@1/storage@1",
					     "/usb@1/hub@2/storage@1",
					     "/usb@1/keyboard@3" };

	assert_nodes(hc, ALL);
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(device_open(find(paths[i])), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		device_close(find(paths[i]));
	assert_int_equal(hc->users, 0);
	assert_false(fake_usb.running);
}

static void a_dead_controller_is_reset(void **state)
{
	struct device *hc;

	for (unsigned losses = 1; losses <= 2; losses++) {
		hc = plug();
		fake_usb.losses = losses;
		assert_in_range(fake_usb_scan(), 0, 100);
		assert_int_equal(fake_log_lines(), losses);
		assert_true(fake_log_has("usb /usb@1: controller reset: host "
					 "system error\r\n"));
		assert_int_equal(fake_usb.starts, 1 + losses);
		expect_all_work(hc);
		fake_usb_teardown(state);
		fake_usb_setup(state);
	}
}

static void the_third_time_is_the_last(void **state)
{
	struct device *hc = plug();

	(void)state;
	fake_usb.losses = 3;
	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "");
	assert_int_equal(fake_log_lines(), 4);
	assert_true(fake_log_has("usb /usb@1: the controller fails again and "
				 "again\r\n"));
	assert_int_equal(hc->users, 0);
	assert_int_equal(hc->state, DEVICE_FAILED);
}

/* At a poll, a look at a port, or a submit. */
static void die_at(void **state, unsigned poll, unsigned look, unsigned submit)
{
	struct device *hc;

	fake_usb_teardown(state);
	fake_usb_setup(state);
	hc = plug();
	fake_usb.lost_at = poll;
	fake_usb.lost_look = look;
	fake_usb.lost_submit = submit;
	assert_in_range(fake_usb_scan(), 0, 100);
	assert_int_equal(fake_log_lines(), 1);
	expect_all_work(hc);
}

static void it_may_die_at_any_time(void **state)
{
	unsigned polls, looks, submits, at;

	plug();
	fake_usb_scan();
	polls = fake_usb.polls;
	looks = fake_usb.looks;
	submits = fake_usb.submits;
	assert_true(polls > 10 && looks > FAKE_USB_PORTS);
	for (at = 1; at <= polls; at++)
		die_at(state, at, 0, 0);
	for (at = 1; at <= looks; at++)
		die_at(state, 0, at, 0);
	for (at = 1; at <= submits; at++)
		die_at(state, 0, 0, at);
}

/*
 * After a reset, devices are brought up while a scan waits for others: when it
 * looks at all ports, the reset of one may be due as well.
 */
static void a_real_one_too(void **state)
{
	unsigned looks, at = 1;

	do {
		struct device *hc;

		fake_usb_teardown(state);
		fake_usb_setup(state);
		/* Looks are rare, so that both are due at once. */
		fake_clock_step(TIMEBASE_DEFAULT_HZ / 50);
		fake_usb.real = true;
		hc = plug();
		disk.fd.reset_looks = 6;
		fake_usb.lost_at = 8;
		fake_usb.lost_look = at;
		fake_usb_scan();
		looks = fake_usb.looks;
		assert_in_range(fake_log_lines(), 1, 2);
		assert_nodes(hc, ALL);
	} while (++at < looks);
	assert_true(at > 30);
}

static void a_controller_that_dies_in_use(void **state)
{
	struct device *hc = plug(), *dev;
	uint8_t data[18];

	(void)state;
	fake_usb_scan();
	dev = find("/usb@1/storage@1");
	for (unsigned i = 1; i <= 3; i++) {
		const char *why = "the device was reset in the meantime";

		assert_int_equal(device_open(dev), 0);
		fake_usb.losses = 1;
		assert_int_equal(usb_control(fake_usb_known(&disk), USB_IN,
					     USB_GET_DESCRIPTOR, 0x100, 0, data,
					     18),
				 ERR_IO);
		assert_string_equal(reason(), why);
		device_close(dev);
	}
	assert_int_equal(device_open(dev), ERR_NODEV);
	assert_string_equal(reason(), "the controller fails again and again");
	assert_int_equal(hc->users, 0);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_dead_controller_is_reset),	  T(the_third_time_is_the_last),
		T(it_may_die_at_any_time),	  T(a_real_one_too),
		T(a_controller_that_dies_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

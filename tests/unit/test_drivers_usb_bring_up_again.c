// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bring_up.c: recovery, and devices that are others.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/request.h"
#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

#define BUS_MS 2000u
#define SLACK_MS 200u

static struct fake_usb_thing disk, other, child, hub;
static struct device *disk_dev, *other_dev, *child_dev;
static struct usb_device *disk_udev, *other_udev, *child_udev;

static struct device *find(const char *path)
{
	struct node *node = tree_find(path);

	assert_non_null(node);
	return device_of(node);
}

/* Disks at ports 1 and 2, one behind a hub at 3; all are open. */
static void plug(enum usb_speed speed)
{
	fake_usb_disk(&disk, speed);
	fake_usb_disk(&other, speed);
	fake_usb_disk(&child, speed);
	fake_usb_hub(&hub, speed, 4);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &other.fd;
	fake_usb.port[3] = &hub.fd;
	hub.fd.behind[1] = &child.fd;
	fake_usb_plug("usb@1");
	fake_usb_scan();
	disk_dev = find("/usb@1/storage@1");
	other_dev = find("/usb@1/storage@2");
	child_dev = find("/usb@1/hub@3/storage@1");
	disk_udev = fake_usb_known(&disk);
	other_udev = fake_usb_known(&other);
	child_udev = fake_usb_known(&child);
	assert_int_equal(device_open(disk_dev), 0);
	assert_int_equal(device_open(other_dev), 0);
	assert_int_equal(device_open(child_dev), 0);
	disk.fd.resets = other.fd.resets = child.fd.resets = hub.fd.resets = 0;
}

static void unplug(void)
{
	device_close(disk_dev);
	device_close(other_dev);
	device_close(child_dev);
	assert_false(fake_usb.running);
}

/* A recovery, and what its user is told at its end. */
struct recovery {
	unsigned calls;
	enum usb_state state;
};

static void up(struct usb_device *udev, void *arg)
{
	struct recovery *r = arg;

	r->calls++;
	r->state = udev->state;
}

static void recover(struct usb_device *udev, struct recovery *r)
{
	*r = (struct recovery){ 0 };
	reason_fail(ERR_IO, "it talks nonsense");
	usb_device_recover(udev, up, r);
}

/* Waits for the end. Returns the ms that it took. */
static uint64_t finish(const struct recovery *r)
{
	uint64_t before = deadline_ms();

	while (!r->calls)
		request_wait();
	return deadline_ms() - before;
}

static void a_device_recovers_by_a_reset_of_its_port(void **state)
{
	struct recovery r, s;

	(void)state;
	plug(USB_HIGH);
	/* The time of the bring-up that was before is over. */
	fake_clock_advance(60ull * TIMEBASE_DEFAULT_HZ);
	recover(disk_udev, &r);
	assert_int_equal(r.calls, 0);
	assert_false(usb_device_is_up(disk_udev));
	finish(&r);
	assert_int_equal(r.state, USB_UP);
	assert_int_equal(disk.fd.resets, 1);
	assert_int_equal(disk.fd.configuration, 7);
	recover(child_udev, &s);
	finish(&s);
	assert_int_equal(s.state, USB_UP);
	assert_int_equal(child.fd.resets, 1);
	assert_int_equal(r.calls, 1);
	assert_int_equal(s.calls, 1);
	/* Nobody else was touched. */
	assert_int_equal(other.fd.resets, 0);
	assert_int_equal(hub.fd.resets, 0);
	assert_string_equal(fake_printed, "");
	unplug();
}

/* Its port is enabled, but that is not enough now. */
static void a_super_speed_device_is_reset_too(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_SUPER);
	recover(disk_udev, &r);
	finish(&r);
	assert_int_equal(r.state, USB_UP);
	assert_int_equal(disk.fd.resets, 1);
	unplug();
}

static void the_second_fault_is_the_last(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	recover(disk_udev, &r);
	finish(&r);
	assert_string_equal(fake_printed, "");
	recover(disk_udev, &r);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.state, USB_DROPPED);
	assert_string_equal(fake_printed, "usb /usb@1 port 1: device ignored: "
					  "it talks nonsense\r\n");
	/* For ever, and it is said once. */
	usb_device_worked(disk_udev);
	recover(disk_udev, &r);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.state, USB_DROPPED);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(usb_device_start(disk_udev), ERR_NODEV);
	assert_string_equal(reason(), "it was ignored before");
	unplug();
}

static void a_device_that_has_worked_has_no_faults(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	for (unsigned i = 0; i < 5; i++) {
		recover(disk_udev, &r);
		finish(&r);
		assert_int_equal(r.state, USB_UP);
		usb_device_worked(disk_udev);
	}
	assert_string_equal(fake_printed, "");
	unplug();
}

static void two_users_do_not_wait_for_one_recovery(void **state)
{
	struct recovery r, s;

	(void)state;
	plug(USB_HIGH);
	recover(disk_udev, &r);
	recover(disk_udev, &s);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.state, USB_BUSY);
	assert_int_equal(r.calls, 0);
	finish(&r);
	assert_int_equal(r.state, USB_UP);
	assert_int_equal(s.calls, 1);
	/* One fault, not two. */
	assert_int_equal(disk_udev->faults, 1);
	usb_device_recover(disk_udev, NULL, NULL);
	assert_int_equal(disk_udev->state, USB_DROPPED);
	usb_device_recover(disk_udev, NULL, NULL);
	unplug();
}

static void devices_recover_together(void **state)
{
	struct recovery r, s, t;

	(void)state;
	plug(USB_HIGH);
	recover(disk_udev, &r);
	recover(other_udev, &s);
	recover(child_udev, &t);
	assert_int_equal(other_udev->state, USB_WAITING);
	finish(&r);
	finish(&s);
	finish(&t);
	assert_int_equal(r.state, USB_UP);
	assert_int_equal(s.state, USB_UP);
	assert_int_equal(t.state, USB_UP);
	unplug();
}

static void an_unplugged_device_is_gone(void **state)
{
	struct recovery r, s;

	(void)state;
	plug(USB_HIGH);
	disk.fd.gone = child.fd.gone = true;
	recover(disk_udev, &r);
	recover(child_udev, &s);
	assert_in_range(finish(&r) + finish(&s), 0, SLACK_MS);
	assert_int_equal(r.state, USB_GONE);
	assert_int_equal(s.state, USB_GONE);
	assert_int_equal(usb_device_start(disk_udev), ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
	assert_string_equal(fake_printed, "");
	/* Until it is plugged again. */
	disk.fd.gone = false;
	usb_device_worked(disk_udev);
	assert_int_equal(usb_device_start(disk_udev), 0);
	unplug();
}

/* Its port may fill until devices have had time to connect. */
static void a_real_device_is_gone_later(void **state)
{
	struct recovery r;

	(void)state;
	fake_usb.real = true;
	plug(USB_HIGH);
	fake_clock_advance(TIMEBASE_DEFAULT_HZ);
	disk.fd.gone = true;
	recover(disk_udev, &r);
	assert_in_range(finish(&r), 0, SLACK_MS);
	assert_int_equal(r.state, USB_GONE);
	device_stop(disk_udev->hc->dev);
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(usb_device_start(disk_udev), ERR_NODEV);
	assert_string_equal(reason(), "unplugged");
	unplug();
}

static void with_its_hub_a_device_is_gone(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	hub.fd.gone = true;
	recover(child_udev, &r);
	finish(&r);
	assert_int_equal(r.state, USB_GONE);
	unplug();
}

/* The hub is to blame, and ignored; its device waits no longer. */
static void with_a_silent_hub_too(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	hub.trouble = FAKE_USB_NAK;
	hub.trouble_at = hub.transfers + 1;
	hub.lasting = true;
	recover(child_udev, &r);
	assert_in_range(finish(&r), BUS_MS, BUS_MS + SLACK_MS);
	assert_int_equal(r.state, USB_GONE);
	assert_string_equal(fake_printed,
			    "usb /usb@1 port 3: device ignored: "
			    "no response in 2 s; device reset\r\n");
	assert_int_equal(usb_device_start(disk_udev), 0);
	unplug();
}

static void without_a_controller_a_device_is_off(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	device_stop(disk_udev->hc->dev);
	recover(disk_udev, &r);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.state, USB_OFF);
	assert_string_equal(fake_printed, "");
	unplug();
}

/* Before the engine has looked at its transfer. */
static void a_stop_in_the_middle_of_it(void **state)
{
	struct recovery r, s;

	(void)state;
	plug(USB_HIGH);
	recover(disk_udev, &r);
	recover(child_udev, &s);
	device_stop(disk_udev->hc->dev);
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.state, USB_OFF);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.state, USB_OFF);
	assert_int_equal(usb_device_start(disk_udev), 0);
	assert_int_equal(usb_device_start(child_udev), 0);
	unplug();
}

/* One hangs while it has the bus: nobody waits for ever. */
static void the_end_of_the_controller_ends_all(void **state)
{
	struct recovery r, s, t;

	(void)state;
	plug(USB_HIGH);
	disk.trouble = FAKE_USB_NAK;
	disk.trouble_at = disk.transfers + 1;
	disk.lasting = true;
	recover(disk_udev, &r);
	recover(other_udev, &s);
	recover(child_udev, &t);
	assert_in_range(finish(&r), BUS_MS, BUS_MS + SLACK_MS);
	assert_int_equal(r.state, USB_DROPPED);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.state, USB_OFF);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.state, USB_OFF);
	/* The next start brings them up. */
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(usb_device_start(child_udev), 0);
	assert_int_equal(fake_log_lines(), 1);
	unplug();
}

static void a_start_outlives_another_device_that_hangs(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	device_close(other_dev);
	device_stop(disk_udev->hc->dev);
	assert_int_equal(usb_device_start(disk_udev), 0);
	disk.trouble = FAKE_USB_NAK;
	disk.trouble_at = disk.transfers + 1;
	disk.lasting = true;
	recover(disk_udev, &r);
	assert_int_equal(usb_device_start(other_udev), 0);
	assert_int_equal(r.state, USB_DROPPED);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(device_open(other_dev), 0);
	unplug();
}

/* What it says of itself, after a reset. */
static void expect_another(const char *why)
{
	struct recovery r;

	recover(disk_udev, &r);
	finish(&r);
	assert_int_equal(r.state, USB_DROPPED);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has(why));
	/* It does not come back as itself. */
	assert_int_equal(usb_device_start(disk_udev), ERR_NODEV);
	assert_int_equal(usb_device_start(other_udev), 0);
	unplug();
}

static void another_product_is_ignored(void **state)
{
	(void)state;
	plug(USB_HIGH);
	disk.descriptor[10]++;
	expect_another("another device after a reset");
}

static void another_vendor_is_ignored(void **state)
{
	(void)state;
	plug(USB_HIGH);
	disk.descriptor[9]++;
	expect_another("another device after a reset");
}

static void another_speed_is_ignored(void **state)
{
	(void)state;
	plug(USB_HIGH);
	disk.fd.speed = USB_FULL;
	expect_another("another speed after a reset");
}

static void another_speed_behind_a_hub_is_ignored(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	child.fd.speed = USB_LOW;
	recover(child_udev, &r);
	finish(&r);
	assert_int_equal(r.state, USB_DROPPED);
	assert_true(fake_log_has("another speed after a reset"));
	unplug();
}

/* Its first answer after the reset is an error: that is the second fault. */
static void a_recovery_has_no_second_try(void **state)
{
	struct recovery r;

	(void)state;
	plug(USB_HIGH);
	disk.trouble = ERR_IO;
	disk.trouble_at = disk.transfers + 1;
	recover(disk_udev, &r);
	finish(&r);
	assert_int_equal(r.state, USB_DROPPED);
	assert_int_equal(disk.fd.resets, 1);
	assert_true(fake_log_has("device ignored: fake error"));
	/* It had no address: others cannot get theirs before this. */
	assert_false(fake_usb.running);
	assert_int_equal(usb_device_start(other_udev), 0);
	unplug();
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_recovers_by_a_reset_of_its_port),
		T(a_super_speed_device_is_reset_too),
		T(the_second_fault_is_the_last),
		T(a_device_that_has_worked_has_no_faults),
		T(two_users_do_not_wait_for_one_recovery),
		T(devices_recover_together),
		T(an_unplugged_device_is_gone),
		T(a_real_device_is_gone_later),
		T(with_its_hub_a_device_is_gone),
		T(a_stop_in_the_middle_of_it),
		T(with_a_silent_hub_too),
		T(without_a_controller_a_device_is_off),
		T(the_end_of_the_controller_ends_all),
		T(a_start_outlives_another_device_that_hangs),
		T(another_product_is_ignored),
		T(another_vendor_is_ignored),
		T(another_speed_is_ignored),
		T(another_speed_behind_a_hub_is_ignored),
		T(a_recovery_has_no_second_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

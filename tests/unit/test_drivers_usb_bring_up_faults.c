// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bring_up.c: trouble at each step, silence, little time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

/* The longest that a device may take to answer, and a scan in all. */
#define SILENCE_MS 5000u
/* The same while it is at address 0, for which others wait. */
#define BUS_MS 2000u
#define SCAN_MS 10000u
/* What the rest takes, and looking at the clock. */
#define SLACK_MS 200u

static struct fake_usb_thing disk, other, victim, hub;

/*
 * A good disk at port 1, the victim at 2, a hub with a good disk at 3; or all
 * three behind the hub.
 */
static struct device *plug(bool behind)
{
	struct device *hc = fake_usb_plug("usb@1");

	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&other, USB_FULL);
	fake_usb_hub(&hub, USB_HIGH, 4);
	fake_usb_disk(&victim, USB_FULL);
	victim.descriptor[7] = 64;
	hub.fd.behind[4] = &other.fd;
	fake_usb.port[3] = &hub.fd;
	if (behind) {
		hub.fd.behind[1] = &disk.fd;
		hub.fd.behind[2] = &victim.fd;
	} else {
		fake_usb.port[1] = &disk.fd;
		fake_usb.port[2] = &victim.fd;
	}
	return hc;
}

/* The good ones are there, work, and the victim is, or is not. */
static void expect_found(struct device *hc, bool behind, bool has_victim)
{
	struct node *node;

	assert_string_equal(fake_usb_nodes(hc->node),
			    behind && has_victim
				    ? "hub@3 hub@3/storage@1 hub@3/storage@2 "
				      "hub@3/storage@4 "
			    : behind ? "hub@3 hub@3/storage@1 hub@3/storage@4 "
			    : has_victim ? "storage@1 storage@2 hub@3 "
					   "hub@3/storage@4 "
					 : "storage@1 hub@3 hub@3/storage@4 ");
	for (node = hc->node; node; node = tree_next(node)) {
		if (strcmp(node->name, "storage"))
			continue;
		assert_int_equal(device_open(device_of(node)), 0);
		device_close(device_of(node));
	}
	assert_false(fake_usb.running);
	assert_int_equal(hc->users, 0);
}

/* Ends, and begins anew for the next round. */
static void again(void **state)
{
	fake_usb_teardown(state);
	fake_usb_setup(state);
}

static void expect_silence(uint64_t took, bool with_bus)
{
	uint64_t want = with_bus ? BUS_MS : SILENCE_MS;

	assert_in_range(took, want, want + SLACK_MS);
}

/*
 * The victim has `trouble` at each of its transfers, one after the other.
 * Returns false: it has fewer than `at`.
 */
static bool try_at(unsigned at, long trouble, bool lasting, bool behind)
{
	struct device *hc = plug(behind);
	uint64_t took;
	bool met;

	victim.trouble = trouble;
	victim.trouble_at = at;
	victim.lasting = lasting;
	took = fake_usb_scan();
	met = victim.transfers >= at;
	if (trouble == FAKE_USB_NAK && lasting && met)
		expect_silence(took, at == 1);
	else
		assert_in_range(took, 0, SLACK_MS);
	/* Unplugged: nothing to say. */
	if (lasting && met && trouble != ERR_NODEV) {
		assert_int_equal(fake_log_lines(), 1);
		assert_true(fake_log_has(behind ? "/usb@1 port 3.2: device "
						  "ignored: "
						: "/usb@1 port 2: device "
						  "ignored: "));
	} else {
		assert_string_equal(fake_printed, "");
	}
	victim.trouble_at = 0;
	expect_found(hc, behind, !met || (!lasting && trouble != ERR_NODEV));
	return met;
}

static void try_everywhere(void **state, long trouble, bool lasting)
{
	for (unsigned behind = 0; behind < 2; behind++) {
		unsigned at = 1;

		while (try_at(at, trouble, lasting, behind)) {
			at++;
			again(state);
		}
		/* "acmcccce" */
		assert_int_equal(at, 9);
		again(state);
	}
}

static void a_device_that_fails_once_works(void **state)
{
	try_everywhere(state, ERR_IO, false);
	try_everywhere(state, USB_STALL, false);
}

static void a_device_that_goes_on_failing_is_ignored(void **state)
{
	try_everywhere(state, ERR_IO, true);
	try_everywhere(state, USB_STALL, true);
}

static void a_device_that_never_answers_is_ignored(void **state)
{
	try_everywhere(state, FAKE_USB_NAK, true);
}

static void an_unplugged_device_is_not_mentioned(void **state)
{
	try_everywhere(state, ERR_NODEV, true);
}

/* The same for a hub: its own transfers, and those about its devices. */
static bool try_hub_at(unsigned at, long trouble, bool lasting)
{
	struct device *hc = plug(false);
	uint64_t took;
	bool met;

	hub.trouble = trouble;
	hub.trouble_at = at;
	hub.lasting = lasting;
	took = fake_usb_scan();
	met = hub.transfers >= at;
	assert_in_range(took, 0, SCAN_MS + SLACK_MS);
	hub.trouble_at = 0;
	if (!met || !lasting) {
		assert_string_equal(fake_printed, "");
		expect_found(hc, false, true);
	} else if (trouble == FAKE_USB_NAK) {
		/* Not its devices: they wait for it. */
		expect_silence(took, at == 1 || at > 16);
		assert_int_equal(fake_log_lines(), 1);
		assert_true(fake_log_has("usb /usb@1 port 3: device ignored: "
					 "no response in "));
		assert_string_equal(fake_usb_nodes(hc->node),
				    "storage@1 storage@2 ");
	} else {
		assert_in_range(fake_log_lines(), trouble != ERR_NODEV, 2);
	}
	assert_false(fake_usb.running);
	return met;
}

static void try_hub_everywhere(void **state, long trouble, bool lasting)
{
	unsigned at = 1;

	while (try_hub_at(at, trouble, lasting)) {
		at++;
		again(state);
	}
	assert_in_range(at, 15, 30);
	again(state);
}

static void a_hub_that_fails_once_works(void **state)
{
	try_hub_everywhere(state, ERR_IO, false);
	try_hub_everywhere(state, USB_STALL, false);
}

static void a_hub_that_goes_on_failing_is_ignored(void **state)
{
	try_hub_everywhere(state, ERR_IO, true);
	try_hub_everywhere(state, USB_STALL, true);
	try_hub_everywhere(state, ERR_NODEV, true);
}

static void a_hub_that_never_answers_is_ignored(void **state)
{
	try_hub_everywhere(state, FAKE_USB_NAK, true);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_usb_setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_that_fails_once_works),
		T(a_device_that_goes_on_failing_is_ignored),
		T(a_device_that_never_answers_is_ignored),
		T(an_unplugged_device_is_not_mentioned),
		T(a_hub_that_fails_once_works),
		T(a_hub_that_goes_on_failing_is_ignored),
		T(a_hub_that_never_answers_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

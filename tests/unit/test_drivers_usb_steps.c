// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/steps.c: hostile answers of devices and hubs.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/core.h"
#include "drivers/usb/descriptor.h"
#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tree/path.h"

static struct fake_usb_thing disk, last, victim, child, hubs[7];

/* Good disks at ports 1 and 8, the victim at 2. */
static struct device *plug(struct fake_usb_thing *thing)
{
	fake_usb_disk(&disk, USB_HIGH);
	fake_usb_disk(&last, USB_SUPER);
	fake_usb.port[1] = &disk.fd;
	fake_usb.port[2] = &thing->fd;
	fake_usb.port[8] = &last.fd;
	return fake_usb_plug("usb@1");
}

#define assert_nodes(dev, want)                                                \
	assert_string_equal(fake_usb_nodes((dev)->node), want)

/* It is ignored, for this reason; NULL: nothing to say. */
static void expect_ignored(const char *why)
{
	struct device *hc = plug(&victim);
	char line[256];

	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "storage@1 storage@8 ");
	snprintf(line, sizeof(line),
		 "usb /usb@1 port 2: device ignored: %s\r\n", why ? why : "");
	assert_string_equal(fake_printed, why ? line : "");
}

/* It is found, and that is all. */
static void expect_found(void)
{
	struct device *hc = plug(&victim);

	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "storage@1 storage@2 storage@8 ");
	assert_string_equal(fake_printed, "");
}

static void again(void **state)
{
	fake_usb_teardown(state);
	fake_usb_setup(state);
	fake_usb_disk(&victim, USB_HIGH);
}

static int setup(void **state)
{
	fake_usb_setup(state);
	fake_usb_disk(&victim, USB_HIGH);
	return 0;
}

static void packet_sizes_of_endpoint_0(void **state)
{
	victim.descriptor[7] = 0;
	expect_ignored("bad packet size of endpoint 0: 0");
	again(state);
	victim.descriptor[7] = 7;
	expect_ignored("bad packet size of endpoint 0: 7");
	again(state);
	victim.descriptor[7] = 255;
	expect_ignored("bad packet size of endpoint 0: 255");
	again(state);
	/* Wrong at this speed; it may still work. */
	victim.descriptor[7] = 8;
	expect_found();
	again(state);
	fake_usb_disk(&victim, USB_SUPER);
	victim.descriptor[7] = 64;
	expect_ignored("bad packet size of endpoint 0: 64");
}

static void device_descriptors(void **state)
{
	victim.descriptor[1] = 2;
	expect_ignored("bad device descriptor");
	again(state);
	victim.descriptor[17] = 0;
	expect_ignored("no configuration");
	again(state);
	/* Its length, versions and the like are not used. */
	victim.descriptor[0] = 0;
	victim.descriptor[2] = victim.descriptor[17] = 255;
	expect_found();
}

static void total_lengths(void **state)
{
	static const struct {
		uint16_t total;
		const char *why;
	} cases[] = {
		{ 0, "configuration of 0 bytes" },
		{ 8, "configuration of 8 bytes" },
		{ 4001, "configuration of 4001 bytes" },
		{ 65535, "configuration of 65535 bytes" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		le16_store(victim.config + 2, cases[i].total);
		expect_ignored(cases[i].why);
		again(state);
	}
	/* More than there is, and less: the interface ends before its end. */
	le16_store(victim.config + 2, 4000);
	expect_found();
	again(state);
	le16_store(victim.config + 2, 9 + 8);
	expect_ignored(NULL);
}

/* The configuration's total length, when it is read for the nth time. */
static unsigned reads, totals[2];

static long other_total(struct fake_usb_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len)
{
	if (setup->request != USB_GET_DESCRIPTOR ||
	    le16_get(setup->value) != USB_DESC_CONFIG << 8)
		return FAKE_USB_PASS;
	memset(data, 0xff, len);
	memcpy(data, fd->config, MIN(len, fd->config_len));
	le16_store(data + 2, (uint16_t)totals[reads++ & 1]);
	return (long)len;
}

/* The first length is the one that counts. */
static void a_total_length_may_change(void **state)
{
	reads = 0;
	totals[0] = 32;
	totals[1] = 65535;
	victim.fd.control = other_total;
	expect_found();
	assert_int_equal(reads, 2);
	again(state);
	reads = 0;
	totals[1] = 0;
	victim.fd.control = other_total;
	expect_found();
}

/* It has become a string, which is not long either. */
static long other_type(struct fake_usb_device *fd,
		       const struct usb_setup *setup, uint8_t *data,
		       uint32_t len)
{
	long n = other_total(fd, setup, data, len);

	if (n > 0 && len > 9)
		data[1] = 3;
	return n;
}

static void a_configuration_may_become_another(void **state)
{
	(void)state;
	totals[0] = totals[1] = 32;
	victim.fd.control = other_type;
	expect_ignored("bad configuration descriptor");
}

static void disable(struct fake_usb_device *fd)
{
	fd->enabled = false;
}

static void a_root_port_that_stays_disabled(void **state)
{
	(void)state;
	victim.fd.reset = disable;
	expect_ignored("the port stays disabled after a reset");
	/* Nobody was disturbed for that. */
	assert_int_equal(fake_usb.starts, 1);
}

/* Of which request the answer is cut short, and to what. */
static unsigned cut_type, cut_len;

static long cut_short(struct fake_usb_device *fd, const struct usb_setup *setup,
		      uint8_t *data, uint32_t len)
{
	(void)fd;
	if (setup->request != USB_GET_DESCRIPTOR || len <= cut_len ||
	    le16_get(setup->value) != cut_type << 8)
		return FAKE_USB_PASS;
	memcpy(data, cut_type == USB_DESC_DEVICE ? fd->descriptor : fd->config,
	       cut_len);
	return cut_len;
}

static void short_answers(void **state)
{
	cut_type = USB_DESC_DEVICE;
	for (cut_len = 0; cut_len < 18; cut_len++) {
		victim.fd.control = cut_short;
		expect_ignored("bad device descriptor");
		again(state);
	}
	cut_type = USB_DESC_CONFIG;
	for (cut_len = 0; cut_len < 32; cut_len++) {
		victim.fd.control = cut_short;
		if (cut_len < 9)
			expect_ignored("bad configuration descriptor");
		else if (cut_len < 18)
			expect_ignored(NULL);
		else
			expect_found();
		again(state);
	}
}

static void a_crowd_of_interfaces(void **state)
{
	static uint8_t config[9 + 300 * 9];
	static const uint8_t head[] = {
		9, 2, sizeof(config) & 0xff, sizeof(config) >> 8, 255, 1
	};
	static const uint8_t intf[] = { 9, 4, 0, 0, 4, 8, 6, 0x50, 0 };

	(void)state;
	memcpy(config, head, sizeof(head));
	for (unsigned i = 0; i < 300; i++)
		memcpy(config + 9 + 9 * i, intf, sizeof(intf));
	victim.fd.config = config;
	victim.fd.config_len = sizeof(config);
	expect_found();
}

/* A hub with a disk at port 1. */
static void make_hub(unsigned ports)
{
	fake_usb_hub(&victim, USB_HIGH, ports);
	fake_usb_disk(&child, USB_HIGH);
	victim.fd.behind[1] = &child.fd;
}

static void a_hub_without_ports(void **state)
{
	(void)state;
	make_hub(0);
	expect_ignored("a hub without ports");
}

static void a_hub_with_many_ports(void **state)
{
	static const unsigned ports[] = { 1, 15, 16, 255 };

	for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
		struct device *hc;

		make_hub(ports[i]);
		hc = plug(&victim);
		assert_in_range(fake_usb_scan(), 0, 500);
		assert_nodes(hc, "storage@1 hub@2 hub@2/storage@1 storage@8 ");
		assert_string_equal(fake_printed, "");
		again(state);
	}
}

/* No device can have the 128th address. */
static void a_hub_that_claims_255_devices(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(255);
	victim.crowded = true;
	hc = plug(&victim);
	assert_in_range(fake_usb_scan(), 0, 1000);
	assert_nodes(hc, "storage@1 hub@2 hub@2/storage@1 storage@8 ");
	/* 127 less the four, and one line more. */
	assert_int_equal(fake_log_lines(), 127 - 4 + 1);
	assert_true(fake_log_has("usb /usb@1: it has more devices than "
				 "addresses\r\n"));
	assert_true(fake_log_has("usb /usb@1 port 2.124: device ignored: the "
				 "port stays disabled after a reset\r\n"));
	assert_false(fake_log_has("port 2.125:"));
	/* Nobody was disturbed for that. */
	assert_int_equal(fake_usb.starts, 1);
}

static void a_sixth_hub_in_a_row(void **state)
{
	struct device *hc;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		fake_usb_hub(&hubs[i], USB_HIGH, 4);
		if (i)
			hubs[i - 1].fd.behind[1] = &hubs[i].fd;
	}
	fake_usb_disk(&child, USB_HIGH);
	hubs[4].fd.behind[2] = &child.fd;
	hc = plug(&hubs[0]);
	fake_usb_scan();
	assert_nodes(hc,
		     "storage@1 hub@2 hub@2/hub@1 hub@2/hub@1/hub@1 "
		     "hub@2/hub@1/hub@1/hub@1 hub@2/hub@1/hub@1/hub@1/hub@1 "
		     "hub@2/hub@1/hub@1/hub@1/hub@1/storage@2 storage@8 ");
	assert_string_equal(fake_printed,
			    "usb /usb@1 port 2.1.1.1.1.1: device ignored: more "
			    "than 5 hubs in a row\r\n");
}

/* What the hub's control() does to some of its requests. */
static long (*usual_hub)(struct fake_usb_device *fd,
			 const struct usb_setup *setup, uint8_t *data,
			 uint32_t len);
static unsigned bad_request, bad_len;

static long bad_hub(struct fake_usb_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	long n = usual_hub(fd, setup, data, len);

	if (setup->request == bad_request && setup->type & USB_TYPE_CLASS)
		return MIN(n, (long)bad_len);
	return n;
}

static void short_answers_of_hubs(void **state)
{
	make_hub(4);
	usual_hub = victim.fd.control;
	for (bad_len = 0; bad_len < 4; bad_len++) {
		make_hub(4);
		victim.fd.control = bad_hub;
		bad_request = USB_GET_STATUS;
		expect_ignored("short port status");
		again(state);
		if (bad_len == 3)
			break;
		make_hub(4);
		victim.fd.control = bad_hub;
		bad_request = USB_GET_DESCRIPTOR;
		expect_ignored("bad hub descriptor");
		again(state);
	}
}

/* Not when it is scanned, but after the reset of its device. */
static long bad_after_reset(struct fake_usb_device *fd,
			    const struct usb_setup *setup, uint8_t *data,
			    uint32_t len)
{
	long n = usual_hub(fd, setup, data, len);

	if (setup->request == USB_GET_STATUS && child.fd.enabled)
		return 2;
	return n;
}

static void a_short_answer_about_a_reset(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(4);
	usual_hub = victim.fd.control;
	victim.fd.control = bad_after_reset;
	hc = plug(&victim);
	fake_usb_scan();
	assert_nodes(hc, "storage@1 hub@2 storage@8 ");
	assert_string_equal(fake_printed, "usb /usb@1 port 2.1: device "
					  "ignored: short port status\r\n");
}

/* Of port 1, twice; port 2 is behind it in the queue for the bus. */
static long bad_about_port_1(struct fake_usb_device *fd,
			     const struct usb_setup *setup, uint8_t *data,
			     uint32_t len)
{
	long n = usual_hub(fd, setup, data, len);

	if (setup->request == USB_GET_STATUS && child.fd.enabled &&
	    le16_get(setup->index) == 1)
		return USB_STALL;
	return n;
}

/* It has been reset, and would answer in place of the next one. */
static void a_device_that_may_be_at_address_0(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(4);
	fake_usb_disk(&hubs[0], USB_HIGH);
	victim.fd.behind[2] = &hubs[0].fd;
	usual_hub = victim.fd.control;
	victim.fd.control = bad_about_port_1;
	hc = plug(&victim);
	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "storage@1 hub@2 hub@2/storage@2 storage@8 ");
	assert_string_equal(fake_printed, "usb /usb@1 port 2.1: device "
					  "ignored: stalled\r\n");
	assert_int_equal(fake_usb.starts, 2);
}

static void change_bits_that_stay(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(4);
	victim.sticky = true;
	victim.changed = UINT32_MAX;
	hc = plug(&victim);
	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "storage@1 hub@2 hub@2/storage@1 storage@8 ");
	assert_string_equal(fake_printed, "");
}

/* It is there, until its port is reset. */
static void vanish(struct fake_usb_device *fd)
{
	fd->gone = true;
}

static void a_device_that_is_unplugged_by_its_reset(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(4);
	child.fd.reset = vanish;
	hc = plug(&victim);
	assert_in_range(fake_usb_scan(), 0, 100);
	assert_nodes(hc, "storage@1 hub@2 storage@8 ");
	assert_string_equal(fake_printed, "");
}

/* Faster than the hub itself. */
static void a_hub_may_lie_about_speeds(void **state)
{
	struct device *hc;

	(void)state;
	make_hub(4);
	victim.fd.speed = USB_FULL;
	victim.descriptor[7] = 8;
	hc = plug(&victim);
	fake_usb_scan();
	assert_nodes(hc, "storage@1 hub@2 hub@2/storage@1 storage@8 ");
	assert_null(fake_usb_known(&child)->tt);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, fake_usb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(packet_sizes_of_endpoint_0),
		T(device_descriptors),
		T(total_lengths),
		T(a_total_length_may_change),
		T(a_configuration_may_become_another),
		T(a_root_port_that_stays_disabled),
		T(short_answers),
		T(a_crowd_of_interfaces),
		T(a_hub_without_ports),
		T(a_hub_with_many_ports),
		T(a_hub_that_claims_255_devices),
		T(a_sixth_hub_in_a_row),
		T(short_answers_of_hubs),
		T(a_short_answer_about_a_reset),
		T(a_device_that_may_be_at_address_0),
		T(change_bits_that_stay),
		T(a_device_that_is_unplugged_by_its_reset),
		T(a_hub_may_lie_about_speeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

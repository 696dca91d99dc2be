// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/descriptor.c: what devices say, and what they should not.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/descriptor.h"
#include "lib/reason.h"

/* A copy that ends at the end of its memory, so that ASan sees overruns. */
static uint8_t *exactly(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	return len ? copy : copy + 1;
}

static void release(uint8_t *copy, size_t len)
{
	free(len ? copy : copy - 1);
}

#define assert_fails(err, why)                                                 \
	do {                                                                   \
		assert_int_equal(err, ERR_FORMAT);                             \
		assert_string_equal(reason(), why);                            \
	} while (0)

static const uint8_t device[18] = { 18,	  1,	0, 2,	 8, 6, 0, 64, 0xf4,
				    0x46, 0x34, 1, 0x00, 1, 1, 2, 3,  1 };

static int mps0(uint8_t value, enum usb_speed speed)
{
	uint8_t head[8];

	memcpy(head, device, sizeof(head));
	head[7] = value;
	return usb_parse_mps0(head, sizeof(head), speed);
}

static void packet_sizes_of_endpoint_0(void **state)
{
	static const enum usb_speed slower[] = { USB_LOW, USB_FULL, USB_HIGH };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(slower); i++) {
		for (unsigned value = 0; value < 256; value++) {
			bool ok = value == 8 || value == 16 || value == 32 ||
				  value == 64;

			assert_int_equal(mps0((uint8_t)value, slower[i]),
					 ok ? (int)value : ERR_FORMAT);
		}
	}
	for (unsigned value = 0; value < 256; value++)
		assert_int_equal(mps0((uint8_t)value, USB_SUPER),
				 value == 9 ? 512 : ERR_FORMAT);
	assert_fails(mps0(7, USB_FULL), "bad packet size of endpoint 0: 7");
}

static void a_device_descriptor_has_18_bytes(void **state)
{
	struct usb_device_ids ids;
	uint8_t *copy;

	(void)state;
	assert_int_equal(usb_parse_device(device, 18, &ids), 0);
	assert_int_equal(ids.vendor, 0x46f4);
	assert_int_equal(ids.product, 0x0134);
	for (size_t len = 0; len < 18; len++) {
		copy = exactly(device, len);
		assert_fails(usb_parse_device(copy, len, &ids),
			     "bad device descriptor");
		if (len < 8)
			assert_fails(usb_parse_mps0(copy, len, USB_FULL),
				     "bad device descriptor");
		release(copy, len);
	}
}

static void other_descriptors_are_none_of_a_device(void **state)
{
	struct usb_device_ids ids;
	uint8_t copy[18];

	(void)state;
	memcpy(copy, device, sizeof(copy));
	copy[1] = 2;
	assert_fails(usb_parse_device(copy, 18, &ids), "bad device descriptor");
	assert_fails(usb_parse_mps0(copy, 18, USB_HIGH),
		     "bad device descriptor");
	copy[1] = 1;
	copy[17] = 0;
	assert_fails(usb_parse_device(copy, 18, &ids), "no configuration");
}

static int total(unsigned value)
{
	const uint8_t head[9] = { 9, 2, (uint8_t)value, (uint8_t)(value >> 8) };

	return usb_parse_total(head, sizeof(head));
}

static void a_configuration_fits_our_buffer(void **state)
{
	uint8_t *copy;

	(void)state;
	assert_int_equal(total(9), 9);
	assert_int_equal(total(USB_CONTROL_MAX), USB_CONTROL_MAX);
	assert_fails(total(0), "configuration of 0 bytes");
	assert_fails(total(8), "configuration of 8 bytes");
	assert_fails(total(4001), "configuration of 4001 bytes");
	assert_fails(total(65535), "configuration of 65535 bytes");
	for (size_t len = 0; len < 9; len++) {
		copy = exactly((const uint8_t[9]){ 9, 2, 32 }, len);
		assert_fails(usb_parse_total(copy, len),
			     "bad configuration descriptor");
		release(copy, len);
	}
	assert_fails(usb_parse_total((const uint8_t[9]){ 9, 1, 32 }, 9),
		     "bad configuration descriptor");
}

/* Parses a configuration that consists of its own 9 bytes and these. */
static struct usb_config config;

static void parse(const uint8_t *bytes, size_t len)
{
	uint8_t whole[4096] = { 9, 2, 0, 0, 1, 5, 0, 0x80, 50 }, *copy;

	memcpy(whole + 9, bytes, len);
	copy = exactly(whole, 9 + len);
	memset(&config, 0xff, sizeof(config));
	assert_int_equal(usb_parse_config(copy, 9 + len, &config), 0);
	release(copy, 9 + len);
	assert_int_equal(config.value, 5);
	assert_in_range(config.n_interfaces, 0, USB_INTERFACES_MAX);
	for (unsigned i = 0; i < config.n_interfaces; i++)
		assert_in_range(config.interfaces[i].n_endpoints, 0,
				USB_ENDPOINTS_MAX);
}

#define PARSE(...)                                                             \
	parse((const uint8_t[]){ __VA_ARGS__ },                                \
	      sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define INTERFACE(number, alternate) 9, 4, number, alternate, 2, 8, 6, 0x50, 0
#define ENDPOINT(address) 7, 5, address, 2, 0x40, 0, 3

/* "81 2/": endpoints of interface 0, then those of interface 1... */
static const char *endpoints(void)
{
	static char text[1024];
	char *at = text;

	for (unsigned i = 0; i < config.n_interfaces; i++) {
		const struct usb_interface *intf = &config.interfaces[i];

		for (unsigned k = 0; k < intf->n_endpoints; k++)
			at += sprintf(at, "%s%x", k ? " " : "",
				      intf->endpoints[k].address);
		at += sprintf(at, "/");
	}
	*at = '\0';
	return text;
}

static void an_honest_configuration_is_read(void **state)
{
	const struct usb_endpoint *ep;

	(void)state;
	PARSE(9, 4, 3, 0, 2, 8, 6, 0x50, 0, 7, 5, 0x81, 2, 0, 2, 9, 7, 5, 2, 3,
	      0x40, 0x18, 10);
	assert_int_equal(config.n_interfaces, 1);
	assert_int_equal(config.interfaces[0].number, 3);
	assert_int_equal(config.interfaces[0].class, 8);
	assert_int_equal(config.interfaces[0].subclass, 6);
	assert_int_equal(config.interfaces[0].protocol, 0x50);
	assert_int_equal(config.interfaces[0].n_endpoints, 2);
	ep = config.interfaces[0].endpoints;
	assert_int_equal(ep[0].address, 0x81);
	assert_int_equal(ep[0].type, USB_EP_BULK);
	assert_int_equal(ep[0].mps, 512);
	assert_int_equal(ep[0].interval, 9);
	/* Bits 12..11 are transactions per microframe. */
	assert_int_equal(ep[1].address, 2);
	assert_int_equal(ep[1].type, USB_EP_INTERRUPT);
	assert_int_equal(ep[1].mps, 0x40);
	assert_int_equal(ep[1].interval, 10);
	assert_null(ep[1].udev);
	assert_null(ep[1].hcd);
	assert_false(ep[1].used);
}

static void what_is_not_a_configuration_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < 9; len++) {
		uint8_t *copy = exactly((const uint8_t[9]){ 9, 2 }, len);

		assert_fails(usb_parse_config(copy, len, &config),
			     "bad configuration descriptor");
		release(copy, len);
	}
	assert_fails(usb_parse_config(device, 18, &config),
		     "bad configuration descriptor");
}

static void unknown_descriptors_are_skipped(void **state)
{
	(void)state;
	PARSE(8, 11, 0, 1, 8, 6, 0x50, 0, INTERFACE(0, 0), 9, 0x21, 0x11, 1, 0,
	      1, 0x22, 63, 0, ENDPOINT(0x81), 4, 0x24, 3, 0, 2, 0xff,
	      ENDPOINT(2));
	assert_string_equal(endpoints(), "81 2/");
}

static void a_walk_ends_at_an_impossible_length(void **state)
{
	static const uint8_t lengths[] = { 0, 1, 8, 9, 255 };

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths); i++) {
		PARSE(INTERFACE(0, 0), ENDPOINT(0x81), lengths[i], 5, 2, 2,
		      0x40, 0, 3);
		assert_string_equal(endpoints(), "81/");
	}
	/* And what is too short for its type is skipped. */
	PARSE(INTERFACE(0, 0), 6, 5, 0x81, 2, 0x40, 0, 2, 5, ENDPOINT(2));
	assert_string_equal(endpoints(), "2/");
	PARSE(8, 4, 0, 0, 2, 8, 6, 0x50, ENDPOINT(0x81), 2, 4, INTERFACE(1, 0),
	      ENDPOINT(2));
	assert_string_equal(endpoints(), "2/");
}

/* At each of its bytes. */
static void a_configuration_may_end_anywhere(void **state)
{
	static const uint8_t bytes[] = { INTERFACE(0, 0),
					 ENDPOINT(0x81),
					 6,
					 0x30,
					 15,
					 0,
					 0,
					 0,
					 ENDPOINT(2),
					 6,
					 0x30,
					 15,
					 0,
					 0,
					 0 };
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(bytes); len++) {
		parse(bytes, len);
		assert_string_equal(endpoints(), len < 9    ? ""
						 : len < 16 ? "/"
						 : len < 29 ? "81/"
							    : "81 2/");
	}
}

static void an_endpoint_needs_an_interface(void **state)
{
	(void)state;
	PARSE(ENDPOINT(0x81), 6, 0x30, 15, 0, 0, 0, INTERFACE(0, 0),
	      ENDPOINT(2));
	assert_string_equal(endpoints(), "2/");
}

static void endpoints_are_those_of_alternate_setting_0(void **state)
{
	(void)state;
	PARSE(INTERFACE(0, 0), ENDPOINT(0x81), INTERFACE(0, 1), ENDPOINT(0x82),
	      INTERFACE(1, 0), ENDPOINT(3));
	assert_string_equal(endpoints(), "81/3/");
	PARSE(INTERFACE(0, 1), ENDPOINT(0x81));
	assert_string_equal(endpoints(), "");
}

static void impossible_endpoints_are_skipped(void **state)
{
	(void)state;
	/* Endpoint 0, and one without packets. */
	PARSE(INTERFACE(0, 0), ENDPOINT(0x80), ENDPOINT(0), 7, 5, 0x81, 2, 0, 0,
	      0, 7, 5, 0x82, 2, 0, 0x18, 0, ENDPOINT(3));
	assert_string_equal(endpoints(), "3/");
	/* 1024 is the most; 1025; 2047. */
	PARSE(INTERFACE(0, 0), 7, 5, 0x81, 2, 0, 4, 0, 7, 5, 0x82, 2, 1, 4, 0,
	      7, 5, 0x83, 2, 0xff, 7, 0);
	assert_string_equal(endpoints(), "81/");
	assert_int_equal(config.interfaces[0].endpoints[0].mps, 1024);
	/* Reserved bits of the address. */
	PARSE(INTERFACE(0, 0), ENDPOINT(0xf1), ENDPOINT(0x70));
	assert_string_equal(endpoints(), "81/");
}

/* They would share what the controller knows of an endpoint. */
static void an_endpoint_belongs_to_one_interface(void **state)
{
	(void)state;
	PARSE(INTERFACE(0, 0), ENDPOINT(0x81), ENDPOINT(0x81), ENDPOINT(1),
	      INTERFACE(1, 0), ENDPOINT(0x81), ENDPOINT(0x82));
	assert_string_equal(endpoints(), "81 1/82/");
	/* Not only the first. */
	PARSE(INTERFACE(0, 0), ENDPOINT(1), ENDPOINT(2), ENDPOINT(2),
	      INTERFACE(1, 0), ENDPOINT(2), ENDPOINT(3), ENDPOINT(3));
	assert_string_equal(endpoints(), "1 2/3/");
}

static void more_than_there_is_room_for_is_skipped(void **state)
{
	uint8_t bytes[300 * 9 + 7];
	const uint8_t last[] = { ENDPOINT(0x81) };

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		const uint8_t intf[] = { INTERFACE((uint8_t)i, 0) };

		memcpy(bytes + 9 * i, intf, sizeof(intf));
	}
	memcpy(bytes + 300 * 9, last, sizeof(last));
	parse(bytes, sizeof(bytes));
	assert_int_equal(config.n_interfaces, USB_INTERFACES_MAX);
	/* That endpoint is of an interface that is not known. */
	assert_string_equal(endpoints(), "////////////////");
	PARSE(INTERFACE(0, 0), ENDPOINT(1), ENDPOINT(2), ENDPOINT(3),
	      ENDPOINT(4), ENDPOINT(5), INTERFACE(1, 0), ENDPOINT(6));
	assert_string_equal(endpoints(), "1 2 3 4/6/");
}

static void a_companion_follows_its_endpoint(void **state)
{
	const struct usb_endpoint *ep = config.interfaces[0].endpoints;

	(void)state;
	PARSE(INTERFACE(0, 0), ENDPOINT(1), 6, 0x30, 7, 0, 0, 0, /* its own */
	      ENDPOINT(2), 4, 0x24, 1, 0, 6, 0x30, 7, 0, 0, 0,	 /* too late */
	      ENDPOINT(3), 5, 0x30, 7, 0, 0,			 /* short */
	      ENDPOINT(4), 6, 0x30, 255, 0, 0, 0);		 /* too much */
	assert_string_equal(endpoints(), "1 2 3 4/");
	assert_int_equal(ep[0].burst, 7);
	assert_int_equal(ep[1].burst, 0);
	assert_int_equal(ep[2].burst, 0);
	assert_int_equal(ep[3].burst, 15);
	/* Of an endpoint that was skipped; without any. */
	PARSE(INTERFACE(0, 0), ENDPOINT(1), ENDPOINT(0), 6, 0x30, 7, 0, 0, 0);
	assert_int_equal(ep[0].burst, 0);
	PARSE(6, 0x30, 7, 0, 0, 0, INTERFACE(0, 0), 6, 0x30, 7, 0, 0, 0);
	assert_string_equal(endpoints(), "/");
}

/* Its own length is as hostile as the others. */
static void a_configuration_may_lie_about_itself(void **state)
{
	uint8_t bytes[] = { 9, 2, 0, 0, 1, 5, 0, 0x80, 50, INTERFACE(0, 0) };

	(void)state;
	for (unsigned length = 0; length < 256; length++) {
		bytes[0] = (uint8_t)length;
		assert_int_equal(
			usb_parse_config(bytes, sizeof(bytes), &config), 0);
		assert_int_equal(config.n_interfaces, length == 9);
	}
}

static int hub(unsigned type, unsigned ports)
{
	return usb_parse_hub(
		(const uint8_t[3]){ 9, (uint8_t)type, (uint8_t)ports }, 3);
}

static void hubs_have_ports(void **state)
{
	(void)state;
	assert_int_equal(hub(USB_DESC_HUB, 1), 1);
	assert_int_equal(hub(USB_DESC_HUB, 16), 16);
	assert_int_equal(hub(USB_DESC_SUPER_HUB, 255), 255);
	assert_fails(hub(USB_DESC_HUB, 0), "a hub without ports");
	assert_fails(hub(USB_DESC_DEVICE, 4), "bad hub descriptor");
	for (size_t len = 0; len < 3; len++) {
		uint8_t *copy = exactly((const uint8_t[3]){ 9, 0x29, 4 }, len);

		assert_fails(usb_parse_hub(copy, len), "bad hub descriptor");
		release(copy, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_sizes_of_endpoint_0),
		cmocka_unit_test(a_device_descriptor_has_18_bytes),
		cmocka_unit_test(other_descriptors_are_none_of_a_device),
		cmocka_unit_test(a_configuration_fits_our_buffer),
		cmocka_unit_test(an_honest_configuration_is_read),
		cmocka_unit_test(what_is_not_a_configuration_is_refused),
		cmocka_unit_test(unknown_descriptors_are_skipped),
		cmocka_unit_test(a_walk_ends_at_an_impossible_length),
		cmocka_unit_test(a_configuration_may_end_anywhere),
		cmocka_unit_test(an_endpoint_needs_an_interface),
		cmocka_unit_test(endpoints_are_those_of_alternate_setting_0),
		cmocka_unit_test(impossible_endpoints_are_skipped),
		cmocka_unit_test(an_endpoint_belongs_to_one_interface),
		cmocka_unit_test(more_than_there_is_room_for_is_skipped),
		cmocka_unit_test(a_companion_follows_its_endpoint),
		cmocka_unit_test(a_configuration_may_lie_about_itself),
		cmocka_unit_test(hubs_have_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

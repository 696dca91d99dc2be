// SPDX-License-Identifier: BSD-2-Clause
// USB descriptors: bytes of a device to checked structures (USB 2.0, 9.6).
#include "drivers/usb/descriptor.h"

#include <string.h>

#include "lib/reason.h"

/* Offsets. [USB 2.0, tables 9-8, 9-10, 9-12, 9-13; USB 3.2, table 9-26] */
enum descriptor_field {
	DESC_LENGTH = 0,
	DESC_TYPE = 1,

	DEVICE_MPS0 = 7,
	DEVICE_VENDOR = 8,
	DEVICE_PRODUCT = 10,
	DEVICE_CONFIGS = 17,

	CONFIG_TOTAL = 2,
	CONFIG_VALUE = 5,

	INTERFACE_NUMBER = 2,
	INTERFACE_ALTERNATE = 3,
	INTERFACE_CLASS = 5,
	INTERFACE_SUBCLASS = 6,
	INTERFACE_PROTOCOL = 7,
	INTERFACE_LEN = 9,

	ENDPOINT_ADDRESS = 2,
	ENDPOINT_ATTRIBUTES = 3,
	ENDPOINT_MPS = 4,
	ENDPOINT_INTERVAL = 6,
	ENDPOINT_LEN = 7,

	COMPANION_BURST = 2,
	COMPANION_LEN = 6,

	HUB_PORTS = 2,
};

#define ENDPOINT_NUMBER 0x0fu
#define ENDPOINT_TYPE 3u
#define MPS_SIZE 0x7ffu /* bits 12..11: transactions per microframe */
#define MPS_MAX 1024u
#define BURST_MAX 15u
#define SUPER_MPS0 9u /* SuperSpeed: 2^9 bytes [USB 3.2, table 9-11] */

static bool descriptor_is(const uint8_t *buf, size_t len, unsigned type,
			  size_t want)
{
	return len >= want && buf[DESC_TYPE] == type;
}

int usb_parse_mps0(const uint8_t *buf, size_t len, enum usb_speed speed)
{
	unsigned mps;

	if (!descriptor_is(buf, len, USB_DESC_DEVICE, USB_DEVICE_HEAD))
		return reason_fail(ERR_FORMAT, "bad device descriptor");
	mps = buf[DEVICE_MPS0];
	if (speed == USB_SUPER)
		mps = mps == SUPER_MPS0 ? 1u << SUPER_MPS0 : 0;
	else if (mps != 8 && mps != 16 && mps != 32 && mps != 64)
		mps = 0;
	if (!mps)
		return reason_fail(ERR_FORMAT,
				   "bad packet size of endpoint 0: %u",
				   buf[DEVICE_MPS0]);
	return (int)mps;
}

int usb_parse_device(const uint8_t *buf, size_t len, struct usb_device_ids *ids)
{
	if (!descriptor_is(buf, len, USB_DESC_DEVICE, USB_DEVICE_LEN))
		return reason_fail(ERR_FORMAT, "bad device descriptor");
	if (!buf[DEVICE_CONFIGS])
		return reason_fail(ERR_FORMAT, "no configuration");
	ids->vendor = le16_load(buf + DEVICE_VENDOR);
	ids->product = le16_load(buf + DEVICE_PRODUCT);
	return 0;
}

int usb_parse_total(const uint8_t *buf, size_t len)
{
	unsigned total;

	if (!descriptor_is(buf, len, USB_DESC_CONFIG, USB_CONFIG_LEN))
		return reason_fail(ERR_FORMAT, "bad configuration descriptor");
	total = le16_load(buf + CONFIG_TOTAL);
	if (total < USB_CONFIG_LEN || total > USB_CONTROL_MAX)
		return reason_fail(ERR_FORMAT, "configuration of %u bytes",
				   total);
	return (int)total;
}

/* Returns the interface that endpoints belong to, NULL: skip them. */
static struct usb_interface *descriptor_interface(const uint8_t *buf,
						  struct usb_config *config)
{
	struct usb_interface *intf;

	if (buf[DESC_LENGTH] < INTERFACE_LEN || buf[INTERFACE_ALTERNATE] ||
	    config->n_interfaces == USB_INTERFACES_MAX)
		return NULL;
	intf = &config->interfaces[config->n_interfaces++];
	*intf = (struct usb_interface){
		.number = buf[INTERFACE_NUMBER],
		.class = buf[INTERFACE_CLASS],
		.subclass = buf[INTERFACE_SUBCLASS],
		.protocol = buf[INTERFACE_PROTOCOL],
	};
	return intf;
}

/* Two endpoints with one address would share the controller's context. */
static bool descriptor_has_endpoint(const struct usb_config *config,
				    uint8_t address)
{
	for (unsigned i = 0; i < config->n_interfaces; i++) {
		const struct usb_interface *intf = &config->interfaces[i];

		for (unsigned j = 0; j < intf->n_endpoints; j++) {
			if (intf->endpoints[j].address == address)
				return true;
		}
	}
	return false;
}

/* Returns the endpoint, for its companion, or NULL: skipped. */
static struct usb_endpoint *descriptor_endpoint(const uint8_t *buf,
						const struct usb_config *config,
						struct usb_interface *intf)
{
	struct usb_endpoint *ep;
	unsigned address, mps;

	if (buf[DESC_LENGTH] < ENDPOINT_LEN || !intf ||
	    intf->n_endpoints == USB_ENDPOINTS_MAX)
		return NULL;
	address = buf[ENDPOINT_ADDRESS] & (USB_IN | ENDPOINT_NUMBER);
	mps = le16_load(buf + ENDPOINT_MPS) & MPS_SIZE;
	if (!(address & ENDPOINT_NUMBER) || !mps || mps > MPS_MAX ||
	    descriptor_has_endpoint(config, (uint8_t)address))
		return NULL;
	ep = &intf->endpoints[intf->n_endpoints++];
	ep->address = (uint8_t)address;
	ep->type = buf[ENDPOINT_ATTRIBUTES] & ENDPOINT_TYPE;
	ep->interval = buf[ENDPOINT_INTERVAL];
	ep->mps = (uint16_t)mps;
	return ep;
}

int usb_parse_config(const uint8_t *buf, size_t len, struct usb_config *config)
{
	struct usb_interface *intf = NULL;
	struct usb_endpoint *ep = NULL;

	if (!descriptor_is(buf, len, USB_DESC_CONFIG, USB_CONFIG_LEN))
		return reason_fail(ERR_FORMAT, "bad configuration descriptor");
	config->n_interfaces = 0;
	config->value = buf[CONFIG_VALUE];
	while (len >= 2 && buf[DESC_LENGTH] >= 2 && buf[DESC_LENGTH] <= len) {
		unsigned type = buf[DESC_TYPE];

		if (type == USB_DESC_INTERFACE)
			intf = descriptor_interface(buf, config);
		if (type == USB_DESC_COMPANION && ep &&
		    buf[DESC_LENGTH] >= COMPANION_LEN)
			ep->burst = MIN(buf[COMPANION_BURST], BURST_MAX);
		/* A companion directly follows its endpoint. */
		ep = type == USB_DESC_ENDPOINT
			     ? descriptor_endpoint(buf, config, intf)
			     : NULL;
		len -= buf[DESC_LENGTH];
		buf += buf[DESC_LENGTH];
	}
	return 0;
}

int usb_parse_hub(const uint8_t *buf, size_t len)
{
	if (len < USB_HUB_LEN || (buf[DESC_TYPE] != USB_DESC_HUB &&
				  buf[DESC_TYPE] != USB_DESC_SUPER_HUB))
		return reason_fail(ERR_FORMAT, "bad hub descriptor");
	if (!buf[HUB_PORTS])
		return reason_fail(ERR_FORMAT, "a hub without ports");
	return buf[HUB_PORTS];
}

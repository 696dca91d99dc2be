// SPDX-License-Identifier: BSD-2-Clause
// USB descriptors: raw bytes to each parser.
#include "drivers/usb/descriptor.h"
#include "tests/fuzz/input.h"

static void check_endpoint(const struct usb_config *config,
			   const struct usb_endpoint *ep)
{
	unsigned same = 0;

	assert(ep->address & 0xf && !(ep->address & 0x70));
	assert(ep->mps >= 1 && ep->mps <= 1024);
	assert(ep->type <= 3 && ep->burst <= 15);
	assert(!ep->udev && !ep->used && !ep->hcd);
	for (unsigned i = 0; i < config->n_interfaces; i++) {
		const struct usb_interface *intf = &config->interfaces[i];

		for (unsigned k = 0; k < intf->n_endpoints; k++)
			same += intf->endpoints[k].address == ep->address;
	}
	assert(same == 1);
}

static void check_config(const struct usb_config *config)
{
	assert(config->n_interfaces <= USB_INTERFACES_MAX);
	for (unsigned i = 0; i < config->n_interfaces; i++) {
		const struct usb_interface *intf = &config->interfaces[i];

		assert(intf->n_endpoints <= USB_ENDPOINTS_MAX);
		assert(!intf->udev && !intf->node);
		for (unsigned k = 0; k < intf->n_endpoints; k++)
			check_endpoint(config, &intf->endpoints[k]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usb_config config;
	struct usb_device_ids ids;
	int n;

	for (enum usb_speed speed = USB_FULL; speed <= USB_SUPER; speed++) {
		n = usb_parse_mps0(data, size, speed);
		assert(n < 0 || (speed == USB_SUPER ? n == 512 : n <= 64));
	}
	n = usb_parse_device(data, size, &ids);
	assert(n <= 0);
	n = usb_parse_total(data, size);
	assert(n < 0 || (n >= 9 && n <= (int)USB_CONTROL_MAX));
	n = usb_parse_hub(data, size);
	assert(n < 0 || (n >= 1 && n <= 255));
	if (usb_parse_config(data, size, &config) == 0)
		check_config(&config);
	return 0;
}

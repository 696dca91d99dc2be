// SPDX-License-Identifier: BSD-2-Clause
// EHCI controllers that write what they like, with devices that answer so.
#include "drivers/usb/usb.h"
#include "lib/log.h"
#include "tests/fake/ehci.h"
#include "tests/fake/ehci_host.h"
#include "tests/fuzz/input.h"

static struct fuzz_input in;
static uint64_t clock_now;
static uint8_t buf[40000];

/* Lies last until the controller is reset: what it wrote is then forgotten. */
static unsigned resets;

static const uint8_t device_desc[18] = { 18,   1,    0, 2, 0, 0, 0, 64, 0x34,
					 0x12, 0x78, 6, 0, 1, 0, 0, 0,	1 };
/* A bulk IN, a bulk OUT and an interrupt IN endpoint. */
static const uint8_t config_desc[] = {
	9, 2, 39, 0, 1, 1, 0, 0x80, 0, 9, 4, 0, 0, 3, 8,    6, 0x50, 0, 7, 5,
	1, 2, 0,  2, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 0x82, 3, 8,    0, 7,
};

/* A byte anywhere in what is mapped, structures first. */
static void scribble(void)
{
	uint64_t at = (uint64_t)(fuzz_u8(&in) % 16 + 1) << 21 |
		      (fuzz_u16(&in) & 0x1fff);

	if (fake_dma_mapped(at))
		*(uint8_t *)fake_dma_ptr(at, 1, 0) = fuzz_u8(&in);
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);
	unsigned port = what >> 4 & 7;

	if (fake_ehci.resets != resets)
		fake_ehci.lie = EHCI_HONEST;
	resets = fake_ehci.resets;
	switch (what & 15) {
	case 1:
	case 2:
		/* From here on it only writes. */
		fake_ehci.lie = EHCI_SILENT;
		scribble();
		break;
	case 3:
		fake_ehci.sts ^= fuzz_u32(&in);
		break;
	case 4:
		if (fake_ehci.lie == EHCI_HONEST)
			fake_ehci.lie = fuzz_u8(&in) % (EHCI_NO_ADVANCE + 1);
		break;
	case 5:
		if (port && port <= 6)
			fake_ehci_unplug(port);
		break;
	case 6:
		fake_ehci_wake();
		fake_ehci_frame(what >> 4);
		break;
	case 7:
		if (fake_ehci.lie == EHCI_SILENT)
			fake_ehci.portsc[port] ^= fuzz_u16(&in);
		break;
	}
}

/* Each look at the clock lets the controller act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 16;
	return clock_now;
}

static int honest(unsigned endpoint, enum fake_pid pid, uint8_t *data,
		  unsigned len)
{
	static uint8_t setup[8];
	const uint8_t *desc = setup[3] == 1 ? device_desc : config_desc;
	unsigned size = setup[3] == 1 ? sizeof(device_desc)
				      : sizeof(config_desc);

	if (endpoint == 2)
		return FAKE_NAK;
	if (pid == FAKE_SETUP)
		memcpy(setup, data, 8);
	if (pid != FAKE_IN)
		return (int)len;
	memset(data, 0, len);
	if (endpoint)
		return (int)len;
	size = MIN(size, len);
	memcpy(data, desc, size);
	return (int)size;
}

static int serve(struct fake_ehci_device *dev, unsigned endpoint,
		 enum fake_pid pid, uint8_t *data, unsigned len)
{
	uint8_t how = fuzz_u8(&in);
	unsigned n = 0;

	(void)dev;
	if (how >= 1 && how <= 5)
		return -(int)how;
	if (how < 0x80)
		return honest(endpoint, pid, data, len);
	if (pid != FAKE_IN)
		return (int)MIN(len, how);
	n = (unsigned)fuzz_take(&in, data, MIN(len, how & 0x3fu));
	return (int)n;
}

static void plug(void)
{
	uint8_t how = fuzz_u8(&in);
	unsigned port;

	/* Descriptors may name an endpoint twice, or with another size. */
	fake_ehci.any_toggle = true;
	for (port = 1; port <= 6; port++) {
		if (!(how >> port & 1))
			continue;
		fake_ehci_plug(port)->handle = serve;
		fake_ehci.device[port].slow = port == 6;
	}
	if (how & 1)
		return;
	fake_ehci.hcsparams = fuzz_u32(&in);
	fake_ehci.hccparams = fuzz_u32(&in);
	fake_ehci.cap_length = fuzz_u8(&in);
	fuzz_take(&in, fake_ehci.pci_config + 0x2c, fuzz_u8(&in) % 0xd4u);
}

static void move_data(struct usb_device *udev, struct usb_endpoint *ep)
{
	struct usb_transfer t;

	host_kind(&t, udev, USB_BULK);
	t.ep = ep;
	t.buf = buf;
	t.len = fuzz_u16(&in) % sizeof(buf);
	(void)host_run(&t);
	assert(t.actual <= t.len);
}

static void read_reports(struct usb_pipe *pipe)
{
	uint8_t report[64];
	unsigned i;

	if (host_hc->ops->pipe_open(host_hc, pipe))
		return;
	for (i = 0; i < 20; i++) {
		act();
		assert(host_hc->ops->pipe_read(host_hc, pipe, report) <= 8);
	}
}

/* No driver has matched its endpoints. */
static bool set_up(struct usb_device *udev, struct usb_interface *intf)
{
	struct usb_transfer t;
	unsigned i;

	for (i = 0; i < intf->n_endpoints; i++)
		intf->endpoints[i].used = true;
	host_kind(&t, udev, USB_ENDPOINTS);
	return host_run(&t) == 0;
}

static void use_endpoints(struct usb_device *udev, struct usb_pipe *pipe)
{
	struct usb_interface *intf = &udev->config.interfaces[0];
	unsigned i;

	if (!usb_device_is_up(udev) || !set_up(udev, intf))
		return;
	for (i = 0; i < intf->n_endpoints; i++) {
		struct usb_endpoint *ep = &intf->endpoints[i];

		if (!usb_device_is_up(udev))
			return;
		pipe->ep = ep;
		if (ep->type == USB_EP_BULK)
			move_data(udev, ep);
		else if (ep->type == USB_EP_INTERRUPT)
			read_reports(pipe);
	}
}

/* Twice: a device may be reset while its pipes are open. */
static void use(struct usb_device *udev)
{
	struct usb_pipe pipe = { .reports = buf, .size = 8 };

	if (dma_map(&host_hc->dma, buf, sizeof(buf), DMA_FROM_DEVICE,
		    &pipe.bus))
		return;
	use_endpoints(udev, &pipe);
	if (usb_device_is_up(udev)) {
		usb_device_worked(udev);
		usb_device_recover(udev, NULL, NULL);
		if (usb_device_start(udev) == 0)
			use_endpoints(udev, &pipe);
	}
	device_stop(host_dev);
	dma_unmap(&host_hc->dma, pipe.bus, sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct usb_device *udev;
	void *state = NULL;

	in = (struct fuzz_input){ data, size };
	resets = 0;
	host_plug(&state);
	plug();
	device_scan_rest();
	list_for_each(udev, &host_hc->devices, link) {
		if (device_open(host_dev))
			break;
		if (udev->config.n_interfaces && !usb_device_start(udev))
			use(udev);
		device_close(host_dev);
	}
	host_unplug(&state);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// OHCI controllers and devices that answer and write what they like.
#include "drivers/usb/usb.h"
#include "lib/log.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/ohci.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"

TABLE_LINK(drivers, driver_ohci);

#define PAGE 4096u

static struct fuzz_input in;
static uint8_t reports[USB_PIPE_REPORTS * USB_PIPE_SIZE_MAX];
static uint8_t data[65536];

/* Adopts every interface, so that its endpoints are set up. */
static const struct usb_match any[] = {
	{ USB_ANY, USB_ANY, USB_ANY, "fuzz" },
	{ 0 },
};

DRIVER(fuzz_usb) = {
	.name = "fuzz-usb",
	.bus = &usb_bus,
	.match = any,
};

/* A disk and a keyboard in one: two bulk endpoints, an interrupt endpoint. */
static const uint8_t device_descriptor[18] = { 18,   1, 0, 2, 0, 0, 0, 8, 0xf4,
					       0x46, 1, 0, 0, 0, 0, 0, 0, 1 };
static const uint8_t config_descriptor[39] = {
	9, 2, 39,   0, 1,  1, 0,  0xc0, 0, /* configuration */
	9, 4, 0,    0, 3,  8, 6,  0x50, 0, /* interface */
	7, 5, 0x81, 2, 64, 0, 0,	   /* bulk IN */
	7, 5, 0x02, 2, 64, 0, 0,	   /* bulk OUT */
	7, 5, 0x83, 3, 8,  0, 10,	   /* interrupt IN */
};

static long pass_setup(struct fake_ohci_device *fd, const uint8_t *setup)
{
	if (setup[1] == USB_GET_DESCRIPTOR) {
		bool is_config = setup[3] == 2;

		fd->reply = is_config ? config_descriptor : device_descriptor;
		fd->reply_len = is_config ? sizeof(config_descriptor)
					  : sizeof(device_descriptor);
	}
	return FAKE_OHCI_PASS;
}

static long packet(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
		   unsigned endpoint, uint8_t *ptr, uint32_t len)
{
	uint8_t how = fuzz_u8(&in);

	if (how >= 0xe0)
		return FAKE_OHCI_CODE(how & 15 ? how & 15 : 4);
	if (how >= 0xd0)
		return FAKE_OHCI_NAK;
	if (pid == FAKE_OHCI_SETUP)
		return pass_setup(fd, ptr);
	if (endpoint == 0 && how < 0xc0)
		return FAKE_OHCI_PASS;
	memset(ptr, how, len);
	if (how & 1)
		len = fuzz_u8(&in);
	/* More than asked for is a babble, and not copied. */
	return len;
}

/*
 * What a controller can do to memory. From then on nobody walks the lists: the
 * fake would fall over them.
 */
static void scribble(void)
{
	uint8_t *page, *ed = NULL;
	unsigned at, n;
	uint8_t what = fuzz_u8(&in);

	if (!fake_ohci.enabled || !fake_ohci.hcca)
		return;
	if (fake_ohci.lie == FAKE_OHCI_HONEST)
		ed = fake_ohci_ed(what & 1);
	page = fake_dma_ptr(fake_ohci.hcca, PAGE, DMA_BOTH);
	fake_ohci.lie = FAKE_OHCI_FROZEN;
	le16_store(page + 0x80, fuzz_u16(&in));
	if (ed)
		le32_store(ed + 8, le32_load(ed + 4) + (what >> 1 & 7) -
					   (what >> 4) * 16u);
	at = fuzz_u16(&in) % PAGE;
	n = fuzz_u8(&in) % 32;
	fuzz_take(&in, page + at, MIN(n, PAGE - at));
}

/* At each frame. */
static void act(void)
{
	uint8_t what = fuzz_u8(&in);

	switch (what & 31) {
	case 1:
		scribble();
		break;
	case 2:
		/* What is gone stays away. */
		if (fake_ohci.lie == FAKE_OHCI_HONEST)
			fake_ohci.lie = what >> 5;
		break;
	case 3:
		fake_ohci.device[what >> 6].enabled = what & 32;
		fake_ohci.port[1 + (what >> 6)] ^= 3;
		break;
	case 4:
		fake_ohci.qemu = what & 32;
		break;
	}
}

static void plug(void)
{
	uint8_t how = fuzz_u8(&in);
	unsigned i;

	fake_ohci_reset();
	fake_ohci.unchecked = true;
	fake_ohci.step = 1;
	fake_ohci.between = act;
	if (how & 1)
		fake_ohci.subsystem = 0;
	if (how & 2)
		fake_ohci.smm = fuzz_u8(&in);
	if (how & 4)
		fake_ohci.ports = fuzz_u8(&in);
	if (how & 8)
		fake_dma_limit(fuzz_u16(&in));
	for (i = 1; i <= how >> 6; i++) {
		struct fake_ohci_device *fd = fake_ohci_plug(i);

		fd->packet = packet;
		fd->low = how & 16;
	}
}

static void use_bulk(struct usb_endpoint *ep)
{
	struct usb_transfer t = {
		.udev = ep->udev,
		.kind = USB_BULK,
		.ep = ep,
		.buf = data + fuzz_u8(&in),
		.len = fuzz_u16(&in) % 65000,
	};

	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert(t.actual <= t.len);
}

static void use_pipe(struct usb_controller *hc, struct usb_endpoint *ep)
{
	struct usb_pipe pipe = { .ep = ep, .reports = reports, .size = 8 };
	uint8_t report[8];

	if (dma_map(&hc->dma, reports, sizeof(reports), DMA_FROM_DEVICE,
		    &pipe.bus))
		return;
	if (hc->ops->pipe_open(hc, &pipe) == 0) {
		for (unsigned i = 0; i < 64; i++)
			assert(hc->ops->pipe_read(hc, &pipe, report) <= 8);
	}
	device_stop(hc->dev);
	dma_unmap(&hc->dma, pipe.bus, sizeof(reports));
}

static void use(struct usb_device *udev)
{
	struct usb_interface *intf = &udev->config.interfaces[0];
	unsigned i;

	for (i = 0; i < 2 * intf->n_endpoints; i++) {
		struct usb_endpoint *ep =
			&intf->endpoints[i % intf->n_endpoints];

		if (!in.left || usb_device_start(udev))
			return;
		if (ep->type == USB_EP_BULK)
			use_bulk(ep);
		else if (ep->type == USB_EP_INTERRUPT)
			use_pipe(udev->hc, ep);
	}
}

static void use_all(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct usb_device *udev;

	device_scan_rest();
	if (device_open(dev))
		return;
	list_for_each(udev, &hc->devices, link)
		use(udev);
	device_close(dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct node *node;
	struct device *dev;

	in = (struct fuzz_input){ bytes, size };
	log_reset();
	plug();
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "usb-ohci@1", TREE_QEMU);
	dev = device_add(NULL, &pci_bus, node, &fake_ohci_fn);
	assert(dev);
	use_all(dev);
	tree_remove_node(node);
	tree_free();
	assert(!fake_ohci.enabled);
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
	return 0;
}

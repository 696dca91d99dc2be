// SPDX-License-Identifier: BSD-2-Clause
// USB mass storage as SCSI hosts.
#include "drivers/scsi/scsi.h"
#include "drivers/usb/bot.h"
#include "drivers/usb/usb.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/prop.h"

/*
 * Most bytes of a command, as in Linux: some devices fail if asked for more.
 * [drivers/usb/storage/scsiglue.c: max_sectors, slave_configure]
 */
#define TRANSFER_MAX (120 * KiB)
#define TRANSFER_MAX_SUPER MiB

struct storage {
	struct scsi_host host;
	struct request *slots[1];
	struct bot bot;
};

static struct storage *storage_of(const struct scsi_host *host)
{
	return container_of(host, struct storage, host);
}

static struct usb_device *storage_device(const struct scsi_host *host)
{
	return storage_of(host)->bot.intf->udev;
}

/* The length in the CBW must be what the CDB says: that is up to our users. */
static int storage_submit(struct request_queue *queue, struct request *rq)
{
	struct scsi_host *host = container_of(queue, struct scsi_host, queue);

	return bot_submit(&storage_of(host)->bot, scsi_command_of(rq));
}

static const struct request_ops storage_ops = {
	.submit = storage_submit,
	.decide = scsi_decide,
};

/* One, until the first command has asked for their number. */
static size_t storage_luns(const struct scsi_host *host, unsigned round)
{
	(void)round;
	return MAX(storage_of(host)->bot.luns, 1u);
}

/*
 * As in QEMU's boot list: 01, port, LUN in 16 bits, and zeros.
 * [hw/ppc/spapr.c, spapr_get_fw_dev_path]
 */
static uint64_t storage_unit(unsigned port, unsigned lun)
{
	return (uint64_t)(1u << 24 | port << 16 | lun) << 32;
}

/* The root port's number, also behind hubs. */
static uint64_t storage_lun(const struct scsi_host *host, unsigned round,
			    size_t i)
{
	const struct usb_device *udev = storage_device(host);

	(void)round;
	return storage_unit(usb_port_unit(udev->hc, udev->root_port),
			    (unsigned)i);
}

/* SLOF's has the hub's port; NVRAM may contain it. [slof/fs/usb/dev-storage.fs] */
static uint64_t storage_other_unit(const struct scsi_host *host, uint64_t lun)
{
	const struct usb_device *udev = storage_device(host);

	if (!udev->hub)
		return 0;
	return storage_unit(udev->port, lun >> 32 & 0xffff);
}

static const struct scsi_addressing storage_addressing = {
	.targets = storage_luns,
	.target = storage_lun,
	.other_unit = storage_other_unit,
};

static int storage_start(struct device *dev)
{
	struct storage *st = storage_of(dev->priv);
	const struct usb_device *udev = storage_device(&st->host);
	uint32_t most = TRANSFER_MAX;
	int err = usb_device_start(st->bot.intf->udev);

	if (err < 0)
		return err;
	if (udev->speed == USB_SUPER)
		most = TRANSFER_MAX_SUPER;
	st->host.max_transfer = MIN(most, udev->hc->max_bulk);
	return bot_start(&st->bot);
}

/* After an exception, the engine has forgotten a command. */
static void storage_stop(struct device *dev)
{
	bot_forget(&storage_of(dev->priv)->bot);
}

static int storage_describe(const struct device *dev)
{
	/* Two cells: a unit address has 64 bits. */
	int err = tree_set_u32(dev->node, "#address-cells", 2);

	return err < 0 ? err : tree_set_u32(dev->node, "#size-cells", 0);
}

static int storage_attach(struct device *dev)
{
	struct storage *st = heap_zalloc(sizeof(*st));
	int err;

	if (!st)
		return reason_fail(ERR_NOMEM, "no memory");
	scsi_host_init(&st->host, dev, &storage_ops, st->slots,
		       ARRAY_SIZE(st->slots), &storage_addressing);
	err = bot_init(&st->bot, usb_interface_of(dev));
	if (err == 0)
		err = storage_describe(dev);
	if (err < 0)
		heap_free(st);
	return err;
}

static void storage_detach(struct device *dev)
{
	struct storage *st = storage_of(dev->priv);

	bot_release(&st->bot);
	scsi_host_release(&st->host);
	heap_free(st);
}

/* [USB MSC Overview 1.4: subclass SCSI, protocol BOT] */
static const struct usb_match storage_match[] = {
	{ 0x08, 0x06, 0x50, "storage" },
	{ 0 },
};

DRIVER(usb_storage) = {
	.name = "usb-storage",
	.bus = &usb_bus,
	.match = storage_match,
	.attach = storage_attach,
	.start = storage_start,
	.stop = storage_stop,
	.scan = scsi_scan,
	.found = scsi_found,
	.detach = storage_detach,
};

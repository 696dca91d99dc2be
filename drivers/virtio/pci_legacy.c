// SPDX-License-Identifier: BSD-2-Clause
// virtio over PCI, legacy registers in the I/O BAR 0 (virtio 1.2, 4.1.4.10).

#include <string.h>

#include "drivers/virtio/pci.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/reason.h"

/* [virtio 1.2, 4.1.4.10]; the registers themselves are little-endian. */
enum legacy_reg {
	REG_DEVICE_FEATURES = 0,
	REG_DRIVER_FEATURES = 4,
	REG_QUEUE_PFN = 8,
	REG_QUEUE_SIZE = 12,
	REG_QUEUE_SELECT = 14,
	REG_QUEUE_NOTIFY = 16,
	REG_STATUS = 18,
};

static uint8_t legacy_get_status(struct virtio_device *vd)
{
	return (uint8_t)pci_io_read(vd->common + REG_STATUS, 1);
}

static void legacy_set_status(struct virtio_device *vd, uint8_t status)
{
	pci_io_write(vd->common + REG_STATUS, 1, status);
}

static uint64_t legacy_get_features(struct virtio_device *vd)
{
	return pci_io_read(vd->common + REG_DEVICE_FEATURES, 4);
}

static void legacy_set_features(struct virtio_device *vd, uint64_t features)
{
	pci_io_write(vd->common + REG_DRIVER_FEATURES, 4, (uint32_t)features);
}

static uint16_t legacy_queue_size(struct virtio_device *vd, uint16_t index)
{
	pci_io_write(vd->common + REG_QUEUE_SELECT, 2, index);
	return (uint16_t)pci_io_read(vd->common + REG_QUEUE_SIZE, 2);
}

static int legacy_queue_setup(struct virtio_device *vd, struct virtio_queue *vq)
{
	uint64_t pfn = vq->ring_bus / VIRTIO_LEGACY_ALIGN;

	if (pfn > UINT32_MAX)
		return reason_fail(ERR_NOTSUP, "queues must be below 16 TiB");
	pci_io_write(vd->common + REG_QUEUE_SELECT, 2, vq->index);
	pci_io_write(vd->common + REG_QUEUE_PFN, 4, (uint32_t)pfn);
	return 0;
}

static void legacy_notify(struct virtio_device *vd, struct virtio_queue *vq)
{
	pci_io_write(vd->common + REG_QUEUE_NOTIFY, 2, vq->index);
}

/* All ones outside the BAR, like an absent register. */
static void legacy_config_read(struct virtio_device *vd, unsigned offset,
			       void *buf, unsigned len)
{
	memset(buf, 0xff, len);
	if (offset > vd->config_len || len > vd->config_len - offset)
		return;
	virtio_pci_config_read(vd->config + offset, buf, len);
}

const struct virtio_transport virtio_pci_legacy = {
	.get_status = legacy_get_status,
	.set_status = legacy_set_status,
	.get_features = legacy_get_features,
	.set_features = legacy_set_features,
	.queue_size = legacy_queue_size,
	.queue_setup = legacy_queue_setup,
	.notify = legacy_notify,
	.config_read = legacy_config_read,
	.legacy = true,
};

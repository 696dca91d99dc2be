// SPDX-License-Identifier: BSD-2-Clause
// virtio over PCI, registers found by capabilities (virtio 1.2, 4.1.4.3).

#include <string.h>

#include "drivers/virtio/pci.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/reason.h"

/* struct virtio_pci_common_cfg [virtio 1.2, 4.1.4.3], little-endian. */
enum common_reg {
	REG_DEVICE_FEATURE_SELECT = 0,
	REG_DEVICE_FEATURE = 4,
	REG_DRIVER_FEATURE_SELECT = 8,
	REG_DRIVER_FEATURE = 12,
	REG_STATUS = 20,
	REG_GENERATION = 21,
	REG_QUEUE_SELECT = 22,
	REG_QUEUE_SIZE = 24,
	REG_QUEUE_ENABLE = 28,
	REG_QUEUE_NOTIFY_OFF = 30,
	REG_QUEUE_DESC = 32,
	REG_QUEUE_DRIVER = 40,
	REG_QUEUE_DEVICE = 48,
};

/* Most reads of a configuration that keeps changing. */
#define CONFIG_TRIES 8

static uint32_t modern_read(struct virtio_device *vd, enum common_reg reg,
			    unsigned size)
{
	return pci_io_read(vd->common + reg, size);
}

static void modern_write(struct virtio_device *vd, enum common_reg reg,
			 unsigned size, uint32_t value)
{
	pci_io_write(vd->common + reg, size, value);
}

/* 64-bit fields are written as two halves. [virtio 1.2, 4.1.3.1] */
static void modern_write64(struct virtio_device *vd, enum common_reg reg,
			   uint64_t value)
{
	pci_io_write(vd->common + reg, 4, (uint32_t)value);
	pci_io_write(vd->common + reg + 4, 4, (uint32_t)(value >> 32));
}

static uint8_t modern_get_status(struct virtio_device *vd)
{
	return (uint8_t)modern_read(vd, REG_STATUS, 1);
}

static void modern_set_status(struct virtio_device *vd, uint8_t status)
{
	modern_write(vd, REG_STATUS, 1, status);
}

static uint64_t modern_get_features(struct virtio_device *vd)
{
	uint64_t low, high;

	modern_write(vd, REG_DEVICE_FEATURE_SELECT, 4, 0);
	low = modern_read(vd, REG_DEVICE_FEATURE, 4);
	modern_write(vd, REG_DEVICE_FEATURE_SELECT, 4, 1);
	high = modern_read(vd, REG_DEVICE_FEATURE, 4);
	return high << 32 | low;
}

static void modern_set_features(struct virtio_device *vd, uint64_t features)
{
	modern_write(vd, REG_DRIVER_FEATURE_SELECT, 4, 0);
	modern_write(vd, REG_DRIVER_FEATURE, 4, (uint32_t)features);
	modern_write(vd, REG_DRIVER_FEATURE_SELECT, 4, 1);
	modern_write(vd, REG_DRIVER_FEATURE, 4, (uint32_t)(features >> 32));
}

static uint16_t modern_queue_size(struct virtio_device *vd, uint16_t index)
{
	modern_write(vd, REG_QUEUE_SELECT, 2, index);
	return (uint16_t)modern_read(vd, REG_QUEUE_SIZE, 2);
}

/* Locates the queue's notify register. [virtio 1.2, 4.1.4.4] */
static int modern_find_notify(struct virtio_device *vd, struct virtio_queue *vq)
{
	uint64_t offset = (uint64_t)modern_read(vd, REG_QUEUE_NOTIFY_OFF, 2) *
			  vd->notify_multiplier;

	if (offset > vd->notify_len - 2)
		return reason_fail(
			ERR_IO,
			"queue %u's notify register is outside its structure",
			vq->index);
	if (offset % 2)
		return reason_fail(ERR_IO, "queue %u's notify register is odd",
				   vq->index);
	vq->notify = vd->notify_base + offset;
	return 0;
}

static int modern_queue_setup(struct virtio_device *vd, struct virtio_queue *vq)
{
	int err;

	modern_write(vd, REG_QUEUE_SELECT, 2, vq->index);
	modern_write(vd, REG_QUEUE_SIZE, 2, vq->size);
	err = modern_find_notify(vd, vq);
	if (err < 0)
		return err;
	modern_write64(vd, REG_QUEUE_DESC, vq->ring_bus);
	modern_write64(vd, REG_QUEUE_DRIVER, vq->ring_bus + vq->avail);
	modern_write64(vd, REG_QUEUE_DEVICE, vq->ring_bus + vq->used);
	modern_write(vd, REG_QUEUE_ENABLE, 2, 1);
	return 0;
}

static void modern_notify(struct virtio_device *vd, struct virtio_queue *vq)
{
	(void)vd;
	pci_io_write(vq->notify, 2, vq->index);
}

/* All ones outside the structure, like an absent register. */
static void modern_config_read(struct virtio_device *vd, unsigned offset,
			       void *buf, unsigned len)
{
	uint32_t before, tries = CONFIG_TRIES;

	memset(buf, 0xff, len);
	if (offset > vd->config_len || len > vd->config_len - offset)
		return;
	/* Only fields of more than 32 bits may tear. [virtio 1.2, 2.5.1] */
	if (len <= 4) {
		virtio_pci_config_read(vd->config + offset, buf, len);
		return;
	}
	do {
		before = modern_read(vd, REG_GENERATION, 1);
		virtio_pci_config_read(vd->config + offset, buf, len);
	} while (modern_read(vd, REG_GENERATION, 1) != before && --tries);
}

const struct virtio_transport virtio_pci_modern = {
	.get_status = modern_get_status,
	.set_status = modern_set_status,
	.get_features = modern_get_features,
	.set_features = modern_set_features,
	.queue_size = modern_queue_size,
	.queue_setup = modern_queue_setup,
	.notify = modern_notify,
	.config_read = modern_config_read,
};

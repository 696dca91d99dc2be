// SPDX-License-Identifier: BSD-2-Clause
// virtio: device life cycle, feature negotiation, configuration, byte order.

#include "drivers/virtio/virtio.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/node.h"

#define RESET_TIMEOUT_MS 1000u
/* A register of an absent device. */
#define STATUS_GONE 0xff

static bool virtio_reset_done(void *arg)
{
	struct virtio_device *vd = arg;
	uint8_t status = vd->transport->get_status(vd);

	return status == 0 || status == STATUS_GONE;
}

/* Waits until the device reports the reset. [virtio 1.2, 2.4, 4.1.4.3.2] */
static int virtio_reset(struct virtio_device *vd)
{
	vd->status = 0;
	vd->transport->set_status(vd, 0);
	if (deadline_wait(virtio_reset_done, vd, RESET_TIMEOUT_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "reset timed out after %u ms",
				   RESET_TIMEOUT_MS);
	return 0;
}

static void virtio_add_status(struct virtio_device *vd, uint8_t bit)
{
	vd->status |= bit;
	vd->transport->set_status(vd, vd->status);
}

static int virtio_init_dma(struct virtio_device *vd)
{
	if (vd->features & VIRTIO_F_ACCESS_PLATFORM)
		return pci_dma_init(vd->pci, &vd->dma);
	dma_init_bypass(&vd->dma);
	return 0;
}

/* Steps 2 to 6 of device initialisation. [virtio 1.2, 3.1.1, 3.1.2] */
static int virtio_negotiate(struct virtio_device *vd, uint64_t wanted)
{
	const struct virtio_transport *tr = vd->transport;
	uint64_t offered;

	virtio_add_status(vd, VIRTIO_ACKNOWLEDGE);
	virtio_add_status(vd, VIRTIO_DRIVER);
	offered = tr->get_features(vd);
	if (!tr->legacy && !(offered & VIRTIO_F_VERSION_1))
		return reason_fail(ERR_NOTSUP,
				   "modern device does not offer VERSION_1");
	vd->features = offered &
		       (wanted | VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);
	tr->set_features(vd, vd->features);
	if (tr->legacy)
		return virtio_init_dma(vd);
	virtio_add_status(vd, VIRTIO_FEATURES_OK);
	if (!(tr->get_status(vd) & VIRTIO_FEATURES_OK))
		return reason_fail(ERR_NOTSUP, "features 0x%llx refused",
				   (unsigned long long)vd->features);
	return virtio_init_dma(vd);
}

static int virtio_setup_queue(struct virtio_device *vd, uint16_t index)
{
	uint16_t size = vd->transport->queue_size(vd, index);

	if (!IS_POWER_OF_2(size) || size > VIRTIO_QUEUE_SIZE_MAX)
		return reason_fail(ERR_NOTSUP, "queue %u has %u entries", index,
				   size);
	/* The size of a legacy queue is fixed. [virtio 1.2, 4.1.5.1.3.1] */
	if (!vd->transport->legacy)
		size = MIN(size, vd->entries);
	vd->queue[index] = virtio_queue_alloc(vd, index, size);
	if (!vd->queue[index])
		return reason_fail(ERR_NOMEM, "no memory for queue %u", index);
	return vd->transport->queue_setup(vd, vd->queue[index]);
}

/* The lowest number in a set that is not empty. */
static uint16_t virtio_lowest(uint64_t set)
{
	return (uint16_t)__builtin_ctzll(set);
}

static int virtio_bring_up(struct virtio_device *vd, uint64_t wanted)
{
	uint64_t left;
	int err = virtio_reset(vd);

	if (err == 0)
		err = virtio_negotiate(vd, wanted);
	for (left = vd->queues; err == 0 && left; left &= left - 1)
		err = virtio_setup_queue(vd, virtio_lowest(left));
	return err;
}

/* Without bus mastering it reaches no memory: its queues can be freed. */
static void virtio_cut_off(struct virtio_device *vd)
{
	uint64_t left;

	pci_disable(vd->pci);
	for (left = vd->queues; left; left &= left - 1) {
		uint16_t i = virtio_lowest(left);

		virtio_queue_free(vd, vd->queue[i]);
		vd->queue[i] = NULL;
	}
	vd->shared = NULL;
}

/* Resets the device, as far as it can be, and sets `status`. */
static void virtio_shut_down(struct virtio_device *vd, uint8_t status)
{
	struct reason_kept kept;

	reason_keep(&kept);
	if (virtio_reset(vd) == 0 && status)
		virtio_add_status(vd, status);
	reason_put_back(&kept);
	virtio_cut_off(vd);
}

int virtio_start(struct virtio_device *vd, uint64_t wanted, uint64_t queues)
{
	int err;

	assert(vd->queue != vd->few || queues < 1u << VIRTIO_QUEUES_FEW);
	/* It still runs if the driver rejected it after the last start. */
	virtio_stop(vd);
	pci_enable(vd->pci);
	vd->queues = queues;
	err = virtio_bring_up(vd, wanted);
	if (err < 0) {
		virtio_shut_down(vd, VIRTIO_FAILED);
		return err;
	}
	log_debug(LOG_DRIVERS, "%s@%s: %s virtio, features %llx, queues %llx",
		  vd->pci->node->name, vd->pci->node->unit,
		  vd->transport->legacy ? "legacy" : "modern",
		  (unsigned long long)vd->features, (unsigned long long)queues);
	virtio_add_status(vd, VIRTIO_DRIVER_OK);
	return 0;
}

static bool virtio_is_active(const struct virtio_device *vd)
{
	return vd->status & ~(unsigned)VIRTIO_FAILED;
}

void virtio_stop(struct virtio_device *vd)
{
	if (virtio_is_active(vd))
		virtio_shut_down(vd, 0);
}

void virtio_leave(struct virtio_device *vd)
{
	if (virtio_is_active(vd))
		virtio_cut_off(vd);
	vd->status = 0;
}

/* [virtio 1.2, 2.1.2] */
const char *virtio_says(struct virtio_device *vd)
{
	uint8_t status = vd->transport->get_status(vd);

	if (status == STATUS_GONE)
		return "the device is gone";
	if (status & VIRTIO_NEEDS_RESET && !vd->transport->legacy)
		return "the device reports an error (NEEDS_RESET)";
	return NULL;
}

uint64_t virtio_config(struct virtio_device *vd, unsigned offset, unsigned len)
{
	uint8_t raw[8];
	uint64_t value = 0;
	unsigned i;

	assert(len <= sizeof(raw));
	vd->transport->config_read(vd, offset, raw, len);
	for (i = 0; i < len; i++) {
		unsigned at = vd->transport->legacy ? i : len - 1 - i;

		value = value << 8 | raw[at];
	}
	return value;
}

/* "Guest-endian" is big-endian on this machine. [virtio 1.2, 2.5.3, 2.7.3] */
uint16_t virtio_wire16(const struct virtio_device *vd, uint16_t value)
{
	return vd->transport->legacy ? be16_make(value).raw
				     : le16_make(value).raw;
}

uint32_t virtio_wire32(const struct virtio_device *vd, uint32_t value)
{
	return vd->transport->legacy ? be32_make(value).raw
				     : le32_make(value).raw;
}

uint64_t virtio_wire64(const struct virtio_device *vd, uint64_t value)
{
	return vd->transport->legacy ? be64_make(value).raw
				     : le64_make(value).raw;
}

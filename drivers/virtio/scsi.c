// SPDX-License-Identifier: BSD-2-Clause
// virtio-scsi: the SCSI host (virtio 1.2, 5.6).

#include <string.h>

#include "drivers/device.h"
#include "drivers/pci/pci.h"
#include "drivers/scsi/scsi.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* Queues: control, event, then requests. [virtio 1.2, 5.6.2] */
#define REQUEST_QUEUE 2u

/* struct virtio_scsi_config [virtio 1.2, 5.6.4]: offsets. */
enum config_field {
	CONFIG_MAX_SECTORS = 8,
	CONFIG_MAX_TARGET = 30,
};
#define SECTOR 512u

/* Sizes after a reset. [virtio 1.2, 5.6.4] */
#define CDB_SIZE 32u
#define SENSE_SIZE 96u

/* [virtio 1.2, 5.6.6.1]; numbers but the LUN in the device's byte order. */
struct request {
	uint8_t lun[8];
	uint8_t id[8];
	uint8_t task_attr; /* 0: simple */
	uint8_t prio;
	uint8_t crn;
	uint8_t cdb[CDB_SIZE];
};
static_assert(sizeof(struct request) == 51, "virtio_scsi_req_cmd, readable");

struct answer {
	uint32_t sense_len;
	uint32_t residual;
	uint16_t status_qualifier;
	uint8_t status;
	uint8_t response;
	uint8_t sense[SENSE_SIZE];
};
static_assert(sizeof(struct answer) == 108, "virtio_scsi_req_cmd, writable");
static_assert(SENSE_SIZE <= SCSI_SENSE_MAX, "room for sense data");

/* [virtio 1.2, 5.6.6.1.1] */
enum response {
	RESPONSE_OK = 0,
	RESPONSE_OVERRUN = 1, /* its data does not fit */
	RESPONSE_ABORTED = 2,
	RESPONSE_BAD_TARGET = 3,
	RESPONSE_RESET = 4,
	RESPONSE_BUSY = 5,
	RESPONSE_TRANSPORT_FAILURE = 6,
	RESPONSE_TARGET_FAILURE = 7,
	RESPONSE_NEXUS_FAILURE = 8,
	RESPONSE_FAILURE = 9,
	RESPONSE_NONE = 0xff, /* ours: the device has not written one */
};

/* Commands at a time. */
#define SLOTS 32
/* Most bytes of a command, whatever the device allows. */
#define TRANSFER_MAX (16 * MiB)

/*
 * Our unit addresses are what QEMU's boot list has: the wire's LUN as a number,
 * 01, target, LUN. [hw/ppc/spapr.c, spapr_get_fw_dev_path]
 */
#define TARGETS_MAX 256u
#define FLAT_LUN 0x4000u /* LUNs above 255. [SAM-5 4.7.7.3] */

struct slot {
	struct request request;
	struct answer answer;
	struct scsi_command *cmd; /* NULL: free */
};

struct virtio_scsi {
	struct virtio_device vd;
	struct scsi_host host;
	unsigned targets;
	struct slot slots[SLOTS];
};

static int host_start(struct scsi_host *host)
{
	struct virtio_scsi *vs = host->priv;
	struct virtio_device *vd = &vs->vd;
	uint64_t max;
	int err = 0;

	if (!vd->transport)
		err = virtio_pci_init(vd, host->dev->pci);
	if (err == 0)
		err = virtio_start(vd, 0, 1u << REQUEST_QUEUE);
	if (err < 0)
		return err;
	max = (uint64_t)virtio_config32(vd, CONFIG_MAX_SECTORS) * SECTOR;
	/* Linux takes 0 for no limit, too. [drivers/scsi/virtio_scsi.c] */
	host->max_transfer = TRANSFER_MAX;
	if (max)
		host->max_transfer = (uint32_t)MIN(max, TRANSFER_MAX);
	vs->targets = virtio_config16(vd, CONFIG_MAX_TARGET) + 1u;
	vs->targets = MIN(vs->targets, TARGETS_MAX);
	return 0;
}

static struct slot *find_slot(struct virtio_scsi *vs)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (!vs->slots[i].cmd)
			return &vs->slots[i];
	}
	return NULL;
}

static void fill_request(struct slot *slot, const struct scsi_command *cmd)
{
	slot->request = (struct request){ 0 };
	be64_store(slot->request.lun, cmd->lun);
	memcpy(slot->request.cdb, cmd->cdb, cmd->cdb_len);
	slot->answer.response = RESPONSE_NONE;
}

/* Readable buffers first, then writable ones. [virtio 1.2, 2.7.4.2] */
static int host_submit(struct scsi_host *host, struct scsi_command *cmd)
{
	struct virtio_scsi *vs = host->priv;
	struct slot *slot = find_slot(vs);
	struct virtio_buf bufs[3];
	bool write = cmd->dir == DMA_TO_DEVICE;
	unsigned n = 0;
	int err;

	if (!slot)
		return reason_fail(ERR_BUSY, "%u commands are in flight",
				   SLOTS);
	fill_request(slot, cmd);
	bufs[n++] = (struct virtio_buf){ &slot->request, sizeof(slot->request),
					 false };
	if (cmd->len && write)
		bufs[n++] = (struct virtio_buf){ cmd->buf, cmd->len, false };
	bufs[n++] = (struct virtio_buf){ &slot->answer, sizeof(slot->answer),
					 true };
	if (cmd->len && !write)
		bufs[n++] = (struct virtio_buf){ cmd->buf, cmd->len, true };
	err = virtio_submit(&vs->vd, REQUEST_QUEUE, bufs, n, slot);
	if (err == 0)
		slot->cmd = cmd;
	return err;
}

static void host_kick(struct scsi_host *host)
{
	struct virtio_scsi *vs = host->priv;

	virtio_kick(&vs->vd, REQUEST_QUEUE);
}

static const char *response_name(uint8_t response)
{
	static const char *const names[] = {
		[RESPONSE_OVERRUN] = "overrun",
		[RESPONSE_ABORTED] = "aborted",
		[RESPONSE_TRANSPORT_FAILURE] = "transport failure",
		[RESPONSE_TARGET_FAILURE] = "target failure",
		[RESPONSE_NEXUS_FAILURE] = "nexus failure",
		[RESPONSE_FAILURE] = "failure",
	};
	const char *name = NULL;

	if (response < ARRAY_SIZE(names))
		name = names[response];
	return name ? name : "unknown";
}

static int response_error(uint8_t response)
{
	switch (response) {
	case RESPONSE_OK:
	case RESPONSE_RESET:
	case RESPONSE_BUSY:
		return 0;
	case RESPONSE_BAD_TARGET:
		/* No reason: a scan meets it at every empty target. */
		return ERR_NODEV;
	case RESPONSE_NONE:
		return reason_fail(ERR_IO, "the device wrote no response");
	default:
		return reason_fail(ERR_IO, "virtio-scsi response %u (%s)",
				   response, response_name(response));
	}
}

/* Moves the device's answer to the command; lengths are bounded. */
static void take_answer(struct virtio_scsi *vs, struct slot *slot)
{
	const struct answer *answer = &slot->answer;
	struct scsi_command *cmd = slot->cmd;
	uint32_t sense_len = virtio_cpu32(&vs->vd, answer->sense_len);
	uint32_t residual = virtio_cpu32(&vs->vd, answer->residual);

	slot->cmd = NULL;
	cmd->status = answer->status;
	cmd->residual = MIN(residual, cmd->len);
	cmd->sense_len = (uint8_t)MIN(sense_len, SENSE_SIZE);
	memcpy(cmd->sense, answer->sense, cmd->sense_len);
	/* Both say: try again. */
	if (answer->response == RESPONSE_BUSY ||
	    answer->response == RESPONSE_RESET)
		cmd->status = SCSI_BUSY;
	scsi_done(cmd, response_error(answer->response));
}

/*
 * Resets the device; whatever is in flight fails with reason(), which a reset
 * that goes wrong would replace.
 */
static void stop(struct virtio_scsi *vs, int err)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (vs->slots[i].cmd)
			scsi_done(vs->slots[i].cmd, err);
		vs->slots[i].cmd = NULL;
	}
	virtio_stop(&vs->vd);
	vs->host.started = false;
}

static void host_poll(struct scsi_host *host)
{
	struct virtio_scsi *vs = host->priv;
	struct slot *slot;
	uint32_t written;

	for (;;) {
		slot = virtio_poll(&vs->vd, REQUEST_QUEUE, &written);
		if (!slot)
			break;
		take_answer(vs, slot);
	}
	if (virtio_broken(&vs->vd, REQUEST_QUEUE))
		stop(vs, ERR_IO);
}

static void host_reset(struct scsi_host *host)
{
	stop(host->priv, ERR_TIMEOUT);
}

static void host_forget(struct scsi_host *host)
{
	struct virtio_scsi *vs = host->priv;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		vs->slots[i].cmd = NULL;
}

static const struct scsi_host_ops host_ops = {
	.start = host_start,
	.submit = host_submit,
	.kick = host_kick,
	.poll = host_poll,
	.reset = host_reset,
	.forget = host_forget,
};

static uint64_t target_address(unsigned target)
{
	return (uint64_t)(0x100u | target) << 48;
}

/* Single-level entries: peripheral device or flat space. [SAM-5 4.7.7] */
static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	uint32_t level = (uint32_t)(entry >> 48);
	uint32_t method = level >> 14;
	uint32_t lun = level & 0x3fff;

	if (method > 1 || (method == 0 && lun > 0xff))
		return 0;
	if (lun > 0xff)
		lun |= FLAT_LUN;
	return target | (uint64_t)lun << 32;
}

static void scan_targets(struct device *dev)
{
	struct virtio_scsi *vs = dev->priv;
	uint64_t *targets;
	unsigned i;

	targets = heap_alloc(vs->targets * sizeof(*targets));
	if (!targets) {
		log_err("virtio-scsi %s: no memory", device_path(dev));
		return;
	}
	for (i = 0; i < vs->targets; i++)
		targets[i] = target_address(i);
	scsi_scan(&vs->host, targets, vs->targets, lun_of);
	heap_free(targets);
}

static void controller_scan(struct device *dev)
{
	struct virtio_scsi *vs = dev->priv;

	if (scsi_host_open(&vs->host) < 0) {
		log_err("virtio-scsi %s: %s", device_path(dev), reason());
		return;
	}
	scan_targets(dev);
	scsi_host_close(&vs->host);
}

static int controller_attach(struct device *dev)
{
	struct virtio_scsi *vs = heap_zalloc(sizeof(*vs));
	int err;

	if (!vs)
		return reason_fail(ERR_NOMEM, "no memory");
	scsi_host_init(&vs->host, dev, &host_ops, TRANSFER_MAX);
	vs->host.priv = vs;
	dev->priv = vs;
	/* Two cells: a unit address is a 64-bit LUN. */
	err = tree_set_u32(dev->node, "#address-cells", 2);
	if (err == 0)
		err = tree_set_u32(dev->node, "#size-cells", 0);
	if (err < 0)
		heap_free(vs);
	return err;
}

static void controller_quiesce(struct device *dev)
{
	struct virtio_scsi *vs = dev->priv;

	scsi_host_quiesce(&vs->host);
}

static void controller_abandon(struct device *dev)
{
	struct virtio_scsi *vs = dev->priv;

	scsi_host_abandon(&vs->host);
}

static void controller_detach(struct device *dev)
{
	struct virtio_scsi *vs = dev->priv;

	controller_quiesce(dev);
	scsi_host_release(&vs->host);
	heap_free(vs);
}

/* Transitional and modern device ids. [virtio 1.2, 4.1.2.1] */
static const struct pci_match controller_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1004 },
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1048 },
	{ .vendor = 0 },
};

DRIVER(virtio_scsi) = {
	.name = "virtio-scsi",
	.bus = BUS_PCI,
	.pci = controller_ids,
	.attach = controller_attach,
	.scan = controller_scan,
	.quiesce = controller_quiesce,
	.abandon = controller_abandon,
	.detach = controller_detach,
};

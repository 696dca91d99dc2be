// SPDX-License-Identifier: BSD-2-Clause
// virtio-scsi: the SCSI host (virtio 1.2, 5.6).

#include <string.h>

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
struct wire_command {
	uint8_t lun[8];
	uint8_t id[8];
	uint8_t task_attr; /* 0: simple */
	uint8_t prio;
	uint8_t crn;
	uint8_t cdb[CDB_SIZE];
};
static_assert(sizeof(struct wire_command) == 51,
	      "virtio_scsi_req_cmd, readable");

struct wire_response {
	uint32_t sense_len;
	uint32_t residual;
	uint16_t status_qualifier;
	uint8_t status;
	uint8_t response;
	uint8_t sense[SENSE_SIZE];
};
static_assert(sizeof(struct wire_response) == 108,
	      "virtio_scsi_req_cmd, writable");
static_assert(SENSE_SIZE <= SCSI_SENSE_MAX, "room for sense data");

/* [virtio 1.2, 5.6.6.1.1] */
enum response {
	RESPONSE_OK = 0,
	RESPONSE_OVERRUN = 1, /* the data does not fit */
	RESPONSE_ABORTED = 2,
	RESPONSE_BAD_TARGET = 3,
	RESPONSE_RESET = 4,
	RESPONSE_BUSY = 5,
	RESPONSE_TRANSPORT_FAILURE = 6,
	RESPONSE_TARGET_FAILURE = 7,
	RESPONSE_NEXUS_FAILURE = 8,
	RESPONSE_FAILURE = 9,
	RESPONSE_INCORRECT_LUN = 12,
	RESPONSE_NONE = 0xff, /* ours: not written yet */
};

/* Commands in flight. */
#define SLOTS 32
/* Most bytes of a command, even if the device allows more. */
#define TRANSFER_MAX (16 * MiB)

/*
 * Unit addresses are those of QEMU's boot list: the LUN's bytes on the wire as
 * a number, 01, target, LUN. [hw/ppc/spapr.c, spapr_get_fw_dev_path]
 */
#define TARGETS_MAX 256u
#define FLAT_LUN 0x4000u /* LUNs above 255. [SAM-5 4.7.7.3] */

/* In vd.shared, for a command in flight. */
struct slot {
	struct wire_command command;
	struct wire_response response;
};

struct virtio_scsi {
	struct virtio_device vd;
	struct scsi_host host;
	unsigned targets;
	struct request *requests[SLOTS];
};

static struct virtio_scsi *controller_of(const struct scsi_host *host)
{
	return container_of(host, struct virtio_scsi, host);
}

static struct virtio_scsi *controller_of_queue(struct request_queue *queue)
{
	return container_of(queue, struct virtio_scsi, host.queue);
}

static int controller_start(struct device *dev)
{
	struct virtio_scsi *vs = controller_of(dev->priv);
	struct virtio_device *vd = &vs->vd;
	uint64_t max;
	int err = virtio_pci_start(vd, pci_function_of(dev), 0,
				   1u << REQUEST_QUEUE);

	if (err < 0)
		return err;
	max = virtio_config(vd, CONFIG_MAX_SECTORS, 4) * SECTOR;
	/* Like Linux, take 0 for no limit. [drivers/scsi/virtio_scsi.c] */
	vs->host.max_transfer = TRANSFER_MAX;
	if (max)
		vs->host.max_transfer = (uint32_t)MIN(max, TRANSFER_MAX);
	vs->targets = (unsigned)virtio_config(vd, CONFIG_MAX_TARGET, 2) + 1;
	vs->targets = MIN(vs->targets, TARGETS_MAX);
	return 0;
}

static void controller_stop(struct device *dev)
{
	struct virtio_scsi *vs = controller_of(dev->priv);

	virtio_stop(&vs->vd);
}

static struct slot *controller_slot(const struct virtio_scsi *vs,
				    const struct request *rq)
{
	return (struct slot *)vs->vd.shared + rq->slot;
}

static void controller_fill_slot(struct slot *slot,
				 const struct scsi_command *cmd)
{
	slot->command = (struct wire_command){ 0 };
	be64_store(slot->command.lun, cmd->lun);
	memcpy(slot->command.cdb, cmd->cdb, cmd->cdb_len);
	slot->response.response = RESPONSE_NONE;
}

/* Readable buffers first, then writable ones. [virtio 1.2, 2.7.4.2] */
static int controller_submit(struct request_queue *queue, struct request *rq)
{
	struct virtio_scsi *vs = controller_of_queue(queue);
	const struct scsi_command *cmd = scsi_command_of(rq);
	struct slot *slot = controller_slot(vs, rq);
	struct virtio_buf bufs[3];
	bool write = cmd->dir == DMA_TO_DEVICE;
	unsigned n = 0;

	controller_fill_slot(slot, cmd);
	bufs[n++] = (struct virtio_buf){ &slot->command, sizeof(slot->command),
					 false };
	if (cmd->len && write)
		bufs[n++] = (struct virtio_buf){ cmd->buf, cmd->len, false };
	bufs[n++] = (struct virtio_buf){ &slot->response,
					 sizeof(slot->response), true };
	if (cmd->len && !write)
		bufs[n++] = (struct virtio_buf){ cmd->buf, cmd->len, true };
	return virtio_submit(&vs->vd, REQUEST_QUEUE, bufs, n, rq);
}

static void controller_kick(struct request_queue *queue)
{
	virtio_kick(&controller_of_queue(queue)->vd, REQUEST_QUEUE);
}

static const char *response_name(uint8_t response)
{
	static const char *const names[] = {
		[RESPONSE_OVERRUN] = "overrun: the data does not fit",
		[RESPONSE_ABORTED] = "aborted",
		[RESPONSE_TRANSPORT_FAILURE] = "transport failure",
		[RESPONSE_TARGET_FAILURE] = "target failure",
		[RESPONSE_NEXUS_FAILURE] = "nexus failure: reserved by another",
		[RESPONSE_FAILURE] = "failure",
		[RESPONSE_INCORRECT_LUN] = "incorrect LUN",
	};
	const char *name = NULL;

	if (response < ARRAY_SIZE(names))
		name = names[response];
	return name ? name : "unknown";
}

static int response_status(uint8_t response)
{
	switch (response) {
	case RESPONSE_OK:
	case RESPONSE_RESET:
	case RESPONSE_BUSY:
		return 0;
	case RESPONSE_BAD_TARGET:
		/* No reason: a scan gets it from every absent target. */
		reason_clear();
		return ERR_NODEV;
	case RESPONSE_NONE:
		return reason_fail(ERR_IO, "the device wrote no response");
	default:
		return reason_fail(ERR_IO, "virtio-scsi response %u (%s)",
				   response, response_name(response));
	}
}

/* Copies the response, with bounded lengths. Returns the request's status. */
static int controller_take_response(const struct virtio_scsi *vs,
				    struct request *rq)
{
	const struct wire_response *response =
		&controller_slot(vs, rq)->response;
	struct scsi_command *cmd = scsi_command_of(rq);
	uint32_t sense_len = virtio_wire32(&vs->vd, response->sense_len);
	uint32_t residual = virtio_wire32(&vs->vd, response->residual);

	cmd->status = response->status;
	cmd->residual = MIN(residual, cmd->len);
	cmd->sense_len = (uint8_t)MIN(sense_len, SENSE_SIZE);
	memcpy(cmd->sense, response->sense, cmd->sense_len);
	/* Both ask for a retry. */
	if (response->response == RESPONSE_BUSY ||
	    response->response == RESPONSE_RESET)
		cmd->status = SCSI_BUSY;
	return response_status(response->response);
}

static void controller_poll(struct request_queue *queue)
{
	struct virtio_scsi *vs = controller_of_queue(queue);
	struct request *rq;
	uint32_t written;

	while ((rq = virtio_poll(&vs->vd, REQUEST_QUEUE, &written)) != NULL)
		request_done(rq, controller_take_response(vs, rq));
	if (virtio_broken(&vs->vd, REQUEST_QUEUE))
		request_lose(queue, ERR_IO);
}

static const char *controller_says(struct request_queue *queue)
{
	return virtio_says(&controller_of_queue(queue)->vd);
}

static const struct request_ops controller_ops = {
	.submit = controller_submit,
	.kick = controller_kick,
	.poll = controller_poll,
	.decide = scsi_decide,
	.says = controller_says,
};

static size_t controller_targets(const struct scsi_host *host, unsigned round)
{
	return round == 0 ? controller_of(host)->targets : 0;
}

static uint64_t controller_target(const struct scsi_host *host, unsigned round,
				  size_t i)
{
	(void)host;
	(void)round;
	return (uint64_t)(0x100u | i) << 48;
}

/* Single-level entries: peripheral device or flat space. [SAM-5 4.7.7] */
static uint64_t controller_lun(uint64_t target_lun, uint64_t entry)
{
	uint32_t level = (uint32_t)(entry >> 48);
	uint32_t method = level >> 14;
	uint32_t lun = level & 0x3fff;

	if (method > 1 || (method == 0 && lun > 0xff))
		return 0;
	if (lun > 0xff)
		lun |= FLAT_LUN;
	return target_lun | (uint64_t)lun << 32;
}

static const struct scsi_addressing controller_addressing = {
	.targets = controller_targets,
	.target = controller_target,
	.lun_of = controller_lun,
};

static int controller_attach(struct device *dev)
{
	struct virtio_scsi *vs = heap_zalloc(sizeof(*vs));
	int err;

	if (!vs)
		return reason_fail(ERR_NOMEM, "no memory");
	scsi_host_init(&vs->host, dev, &controller_ops, vs->requests, SLOTS,
		       &controller_addressing);
	vs->host.vital = true;
	vs->vd.shared_len = SLOTS * sizeof(struct slot);
	/* Two cells: a unit address is a 64-bit LUN. */
	err = tree_set_u32(dev->node, "#address-cells", 2);
	if (err == 0)
		err = tree_set_u32(dev->node, "#size-cells", 0);
	if (err < 0)
		heap_free(vs);
	return err;
}

static void controller_detach(struct device *dev)
{
	struct virtio_scsi *vs = controller_of(dev->priv);

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
	.bus = &pci_bus,
	.match = controller_ids,
	.attach = controller_attach,
	.start = controller_start,
	.stop = controller_stop,
	.scan = scsi_scan,
	.found = scsi_found,
	.detach = controller_detach,
};

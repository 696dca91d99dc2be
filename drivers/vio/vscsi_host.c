// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi: sending SCSI commands to the partner (LoPAR 17.2.5, SRP on CRQ).
#include "drivers/vio/vscsi.h"

#include <string.h>

#include "drivers/vio/srp.h"
#include "drivers/vio/vio.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Memory of a slot: command and response share an information unit. */
#define SLOT_LEN 512u
#define IU_LEN (VSCSI_SLOTS * SLOT_LEN)

/*
 * Most bytes of a data segment: QEMU counts the bytes of a descriptor in 16
 * bits. [hw/scsi/spapr_vscsi.c, cur_desc_offset]
 */
#define SEGMENT_MAX 65536u
/* The second half of a slot's memory is a table of segments. */
#define TABLE_OFFSET SRP_IU_MAX
#define TABLE_SEGMENTS ((SLOT_LEN - TABLE_OFFSET) / sizeof(struct srp_direct))
#define TRANSFER_MAX ((uint32_t)(TABLE_SEGMENTS * SEGMENT_MAX))

/* A message: format 1 is SRP. [LoPAR 17.2.5, QEMU hw/scsi/viosrp.h] */
#define MESSAGE_SRP ((uint64_t)CRQ_MESSAGE << 56 | 0x01ULL << 48)

static struct srp_direct srp_descriptor(uint64_t bus, size_t len)
{
	return (struct srp_direct){ .va = be64_make(bus),
				    .len = be32_make((uint32_t)len) };
}

/* Data of several segments: a table at `table`, bus address `table_bus`. */
static void srp_fill_table(struct srp_data *data, struct srp_direct *table,
			   uint64_t table_bus, uint64_t bus, uint32_t len)
{
	size_t n = 0;

	data->indirect_len = be32_make(len);
	while (len) {
		uint32_t part = MIN(len, SEGMENT_MAX);

		table[n++] = srp_descriptor(bus, part);
		bus += part;
		len -= part;
	}
	data->direct = srp_descriptor(table_bus, n * sizeof(*table));
}

static void srp_fill_data(const struct vscsi *vs, const struct vscsi_slot *slot,
			  const struct scsi_command *cmd, struct srp_cmd *iu)
{
	bool out = cmd->dir == DMA_TO_DEVICE;

	if (cmd->len <= SEGMENT_MAX) {
		iu->data.direct = srp_descriptor(slot->bus, cmd->len);
		iu->buf_fmt = out ? SRP_OUT_DIRECT : SRP_IN_DIRECT;
		iu->out_count = out;
		iu->in_count = !out;
	} else {
		uint8_t *table = (uint8_t *)iu + TABLE_OFFSET;
		uint64_t offset = (uint64_t)(table - vs->iu);

		srp_fill_table(&iu->data, (void *)table, vs->iu_bus + offset,
			       slot->bus, cmd->len);
		iu->buf_fmt = out ? SRP_OUT_INDIRECT : SRP_IN_INDIRECT;
	}
}

static void srp_fill_cmd(const struct vscsi *vs, struct srp_cmd *iu,
			 const struct vscsi_slot *slot,
			 const struct scsi_command *cmd)
{
	memset(iu, 0, sizeof(*iu));
	iu->opcode = SRP_CMD;
	iu->tag = be64_make(slot->tag);
	be64_store(iu->lun, cmd->lun);
	memcpy(iu->cdb, cmd->cdb, cmd->cdb_len);
	if (cmd->len)
		srp_fill_data(vs, slot, cmd, iu);
}

/* Tags are never reused: a late response matches no command. */
static uint64_t vscsi_new_tag(struct vscsi *vs, unsigned unit)
{
	return ++vs->sequence * VSCSI_SLOTS + unit;
}

static void *vscsi_iu(const struct vscsi *vs, unsigned unit)
{
	return vs->iu + (size_t)unit * SLOT_LEN;
}

static int vscsi_send_unit(struct vscsi *vs, unsigned unit, size_t len)
{
	return crq_send(&vs->crq, MESSAGE_SRP | len,
			vs->iu_bus + (uint64_t)unit * SLOT_LEN);
}

static int vscsi_send(struct vscsi *vs, unsigned n,
		      const struct scsi_command *cmd)
{
	struct vscsi_slot *slot = &vs->slots[n];
	int err;

	slot->tag = vscsi_new_tag(vs, n);
	slot->len = cmd->len;
	srp_fill_cmd(vs, vscsi_iu(vs, n), slot, cmd);
	err = vscsi_send_unit(vs, n, sizeof(struct srp_cmd));
	if (err == 0)
		return 0;
	slot->tag = 0;
	return reason_fail(err, "cannot send the command: %s", err_str(err));
}

static struct vscsi *vscsi_of_queue(struct request_queue *queue)
{
	return container_of(queue, struct vscsi, host.queue);
}

static int vscsi_submit(struct request_queue *queue, struct request *rq)
{
	struct vscsi *vs = vscsi_of_queue(queue);
	struct scsi_command *cmd = scsi_command_of(rq);
	uint64_t *bus = &vs->slots[rq->slot].bus;
	int err = 0;

	if (cmd->len)
		err = dma_map(&vs->dma, cmd->buf, cmd->len, cmd->dir, bus);
	if (err < 0)
		return err;
	err = vscsi_send(vs, rq->slot, cmd);
	if (err < 0 && cmd->len)
		dma_unmap(&vs->dma, *bus, cmd->len);
	return err;
}

/* Sense data follows the response data; both must be within the unit. */
static void srp_take_sense(struct scsi_command *cmd, const struct srp_rsp *rsp,
			   uint32_t len)
{
	uint32_t skip = 0;
	uint32_t room = len - sizeof(*rsp);

	if (rsp->flags & SRP_RSP_VALID)
		skip = be32_get(rsp->response_len);
	if (!(rsp->flags & SRP_SENSE_VALID) || skip > room)
		return;
	room = MIN(room - skip, be32_get(rsp->sense_len));
	cmd->sense_len = (uint8_t)MIN(room, SCSI_SENSE_MAX);
	memcpy(cmd->sense, rsp->data + skip, cmd->sense_len);
}

static int srp_read_response(struct scsi_command *cmd,
			     const struct srp_rsp *rsp, uint32_t len)
{
	uint32_t residual = 0;

	if (len < sizeof(*rsp) || len > SRP_IU_MAX || rsp->opcode != SRP_RSP)
		return reason_fail(ERR_IO, "malformed response of %u bytes",
				   len);
	if (rsp->flags & SRP_IN_UNDER)
		residual = be32_get(rsp->in_residual);
	if (rsp->flags & SRP_OUT_UNDER)
		residual = be32_get(rsp->out_residual);
	cmd->status = rsp->status;
	cmd->residual = MIN(residual, cmd->len);
	cmd->sense_len = 0;
	srp_take_sense(cmd, rsp, len);
	return 0;
}

/* The command has ended: its data belongs to the caller again. */
static void vscsi_release_slot(struct vscsi *vs, struct vscsi_slot *slot)
{
	if (slot->tag && slot->len)
		dma_unmap(&vs->dma, slot->bus, slot->len);
	slot->tag = 0;
}

static void vscsi_unexplained(struct vscsi *vs)
{
	if (crq_unexplained(&vs->crq))
		log_warn("spapr-vscsi %s: response to an unknown command; "
			 "searching the queue for the next",
			 device_path(vs->host.dev));
}

/*
 * The element of a response holds the unit's length and the tag as its address.
 * [LoPAR 17.2.5, QEMU hw/scsi/spapr_vscsi.c, vscsi_send_iu]
 */
static void vscsi_take_response(struct vscsi *vs, const struct crq_entry *entry)
{
	unsigned unit = entry->low % VSCSI_SLOTS;
	struct request *rq = vs->requests[unit];
	struct vscsi_slot *slot = &vs->slots[unit];
	uint32_t len = entry->high & 0xffff;

	if (!slot->tag || entry->low != slot->tag) {
		vscsi_unexplained(vs);
		return;
	}
	vscsi_release_slot(vs, slot);
	request_done(rq, srp_read_response(scsi_command_of(rq),
					   vscsi_iu(vs, unit), len));
}

static void vscsi_shut_down(struct vscsi *vs)
{
	unsigned i;

	crq_close(&vs->crq);
	for (i = 0; i < VSCSI_SLOTS; i++)
		vscsi_release_slot(vs, &vs->slots[i]);
	dma_free(&vs->dma, vs->iu, vs->iu_bus, IU_LEN);
	vs->iu = NULL;
	vio_dma_stop(vs->host.dev, vs->unit, &vs->dma);
}

/* A bus address range that the partner may still write to. */
struct lost {
	uint64_t bus;
	uint32_t len;
};

static unsigned vscsi_find_lost(const struct vscsi *vs, struct lost *lost)
{
	unsigned i, n = 0;

	for (i = 0; i < VSCSI_SLOTS; i++) {
		const struct vscsi_slot *slot = &vs->slots[i];

		if (slot->tag)
			lost[n++] = (struct lost){ slot->bus, slot->len };
	}
	if (n)
		lost[n++] = (struct lost){ vs->iu_bus, IU_LEN };
	return n;
}

/*
 * Late writes: unregistering the queue stops responses, but not data. QEMU
 * stores data when its disk delivers it, perhaps minutes later, wherever the
 * descriptor points. [hw/scsi/spapr_vscsi.c, vscsi_transfer_data] It can abort
 * a command (SRP_TSK_MGMT), but stops the whole machine until the disk
 * responds. So the bus addresses must lead nowhere, for good: bypass stays off,
 * the host continues through its window, and the window never uses these
 * addresses again. Without a window, the device stays off.
 */
static void vscsi_keep_off(struct vscsi *vs, const struct lost *lost,
			   unsigned n)
{
	struct dma dma;
	unsigned i;
	int err = n ? vio_dma_window(vs->host.dev, &dma) : 0;

	vs->lost |= n != 0;
	for (i = 0; i < n && err == 0; i++)
		err = dma_reserve(&dma, lost[i].bus, lost[i].len);
	if (err < 0)
		device_fail(vs->host.dev,
			    "an abandoned command may still write to memory");
}

void vscsi_stop(struct device *dev)
{
	struct vscsi *vs = vscsi_of(dev);
	struct lost lost[VSCSI_SLOTS + 1];
	unsigned n = vscsi_find_lost(vs, lost);

	vscsi_shut_down(vs);
	vscsi_keep_off(vs, lost, n);
}

/* The partner disconnected or restarted: it has lost all commands. */
static void vscsi_lose_partner(struct vscsi *vs)
{
	reason_fail(ERR_IO, "the partner has closed the connection");
	request_lose(&vs->host.queue, ERR_IO);
}

static void vscsi_poll(struct request_queue *queue)
{
	struct vscsi *vs = vscsi_of_queue(queue);
	struct crq_entry entry;
	unsigned n;

	/* At most a queue's length per poll, so that deadlines are checked. */
	for (n = 0; n < CRQ_ENTRIES && vs->crq.queue; n++) {
		if (!crq_receive(&vs->crq, &entry))
			return;
		switch (crq_valid(&entry)) {
		case CRQ_MESSAGE:
			vscsi_take_response(vs, &entry);
			break;
		case CRQ_INIT:
		case CRQ_EVENT:
			vscsi_lose_partner(vs);
			break;
		default:
			vscsi_unexplained(vs);
		}
	}
}

int vscsi_start(struct device *dev)
{
	struct vscsi *vs = vscsi_of(dev);
	int err = vs->lost ? vio_dma_window(dev, &vs->dma)
			   : vio_dma_start(dev, vs->unit, &vs->dma);

	vs->host.max_transfer = TRANSFER_MAX;
	if (err < 0)
		return err;
	vs->iu = dma_alloc(&vs->dma, IU_LEN, &vs->iu_bus);
	if (!vs->iu)
		return reason_fail(ERR_NOMEM, "no memory for commands");
	return crq_open(&vs->crq, vs->unit, &vs->dma);
}

const struct request_ops vscsi_host_ops = {
	.submit = vscsi_submit,
	.poll = vscsi_poll,
	.decide = scsi_decide,
};

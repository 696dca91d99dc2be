// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi: SCSI commands to the partner (LoPAR 17.2.5, SRP over CRQs).
#include "drivers/vio/vscsi.h"

#include <string.h>

#include "drivers/device.h"
#include "drivers/vio/srp.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* Bytes that an information unit and its answer have for themselves. */
#define SLOT_LEN 512u
#define IU_LEN (VSCSI_SLOTS * SLOT_LEN)

/*
 * QEMU counts the bytes of a descriptor in 16 bits: a piece must not be larger
 * than that. [hw/scsi/spapr_vscsi.c, cur_desc_offset]
 */
#define PIECE_MAX 65536u
/* The table of pieces stands in the second half of a command's memory. */
#define TABLE_OFFSET SRP_IU_MAX
#define TABLE_PIECES ((SLOT_LEN - TABLE_OFFSET) / sizeof(struct srp_direct))
#define TRANSFER_MAX ((uint32_t)(TABLE_PIECES * PIECE_MAX))

/* A message: format 1 is SRP. [LoPAR 17.2.5, QEMU hw/scsi/viosrp.h] */
#define MESSAGE_SRP ((uint64_t)CRQ_MESSAGE << 56 | 0x01ULL << 48)

/* [LoPAR 17.2.1.1: ibm,my-dma-window] LIOBN, address, size. */
static int init_window(const struct vscsi *vs, struct dma *dma)
{
	const struct node *node = vs->host.dev->node;
	uint32_t liobn;
	uint64_t base, size;

	if (tree_get_u32(node, "ibm,my-dma-window", 0, &liobn) < 0 ||
	    tree_get_u64(node, "ibm,my-dma-window", 1, &base) < 0 ||
	    tree_get_u64(node, "ibm,my-dma-window", 3, &size) < 0)
		return reason_fail(ERR_NOTSUP,
				   "neither TCE bypass nor a DMA window");
	return dma_init_window(dma, liobn, base, size);
}

/* Identity where RTAS allows it, else through the device's own window. */
static int init_dma(struct vscsi *vs)
{
	vs->bypass = !vs->lost && rtas_set_tce_bypass(vs->unit, true) == 0;
	if (!vs->bypass)
		return init_window(vs, &vs->dma);
	dma_init_bypass(&vs->dma);
	return 0;
}

static int allocate(struct vscsi *vs)
{
	vs->iu = dma_alloc(&vs->dma, IU_LEN, &vs->iu_bus);
	if (!vs->iu)
		return reason_fail(ERR_NOMEM, "no memory for commands");
	return 0;
}

static struct vscsi_slot *find_slot(struct vscsi *vs)
{
	unsigned i;

	for (i = 0; i < VSCSI_SLOTS; i++) {
		if (!vs->slots[i].busy)
			return &vs->slots[i];
	}
	return NULL;
}

static struct srp_direct descriptor(uint64_t bus, size_t len)
{
	return (struct srp_direct){ .va = be64_make(bus),
				    .len = be32_make((uint32_t)len) };
}

/* Data larger than a piece goes through a table at `table`, bus `table_bus`. */
static void fill_table(struct srp_data *data, struct srp_direct *table,
		       uint64_t table_bus, uint64_t bus, uint32_t len)
{
	size_t n = 0;

	data->indirect_len = be32_make(len);
	while (len) {
		uint32_t piece = MIN(len, PIECE_MAX);

		table[n++] = descriptor(bus, piece);
		bus += piece;
		len -= piece;
	}
	data->direct = descriptor(table_bus, n * sizeof(*table));
}

static void fill_data(const struct vscsi *vs, const struct vscsi_slot *slot,
		      const struct scsi_command *cmd, struct srp_cmd *iu)
{
	bool out = cmd->dir == DMA_TO_DEVICE;

	if (cmd->len <= PIECE_MAX) {
		iu->data.direct = descriptor(slot->bus, cmd->len);
		iu->buf_fmt = out ? SRP_OUT_DIRECT : SRP_IN_DIRECT;
		iu->out_count = out;
		iu->in_count = !out;
	} else {
		uint8_t *table = (uint8_t *)iu + TABLE_OFFSET;
		uint64_t offset = (uint64_t)(table - vs->iu);

		fill_table(&iu->data, (void *)table, vs->iu_bus + offset,
			   slot->bus, cmd->len);
		iu->buf_fmt = out ? SRP_OUT_INDIRECT : SRP_IN_INDIRECT;
	}
}

static void fill_iu(const struct vscsi *vs, struct srp_cmd *iu,
		    const struct vscsi_slot *slot,
		    const struct scsi_command *cmd)
{
	memset(iu, 0, sizeof(*iu));
	iu->opcode = SRP_CMD;
	iu->tag = be64_make(slot->tag);
	be64_store(iu->lun, cmd->lun);
	memcpy(iu->cdb, cmd->cdb, cmd->cdb_len);
	if (cmd->len)
		fill_data(vs, slot, cmd, iu);
}

/* Tags are never used twice: a late answer finds nobody. */
static uint64_t new_tag(struct vscsi *vs, unsigned unit)
{
	return ++vs->sequence * VSCSI_SLOTS + unit;
}

static void *unit_ptr(const struct vscsi *vs, unsigned unit)
{
	return vs->iu + (size_t)unit * SLOT_LEN;
}

static int send_unit(struct vscsi *vs, unsigned unit, size_t len)
{
	return crq_send(&vs->crq, MESSAGE_SRP | len,
			vs->iu_bus + (uint64_t)unit * SLOT_LEN);
}

static int send(struct vscsi *vs, struct vscsi_slot *slot,
		struct scsi_command *cmd)
{
	unsigned n = (unsigned)(slot - vs->slots);

	slot->tag = new_tag(vs, n);
	slot->len = cmd->len;
	fill_iu(vs, unit_ptr(vs, n), slot, cmd);
	return send_unit(vs, n, sizeof(struct srp_cmd));
}

static int host_submit(struct scsi_host *host, struct scsi_command *cmd)
{
	struct vscsi *vs = host->priv;
	struct vscsi_slot *slot = find_slot(vs);
	int err = 0;

	if (!slot)
		return reason_fail(ERR_BUSY, "%u commands are in flight",
				   VSCSI_SLOTS);
	if (cmd->len)
		err = dma_map(&vs->dma, cmd->buf, cmd->len, cmd->dir,
			      &slot->bus);
	if (err < 0)
		return err;
	err = send(vs, slot, cmd);
	if (err == 0) {
		slot->cmd = cmd;
		slot->busy = true;
		return 0;
	}
	if (cmd->len)
		dma_unmap(&vs->dma, slot->bus, cmd->len);
	return reason_fail(err, "the command cannot be sent: %s", err_str(err));
}

/* Sense data stands behind the response data, all within the unit. */
static void take_sense(struct scsi_command *cmd, const struct srp_rsp *rsp,
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

/* What an answer of `len` bytes says about a command. */
static int read_response(struct scsi_command *cmd, const struct srp_rsp *rsp,
			 uint32_t len)
{
	uint32_t residual = 0;

	if (len < sizeof(*rsp) || len > SRP_IU_MAX || rsp->opcode != SRP_RSP)
		return reason_fail(ERR_IO, "malformed answer of %u bytes", len);
	if (rsp->flags & SRP_IN_UNDER)
		residual = be32_get(rsp->in_residual);
	if (rsp->flags & SRP_OUT_UNDER)
		residual = be32_get(rsp->out_residual);
	cmd->status = rsp->status;
	cmd->residual = MIN(residual, cmd->len);
	cmd->sense_len = 0;
	take_sense(cmd, rsp, len);
	return 0;
}

/*
 * A command has come back, or never will: its data is its caller's again.
 * Returns it, or NULL: there is no caller any more.
 */
static struct scsi_command *take_command(struct vscsi *vs,
					 struct vscsi_slot *slot)
{
	slot->busy = false;
	if (slot->len)
		dma_unmap(&vs->dma, slot->bus, slot->len);
	return slot->cmd;
}

static void take_unexplained(struct vscsi *vs)
{
	if (crq_unexplained(&vs->crq))
		log_warn("spapr-vscsi %s: an answer to no command; the queue "
			 "is searched for the next ones",
			 device_path(vs->host.dev));
}

/*
 * An answer: the element holds the unit's length and, as its address, the tag.
 * [LoPAR 17.2.5, QEMU hw/scsi/spapr_vscsi.c, vscsi_send_iu]
 */
static void take_answer(struct vscsi *vs, const struct crq_entry *entry)
{
	unsigned unit = entry->low % VSCSI_SLOTS;
	struct vscsi_slot *slot = &vs->slots[unit];
	uint32_t len = entry->high & 0xffff;
	struct scsi_command *cmd;

	if (!slot->busy || entry->low != slot->tag) {
		take_unexplained(vs);
		return;
	}
	cmd = take_command(vs, slot);
	if (cmd)
		scsi_done(cmd, read_response(cmd, unit_ptr(vs, unit), len));
}

static void fail_all(struct vscsi *vs, int err)
{
	struct scsi_command *cmd;
	unsigned i;

	for (i = 0; i < VSCSI_SLOTS; i++) {
		cmd = vs->slots[i].busy ? take_command(vs, &vs->slots[i])
					: NULL;
		if (cmd)
			scsi_done(cmd, err);
	}
}

static void stop(struct vscsi *vs, int err)
{
	crq_close(&vs->crq);
	fail_all(vs, err);
	dma_free(&vs->dma, vs->iu, vs->iu_bus, IU_LEN);
	vs->iu = NULL;
	/* QEMU's RTAS quiesce does not do it. [hw/ppc/spapr_vio.c] */
	if (vs->bypass && rtas_set_tce_bypass(vs->unit, false) < 0)
		log_warn("spapr-vscsi %s: TCE bypass stays on",
			 device_path(vs->host.dev));
	vs->bypass = false;
}

/* What the partner may still write to, and what it never may again. */
struct lost {
	uint64_t bus;
	uint32_t len;
};

static unsigned find_lost(const struct vscsi *vs, struct lost *lost)
{
	unsigned i, n = 0;

	for (i = 0; i < VSCSI_SLOTS; i++) {
		const struct vscsi_slot *slot = &vs->slots[i];

		if (slot->busy)
			lost[n++] = (struct lost){ slot->bus, slot->len };
	}
	if (n)
		lost[n++] = (struct lost){ vs->iu_bus, IU_LEN };
	return n;
}

/*
 * To unregister the queue stops answers, not data: QEMU stores it when its disk
 * gives it, be it minutes later. [hw/scsi/spapr_vscsi.c, vscsi_transfer_data] It
 * would abort a command (SRP_TSK_MGMT), but stops all of the machine until the
 * disk has answered. So late data finds nothing where it goes to: bypass stays
 * off, and its addresses are not used in the window, where the host goes on.
 */
static void keep_off(struct vscsi *vs, const struct lost *lost, unsigned n)
{
	struct dma dma;
	unsigned i;
	int err = n ? init_window(vs, &dma) : 0;

	vs->lost |= n != 0;
	for (i = 0; i < n && err == 0; i++)
		err = dma_reserve(&dma, lost[i].bus, lost[i].len);
	vs->given_up |= err < 0;
}

/* Stops the host; what is in flight fails with `err` and reason(). */
static void cut_off(struct vscsi *vs, int err)
{
	struct lost lost[VSCSI_SLOTS + 1];
	unsigned n = find_lost(vs, lost);

	stop(vs, err);
	keep_off(vs, lost, n);
}

/* The partner went away, or began anew: nothing in flight is answered. */
static void lose_partner(struct vscsi *vs)
{
	reason_fail(ERR_IO, "the partner has closed the connection");
	cut_off(vs, ERR_IO);
	vs->host.started = false;
}

static void host_poll(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;
	struct crq_entry entry;
	unsigned n;

	/* No more at a look than a queue holds: deadlines are looked at, too. */
	for (n = 0; n < CRQ_ENTRIES && vs->crq.queue; n++) {
		if (!crq_receive(&vs->crq, &entry))
			return;
		switch (crq_valid(&entry)) {
		case CRQ_MESSAGE:
			take_answer(vs, &entry);
			break;
		case CRQ_INIT:
		case CRQ_EVENT:
			lose_partner(vs);
			break;
		default:
			take_unexplained(vs);
		}
	}
}

static int host_start(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;
	int err;

	if (vs->given_up)
		return reason_fail(ERR_NODEV,
				   "a command that was given up may still "
				   "write to memory");
	err = init_dma(vs);
	if (err == 0)
		err = allocate(vs);
	if (err == 0)
		err = crq_open(&vs->crq, vs->unit, &vs->dma);
	if (err < 0)
		stop(vs, err);
	return err;
}

static void host_reset(struct scsi_host *host)
{
	cut_off(host->priv, ERR_TIMEOUT);
}

static void host_forget(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;
	unsigned i;

	for (i = 0; i < VSCSI_SLOTS; i++)
		vs->slots[i].cmd = NULL;
}

static const struct scsi_host_ops host_ops = {
	.start = host_start,
	.submit = host_submit,
	.poll = host_poll,
	.reset = host_reset,
	.forget = host_forget,
};

void vscsi_host_init(struct vscsi *vs, struct device *dev, uint32_t unit)
{
	scsi_host_init(&vs->host, dev, &host_ops, TRANSFER_MAX);
	vs->host.priv = vs;
	vs->unit = unit;
}

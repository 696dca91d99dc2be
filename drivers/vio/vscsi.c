// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi: the virtual SCSI host (LoPAR 17.2.5, SRP over CRQs).

#include <string.h>

#include "drivers/device.h"
#include "drivers/instance.h"
#include "drivers/scsi/scsi.h"
#include "drivers/vio/crq.h"
#include "drivers/vio/luns.h"
#include "drivers/vio/srp.h"
#include "hcall/rtas.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/*
 * Commands at a time. QEMU has 24 and loses one for good with each REPORT LUNS
 * of all targets. [hw/scsi/spapr_vscsi.c, VSCSI_REQ_LIMIT, vscsi_queue_cmd]
 */
#define SLOTS 16u
/* Bytes a command's information unit and its answer have for themselves. */
#define SLOT_LEN 512u
#define IU_LEN (SLOTS * SLOT_LEN)

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

/* Logical unit addressing: 8 buses of 64 targets. [SAM-5 4.7.7.4] */
#define LUN_METHOD (2ULL << 62)
#define BUSES 8u
#define BUS_TARGETS 64u

struct slot {
	struct scsi_command *cmd; /* NULL: free */
	uint64_t tag;
	uint64_t bus; /* of the data, where it is mapped */
};

struct vscsi {
	struct scsi_host host;
	uint32_t unit;
	struct crq crq;
	struct dma dma;
	bool bypass;
	uint8_t *iu; /* SLOTS pieces of SLOT_LEN; NULL: not started */
	uint64_t iu_bus;
	uint64_t sequence;
	struct slot slots[SLOTS];
	struct vscsi_luns luns;
};

/* Identity where RTAS allows it, else through the device's own window. */
static int init_dma(struct vscsi *vs, const struct node *node)
{
	uint32_t liobn;
	uint64_t base, size;

	vs->bypass = rtas_set_tce_bypass(vs->unit, true) == 0;
	if (vs->bypass) {
		dma_init_bypass(&vs->dma);
		return 0;
	}
	/* [LoPAR 17.2.1.1: ibm,my-dma-window] LIOBN, address, size. */
	if (tree_get_u32(node, "ibm,my-dma-window", 0, &liobn) < 0 ||
	    tree_get_u64(node, "ibm,my-dma-window", 1, &base) < 0 ||
	    tree_get_u64(node, "ibm,my-dma-window", 3, &size) < 0)
		return fail(ERR_NOTSUP, "neither TCE bypass nor a DMA window");
	return dma_init_window(&vs->dma, liobn, base, size);
}

static int allocate(struct vscsi *vs)
{
	vs->iu = dma_alloc(&vs->dma, IU_LEN, &vs->iu_bus);
	if (!vs->iu)
		return fail(ERR_NOMEM, "no memory for commands");
	return 0;
}

/* The queue goes first: afterwards QEMU writes nothing any more. */
static void stop(struct vscsi *vs)
{
	unsigned i;

	crq_close(&vs->crq);
	for (i = 0; i < SLOTS; i++) {
		if (vs->slots[i].cmd && vs->slots[i].cmd->len)
			dma_unmap(&vs->dma, vs->slots[i].bus,
				  vs->slots[i].cmd->len);
	}
	dma_free(&vs->dma, vs->iu, vs->iu_bus, IU_LEN);
	vs->iu = NULL;
	/* QEMU's RTAS quiesce does not do it. [hw/ppc/spapr_vio.c] */
	if (vs->bypass && rtas_set_tce_bypass(vs->unit, false) < 0)
		log_warn("spapr-vscsi %s: TCE bypass stays on",
			 device_path(vs->host.dev));
	vs->bypass = false;
}

static int host_start(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;
	int err = init_dma(vs, host->dev->node);

	if (err == 0)
		err = allocate(vs);
	if (err == 0)
		err = crq_open(&vs->crq, vs->unit, &vs->dma);
	if (err < 0)
		stop(vs);
	return err;
}

static struct slot *find_slot(struct vscsi *vs)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (!vs->slots[i].cmd)
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

static void fill_data(const struct vscsi *vs, const struct slot *slot,
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
		    const struct slot *slot, const struct scsi_command *cmd)
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
static int send(struct vscsi *vs, struct slot *slot, struct scsi_command *cmd)
{
	unsigned n = (unsigned)(slot - vs->slots);
	struct srp_cmd *iu = (void *)(vs->iu + (size_t)n * SLOT_LEN);
	uint64_t high = MESSAGE_SRP | sizeof(*iu);

	slot->tag = ++vs->sequence * SLOTS + n;
	fill_iu(vs, iu, slot, cmd);
	return crq_send(&vs->crq, high, vs->iu_bus + (uint64_t)n * SLOT_LEN);
}

static int host_submit(struct scsi_host *host, struct scsi_command *cmd)
{
	struct vscsi *vs = host->priv;
	struct slot *slot = find_slot(vs);
	int err = 0;

	if (!slot)
		return fail(ERR_BUSY, "%u commands are in flight", SLOTS);
	if (cmd->len)
		err = dma_map(&vs->dma, cmd->buf, cmd->len, cmd->dir,
			      &slot->bus);
	if (err < 0)
		return err;
	err = send(vs, slot, cmd);
	if (err == 0) {
		slot->cmd = cmd;
		return 0;
	}
	if (cmd->len)
		dma_unmap(&vs->dma, slot->bus, cmd->len);
	return fail(err, "the command cannot be sent: %s", err_str(err));
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
		return fail(ERR_IO, "malformed answer of %u bytes", len);
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
 * An answer: the element holds the unit's length and, as its address, the tag.
 * [LoPAR 17.2.5, QEMU hw/scsi/spapr_vscsi.c, vscsi_send_iu]
 */
static void take_answer(struct vscsi *vs, const struct crq_entry *entry)
{
	struct slot *slot = &vs->slots[entry->low % SLOTS];
	struct scsi_command *cmd = slot->cmd;
	const uint8_t *iu = vs->iu + entry->low % SLOTS * SLOT_LEN;
	uint32_t len = entry->high & 0xffff;

	if (!cmd || slot->tag != entry->low) {
		log_debug("spapr-vscsi %s: answer to no command",
			  device_path(vs->host.dev));
		return;
	}
	slot->cmd = NULL;
	if (cmd->len)
		dma_unmap(&vs->dma, slot->bus, cmd->len);
	cmd->result = read_response(cmd, (const void *)iu, len);
}

static void fail_all(struct vscsi *vs, int err)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (vs->slots[i].cmd)
			vs->slots[i].cmd->result = err;
		vs->slots[i].cmd = NULL;
	}
}

/* The partner went away, or began anew: nothing in flight is answered. */
static void lose_partner(struct vscsi *vs)
{
	stop(vs);
	vs->host.started = false;
	fail(ERR_IO, "the partner has closed the connection");
	fail_all(vs, ERR_IO);
}

static void host_poll(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;
	struct crq_entry entry;

	while (vs->crq.queue && crq_receive(&vs->crq, &entry)) {
		if (crq_valid(&entry) == CRQ_MESSAGE)
			take_answer(vs, &entry);
		else
			lose_partner(vs);
	}
}

static void host_reset(struct scsi_host *host)
{
	struct vscsi *vs = host->priv;

	stop(vs);
	fail_all(vs, ERR_TIMEOUT);
}

static const struct scsi_host_ops host_ops = {
	.start = host_start,
	.submit = host_submit,
	.poll = host_poll,
	.reset = host_reset,
};

/*
 * LUN 0 of QEMU's host answers for every target: its entries name bus, target
 * and LUN, those of bus 0, target 0 in the peripheral form. A target's own
 * entries name only the LUN. [hw/scsi/spapr_vscsi.c, vscsi_report_luns]
 */
static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	uint64_t method = entry >> 62;
	uint64_t lun = entry >> 48 & 0x3fff;

	if (method == 2)
		return target ? 0 : entry & 0xffffULL << 48;
	if (method == 3 || lun > 0x1f)
		return 0;
	return (target ? target : LUN_METHOD) | lun << 48;
}

/* A host whose LUN 0 does not know: ask every target. */
static void scan_targets(struct vscsi *vs)
{
	uint64_t *targets = heap_alloc(BUSES * BUS_TARGETS * sizeof(*targets));
	unsigned i;

	if (!targets)
		return;
	/* [SAM-5 4.7.7.4] Target in bits 56 to 61, bus in 53 to 55. */
	for (i = 0; i < BUSES * BUS_TARGETS; i++)
		targets[i] = LUN_METHOD | (uint64_t)(i % BUS_TARGETS) << 56 |
			     (uint64_t)(i / BUS_TARGETS) << 53;
	scsi_scan(&vs->host, targets, BUSES * BUS_TARGETS, lun_of);
	heap_free(targets);
}

static void vscsi_scan(struct device *dev)
{
	static const uint64_t all_targets = 0;
	struct vscsi *vs = dev->priv;

	if (scsi_host_start(&vs->host) < 0) {
		log_err("spapr-vscsi %s: %s", device_path(dev), reason());
		return;
	}
	if (scsi_scan(&vs->host, &all_targets, 1, lun_of) == 0)
		scan_targets(vs);
	if (vscsi_luns_make(&vs->luns, &vs->host.units) < 0)
		log_err("spapr-vscsi %s: %s", device_path(dev), reason());
}

/* vscsi-report-luns ( -- table n ): GRUB finds the disks by it. */
static int report_luns(struct instance *inst, const cell_t *args, cell_t *rets)
{
	const struct vscsi *vs = device_of(inst->node)->priv;

	(void)args;
	rets[0] = vs->luns.n;
	rets[1] = (cell_t)(uintptr_t)vs->luns.table;
	return 0;
}

static const struct method vscsi_methods[] = {
	{ .name = "vscsi-report-luns", .nrets = 2, .call = report_luns },
	{ .name = NULL },
};

static int vscsi_attach(struct device *dev)
{
	struct vscsi *vs = heap_zalloc(sizeof(*vs));

	if (!vs)
		return fail(ERR_NOMEM, "no memory");
	if (tree_get_u32(dev->node, "reg", 0, &vs->unit) < 0) {
		heap_free(vs);
		return fail(ERR_FORMAT, "no reg");
	}
	scsi_host_init(&vs->host, dev, &host_ops, TRANSFER_MAX);
	vs->host.priv = vs;
	dev->priv = vs;
	dev->methods = vscsi_methods;
	return 0;
}

static void vscsi_quiesce(struct device *dev)
{
	struct vscsi *vs = dev->priv;

	vs->host.quiesced = true;
	scsi_host_reset(&vs->host);
}

static void vscsi_detach(struct device *dev)
{
	struct vscsi *vs = dev->priv;

	vscsi_quiesce(dev);
	vscsi_luns_free(&vs->luns);
	scsi_host_release(&vs->host);
	heap_free(vs);
}

DRIVER(vscsi) = {
	.name = "spapr-vscsi",
	.bus = BUS_VIO,
	.compatible = "IBM,v-scsi",
	.attach = vscsi_attach,
	.scan = vscsi_scan,
	.quiesce = vscsi_quiesce,
	.detach = vscsi_detach,
};

// SPDX-License-Identifier: BSD-2-Clause
// SCSI disks and CDs as block devices (SBC-3, MMC-6).

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/cdb.h"
#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/path.h"

/* Requests at a time. */
#define SLOTS 8

/* READ CAPACITY parameter data. [SBC-3 5.15.2, 5.16.2] */
#define CAPACITY_10_LEN 8u
#define CAPACITY_16_LEN 32u

struct slot {
	struct scsi_command cmd;
	struct block_request *req; /* NULL: free */
	bool waiting;		   /* to be submitted again */
};

struct scsi_disk {
	struct block_device bd;
	struct scsi_unit *unit;
	bool open;	     /* it is one of the host's users */
	unsigned host_start; /* the host's, when the disk was brought up */
	enum scsi_attention attention; /* the worst since then */
	struct slot slots[SLOTS];
};

/*
 * What a unit attention says is kept until the disk is opened again. A medium
 * that was exchanged is not mixed with the one before.
 */
static void note_attention(struct scsi_disk *disk,
			   const struct scsi_command *cmd)
{
	disk->attention = MAX(disk->attention, cmd->attention);
	if (disk->bd.removable && cmd->attention == SCSI_ATTENTION_MEDIUM)
		disk->bd.changed = true;
}

static int execute(struct scsi_disk *disk, struct scsi_command *cmd)
{
	int err = scsi_execute(disk->unit->host, cmd, BLOCK_TIMEOUT_MS);

	note_attention(disk, cmd);
	return err;
}

static int test_ready(struct scsi_disk *disk)
{
	struct scsi_command cmd;

	scsi_command_init(&cmd, disk->unit->lun, SCSI_TEST_UNIT_READY, 6);
	return execute(disk, &cmd);
}

static int read_capacity_16(struct scsi_disk *disk)
{
	uint8_t data[CAPACITY_16_LEN] = { 0 };
	struct scsi_command cmd;
	uint64_t last;
	int err;

	scsi_command_init(&cmd, disk->unit->lun, SCSI_SERVICE_ACTION_IN_16, 16);
	cmd.cdb[1] = SCSI_SA_READ_CAPACITY_16;
	be32_store(&cmd.cdb[10], sizeof(data));
	scsi_command_read(&cmd, data, sizeof(data));
	err = execute(disk, &cmd);
	if (err < 0)
		return err;
	last = be64_load(data);
	if (last == UINT64_MAX)
		return reason_fail(ERR_FORMAT, "capacity of 2^64 blocks");
	disk->bd.blocks = last + 1;
	disk->bd.block_size = be32_load(&data[8]);
	return 0;
}

static int read_capacity(struct scsi_disk *disk)
{
	uint8_t data[CAPACITY_10_LEN] = { 0 };
	struct scsi_command cmd;
	uint32_t last;
	int err;

	scsi_command_init(&cmd, disk->unit->lun, SCSI_READ_CAPACITY_10, 10);
	scsi_command_read(&cmd, data, sizeof(data));
	err = execute(disk, &cmd);
	if (err < 0)
		return err;
	last = be32_load(data);
	/* [SBC-3 5.15.2]: the capacity does not fit in here. */
	if (last == UINT32_MAX)
		return read_capacity_16(disk);
	disk->bd.blocks = (uint64_t)last + 1;
	disk->bd.block_size = be32_load(&data[4]);
	return 0;
}

/* The host may have been reset, or its last user was somebody else. */
static int open_host(struct scsi_disk *disk)
{
	struct scsi_host *host = disk->unit->host;
	int err = disk->open ? scsi_host_start(host) : scsi_host_open(host);

	disk->open |= err == 0;
	return err;
}

static int disk_start(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;
	int err = open_host(disk);

	/* A disk that is there has a capacity, and says so. */
	if (err == 0 && bd->removable)
		err = test_ready(disk);
	if (err == 0)
		err = read_capacity(disk);
	if (err < 0)
		return err;
	disk->host_start = disk->unit->host->starts;
	disk->attention = SCSI_ATTENTION_NONE;
	bd->max_blocks = 0;
	if (bd->block_size)
		bd->max_blocks =
			disk->unit->host->max_transfer / bd->block_size;
	return 0;
}

/* The capacity of the medium in a drive, or of a disk, may be another. */
static int disk_check(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;
	int err = bd->removable ? test_ready(disk) : 0;

	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	if (err < 0 || disk->attention != SCSI_ATTENTION_NONE)
		bd->started = false;
	return err;
}

/* The host was reset, by another disk perhaps, or went away by itself. */
static bool disk_lost(struct block_device *bd)
{
	const struct scsi_disk *disk = bd->priv;
	const struct scsi_host *host = disk->unit->host;

	return !host->started || host->starts != disk->host_start;
}

static struct slot *find_slot(struct scsi_disk *disk)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (!disk->slots[i].req)
			return &disk->slots[i];
	}
	return NULL;
}

static void fill_command(const struct scsi_disk *disk, struct slot *slot,
			 const struct block_request *req)
{
	struct scsi_command *cmd = &slot->cmd;
	uint64_t lun = disk->unit->lun;

	if (req->op == BLOCK_FLUSH) {
		scsi_command_init(cmd, lun, SCSI_SYNCHRONIZE_CACHE_10, 10);
		return;
	}
	scsi_cdb_transfer(cmd, lun, req->op == BLOCK_WRITE, req->lba,
			  req->count);
	cmd->dir = req->op == BLOCK_WRITE ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	cmd->buf = req->buf;
	cmd->len = req->count * disk->bd.block_size;
}

static int submit_slot(struct scsi_disk *disk, struct slot *slot)
{
	struct scsi_host *host = disk->unit->host;
	int err;

	if (disk_lost(&disk->bd))
		return reason_fail(ERR_IO,
				   "the controller was reset meanwhile");
	err = host->ops->submit(host, &slot->cmd);
	if (err == 0)
		slot->cmd.result = SCSI_PENDING;
	return err;
}

static int disk_submit(struct block_device *bd, struct block_request *req)
{
	struct scsi_disk *disk = bd->priv;
	struct slot *slot = find_slot(disk);
	int err;

	/* There is nothing to flush on a CD. */
	if (req->op == BLOCK_FLUSH && bd->read_only) {
		block_done(req, 0);
		return 0;
	}
	if (!slot)
		return reason_fail(ERR_BUSY, "%u requests are in flight",
				   SLOTS);
	fill_command(disk, slot, req);
	slot->waiting = false;
	err = submit_slot(disk, slot);
	if (err == 0)
		slot->req = req;
	return err;
}

static void disk_kick(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;
	struct scsi_host *host = disk->unit->host;

	if (host->ops->kick)
		host->ops->kick(host);
}

static void finish(struct slot *slot, int err)
{
	block_done(slot->req, err);
	slot->req = NULL;
}

/*
 * Takes the answer to a request; retries what SAM wants to be retried. A unit
 * that is busy is waited for as long as the transfer waits.
 */
static void take_answer(struct scsi_disk *disk, struct slot *slot)
{
	int err;

	slot->waiting = scsi_try_again(&slot->cmd, &err);
	note_attention(disk, &slot->cmd);
	if (slot->waiting && !disk->bd.changed)
		return;
	/* A disk without a cache may not know the command. [SBC-3 5.22] */
	if (err == ERR_NOTSUP && slot->req->op == BLOCK_FLUSH)
		err = 0;
	if (err < 0)
		scsi_explain(&slot->cmd, err);
	if (disk->bd.changed)
		err = reason_fail(ERR_IO, "its medium was changed or removed");
	if (err == 0 && slot->cmd.residual)
		err = reason_fail(ERR_IO, "%u bytes of %u are missing",
				  slot->cmd.residual, slot->cmd.len);
	finish(slot, err);
}

static void try_again(struct scsi_disk *disk, struct slot *slot)
{
	int err = submit_slot(disk, slot);

	if (err == ERR_BUSY) {
		scsi_back_off(&slot->cmd);
		return;
	}
	slot->waiting = false;
	if (err < 0)
		finish(slot, err);
}

static void disk_poll(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;
	bool again = false;
	unsigned i;

	disk->unit->host->ops->poll(disk->unit->host);
	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &disk->slots[i];

		if (slot->req && !slot->waiting &&
		    slot->cmd.result != SCSI_PENDING)
			take_answer(disk, slot);
		if (slot->req && slot->waiting && scsi_due(&slot->cmd)) {
			try_again(disk, slot);
			again = true;
		}
	}
	if (again)
		disk_kick(bd);
}

/* One that has ended while the others were aborted has its answer. */
static void give_up(struct scsi_disk *disk, struct slot *slot)
{
	if (!slot->waiting && slot->cmd.result >= 0)
		take_answer(disk, slot);
	if (!slot->req)
		return;
	scsi_explain(&slot->cmd, ERR_TIMEOUT);
	finish(slot, ERR_TIMEOUT);
}

/*
 * A unit that is only busy has lost nothing: the host, which has other units,
 * is left alone. What waits for another try tells the answer that it had.
 */
static void disk_reset(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;
	bool in_flight = false;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		in_flight |= disk->slots[i].req && !disk->slots[i].waiting;
	if (in_flight)
		scsi_host_reset(disk->unit->host);
	for (i = 0; i < SLOTS; i++) {
		if (disk->slots[i].req)
			give_up(disk, &disk->slots[i]);
	}
}

/* The host goes on for other disks. */
static void disk_stop(struct block_device *bd)
{
	struct scsi_disk *disk = bd->priv;

	if (disk->open)
		scsi_host_close(disk->unit->host);
	disk->open = false;
}

static const struct block_ops disk_ops = {
	.start = disk_start,
	.check = disk_check,
	.submit = disk_submit,
	.kick = disk_kick,
	.poll = disk_poll,
	.lost = disk_lost,
	.reset = disk_reset,
	.stop = disk_stop,
};

static int disk_describe(const struct scsi_disk *disk, struct node *node)
{
	int err = tree_set_str(node, "device_type", "block");

	if (err == 0)
		err = tree_set_u64(node, "reg", disk->unit->lun);
	if (err == 0)
		err = tree_add_alias(disk->bd.read_only ? "cdrom" : "disk",
				     node);
	return err;
}

/* No I/O: the unit has answered INQUIRY. */
static int disk_attach(struct device *dev)
{
	struct scsi_disk *disk = heap_zalloc(sizeof(*disk));
	int err;

	if (!disk)
		return reason_fail(ERR_NOMEM, "no memory");
	disk->unit = dev->scsi;
	disk->bd.dev = dev;
	disk->bd.ops = &disk_ops;
	disk->bd.priv = disk;
	disk->bd.removable = dev->scsi->removable;
	disk->bd.read_only = dev->scsi->type == SCSI_TYPE_CDROM;
	err = disk_describe(disk, dev->node);
	if (err < 0) {
		heap_free(disk);
		return err;
	}
	dev->priv = disk;
	dev->block = &disk->bd;
	return 0;
}

static void disk_quiesce(struct device *dev)
{
	struct scsi_disk *disk = dev->priv;

	block_quiesce(&disk->bd);
}

static void disk_abandon(struct device *dev)
{
	struct scsi_disk *disk = dev->priv;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		disk->slots[i].req = NULL;
	/* Its host is abandoned, too. */
	disk->open = false;
	block_abandon(&disk->bd);
}

static void disk_detach(struct device *dev)
{
	struct scsi_disk *disk = dev->priv;

	disk_quiesce(dev);
	block_release(&disk->bd);
	heap_free(disk);
}

DRIVER(scsi_disk) = {
	.name = "scsi-disk",
	.bus = BUS_SCSI,
	.scsi_types = 1u << SCSI_TYPE_DISK | 1u << SCSI_TYPE_CDROM |
		      1u << SCSI_TYPE_OPTICAL | 1u << SCSI_TYPE_RBC,
	.attach = disk_attach,
	.quiesce = disk_quiesce,
	.abandon = disk_abandon,
	.detach = disk_detach,
};

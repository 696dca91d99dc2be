// SPDX-License-Identifier: BSD-2-Clause
// SCSI disks and CDs as block devices (SBC-3, MMC-6).

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/path.h"

/* READ CAPACITY parameter data. [SBC-3 5.15.2, 5.16.2] */
#define CAPACITY_10_LEN 8u
#define CAPACITY_16_LEN 32u

/* Vital product data: Block Limits. [SBC-3 6.5.3] */
#define LIMITS_PAGE 0xb0
#define LIMITS_LEN 64u
#define LIMITS_MOST 8u /* blocks per transfer; 0: any number */
/* What any host transfers, so that there is nothing to ask or to halve. */
#define TRANSFER_SURE (64 * KiB)

/* The command of a block request. */
struct disk_command {
	struct scsi_command cmd;
	struct request *rq;
};

struct scsi_disk {
	struct block_device bd;
	struct scsi_unit *unit;
	enum scsi_attention attention; /* the worst since the start */
	struct request_queue queue;    /* relays to the host's queue */
	struct request *slots[BLOCK_FLIGHT];
	struct disk_command commands[BLOCK_FLIGHT];
};

/* Remembers unit attentions until the next start. */
static void disk_note(struct scsi_disk *disk, const struct scsi_command *cmd)
{
	disk->attention = MAX(disk->attention, cmd->attention);
	if (disk->bd.removable && cmd->attention == SCSI_ATTENTION_MEDIUM)
		disk->bd.changed = true;
}

static int disk_execute(struct scsi_disk *disk, struct scsi_command *cmd)
{
	int err = scsi_execute(disk->unit->host, cmd, block_timeout());

	disk_note(disk, cmd);
	/* A disk has these commands, and was there at the scan. */
	return err > ERR_IO && err < 0 && err != ERR_NOMEDIUM ? ERR_IO : err;
}

static int disk_test_ready(struct scsi_disk *disk)
{
	struct scsi_command cmd;

	scsi_command_init(&cmd, disk->unit->lun, SCSI_TEST_UNIT_READY, 6);
	return disk_execute(disk, &cmd);
}

/* `large`: READ CAPACITY(16), otherwise (10). */
static int disk_read_capacity(struct scsi_disk *disk, bool large)
{
	uint8_t data[CAPACITY_16_LEN] = { 0 };
	struct scsi_command cmd;
	int err;

	scsi_command_init(&cmd, disk->unit->lun,
			  large ? SCSI_SERVICE_ACTION_IN_16
				: SCSI_READ_CAPACITY_10,
			  large ? 16 : 10);
	if (large) {
		cmd.cdb[1] = SCSI_SA_READ_CAPACITY_16;
		be32_store(&cmd.cdb[10], sizeof(data));
	}
	scsi_command_read(&cmd, data,
			  large ? CAPACITY_16_LEN : CAPACITY_10_LEN);
	err = disk_execute(disk, &cmd);
	if (err < 0)
		return err;
	disk->bd.blocks = large ? be64_load(data) : be32_load(data);
	disk->bd.block_size = be32_load(&data[large ? 8 : 4]);
	if (disk->bd.blocks == UINT64_MAX)
		return reason_fail(ERR_FORMAT, "capacity of 2^64 blocks");
	/* So far the number of the last block. */
	disk->bd.blocks++;
	return 0;
}

/*
 * Where a unit of the host is passed through, the host's kernel refuses what is
 * larger than these say. Old devices may not survive the question: like Linux,
 * ask from SPC-3 on. [include/scsi/scsi_device.h, scsi_device_supports_vpd]
 */
static bool disk_has_limits(const struct scsi_unit *unit)
{
	return unit->host->vital && unit->type == SCSI_TYPE_DISK &&
	       unit->version >= SCSI_SPC_3;
}

/* In flight with what follows: it costs no notification. */
static void disk_ask_limits(const struct scsi_disk *disk,
			    struct scsi_command *cmd, uint8_t *data)
{
	scsi_cdb_inquiry(cmd, disk->unit->lun, data, LIMITS_LEN);
	cmd->cdb[1] = SCSI_INQUIRY_EVPD;
	cmd->cdb[2] = LIMITS_PAGE;
	cmd->rq.timeout_ms = block_timeout();
	request_add(&disk->unit->host->queue, &cmd->rq);
}

/* The most bytes of a transfer; a unit may have no such page. Keeps reason(). */
static uint64_t disk_take_limits(const struct scsi_disk *disk,
				 const struct scsi_command *cmd)
{
	const uint8_t *data = cmd->buf;
	struct reason_kept kept;
	uint32_t most = 0;

	reason_keep(&kept);
	while (cmd->rq.status == REQUEST_PENDING)
		request_wait();
	reason_put_back(&kept);
	if (cmd->rq.status == 0 && data[1] == LIMITS_PAGE &&
	    cmd->residual <= LIMITS_LEN - LIMITS_MOST - sizeof(most))
		most = be32_load(&data[LIMITS_MOST]);
	return most ? (uint64_t)most * disk->bd.block_size : UINT64_MAX;
}

/* Capacity and limits, at once. */
static int disk_read_size(struct scsi_disk *disk)
{
	struct block_device *bd = &disk->bd;
	uint64_t most = disk->unit->host->max_transfer;
	uint8_t data[LIMITS_LEN] = { 0 };
	struct scsi_command limits;
	int err;

	if (disk_has_limits(disk->unit))
		disk_ask_limits(disk, &limits, data);
	err = disk_read_capacity(disk, false);
	/* The capacity does not fit in 32 bits. [SBC-3 5.15.2] */
	if (err == 0 && bd->blocks > UINT32_MAX)
		err = disk_read_capacity(disk, true);
	if (disk_has_limits(disk->unit))
		most = MIN(most, disk_take_limits(disk, &limits));
	bd->max_blocks = 0;
	if (bd->block_size)
		bd->max_blocks = (uint32_t)(most / bd->block_size);
	return err;
}

static int disk_start(struct device *dev)
{
	struct scsi_disk *disk = dev->priv;
	int err = 0;

	/* A fixed disk always has a medium. */
	if (disk->bd.removable)
		err = disk_test_ready(disk);
	if (err == 0)
		err = disk_read_size(disk);
	if (err == 0)
		disk->attention = SCSI_ATTENTION_NONE;
	return err;
}

/* A drive's medium and a disk's capacity may have changed. */
static int disk_check(struct block_device *bd)
{
	struct scsi_disk *disk = container_of(bd, struct scsi_disk, bd);
	int err = bd->removable ? disk_test_ready(disk) : 0;

	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	return err < 0 ? err : disk->attention != SCSI_ATTENTION_NONE;
}

static void disk_fill_command(const struct scsi_disk *disk,
			      struct scsi_command *cmd,
			      const struct block_request *req)
{
	uint64_t lun = disk->unit->lun;

	if (req->op == BLOCK_FLUSH) {
		scsi_command_init(cmd, lun, SCSI_SYNCHRONIZE_CACHE_10, 10);
		return;
	}
	scsi_cdb_transfer(cmd, lun, req->op == BLOCK_WRITE, req->lba,
			  req->count);
	cmd->one_medium = disk->bd.removable;
	cmd->dir = req->op == BLOCK_WRITE ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	cmd->buf = req->buf;
	cmd->len = req->count * disk->bd.block_size;
}

/*
 * The host may refuse a large transfer without having said so: halve it, and
 * all that follow.
 */
static int disk_refused(struct scsi_disk *disk, const struct scsi_command *cmd)
{
	uint32_t half = cmd->len / 2 / disk->bd.block_size;

	if (cmd->len <= TRANSFER_SURE)
		return ERR_IO;
	disk->bd.max_blocks = MIN(disk->bd.max_blocks, half);
	return ERR_NOSPACE;
}

/* The block request's status; sets the reason. */
static int disk_result(struct scsi_disk *disk, const struct scsi_command *cmd,
		       enum block_op op)
{
	int err = cmd->rq.status;

	if (disk->bd.changed)
		return reason_fail(ERR_IO, "the medium was changed or removed");
	/* A disk without a cache may not support it. [SBC-3 5.22] */
	if (err == ERR_NOTSUP && op == BLOCK_FLUSH)
		return 0;
	if (err < 0 && !cmd->rq.why[0])
		return reason_fail(err, "the device is gone");
	if (err == ERR_INVAL)
		err = disk_refused(disk, cmd);
	if (err < 0)
		return reason_fail(err, "%s", cmd->rq.why);
	if (cmd->residual)
		return reason_fail(ERR_IO, "%u bytes of %u are missing",
				   cmd->residual, cmd->len);
	return 0;
}

static void disk_command_done(struct request *rq)
{
	struct disk_command *command =
		container_of(rq, struct disk_command, cmd.rq);
	struct request *block_rq = command->rq;
	struct scsi_disk *disk =
		container_of(block_rq->queue, struct scsi_disk, queue);

	disk_note(disk, &command->cmd);
	request_done(block_rq, disk_result(disk, &command->cmd,
					   block_request_of(block_rq)->op));
}

static int disk_submit(struct request_queue *queue, struct request *rq)
{
	struct scsi_disk *disk = container_of(queue, struct scsi_disk, queue);
	struct disk_command *command = &disk->commands[rq->slot];
	const struct block_request *req = block_request_of(rq);

	/* A CD has nothing to flush. */
	if (req->op == BLOCK_FLUSH && disk->bd.read_only) {
		request_done(rq, 0);
		return 0;
	}
	disk_fill_command(disk, &command->cmd, req);
	command->rq = rq;
	command->cmd.rq.timeout_ms = rq->timeout_ms;
	command->cmd.rq.done = disk_command_done;
	request_add(&disk->unit->host->queue, &command->cmd.rq);
	return 0;
}

static const struct request_ops disk_ops = { .submit = disk_submit };

static int disk_describe(struct scsi_disk *disk, struct device *dev)
{
	int err = device_add_role(dev, &disk->bd.as, &block_role);

	if (err == 0)
		err = tree_set_u64(dev->node, "reg", disk->unit->lun);
	if (err == 0)
		err = tree_add_alias(disk->bd.read_only ? "cdrom" : "disk",
				     dev->node);
	return err;
}

/* No I/O: the scan has sent INQUIRY. */
static int disk_attach(struct device *dev)
{
	struct scsi_unit *unit = scsi_unit_of(dev);
	struct scsi_disk *disk = heap_zalloc(sizeof(*disk));
	int err;

	if (!disk)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = disk;
	disk->unit = unit;
	request_queue_init(&disk->queue, dev, &disk_ops, disk->slots,
			   ARRAY_SIZE(disk->slots));
	disk->bd.queue = &disk->queue;
	disk->bd.check = disk_check;
	disk->bd.removable = unit->removable;
	disk->bd.product = unit->product;
	disk->bd.read_only = unit->type == SCSI_TYPE_CDROM;
	err = disk_describe(disk, dev);
	if (err < 0)
		heap_free(disk);
	return err;
}

static void disk_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static const uint32_t disk_types = SCSI_DISK_TYPES;

DRIVER(scsi_disk) = {
	.name = "scsi-disk",
	.bus = &scsi_bus,
	.match = &disk_types,
	.attach = disk_attach,
	.start = disk_start,
	.detach = disk_detach,
};

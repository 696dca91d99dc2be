// SPDX-License-Identifier: BSD-2-Clause
// The disk-label package: instances of disks, partitions and files.
#include "drivers/block.h"
#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/disk_bootable.h"
#include "packages/disk_target.h"

struct disk_label {
	struct disk_target target;
	uint64_t pos;
};

/* At the end: the remaining bytes, then 0, no message: clients probe there. */
static long disk_label_read(struct instance *inst, void *buf, size_t len)
{
	struct disk_label *label = inst->priv;
	uint64_t size = disk_target_size(&label->target);
	int err;

	if (label->pos >= size)
		return 0;
	len = (size_t)MIN(len, size - label->pos);
	err = disk_target_read(&label->target, label->pos, buf, len);
	if (err < 0)
		return err;
	label->pos += len;
	return (long)len;
}

static long disk_label_write(struct instance *inst, const void *buf, size_t len)
{
	struct disk_label *label = inst->priv;
	int err;

	if (label->target.is_file)
		return reason_fail(ERR_PERM, "files are read-only");
	err = volume_write(&label->target.vol, label->pos, buf, len);
	if (err < 0)
		return err;
	label->pos += len;
	return (long)len;
}

/* Any position, as in SLOF: a read past the end returns 0. */
static int disk_label_seek(struct instance *inst, uint64_t pos)
{
	struct disk_label *label = inst->priv;

	label->pos = pos;
	return 0;
}

static long disk_label_size(struct instance *inst)
{
	const struct disk_label *label = inst->priv;

	return (long)disk_target_size(&label->target);
}

static void disk_label_close(struct instance *inst)
{
	struct disk_label *label = inst->priv;

	disk_target_close(&label->target);
	heap_free(label);
}

/* block-size ( -- n ): of the device. */
static int disk_label_block_size(struct instance *inst, const cell_t *args,
				 cell_t *rets)
{
	const struct disk_label *label = inst->priv;

	(void)args;
	rets[0] = label->target.vol.block_size;
	return 0;
}

/* #blocks ( -- n ): of the disk or partition, at most what fits in a cell. */
static int disk_label_blocks(struct instance *inst, const cell_t *args,
			     cell_t *rets)
{
	const struct disk_label *label = inst->priv;
	const struct volume *vol = &label->target.vol;

	(void)args;
	rets[0] = (cell_t)MIN(vol->size / vol->block_size, UINT32_MAX);
	return 0;
}

static const struct instance_ops disk_label_ops = {
	.read = disk_label_read,
	.write = disk_label_write,
	.seek = disk_label_seek,
	.size = disk_label_size,
	.close = disk_label_close,
};

static const struct method disk_label_methods[] = {
	{ "block-size", 0, 1, disk_label_block_size },
	{ "#blocks", 0, 1, disk_label_blocks },
	{ 0 },
};

static int disk_label_open(struct instance *inst)
{
	struct disk_label *label = heap_zalloc(sizeof(*label));
	int err;

	if (!label)
		return reason_fail(ERR_NOMEM, "no memory for a disk label");
	err = disk_target_open(inst->parent->priv, inst->args, &label->target);
	if (err < 0)
		goto err_label;
	if (label->target.is_file && label->target.file.is_directory) {
		err = reason_fail(ERR_NOENT, "\"%s\" is a directory",
				  inst->args);
		goto err_target;
	}
	inst->priv = label;
	return 0;

err_target:
	disk_target_close(&label->target);
err_label:
	heap_free(label);
	return err;
}

/* The parent instance is a disk; its `priv` is the block device. */
PACKAGE(disk_label) = {
	.name = "disk-label",
	.role = &block_role,
	.ops = &disk_label_ops,
	.methods = disk_label_methods,
	.open = disk_label_open,
	.boot = &disk_bootable,
};

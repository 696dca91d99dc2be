// SPDX-License-Identifier: BSD-2-Clause
// Block devices: start, open, close; detecting a changed medium.

#include "drivers/block.h"
#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * Generations: callers store block numbers, which are valid for one medium and
 * one geometry. `medium` counts these. It only changes when the device is
 * opened, never during a transfer:
 *
 *	block_open()	start or check	changed: new generation, open
 *	block_use()	restart		changed: ERR_IO, until the next open
 *
 * An instance that was opened on the old medium gets ERR_IO, from block_use()
 * or block_check_medium(), but never data of another medium.
 */
static int block_fail(const struct block_device *bd, int err)
{
	return reason_fail(err, "%s %s: %s", bd->as.dev->driver->name,
			   device_path(bd->as.dev), reason());
}

static int block_check_geometry(const struct block_device *bd)
{
	if (bd->block_size < BLOCK_SIZE_MIN ||
	    bd->block_size > BLOCK_SIZE_MAX || !IS_POWER_OF_2(bd->block_size))
		return reason_fail(
			ERR_FORMAT,
			"block size %u is not a power of two from %u to %u",
			bd->block_size, BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
	if (bd->max_blocks == 0)
		return reason_fail(ERR_FORMAT,
				   "requests cannot hold a block of %u bytes",
				   bd->block_size);
	return 0;
}

/* At start, so that reading needs no memory. Aligned for any device. */
static int block_allocate(struct block_device *bd)
{
	if (!bd->bounce)
		bd->bounce = heap_alloc_aligned(BLOCK_SIZE_MAX, BLOCK_SIZE_MAX);
	if (!bd->flight)
		bd->flight = heap_zalloc(BLOCK_FLIGHT * sizeof(*bd->flight));
	if (bd->bounce && bd->flight)
		return 0;
	return reason_fail(ERR_NOMEM, "no memory for requests");
}

static int block_start(struct block_device *bd)
{
	int err;

	/* check() may ask for a restart. */
	if (device_is_up(bd->as.dev))
		device_stop(bd->as.dev);
	err = device_start(bd->as.dev);
	if (err == 0 && bd->measure)
		err = bd->measure(bd);
	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	/* It was there when its node was made. */
	if (err == ERR_NODEV && bd->as.dev->state != DEVICE_QUIESCED)
		err = ERR_IO;
	if (err == 0)
		err = block_check_geometry(bd);
	if (err == 0)
		err = block_allocate(bd);
	if (err < 0)
		return err;
	bd->max_blocks =
		MIN(bd->max_blocks, BLOCK_REQUEST_MAX / bd->block_size);
	return 0;
}

static int block_fail_changed(void)
{
	return reason_fail(ERR_IO, "the medium was changed or removed");
}

/*
 * Is it the same device and medium as before? A disk may grow; a removable
 * medium of another size is another one. (One of the same size goes unnoticed
 * if a reset has cleared the unit attention.)
 */
static int block_check_same(const struct block_device *bd,
			    const struct block_device *was)
{
	if (bd->changed)
		return block_fail_changed();
	if (bd->block_size != was->block_size)
		return reason_fail(ERR_IO, "block size changed from %u to %u",
				   was->block_size, bd->block_size);
	if (bd->blocks < was->blocks ||
	    (bd->removable && bd->blocks != was->blocks))
		return reason_fail(ERR_IO,
				   "capacity changed from %llu to %llu blocks",
				   (unsigned long long)was->blocks,
				   (unsigned long long)bd->blocks);
	return 0;
}

/* Discards the geometry that a failed start has read. */
static void block_undo(struct block_device *bd, const struct block_device *was)
{
	bd->block_size = was->block_size;
	bd->blocks = was->blocks;
	bd->max_blocks = was->max_blocks;
	bd->read_only = was->read_only;
}

/* `anew`: another medium or geometry is allowed. */
static int block_bring_up(struct block_device *bd, bool anew)
{
	const struct block_device was = *bd;
	struct reason_kept kept;
	bool same;
	int err;

	err = block_start(bd);
	same = err == 0 && was.medium && block_check_same(bd, &was) == 0;
	if (err == 0 && !same && !anew)
		err = ERR_IO;
	if (err < 0) {
		block_undo(bd, &was);
		reason_keep(&kept);
		device_stop(bd->as.dev);
		reason_put_back(&kept);
		return block_fail(bd, err);
	}
	bd->changed = false;
	bd->medium += !same;
	bd->starts = bd->as.dev->starts;
	return 0;
}

/* It may be up for the sake of its children, since a reset of theirs. */
static bool block_is_up(const struct block_device *bd)
{
	return device_is_up(bd->as.dev) && bd->starts == bd->as.dev->starts;
}

/* Returns whether the device must be started; or an error. */
static int block_check(struct block_device *bd)
{
	int rc = 0;

	if (!block_is_up(bd) || bd->changed)
		return 1;
	if (bd->check)
		rc = bd->check(bd);
	return rc < 0 ? block_fail(bd, rc) : rc;
}

int block_open(struct block_device *bd)
{
	int rc = block_check(bd);

	if (rc > 0)
		rc = block_bring_up(bd, true);
	return rc < 0 ? rc : device_open(bd->as.dev);
}

static void block_flush_dirty(struct block_device *bd)
{
	if (bd->dirty && block_flush(bd) < 0)
		log_err("%s", reason());
	bd->dirty = false;
}

/* Keeps the reason of an earlier failure. */
void block_close(struct block_device *bd)
{
	struct reason_kept kept;

	reason_keep(&kept);
	if (bd->as.dev->users)
		block_flush_dirty(bd);
	device_close(bd->as.dev);
	reason_put_back(&kept);
}

int block_use(struct block_device *bd)
{
	if (bd->changed && bd->medium)
		return block_fail(bd, block_fail_changed());
	if (block_is_up(bd))
		return 0;
	return block_bring_up(bd, bd->medium == 0);
}

int block_check_medium(const struct block_device *bd, uint32_t medium)
{
	if (medium == bd->medium)
		return 0;
	return block_fail(bd, block_fail_changed());
}

void block_sync(struct block_device *bd)
{
	struct reason_kept kept;

	if (!bd->dirty)
		return;
	reason_keep(&kept);
	block_flush_dirty(bd);
	if (!bd->as.dev->users)
		device_stop(bd->as.dev);
	reason_put_back(&kept);
}

static struct block_device *block_as(struct device_role *as)
{
	return container_of(as, struct block_device, as);
}

struct block_device *block_of(const struct device *dev)
{
	struct device_role *as = device_role(dev, &block_role);

	return as ? block_as(as) : NULL;
}

static int block_role_open(struct instance *inst, struct device_role *as)
{
	inst->priv = block_as(as);
	return block_open(inst->priv);
}

static void block_role_close(struct instance *inst)
{
	block_close(inst->priv);
}

static void block_role_sync(struct device_role *as)
{
	block_sync(block_as(as));
}

static void block_role_release(struct device_role *as)
{
	struct block_device *bd = block_as(as);

	heap_free(bd->bounce);
	heap_free(bd->flight);
}

/* disk-label, interposed on its instances, reads and writes. */
static const struct instance_ops block_role_ops = { .close = block_role_close };

const struct role block_role = {
	.device_type = "block",
	.ops = &block_role_ops,
	.open = block_role_open,
	.sync = block_role_sync,
	.release = block_role_release,
};

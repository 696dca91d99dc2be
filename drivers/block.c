// SPDX-License-Identifier: BSD-2-Clause
// Block devices: brought up, opened, closed; whether they are what they were.

#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

static int fail_device(const struct block_device *bd, int err)
{
	return reason_fail(err, "%s %s: %s", bd->dev->driver->name,
			   device_path(bd->dev), reason());
}

static int check_geometry(const struct block_device *bd)
{
	if (bd->block_size < BLOCK_SIZE_MIN ||
	    bd->block_size > BLOCK_SIZE_MAX || !IS_POWER_OF_2(bd->block_size))
		return reason_fail(
			ERR_FORMAT,
			"block size %u is not a power of two from %u to %u",
			bd->block_size, BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
	if (bd->max_blocks == 0)
		return reason_fail(
			ERR_FORMAT,
			"its requests cannot hold a block of %u bytes",
			bd->block_size);
	return 0;
}

static int start(struct block_device *bd)
{
	int err = bd->ops->start(bd);

	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	if (err < 0)
		return err;
	err = check_geometry(bd);
	if (err < 0)
		return err;
	bd->max_blocks =
		MIN(bd->max_blocks, BLOCK_REQUEST_MAX / bd->block_size);
	/* Allocated here, so that reading needs no memory. */
	if (!bd->bounce)
		bd->bounce = heap_alloc(BLOCK_SIZE_MAX);
	return bd->bounce ? 0 : reason_fail(ERR_NOMEM, "no memory for a block");
}

static int fail_changed(void)
{
	return reason_fail(ERR_IO, "its medium was changed or removed");
}

/*
 * Is it the device that it was? One that grew is; a removable medium of
 * another size is another one. (One of the same size is not noticed where a
 * reset has hidden the unit attention.)
 */
static int check_same(const struct block_device *bd,
		      const struct block_device *was)
{
	if (bd->changed)
		return fail_changed();
	if (bd->block_size != was->block_size)
		return reason_fail(ERR_IO,
				   "its block size changed from %u to %u",
				   was->block_size, bd->block_size);
	if (bd->blocks < was->blocks ||
	    (bd->removable && bd->blocks != was->blocks))
		return reason_fail(
			ERR_IO, "its capacity changed from %llu to %llu blocks",
			(unsigned long long)was->blocks,
			(unsigned long long)bd->blocks);
	return 0;
}

/* What a start that failed has found does not count. */
static void restore(struct block_device *bd, const struct block_device *was)
{
	bd->block_size = was->block_size;
	bd->blocks = was->blocks;
	bd->max_blocks = was->max_blocks;
	bd->read_only = was->read_only;
}

static void stop(struct block_device *bd)
{
	bd->ops->stop(bd);
	bd->started = false;
}

/* `anew`: it may be another one than it was. */
static int bring_up(struct block_device *bd, bool anew)
{
	const struct block_device was = *bd;
	struct reason_kept kept;
	bool same;
	int err;

	bd->started = false;
	err = start(bd);
	same = err == 0 && was.medium && check_same(bd, &was) == 0;
	if (err == 0 && !same && !anew)
		err = ERR_IO;
	if (err < 0) {
		restore(bd, &was);
		reason_keep(&kept);
		stop(bd);
		reason_put_back(&kept);
		return fail_device(bd, err);
	}
	bd->started = true;
	bd->changed = false;
	bd->medium += !same;
	return 0;
}

bool block_is_up(struct block_device *bd)
{
	if (bd->started && bd->ops->lost && bd->ops->lost(bd))
		bd->started = false;
	return bd->started;
}

static int check_quiesced(const struct block_device *bd)
{
	if (!bd->quiesced)
		return 0;
	reason_fail(ERR_NODEV, "it was shut down");
	return fail_device(bd, ERR_NODEV);
}

/* Whoever opens it now may meet another medium than those before. */
static int check(struct block_device *bd)
{
	int err = bd->ops->check ? bd->ops->check(bd) : 0;

	return err < 0 ? fail_device(bd, err) : 0;
}

int block_open(struct block_device *bd)
{
	int err = check_quiesced(bd);

	if (err == 0 && block_is_up(bd) && !bd->changed)
		err = check(bd);
	if (err == 0 && (!bd->started || bd->changed))
		err = bring_up(bd, true);
	bd->users += err == 0;
	return err;
}

static void sync(struct block_device *bd)
{
	if (bd->dirty && block_flush(bd) < 0)
		log_err("%s", reason());
	bd->dirty = false;
}

/* What has failed before is told, not what fails here. */
void block_close(struct block_device *bd)
{
	struct reason_kept kept;

	/* It was abandoned meanwhile. */
	if (!bd->users)
		return;
	reason_keep(&kept);
	sync(bd);
	if (--bd->users == 0)
		stop(bd);
	reason_put_back(&kept);
}

void block_abandon(struct block_device *bd)
{
	bd->users = 0;
	stop(bd);
}

void block_quiesce(struct block_device *bd)
{
	sync(bd);
	bd->quiesced = true;
	stop(bd);
}

int block_use(struct block_device *bd)
{
	int err = check_quiesced(bd);

	if (err == 0 && bd->changed && bd->medium)
		return fail_device(bd, fail_changed());
	if (err < 0 || block_is_up(bd))
		return err;
	return bring_up(bd, bd->medium == 0);
}

int block_check_medium(const struct block_device *bd, uint32_t medium)
{
	if (medium == bd->medium)
		return 0;
	return fail_device(bd, fail_changed());
}

void block_release(struct block_device *bd)
{
	heap_free(bd->bounce);
	bd->bounce = NULL;
	bd->started = false;
}

void block_sync(struct block_device *bd)
{
	struct reason_kept kept;

	if (!bd->dirty)
		return;
	reason_keep(&kept);
	sync(bd);
	if (!bd->users)
		stop(bd);
	reason_put_back(&kept);
}

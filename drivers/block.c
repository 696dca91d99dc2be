// SPDX-License-Identifier: BSD-2-Clause
// Block devices: brought up, opened, closed; whether they are what they were.

#include "drivers/block.h"
#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

static int fail_device(const struct block_device *bd, int err)
{
	return reason_fail(err, "%s %s: %s", bd->as.dev->driver->name,
			   device_path(bd->as.dev), reason());
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

/* Here, so that reading needs no memory. */
static int allocate(struct block_device *bd)
{
	if (!bd->bounce)
		bd->bounce = heap_alloc(BLOCK_SIZE_MAX);
	if (!bd->window)
		bd->window = heap_zalloc(BLOCK_WINDOW * sizeof(*bd->window));
	if (bd->bounce && bd->window)
		return 0;
	return reason_fail(ERR_NOMEM, "no memory for requests");
}

static int start(struct block_device *bd)
{
	int err;

	/* It is up if it has to look again. */
	if (device_is_up(bd->as.dev))
		device_stop(bd->as.dev);
	err = device_start(bd->as.dev);
	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	if (err == 0)
		err = check_geometry(bd);
	if (err == 0)
		err = allocate(bd);
	if (err < 0)
		return err;
	bd->max_blocks =
		MIN(bd->max_blocks, BLOCK_REQUEST_MAX / bd->block_size);
	return 0;
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

/* `anew`: it may be another one than it was. */
static int bring_up(struct block_device *bd, bool anew)
{
	const struct block_device was = *bd;
	struct reason_kept kept;
	bool same;
	int err;

	err = start(bd);
	same = err == 0 && was.medium && check_same(bd, &was) == 0;
	if (err == 0 && !same && !anew)
		err = ERR_IO;
	if (err < 0) {
		restore(bd, &was);
		reason_keep(&kept);
		device_stop(bd->as.dev);
		reason_put_back(&kept);
		return fail_device(bd, err);
	}
	bd->changed = false;
	bd->medium += !same;
	return 0;
}

/*
 * Whoever opens it now may meet another medium than those before. Returns
 * whether it has to be started again.
 */
static int check(struct block_device *bd)
{
	int rc = 0;

	if (!device_is_up(bd->as.dev) || bd->changed)
		return 1;
	if (bd->check)
		rc = bd->check(bd);
	return rc < 0 ? fail_device(bd, rc) : rc;
}

int block_open(struct block_device *bd)
{
	int rc = check(bd);

	if (rc > 0)
		rc = bring_up(bd, true);
	return rc < 0 ? rc : device_open(bd->as.dev);
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

	reason_keep(&kept);
	if (bd->as.dev->users)
		sync(bd);
	device_close(bd->as.dev);
	reason_put_back(&kept);
}

int block_use(struct block_device *bd)
{
	if (bd->changed && bd->medium)
		return fail_device(bd, fail_changed());
	if (device_is_up(bd->as.dev))
		return 0;
	return bring_up(bd, bd->medium == 0);
}

int block_check_medium(const struct block_device *bd, uint32_t medium)
{
	if (medium == bd->medium)
		return 0;
	return fail_device(bd, fail_changed());
}

void block_sync(struct block_device *bd)
{
	struct reason_kept kept;

	if (!bd->dirty)
		return;
	reason_keep(&kept);
	sync(bd);
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

static int role_open(struct instance *inst, struct device_role *as)
{
	inst->priv = block_as(as);
	return block_open(inst->priv);
}

static void role_close(struct instance *inst)
{
	block_close(inst->priv);
}

static void role_sync(struct device_role *as)
{
	block_sync(block_as(as));
}

static void role_release(struct device_role *as)
{
	struct block_device *bd = block_as(as);

	heap_free(bd->bounce);
	heap_free(bd->window);
}

/* What its instances read and write is disk-label's, which stands on them. */
static const struct instance_ops role_ops = { .close = role_close };

const struct role block_role = {
	.device_type = "block",
	.ops = &role_ops,
	.open = role_open,
	.sync = role_sync,
	.release = role_release,
};

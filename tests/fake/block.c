// SPDX-License-Identifier: BSD-2-Clause
// A block device in memory.
#include "tests/fake/block.h"

#include <stdlib.h>
#include <string.h>

#include "lib/reason.h"

/* These disks have no tree. */
const char *device_path(const struct device *dev)
{
	(void)dev;
	return "/fake/disk@0";
}

#define FAKE_QUEUE 8

/* The device's queue: filled by submit(), emptied by poll(). */
static struct block_request *fake_queue[FAKE_QUEUE];
static unsigned fake_queued;

static int fake_start(struct block_device *bd)
{
	struct fake_block *fake = bd->priv;

	if (fake->start_error)
		return reason_fail(fake->start_error,
				   "the fake disk does not start");
	bd->block_size = fake->block_size;
	bd->max_blocks = 64;
	bd->blocks = fake->blocks ? fake->blocks
				  : fake->size / fake->block_size;
	return 0;
}

static int fake_submit(struct block_device *bd, struct block_request *req)
{
	(void)bd;
	if (fake_queued == FAKE_QUEUE)
		return ERR_BUSY;
	fake_queue[fake_queued++] = req;
	return 0;
}

static void fake_copy(struct fake_block *fake, struct block_request *req)
{
	uint64_t offset = req->lba * fake->block_size;
	size_t len = (size_t)req->count * fake->block_size;
	size_t have = 0;

	if (offset < fake->size)
		have = MIN(len, fake->size - offset);
	if (req->op == BLOCK_WRITE) {
		fake->writes++;
		memcpy(fake->data + offset, req->buf, have);
		return;
	}
	fake->reads++;
	fake->blocks_read += req->count;
	if (have)
		memcpy(req->buf, fake->data + offset, have);
	memset((uint8_t *)req->buf + have, 0, len - have);
}

static void fake_answer(struct fake_block *fake, struct block_request *req)
{
	uint64_t last = req->lba + req->count - 1;

	if (fake->bad_first <= fake->bad_last && req->lba <= fake->bad_last &&
	    last >= fake->bad_first) {
		block_done(req, reason_fail(ERR_IO,
					    "the fake disk has a bad block"));
		return;
	}
	if (req->op == BLOCK_FLUSH)
		fake->flushes++;
	else
		fake_copy(fake, req);
	block_done(req, 0);
}

static void fake_poll(struct block_device *bd)
{
	unsigned i;

	for (i = 0; i < fake_queued; i++)
		fake_answer(bd->priv, fake_queue[i]);
	fake_queued = 0;
}

static void fake_reset(struct block_device *bd)
{
	(void)bd;
	fake_queued = 0;
}

static void fake_stop(struct block_device *bd)
{
	struct fake_block *fake = bd->priv;

	fake->stops++;
}

static const struct block_ops fake_block_ops = {
	.start = fake_start,
	.submit = fake_submit,
	.poll = fake_poll,
	.reset = fake_reset,
	.stop = fake_stop,
};

void fake_block_init(struct fake_block *fake, const void *data, size_t size,
		     uint32_t block_size)
{
	*fake = (struct fake_block){ .driver.name = "fake-disk",
				     .data = calloc(1, size ? size : 1),
				     .size = size,
				     .block_size = block_size,
				     .bad_first = 1 };
	if (data)
		memcpy(fake->data, data, size);
	fake->bd.dev = &fake->dev;
	fake->bd.ops = &fake_block_ops;
	fake->bd.priv = fake;
	fake->dev.driver = &fake->driver;
	fake->dev.block = &fake->bd;
}

void fake_block_cut(struct fake_block *fake, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);

	memcpy(data, fake->data, size);
	free(fake->data);
	fake->data = data;
	fake->size = size;
	fake->bd.started = false;
	fake->bd.medium = 0;
}

void fake_block_free(struct fake_block *fake)
{
	block_release(&fake->bd);
	free(fake->data);
}

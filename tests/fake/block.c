// SPDX-License-Identifier: BSD-2-Clause
// A block device in memory.
#include "tests/fake/block.h"

#include <stdlib.h>
#include <string.h>

#include "lib/reason.h"

static struct fake_block *fake_of(const struct device *dev)
{
	return dev->bus_data;
}

static int fake_start(struct device *dev)
{
	struct fake_block *fake = fake_of(dev);
	struct block_device *bd = &fake->bd;

	fake->running = true;
	if (fake->start_error)
		return reason_fail(fake->start_error,
				   "the fake disk does not start");
	bd->block_size = fake->block_size;
	bd->max_blocks = 64;
	bd->blocks = fake->blocks ? fake->blocks
				  : fake->size / fake->block_size;
	return 0;
}

static void fake_stop(struct device *dev)
{
	fake_of(dev)->running = false;
	fake_of(dev)->stops++;
}

static int fake_submit(struct request_queue *queue, struct request *rq)
{
	(void)rq;
	assert(fake_of(queue->dev)->running);
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

static int fake_answer(struct fake_block *fake, struct block_request *req)
{
	uint64_t last = req->lba + req->count - 1;

	if (fake->bad_first <= fake->bad_last && req->lba <= fake->bad_last &&
	    last >= fake->bad_first)
		return reason_fail(ERR_IO, "the fake disk has a bad block");
	if (req->op == BLOCK_FLUSH)
		fake->flushes++;
	else
		fake_copy(fake, req);
	return 0;
}

static void fake_poll(struct request_queue *queue)
{
	struct fake_block *fake = fake_of(queue->dev);
	struct request *rq;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(fake->slots); i++) {
		rq = fake->slots[i];
		if (rq)
			request_done(rq,
				     fake_answer(fake, block_request_of(rq)));
	}
}

static const struct request_ops fake_ops = {
	.submit = fake_submit,
	.poll = fake_poll,
};

static bool fake_match(const struct device *dev, const void *match)
{
	(void)dev;
	(void)match;
	return true;
}

static const struct bus fake_bus = { .name = "fake", .match = fake_match };

static int fake_attach(struct device *dev)
{
	struct fake_block *fake = fake_of(dev);

	fake->dev = dev;
	fake->bd.queue = &fake->queue;
	request_queue_init(&fake->queue, dev, &fake_ops, fake->slots,
			   ARRAY_SIZE(fake->slots));
	return device_add_role(dev, &fake->bd.as, &block_role);
}

DRIVER(fake_block) = {
	.name = "fake-disk",
	.bus = &fake_bus,
	.attach = fake_attach,
	.start = fake_start,
	.stop = fake_stop,
};

static void fake_plug(struct fake_block *fake)
{
	int err = tree_init();
	struct node *node;

	assert(err == 0);
	device_init();
	node = tree_add_node(tree_root(), "fake", TREE_QEMU);
	node = tree_add_node(node, "disk@0", TREE_QEMU);
	assert(node);
	device_add(NULL, &fake_bus, node, fake);
	assert(fake->dev);
}

void fake_block_init(struct fake_block *fake, const void *data, size_t size,
		     uint32_t block_size)
{
	*fake = (struct fake_block){ .data = calloc(1, size ? size : 1),
				     .size = size,
				     .block_size = block_size,
				     .bad_first = 1 };
	if (data)
		memcpy(fake->data, data, size);
	fake_plug(fake);
}

void fake_block_cut(struct fake_block *fake, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);

	memcpy(data, fake->data, size);
	free(fake->data);
	fake->data = data;
	fake->size = size;
	device_stop(fake->dev);
	fake->bd.medium = 0;
}

void fake_block_free(struct fake_block *fake)
{
	tree_remove_node(fake->dev->node);
	tree_free();
	free(fake->data);
}

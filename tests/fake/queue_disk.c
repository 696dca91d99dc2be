// SPDX-License-Identifier: BSD-2-Clause
// A disk with a queue: see tests/fake/queue_disk.h.
#include "tests/fake/queue_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include "tests/fake/timebase.h"

struct queue_disk queue_disk;
static struct device dev;
static const struct driver drv = { .name = "fake-disk" };

const char *device_path(const struct device *d)
{
	assert_ptr_equal(d, &dev);
	return "/disk@1";
}

static int disk_start(struct block_device *b)
{
	queue_disk.starts++;
	b->block_size = queue_disk.block_size;
	b->blocks = sizeof(queue_disk.data) / 512;
	if (b->block_size)
		b->blocks = sizeof(queue_disk.data) / b->block_size;
	if (queue_disk.blocks)
		b->blocks = queue_disk.blocks;
	b->max_blocks = queue_disk.max_blocks;
	return queue_disk.start_error;
}

static int disk_submit(struct block_device *b, struct block_request *req)
{
	if (queue_disk.submit_error)
		return queue_disk.submit_error;
	if (queue_disk.n == queue_disk.room)
		return ERR_BUSY;
	if (queue_disk.fits && req->count > queue_disk.fits)
		return ERR_NOSPACE;
	assert_true(req->op == BLOCK_FLUSH || req->count <= b->max_blocks);
	queue_disk.largest = MAX(queue_disk.largest, req->count);
	queue_disk.queue[queue_disk.n++] = req;
	queue_disk.submitted++;
	queue_disk.flight += (size_t)req->count * b->block_size;
	queue_disk.most_in_flight =
		MAX(queue_disk.most_in_flight, queue_disk.flight);
	if (queue_disk.n == 1)
		queue_disk.next = timebase_read() + queue_disk.pace;
	return 0;
}

static void disk_kick(struct block_device *b)
{
	(void)b;
	queue_disk.kicks++;
}

static void serve(struct block_device *b, struct block_request *req)
{
	size_t at = (size_t)req->lba * b->block_size;
	size_t len = (size_t)req->count * b->block_size;

	if (at + len > sizeof(queue_disk.data))
		return;
	if (req->op == BLOCK_READ)
		memcpy(req->buf, queue_disk.data + at, len);
	if (req->op == BLOCK_WRITE)
		memcpy(queue_disk.data + at, req->buf, len);
}

static int answer_to(const struct block_request *req)
{
	if (req->lba &&
	    (req->lba == queue_disk.bad[0] || req->lba == queue_disk.bad[1]))
		return reason_fail(ERR_IO, "bad block %llu",
				   (unsigned long long)req->lba);
	return queue_disk.answer;
}

static void answer(struct block_device *b, struct block_request *req)
{
	int status = answer_to(req);

	if (status == 0)
		serve(b, req);
	queue_disk.flight -= (size_t)req->count * b->block_size;
	block_done(req, status);
}

/* One request after the other, however many there are. */
static void answer_slowly(struct block_device *b)
{
	if (!queue_disk.n || timebase_read() < queue_disk.next)
		return;
	answer(b, queue_disk.queue[0]);
	memmove(queue_disk.queue, queue_disk.queue + 1,
		--queue_disk.n * sizeof(queue_disk.queue[0]));
	queue_disk.next += queue_disk.pace;
}

static void disk_poll(struct block_device *b)
{
	unsigned i;

	if (queue_disk.silent)
		return;
	if (queue_disk.pace) {
		answer_slowly(b);
		return;
	}
	for (i = 0; i < queue_disk.n; i++)
		answer(b, queue_disk.queue[queue_disk.backwards
						   ? queue_disk.n - 1 - i
						   : i]);
	if (queue_disk.fails_later && queue_disk.n)
		b->started = false;
	queue_disk.n = 0;
}

static void disk_reset(struct block_device *b)
{
	unsigned i;

	(void)b;
	queue_disk.resets++;
	for (i = 0; i < queue_disk.n; i++)
		block_done(queue_disk.queue[i], ERR_TIMEOUT);
	queue_disk.n = 0;
	queue_disk.silent = false;
}

static void queue_disk_stop(struct block_device *b)
{
	(void)b;
}

static const struct block_ops ops = {
	.start = disk_start,
	.submit = disk_submit,
	.kick = disk_kick,
	.poll = disk_poll,
	.stop = queue_disk_stop,
	.reset = disk_reset,
};

void queue_disk_reset(void)
{
	unsigned i;

	memset(&queue_disk, 0, sizeof(queue_disk));
	for (i = 0; i < sizeof(queue_disk.data); i++)
		queue_disk.data[i] = (uint8_t)(i / 512 * 7 + i);
	queue_disk.room = 64;
	queue_disk.block_size = 512;
	queue_disk.max_blocks = 100;
	dev.driver = &drv;
	queue_disk.bd.dev = &dev;
	queue_disk.bd.ops = &ops;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
}

// SPDX-License-Identifier: BSD-2-Clause
// A disk with a queue: see tests/fake/queue_disk.h.
#include "tests/fake/queue_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

#define QUEUE_MAX 64u

struct queue_disk queue_disk;
static struct request_queue queue;
static struct request *slots[QUEUE_MAX];

/* The requests submitted and not answered, in order. */
static struct block_request *submitted[QUEUE_MAX];
static unsigned n_submitted;
static size_t flight;	     /* its bytes */
static uint64_t next_answer; /* when its pace allows it */

static int disk_start(struct device *dev)
{
	struct block_device *bd = &queue_disk.bd;

	assert_ptr_equal(dev, queue_disk.dev);
	queue_disk.starts++;
	bd->block_size = queue_disk.block_size;
	bd->blocks = sizeof(queue_disk.data) / 512;
	if (bd->block_size)
		bd->blocks = sizeof(queue_disk.data) / bd->block_size;
	if (queue_disk.blocks)
		bd->blocks = queue_disk.blocks;
	bd->max_blocks = queue_disk.max_blocks;
	return queue_disk.start_error;
}

/* It forgets its requests: nothing reaches memory any more. */
static void disk_stop(struct device *dev)
{
	(void)dev;
	queue_disk.stops++;
	queue_disk.silent = false;
	n_submitted = 0;
	flight = 0;
}

static int disk_submit(struct request_queue *q, struct request *rq)
{
	struct block_request *req = block_request_of(rq);
	struct block_device *bd = &queue_disk.bd;
	size_t len = (size_t)req->count * bd->block_size;
	int refusal = queue_disk.refuse ? queue_disk.refuse(req) : 0;

	assert_ptr_equal(q, &queue);
	if (refusal)
		return refusal;
	if (queue_disk.submit_error)
		return queue_disk.submit_error;
	if (n_submitted == queue_disk.room)
		return ERR_BUSY;
	if (queue_disk.fits && req->count > queue_disk.fits)
		return ERR_NOSPACE;
	if (queue_disk.window && flight + len > queue_disk.window)
		return ERR_NOSPACE;
	assert_true(req->op == BLOCK_FLUSH || req->count <= bd->max_blocks);
	if (bd->align)
		assert_int_equal((uintptr_t)req->buf % bd->align, 0);
	queue_disk.largest = MAX(queue_disk.largest, req->count);
	submitted[n_submitted++] = req;
	queue_disk.submitted++;
	queue_disk.most = MAX(queue_disk.most, n_submitted);
	flight += len;
	queue_disk.most_in_flight = MAX(queue_disk.most_in_flight, flight);
	if (n_submitted == 1)
		next_answer = timebase_read() + queue_disk.pace;
	return 0;
}

static void disk_kick(struct request_queue *q)
{
	(void)q;
	queue_disk.kicks++;
}

static void serve(const struct block_request *req)
{
	size_t at = (size_t)req->lba * queue_disk.bd.block_size;
	size_t len = (size_t)req->count * queue_disk.bd.block_size;

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

static void answer(struct block_request *req)
{
	int status = answer_to(req);

	if (status == 0)
		serve(req);
	if (queue_disk.answered < ARRAY_SIZE(queue_disk.submitted_at))
		queue_disk.submitted_at[queue_disk.answered] =
			queue_disk.submitted;
	queue_disk.answered++;
	flight -= (size_t)req->count * queue_disk.bd.block_size;
	request_done(&req->rq, status);
}

/* Answers one request at a time, however many there are. */
static void answer_slowly(void)
{
	struct block_request *first = submitted[0];

	if (!n_submitted || timebase_read() < next_answer)
		return;
	memmove(submitted, submitted + 1, --n_submitted * sizeof(*submitted));
	next_answer += queue_disk.pace;
	answer(first);
}

static void disk_poll(struct request_queue *q)
{
	unsigned i, n = n_submitted;

	(void)q;
	if (queue_disk.silent)
		return;
	if (queue_disk.pace) {
		answer_slowly();
		return;
	}
	n_submitted = 0;
	for (i = 0; i < n; i++)
		answer(submitted[queue_disk.backwards ? n - 1 - i : i]);
	if (queue_disk.fails_later && n)
		device_stop(queue_disk.dev);
}

static const struct request_ops disk_ops = {
	.submit = disk_submit,
	.kick = disk_kick,
	.poll = disk_poll,
};

static bool disk_match(const struct device *dev, const void *match)
{
	(void)dev;
	(void)match;
	return true;
}

static const struct bus disk_bus = { .name = "fake", .match = disk_match };

static int disk_attach(struct device *dev)
{
	queue_disk.dev = dev;
	queue_disk.bd.queue = &queue;
	request_queue_init(&queue, dev, &disk_ops, slots, ARRAY_SIZE(slots));
	return device_add_role(dev, &queue_disk.bd.as, &block_role);
}

DRIVER(queue_disk) = {
	.name = "fake-disk",
	.bus = &disk_bus,
	.attach = disk_attach,
	.start = disk_start,
	.stop = disk_stop,
};

void queue_disk_plug(void)
{
	struct node *node;
	unsigned i;

	memset(&queue_disk, 0, sizeof(queue_disk));
	for (i = 0; i < sizeof(queue_disk.data); i++)
		queue_disk.data[i] = (uint8_t)(i / 512 * 7 + i);
	queue_disk.room = QUEUE_MAX;
	queue_disk.block_size = 512;
	queue_disk.max_blocks = 100;
	n_submitted = 0;
	flight = 0;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	assert_int_equal(tree_init(), 0);
	device_init();
	node = tree_add_node(tree_root(), "disk@1", TREE_QEMU);
	assert_non_null(node);
	assert_non_null(device_add(NULL, &disk_bus, node, NULL));
}

void queue_disk_unplug(void)
{
	tree_remove_node(queue_disk.dev->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
}

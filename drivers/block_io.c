// SPDX-License-Identifier: BSD-2-Clause
// Block devices: byte and block transfers on top of asynchronous requests.

#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Requests in flight at a time. */
#define BATCH 8

/* A transfer on its way: what is left to do, and the requests in flight. */
struct transfer {
	struct block_device *bd;
	enum block_op op;
	uint64_t lba;  /* of the next request */
	uint64_t left; /* blocks that no request covers yet */
	uint8_t *buf;
	uint32_t piece; /* blocks per request */
	unsigned used;	/* requests of this batch */
	unsigned ended; /* of them, when last counted */
	size_t flight;	/* their bytes */
	struct block_request req[BATCH];
	struct block_failure failure;
};

static const char *op_name(enum block_op op)
{
	static const char *const names[] = { "read", "write", "flush" };

	return names[op];
}

/* Puts the device's name and the block in front of the reason. */
static int fail_at(const struct block_device *bd, enum block_op op,
		   uint64_t lba, int err)
{
	if (op == BLOCK_FLUSH)
		return reason_fail(err, "%s %s: flush failed: %s",
				   bd->dev->driver->name, device_path(bd->dev),
				   reason());
	return reason_fail(err, "%s %s: %s of block %llu failed: %s",
			   bd->dev->driver->name, device_path(bd->dev),
			   op_name(op), (unsigned long long)lba, reason());
}

/* Requests of a transfer are in order of their blocks, answers are not. */
void block_done(struct block_request *req, int status)
{
	struct block_failure *failure = req->failure;

	req->status = status;
	if (status == 0 || (failure->req && failure->req->lba <= req->lba))
		return;
	failure->req = req;
	fmt_str(failure->why, sizeof(failure->why), "%s", reason());
}

/* Submits the next piece. Returns 0 or what the driver returned. */
static int submit_piece(struct transfer *t)
{
	struct block_request *req = &t->req[t->used];
	uint32_t count = (uint32_t)MIN(t->left, t->piece);
	int err;

	*req = (struct block_request){ .op = t->op,
				       .lba = t->lba,
				       .count = count,
				       .buf = t->buf,
				       .status = BLOCK_PENDING,
				       .failure = &t->failure };
	list_init(&req->link);
	err = t->bd->ops->submit(t->bd, req);
	if (err < 0)
		return err;
	t->used++;
	t->lba += count;
	t->left -= count;
	t->buf += (size_t)count * t->bd->block_size;
	t->flight += (size_t)count * t->bd->block_size;
	return 0;
}

/*
 * Submits as many requests as there is room for. A window that is too full for
 * a whole piece (ERR_NOSPACE) gets smaller ones.
 */
static int submit_batch(struct transfer *t)
{
	int err = 0;

	t->used = 0;
	t->flight = 0;
	while (t->left && t->used < BATCH && t->flight < BLOCK_FLIGHT_MAX) {
		err = submit_piece(t);
		if (err == 0)
			continue;
		if (t->used)
			break;
		/* With nothing in flight, no queue gets room. */
		if (err == ERR_BUSY)
			err = ERR_IO;
		if (err != ERR_NOSPACE || t->piece == 1)
			return fail_at(t->bd, t->op, t->lba, err);
		t->piece /= 2;
	}
	/* A refusal behind accepted requests is met again in the next batch. */
	if (t->bd->ops->kick)
		t->bd->ops->kick(t->bd);
	return 0;
}

static unsigned count_ended(const struct transfer *t)
{
	unsigned i, n = 0;

	for (i = 0; i < t->used; i++)
		n += t->req[i].status != BLOCK_PENDING;
	return n;
}

/* Has one more request ended? */
static bool advanced(void *arg)
{
	struct transfer *t = arg;
	unsigned before = t->ended;

	t->bd->ops->poll(t->bd);
	t->ended = count_ended(t);
	return t->ended > before;
}

static uint32_t timeout_ms(enum block_op op)
{
	return op == BLOCK_FLUSH ? BLOCK_FLUSH_TIMEOUT_MS : BLOCK_TIMEOUT_MS;
}

/* However slow, a device that goes on is waited for. */
static int poll_batch(struct transfer *t)
{
	int err = 0;

	t->ended = 0;
	while (err == 0 && t->ended < t->used)
		err = deadline_wait(advanced, t, timeout_ms(t->op));
	return err;
}

/* Waits for all requests in flight; resets the device if one is lost. */
static int wait_batch(struct transfer *t)
{
	const struct block_request *failed;

	if (poll_batch(t) < 0) {
		reason_fail(ERR_TIMEOUT, "no answer in %u s; device reset",
			    timeout_ms(t->op) / 1000);
		t->bd->ops->reset(t->bd);
		t->bd->started = false;
		/* It owes an answer to each, so that none is in use. */
		assert(count_ended(t) == t->used);
	}
	failed = t->failure.req;
	if (!failed)
		return 0;
	if (failed->status == ERR_NOMEDIUM)
		t->bd->changed = true;
	reason_fail(failed->status, "%s", t->failure.why);
	return fail_at(t->bd, t->op, failed->lba, failed->status);
}

/* All of it with the device as it is: nothing in here brings it up again. */
static int transfer(struct block_device *bd, enum block_op op, uint64_t lba,
		    uint64_t count, void *buf)
{
	struct transfer t = { .bd = bd,
			      .op = op,
			      .lba = lba,
			      .left = count,
			      .buf = buf,
			      .piece = bd->max_blocks };
	int err;

	while (t.left) {
		/* It answered, then failed. */
		if (!block_is_up(bd)) {
			reason_fail(ERR_IO, "the device was reset meanwhile");
			return fail_at(bd, op, t.lba, ERR_IO);
		}
		err = submit_batch(&t);
		if (err == 0)
			err = wait_batch(&t);
		if (err < 0)
			return err;
	}
	return 0;
}

static int check_range(const struct block_device *bd, enum block_op op,
		       uint64_t lba, uint64_t count)
{
	if (lba <= bd->blocks && count <= bd->blocks - lba)
		return 0;
	reason_fail(ERR_RANGE, "the device has %llu blocks",
		    (unsigned long long)bd->blocks);
	return fail_at(bd, op, lba, ERR_RANGE);
}

/* On a device that is up. */
static int read_blocks(struct block_device *bd, uint64_t lba, uint64_t count,
		       void *buf)
{
	int err = check_range(bd, BLOCK_READ, lba, count);

	return err < 0 ? err : transfer(bd, BLOCK_READ, lba, count, buf);
}

int block_read(struct block_device *bd, uint64_t lba, uint64_t count, void *buf)
{
	int err = block_use(bd);

	return err < 0 ? err : read_blocks(bd, lba, count, buf);
}

static int check_writable(const struct block_device *bd, uint64_t lba)
{
	if (!bd->read_only && lba >= BLOCK_PROTECTED)
		return 0;
	if (bd->read_only)
		reason_fail(ERR_PERM, "the device is read-only");
	else
		reason_fail(ERR_PERM, "blocks below %u are protected",
			    BLOCK_PROTECTED);
	return fail_at(bd, BLOCK_WRITE, lba, ERR_PERM);
}

int block_write(struct block_device *bd, uint64_t lba, uint64_t count,
		const void *buf)
{
	int err = block_use(bd);

	if (err == 0)
		err = check_range(bd, BLOCK_WRITE, lba, count);
	if (err == 0 && count)
		err = check_writable(bd, lba);
	if (err == 0) {
		bd->dirty |= count != 0;
		/* The driver only reads from it. */
		err = transfer(bd, BLOCK_WRITE, lba, count,
			       (void *)(uintptr_t)buf);
	}
	/* A refusal is told to the user: clients get no more than a -1. */
	if (err == ERR_PERM)
		log_err("%s", reason());
	return err;
}

/* Reads a part of one block through the bounce buffer. */
static int read_part(struct block_device *bd, uint64_t offset, uint8_t *buf,
		     size_t len)
{
	int err = read_blocks(bd, offset / bd->block_size, 1, bd->bounce);

	if (err < 0)
		return err;
	memcpy(buf, (uint8_t *)bd->bounce + offset % bd->block_size, len);
	return 0;
}

int block_read_bytes(struct block_device *bd, uint64_t offset, void *buf,
		     size_t len)
{
	uint8_t *dst = buf;
	size_t part;
	int err = block_use(bd);

	if (err < 0)
		return err;
	if (offset > UINT64_MAX - len)
		return reason_fail(ERR_RANGE, "byte %llu is past the end",
				   (unsigned long long)offset);
	part = offset % bd->block_size;
	if (part && len) {
		part = MIN(len, bd->block_size - part);
		err = read_part(bd, offset, dst, part);
		offset += part;
		dst += part;
		len -= part;
	}
	part = len % bd->block_size;
	len -= part;
	if (err == 0 && len)
		err = read_blocks(bd, offset / bd->block_size,
				  len / bd->block_size, dst);
	if (err == 0 && part)
		err = read_part(bd, offset + len, dst + len, part);
	return err;
}

int block_flush(struct block_device *bd)
{
	struct transfer t = {
		.bd = bd, .op = BLOCK_FLUSH, .left = 1, .piece = 1
	};
	int err = block_use(bd);

	if (err < 0)
		return err;
	t.buf = bd->bounce;
	err = submit_batch(&t);
	if (err == 0)
		err = wait_batch(&t);
	if (err == 0)
		bd->dirty = false;
	return err;
}

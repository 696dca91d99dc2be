// SPDX-License-Identifier: BSD-2-Clause
// Block devices: byte and block transfers on top of asynchronous requests.

#include <string.h>

#include "drivers/block.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"

/* A transfer on its way: what is left to do, and the requests in flight. */
struct transfer {
	struct block_device *bd;
	enum block_op op;
	uint64_t first, next, end; /* blocks; `next`: of the next request */
	uint8_t *buf;		   /* of `first` */
	uint32_t chunk;		   /* blocks per request */
	unsigned used;		   /* slots of the window, a bit each */
	size_t flight;		   /* bytes of those in flight */
	const struct block_request *failed; /* the first one; NULL: none */
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
				   bd->as.dev->driver->name,
				   device_path(bd->as.dev), reason());
	return reason_fail(err, "%s %s: %s of block %llu failed: %s",
			   bd->as.dev->driver->name, device_path(bd->as.dev),
			   op_name(op), (unsigned long long)lba, reason());
}

/* The next request. Its requests go in the order of blocks. */
static void add_request(struct transfer *t, unsigned i)
{
	struct block_device *bd = t->bd;
	uint32_t count = (uint32_t)MIN(t->end - t->next, t->chunk);

	bd->window[i] = (struct block_request){
		.rq.timeout_ms = t->op == BLOCK_FLUSH ? BLOCK_FLUSH_TIMEOUT_MS
						      : BLOCK_TIMEOUT_MS,
		.op = t->op,
		.lba = t->next,
		.count = count,
		.buf = t->buf + (t->next - t->first) * bd->block_size,
	};
	t->used |= 1u << i;
	t->next += count;
	t->flight += (size_t)count * bd->block_size;
	request_add(bd->queue, &bd->window[i].rq);
}

/* Fills the window, until one has failed. */
static void add_requests(struct transfer *t)
{
	const size_t most = (size_t)t->chunk * t->bd->block_size;
	unsigned i;

	for (i = 0; i < BLOCK_WINDOW; i++) {
		if (t->next == t->end || t->failed ||
		    t->flight + most > BLOCK_FLIGHT_MAX)
			return;
		if (!(t->used >> i & 1))
			add_request(t, i);
	}
}

/* Of several that fail the first is told, whichever ends first. */
static void take_ended(struct transfer *t)
{
	unsigned i;

	for (i = 0; i < BLOCK_WINDOW; i++) {
		const struct block_request *req = &t->bd->window[i];

		if (!(t->used >> i & 1) || req->rq.status == REQUEST_PENDING)
			continue;
		t->used &= ~(1u << i);
		t->flight -= (size_t)req->count * t->bd->block_size;
		if (req->rq.status < 0 &&
		    (!t->failed || t->failed->lba > req->lba))
			t->failed = req;
	}
}

/* A DMA window that is too full for a whole chunk gets smaller ones. */
static bool go_smaller(struct transfer *t)
{
	if (t->failed->rq.status != ERR_NOSPACE || t->chunk == 1)
		return false;
	t->chunk /= 2;
	t->next = t->failed->lba;
	t->failed = NULL;
	return true;
}

/*
 * All of it with the device as it is: nothing in here brings it up again. As one
 * request ends the next one is given to the device.
 */
static int transfer(struct block_device *bd, enum block_op op, uint64_t lba,
		    uint64_t count, void *buf)
{
	struct transfer t = { .bd = bd,
			      .op = op,
			      .first = lba,
			      .next = lba,
			      .end = lba + count,
			      .buf = buf,
			      .chunk = bd->max_blocks };
	int err;

	do {
		add_requests(&t);
		while (t.used) {
			request_wait();
			take_ended(&t);
			add_requests(&t);
		}
	} while (t.failed && go_smaller(&t));
	if (!t.failed)
		return 0;
	err = t.failed->rq.status;
	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	reason_fail(err, "%s", t.failed->rq.why);
	return fail_at(bd, op, t.failed->lba, err);
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
	int err = block_use(bd);

	if (err == 0 && offset > UINT64_MAX - len)
		err = reason_fail(ERR_RANGE, "byte %llu is past the end",
				  (unsigned long long)offset);
	while (err == 0 && len) {
		size_t part = offset % bd->block_size;
		size_t n = len - len % bd->block_size;

		if (part || !n) {
			n = MIN(len, bd->block_size - part);
			err = read_part(bd, offset, dst, n);
		} else {
			err = read_blocks(bd, offset / bd->block_size,
					  n / bd->block_size, dst);
		}
		offset += n;
		dst += n;
		len -= n;
	}
	return err;
}

int block_flush(struct block_device *bd)
{
	int err = block_use(bd);

	if (err == 0)
		err = transfer(bd, BLOCK_FLUSH, 0, 1, bd->bounce);
	if (err == 0)
		bd->dirty = false;
	return err;
}

// SPDX-License-Identifier: BSD-2-Clause
// Block devices: block and byte transfers over asynchronous requests.

#include <string.h>

#include "drivers/block.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * A transfer of any length. Its chunks are in flight together, up to
 * BLOCK_FLIGHT requests and BLOCK_FLIGHT_BYTES; whenever one ends, the next is
 * submitted:
 *
 *	first		       next		     end
 *	| done, or in flight   | not yet submitted   |
 *
 * After a failure it waits for the rest of the flight, without refilling it. If
 * a chunk was too large (ERR_NOSPACE: for the DMA window with nothing else in
 * flight, or for the device), the transfer resumes at that chunk with half the
 * size, down to one block.
 */
struct transfer {
	struct block_device *bd;
	enum block_op op;
	uint64_t first, next, end; /* blocks */
	uint8_t *buf;		   /* data of block `first` */
	uint32_t chunk;		   /* blocks per request */
	unsigned used;		   /* slots of the flight, a bit each */
	size_t bytes;		   /* in flight */
	const struct block_request *failed; /* lowest block; NULL: none */
};

static uint32_t block_timeout_set;

void block_set_timeout(uint32_t ms)
{
	block_timeout_set = ms;
}

uint32_t block_timeout(void)
{
	return block_timeout_set ? block_timeout_set : BLOCK_TIMEOUT_MS;
}

static const char *block_op_name(enum block_op op)
{
	static const char *const names[] = { "read", "write", "flush" };

	return names[op];
}

/* Prepends the device's name and the block to the reason. */
static int block_fail_at(const struct block_device *bd, enum block_op op,
			 uint64_t lba, int err)
{
	if (op == BLOCK_FLUSH)
		return reason_fail(err, "%s %s: flush failed: %s",
				   bd->as.dev->driver->name,
				   device_path(bd->as.dev), reason());
	return reason_fail(err, "%s %s: %s of block %llu failed: %s",
			   bd->as.dev->driver->name, device_path(bd->as.dev),
			   block_op_name(op), (unsigned long long)lba,
			   reason());
}

static void transfer_add(struct transfer *t, unsigned i)
{
	struct block_device *bd = t->bd;
	struct block_request *req = &bd->flight[i];

	req->rq.timeout_ms = t->op == BLOCK_FLUSH ? BLOCK_FLUSH_TIMEOUT_MS
						  : block_timeout();
	req->op = t->op;
	req->lba = t->next;
	req->count = (uint32_t)MIN(t->end - t->next, t->chunk);
	req->buf = t->buf + (t->next - t->first) * bd->block_size;
	t->used |= 1u << i;
	t->next += req->count;
	t->bytes += (size_t)req->count * bd->block_size;
	request_add(bd->queue, &req->rq);
}

/* Submits as much as the flight holds, in the order of blocks. */
static void transfer_fill(struct transfer *t)
{
	const size_t most = (size_t)t->chunk * t->bd->block_size;
	unsigned i;

	for (i = 0; i < BLOCK_FLIGHT; i++) {
		if (t->next == t->end || t->failed ||
		    t->bytes + most > BLOCK_FLIGHT_BYTES)
			return;
		if (!(t->used >> i & 1))
			transfer_add(t, i);
	}
}

/* Of several failures, reports that of the lowest block. */
static void transfer_reap(struct transfer *t)
{
	unsigned left;

	for (left = t->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		const struct block_request *req = &t->bd->flight[i];

		if (req->rq.status == REQUEST_PENDING)
			continue;
		t->used &= ~(1u << i);
		t->bytes -= (size_t)req->count * t->bd->block_size;
		if (req->rq.status < 0 &&
		    (!t->failed || t->failed->lba > req->lba))
			t->failed = req;
	}
}

/* Halves the chunks if one was too large for the device, or its window. */
static bool transfer_halve(struct transfer *t)
{
	if (t->failed->rq.status != ERR_NOSPACE || t->failed->count == 1)
		return false;
	t->chunk = t->failed->count / 2;
	t->next = t->failed->lba;
	t->failed = NULL;
	return true;
}

/* Never restarts the device: the geometry is fixed during a transfer. */
static int transfer_run(struct block_device *bd, enum block_op op, uint64_t lba,
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
		transfer_fill(&t);
		while (t.used) {
			request_wait();
			transfer_reap(&t);
			if (t.next != t.end)
				transfer_fill(&t);
		}
	} while (t.failed && transfer_halve(&t));
	if (!t.failed)
		return 0;
	err = t.failed->rq.status;
	if (err == ERR_NOMEDIUM)
		bd->changed = true;
	else if (err > ERR_IO) /* a refusal of a block that it has */
		err = ERR_IO;
	reason_fail(err, "%s", t.failed->rq.why);
	return block_fail_at(bd, op, t.failed->lba, err);
}

static int block_check_range(const struct block_device *bd, enum block_op op,
			     uint64_t lba, uint64_t count)
{
	if (lba <= bd->blocks && count <= bd->blocks - lba)
		return 0;
	reason_fail(ERR_RANGE, "the device has %llu blocks",
		    (unsigned long long)bd->blocks);
	return block_fail_at(bd, op, lba, ERR_RANGE);
}

/* Bytes from `buf` to the next address that the device can use. */
static size_t block_skew(const struct block_device *bd, const void *buf)
{
	return bd->align ? -(uintptr_t)buf & (bd->align - 1) : 0;
}

/*
 * Reads to an address that the device cannot use, without memory but the bounce
 * buffer: all blocks but the last one go to the next address that it can use,
 * then down to where they belong; the last one, which has no room there, follows
 * through the bounce buffer.
 */
static int block_read_skewed(struct block_device *bd, uint64_t lba,
			     uint64_t count, uint8_t *buf)
{
	uint8_t *aligned = buf + block_skew(bd, buf);
	size_t len = (size_t)(count - 1) * bd->block_size;
	int err = transfer_run(bd, BLOCK_READ, lba, count - 1, aligned);

	if (err < 0)
		return err;
	memmove(buf, aligned, len);
	err = transfer_run(bd, BLOCK_READ, lba + count - 1, 1, bd->bounce);
	if (err == 0)
		memcpy(buf + len, bd->bounce, bd->block_size);
	return err;
}

/* The device must be up; `count` > 0. */
static int block_read_blocks(struct block_device *bd, uint64_t lba,
			     uint64_t count, void *buf)
{
	int err = block_check_range(bd, BLOCK_READ, lba, count);

	if (err < 0)
		return err;
	if (block_skew(bd, buf))
		return block_read_skewed(bd, lba, count, buf);
	return transfer_run(bd, BLOCK_READ, lba, count, buf);
}

/* Rare: a client writes its environment block. */
static int block_write_skewed(struct block_device *bd, uint64_t lba,
			      uint64_t count, const uint8_t *buf)
{
	int err = 0;

	for (; err == 0 && count; count--) {
		memcpy(bd->bounce, buf, bd->block_size);
		err = transfer_run(bd, BLOCK_WRITE, lba++, 1, bd->bounce);
		buf += bd->block_size;
	}
	return err;
}

/* The device must be up, the range checked. */
static int block_write_blocks(struct block_device *bd, uint64_t lba,
			      uint64_t count, const void *buf)
{
	if (block_skew(bd, buf))
		return block_write_skewed(bd, lba, count, buf);
	/* The driver only reads from `buf`. */
	return transfer_run(bd, BLOCK_WRITE, lba, count,
			    (void *)(uintptr_t)buf);
}

static int block_check_writable(const struct block_device *bd, uint64_t lba)
{
	if (!bd->read_only && lba >= BLOCK_PROTECTED)
		return 0;
	if (bd->read_only)
		reason_fail(ERR_PERM, "the device is read-only");
	else
		reason_fail(ERR_PERM, "blocks below %u are protected",
			    BLOCK_PROTECTED);
	return block_fail_at(bd, BLOCK_WRITE, lba, ERR_PERM);
}

int block_write(struct block_device *bd, uint64_t lba, uint64_t count,
		const void *buf)
{
	int err = block_use(bd);

	if (err == 0)
		err = block_check_range(bd, BLOCK_WRITE, lba, count);
	if (err == 0 && count)
		err = block_check_writable(bd, lba);
	if (err == 0) {
		bd->dirty |= count != 0;
		err = block_write_blocks(bd, lba, count, buf);
	}
	/* Tell the user about a refusal: the client only gets -1. */
	if (err == ERR_PERM)
		log_err("%s", reason());
	return err;
}

/* Reads part of one block through the bounce buffer. */
static int block_read_part(struct block_device *bd, uint64_t offset,
			   uint8_t *buf, size_t len)
{
	int err = block_read_blocks(bd, offset / bd->block_size, 1, bd->bounce);

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
		size_t part = offset & (bd->block_size - 1);
		size_t n = len & -(size_t)bd->block_size;

		if (part || !n) {
			n = MIN(len, bd->block_size - part);
			err = block_read_part(bd, offset, dst, n);
		} else {
			err = block_read_blocks(bd, offset / bd->block_size,
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
		err = transfer_run(bd, BLOCK_FLUSH, 0, 1, bd->bounce);
	if (err == 0)
		bd->dirty = false;
	return err;
}

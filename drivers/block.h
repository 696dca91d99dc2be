/* SPDX-License-Identifier: BSD-2-Clause */
/* The block role: block and byte transfers over asynchronous requests. */
#ifndef DRIVERS_BLOCK_H
#define DRIVERS_BLOCK_H

#include "drivers/device.h"
#include "drivers/request.h"

struct block_device;

/* Supported block sizes (GRUB's ofdisk: up to 16 KiB). */
#define BLOCK_SIZE_MIN 512u
#define BLOCK_SIZE_MAX 4096u

/* Longest time without progress; SLOF: 5 s, but CDs spin up for longer. */
#define BLOCK_TIMEOUT_MS 15000u

/*
 * block_set_timeout - a shorter time, for who asks many devices out of
 * curiosity; 0: BLOCK_TIMEOUT_MS again. block_timeout: what applies now.
 */
void block_set_timeout(uint32_t ms);
uint32_t block_timeout(void);

/* A flush writes the cache to a disk of the host, which takes longer. */
#define BLOCK_FLUSH_TIMEOUT_MS 60000u

/*
 * Most bytes of a request, and of all in flight: a disk of 1 MB/s completes one
 * in 4 s and, if it serves them in parallel, all in 8 s. More than 4 MiB is not
 * faster.
 */
#define BLOCK_REQUEST_MAX (4 * MiB)
#define BLOCK_FLIGHT_BYTES (8 * MiB)

/* Like SLOF, refuse to write blocks below this: partition tables. */
#define BLOCK_PROTECTED 34u

enum block_op {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH, /* without lba, count and buf */
};

/*
 * A request to a block device, in its queue. It ends with ERR_NOSPACE if it is
 * too large for the device, and would not be if it were smaller.
 */
struct block_request {
	struct request rq;
	enum block_op op;
	uint64_t lba;	/* in device blocks */
	uint32_t count; /* blocks, 1..max_blocks */
	void *buf;	/* count * block_size bytes, see `align` below */
};

static inline struct block_request *block_request_of(struct request *rq)
{
	return container_of(rq, struct block_request, rq);
}

/* Most requests of a transfer in flight. */
#define BLOCK_FLIGHT 8u

/*
 * The driver's attach() sets queue, align, check, measure, removable and product;
 * its start() sets block_size, blocks, max_blocks and read_only, and `changed` if
 * it finds a different medium. The geometry only changes in block_open(), see
 * block.c.
 */
struct block_device {
	struct device_role as;
	struct request_queue *queue; /* takes struct block_request */
	/*
	 * check - at another open: has the medium changed? May be NULL; sets
	 * `changed` as start() does. Returns 0; 1: start() must run again; or
	 * as start().
	 */
	int (*check)(struct block_device *bd);
	/*
	 * measure - after start(), of a device that may also start for the sake
	 * of its children: sets in its place what belongs to the medium. May be
	 * NULL; returns as start().
	 */
	int (*measure)(struct block_device *bd);
	bool changed; /* the medium was changed: only open works */
	bool dirty;   /* written since the last flush */
	bool read_only;
	bool removable;
	/*
	 * What a request's `buf` is aligned to, in bytes: a power of two, at
	 * most BLOCK_SIZE_MIN; 0 and 1: any address will do. Callers need not
	 * know it.
	 */
	uint32_t align;
	uint32_t medium;     /* generation, counts from 1; 0: never started */
	uint32_t starts;     /* of the device, when these were read: */
	uint32_t block_size; /* bytes: power of two, 512..4096 */
	uint32_t max_blocks; /* per request, >= 1, <= BLOCK_REQUEST_MAX */
	uint64_t blocks;     /* capacity */
	/* Vendor and product, as the device says: untrusted; NULL: unknown. */
	const char *product;
	/* Private to block_io.c: a block, for partial reads; the requests. */
	void *bounce;
	struct block_request *flight;
};

/* block_role - disks and CDs; an instance's priv is the block device. */
extern const struct role block_role;

/* block_of - the block device of a device, or NULL. */
struct block_device *block_of(const struct device *dev);

/*
 * block_open - open a block device: start it, or check the medium of a drive
 * that is up. Only here may block size, capacity and medium change; if they do,
 * `medium` changes, and numbers computed from the old geometry are void.
 * Returns as device_start(): ERR_NOMEDIUM, ERR_IO, ERR_TIMEOUT, ERR_NOMEM;
 * ERR_FORMAT: block size out of range; ERR_NODEV: after quiesce. Close only
 * after a 0.
 */
must_check int block_open(struct block_device *bd);

/*
 * block_close - undo one block_open(). Flushes what was written (a failure is
 * printed); the last close stops the device.
 */
void block_close(struct block_device *bd);

/*
 * block_use - restart an open device if it was reset.
 * Returns as block_open(); ERR_IO: block size, capacity or medium changed.
 */
must_check int block_use(struct block_device *bd);

/*
 * block_check_medium - is `medium` the current generation? For callers that
 * store block numbers. Returns 0, or ERR_IO with reason().
 */
must_check int block_check_medium(const struct block_device *bd,
				  uint32_t medium);

/*
 * block_read_bytes - read `len` bytes at byte `offset` into `buf`, of any
 * alignment: whole blocks in as few requests as the device allows, all in
 * flight together; partial blocks through a buffer, like the last block if the
 * device cannot use `buf` as it is.
 * block_write - the same for `count` whole blocks; those of a buffer that the
 * device cannot use, one by one.
 * Return 0; ERR_RANGE: past the end, silently; ERR_PERM: read-only or below
 * BLOCK_PROTECTED, with one printed reason, nothing written; ERR_IO,
 * ERR_TIMEOUT, ERR_NOMEDIUM, ERR_NODEV (after quiesce): see reason(). A device
 * that was reset is restarted before the first block, as by block_use().
 */
must_check int block_read_bytes(struct block_device *bd, uint64_t offset,
				void *buf, size_t len);
must_check int block_write(struct block_device *bd, uint64_t lba,
			   uint64_t count, const void *buf);

/* block_flush - flush the device's cache. Returns 0, or as block_write(). */
must_check int block_flush(struct block_device *bd);

/* block_sync - flush what was written; prints a failure, keeps reason(). */
void block_sync(struct block_device *bd);

#endif

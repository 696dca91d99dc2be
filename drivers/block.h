/* SPDX-License-Identifier: BSD-2-Clause */
/* The block role: asynchronous requests below, byte and block reads on top. */
#ifndef DRIVERS_BLOCK_H
#define DRIVERS_BLOCK_H

#include "drivers/device.h"
#include "drivers/request.h"

struct block_device;

/* Smallest and largest block size we work with (GRUB's ofdisk: up to 16 KiB). */
#define BLOCK_SIZE_MIN 512u
#define BLOCK_SIZE_MAX 4096u

/*
 * How long no request of a transfer may end; SLOF waited 5 s, CDs spin up
 * longer.
 */
#define BLOCK_TIMEOUT_MS 15000u
/* A cache is written out to a disk of the host: that takes its time. */
#define BLOCK_FLUSH_TIMEOUT_MS 60000u

/*
 * Most bytes of a request, and of all in flight: a disk of 1 MB/s ends the one
 * in 4 s and, serving all alike, the others in 8. A fast one is not slower
 * with 4 MiB than with more.
 */
#define BLOCK_REQUEST_MAX (4 * MiB)
#define BLOCK_FLIGHT_MAX (8 * MiB)

/* SLOF and we refuse writes to device blocks below this: partition tables. */
#define BLOCK_PROTECTED 34u

enum block_op {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH, /* lba, count and buf are ignored */
};

/* A request to a device; `rq` is in the block device's queue. */
struct block_request {
	struct request rq;
	enum block_op op;
	uint64_t lba;	/* in device blocks */
	uint32_t count; /* blocks, 1..max_blocks */
	void *buf;	/* count * block_size bytes */
};

static inline struct block_request *block_request_of(struct request *rq)
{
	return container_of(rq, struct block_request, rq);
}

/* Requests of a transfer that are in flight together. */
#define BLOCK_WINDOW 8u

/*
 * What the device's start() sets: block_size, blocks, max_blocks, read_only;
 * and `changed` if it finds out that the medium is another one. It holds until
 * block_open() finds something else: a transfer, and who keeps numbers made of
 * it, never sees it change. A device that is brought up again meanwhile must be
 * the same, or the transfer fails.
 */
struct block_device {
	struct device_role as;
	struct request_queue *queue; /* takes struct block_request */
	/*
	 * check - the device is opened once more: asks those whose medium can
	 * change. May be NULL, and sets `changed` as start() does. Returns 0;
	 * 1: start() has to look again; or as start().
	 */
	int (*check)(struct block_device *bd);
	bool changed; /* the medium is another: nothing works until opened */
	bool dirty;   /* written to since the last flush */
	bool read_only;
	bool removable;
	uint32_t medium;     /* counts them; 0: never started */
	uint32_t block_size; /* bytes: power of two, 512..4096 */
	uint32_t max_blocks; /* per request, >= 1; cut to BLOCK_REQUEST_MAX */
	uint64_t blocks;     /* capacity */
	/* block_io.c's: one block, for partial ones; BLOCK_WINDOW requests. */
	void *bounce;
	struct block_request *window;
};

/* block_role - disks and CDs; their instances have the block device as priv. */
extern const struct role block_role;

/* block_of - the block device that a device is, or NULL. */
struct block_device *block_of(const struct device *dev);

/*
 * block_open - someone opens the device: bring it up if it is not yet. Cheap
 * when it is; a drive is asked for its medium each time. Only here may its block
 * size, capacity and medium become others; then `medium` is another, too, and
 * what was computed before is void.
 * Returns as device_start(): ERR_NOMEDIUM, ERR_IO, ERR_TIMEOUT, ERR_NOMEM;
 * ERR_FORMAT: block size out of range; ERR_NODEV: after quiesce. Only after a 0
 * is there something to be closed.
 */
must_check int block_open(struct block_device *bd);

/*
 * block_close - one of those who have it open does no more. What was written is
 * flushed (a failure is printed); after the last one the device is stopped.
 */
void block_close(struct block_device *bd);

/*
 * block_use - as block_open(), for whoever has it open: a device that was reset
 * comes up again, and must be what it was.
 * Returns also ERR_IO: its block size, capacity or medium is another.
 */
must_check int block_use(struct block_device *bd);

/*
 * block_check_medium - is `medium` the one that is in use now? For who keeps
 * numbers made of block sizes. Returns 0, or ERR_IO with reason().
 */
must_check int block_check_medium(const struct block_device *bd,
				  uint32_t medium);

/*
 * block_read, block_write - move `count` blocks (any number: split into as few
 * requests as the device allows, all in flight together).
 * `buf`: any alignment, count * block_size bytes.
 * Return 0; ERR_RANGE: past the end, silently; ERR_PERM: read-only or (write)
 * below BLOCK_PROTECTED, with one printed reason, nothing written; ERR_IO,
 * ERR_TIMEOUT, ERR_NOMEDIUM, ERR_NODEV (after quiesce): see reason(). Before
 * the first block, the device is brought up as by block_use().
 */
must_check int block_read(struct block_device *bd, uint64_t lba, uint64_t count,
			  void *buf);
must_check int block_write(struct block_device *bd, uint64_t lba,
			   uint64_t count, const void *buf);

/*
 * block_read_bytes - read `len` bytes at byte `offset`, bouncing only the
 * partial first and last blocks. Returns as block_read().
 */
must_check int block_read_bytes(struct block_device *bd, uint64_t offset,
				void *buf, size_t len);

/* block_flush - write the device's cache out. Returns 0, ERR_IO... */
must_check int block_flush(struct block_device *bd);

/*
 * block_sync - the same if anything was written, whether it is open or not; a
 * failure is printed, reason() stays.
 */
void block_sync(struct block_device *bd);

#endif

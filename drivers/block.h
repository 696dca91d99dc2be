/* SPDX-License-Identifier: BSD-2-Clause */
/* The block role: asynchronous requests below, byte and block reads on top. */
#ifndef DRIVERS_BLOCK_H
#define DRIVERS_BLOCK_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct device;
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

/* What a transfer reports: the first of its requests that failed. */
struct block_failure {
	const struct block_request *req; /* NULL: none has */
	char why[160];			 /* reason() when it did */
};

/* A request; the caller owns it until done, `status` tells. */
struct block_request {
	struct list link; /* the driver's, while in flight */
	enum block_op op;
	uint64_t lba;	/* in device blocks */
	uint32_t count; /* blocks, 1..max_blocks */
	void *buf;	/* count * block_size bytes */
	/* BLOCK_PENDING, then 0 or an ERR_* code: block_done() sets it. */
	int status;
	struct block_failure *failure; /* the transfer's */
};
#define BLOCK_PENDING 1

/*
 * block_done - a request has ended: with 0, or with an ERR_* code, and reason()
 * says why. The driver does not touch it any more.
 */
void block_done(struct block_request *req, int status);

struct block_ops {
	/*
	 * start - bring the device up; called at the first block_open(), and
	 * after a reset. Sets block_size, blocks, max_blocks, read_only; sets
	 * `changed` if it finds out that the medium is another.
	 * Returns 0; ERR_NOMEDIUM; ERR_IO, ERR_TIMEOUT, ERR_NOMEM (reason()).
	 */
	int (*start)(struct block_device *bd);
	/*
	 * check - the device is opened once more: asks those whose medium can
	 * change. Clears `started` where start() has to look again, and sets
	 * `changed` as it does. May be NULL. Returns as start().
	 */
	int (*check)(struct block_device *bd);
	/* submit - start a request. Returns 0; ERR_BUSY: queue full, poll. */
	int (*submit)(struct block_device *bd, struct block_request *req);
	/* kick - tell the device about all submitted requests; may be NULL. */
	void (*kick)(struct block_device *bd);
	/* poll - take finished requests off: block_done() for each. */
	void (*poll)(struct block_device *bd);
	/*
	 * lost - was what it sits on reset, so that it must be brought up
	 * again? No I/O; may be NULL.
	 */
	bool (*lost)(struct block_device *bd);
	/*
	 * reset - time is up: reset the device and end what is in flight, with
	 * the reason() that the caller has set unless it knows a better one.
	 */
	void (*reset)(struct block_device *bd);
	/*
	 * stop - nobody has it open any more, nothing is in flight: leave it so
	 * that it does nothing by itself and a client's driver can have it.
	 * Called also when it does not run.
	 */
	void (*stop)(struct block_device *bd);
};

/*
 * What start() found out holds until block_open() finds something else: a
 * transfer, and who keeps numbers made of it, never sees it change. A device
 * that is brought up again meanwhile must be the same, or the transfer fails.
 */
struct block_device {
	struct device *dev;
	const struct block_ops *ops;
	bool started;
	bool quiesced; /* requests fail with ERR_NODEV */
	bool changed;  /* the medium is another: nothing works until opened */
	bool dirty;    /* written to since the last flush */
	bool read_only;
	bool removable;
	unsigned users;	     /* who have it open */
	uint32_t medium;     /* counts them; 0: never started */
	uint32_t block_size; /* bytes: power of two, 512..4096 */
	uint32_t max_blocks; /* per request, >= 1; cut to BLOCK_REQUEST_MAX */
	uint64_t blocks;     /* capacity */
	void *bounce;	     /* block_io.c's: one block, for partial ones */
	void *priv;	     /* the driver's */
};

/*
 * block_open - someone opens the device: bring it up if it is not yet. Cheap
 * when it is; a drive is asked for its medium each time. Only here may its block
 * size, capacity and medium become others; then `medium` is another, too, and
 * what was computed before is void.
 * Returns as block_ops.start; ERR_FORMAT: block size out of range; ERR_NODEV:
 * after quiesce. Only after a 0 is there something to be closed.
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
 * block_is_up - is it up still? For transfers, in which nothing brings it up.
 */
bool block_is_up(struct block_device *bd);

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

/*
 * block_abandon - whoever had it open is gone, by an exception: stop it. Its
 * driver has forgotten the requests before, which may lie on a stack that is in
 * use again. What was written can still be flushed, by block_sync().
 */
void block_abandon(struct block_device *bd);

/* block_quiesce - stop it for good: it fails with ERR_NODEV from now on. */
void block_quiesce(struct block_device *bd);

/* block_release - free what block_open() made; the device goes away. */
void block_release(struct block_device *bd);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk with a queue, in memory, below the real drivers/block.c. */
#ifndef TESTS_FAKE_QUEUE_DISK_H
#define TESTS_FAKE_QUEUE_DISK_H

#include "drivers/block.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"

#define QUEUE_DISK_BLOCKS 4096u

/* poll() answers what was submitted; "fake-disk /disk@1". */
struct queue_disk {
	struct block_device bd;
	struct device *dev;
	uint8_t data[QUEUE_DISK_BLOCKS * 512];

	/* What it is; takes effect at its next start. */
	uint32_t block_size, max_blocks;
	uint64_t blocks; /* 0: as in data; past that nothing is transferred */

	/* How it behaves. */
	int start_error, submit_error, answer;
	unsigned room; /* requests of the queue */
	uint32_t fits; /* blocks of a request that map; 0: any */
	size_t window; /* bytes of all that map together; 0: any */
	/* What submit() returns for a request; NULL, 0: accepted. */
	int (*refuse)(const struct block_request *req);
	uint64_t bad[2];	  /* requests at these blocks fail; 0: none */
	bool backwards;		  /* answers the last request first */
	bool silent, fails_later; /* once it has answered */
	uint64_t pace; /* ticks per request; 0: all at the next poll */

	/* What the driver did. */
	unsigned submitted, kicks, stops, starts, largest;
	unsigned most;	       /* requests in flight */
	size_t most_in_flight; /* bytes */
	unsigned answered;
	unsigned submitted_at[64]; /* `submitted` at each answer */
};
extern struct queue_disk queue_disk;

/* queue_disk_plug - add an honest disk of 512-byte blocks, not started. */
void queue_disk_plug(void);

/* queue_disk_unplug - remove it; assert that nothing is left. */
void queue_disk_unplug(void);

#endif

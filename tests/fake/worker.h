/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that do jobs, below the real drivers/request.c. */
#ifndef TESTS_FAKE_WORKER_H
#define TESTS_FAKE_WORKER_H

#include "drivers/device.h"
#include "drivers/request.h"
#include "tests/fake/tree.h"

#define WORKER_SLOTS 8u

/* A request, and what becomes of it. */
struct job {
	struct request rq; /* its timeout is 1 s if the test says nothing */
	char name;
	uint32_t takes; /* ms, from when it is submitted */
	/* What it ends with: "job <name> failed", or "" for ERR_NODEV. */
	int status;
	/* So many answers before are ERR_IO, "job <name> is not ready". */
	unsigned again;
	enum request_disposition disposition; /* of these */
	bool ends_at_once;		      /* in submit */
	/* When it has ended; may be NULL. */
	void (*then)(struct job *job);
	void *arg; /* the test's */
	/* What happened to it. */
	unsigned submits, ends;
	uint64_t tries[128]; /* ms: when it was submitted, the first times */
	uint64_t due;	     /* ms */
};

/* Something that a worker has passed on to its host. */
struct relayed {
	struct job job;
	struct request *rq;
};

struct worker {
	struct device *dev; /* open */
	struct request_queue queue;
	struct request *slots[WORKER_SLOTS];
	struct worker *host; /* its jobs are passed on to it; NULL: does them */
	struct relayed relayed[WORKER_SLOTS];

	/* How it behaves. */
	bool serial;	  /* does one after the other */
	bool silent;	  /* answers nothing */
	bool breaks;	  /* is found out to break the rules, by poll */
	int refusal;	  /* what submit() returns, with a reason, when full */
	unsigned room;	  /* jobs before it is full */
	uint64_t free_at; /* ms: it has done what it was given */

	unsigned inside; /* jobs that it has */
	unsigned most;	 /* that it had */
	unsigned refusals, stops;
};

/*
 * What the workers did, in order: "+a" job a was submitted, "kick", "stop", "-a"
 * it has ended; each with a blank after it. worker_quiet(): forget it.
 */
extern char worker_events[4096];
void worker_quiet(void);

/* worker_setup, worker_teardown - a tree without devices; nothing is left. */
int worker_setup(void **state);
int worker_teardown(void **state);

/*
 * worker_plug - add a device, and start it. `slots`: jobs that it is given at a
 * time, up to WORKER_SLOTS. `host`: what it sits on, which is plugged, or NULL.
 */
void worker_plug(struct worker *w, unsigned slots, struct worker *host);

/* job_add - give it a job. */
void job_add(struct worker *w, struct job *job);

/* jobs_finish - wait until no job is left of all that were added. */
void jobs_finish(void);

#endif

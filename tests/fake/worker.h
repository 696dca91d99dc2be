/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that run jobs, below the real drivers/request.c. */
#ifndef TESTS_FAKE_WORKER_H
#define TESTS_FAKE_WORKER_H

#include "drivers/device.h"
#include "drivers/request.h"
#include "tests/fake/tree.h"

#define WORKER_SLOTS 8u

/* A request and its outcome. */
struct job {
	struct request rq; /* its timeout is 1 s unless the test sets one */
	char name;
	uint32_t takes; /* ms, from when it is submitted */
	/* Its final status: "job <name> failed", or "" for ERR_NODEV. */
	int status;
	/* This many earlier answers are ERR_IO, "job <name> is not ready". */
	unsigned again;
	enum request_disposition disposition; /* of these */
	bool ends_at_once;		      /* in submit */
	/* Called when it has ended; may be NULL. */
	void (*then)(struct job *job);
	void *arg; /* the test's */
	/* Its history. */
	unsigned submits, ends;
	uint64_t tries[128]; /* ms: when it was submitted, first tries */
	uint64_t due;	     /* ms */
};

/* A request that a worker has passed on to its host. */
struct relayed {
	struct job job;
	struct request *rq;
};

struct worker {
	struct device *dev; /* open */
	struct request_queue queue;
	struct request *slots[WORKER_SLOTS];
	struct worker *host; /* runs its jobs; NULL: it runs them itself */
	bool decides;	     /* evaluates its host's answers, see job.again */
	struct relayed relayed[WORKER_SLOTS];

	/* How it behaves. */
	bool serial;	  /* runs one at a time */
	bool silent;	  /* answers nothing */
	bool breaks;	  /* poll finds that it breaks the rules */
	int refusal;	  /* what submit() returns, with a reason, when full */
	unsigned room;	  /* jobs before it is full */
	uint64_t free_at; /* ms: when all its jobs have ended */

	unsigned inside; /* jobs in flight */
	unsigned most;	 /* the most in flight */
	unsigned refusals, stops;
};

/*
 * The events of the workers, in order: "+a" job a is submitted, "kick", "stop",
 * "-a" it has ended; each with a blank after it. worker_quiet(): forget them.
 */
extern char worker_events[4096];
void worker_quiet(void);

/* worker_setup, worker_teardown - a tree without devices, and no leaks. */
int worker_setup(void **state);
int worker_teardown(void **state);

/*
 * worker_plug - add a device and start it. `slots`: jobs that it gets at a
 * time, up to WORKER_SLOTS. `host`: its host, which is plugged, or NULL.
 */
void worker_plug(struct worker *w, unsigned slots, struct worker *host);

/* job_make - one named `name` that takes `takes` ms; `timeout_ms` 0: 1 s. */
struct job job_make(char name, uint32_t takes, uint32_t timeout_ms);

/* jobs_make - `n` of them: a, b, c... that take `ms` each. */
void jobs_make(struct job *jobs, unsigned n, uint32_t ms);

/* job_add, job_add_later - add a job. */
void job_add(struct worker *w, struct job *job);
void job_add_later(struct worker *w, struct job *job, uint32_t delay_ms);

/* jobs_finish - wait until all jobs have ended. Returns how many ms it took. */
uint64_t jobs_finish(void);

/* assert_took - a time is the expected one, but for looking at the clock. */
#define WORKER_SLACK_MS 10u
#define assert_took(ms, expected)                                              \
	assert_in_range(ms, expected, (expected) + WORKER_SLACK_MS)

/* jobs_expect_ended - they have all ended once, and so. */
void jobs_expect_ended(const struct job *jobs, unsigned n, int status,
		       const char *why);

#endif

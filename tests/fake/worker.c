// SPDX-License-Identifier: BSD-2-Clause
// Devices that run jobs: see tests/fake/worker.h.
#include "tests/fake/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/deadline.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

char worker_events[4096];
/* Jobs added and not ended. */
static unsigned jobs_left;

void worker_quiet(void)
{
	worker_events[0] = '\0';
}

static void note(const char *what, char name)
{
	size_t at = strlen(worker_events);

	assert_true(at + 16 < sizeof(worker_events));
	snprintf(worker_events + at, 16, name ? "%s%c " : "%s ", what, name);
}

static struct job *job_of(struct request *rq)
{
	return container_of(rq, struct job, rq);
}

static struct worker *worker_of(const struct device *dev)
{
	return dev->bus_data;
}

static int worker_start(struct device *dev)
{
	struct worker *w = worker_of(dev);

	w->inside = 0;
	w->free_at = 0;
	return 0;
}

/* Its own reason() must not replace the reason for the stop. */
static void worker_stop(struct device *dev)
{
	struct worker *w = worker_of(dev);

	note("stop", 0);
	w->stops++;
	w->inside = 0;
	reason_fail(ERR_IO, "it does not like to be stopped");
}

static int refuse(struct worker *w)
{
	w->refusals++;
	return reason_fail(w->refusal, "it has %u jobs", w->inside);
}

static int worker_submit(struct request_queue *queue, struct request *rq)
{
	struct worker *w = worker_of(queue->dev);
	struct job *job = job_of(rq);
	uint64_t now = deadline_ms();

	assert_true(device_is_up(w->dev));
	assert_true(rq->slot < queue->n_slots);
	assert_ptr_equal(queue->slots[rq->slot], rq);
	if (w->refusal && w->inside >= w->room)
		return refuse(w);
	note("+", job->name);
	if (job->submits < ARRAY_SIZE(job->tries))
		job->tries[job->submits] = now;
	job->submits++;
	job->due = (w->serial ? MAX(now, w->free_at) : now) + job->takes;
	w->free_at = job->due;
	if (job->ends_at_once) {
		request_done(rq, 0);
		return 0;
	}
	w->inside++;
	w->most = MAX(w->most, w->inside);
	return 0;
}

static void worker_kick(struct request_queue *queue)
{
	assert_true(device_is_up(queue->dev));
	note("kick", 0);
}

static void answer(struct worker *w, struct job *job)
{
	int status = job->status;

	w->inside--;
	if (status == ERR_NODEV)
		reason_clear();
	else if (status)
		reason_fail(status, "job %c failed", job->name);
	request_done(&job->rq, status);
}

/* The first job due; a worker may run others in the meantime. */
static struct job *next_due(const struct worker *w, uint64_t now)
{
	struct job *next = NULL;
	unsigned i;

	for (i = 0; i < w->queue.n_slots; i++) {
		struct job *job = w->slots[i] ? job_of(w->slots[i]) : NULL;

		if (job && job->due <= now && (!next || job->due < next->due))
			next = job;
	}
	return next;
}

static void worker_poll(struct request_queue *queue)
{
	struct worker *w = worker_of(queue->dev);
	uint64_t now = deadline_ms();
	struct job *job;

	assert_true(device_is_up(queue->dev));
	assert_true(queue->in_flight > 0);
	if (w->breaks)
		request_lose(queue, reason_fail(ERR_IO, "it broke the rules"));
	while (!w->silent && (job = next_due(w, now)) != NULL)
		answer(w, job);
}

static enum request_disposition worker_decide(struct request *rq, int *status)
{
	struct job *job = job_of(rq);
	const struct worker *w = worker_of(rq->queue->dev);

	if (!job->again || (w->host && !w->decides))
		return REQUEST_DONE;
	job->again--;
	*status = reason_fail(ERR_IO, "job %c is not ready", job->name);
	return job->disposition;
}

static const struct request_ops worker_ops = {
	.submit = worker_submit,
	.kick = worker_kick,
	.poll = worker_poll,
	.decide = worker_decide,
};

static void relayed_done(struct request *rq)
{
	struct relayed *r = container_of(rq, struct relayed, job.rq);

	if (rq->status < 0)
		reason_fail(rq->status, "%s", rq->why);
	request_done(r->rq, rq->status);
}

static int relay_submit(struct request_queue *queue, struct request *rq)
{
	struct worker *w = worker_of(queue->dev);
	struct relayed *r = &w->relayed[rq->slot];

	job_of(rq)->submits++;
	r->job = *job_of(rq);
	r->job.rq.done = relayed_done;
	r->job.rq.timeout_ms = 1000;
	if (w->decides)
		r->job.again = 0;
	r->rq = rq;
	request_add(&w->host->queue, &r->job.rq);
	return 0;
}

static const struct request_ops relay_ops = {
	.submit = relay_submit,
	.decide = worker_decide,
};

static bool worker_match(const struct device *dev, const void *match)
{
	(void)dev;
	(void)match;
	return true;
}

static const struct bus worker_bus = {
	.name = "worker",
	.match = worker_match,
};

DRIVER(worker) = {
	.name = "worker",
	.bus = &worker_bus,
	.start = worker_start,
	.stop = worker_stop,
};

void worker_plug(struct worker *w, unsigned slots, struct worker *host)
{
	struct node *node = host ? host->dev->node : tree_root();

	*w = (struct worker){ .host = host };
	node = tree_add_node(node, "worker", TREE_QEMU);
	assert_non_null(node);
	w->dev = device_add(host ? host->dev : NULL, &worker_bus, node, w);
	assert_non_null(w->dev);
	request_queue_init(&w->queue, w->dev, host ? &relay_ops : &worker_ops,
			   w->slots, slots);
	assert_int_equal(device_open(w->dev), 0);
}

struct job job_make(char name, uint32_t takes, uint32_t timeout_ms)
{
	return (struct job){ .rq.timeout_ms = timeout_ms,
			     .name = name,
			     .takes = takes };
}

void jobs_make(struct job *jobs, unsigned n, uint32_t ms)
{
	unsigned i;

	for (i = 0; i < n; i++)
		jobs[i] = job_make((char)('a' + i), ms, 0);
}

static void job_done(struct request *rq)
{
	struct job *job = job_of(rq);

	note("-", job->name);
	job->ends++;
	jobs_left--;
	if (job->then)
		job->then(job);
}

void job_add_later(struct worker *w, struct job *job, uint32_t delay_ms)
{
	if (!job->rq.timeout_ms)
		job->rq.timeout_ms = 1000;
	job->rq.done = job_done;
	jobs_left++;
	request_add_later(&w->queue, &job->rq, delay_ms);
}

void job_add(struct worker *w, struct job *job)
{
	job_add_later(w, job, 0);
}

uint64_t jobs_finish(void)
{
	uint64_t before = deadline_ms();

	while (jobs_left)
		request_wait();
	return deadline_ms() - before;
}

void jobs_expect_ended(const struct job *jobs, unsigned n, int status,
		       const char *why)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		assert_int_equal(jobs[i].ends, 1);
		assert_int_equal(jobs[i].rq.status, status);
		assert_string_equal(jobs[i].rq.why, why);
	}
}

int worker_setup(void **state)
{
	(void)state;
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	deadline_init(0);
	assert_int_equal(tree_init(), 0);
	device_init();
	jobs_left = 0;
	worker_quiet();
	return 0;
}

int worker_teardown(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

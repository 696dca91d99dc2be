// SPDX-License-Identifier: BSD-2-Clause
// Requests: submitting, polling, retrying, timing out; each one ends.
#include "drivers/request.h"

#include <string.h>

#include "drivers/device.h"
#include "drivers/waits.h"
#include "lib/fmt.h"
#include "lib/reason.h"

/*
 * request_wait() looks at all queues that have requests until one ends:
 *
 *	request_add() -> waiting -- submit --> slots -- poll --> end, done()
 *			    ^------- retry, busy -------'
 *
 * 1. submit what fits, one kick per queue; 2. poll for responses; 3. check the
 * deadline. The deadline counts from the last progress, not from the submit: a
 * slow disk with a deep queue is alive as long as requests end, and a silent
 * one is found after one timeout. A lost request could still write to its
 * buffer, so the device is stopped before any of its requests ends and their
 * buffers go back to their owners.
 */

/* Longer than any wait; each queue has its own deadline. */
#define REQUEST_LOOK_MS 3600000u

/* Queues that have requests, oldest first. */
static struct list queues = LIST_INIT(queues);
/* Number of requests that have ended, and whose was the last one. */
static unsigned request_ends;
static struct device *request_ended;

void request_queue_init(struct request_queue *queue, struct device *dev,
			const struct request_ops *ops, struct request **slots,
			unsigned n)
{
	*queue = (struct request_queue){
		.dev = dev, .ops = ops, .slots = slots, .n_slots = n
	};
	memset(slots, 0, n * sizeof(struct request *));
	list_init(&queue->link);
	list_init(&queue->waiting);
}

static bool queue_is_idle(const struct request_queue *queue)
{
	return !queue->in_flight && list_empty(&queue->waiting);
}

void request_add(struct request_queue *queue, struct request *rq)
{
	bool idle = queue_is_idle(queue);

	rq->queue = queue;
	rq->status = REQUEST_PENDING;
	rq->retries = rq->pause = 0;
	rq->not_before = 0;
	rq->why[0] = '\0';
	if (idle) {
		list_del(&queue->link);
		list_add_tail(&queues, &queue->link);
		queue->timeout_ms = 0;
		queue->full = false;
		queue->progress = true;
	}
	queue->timeout_ms = MAX(queue->timeout_ms, rq->timeout_ms);
	list_add_tail(&queue->waiting, &rq->link);
}

void request_add_later(struct request_queue *queue, struct request *rq,
		       uint32_t delay_ms)
{
	request_add(queue, rq);
	if (delay_ms)
		rq->not_before = deadline_ms() + delay_ms;
}

/* The reason is empty for the many absent targets of a scan. */
static void request_end(struct request *rq, int status)
{
	if (status < 0 && reason()[0])
		fmt_str(rq->why, sizeof(rq->why), "%s", reason());
	rq->status = status;
	rq->queue->progress = true;
	request_ends++;
	request_ended = rq->queue->dev;
	if (rq->done)
		rq->done(rq);
}

static void request_leave_slot(struct request *rq)
{
	struct request_queue *queue = rq->queue;

	queue->slots[rq->slot] = NULL;
	queue->in_flight--;
	queue->full = false;
}

static void request_back_off(struct request *rq)
{
	unsigned pause = MAX(1u, 2u * rq->pause);

	rq->pause = (uint8_t)MIN(pause, REQUEST_PAUSE_MAX_MS);
	rq->not_before = deadline_ms() + rq->pause;
	fmt_str(rq->why, sizeof(rq->why), "%s", reason());
}

static bool request_try_again(struct request *rq,
			      enum request_disposition disposition)
{
	if (disposition == REQUEST_WAIT)
		request_back_off(rq);
	return disposition == REQUEST_WAIT || (disposition == REQUEST_RETRY &&
					       rq->retries++ < REQUEST_RETRIES);
}

void request_done(struct request *rq, int status)
{
	struct request_queue *queue = rq->queue;
	enum request_disposition disposition = REQUEST_DONE;

	request_leave_slot(rq);
	if (queue->ops->decide)
		disposition = queue->ops->decide(rq, &status);
	/* A retry is no progress. */
	if (request_try_again(rq, disposition)) {
		list_add_tail(&queue->waiting, &rq->link);
		return;
	}
	request_end(rq, status);
}

/* Not those that a done() adds; a relay's are ended by the other queue. */
void request_end_all(struct request_queue *queue, int err)
{
	struct list *at = queue->waiting.next, *last;
	struct reason_kept kept;
	unsigned i;
	bool more;

	reason_keep(&kept);
	for (i = 0; queue->ops->poll && i < queue->n_slots; i++) {
		struct request *rq = queue->slots[i];

		if (!rq)
			continue;
		request_leave_slot(rq);
		list_insert_before(at, &rq->link);
	}
	last = queue->waiting.prev;
	for (more = !list_empty(&queue->waiting); more; more = at != last) {
		at = queue->waiting.next;
		list_del(at);
		reason_put_back(&kept);
		request_end(container_of(at, struct request, link), err);
	}
}

void request_lose(struct request_queue *queue, int err)
{
	struct reason_kept kept;

	reason_keep(&kept);
	device_stop(queue->dev);
	reason_put_back(&kept);
	request_end_all(queue, err);
}

/* Usually the slot after the last one used. Returns -1: none is free. */
static int queue_free_slot(struct request_queue *queue)
{
	unsigned i, n = queue->n_slots;

	if (queue->in_flight == n)
		return -1;
	for (i = queue->next; queue->slots[i]; i = (i + 1) % n)
		;
	queue->next = (i + 1) % n;
	return (int)i;
}

/* Returns whether the device may accept another one. */
static bool queue_submit(struct request_queue *queue, struct request *rq,
			 unsigned slot)
{
	int err;

	/* The time of one for later begins now, unless it runs for others. */
	if (!queue->in_flight && rq->not_before && !rq->pause)
		queue->progress = true;
	list_del(&rq->link);
	rq->slot = slot;
	queue->slots[slot] = rq;
	queue->in_flight++;
	err = queue->ops->submit(queue, rq);
	if (err == 0)
		return true;
	request_leave_slot(rq);
	if ((err == ERR_BUSY || err == ERR_NOSPACE) && queue->in_flight) {
		list_insert_before(queue->waiting.next, &rq->link);
		queue->full = true;
		return false;
	}
	/* With nothing in flight, waiting does not help. */
	request_end(rq, err == ERR_BUSY ? ERR_IO : err);
	return true;
}

static bool request_is_due(const struct request *rq)
{
	return !rq->not_before || deadline_ms() >= rq->not_before;
}

/* A submit may find the device dead: then the next pass ends the others. */
static void queue_pump(struct request_queue *queue)
{
	struct request *rq, *next;
	bool submitted = false;

	list_for_each_safe(rq, next, &queue->waiting, link) {
		int slot = queue_free_slot(queue);

		if (slot < 0 || queue->full)
			break;
		if (!request_is_due(rq))
			continue;
		if (!queue_submit(queue, rq, (unsigned)slot))
			break;
		submitted = true;
		if (!device_is_up(queue->dev))
			return;
	}
	if (submitted && queue->ops->kick)
		queue->ops->kick(queue);
}

/* A busy device has responded: it need not be stopped for these. */
static void queue_end_busy(struct request_queue *queue)
{
	struct request *rq, *next;

	list_for_each_safe(rq, next, &queue->waiting, link) {
		if (!rq->pause)
			continue;
		list_del(&rq->link);
		reason_fail(ERR_TIMEOUT, "%s", rq->why);
		request_end(rq, ERR_TIMEOUT);
	}
}

/* Only busy ones are in flight, and the last retry is still new. */
static bool queue_awaits_busy(const struct request_queue *queue)
{
	unsigned i;

	for (i = 0; i < queue->n_slots; i++) {
		const struct request *rq = queue->slots[i];

		if (rq && (!rq->pause ||
			   deadline_ms() >= rq->not_before + REQUEST_ANSWER_MS))
			return false;
	}
	return true;
}

static void queue_check_time(struct request_queue *queue)
{
	const char *says;

	if (queue->progress)
		deadline_start(&queue->limit, queue->timeout_ms);
	queue->progress = false;
	if (!deadline_passed(&queue->limit))
		return;
	queue_end_busy(queue);
	/* What a relay has in flight, the other queue ends. */
	if (!queue->in_flight || !queue->ops->poll || queue_awaits_busy(queue))
		return;
	says = queue->ops->says ? queue->ops->says(queue) : NULL;
	reason_fail(ERR_TIMEOUT, "no response in %u s%s%s; device reset",
		    queue->timeout_ms / 1000, says ? ": " : "",
		    says ? says : "");
	request_lose(queue, ERR_TIMEOUT);
}

/* A device that was reset has lost its requests. */
static void queue_submit_all(struct request_queue *queue)
{
	if (device_is_up(queue->dev)) {
		queue_pump(queue);
		return;
	}
	reason_fail(ERR_IO, "the device was reset in the meantime");
	request_end_all(queue, ERR_IO);
}

/*
 * A relay has no deadline of its own, but for those who find it busy. A device
 * that is down, by a queue before or by its own submit, is not polled: the next
 * pass ends its requests. Those whose time is over have timed out all the same.
 */
static void queue_look(struct request_queue *queue)
{
	if (!queue->ops->poll && !queue->ops->decide)
		return;
	if (queue->in_flight && queue->ops->poll && device_is_up(queue->dev))
		queue->ops->poll(queue);
	if (!queue_is_idle(queue))
		queue_check_time(queue);
}

/* One pass over all queues, and over those that a done() adds. */
static void request_pass(bool submit, bool look)
{
	struct list *at = queues.next;

	while (at != &queues) {
		struct request_queue *queue =
			container_of(at, struct request_queue, link);

		if (submit)
			queue_submit_all(queue);
		if (look)
			queue_look(queue);
		at = at->next;
		if (queue_is_idle(queue))
			list_del(&queue->link);
	}
}

/*
 * Submitting counts as work, polling as waiting time: for the device whose
 * request ends it. Of several devices that is in the end the slowest.
 */
void request_wait(void)
{
	const unsigned before = request_ends;
	struct deadline wait;

	request_pass(true, false);
	if (request_ends != before || list_empty(&queues))
		return;
	deadline_start(&wait, REQUEST_LOOK_MS);
	request_pass(false, true);
	while (request_ends == before && !list_empty(&queues)) {
		deadline_idle(&wait);
		request_pass(true, true);
	}
	waits_add(request_ended, deadline_stop(&wait));
}

int request_run(struct request_queue *queue, struct request *rq)
{
	request_add(queue, rq);
	while (rq->status == REQUEST_PENDING)
		request_wait();
	return rq->status;
}

static void queue_forget(struct request_queue *queue)
{
	memset(queue->slots, 0, queue->n_slots * sizeof(struct request *));
	queue->in_flight = 0;
	list_init(&queue->waiting);
	list_del(&queue->link);
}

void request_forget(const struct device *dev)
{
	struct list *at = queues.next;

	if (!dev || request_ended == dev)
		request_ended = NULL;
	while (at != &queues) {
		struct request_queue *queue =
			container_of(at, struct request_queue, link);

		at = at->next;
		if (!dev || queue->dev == dev)
			queue_forget(queue);
	}
}

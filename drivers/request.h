/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to devices: one engine submits, retries and times out all. */
#ifndef DRIVERS_REQUEST_H
#define DRIVERS_REQUEST_H

#include "lib/deadline.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct device;
struct request;
struct request_queue;

/* What to do with a request after the device's response. */
enum request_disposition {
	REQUEST_DONE,  /* end it with the status */
	REQUEST_RETRY, /* retry at once, at most REQUEST_RETRIES times */
	REQUEST_WAIT,  /* busy: retry after a pause, until the deadline */
};
#define REQUEST_RETRIES 8u
/* Longest pause before a retry. */
#define REQUEST_PAUSE_MAX_MS 100u
/* How long a busy device has for its last answer, after the deadline. */
#define REQUEST_ANSWER_MS 1000u

/* A request; must stay valid until it ends. Start with zeros. */
struct request {
	struct list link; /* in queue->waiting */
	struct request_queue *queue;
	/* The device is reset if no request of its queue ends for so long. */
	uint32_t timeout_ms;
	/* done - called at the end; may be NULL, may add requests. */
	void (*done)(struct request *rq);
	int status;    /* REQUEST_PENDING, then 0 or an ERR_* code */
	unsigned slot; /* in flight: its index in queue->slots */
	/* Private to the engine: */
	uint8_t retries;
	uint8_t pause;	     /* ms before the last retry; 0: never busy */
	uint64_t not_before; /* deadline_ms() of the next try; 0: at once */
	char why[160];	     /* copy of reason() when it failed */
};
#define REQUEST_PENDING 1

struct request_ops {
	/*
	 * submit - pass a request to the device; `rq->slot` identifies it. May
	 * call request_done() at once. Returns 0; ERR_BUSY, ERR_NOSPACE: retry
	 * after another one in flight ends, if any; other errors, with
	 * reason(): the request ends.
	 */
	int (*submit)(struct request_queue *queue, struct request *rq);
	/* kick - notify the device of submitted requests; may be NULL. */
	void (*kick)(struct request_queue *queue);
	/*
	 * poll - call request_done() for each response of the device. NULL: a
	 * relay, whose requests become requests of another queue with its own
	 * deadline; the relay's is for requests that wait, REQUEST_WAIT.
	 */
	void (*poll)(struct request_queue *queue);
	/*
	 * decide - evaluate a response. `status`: as given to request_done();
	 * may be changed, with reason(); also used if no retry is left. NULL:
	 * REQUEST_DONE.
	 */
	enum request_disposition (*decide)(struct request *rq, int *status);
	/*
	 * says - at a time-out, what the device says of its state, for the
	 * reason; or NULL. May be NULL.
	 */
	const char *(*says)(struct request_queue *queue);
};

/* The requests of a device; a driver has one or several queues. */
struct request_queue {
	struct list link; /* of the queues that have requests */
	struct device *dev;
	const struct request_ops *ops;
	struct list waiting;	/* to be submitted, in order */
	struct request **slots; /* in flight; NULL: free */
	unsigned n_slots, in_flight;
	unsigned next;	       /* slot to try first */
	bool full;	       /* accepts no more until a request ends */
	bool progress;	       /* a request ended since the last look */
	uint32_t timeout_ms;   /* longest of its requests */
	struct deadline limit; /* for the next end; never stopped */
};

/*
 * request_queue_init - `slots`: array of `n` pointers, the most requests in
 * flight; must stay valid.
 */
void request_queue_init(struct request_queue *queue, struct device *dev,
			const struct request_ops *ops, struct request **slots,
			unsigned n);

/*
 * request_add - queue a request; it is submitted when a slot is free. It always
 * ends: by a response, at the deadline (the device is stopped), or if the
 * device is stopped.
 */
void request_add(struct request_queue *queue, struct request *rq);

/*
 * request_add_later - the same, but submit it in `delay_ms` at the earliest; the
 * delay does not count for its timeout_ms.
 */
void request_add_later(struct request_queue *queue, struct request *rq,
		       uint32_t delay_ms);

/*
 * request_done - the device has responded: 0, or an ERR_* code with reason(),
 * which is empty for an absent target. The slot becomes free.
 */
void request_done(struct request *rq, int status);

/*
 * request_lose - the device violated its protocol or is gone: stop it and end
 * all requests of the queue, also waiting ones, with `err` and reason().
 */
void request_lose(struct request_queue *queue, int err);

/*
 * request_wait - drive the requests of all devices until at least one ends.
 * Returns at once if there is none.
 */
void request_wait(void);

/*
 * request_end_all - the device was reset: end all requests of a queue with
 * `err` and reason(). Not from a done().
 */
void request_end_all(struct request_queue *queue, int err);

/* request_run - add a request and wait until it ends. Returns its status. */
must_check int request_run(struct request_queue *queue, struct request *rq);

/*
 * request_forget - drop the requests of a device, NULL: of all, untouched and
 * without calling done(). For a removed device, and after an exception:
 * requests may lie on a stack that is in use again.
 */
void request_forget(const struct device *dev);

#endif

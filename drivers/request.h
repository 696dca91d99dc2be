/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to devices: in flight, tried again, given up; one engine for all. */
#ifndef DRIVERS_REQUEST_H
#define DRIVERS_REQUEST_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct device;
struct request;
struct request_queue;

/* What is to become of a request that the device has answered. */
enum request_disposition {
	REQUEST_DONE,  /* with the status */
	REQUEST_RETRY, /* at once, REQUEST_RETRIES times */
	REQUEST_WAIT,  /* it is busy: after a pause, until the time is over */
};
#define REQUEST_RETRIES 8u
/* Longest pause between two tries. */
#define REQUEST_PAUSE_MAX_MS 100u

/* A request; the caller owns it until it has ended. Begin with zeros. */
struct request {
	struct list link; /* the queue's, while it waits */
	struct request_queue *queue;
	/* How long nothing of the queue may end before the device is reset. */
	uint32_t timeout_ms;
	/* done - it has ended; NULL: nobody is told. May add requests. */
	void (*done)(struct request *rq);
	int status;    /* REQUEST_PENDING, then 0 or an ERR_* code */
	unsigned slot; /* in flight: the queue's number for it */
	/* The engine's: */
	uint8_t retries;
	uint8_t pause;	     /* ms before the last try that was waited for */
	uint64_t not_before; /* deadline_ms() of the next try */
	char why[160];	     /* reason() when it failed */
};
#define REQUEST_PENDING 1

struct request_ops {
	/*
	 * submit - give it to the device, as number `rq->slot`. Returns 0;
	 * ERR_BUSY, ERR_NOSPACE: no room until another one has ended; others:
	 * it ends so, with reason(). May end it at once, by request_done().
	 */
	int (*submit)(struct request_queue *queue, struct request *rq);
	/* kick - tell the device about what was submitted; may be NULL. */
	void (*kick)(struct request_queue *queue);
	/*
	 * poll - request_done() for each that the device has answered. NULL:
	 * its requests are passed on to another queue, whose time counts.
	 */
	void (*poll)(struct request_queue *queue);
	/*
	 * decide - what is to be done about an answer? `status`: as given to
	 * request_done(), can be changed; it counts also when a retry is the
	 * last one. It sets the reason of an error. NULL: REQUEST_DONE.
	 */
	enum request_disposition (*decide)(struct request *rq, int *status);
};

/* What a device has to do. Its driver has one, or several. */
struct request_queue {
	struct list link; /* of the queues that have something to do */
	struct device *dev;
	const struct request_ops *ops;
	struct list waiting;	/* to be submitted, in order */
	struct request **slots; /* in flight; NULL: free */
	unsigned n_slots, in_flight;
	unsigned next;	     /* slot that is tried first */
	bool full;	     /* it takes no more until one has ended */
	bool progress;	     /* one has ended since the last look */
	uint32_t timeout_ms; /* the longest of its requests */
	uint64_t end; /* deadline_ms() when nothing may be awaited more */
};

/*
 * request_queue_init - `slots`: room for `n` pointers, kept, not copied: most
 * requests in flight.
 */
void request_queue_init(struct request_queue *queue, struct device *dev,
			const struct request_ops *ops, struct request **slots,
			unsigned n);

/*
 * request_add - a request begins: it is submitted when there is room. It ends
 * also if the device is silent, which is stopped then; or if it is stopped.
 */
void request_add(struct request_queue *queue, struct request *rq);

/*
 * request_done - the device has answered: with 0, or with an ERR_* code, and
 * reason() says why; "": there is nobody. It is taken from its slot.
 */
void request_done(struct request *rq, int status);

/*
 * request_lose - the device has broken the rules, or went away: stop it, end
 * all that is in flight with `err` and reason().
 */
void request_lose(struct request_queue *queue, int err);

/*
 * request_wait - look after all that is in flight, on whatever device, until at
 * least one request has ended, as each does; or there is none.
 */
void request_wait(void);

/* request_run - add it, and wait until it has ended. Returns its status. */
must_check int request_run(struct request_queue *queue, struct request *rq);

/*
 * request_forget - the requests of a device, NULL: of all devices, are not
 * touched any more: whoever waited is gone, by an exception, and they may lie
 * on a stack that is in use again. Or the device goes away.
 */
void request_forget(const struct device *dev);

#endif

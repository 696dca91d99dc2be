/* SPDX-License-Identifier: BSD-2-Clause */
/* Command/response queues to a VIO device's partner (LoPAR 17.2.3). */
#ifndef DRIVERS_VIO_CRQ_H
#define DRIVERS_VIO_CRQ_H

#include "drivers/dma.h"
#include "lib/err.h"
#include "lib/types.h"

/* One element: two numbers; the first byte of `high` is its type. */
struct crq_entry {
	uint64_t high, low;
};

/* First bytes. [LoPAR 17.2.3.1] */
enum crq_valid {
	CRQ_EMPTY = 0x00,
	CRQ_MESSAGE = 0x80,
	CRQ_INIT = 0xc0,
	CRQ_EVENT = 0xff, /* the partner disconnected or reconnected */
};

/* Elements of a queue. */
#define CRQ_ENTRIES 256u

struct crq {
	uint32_t unit; /* `reg` of the device's node */
	struct dma *dma;
	uint8_t *queue; /* NULL: not open */
	uint64_t bus;
	unsigned next; /* index of the next element */
	unsigned held; /* received, but not cleared yet */
	bool lost;     /* `next` is uncertain */
};

/*
 * crq_open - register a queue and initialise the connection, whichever side
 * starts. `dma`: must stay valid.
 * Returns 0; ERR_NOMEM; ERR_INVAL, ERR_NODEV, ERR_IO: refused; ERR_TIMEOUT: the
 * partner does not respond.
 */
must_check int crq_open(struct crq *crq, uint32_t unit, struct dma *dma);

/* crq_close - unregister the queue; no message follows. Idempotent. */
void crq_close(struct crq *crq);

/* crq_send - send one element. Returns as h_send_crq(). */
must_check int crq_send(struct crq *crq, uint64_t high, uint64_t low);

/* crq_receive - remove the next element. Returns false: there is none. */
must_check bool crq_receive(struct crq *crq, struct crq_entry *entry);

/*
 * crq_unexplained - the element just received responds to nothing that was
 * sent: the partner's position may differ from ours. From now on crq_receive()
 * searches the whole queue. Returns true the first time.
 */
must_check bool crq_unexplained(struct crq *crq);

/* crq_valid - the first byte of an element. */
static inline uint8_t crq_valid(const struct crq_entry *entry)
{
	return (uint8_t)(entry->high >> 56);
}

#endif

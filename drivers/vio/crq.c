// SPDX-License-Identifier: BSD-2-Clause
// Command/response queues to a VIO device's partner (LoPAR 17.2.3).

#include <string.h>

#include "drivers/vio/crq.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"

#define QUEUE_LEN 4096u
#define ENTRY_LEN 16u

/* Initialisation elements: request and response. [LoPAR 17.2.3.1] */
#define INIT_REQUEST 0xc001000000000000ULL
#define INIT_RESPONSE 0xc002000000000000ULL

#define INIT_TIMEOUT_MS 5000u

int crq_send(struct crq *crq, uint64_t high, uint64_t low)
{
	/* The partner may look at memory as soon as it has the element. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return h_send_crq(crq->unit, high, low);
}

bool crq_receive(struct crq *crq, struct crq_entry *entry)
{
	uint8_t *at = crq->queue + (size_t)crq->next * ENTRY_LEN;

	if (*(volatile uint8_t *)at == CRQ_EMPTY)
		return false;
	/* The first byte is written last. [hw/ppc/spapr_vio.c] */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	entry->high = be64_load(at);
	entry->low = be64_load(at + 8);
	memset(at, 0, ENTRY_LEN);
	crq->next = (crq->next + 1) % (QUEUE_LEN / ENTRY_LEN);
	return true;
}

/* A handshake on its way. */
struct handshake {
	struct crq *crq;
	bool done;
	int err;
};

/* One step: both sides may have asked; each answers the other. */
static bool handshake_done(void *arg)
{
	struct handshake *hs = arg;
	struct crq_entry entry;

	if (!crq_receive(hs->crq, &entry))
		return false;
	if (entry.high == INIT_REQUEST) {
		hs->err = crq_send(hs->crq, INIT_RESPONSE, 0);
		hs->done = true;
	} else if (entry.high == INIT_RESPONSE) {
		hs->done = true;
	}
	return hs->done;
}

static int shake_hands(struct crq *crq)
{
	struct handshake hs = { .crq = crq };
	int err = crq_send(crq, INIT_REQUEST, 0);

	/* A partner that is not there yet will ask itself. */
	if (err < 0 && err != ERR_NODEV)
		return fail(err, "it refuses to be initialised: %s",
			    err_str(err));
	if (deadline_wait(handshake_done, &hs, INIT_TIMEOUT_MS) < 0)
		return fail(ERR_TIMEOUT, "its partner does not answer");
	return hs.err;
}

static int register_queue(struct crq *crq)
{
	int err = h_reg_crq(crq->unit, crq->bus, QUEUE_LEN);

	/* One that somebody left behind. */
	if (err == ERR_BUSY) {
		err = h_free_crq(crq->unit);
		if (err == 0)
			err = h_reg_crq(crq->unit, crq->bus, QUEUE_LEN);
	}
	if (err < 0)
		return fail(err, "no queue can be registered: %s",
			    err_str(err));
	return 0;
}

int crq_open(struct crq *crq, uint32_t unit, struct dma *dma)
{
	int err;

	*crq = (struct crq){ .unit = unit, .dma = dma };
	crq->queue = dma_alloc(dma, QUEUE_LEN, &crq->bus);
	if (!crq->queue)
		return fail(ERR_NOMEM, "no memory for its queue");
	err = register_queue(crq);
	if (err == 0)
		err = shake_hands(crq);
	if (err < 0)
		crq_close(crq);
	return err;
}

void crq_close(struct crq *crq)
{
	if (!crq->queue)
		return;
	/* Nothing can be done about a failure: the queue is not ours then. */
	(void)!h_free_crq(crq->unit);
	dma_free(crq->dma, crq->queue, crq->bus, QUEUE_LEN);
	crq->queue = NULL;
}

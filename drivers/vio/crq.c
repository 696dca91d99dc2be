// SPDX-License-Identifier: BSD-2-Clause
// Command/response queues to a VIO device's partner (LoPAR 17.2.3).

#include <string.h>

#include "drivers/vio/crq.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"

#define ENTRY_LEN 16u
#define QUEUE_LEN (CRQ_ENTRIES * ENTRY_LEN)
#define HELD_NONE CRQ_ENTRIES

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

static uint8_t *crq_at(const struct crq *crq, unsigned i)
{
	return crq->queue + (size_t)i * ENTRY_LEN;
}

static bool crq_is_full(const struct crq *crq, unsigned i)
{
	return i != crq->held &&
	       *(volatile uint8_t *)crq_at(crq, i) != CRQ_EMPTY;
}

/*
 * An element is given back when the next one has come. QEMU's store of its
 * first half may be done twice: glibc moves 8 bytes by two equal stores. The
 * second one would make an element that is cleared at once valid again; a lap
 * later it would be taken for a new one. [hw/ppc/spapr_vio.c,
 * spapr_vio_send_crq]
 */
static void crq_hold(struct crq *crq, unsigned i)
{
	if (crq->held != HELD_NONE)
		memset(crq_at(crq, crq->held), 0, ENTRY_LEN);
	crq->held = i;
}

/* The next element that is there, or the place where it is waited for. */
static unsigned crq_find(const struct crq *crq)
{
	unsigned i = crq->next, n = crq->lost ? CRQ_ENTRIES : 1;

	while (n-- && !crq_is_full(crq, i))
		i = (i + 1) % CRQ_ENTRIES;
	return i;
}

bool crq_receive(struct crq *crq, struct crq_entry *entry)
{
	unsigned i = crq_find(crq);
	const uint8_t *at = crq_at(crq, i);

	if (!crq_is_full(crq, i))
		return false;
	/* The first byte is written last. [hw/ppc/spapr_vio.c] */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	entry->high = be64_load(at);
	entry->low = be64_load(at + 8);
	crq_hold(crq, i);
	crq->next = (i + 1) % CRQ_ENTRIES;
	return true;
}

bool crq_unexplained(struct crq *crq)
{
	bool first = !crq->lost;

	crq->lost = true;
	/* It may stand where the partner wants to put the next one. */
	crq_hold(crq, HELD_NONE);
	return first;
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
		return reason_fail(err, "it refuses to be initialised: %s",
				   err_str(err));
	if (deadline_wait(handshake_done, &hs, INIT_TIMEOUT_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "its partner does not answer");
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
		return reason_fail(err, "no queue can be registered: %s",
				   err_str(err));
	return 0;
}

int crq_open(struct crq *crq, uint32_t unit, struct dma *dma)
{
	int err;

	*crq = (struct crq){ .unit = unit, .dma = dma, .held = HELD_NONE };
	crq->queue = dma_alloc(dma, QUEUE_LEN, &crq->bus);
	if (!crq->queue)
		return reason_fail(ERR_NOMEM, "no memory for its queue");
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

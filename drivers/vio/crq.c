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
	/* The partner may read memory as soon as it has the element. */
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
 * Clears an element only when the next one has arrived. QEMU may store the
 * first half of an element twice: glibc copies 8 bytes by two equal stores. If
 * we cleared the element in between, the second store would restore its valid
 * byte, and one lap later we would receive it again. [hw/ppc/spapr_vio.c,
 * spapr_vio_send_crq]
 */
static void crq_hold(struct crq *crq, unsigned i)
{
	if (crq->held != HELD_NONE)
		memset(crq_at(crq, crq->held), 0, ENTRY_LEN);
	crq->held = i;
}

/*
 * Index of the next valid element, or of where to wait for it. The partner may
 * store at any time, also while we look: unless we are lost, no other index will
 * do.
 */
static unsigned crq_find(const struct crq *crq)
{
	unsigned i = crq->next, n = crq->lost ? CRQ_ENTRIES : 0;

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
	/* The partner may want to store the next one there. */
	crq_hold(crq, HELD_NONE);
	return first;
}

struct handshake {
	struct crq *crq;
	bool done;
	int err;
};

/* Both sides may send a request; each responds to the other's. */
static bool crq_handshake_done(void *arg)
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

static int crq_shake_hands(struct crq *crq)
{
	struct handshake hs = { .crq = crq };
	int err = crq_send(crq, INIT_REQUEST, 0);

	/* A partner that is not ready yet sends its own request. */
	if (err == 0 || err == ERR_NODEV) {
		if (deadline_wait(crq_handshake_done, &hs, INIT_TIMEOUT_MS) < 0)
			return reason_fail(ERR_TIMEOUT,
					   "the partner does not respond");
		err = hs.err;
	}
	if (err < 0)
		return reason_fail(err, "initialisation failed: %s",
				   err_str(err));
	return 0;
}

static int crq_register(struct crq *crq)
{
	int err = h_reg_crq(crq->unit, crq->bus, QUEUE_LEN);

	/* A previous owner did not free its queue. */
	if (err == ERR_BUSY) {
		err = h_free_crq(crq->unit);
		if (err == 0)
			err = h_reg_crq(crq->unit, crq->bus, QUEUE_LEN);
	}
	if (err < 0)
		return reason_fail(err, "cannot register a queue: %s",
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
	err = crq_register(crq);
	if (err == 0)
		err = crq_shake_hands(crq);
	if (err < 0)
		crq_close(crq);
	return err;
}

void crq_close(struct crq *crq)
{
	if (!crq->queue)
		return;
	/* If it fails, the queue is not ours. */
	(void)!h_free_crq(crq->unit);
	dma_free(crq->dma, crq->queue, crq->bus, QUEUE_LEN);
	crq->queue = NULL;
}

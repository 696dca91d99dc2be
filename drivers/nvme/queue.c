// SPDX-License-Identifier: BSD-2-Clause
// NVMe: pairs of rings: submitting commands, taking completions.
#include "drivers/nvme/nvme.h"
#include "lib/deadline.h"
#include "lib/reason.h"

/*
 * A kick tells the controller of all new commands by one doorbell. Completions
 * appear in memory: an entry is new when its phase is the expected one, which
 * changes with each round. The controller must know which ones were read only
 * when it could run out of entries, so that most reads ring one doorbell.
 *
 * What a controller writes may be nonsense, and may change at any time: an entry
 * is copied, then checked. A command's id is its slot and a generation, so that
 * a late or forged completion finds nobody. The first that does breaks the
 * queue: who knows what else the controller writes.
 */
#define SLOT_BITS 3u
static_assert(NVME_SLOTS <= 1u << SLOT_BITS, "a slot in a command's id");
/* Never all ones, which is no id. [NVMe 1.4, 5.14.1.1] */
#define GENERATION_MASK 0xfffu

/* Without a completion, look whether the controller is alive. */
#define LOOK_MS 10u

void nvme_queue_start(struct nvme_queue *nq, struct nvme_sqe *sq,
		      struct nvme_cqe *cq, unsigned entries)
{
	const struct nvme *nv = nq->nv;
	unsigned stride = NVME_CAP_STRIDE(nv->cap_high);

	nq->sq = sq;
	nq->cq = cq;
	nq->entries = entries;
	nq->tail_bell = nv->regs + NVME_DOORBELLS + 2ull * nq->id * stride;
	nq->head_bell = nq->tail_bell + stride;
	nq->tail = nq->head = nq->sq_head = nq->unread = 0;
	nq->phase = NVME_PHASE;
	memset(nq->flight, 0, sizeof(nq->flight));
}

static void slot_unmap(struct nvme_queue *nq, unsigned i)
{
	if (nq->flight[i].len)
		dma_unmap(&nq->nv->dma, nq->flight[i].bus, nq->flight[i].len);
	nq->flight[i].len = 0;
}

void nvme_queue_stop(struct nvme_queue *nq)
{
	for (unsigned i = 0; i < NVME_SLOTS; i++)
		slot_unmap(nq, i);
	nq->sq = NULL;
}

/*
 * PRP 1 is the data's address, PRP 2 that of its second page, or of a list of
 * all pages after the first. [NVMe 1.4, 4.3] One mapping is contiguous.
 */
static void slot_list(struct nvme_queue *nq, unsigned i, struct nvme_sqe *sqe)
{
	uint64_t bus = nq->flight[i].bus;
	uint64_t page = ALIGN_DOWN(bus, (uint64_t)NVME_PAGE) + NVME_PAGE;
	uint64_t end = bus + nq->flight[i].len;
	le64 *list = nq->lists[i];

	sqe->prp[0] = le64_make(bus);
	if (end <= page)
		return;
	sqe->prp[1] = le64_make(page);
	if (end <= page + NVME_PAGE)
		return;
	sqe->prp[1] = le64_make(nq->lists_bus + i * sizeof(nq->lists[0]));
	for (; page < end; page += NVME_PAGE)
		*list++ = le64_make(page);
}

static_assert(NVME_TRANSFER_MAX / NVME_PAGE < NVME_PAGE / 8,
	      "a page holds the list");

static int slot_map(struct nvme_queue *nq, unsigned i,
		    const struct nvme_command *cmd, struct nvme_sqe *sqe)
{
	int err;

	sqe->prp[0] = le64_make(cmd->page);
	if (!cmd->len)
		return 0;
	assert(nq->lists && cmd->len <= NVME_TRANSFER_MAX);
	err = dma_map(&nq->nv->dma, cmd->buf, cmd->len, cmd->dir,
		      &nq->flight[i].bus);
	if (err < 0)
		return err;
	nq->flight[i].len = cmd->len;
	slot_list(nq, i, sqe);
	return 0;
}

/* The entry before the head stays free: full is not empty. [NVMe 1.4, 4.1] */
static int queue_submit(struct request_queue *requests, struct request *rq)
{
	struct nvme_queue *nq =
		container_of(requests, struct nvme_queue, requests);
	const struct nvme_command *cmd = nvme_command_of(rq);
	struct nvme_sqe sqe = { .opcode = cmd->opcode };
	unsigned id;
	int err;

	if (requests->in_flight >= nq->entries)
		return ERR_BUSY;
	err = slot_map(nq, rq->slot, cmd, &sqe);
	if (err < 0)
		return err;
	nq->generation = (nq->generation + 1) & GENERATION_MASK;
	id = nq->generation << SLOT_BITS | rq->slot;
	nq->flight[rq->slot].cid = (uint16_t)id;
	sqe.cid = le16_make((uint16_t)id);
	sqe.nsid = le32_make(cmd->nsid);
	for (unsigned i = 0; i < ARRAY_SIZE(cmd->cdw); i++)
		sqe.cdw[i] = le32_make(cmd->cdw[i]);
	nq->sq[nq->tail] = sqe;
	nq->tail = (nq->tail + 1) % nq->entries;
	return 0;
}

static void queue_ring(struct nvme_queue *nq)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_io_write(nq->tail_bell, 4, nq->tail);
	nq->look_ms = deadline_ms() + LOOK_MS;
}

/* Before the controller is ready, queue_poll() does it. [NVMe 1.4, 3.1.5] */
static void queue_kick(struct request_queue *requests)
{
	struct nvme_queue *nq =
		container_of(requests, struct nvme_queue, requests);

	if (nq->nv->ready)
		queue_ring(nq);
}

/* Copies the next completion. Returns false: there is none. */
static bool completion_take(struct nvme_queue *nq, struct nvme_cqe *cqe)
{
	const volatile struct nvme_cqe *at = &nq->cq[nq->head];

	if ((le16_get((le16){ at->status.raw }) & NVME_PHASE) != nq->phase)
		return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*cqe = nq->cq[nq->head];
	nq->head = (nq->head + 1) % nq->entries;
	nq->phase ^= nq->head ? 0 : NVME_PHASE;
	nq->unread++;
	return true;
}

/* The command that a completion is for, or NULL with reason(). */
static struct nvme_command *completion_find(struct nvme_queue *nq,
					    const struct nvme_cqe *cqe)
{
	unsigned id = le16_get(cqe->cid), slot = id & ((1u << SLOT_BITS) - 1);
	unsigned sq_head = le16_get(cqe->sq_head), n = nq->entries;

	if (le16_get(cqe->sq_id) != nq->id || sq_head >= n ||
	    (sq_head + n - nq->sq_head) % n >
		    (nq->tail + n - nq->sq_head) % n) {
		reason_fail(ERR_IO,
			    "the controller's queue %u is at entry %u, ours at "
			    "%u",
			    le16_get(cqe->sq_id), sq_head, nq->tail);
		return NULL;
	}
	nq->sq_head = sq_head;
	if (slot >= NVME_SLOTS || !nq->slots[slot] ||
	    nq->flight[slot].cid != id) {
		reason_fail(ERR_IO, "completion of an unknown command, %04x",
			    id);
		return NULL;
	}
	return nvme_command_of(nq->slots[slot]);
}

/* Returns false, with reason(): the queue is broken. */
static bool completion_handle(struct nvme_queue *nq, const struct nvme_cqe *cqe)
{
	struct nvme_command *cmd = completion_find(nq, cqe);

	if (!cmd)
		return false;
	slot_unmap(nq, cmd->rq.slot);
	cmd->result = le32_get(cqe->result);
	cmd->status = le16_get(cqe->status) >> 1;
	request_done(&cmd->rq, nvme_status(cmd->status));
	return true;
}

static bool queue_take_all(struct nvme_queue *nq)
{
	struct nvme_cqe cqe;

	/* A done() may stop the device. */
	while (nq->sq && completion_take(nq, &cqe)) {
		if (!completion_handle(nq, &cqe))
			return false;
		nq->look_ms = deadline_ms() + LOOK_MS;
	}
	return true;
}

/*
 * Gives entries back if the commands in flight could need more. The admin queue's
 * always: its interrupts cannot be disabled, and end so.
 */
static void queue_give_back(struct nvme_queue *nq)
{
	bool enough = nq->id && nq->entries - 1 - nq->unread >= NVME_SLOTS;

	if (!nq->unread || enough)
		return;
	nq->unread = 0;
	pci_io_write(nq->head_bell, 4, nq->head);
}

/* Returns 0, or an error with reason(): the controller is dead. */
static int queue_look(struct nvme_queue *nq)
{
	bool ready = nq->nv->ready;
	int err;

	if (ready && deadline_ms() < nq->look_ms)
		return 0;
	nq->look_ms = deadline_ms() + LOOK_MS;
	err = nvme_check(nq->nv);
	if (err == 0 && !ready && nq->nv->ready)
		queue_ring(nq);
	return err;
}

static void queue_poll(struct request_queue *requests)
{
	struct nvme_queue *nq =
		container_of(requests, struct nvme_queue, requests);
	int err = 0;

	if (nq->nv->ready && !queue_take_all(nq))
		err = ERR_IO;
	if (err == 0 && nq->sq) {
		queue_give_back(nq);
		err = queue_look(nq);
	}
	if (err < 0)
		request_lose(requests, err);
}

static enum request_disposition queue_decide(struct request *rq, int *status)
{
	return *status ? nvme_status_retry(nvme_command_of(rq)) : REQUEST_DONE;
}

static const struct request_ops queue_ops = {
	.submit = queue_submit,
	.kick = queue_kick,
	.poll = queue_poll,
	.decide = queue_decide,
};

void nvme_queue_init(struct nvme_queue *nq, struct nvme *nv, unsigned id)
{
	nq->nv = nv;
	nq->id = id;
	request_queue_init(&nq->requests, nv->dev, &queue_ops, nq->slots,
			   NVME_SLOTS);
}

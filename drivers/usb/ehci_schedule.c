// SPDX-License-Identifier: BSD-2-Clause
// EHCI: the two schedules, and the queues that are linked in them.

#include "drivers/usb/ehci.h"

#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/reason.h"

/*
 * Each endpoint has a queue: a QH, and a ring of qTDs whose links never change.
 * The controller waits at the first qTD that is not in use, which is inactive:
 *
 *	QH -> [done] [active] [active] [inactive] [inactive] ... back to the first
 *			first           first + used
 *
 * To append, the qTDs after that one are filled and it is made active last, so
 * no word is changed that the controller may be using. A short packet continues
 * (`alt`) at the qTD after the transfer. Queues of control and bulk endpoints
 * stay linked until the controller is stopped, as they cost nothing while empty.
 * Only links and values of our own structures are followed, never what memory
 * that the controller can write says.
 */

/* The controller may still work at what was in a frame list this long. */
#define UNLINK_MS 10u
/*
 * Every so many frames (ms) reports are read, at real keyboards and at QEMU's:
 * these give one report each time, and a key may take four. [hw/input/hid.c]
 */
#define REAL_FRAMES 8u
#define EMULATED_FRAMES 1u
/*
 * Answers to doorbells until the controller has forgotten an unlinked QH: the
 * first may answer one that was rung before. [EHCI 1.0, 4.8.2]
 */
#define UNLINK_DOORBELLS 2u

static void chain_init(struct ehci_chain *chain, struct ehci_qh *head,
		       uint32_t end)
{
	list_init(&chain->queues);
	chain->head = head;
	chain->end = end;
	head->next = le32_make(end);
	head->next_qtd = head->alt = le32_make(EHCI_LINK_END);
	head->token = le32_make(EHCI_HALTED);
}

/* Links `at`, an item or the head, to the one after it. */
static void chain_set_next(struct ehci_chain *chain, struct list *at)
{
	struct ehci_queue *q = container_of(at, struct ehci_queue, link);
	struct ehci_qh *qh = at == &chain->queues ? chain->head : &q->page->qh;
	uint32_t next = chain->end;

	if (at->next != &chain->queues) {
		q = container_of(at->next, struct ehci_queue, link);
		next = (uint32_t)q->bus | EHCI_LINK_QH;
	}
	ehci_barrier();
	qh->next = le32_make(next);
}

static void chain_add(struct ehci_chain *chain, struct ehci_queue *q)
{
	list_del(&q->link);
	list_insert_before(chain->queues.next, &q->link);
	chain_set_next(chain, &q->link);
	chain_set_next(chain, &chain->queues);
}

/* The QH keeps its own link: the controller may be at it. */
static void chain_remove(struct ehci *eh, struct ehci_chain *chain,
			 struct ehci_queue *q)
{
	struct list *before = q->link.prev;

	list_del(&q->link);
	chain_set_next(chain, before);
	list_add_tail(&eh->unlinked, &q->link);
	q->udev = NULL;
	q->pipe = NULL;
}

static void *schedule_page(struct ehci *eh, size_t len, uint64_t *bus)
{
	void *page = dma_alloc(&eh->hc.dma, len, bus);

	if (!page || ehci_reaches(*bus, len))
		return page;
	dma_free(&eh->hc.dma, page, *bus, len);
	reason_fail(ERR_NOTSUP, "its DMA window is above 4 GiB");
	return NULL;
}

int ehci_schedule_alloc(struct ehci *eh)
{
	struct ehci_schedule *s;
	const unsigned step = eh->hc.real ? REAL_FRAMES : EMULATED_FRAMES;
	uint32_t async, periodic;
	unsigned i;

	list_init(&eh->unlinked);
	list_init(&eh->busy);
	list_init(&eh->async.queues);
	list_init(&eh->periodic.queues);
	s = schedule_page(eh, sizeof(*s), &eh->schedule_bus);
	if (!s)
		return ERR_NOMEM;
	eh->schedule = s;
	async = (uint32_t)eh->schedule_bus +
		(uint32_t)offsetof(struct ehci_schedule, async);
	periodic = (uint32_t)eh->schedule_bus +
		   (uint32_t)offsetof(struct ehci_schedule, periodic);
	chain_init(&eh->async, &s->async, async | EHCI_LINK_QH);
	s->async.ep = le32_make(EHCI_EP_HEAD | EHCI_EP_HIGH_SPEED);
	s->async.caps = le32_make(EHCI_CAPS_MULT);
	chain_init(&eh->periodic, &s->periodic, EHCI_LINK_END);
	s->periodic.ep = le32_make(EHCI_EP_HIGH_SPEED);
	s->periodic.caps = le32_make(EHCI_CAPS_MULT | EHCI_CAPS_FRAME);
	for (i = 0; i < EHCI_FRAMES; i++)
		s->frame[i] = le32_make(i % step ? EHCI_LINK_END
						 : periodic | EHCI_LINK_QH);
	return 0;
}

static void schedule_free_queues(struct ehci *eh, struct list *queues)
{
	struct ehci_queue *q, *next;

	list_for_each_safe(q, next, queues, link) {
		dma_free(&eh->hc.dma, q->page, q->bus, sizeof(*q->page));
		heap_free(q);
	}
	list_init(queues);
}

void ehci_schedule_free(struct ehci *eh)
{
	if (!eh->schedule)
		return;
	schedule_free_queues(eh, &eh->async.queues);
	schedule_free_queues(eh, &eh->periodic.queues);
	schedule_free_queues(eh, &eh->unlinked);
	list_init(&eh->busy);
	dma_free(&eh->hc.dma, eh->schedule, eh->schedule_bus,
		 sizeof(*eh->schedule));
	eh->schedule = NULL;
}

uint32_t ehci_qtd_bus(const struct ehci_queue *q, unsigned i)
{
	return (uint32_t)(q->bus + offsetof(struct ehci_page, qtd) +
			  i * sizeof(struct ehci_qtd));
}

void ehci_qtd_fill(struct ehci_queue *q, unsigned i, uint32_t alt, uint64_t bus,
		   uint32_t len)
{
	struct ehci_qtd *qtd = &q->page->qtd[i];
	uint64_t page = ALIGN_DOWN(bus, 4096);
	unsigned n;

	qtd->alt = le32_make(alt);
	qtd->page[0] = le32_make((uint32_t)bus);
	for (n = 1; n < ARRAY_SIZE(qtd->page); n++) {
		page += 4096;
		qtd->page[n] = le32_make(page < bus + len ? (uint32_t)page : 0);
	}
}

/* The stale word first: the controller must find no active qTD through it. */
void ehci_queue_clear(struct ehci_queue *q)
{
	struct ehci_qh *qh = &q->page->qh;
	unsigned i;

	for (i = 0; i < q->size; i++)
		q->page->qtd[i].token = le32_make(0);
	q->first = (q->first + q->used) % q->size;
	q->used = 0;
	ehci_barrier();
	qh->current = le32_make(0);
	qh->next_qtd = le32_make(ehci_qtd_bus(q, q->first));
	qh->alt = le32_make(EHCI_LINK_END);
	ehci_barrier();
	qh->token = le32_make(0);
	ehci_barrier();
}

void ehci_queue_retarget(struct ehci_queue *q, uint8_t address, unsigned mps)
{
	q->ep = (q->ep & 0xffffu) | EHCI_EP_MPS(mps);
	q->page->qh.ep = le32_make(q->ep | address);
}

static void queue_init(struct ehci_queue *q, struct usb_endpoint *ep,
		       uint8_t address, unsigned size)
{
	unsigned i;

	q->udev = ep->udev;
	q->endpoint = ep->address;
	q->pipe = NULL;
	q->size = size;
	q->first = q->used = 0;
	for (i = 0; i < size; i++)
		q->page->qtd[i].next =
			le32_make(ehci_qtd_bus(q, (i + 1) % size));
	/* Only the last packet of a qTD may be short. */
	q->chunk = (uint32_t)(EHCI_CHUNK - EHCI_CHUNK % MAX(ep->mps, 1u));
	q->ep = EHCI_EP_NUMBER(ep->address & 0xf) | EHCI_EP_HIGH_SPEED |
		(ep->type == USB_EP_CONTROL ? EHCI_EP_TOGGLES : 0);
	q->page->qh.caps =
		le32_make(EHCI_CAPS_MULT |
			  (ep->type == USB_EP_INTERRUPT ? EHCI_CAPS_FRAME : 0));
	ehci_queue_retarget(q, address, ep->mps);
	ehci_queue_clear(q);
	ep->hcd = q;
}

static struct ehci_queue *queue_new(struct ehci *eh)
{
	struct ehci_queue *q = heap_zalloc(sizeof(*q));

	if (!q) {
		reason_fail(ERR_NOMEM, "no memory for an endpoint");
		return NULL;
	}
	q->page = schedule_page(eh, sizeof(*q->page), &q->bus);
	if (!q->page) {
		heap_free(q);
		return NULL;
	}
	list_init(&q->busy);
	list_add_tail(&eh->unlinked, &q->link);
	return q;
}

/* A queue that is not linked: an old one or a new one. */
static struct ehci_queue *queue_take(struct ehci *eh)
{
	struct ehci_queue *q;

	list_for_each(q, &eh->unlinked, link) {
		if (!q->t && q->free_at <= deadline_ms())
			return q;
	}
	return queue_new(eh);
}

static struct ehci_queue *queue_find(const struct ehci_chain *chain,
				     const struct usb_endpoint *ep)
{
	struct ehci_queue *q;

	list_for_each(q, &chain->queues, link) {
		if (q->udev == ep->udev && q->endpoint == ep->address)
			return q;
	}
	return NULL;
}

struct ehci_queue *ehci_queue_of(const struct usb_endpoint *ep)
{
	struct ehci_queue *q = ep->hcd;

	return q && q->udev == ep->udev && q->endpoint == ep->address ? q
								      : NULL;
}

int ehci_queue_open(struct ehci *eh, struct usb_endpoint *ep, uint8_t address)
{
	struct ehci_queue *q = queue_find(&eh->async, ep);

	assert(ep->type != USB_EP_INTERRUPT);
	if (q) {
		assert(!q->t);
		queue_init(q, ep, address, EHCI_QTDS);
		return 0;
	}
	q = queue_take(eh);
	if (!q)
		return ERR_NOMEM;
	queue_init(q, ep, address, EHCI_QTDS);
	chain_add(&eh->async, q);
	return 0;
}

static void pipe_unlink(struct ehci *eh, struct ehci_queue *q)
{
	chain_remove(eh, &eh->periodic, q);
	q->free_at = deadline_ms() + UNLINK_MS;
}

struct ehci_queue *ehci_pipe_queue(struct ehci *eh, struct usb_endpoint *ep)
{
	struct ehci_queue *q = queue_find(&eh->periodic, ep);

	if (q)
		pipe_unlink(eh, q);
	q = queue_take(eh);
	if (q)
		queue_init(q, ep, ep->udev->address, USB_PIPE_REPORTS + 1);
	return q;
}

void ehci_pipe_link(struct ehci *eh, struct ehci_queue *q)
{
	chain_add(&eh->periodic, q);
	if (eh->cmd & EHCI_CMD_PERIODIC)
		return;
	eh->cmd |= EHCI_CMD_PERIODIC;
	ehci_write(eh, EHCI_USBCMD, eh->cmd);
}

void ehci_queues_forget(struct ehci *eh, const struct usb_device *udev)
{
	struct ehci_queue *q, *next;

	list_for_each_safe(q, next, &eh->periodic.queues, link) {
		if (q->udev == udev)
			pipe_unlink(eh, q);
	}
}

void ehci_queues_lose(struct ehci *eh, unsigned port)
{
	struct ehci_queue *q, *next;

	list_for_each_safe(q, next, &eh->async.queues, link) {
		if (!q->t || q->t->udev->root_port != port)
			continue;
		chain_remove(eh, &eh->async, q);
		q->doorbells = UNLINK_DOORBELLS;
		eh->ring = true;
	}
}

void ehci_queues_evicted(struct ehci *eh)
{
	const uint32_t stops = eh->stops;
	struct ehci_queue *q, *next;

	list_for_each_safe(q, next, &eh->unlinked, link) {
		if (!q->t || --q->doorbells)
			continue;
		ehci_queue_clear(q);
		reason_fail(ERR_NODEV, "the device is unplugged");
		ehci_queue_end(eh, q, ERR_NODEV);
		if (eh->stops != stops)
			return;
	}
}

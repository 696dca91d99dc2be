// SPDX-License-Identifier: BSD-2-Clause
// xHCI: DMA memory, rings, and the events of the controller (xHCI 1.2, 4.9).
#include "drivers/usb/xhci.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * Rings are in memory that the controller can overwrite at any time, so nothing
 * is read back from them but events, each word once. An event names a TRB by
 * its bus address; it is compared with those of our TRBs in flight, and never
 * followed. What does not match is ignored.
 */

/* What shares one allocation; enough for a few devices. */
#define CHUNK (16 * KiB)
#define PAGE (4 * KiB)
#define ALIGNMENT 64u

/* Event ring dequeue pointer: Event Handler Busy. [xHCI 1.2, 5.5.2.3.3] */
#define ERDP_BUSY (1u << 3)
/* ERDP moves on after so many events: fewer hypercalls, and room enough. */
#define EVENTS_BATCH (XHCI_EVENTS / 4)

/* The only entry of the event ring segment table. [xHCI 1.2, 6.5] */
struct segment {
	le64 bus;
	le32 size;
	le32 reserved;
};
static_assert(sizeof(struct segment) == 16, "xHCI 1.2, 6.5");

static struct xhci_memory *memory_new(struct xhci *xh, size_t len)
{
	struct xhci_memory *m = heap_zalloc(sizeof(*m));

	if (!m) {
		reason_fail(ERR_NOMEM, "no memory");
		return NULL;
	}
	m->len = MAX(len, CHUNK);
	m->ptr = dma_alloc(&xh->hc.dma, m->len, &m->bus);
	if (!m->ptr) {
		heap_free(m);
		return NULL;
	}
	list_add_tail(&xh->memory, &m->link);
	return m;
}

/* Where `len` bytes fit, or m->len. Contexts do not cross pages. [6] */
static size_t memory_find(const struct xhci_memory *m, size_t len)
{
	size_t at = m->used;

	if (len <= PAGE && at % PAGE + len > PAGE)
		at = ALIGN_UP(at, PAGE);
	return at <= m->len && len <= m->len - at ? at : m->len;
}

/* Looks for room in the newest chunk only. */
void *xhci_alloc(struct xhci *xh, size_t len, uint64_t *bus)
{
	struct xhci_memory *m = NULL;
	size_t at;

	len = ALIGN_UP(len, ALIGNMENT);
	if (!list_empty(&xh->memory))
		m = container_of(xh->memory.prev, struct xhci_memory, link);
	if (!m || memory_find(m, len) == m->len)
		m = memory_new(xh, len);
	if (!m)
		return NULL;
	at = memory_find(m, len);
	m->used = at + len;
	*bus = m->bus + at;
	return m->ptr + at;
}

void xhci_free_all(struct xhci *xh)
{
	struct xhci_memory *m, *next;

	list_for_each_safe(m, next, &xh->memory, link) {
		list_del(&m->link);
		dma_free(&xh->hc.dma, m->ptr, m->bus, m->len);
		heap_free(m);
	}
}

int xhci_ring_alloc(struct xhci *xh, struct xhci_ring *ring, unsigned size)
{
	ring->trbs = xhci_alloc(xh, size * sizeof(struct xhci_trb), &ring->bus);
	if (!ring->trbs)
		return ERR_NOMEM;
	ring->size = size;
	ring->next = ring->used = 0;
	ring->cycle = true;
	ring->held = NULL;
	return 0;
}

void xhci_ring_reset(struct xhci_ring *ring)
{
	memset(ring->trbs, 0, ring->size * sizeof(struct xhci_trb));
	ring->next = ring->used = 0;
	ring->cycle = true;
	ring->held = NULL;
}

unsigned xhci_ring_room(const struct xhci_ring *ring)
{
	return ring->size - 1 - ring->used;
}

/* The cycle bit makes a TRB valid, so its word comes last. */
static void ring_set_control(struct xhci_trb *trb, uint32_t control)
{
	__atomic_store_n(&trb->control.raw, le32_make(control).raw,
			 __ATOMIC_RELEASE);
}

/* The controller takes a link before or after the chain it is part of. */
static void ring_push_link(struct xhci_ring *ring, uint32_t chain)
{
	struct xhci_trb *trb = &ring->trbs[ring->next];

	trb->param = le64_make(ring->bus);
	trb->status = le32_make(0);
	ring_set_control(trb, XHCI_TRB_TYPE(XHCI_LINK) | XHCI_TRB_TOGGLE |
				      chain | ring->cycle);
	ring->next = 0;
	ring->cycle = !ring->cycle;
}

void xhci_ring_push(struct xhci_ring *ring, uint64_t param, uint32_t status,
		    uint32_t control)
{
	struct xhci_trb *trb = &ring->trbs[ring->next];

	assert(xhci_ring_room(ring));
	trb->param = le64_make(param);
	trb->status = le32_make(status);
	if (ring->held) {
		ring_set_control(trb, control | ring->cycle);
	} else {
		ring->held = trb;
		ring->held_control = control | ring->cycle;
		ring_set_control(trb, control | !ring->cycle);
	}
	ring->used++;
	ring->next++;
	if (ring->next == ring->size - 1)
		ring_push_link(ring, control & XHCI_TRB_CHAIN);
}

void xhci_ring_commit(struct xhci_ring *ring)
{
	if (ring->held)
		ring_set_control(ring->held, ring->held_control);
	ring->held = NULL;
}

unsigned xhci_ring_position(const struct xhci_ring *ring, uint64_t bus)
{
	uint64_t offset = bus - ring->bus;
	unsigned n = ring->size - 1, position;

	if (offset % sizeof(struct xhci_trb) ||
	    offset >= n * sizeof(struct xhci_trb))
		return ring->used;
	position = (unsigned)(offset / sizeof(struct xhci_trb)) + n -
		   ring->next + ring->used;
	return MIN(position % n, ring->used);
}

/* ERSTSZ before ERSTBA, and ERDP in the ring before the first event. [QEMU
 * hw/usb/hcd-xhci.c, xhci_er_reset, xhci_event] */
int xhci_events_init(struct xhci *xh)
{
	uint64_t bus;
	struct segment *segment = xhci_alloc(xh, sizeof(*segment), &bus);

	xh->events = xhci_alloc(xh, XHCI_EVENTS * sizeof(struct xhci_trb),
				&xh->events_bus);
	if (!segment || !xh->events)
		return ERR_NOMEM;
	xh->event_next = xh->events_taken = 0;
	xh->event_cycle = true;
	segment->bus = le64_make(xh->events_bus);
	segment->size = le32_make(XHCI_EVENTS);
	pci_io_write(xh->runtime + XHCI_ERSTSZ, 4, 1);
	xhci_write64(xh->runtime + XHCI_ERDP, xh->events_bus);
	xhci_write64(xh->runtime + XHCI_ERSTBA, bus);
	return 0;
}

static uint32_t event_control(const struct xhci *xh)
{
	le32 word;

	word.raw = __atomic_load_n(&xh->events[xh->event_next].control.raw,
				   __ATOMIC_ACQUIRE);
	return le32_get(word);
}

bool xhci_event_is_there(const struct xhci *xh)
{
	return xh->events &&
	       (event_control(xh) & XHCI_TRB_CYCLE) == xh->event_cycle;
}

/* The high half never changes; hardware may want to see it all the same. */
static void event_release(struct xhci *xh)
{
	uint64_t bus =
		xh->events_bus + xh->event_next * sizeof(struct xhci_trb);

	xh->events_taken = 0;
	if (xh->hc.real)
		xhci_write64(xh->runtime + XHCI_ERDP, bus | ERDP_BUSY);
	else
		pci_io_write(xh->runtime + XHCI_ERDP, 4,
			     (uint32_t)bus | ERDP_BUSY);
}

/* Takes the next event. Returns false if there is none. */
static bool event_take(struct xhci *xh, struct xhci_event *event)
{
	const struct xhci_trb *trb;
	uint32_t control, status;
	le64 param;

	/* It may have been stopped. */
	if (!xh->events)
		return false;
	control = event_control(xh);
	if ((control & XHCI_TRB_CYCLE) != xh->event_cycle)
		return false;
	trb = &xh->events[xh->event_next];
	param.raw = __atomic_load_n(&trb->param.raw, __ATOMIC_RELAXED);
	status = le32_get(
		(le32){ __atomic_load_n(&trb->status.raw, __ATOMIC_RELAXED) });
	*event = (struct xhci_event){
		.param = le64_get(param),
		.residual = status & 0xffffff,
		.type = control >> 10 & 0x3f,
		.code = status >> 24 ? status >> 24 : XHCI_NO_CODE,
		.slot = control >> 24,
		.endpoint = control >> 16 & 0x1f,
	};
	xh->event_next++;
	if (xh->event_next == XHCI_EVENTS) {
		xh->event_next = 0;
		xh->event_cycle = !xh->event_cycle;
	}
	if (++xh->events_taken >= EVENTS_BATCH)
		event_release(xh);
	return true;
}

static void event_dispatch(struct xhci *xh, const struct xhci_event *event)
{
	switch (event->type) {
	case XHCI_TRANSFER_EVENT:
		xhci_transfer_event(xh, event);
		break;
	case XHCI_COMMAND_EVENT:
		xhci_command_event(xh, event);
		break;
	case XHCI_PORT_EVENT:
		xhci_port_look(xh, (uint32_t)event->param >> 24);
		break;
	case XHCI_CONTROLLER_EVENT:
		if (event->code != XHCI_RING_FULL)
			break;
		reason_fail(ERR_IO, "events were lost");
		xhci_lost(xh);
		break;
	default:
		break;
	}
}

/* What a transfer's done() does may stop the controller, or restart it. */
void xhci_events_handle(struct xhci *xh)
{
	struct xhci_event event;
	unsigned left = XHCI_EVENTS;

	while (left-- && event_take(xh, &event)) {
		log_debug(LOG_DRIVERS,
			  "xhci: event %u, code %u, slot %u, endpoint %u",
			  event.type, event.code, event.slot, event.endpoint);
		event_dispatch(xh, &event);
	}
}

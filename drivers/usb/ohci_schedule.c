// SPDX-License-Identifier: BSD-2-Clause
// OHCI: memory shared with a controller; the lists of endpoints that it walks.
#include "drivers/usb/ohci.h"

#include "lib/heap.h"
#include "lib/reason.h"

/*
 * An endpoint has one ED and a ring of TDs. The TD at the ED's tail is never
 * executed: a transfer fills it and those after it, and moves the tail.
 *
 *	list -> ED -> ED -> 0		head ... tail
 *		 |			  v	  v
 *		 '-> TDs:  [ done ] [ to be done ] [ - ]
 *
 * The controller owns an ED from the move of the tail until the head arrives
 * there, or it sets OHCI_HALTED. It may read an idle ED, but does not act on it.
 *
 * Only EDs with TDs are on the lists: QEMU reads the first 32 of each.
 * [hw/usb/hcd-ohci.c, ED_LINK_LIMIT] They are added at the end. So a controller
 * that is at an ED when it is removed still finds the end from there.
 *
 * An ED is never changed while it may be read, except its tail: if a device's
 * address or packet size changes, another one replaces it. The memory of the
 * first is used again two frames later.
 */
#define FRAMES_UNTIL_FREE 2u

/* ED flags. [OHCI 1.0a, 4.2.2] */
#define ED_ENDPOINT_SHIFT 7u
#define ED_OUT (1u << 11)
#define ED_IN (2u << 11)
#define ED_LOW_SPEED (1u << 13)
#define ED_MPS_SHIFT 16u

/* TD flags of all: no interrupt, code "not accessed". [4.3.1.2] */
#define TD_ALWAYS (7u << 21 | 0xfu << 28)
#define TD_CODE_SHIFT 28u

#define PAGE 4096u

struct ohci_page {
	struct list link;
	uint8_t *ptr;
	uint64_t bus;
	size_t used;
};

uint16_t ohci_frame(const struct ohci *ohci)
{
	const le16 *frame = &ohci->shared->hcca.frame;

	return le16_get((le16){ *(const volatile uint16_t *)&frame->raw });
}

bool ohci_frames_passed(const struct ohci *ohci, uint16_t since)
{
	return (uint16_t)(ohci_frame(ohci) - since) >= FRAMES_UNTIL_FREE;
}

int ohci_check_bus(uint64_t bus, uint32_t len)
{
	if (bus > UINT32_MAX || len > UINT32_MAX - bus)
		return reason_fail(ERR_IO, "its DMA window is above 4 GiB");
	return 0;
}

static int schedule_add_page(struct ohci *ohci)
{
	struct ohci_page *page = heap_zalloc(sizeof(*page));

	if (!page)
		return reason_fail(ERR_NOMEM, "no memory for an endpoint");
	page->ptr = dma_alloc(&ohci->hc.dma, PAGE, &page->bus);
	if (!page->ptr) {
		heap_free(page);
		return ERR_NOMEM;
	}
	list_add_tail(&ohci->pages, &page->link);
	return ohci_check_bus(page->bus, PAGE);
}

/* Returns `size` zeroed bytes of the last page, or of a new one, or NULL. */
static void *schedule_take(struct ohci *ohci, size_t size, uint64_t *bus)
{
	struct ohci_page *page =
		container_of(ohci->pages.prev, struct ohci_page, link);
	size_t at;

	if (list_empty(&ohci->pages) || size > PAGE - page->used) {
		if (schedule_add_page(ohci) < 0)
			return NULL;
		page = container_of(ohci->pages.prev, struct ohci_page, link);
	}
	at = page->used;
	page->used = ALIGN_UP(at + size, sizeof(struct ohci_ed));
	*bus = page->bus + at;
	return page->ptr + at;
}

static void schedule_init_list(struct ohci *ohci, unsigned i)
{
	struct ohci_list *list = &ohci->lists[i];

	list_init(&list->endpoints);
	list->n = 0;
	list->first = ohci->shared ? &ohci->shared->first[i] : NULL;
	if (list->first)
		list->first->flags = le32_make(OHCI_SKIP);
}

void ohci_schedule_init(struct ohci *ohci)
{
	unsigned i;

	list_init(&ohci->pages);
	list_init(&ohci->used);
	list_init(&ohci->retired);
	for (i = 0; i < OHCI_LISTS; i++)
		schedule_init_list(ohci, i);
}

int ohci_schedule_start(struct ohci *ohci)
{
	uint32_t bus;
	unsigned i;

	ohci->shared =
		schedule_take(ohci, sizeof(*ohci->shared), &ohci->shared_bus);
	if (!ohci->shared)
		return ERR_NOMEM;
	for (i = 0; i < OHCI_LISTS; i++)
		schedule_init_list(ohci, i);
	bus = (uint32_t)ohci->shared_bus +
	      offsetof(struct ohci_shared, first[OHCI_LIST_INTERRUPT]);
	for (i = 0; i < ARRAY_SIZE(ohci->shared->hcca.interrupt); i++)
		ohci->shared->hcca.interrupt[i] =
			le32_make(bus + i % OHCI_INTERRUPT_LISTS *
						sizeof(struct ohci_ed));
	return 0;
}

/* An endpoint of a device by a number that counts all places, or NULL. */
static struct usb_endpoint *device_endpoint(struct usb_device *udev, unsigned i)
{
	unsigned at = i / USB_ENDPOINTS_MAX;
	struct usb_interface *intf = &udev->config.interfaces[at];

	if (at >= udev->config.n_interfaces ||
	    i % USB_ENDPOINTS_MAX >= intf->n_endpoints)
		return NULL;
	return &intf->endpoints[i % USB_ENDPOINTS_MAX];
}
#define DEVICE_ENDPOINTS (USB_INTERFACES_MAX * USB_ENDPOINTS_MAX)

static void device_drop(struct usb_device *udev)
{
	unsigned i;

	udev->ep0.hcd = NULL;
	for (i = 0; i < DEVICE_ENDPOINTS; i++) {
		struct usb_endpoint *ep = device_endpoint(udev, i);

		if (ep)
			ep->hcd = NULL;
	}
}

static void schedule_free_endpoints(struct list *list)
{
	struct ohci_endpoint *oe, *next;

	list_for_each_safe(oe, next, list, all)
		heap_free(oe);
}

void ohci_schedule_stop(struct ohci *ohci)
{
	struct ohci_page *page, *next;
	struct usb_device *udev;

	list_for_each(udev, &ohci->hc.devices, link)
		device_drop(udev);
	schedule_free_endpoints(&ohci->used);
	schedule_free_endpoints(&ohci->retired);
	list_for_each_safe(page, next, &ohci->pages, link) {
		dma_free(&ohci->hc.dma, page->ptr, page->bus, PAGE);
		heap_free(page);
	}
	ohci->shared = NULL;
	ohci->filled = 0;
	ohci_schedule_init(ohci);
}

/* The ED in front of an element of list->endpoints, or of the end. */
static struct ohci_ed *endpoint_before(struct ohci_list *list,
				       const struct list *at)
{
	if (at->prev == &list->endpoints)
		return list->first;
	return container_of(at->prev, struct ohci_endpoint, link)->ed;
}

void ohci_endpoint_link(struct ohci_endpoint *oe, struct ohci_list *list)
{
	ohci_put(&oe->ed->next, 0);
	ohci_barrier();
	ohci_put(&endpoint_before(list, &list->endpoints)->next, oe->ed_bus);
	list_add_tail(&list->endpoints, &oe->link);
	list->n++;
	oe->list = list;
}

void ohci_endpoint_unlink(struct ohci_endpoint *oe)
{
	struct ohci_list *list = oe->list;
	uint32_t next = 0;

	if (!list)
		return;
	if (oe->link.next != &list->endpoints)
		next = container_of(oe->link.next, struct ohci_endpoint, link)
			       ->ed_bus;
	ohci_put(&endpoint_before(list, &oe->link)->next, next);
	list_del(&oe->link);
	list->n--;
	oe->list = NULL;
}

static struct ohci_endpoint *endpoint_alloc(struct ohci *ohci, unsigned n_tds)
{
	struct ohci_endpoint *oe;
	uint64_t bus;

	list_for_each(oe, &ohci->retired, all) {
		if (oe->n_tds == n_tds && ohci_frames_passed(ohci, oe->frame)) {
			list_del(&oe->all);
			return oe;
		}
	}
	oe = heap_zalloc(sizeof(*oe) + n_tds * sizeof(oe->parts[0]));
	if (!oe) {
		reason_fail(ERR_NOMEM, "no memory for an endpoint");
		return NULL;
	}
	oe->ed = schedule_take(ohci, sizeof(*oe->ed) + n_tds * sizeof(*oe->td),
			       &bus);
	if (!oe->ed) {
		heap_free(oe);
		return NULL;
	}
	oe->td = (struct ohci_td *)(oe->ed + 1);
	oe->n_tds = n_tds;
	oe->ed_bus = (uint32_t)bus;
	oe->td_bus = oe->ed_bus + (uint32_t)sizeof(*oe->ed);
	return oe;
}

static uint32_t endpoint_flags(const struct usb_device *udev,
			       const struct usb_endpoint *ep, unsigned address)
{
	uint32_t flags = address | (uint32_t)ep->mps << ED_MPS_SHIFT |
			 (ep->address & 0xfu) << ED_ENDPOINT_SHIFT;

	assert(ep->mps >= 1 && ep->mps <= 1024);
	if (udev->speed == USB_LOW)
		flags |= ED_LOW_SPEED;
	if (ep->type == USB_EP_CONTROL)
		return flags;
	return flags | (ep->address & USB_IN ? ED_IN : ED_OUT);
}

int ohci_endpoint_open(struct ohci *ohci, struct usb_device *udev,
		       struct usb_endpoint *ep, unsigned address)
{
	static const unsigned n_tds[] = {
		[USB_EP_CONTROL] = OHCI_CONTROL_TDS,
		[USB_EP_ISOCHRONOUS] = OHCI_PIPE_TDS,
		[USB_EP_BULK] = OHCI_BULK_TDS,
		[USB_EP_INTERRUPT] = OHCI_PIPE_TDS,
	};
	struct ohci_endpoint *oe = endpoint_alloc(ohci, n_tds[ep->type & 3]);

	if (!oe)
		return ERR_NOMEM;
	oe->udev = udev;
	oe->root_port = udev->root_port;
	oe->address = ep->address;
	oe->mps = ep->mps;
	oe->flags = endpoint_flags(udev, ep, address);
	oe->first = oe->n = 0;
	oe->skipped = false;
	ohci_put(&oe->ed->tail, oe->td_bus);
	ohci_put(&oe->ed->head, oe->td_bus);
	ohci_barrier();
	ohci_put(&oe->ed->flags, oe->flags);
	list_add_tail(&ohci->used, &oe->all);
	ep->hcd = oe;
	return 0;
}

unsigned ohci_endpoint_at(const struct ohci_endpoint *oe, unsigned i)
{
	return (oe->first + i) % oe->n_tds;
}

uint32_t ohci_endpoint_td_bus(const struct ohci_endpoint *oe, unsigned i)
{
	return oe->td_bus +
	       ohci_endpoint_at(oe, i) * (uint32_t)sizeof(struct ohci_td);
}

void ohci_endpoint_push(struct ohci_endpoint *oe, uint32_t flags, uint32_t bus,
			uint32_t len)
{
	unsigned at = ohci_endpoint_at(oe, oe->n);
	struct ohci_td *td = &oe->td[at];

	assert(oe->n + 1 < oe->n_tds);
	ohci_put(&td->current, len ? bus : 0);
	ohci_put(&td->end, len ? bus + len - 1 : 0);
	ohci_put(&td->next, ohci_endpoint_td_bus(oe, oe->n + 1));
	ohci_put(&td->flags, flags | TD_ALWAYS);
	if ((flags & OHCI_TD_DIRECTION) == OHCI_TD_SETUP)
		len = 0; /* no data */
	oe->parts[at] = (struct ohci_part){ bus, len };
	oe->n++;
}

void ohci_endpoint_commit(struct ohci_endpoint *oe)
{
	ohci_barrier();
	ohci_put(&oe->ed->tail, ohci_endpoint_td_bus(oe, oe->n));
	ohci_barrier();
}

unsigned ohci_endpoint_done(const struct ohci_endpoint *oe, uint32_t head)
{
	uint32_t offset = (head & OHCI_POINTER) - oe->td_bus;

	offset /= sizeof(struct ohci_td);
	if (offset >= oe->n_tds)
		return oe->n + 1;
	return (offset + oe->n_tds - oe->first) % oe->n_tds;
}

long ohci_endpoint_moved(const struct ohci_endpoint *oe, unsigned at)
{
	const struct ohci_part *part = &oe->parts[at];
	uint32_t current, moved;

	if (!part->len)
		return 0;
	current = ohci_get(&oe->td[at].current);
	moved = current ? current - part->bus : part->len;
	return moved <= part->len ? (long)moved : -1;
}

enum ohci_code ohci_endpoint_code(const struct ohci_endpoint *oe, unsigned at)
{
	return ohci_get(&oe->td[at].flags) >> TD_CODE_SHIFT;
}

void ohci_endpoint_skip(const struct ohci *ohci, struct ohci_endpoint *oe)
{
	ohci_put(&oe->ed->flags, oe->flags | OHCI_SKIP);
	oe->frame = ohci_frame(ohci);
}

static void endpoint_retire(struct ohci *ohci, struct ohci_endpoint *oe)
{
	ohci_endpoint_skip(ohci, oe);
	ohci_endpoint_unlink(oe);
	oe->udev = NULL;
	oe->reports = NULL;
	list_del(&oe->all);
	list_add_tail(&ohci->retired, &oe->all);
}

int ohci_device_forget(struct ohci *ohci, struct usb_device *udev)
{
	struct ohci_endpoint *oe, *next;

	list_for_each(oe, &ohci->used, all) {
		if (oe->udev == udev && oe->t)
			return reason_fail(ERR_BUSY, "a transfer is in flight");
	}
	list_for_each_safe(oe, next, &ohci->used, all) {
		if (oe->udev == udev)
			endpoint_retire(ohci, oe);
	}
	device_drop(udev);
	return 0;
}

int ohci_device_open(struct ohci *ohci, struct usb_device *udev)
{
	unsigned i;
	int err = 0;

	for (i = 0; err == 0 && i < DEVICE_ENDPOINTS; i++) {
		struct usb_endpoint *ep = device_endpoint(udev, i);

		if (ep && ep->used && !ep->hcd)
			err = ohci_endpoint_open(ohci, udev, ep, udev->address);
	}
	return err;
}

// SPDX-License-Identifier: BSD-2-Clause
// EHCI: control and bulk transfers as qTDs, and what became of them.

#include "drivers/usb/ehci.h"

#include "lib/reason.h"

/* queue_look(): the controller has not ended it; it wrote nonsense. */
#define LOOK_PENDING 1
#define LOOK_NONSENSE 2

static unsigned queue_at(const struct ehci_queue *q, unsigned n)
{
	return (q->first + n) % q->size;
}

static void queue_set_token(struct ehci_queue *q, unsigned n, uint32_t token)
{
	q->page->qtd[queue_at(q, n)].token = le32_make(token);
}

static uint32_t token_of(uint32_t flags, uint32_t len)
{
	return flags | len << 16 | EHCI_CERR | EHCI_ACTIVE;
}

/*
 * The qTDs of a transfer are filled, and all tokens written but the first one's,
 * `token`.
 */
static void queue_start(struct ehci *eh, struct ehci_queue *q,
			struct usb_transfer *t, unsigned qtds, uint32_t token)
{
	q->t = t;
	q->used = qtds;
	ehci_barrier();
	queue_set_token(q, 0, token);
	list_add_tail(&eh->busy, &q->busy);
	eh->ring = true;
}

static uint32_t transfer_len(const struct usb_transfer *t)
{
	return t->kind == USB_ADDRESS ? 0 : t->len;
}

/* Toggles: 0 for setup, 1 for the data's first packet and status. */
int ehci_queue_control(struct ehci *eh, struct ehci_queue *q,
		       struct usb_transfer *t, uint64_t setup_bus)
{
	const uint32_t len = transfer_len(t);
	const bool in = len && t->setup.type & USB_IN;
	uint32_t flags = EHCI_TOGGLE | (in ? EHCI_PID_IN : EHCI_PID_OUT);
	unsigned n = 0;

	assert(len <= USB_CONTROL_MAX);
	if (!ehci_reaches(t->bus, len) ||
	    !ehci_reaches(setup_bus, sizeof(t->setup)))
		return reason_fail(ERR_INVAL, "not a buffer for EHCI");
	ehci_qtd_fill(q, queue_at(q, n++), EHCI_LINK_END, setup_bus,
		      sizeof(t->setup));
	if (len) {
		ehci_qtd_fill(q, queue_at(q, n), EHCI_LINK_END, t->bus, len);
		queue_set_token(q, n++, token_of(flags, len));
	}
	ehci_qtd_fill(q, queue_at(q, n), EHCI_LINK_END, 0, 0);
	flags = EHCI_TOGGLE | (in ? EHCI_PID_OUT : EHCI_PID_IN);
	queue_set_token(q, n++, token_of(flags, 0));
	queue_start(eh, q, t, n, token_of(EHCI_PID_SETUP, sizeof(t->setup)));
	return 0;
}

/* A transfer of no bytes is one packet. */
int ehci_queue_bulk(struct ehci *eh, struct ehci_queue *q,
		    struct usb_transfer *t)
{
	const unsigned qtds = t->len ? (t->len + q->chunk - 1) / q->chunk : 1;
	const uint32_t pid = usb_transfer_is_in(t) ? EHCI_PID_IN : EHCI_PID_OUT;
	const uint32_t after = ehci_qtd_bus(q, queue_at(q, qtds));
	unsigned n;

	if (t->len > EHCI_MAX_BULK || !ehci_reaches(t->bus, t->len))
		return reason_fail(ERR_INVAL, "not a buffer for EHCI");
	for (n = 0; n < qtds; n++) {
		uint32_t done = n * q->chunk;
		uint32_t len = MIN(t->len - done, q->chunk);

		ehci_qtd_fill(q, queue_at(q, n), after, t->bus + done, len);
		if (n)
			queue_set_token(q, n, token_of(pid, len));
	}
	queue_start(eh, q, t, qtds, token_of(pid, MIN(t->len, q->chunk)));
	return 0;
}

/* Bytes that the n-th qTD asks for; `data`: into or out of the buffer. */
static uint32_t queue_asked(const struct ehci_queue *q, unsigned n, bool *data)
{
	const uint32_t len = transfer_len(q->t);

	*data = true;
	if (q->t->kind == USB_BULK)
		return MIN(len - n * q->chunk, q->chunk);
	*data = n == 1 && len;
	if (n == 0)
		return sizeof(struct usb_setup);
	return *data ? len : 0;
}

/* Why a queue has halted. [EHCI 1.0, 4.15.1, table 3-16] */
static int transfer_error(struct ehci *eh, const struct usb_transfer *t,
			  uint32_t token)
{
	const unsigned ep = t->ep ? t->ep->address : 0;

	if (token & EHCI_BABBLE)
		return reason_fail(ERR_IO,
				   "endpoint 0x%02x: too many bytes "
				   "from the device (babble)",
				   ep);
	if (token & EHCI_BUFFER_ERROR)
		return reason_fail(ERR_IO,
				   "endpoint 0x%02x: the controller "
				   "could not keep up",
				   ep);
	if (token & EHCI_CERR_MASK)
		return reason_fail(USB_STALL, "endpoint 0x%02x: stalled", ep);
	if (ehci_port_unplugged(eh, t->udev->root_port))
		return reason_fail(ERR_NODEV, "the device is unplugged");
	return reason_fail(ERR_IO,
			   "endpoint 0x%02x: no valid response from "
			   "the device",
			   ep);
}

/*
 * A halted qTD counts when the controller has halted the QH, too: it must not
 * write there any more while the queue is cleared.
 */
static bool queue_is_halted(const struct ehci_queue *q)
{
	return ehci_load(&q->page->qh.token) & EHCI_HALTED;
}

/* Returns LOOK_* or the transfer's status; sets t->actual. */
static int queue_look(struct ehci *eh, const struct ehci_queue *q)
{
	struct usb_transfer *t = q->t;
	unsigned n;

	t->actual = 0;
	for (n = 0; n < q->used; n++) {
		uint32_t token = ehci_load(&q->page->qtd[queue_at(q, n)].token);
		bool data;
		uint32_t asked = queue_asked(q, n, &data);
		uint32_t left = EHCI_LENGTH(token);

		if (token & EHCI_ACTIVE)
			return LOOK_PENDING;
		if (left > asked)
			return LOOK_NONSENSE;
		t->actual += data ? asked - left : 0;
		if (token & EHCI_HALTED)
			return queue_is_halted(q) ? transfer_error(eh, t, token)
						  : LOOK_PENDING;
		/* A short packet: the controller has left the others out. */
		if (t->kind == USB_BULK && left)
			return 0;
	}
	return 0;
}

/*
 * The qTDs are not in use any more. Those left out are still active, and the
 * controller must not find one at the end of a later transfer.
 */
static void queue_free_qtds(struct ehci_queue *q)
{
	unsigned n;

	for (n = 0; n < q->used; n++)
		queue_set_token(q, n, 0);
	q->first = queue_at(q, q->used);
	q->used = 0;
}

void ehci_queue_end(struct ehci *eh, struct ehci_queue *q, int status)
{
	struct usb_transfer *t = q->t;

	q->t = NULL;
	list_del(&q->busy);
	ehci_transfer_end(eh, t, status);
}

bool ehci_queue_poll(struct ehci *eh, struct ehci_queue *q)
{
	int status = q->doorbells ? LOOK_PENDING : queue_look(eh, q);

	if (status == LOOK_PENDING)
		return false;
	if (status == LOOK_NONSENSE) {
		reason_fail(ERR_IO, "more bytes left than were asked for");
		usb_controller_lost(&eh->hc);
		return true;
	}
	if (status < 0)
		ehci_queue_clear(q);
	else
		queue_free_qtds(q);
	ehci_queue_end(eh, q, status);
	return true;
}

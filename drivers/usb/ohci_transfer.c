// SPDX-License-Identifier: BSD-2-Clause
// OHCI: transfers and pipes: their TDs, what became of them.
#include "drivers/usb/ohci.h"

#include "lib/reason.h"

/*
 * A transfer has ended when the ED's head is at its tail or the ED is halted.
 * What lies in shared memory is compared with our copy in struct ohci_part; a
 * controller that writes nonsense is stopped. The done queue is not used: no TD
 * asks for an interrupt, so it is not written to memory.
 */
#define NONSENSE 1

#define PAGE 4096u
/*
 * A control transfer: setup, data on at most two pages, status. A bulk TD ends
 * on the second page, at a multiple of the packet size: it has at least 4097 -
 * 1023 bytes.
 */
static_assert(USB_CONTROL_MAX <= PAGE && OHCI_CONTROL_TDS == 3 + 1, "");
static_assert((OHCI_BULK_TDS - 1) * 3074 >= OHCI_BULK_MAX, "");

static void transfer_fill_control(struct ohci_endpoint *oe,
				  const struct usb_transfer *t,
				  uint64_t setup_bus)
{
	uint32_t data = OHCI_TD_OUT, status = OHCI_TD_IN;

	if (t->len && usb_transfer_is_in(t)) {
		data = OHCI_TD_IN;
		status = OHCI_TD_OUT;
	}
	ohci_endpoint_push(oe, OHCI_TD_SETUP | OHCI_TD_DATA0,
			   (uint32_t)setup_bus, sizeof(struct usb_setup));
	if (t->len)
		ohci_endpoint_push(oe, data | OHCI_TD_DATA1 | OHCI_TD_ROUNDING,
				   (uint32_t)t->bus, t->len);
	ohci_endpoint_push(oe, status | OHCI_TD_DATA1, 0, 0);
}

/* On two pages, whole packets except at the end of the transfer. */
static uint32_t transfer_part_len(const struct ohci_endpoint *oe, uint32_t bus,
				  uint32_t left)
{
	uint32_t max = 2 * PAGE - bus % PAGE;

	return left <= max ? left : max - max % oe->mps;
}

/* A packet that is short before the last TD must not let the others run. */
static void transfer_fill_bulk(struct ohci_endpoint *oe,
			       const struct usb_transfer *t)
{
	uint32_t flags = usb_transfer_is_in(t) ? OHCI_TD_IN : OHCI_TD_OUT;
	uint32_t bus = (uint32_t)t->bus, left = t->len;

	do {
		uint32_t len = transfer_part_len(oe, bus, left);

		ohci_endpoint_push(
			oe, len == left ? flags | OHCI_TD_ROUNDING : flags, bus,
			len);
		bus += len;
		left -= len;
	} while (left);
}

static int transfer_start(struct ohci *ohci, struct usb_transfer *t,
			  struct usb_endpoint *ep, uint64_t setup_bus)
{
	struct ohci_endpoint *oe = ep->hcd;
	bool bulk = t->kind == USB_BULK;

	if (!oe)
		return reason_fail(ERR_IO, "endpoint 0x%02x: not set up",
				   ep->address);
	if (oe->t)
		return reason_fail(ERR_BUSY, "a transfer is in flight");
	if (ohci_check_bus(t->bus, t->len) < 0 ||
	    ohci_check_bus(setup_bus, sizeof(struct usb_setup)) < 0)
		return ERR_IO;
	if (bulk)
		transfer_fill_bulk(oe, t);
	else
		transfer_fill_control(oe, t, setup_bus);
	t->actual = 0;
	oe->t = t;
	oe->looks = 0;
	ohci_endpoint_commit(oe);
	ohci_endpoint_link(
		oe, &ohci->lists[bulk ? OHCI_LIST_BULK : OHCI_LIST_CONTROL]);
	ohci->filled |= bulk ? OHCI_BULK_FILLED : OHCI_CONTROL_FILLED;
	return 0;
}

/* Only one device at a time has address 0, so there is one setup packet. */
static int device_set_address(struct ohci *ohci, struct usb_transfer *t)
{
	struct usb_device *udev = t->udev;
	int err = ohci_device_forget(ohci, udev);

	if (err < 0)
		return err;
	ohci->shared->set_address = usb_setup_address(udev);
	err = ohci_endpoint_open(ohci, udev, &udev->ep0, 0);
	if (err < 0)
		return err;
	return transfer_start(ohci, t, &udev->ep0,
			      ohci->shared_bus + offsetof(struct ohci_shared,
							  set_address));
}

/* Endpoint 0 with the present address and packet size. */
static int device_open_ep0(struct ohci *ohci, struct usb_device *udev)
{
	int err = ohci_device_forget(ohci, udev);

	if (err < 0)
		return err;
	return ohci_endpoint_open(ohci, udev, &udev->ep0, udev->address);
}

static int transfer_end_now(struct usb_transfer *t, int err)
{
	if (err == 0)
		request_done(&t->rq, 0);
	return err;
}

int ohci_submit(struct usb_controller *hc, struct usb_transfer *t)
{
	struct ohci *ohci = ohci_of(hc);

	switch (t->kind) {
	case USB_CONTROL:
		return transfer_start(ohci, t, &t->udev->ep0, t->setup_bus);
	case USB_BULK:
		return transfer_start(ohci, t, t->ep, 0);
	case USB_ADDRESS:
		return device_set_address(ohci, t);
	case USB_MPS0:
		return transfer_end_now(t, device_open_ep0(ohci, t->udev));
	case USB_ENDPOINTS:
		return transfer_end_now(t, ohci_device_open(ohci, t->udev));
	default:
		return reason_fail(ERR_NOTSUP, "unknown kind of transfer");
	}
}

static const char *transfer_code_name(enum ohci_code code)
{
	switch (code) {
	case OHCI_CODE_STALL:
		return "stalled";
	case OHCI_CODE_OVERRUN:
		return "too many bytes from the device (babble)";
	case OHCI_CODE_BUFFER_OVERRUN:
	case OHCI_CODE_BUFFER_UNDERRUN:
		return "the controller could not keep up";
	case OHCI_CODE_CRC:
	case OHCI_CODE_BIT_STUFFING:
	case OHCI_CODE_TOGGLE:
	case OHCI_CODE_NO_RESPONSE:
	case OHCI_CODE_PID_CHECK:
	case OHCI_CODE_UNEXPECTED_PID:
		return "no valid response from the device";
	default:
		return "the controller did not say what happened";
	}
}

/* Returns ERR_*, with reason(). */
static int transfer_fail(const struct ohci *ohci,
			 const struct ohci_endpoint *oe, enum ohci_code code)
{
	int err = code == OHCI_CODE_STALL ? USB_STALL : ERR_IO;

	if (oe->skipped)
		code = OHCI_CODE_NO_RESPONSE;
	if (code == OHCI_CODE_NO_RESPONSE) {
		int fault = ohci_port_fault(ohci, oe->root_port);

		if (fault < 0)
			return fault;
	}
	return reason_fail(err, "endpoint 0x%02x: %s", oe->address,
			   transfer_code_name(code));
}

/* Adds to t->actual. Returns the code of the last TD done, or -1: nonsense. */
static int transfer_add_up(struct ohci_endpoint *oe, unsigned done)
{
	enum ohci_code code = OHCI_CODE_OK;
	unsigned i;

	if (done > oe->n)
		return -1;
	for (i = 0; i < done && code == OHCI_CODE_OK; i++) {
		long moved = ohci_endpoint_moved(oe, ohci_endpoint_at(oe, i));

		if (moved < 0)
			return -1;
		oe->t->actual += (uint32_t)moved;
		code = ohci_endpoint_code(oe, ohci_endpoint_at(oe, i));
	}
	return (int)code;
}

/*
 * The controller leaves the ED alone, halted or skipped. `carry`: the toggle
 * that it keeps.
 */
static void transfer_empty(struct ohci_endpoint *oe, uint32_t carry)
{
	ohci_put(&oe->ed->head, ohci_endpoint_td_bus(oe, oe->n) | carry);
	ohci_barrier();
	if (oe->skipped)
		ohci_put(&oe->ed->flags, oe->flags);
	oe->skipped = false;
}

/*
 * Returns the status of a transfer that has ended, with reason(), or NONSENSE.
 * The TD that underran says how much it moved; QEMU's says 0.
 */
static int transfer_end(struct ohci *ohci, struct ohci_endpoint *oe,
			uint32_t head)
{
	unsigned done = ohci_endpoint_done(oe, head);
	int code = transfer_add_up(oe, done);
	bool is_short = oe->t->kind == USB_BULK && code == OHCI_CODE_UNDERRUN;
	bool stopped = head & OHCI_HALTED || oe->skipped;
	int status = 0;

	if (code < 0)
		return NONSENSE;
	if (!is_short && (code || done < oe->n))
		status = transfer_fail(ohci, oe, (enum ohci_code)code);
	ohci_endpoint_unlink(oe);
	if (stopped)
		transfer_empty(oe, status == 0 ? head & OHCI_CARRY : 0);
	oe->first = ohci_endpoint_at(oe, oe->n);
	oe->n = 0;
	oe->t = NULL;
	return status;
}

static bool transfer_has_ended(const struct ohci *ohci,
			       const struct ohci_endpoint *oe, uint32_t head)
{
	if (head & OHCI_HALTED || ohci_endpoint_done(oe, head) >= oe->n)
		return true;
	return oe->skipped && ohci_frames_passed(ohci, oe->frame);
}

/* Returns an endpoint whose transfer has ended, and its ED's head, or NULL. */
static struct ohci_endpoint *transfer_next(const struct ohci *ohci,
					   uint32_t *head)
{
	struct ohci_endpoint *oe;
	unsigned i;

	for (i = OHCI_LIST_CONTROL; i <= OHCI_LIST_BULK; i++) {
		list_for_each(oe, &ohci->lists[i].endpoints, link) {
			*head = ohci_get(&oe->ed->head);
			if (transfer_has_ended(ohci, oe, *head))
				return oe;
		}
	}
	return NULL;
}

static int device_addressed(struct ohci *ohci, struct usb_transfer *t)
{
	t->udev->address = t->udev->number;
	return device_open_ep0(ohci, t->udev);
}

/* Begins again for each: request_done() may stop the controller. */
void ohci_transfer_poll(struct ohci *ohci)
{
	struct ohci_endpoint *oe;
	uint32_t head;

	while ((oe = transfer_next(ohci, &head)) != NULL) {
		struct usb_transfer *t = oe->t;
		int status;

		ohci_barrier();
		status = transfer_end(ohci, oe, head);
		if (status == NONSENSE) {
			ohci_violated(ohci, "a transfer");
			return;
		}
		if (status == 0 && t->kind == USB_ADDRESS)
			status = device_addressed(ohci, t);
		request_done(&t->rq, status);
	}
}

void ohci_transfer_look(struct ohci *ohci)
{
	struct ohci_endpoint *oe;
	unsigned i;

	for (i = OHCI_LIST_CONTROL; i <= OHCI_LIST_BULK; i++) {
		list_for_each(oe, &ohci->lists[i].endpoints, link) {
			if (oe->skipped || ++oe->looks < 2 ||
			    ohci_port_fault(ohci, oe->root_port) == 0)
				continue;
			oe->skipped = true;
			ohci_endpoint_skip(ohci, oe);
		}
	}
}

static struct ohci_list *pipe_list(struct ohci *ohci)
{
	struct ohci_list *list = &ohci->lists[OHCI_LIST_INTERRUPT];
	struct ohci_list *best = list;

	for (; list < ohci->lists + OHCI_LISTS; list++) {
		if (list->n < best->n)
			best = list;
	}
	return best;
}

int ohci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe)
{
	struct ohci_endpoint *oe = pipe->ep->hcd;
	unsigned i;

	if (!oe || pipe->ep->type != USB_EP_INTERRUPT || oe->n)
		return reason_fail(ERR_IO, "endpoint 0x%02x: not set up",
				   pipe->ep->address);
	assert(pipe->size >= 1 && pipe->size <= USB_PIPE_SIZE_MAX);
	if (ohci_check_bus(pipe->bus, USB_PIPE_REPORTS * pipe->size) < 0)
		return ERR_IO;
	oe->reports = pipe->reports;
	oe->reports_bus = (uint32_t)pipe->bus;
	for (i = 0; i < USB_PIPE_REPORTS; i++)
		ohci_endpoint_push(oe, OHCI_TD_IN | OHCI_TD_ROUNDING,
				   oe->reports_bus + i * pipe->size,
				   pipe->size);
	ohci_endpoint_commit(oe);
	ohci_endpoint_link(oe, pipe_list(ohci_of(hc)));
	return 0;
}

/* The buffer of the first TD goes to the end of the ring. */
static void pipe_rearm(struct ohci_endpoint *oe)
{
	struct ohci_part part = oe->parts[oe->first];

	oe->first = ohci_endpoint_at(oe, 1);
	oe->n--;
	ohci_endpoint_push(oe, OHCI_TD_IN | OHCI_TD_ROUNDING, part.bus,
			   part.len);
	ohci_endpoint_commit(oe);
}

static long pipe_take(struct ohci *ohci, struct ohci_endpoint *oe, void *report)
{
	uint32_t at = oe->parts[oe->first].bus - oe->reports_bus;
	long moved = ohci_endpoint_moved(oe, oe->first);
	enum ohci_code code = ohci_endpoint_code(oe, oe->first);

	if (moved < 0) {
		ohci_violated(ohci, "a report");
		return ERR_IO;
	}
	if (code != OHCI_CODE_OK) {
		transfer_fail(ohci, oe, code);
		oe->reports = NULL;
		return ERR_IO;
	}
	memcpy(report, oe->reports + at, (size_t)moved);
	pipe_rearm(oe);
	return moved;
}

long ohci_pipe_take(struct ohci *ohci, struct usb_pipe *pipe, void *report)
{
	struct ohci_endpoint *oe = pipe->ep->hcd;
	unsigned done;
	uint32_t head;

	if (!oe || !oe->reports)
		return reason_fail(ERR_IO, "endpoint 0x%02x: not open",
				   pipe->ep->address);
	head = ohci_get(&oe->ed->head);
	done = ohci_endpoint_done(oe, head);
	if (done == 0 && !(head & OHCI_HALTED))
		return ERR_AGAIN;
	if (done == 0 || done > oe->n) {
		ohci_violated(ohci, "a pipe");
		return ERR_IO;
	}
	ohci_barrier();
	return pipe_take(ohci, oe, report);
}

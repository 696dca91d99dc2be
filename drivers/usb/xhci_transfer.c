// SPDX-License-Identifier: BSD-2-Clause
// xHCI: control and bulk transfers, pipes, recovery (xHCI 1.2, 4.10, 4.11).
#include "drivers/usb/xhci.h"
#include "lib/reason.h"

/*
 * One transfer per endpoint is in flight. An error halts its endpoint; the
 * transfer ends when the endpoint has been reset and its ring emptied:
 *
 *	error -- Reset Endpoint --> Set TR Dequeue Pointer --> transfer ends
 *
 * or, if that fails, when the device's slot has been disabled.
 */

/* Bits of `control`. [xHCI 1.2, 6.4.1.2] */
#define SETUP_NO_DATA (0u << 16)
#define SETUP_OUT (2u << 16)
#define SETUP_IN (3u << 16)
#define DATA_IN (1u << 16)

/* States of an endpoint's job. */
enum recovery_state {
	RECOVERY_BEGIN,
	RECOVERY_RESETTING,
	RECOVERY_MOVING,
};

/* Offset and length of a piece of a bulk transfer. */
struct piece {
	uint32_t at, len;
};

/* Pieces end where the next 64 KiB begin; an empty transfer has one, too. */
static struct piece piece_of(const struct usb_transfer *t, unsigned i)
{
	uint32_t first = XHCI_TRB_BOUNDARY - t->bus % XHCI_TRB_BOUNDARY;
	uint32_t at = i ? first + (i - 1) * XHCI_TRB_BOUNDARY : 0;
	uint32_t len = i ? XHCI_TRB_BOUNDARY : first;

	return (struct piece){ at, MIN(len, t->len - at) };
}

static unsigned piece_count(const struct usb_transfer *t)
{
	uint64_t offset = t->bus % XHCI_TRB_BOUNDARY;

	if (!t->len)
		return 1;
	return (unsigned)((offset + t->len - 1) / XHCI_TRB_BOUNDARY + 1);
}

static void transfer_push_control(struct xhci_ring *ring,
				  const struct usb_transfer *t)
{
	bool in = t->len && usb_transfer_is_in(t);
	uint32_t type = SETUP_NO_DATA;

	if (t->len)
		type = in ? SETUP_IN : SETUP_OUT;
	xhci_ring_push(ring, le64_load(&t->setup), sizeof(t->setup),
		       XHCI_TRB_TYPE(XHCI_SETUP) | XHCI_TRB_IDT | type);
	if (t->len)
		xhci_ring_push(ring, t->bus, t->len,
			       XHCI_TRB_TYPE(XHCI_DATA) |
				       (in ? DATA_IN | XHCI_TRB_ISP : 0));
	xhci_ring_push(ring, 0, 0,
		       XHCI_TRB_TYPE(XHCI_STATUS) | XHCI_TRB_IOC |
			       (in ? 0 : DATA_IN));
}

/* Packets that follow a piece. [xHCI 1.2, 4.11.2.4] */
static uint32_t transfer_packets(const struct usb_transfer *t, uint32_t bytes)
{
	return MIN((bytes + t->ep->mps - 1) / t->ep->mps, 31u);
}

static void transfer_push_bulk(struct xhci_ring *ring,
			       const struct usb_transfer *t)
{
	unsigned n = piece_count(t);
	uint32_t control = XHCI_TRB_TYPE(XHCI_NORMAL);

	if (usb_transfer_is_in(t))
		control |= XHCI_TRB_ISP;
	for (unsigned i = 0; i < n; i++) {
		struct piece piece = piece_of(t, i);
		uint32_t left = t->len - piece.at - piece.len;

		xhci_ring_push(ring, t->bus + piece.at,
			       piece.len | transfer_packets(t, left) << 17,
			       control | (i + 1 < n ? XHCI_TRB_CHAIN
						    : XHCI_TRB_IOC));
	}
}

int xhci_transfer_submit(struct xhci *xh, struct usb_transfer *t)
{
	const struct xhci_device *xd = t->udev->hcd;
	struct xhci_endpoint *xe = xhci_endpoint_of(t->ep);

	if (xd && xd->gone)
		return xhci_device_failure(xd);
	if (!xe || xe->pipe || xe->ep->type != t->ep->type)
		return reason_fail(ERR_IO, "the endpoint is not set up");
	if (xe->transfer)
		return reason_fail(ERR_BUSY, "a transfer is in flight");
	assert(t->len <= XHCI_MAX_BULK);
	t->actual = t->len;
	if (t->kind == USB_CONTROL)
		transfer_push_control(&xe->ring, t);
	else
		transfer_push_bulk(&xe->ring, t);
	xe->transfer = t;
	xhci_ring_commit(&xe->ring);
	xhci_ring_doorbell(xh, xd->slot, xe->id);
	return 0;
}

static int recovery_error(unsigned code)
{
	if (code == XHCI_STALL)
		return reason_fail(USB_STALL, "stalled");
	return reason_fail(ERR_IO, "xHCI code %u (%s)", code,
			   xhci_code_name(code));
}

static void recovery_end(struct xhci_endpoint *xe)
{
	struct usb_transfer *t = xe->transfer;
	unsigned code = xe->code;

	xe->ring.used = 0;
	xe->transfer = NULL;
	xe->code = 0;
	xhci_job_end(xe->xd->xh, &xe->job);
	t->actual = 0;
	request_done(&t->rq, recovery_error(code));
}

/* These halt the endpoint; after others it still runs. [xHCI 1.2, 4.10.2] */
static bool recovery_is_from_halt(unsigned code)
{
	return code == XHCI_STALL || code == XHCI_BABBLE ||
	       code == XHCI_TRANSACTION_ERROR || code == XHCI_SPLIT_ERROR;
}

static void recovery_move(struct xhci_endpoint *xe)
{
	const struct xhci_ring *ring = &xe->ring;
	uint64_t next = ring->bus + ring->next * sizeof(struct xhci_trb);

	xhci_command(xe->xd->xh, XHCI_SET_TR_DEQUEUE, next | ring->cycle,
		     xhci_target(xe->xd->slot, xe->id));
}

static void recovery_step(struct xhci_job *job, unsigned code)
{
	struct xhci_endpoint *xe = container_of(job, struct xhci_endpoint, job);
	struct xhci_device *xd = xe->xd;

	switch ((enum recovery_state)job->state++) {
	case RECOVERY_BEGIN:
		xhci_command(xd->xh,
			     recovery_is_from_halt(xe->code)
				     ? XHCI_RESET_ENDPOINT
				     : XHCI_STOP_ENDPOINT,
			     0, xhci_target(xd->slot, xe->id));
		return;
	case RECOVERY_RESETTING:
		/* It may be in another state than its error suggests. */
		if (code == XHCI_SUCCESS || code == XHCI_CONTEXT_STATE) {
			recovery_move(xe);
			return;
		}
		break;
	case RECOVERY_MOVING:
		if (code == XHCI_SUCCESS) {
			recovery_end(xe);
			return;
		}
		break;
	}
	xhci_device_drop(xd, ERR_IO);
	xhci_job_end(xd->xh, job);
}

static void transfer_failed(struct xhci_endpoint *xe, unsigned code)
{
	struct xhci_device *xd = xe->xd;

	xe->code = code;
	if (code == XHCI_TRANSACTION_ERROR)
		xhci_port_look(xd->xh, xd->udev->root_port);
	if (!xd->gone)
		xhci_job_start(xd->xh, &xe->job, recovery_step);
}

static void transfer_succeeded(struct xhci_endpoint *xe)
{
	struct usb_transfer *t = xe->transfer;

	xe->ring.used = 0;
	xe->transfer = NULL;
	request_done(&t->rq, 0);
}

/* The controller may claim any number. */
static uint32_t transfer_moved(uint32_t len, uint32_t residual)
{
	return residual > len ? 0 : len - residual;
}

/* A short data stage is told on its own; the end is the status stage. */
static void transfer_control_event(struct xhci_endpoint *xe, unsigned position,
				   const struct xhci_event *event)
{
	struct usb_transfer *t = xe->transfer;

	if (position + 1 == xe->ring.used)
		transfer_succeeded(xe);
	else if (position == 1 && event->code == XHCI_SHORT_PACKET)
		t->actual = transfer_moved(t->len, event->residual);
}

static void transfer_bulk_event(struct xhci_endpoint *xe, unsigned position,
				const struct xhci_event *event)
{
	struct usb_transfer *t = xe->transfer;
	struct piece piece = piece_of(t, position);

	if (event->code != XHCI_SHORT_PACKET && position + 1 < xe->ring.used)
		return;
	t->actual = piece.at + transfer_moved(piece.len, event->residual);
	transfer_succeeded(xe);
}

/* Reports arrive in order. */
static void pipe_event(struct xhci_endpoint *xe, const struct xhci_event *event)
{
	unsigned size = xe->pipe->size;

	if (event->code != XHCI_SUCCESS && event->code != XHCI_SHORT_PACKET) {
		xe->code = event->code;
		return;
	}
	xe->lengths[xe->arrived++ % USB_PIPE_REPORTS] =
		(uint8_t)transfer_moved(size, event->residual);
	xe->ring.used--;
}

static struct xhci_endpoint *transfer_endpoint(const struct xhci *xh,
					       const struct xhci_event *event)
{
	const struct xhci_device *xd =
		event->slot <= xh->slots ? xh->slot[event->slot] : NULL;

	return xd && !xd->gone ? xd->endpoints[event->endpoint] : NULL;
}

/* Only for a TRB of a transfer in flight, of an endpoint that works. */
void xhci_transfer_event(struct xhci *xh, const struct xhci_event *event)
{
	struct xhci_endpoint *xe = transfer_endpoint(xh, event);
	unsigned position;

	if (!xe || xe->code)
		return;
	position = xhci_ring_position(&xe->ring, event->param);
	if (position == xe->ring.used)
		return;
	if (xe->pipe && position == 0)
		pipe_event(xe, event);
	if (!xe->transfer)
		return;
	if (event->code != XHCI_SUCCESS && event->code != XHCI_SHORT_PACKET)
		transfer_failed(xe, event->code);
	else if (xe->transfer->kind == USB_CONTROL)
		transfer_control_event(xe, position, event);
	else
		transfer_bulk_event(xe, position, event);
}

/* Arms all buffers that are free, with one doorbell. */
static void pipe_arm(struct xhci *xh, struct xhci_endpoint *xe)
{
	const struct usb_pipe *pipe = xe->pipe;

	while (xe->armed - xe->read < USB_PIPE_REPORTS) {
		uint64_t at = xe->armed++ % USB_PIPE_REPORTS * pipe->size;

		xhci_ring_push(&xe->ring, pipe->bus + at, pipe->size,
			       XHCI_TRB_TYPE(XHCI_NORMAL) | XHCI_TRB_ISP |
				       XHCI_TRB_IOC);
	}
	xhci_ring_commit(&xe->ring);
	xhci_ring_doorbell(xh, xe->xd->slot, xe->id);
}

int xhci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe)
{
	struct xhci_endpoint *xe = xhci_endpoint_of(pipe->ep);

	if (!xe || xe->ep->type != USB_EP_INTERRUPT)
		return reason_fail(ERR_IO, "the endpoint is not set up");
	if (xe->pipe && xe->pipe != pipe)
		return reason_fail(ERR_BUSY, "the endpoint is in use");
	if (xe->pipe)
		return 0;
	assert(pipe->size <= USB_PIPE_SIZE_MAX);
	xe->pipe = pipe;
	xe->armed = xe->arrived = xe->read = 0;
	pipe_arm(xhci_of(hc), xe);
	return 0;
}

static int pipe_no_report(const struct xhci_endpoint *xe)
{
	if (xe->xd->gone)
		xhci_device_failure(xe->xd);
	else if (xe->code)
		recovery_error(xe->code);
	else
		return ERR_AGAIN;
	return ERR_IO;
}

/* Half of the buffers stay armed while the others are read. */
long xhci_pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		    void *report)
{
	struct xhci *xh = xhci_of(hc);
	struct xhci_endpoint *xe;
	unsigned i, len;

	if (xhci_event_is_there(xh))
		xhci_events_handle(xh);
	xe = xhci_endpoint_of(pipe->ep);
	if (!xe || xe->pipe != pipe)
		return reason_fail(ERR_IO, "the pipe is not open");
	if (xe->arrived == xe->read)
		return pipe_no_report(xe);
	i = xe->read++ % USB_PIPE_REPORTS;
	len = xe->lengths[i];
	memcpy(report, pipe->reports + i * pipe->size, len);
	if (xe->arrived == xe->read &&
	    xe->armed - xe->arrived <= USB_PIPE_REPORTS / 2)
		pipe_arm(xh, xe);
	return len;
}

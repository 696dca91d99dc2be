// SPDX-License-Identifier: BSD-2-Clause
// EHCI: pipes, whose reports arrive as long as the controller runs.

#include "drivers/usb/ehci.h"

#include "lib/reason.h"

/*
 * The ring has one qTD more than there are buffers: it is the inactive one that
 * the controller waits at when all reports are unread. The buffer of a report
 * that has been read moves to it.
 */
static void pipe_arm(struct ehci_queue *q, unsigned at, uint8_t report)
{
	const struct usb_pipe *pipe = q->pipe;

	q->report[at] = report;
	ehci_qtd_fill(q, at, EHCI_LINK_END,
		      pipe->bus + (uint64_t)report * pipe->size, pipe->size);
	ehci_barrier();
	q->page->qtd[at].token = le32_make(EHCI_PID_IN | EHCI_CERR |
					   EHCI_ACTIVE | pipe->size << 16);
}

int ehci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe)
{
	struct ehci *eh = ehci_of(hc);
	struct ehci_queue *q;
	uint8_t i;

	if (!ehci_reaches(pipe->bus, USB_PIPE_REPORTS * pipe->size))
		return reason_fail(ERR_INVAL, "not a buffer for EHCI");
	q = ehci_pipe_queue(eh, pipe->ep);
	if (!q)
		return ERR_NOMEM;
	q->pipe = pipe;
	q->used = USB_PIPE_REPORTS;
	for (i = 0; i < USB_PIPE_REPORTS; i++)
		pipe_arm(q, i, i);
	ehci_pipe_link(eh, q);
	return 0;
}

/* The number of a report's bytes, or ERR_*. */
static long pipe_len(const struct usb_pipe *pipe, uint32_t token)
{
	if (token & EHCI_ACTIVE)
		return ERR_AGAIN;
	if (token & EHCI_HALTED || EHCI_LENGTH(token) > pipe->size)
		return reason_fail(ERR_IO,
				   "endpoint 0x%02x: the controller "
				   "has stopped reading it",
				   pipe->ep->address);
	return (long)(pipe->size - EHCI_LENGTH(token));
}

long ehci_pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		    void *report)
{
	struct ehci *eh = ehci_of(hc);
	struct ehci_queue *q = ehci_queue_of(pipe->ep);
	unsigned at;
	long len;

	if (!q || q->pipe != pipe)
		return reason_fail(ERR_IO, "endpoint 0x%02x: not open",
				   pipe->ep->address);
	if (eh->port[pipe->ep->udev->root_port].lost)
		return reason_fail(ERR_IO, "the device is unplugged");
	at = q->first;
	len = pipe_len(pipe, ehci_load(&q->page->qtd[at].token));
	if (len < 0)
		return len;
	memcpy(report, pipe->reports + (size_t)q->report[at] * pipe->size,
	       (size_t)len);
	pipe_arm(q, (at + q->used) % q->size, q->report[at]);
	q->first = (at + 1) % q->size;
	return len;
}

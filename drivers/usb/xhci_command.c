// SPDX-License-Identifier: BSD-2-Clause
// xHCI: commands to the controller, one at a time (xHCI 1.2, 4.6).
#include "drivers/usb/xhci.h"
#include "lib/list.h"

/*
 * All commands that need an input context share one, so a command waits until
 * the one before has ended. A controller that does not end it is stopped by the
 * deadline of the transfer that the command is for.
 */

const char *xhci_code_name(unsigned code)
{
	switch (code) {
	case 2:
		return "data buffer error";
	case XHCI_BABBLE:
		return "babble";
	case XHCI_TRANSACTION_ERROR:
		return "transaction error";
	case 5:
		return "TRB error";
	case XHCI_STALL:
		return "stall";
	case 7:
		return "resource error";
	case 8:
		return "bandwidth error";
	case XHCI_NO_SLOTS:
		return "no slots";
	case 11:
		return "slot not enabled";
	case 12:
		return "endpoint not enabled";
	case 17:
		return "parameter error";
	case XHCI_CONTEXT_STATE:
		return "context state error";
	case 22:
		return "incompatible device";
	case XHCI_SPLIT_ERROR:
		return "split transaction error";
	default:
		return "unexpected";
	}
}

void xhci_job_start(struct xhci *xh, struct xhci_job *job,
		    void (*step)(struct xhci_job *job, unsigned code))
{
	bool idle = list_empty(&xh->jobs);

	job->step = step;
	job->state = 0;
	list_add_tail(&xh->jobs, &job->link);
	if (idle)
		step(job, 0);
}

void xhci_job_end(struct xhci *xh, struct xhci_job *job)
{
	struct xhci_job *next;

	list_del(&job->link);
	if (list_empty(&xh->jobs))
		return;
	next = container_of(xh->jobs.next, struct xhci_job, link);
	next->step(next, 0);
}

void xhci_command(struct xhci *xh, enum xhci_trb_type type, uint64_t param,
		  uint32_t target)
{
	struct xhci_ring *ring = &xh->commands;

	xh->command = ring->bus + ring->next * sizeof(struct xhci_trb);
	xhci_ring_push(ring, param, 0, XHCI_TRB_TYPE(type) | target);
	xhci_ring_commit(ring);
	xhci_ring_doorbell(xh, 0, 0);
}

void xhci_command_event(struct xhci *xh, const struct xhci_event *event)
{
	struct xhci_job *job;

	if (!xh->command || event->param != xh->command)
		return;
	xh->command = 0;
	xh->commands.used = 0;
	xh->new_slot = event->slot;
	job = container_of(xh->jobs.next, struct xhci_job, link);
	job->step(job, event->code);
}

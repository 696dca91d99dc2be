/* SPDX-License-Identifier: BSD-2-Clause */
/* xHCI controllers: shared by registers, rings, devices, transfers. */
#ifndef DRIVERS_USB_XHCI_H
#define DRIVERS_USB_XHCI_H

#include "drivers/usb/usb.h"

/* A transfer request block. [xHCI 1.2, 4.11, 6.4] */
struct xhci_trb {
	le64 param;
	le32 status;
	le32 control;
};
static_assert(sizeof(struct xhci_trb) == 16, "xHCI 1.2, 6.4");

/* Bits of `control`. [xHCI 1.2, 6.4.1] */
#define XHCI_TRB_CYCLE (1u << 0)
#define XHCI_TRB_TOGGLE (1u << 1) /* link: the next round inverts the cycle */
#define XHCI_TRB_ISP (1u << 2)	  /* event if less arrives */
#define XHCI_TRB_CHAIN (1u << 4)
#define XHCI_TRB_IOC (1u << 5) /* event at the end */
#define XHCI_TRB_IDT (1u << 6) /* `param` is data */
#define XHCI_TRB_TYPE(type) ((uint32_t)(type) << 10)

/* [xHCI 1.2, table 6-91] */
enum xhci_trb_type {
	XHCI_NORMAL = 1,
	XHCI_SETUP = 2,
	XHCI_DATA = 3,
	XHCI_STATUS = 4,
	XHCI_LINK = 6,
	XHCI_ENABLE_SLOT = 9,
	XHCI_DISABLE_SLOT = 10,
	XHCI_ADDRESS_DEVICE = 11,
	XHCI_CONFIGURE_ENDPOINT = 12,
	XHCI_EVALUATE_CONTEXT = 13,
	XHCI_RESET_ENDPOINT = 14,
	XHCI_STOP_ENDPOINT = 15,
	XHCI_SET_TR_DEQUEUE = 16,
	XHCI_TRANSFER_EVENT = 32,
	XHCI_COMMAND_EVENT = 33,
	XHCI_PORT_EVENT = 34,
	XHCI_CONTROLLER_EVENT = 37,
};

/* Completion codes that mean something to us. [xHCI 1.2, table 6-90] */
enum xhci_code {
	XHCI_SUCCESS = 1,
	XHCI_BABBLE = 3,
	XHCI_TRANSACTION_ERROR = 4,
	XHCI_STALL = 6,
	XHCI_NO_SLOTS = 9,
	XHCI_SHORT_PACKET = 13,
	XHCI_CONTEXT_STATE = 19,
	XHCI_RING_FULL = 21,
	XHCI_SPLIT_ERROR = 36,
	XHCI_NO_CODE = 255, /* ours: 0, which is invalid */
};

/* An event, read once. */
struct xhci_event {
	uint64_t param;
	uint32_t residual;
	enum xhci_trb_type type;
	unsigned code; /* enum xhci_code, or any other */
	unsigned slot, endpoint;
};

/* A ring of TRBs that the controller reads; the last one links to the first. */
struct xhci_ring {
	struct xhci_trb *trbs;
	uint64_t bus;
	unsigned size; /* with the link */
	unsigned next; /* to be written */
	unsigned used; /* written, and not yet ended */
	bool cycle;
	struct xhci_trb *held; /* the first that is not yet valid, or NULL */
	uint32_t held_control;
};

/* Commands run one after the other; a job is a series of them. */
struct xhci_job {
	struct list link; /* xh->jobs */
	/*
	 * step - send the next command, or end the job. `code`: completion code
	 * of the last one, 0: none was sent.
	 */
	void (*step)(struct xhci_job *job, unsigned code);
	unsigned state; /* private to step() */
};

/* Contexts of a device, and of an input context. [xHCI 1.2, 6.2] */
#define XHCI_CONTEXTS 32u
#define XHCI_INPUT_CONTEXTS (XHCI_CONTEXTS + 1)

/* An endpoint that has a ring. */
struct xhci_endpoint {
	struct xhci_device *xd;
	struct usb_endpoint *ep;
	unsigned id;	 /* device context index: 1..31 [xHCI 1.2, 4.5.1] */
	bool configured; /* the controller knows it */
	struct xhci_ring ring;
	struct usb_transfer *transfer; /* in flight, or NULL */
	/* Recovery after an error of `transfer`. */
	struct xhci_job job;
	unsigned code; /* of the error; 0: none */
	/* As a pipe, or NULL; counters of reports. */
	struct usb_pipe *pipe;
	unsigned armed, arrived, read;
	uint8_t lengths[USB_PIPE_REPORTS]; /* of those that have arrived */
};

/* A device that had an address since the controller's start. */
struct xhci_device {
	struct list link; /* xh->devices */
	struct xhci *xh;
	struct usb_device *udev;
	unsigned slot; /* 0: none */
	uint8_t *context;
	uint64_t context_bus;
	struct xhci_job job;
	struct usb_transfer *command; /* that `job` is for, or NULL */
	int gone; /* ERR_NODEV, ERR_IO: why it is being dropped; 0: it is not */
	unsigned last; /* id of the last endpoint */
	struct xhci_endpoint *endpoints[XHCI_CONTEXTS]; /* by id */
};

/* DMA memory, freed at stop(). */
struct xhci_memory {
	struct list link; /* xh->memory */
	uint8_t *ptr;
	uint64_t bus;
	size_t len, used;
};

#define XHCI_SLOTS_MAX 64u
#define XHCI_PORTS_MAX 255u
#define XHCI_EVENTS 128u
/* TRBs do not cross such boundaries. [xHCI 1.2, 6.4.1] */
#define XHCI_TRB_BOUNDARY (64 * KiB)
#define XHCI_MAX_BULK (1 * MiB)

struct xhci {
	struct usb_controller hc;
	struct pci_function *fn;
	bool active;	/* decoding and bus mastering are on */
	unsigned stops; /* number of stops: what is older is freed */
	/* Registers: real addresses. */
	uint64_t operational, runtime, doorbells;
	unsigned slots;	       /* XHCI_SLOTS_MAX at most */
	unsigned context_size; /* 32 or 64 bytes */
	unsigned scratchpads;
	uint8_t units[XHCI_PORTS_MAX + 1]; /* port numbers of QEMU; 0: same */
	unsigned looks;			   /* polls without an event */
	struct list memory, devices, jobs;
	struct xhci_device *slot[XHCI_SLOTS_MAX + 1]; /* by number */
	le64 *contexts;				      /* DCBAA */
	uint8_t *input; /* input context of the command that runs */
	uint64_t input_bus;
	struct xhci_ring commands;
	uint64_t command;  /* bus address of the one that runs, 0: none */
	unsigned new_slot; /* of the last Command Completion Event */
	struct xhci_trb *events;
	uint64_t events_bus;
	unsigned event_next, events_taken; /* taken: ERDP is behind by that */
	bool event_cycle;
};

static inline struct xhci *xhci_of(struct usb_controller *hc)
{
	return container_of(hc, struct xhci, hc);
}

/* xhci_lost - it is dead, with reason(): everything is freed after this. */
void xhci_lost(struct xhci *xh);

/* xhci_ring_doorbell - `slot` 0: for commands, `endpoint` 0. */
void xhci_ring_doorbell(const struct xhci *xh, unsigned slot,
			unsigned endpoint);

/* xhci_write64 - write a register as two halves, the low one first. */
void xhci_write64(uint64_t addr, uint64_t value);

/*
 * xhci_port_look - read a port's PORTSC and clear its change bits; if another
 * or no device is there, drop the ones that were.
 */
uint32_t xhci_port_look(struct xhci *xh, unsigned port);

/* xhci_ring.c: memory, rings, events. */

/* Runtime registers of interrupter 0. [xHCI 1.2, 5.5.2] */
enum xhci_runtime_reg {
	XHCI_ERSTSZ = 0x28,
	XHCI_ERSTBA = 0x30,
	XHCI_ERDP = 0x38,
};

/*
 * xhci_alloc - zeroed memory, aligned to 64 bytes; up to 4 KiB it is within a
 * page. Freed by xhci_free_all(). Returns NULL with reason().
 */
must_check void *xhci_alloc(struct xhci *xh, size_t len, uint64_t *bus);
void xhci_free_all(struct xhci *xh);

/* xhci_ring_alloc - an empty ring of `size` TRBs. Returns 0 or ERR_NOMEM. */
must_check int xhci_ring_alloc(struct xhci *xh, struct xhci_ring *ring,
			       unsigned size);

/* xhci_ring_reset - empty it and begin at its start. */
void xhci_ring_reset(struct xhci_ring *ring);

/* xhci_ring_room - TRBs that fit. */
unsigned xhci_ring_room(const struct xhci_ring *ring);

/*
 * xhci_ring_push - append a TRB, there is room; the controller sees those since
 * the last xhci_ring_commit() after the next one.
 */
void xhci_ring_push(struct xhci_ring *ring, uint64_t param, uint32_t status,
		    uint32_t control);
void xhci_ring_commit(struct xhci_ring *ring);

/*
 * xhci_ring_position - which of the `used` TRBs, from 0, oldest first, is at a
 * bus address? Returns `used` if none is.
 */
unsigned xhci_ring_position(const struct xhci_ring *ring, uint64_t bus);

/* xhci_events_init - make the event ring known. Returns 0 or ERR_NOMEM. */
must_check int xhci_events_init(struct xhci *xh);

/* xhci_event_is_there - is there a new event? No hypercall. */
bool xhci_event_is_there(const struct xhci *xh);

/* xhci_events_handle - handle the events of at most one round of the ring. */
void xhci_events_handle(struct xhci *xh);

/* xhci_command.c: commands, one after the other. */

/* xhci_code_name - a completion code in words. */
const char *xhci_code_name(unsigned code);

/* xhci_job_start - run a job after those that wait. */
void xhci_job_start(struct xhci *xh, struct xhci_job *job,
		    void (*step)(struct xhci_job *job, unsigned code));

/* xhci_job_end - for step(): it has ended; the next one begins. */
void xhci_job_end(struct xhci *xh, struct xhci_job *job);

/* xhci_command - for step(): send a command. `target`: slot, endpoint bits. */
void xhci_command(struct xhci *xh, enum xhci_trb_type type, uint64_t param,
		  uint32_t target);
static inline uint32_t xhci_target(unsigned slot, unsigned endpoint)
{
	return slot << 24 | endpoint << 16;
}

/* xhci_command_event - a command has ended. */
void xhci_command_event(struct xhci *xh, const struct xhci_event *event);

/* xhci_context.c: the input context of a command. */

/*
 * xhci_context_begin - of a device, without endpoints. `add`: a bit for each
 * context that the command is about, the slot's is 0. `last`: last endpoint id.
 */
void xhci_context_begin(const struct xhci_device *xd, uint32_t add,
			unsigned last);

/* xhci_context_endpoint - add an endpoint. [xHCI 1.2, 6.2.3] */
void xhci_context_endpoint(const struct xhci_endpoint *xe);

/* xhci_device.c: slots, addresses, endpoints. */

/* xhci_endpoint_id - device context index of an endpoint. */
static inline unsigned xhci_endpoint_id(const struct usb_endpoint *ep)
{
	if (!(ep->address & 0xf))
		return 1;
	return (ep->address & 0xfu) * 2 + (ep->address & USB_IN ? 1 : 0);
}

/* xhci_endpoint_of - the endpoint that is set up, or NULL. */
struct xhci_endpoint *xhci_endpoint_of(const struct usb_endpoint *ep);

/*
 * xhci_device_submit - begin USB_ADDRESS, USB_MPS0 or USB_ENDPOINTS. Returns as
 * usb_controller_ops.submit.
 */
int xhci_device_submit(struct xhci *xh, struct usb_transfer *t);

/*
 * xhci_device_drop - the device is unusable (ERR_IO) or unplugged (ERR_NODEV):
 * disable its slot, then end its transfers.
 */
void xhci_device_drop(struct xhci_device *xd, int why);

/* xhci_port_gone - the device at a root port, and behind it, is unplugged. */
void xhci_port_gone(struct xhci *xh, unsigned port);

/* xhci_device_failure - reason of a dropped device. Returns xd->gone. */
int xhci_device_failure(const struct xhci_device *xd);

/* xhci_devices_free - after a reset: forget all devices and endpoints. */
void xhci_devices_free(struct xhci *xh);

/* xhci_transfer.c: transfers and pipes. */

/*
 * xhci_transfer_submit - begin USB_CONTROL or USB_BULK. Returns as
 * usb_controller_ops.submit.
 */
int xhci_transfer_submit(struct xhci *xh, struct usb_transfer *t);

/* xhci_transfer_event - something has happened to a TRB of an endpoint. */
void xhci_transfer_event(struct xhci *xh, const struct xhci_event *event);

/* xhci_pipe_open, xhci_pipe_read - see struct usb_controller_ops. */
int xhci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe);
long xhci_pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		    void *report);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* OHCI: a controller's registers, descriptors and schedule (OHCI 1.0a). */
#ifndef DRIVERS_USB_OHCI_H
#define DRIVERS_USB_OHCI_H

#include "drivers/usb/usb.h"
#include "lib/deadline.h"

/* Registers. [OHCI 1.0a, 7] */
enum ohci_reg {
	OHCI_REVISION = 0x00,
	OHCI_CONTROL = 0x04,
	OHCI_COMMAND = 0x08,
	OHCI_STATUS = 0x0c,
	OHCI_HCCA = 0x18,
	OHCI_CONTROL_HEAD = 0x20,
	OHCI_BULK_HEAD = 0x28,
	OHCI_INTERVAL = 0x34,
	OHCI_PERIODIC_START = 0x40,
	OHCI_HUB_A = 0x48,
	OHCI_HUB_STATUS = 0x50,
	OHCI_PORT_STATUS = 0x54, /* of port 1; 4 bytes each */
};
/* HcCommandStatus: its lists have work. [OHCI 1.0a, 7.1.3] */
#define OHCI_CONTROL_FILLED 0x02u
#define OHCI_BULK_FILLED 0x04u

/* Endpoint descriptor (ED). [OHCI 1.0a, 4.2] */
struct ohci_ed {
	le32 flags;
	le32 tail;
	le32 head;
	le32 next;
};
static_assert(sizeof(struct ohci_ed) == 16, "OHCI 1.0a, 4.2.1");
#define OHCI_SKIP (1u << 14) /* in `flags` */
#define OHCI_HALTED 1u	     /* in `head` */
#define OHCI_CARRY 2u	     /* in `head`: the next data toggle */
#define OHCI_POINTER 0xfffffff0u

/* General transfer descriptor (TD). [OHCI 1.0a, 4.3.1] */
struct ohci_td {
	le32 flags;
	le32 current; /* 0: no data, or all moved */
	le32 next;
	le32 end; /* last byte */
};
static_assert(sizeof(struct ohci_td) == 16, "OHCI 1.0a, 4.3.1.1");

/* In a TD's flags. [4.3.1.2] */
#define OHCI_TD_ROUNDING (1u << 18) /* a short packet is no error */
#define OHCI_TD_SETUP (0u << 19)
#define OHCI_TD_OUT (1u << 19)
#define OHCI_TD_IN (2u << 19)
#define OHCI_TD_DIRECTION (3u << 19)
#define OHCI_TD_DATA0 (2u << 24) /* otherwise the ED's toggle */
#define OHCI_TD_DATA1 (3u << 24)

/* Condition codes. [4.3.3] */
enum ohci_code {
	OHCI_CODE_OK = 0,
	OHCI_CODE_CRC = 1,
	OHCI_CODE_BIT_STUFFING = 2,
	OHCI_CODE_TOGGLE = 3,
	OHCI_CODE_STALL = 4,
	OHCI_CODE_NO_RESPONSE = 5,
	OHCI_CODE_PID_CHECK = 6,
	OHCI_CODE_UNEXPECTED_PID = 7,
	OHCI_CODE_OVERRUN = 8,
	OHCI_CODE_UNDERRUN = 9,
	OHCI_CODE_BUFFER_OVERRUN = 12,
	OHCI_CODE_BUFFER_UNDERRUN = 13,
};

/* Host controller communications area. [OHCI 1.0a, 4.4] */
struct ohci_hcca {
	le32 interrupt[32];
	le16 frame;
	le16 pad;
	le32 done_head;
	uint8_t reserved[120];
};
static_assert(sizeof(struct ohci_hcca) == 256, "OHCI 1.0a, 4.4.1");

/*
 * Control, bulk, and eight lists of interrupt endpoints, each read every 8 ms.
 */
#define OHCI_INTERRUPT_LISTS 8u
enum ohci_list_index {
	OHCI_LIST_CONTROL,
	OHCI_LIST_BULK,
	OHCI_LIST_INTERRUPT,
	OHCI_LISTS = OHCI_LIST_INTERRUPT + OHCI_INTERRUPT_LISTS,
};

/* EDs that the controller walks; the first is empty and permanent. */
struct ohci_list {
	struct ohci_ed *first;
	struct list endpoints; /* struct ohci_endpoint */
	unsigned n;
};

/* What the first page for the controller begins with. */
struct ohci_shared {
	struct ohci_hcca hcca; /* 256-byte aligned */
	struct ohci_ed first[OHCI_LISTS];
	struct usb_setup set_address;
};

struct ohci {
	struct usb_controller hc;
	uint64_t regs; /* real address; 0: not started */
	/* Of real hardware: 10 ms resets that a port still needs. */
	uint8_t resets[16];

	struct ohci_shared *shared;
	uint64_t shared_bus;
	struct list pages;   /* struct ohci_page */
	struct list used;    /* struct ohci_endpoint */
	struct list retired; /* can be reused after two frames */
	struct ohci_list lists[OHCI_LISTS];
	uint32_t filled;      /* for OHCI_COMMAND at the next kick */
	struct deadline look; /* for the next look at the frame number */
	uint16_t frame;	      /* at the last look */
};

/* Data of a TD, out of the controller's reach. */
struct ohci_part {
	uint32_t bus, len;
};

/* An endpoint; the `hcd` of a struct usb_endpoint. */
struct ohci_endpoint {
	struct list all;	       /* ohci->used or ->retired */
	struct list link;	       /* list->endpoints */
	struct ohci_list *list;	       /* NULL: on none */
	const struct usb_device *udev; /* only to compare */
	unsigned root_port;
	uint8_t address; /* as in struct usb_endpoint */
	uint16_t mps;
	uint32_t flags; /* of the ED */
	struct ohci_ed *ed;
	struct ohci_td *td;
	uint32_t ed_bus, td_bus;
	unsigned n_tds;
	unsigned first, n;	/* the TDs that we await */
	struct usb_transfer *t; /* NULL: idle, or a pipe */
	unsigned looks;		/* since the submit */
	bool skipped;		/* it does not respond */
	uint16_t frame;		/* when it was skipped */
	uint8_t *reports;	/* of an open pipe */
	uint32_t reports_bus;
	struct ohci_part parts[]; /* n_tds */
};

/* TDs of an endpoint: one more than a transfer, or pipe, needs. */
#define OHCI_CONTROL_TDS 4u
#define OHCI_BULK_TDS 23u
#define OHCI_PIPE_TDS (USB_PIPE_REPORTS + 1)
#define OHCI_BULK_MAX (64u * 1024u)

/* ohci_of - the controller's own structure. */
static inline struct ohci *ohci_of(struct usb_controller *hc)
{
	return container_of(hc, struct ohci, hc);
}

/* ohci_read, ohci_write - access a register, see enum ohci_reg. */
static inline uint32_t ohci_read(const struct ohci *ohci, unsigned reg)
{
	return pci_io_read(ohci->regs + reg, 4);
}

static inline void ohci_write(const struct ohci *ohci, unsigned reg,
			      uint32_t value)
{
	pci_io_write(ohci->regs + reg, 4, value);
}

/* ohci_barrier - order our accesses to memory that the controller uses. */
static inline void ohci_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Values in memory shared with the controller: one access each. */
static inline uint32_t ohci_get(const le32 *at)
{
	return le32_get((le32){ *(const volatile uint32_t *)&at->raw });
}

static inline void ohci_put(le32 *at, uint32_t value)
{
	*(volatile uint32_t *)&at->raw = le32_make(value).raw;
}

/* ohci.c */

/*
 * ohci_port_fault - why a device does not respond: ERR_NODEV: it was unplugged,
 * ERR_IO: its port is disabled, both with reason(); 0: neither. `port`: 1...
 */
int ohci_port_fault(const struct ohci *ohci, unsigned port);

/* ohci_violated - the controller wrote nonsense, in `what`: it is lost. */
void ohci_violated(struct ohci *ohci, const char *what);

/* ohci_schedule.c */

/*
 * ohci_schedule_init - once: no lists.
 * ohci_schedule_start - allocate the HCCA and empty lists; hc->dma is set.
 * Returns 0 or ERR_*, reason(). ohci_schedule_stop: the controller is reset:
 * free all memory, and drop what devices and endpoints refer to. Idempotent.
 */
void ohci_schedule_init(struct ohci *ohci);
must_check int ohci_schedule_start(struct ohci *ohci);
void ohci_schedule_stop(struct ohci *ohci);

/*
 * ohci_frame - the frame number that the controller last wrote;
 * ohci_frames_passed: has it begun a frame since, so that it has seen a change?
 */
uint16_t ohci_frame(const struct ohci *ohci);
bool ohci_frames_passed(const struct ohci *ohci, uint16_t since);

/* ohci_check_bus - returns 0 or ERR_IO: OHCI has 32 address bits. */
must_check int ohci_check_bus(uint64_t bus, uint32_t len);

/*
 * ohci_endpoint_open - set up an endpoint of a device at an address: empty, its
 * toggle 0. Sets ep->hcd. Returns 0 or ERR_NOMEM, reason().
 */
must_check int ohci_endpoint_open(struct ohci *ohci, struct usb_device *udev,
				  struct usb_endpoint *ep, unsigned address);

/*
 * ohci_endpoint_link, ohci_endpoint_unlink - let the controller read an ED that
 * is on no list; no longer, if it is on one.
 */
void ohci_endpoint_link(struct ohci_endpoint *oe, struct ohci_list *list);
void ohci_endpoint_unlink(struct ohci_endpoint *oe);

/*
 * An endpoint's TDs are numbered from the first one that we await. at: the
 * index of one in its ring; td_bus: its bus address.
 */
unsigned ohci_endpoint_at(const struct ohci_endpoint *oe, unsigned i);
uint32_t ohci_endpoint_td_bus(const struct ohci_endpoint *oe, unsigned i);

/*
 * ohci_endpoint_push - fill the next TD: OHCI_TD_*, data (`len` 0: none; the
 * bytes of a setup packet are not counted as data). There must be room.
 * ohci_endpoint_commit: let the controller see what was pushed.
 */
void ohci_endpoint_push(struct ohci_endpoint *oe, uint32_t flags, uint32_t bus,
			uint32_t len);
void ohci_endpoint_commit(struct ohci_endpoint *oe);

/*
 * ohci_endpoint_done - how many of the TDs are done, by the ED's `head`; more
 * than oe->n if that is none of them. ohci_endpoint_moved: the bytes of data
 * that the one at an index has moved, or -1: nonsense; ohci_endpoint_code: what
 * became of it.
 */
unsigned ohci_endpoint_done(const struct ohci_endpoint *oe, uint32_t head);
long ohci_endpoint_moved(const struct ohci_endpoint *oe, unsigned at);
enum ohci_code ohci_endpoint_code(const struct ohci_endpoint *oe, unsigned at);

/* ohci_endpoint_skip - keep the controller from its TDs, from oe->frame on. */
void ohci_endpoint_skip(const struct ohci *ohci, struct ohci_endpoint *oe);

/*
 * ohci_device_forget - drop the endpoints of a device. Returns 0 or ERR_BUSY: a
 * transfer is in flight. ohci_device_open: set up those that are `used`.
 * Returns 0 or ERR_NOMEM, reason().
 */
must_check int ohci_device_forget(struct ohci *ohci, struct usb_device *udev);
must_check int ohci_device_open(struct ohci *ohci, struct usb_device *udev);

/* ohci_transfer.c */

/* ohci_submit, ohci_pipe_open - see struct usb_controller_ops. */
int ohci_submit(struct usb_controller *hc, struct usb_transfer *t);
int ohci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe);

/* ohci_transfer_poll - end the transfers that the controller has finished. */
void ohci_transfer_poll(struct ohci *ohci);

/*
 * ohci_transfer_look - now and then: see to the transfers of devices that are
 * no longer there, which QEMU leaves alone for ever; the next polls end them.
 * [hw/usb/hcd-ohci.c, ohci_service_td()]
 */
void ohci_transfer_look(struct ohci *ohci);

/* ohci_pipe_take - as pipe_read; the controller is not known to be dead. */
long ohci_pipe_take(struct ohci *ohci, struct usb_pipe *pipe, void *report);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* EHCI (EHCI 1.0): what the ehci*.c files share. */
#ifndef DRIVERS_USB_EHCI_H
#define DRIVERS_USB_EHCI_H

#include "drivers/usb/usb.h"

/* Operational registers. [EHCI 1.0, 2.3] */
enum ehci_reg {
	EHCI_USBCMD = 0x00,
	EHCI_USBSTS = 0x04,
	EHCI_USBINTR = 0x08,
	EHCI_SEGMENT = 0x10,
	EHCI_PERIODIC = 0x14,
	EHCI_ASYNC = 0x18,
	EHCI_CONFIGFLAG = 0x40,
	EHCI_PORTSC = 0x44, /* of port 1; then every 4 bytes */
};

/* USBCMD. [EHCI 1.0, 2.3.1] */
#define EHCI_CMD_RUN (1u << 0)
#define EHCI_CMD_RESET (1u << 1)
#define EHCI_CMD_PERIODIC (1u << 4)
#define EHCI_CMD_ASYNC (1u << 5)
#define EHCI_CMD_DOORBELL (1u << 6)
#define EHCI_CMD_THRESHOLD (8u << 16) /* the default */

/* USBSTS; bits 0..5 are cleared by writing ones. [EHCI 1.0, 2.3.2] */
#define EHCI_STS_PORT (1u << 2)
#define EHCI_STS_ERROR (1u << 4)   /* host system error */
#define EHCI_STS_ADVANCE (1u << 5) /* has answered the doorbell */
#define EHCI_STS_HALTED (1u << 12)
#define EHCI_STS_ALL 0x3fu

/* Link pointers: bit 0 ends a list, bits 2..1 are the type. */
#define EHCI_LINK_END 1u
#define EHCI_LINK_QH 2u

/* The token of a qTD or overlay. [EHCI 1.0, 3.5.3] */
#define EHCI_ACTIVE 0x80u
#define EHCI_HALTED 0x40u
#define EHCI_BUFFER_ERROR 0x20u
#define EHCI_BABBLE 0x10u
#define EHCI_XACT_ERROR 0x08u
#define EHCI_PID_OUT (0u << 8)
#define EHCI_PID_IN (1u << 8)
#define EHCI_PID_SETUP (2u << 8)
#define EHCI_CERR_MASK (3u << 10)
#define EHCI_CERR (3u << 10) /* three tries */
#define EHCI_LENGTH(token) ((token) >> 16 & 0x7fffu)
#define EHCI_TOGGLE (1u << 31)

/*
 * Structures in memory; the upper halves of pages are those of 64-bit
 * controllers, always 0. [EHCI 1.0, 3.5, 3.6, appendix B]
 */
struct ehci_qtd {
	le32 next, alt, token;
	le32 page[5];
	le32 page_high[5];
	le32 pad[3];
};
static_assert(sizeof(struct ehci_qtd) == 64, "32-byte aligned");

struct ehci_qh {
	le32 next, ep, caps, current;
	/* The overlay: a copy of the current qTD. */
	le32 next_qtd, alt, token;
	le32 page[5];
	le32 page_high[5];
	le32 pad[15];
};
static_assert(sizeof(struct ehci_qh) == 128, "32-byte aligned");
static_assert(offsetof(struct ehci_qh, token) == 0x18, "EHCI 1.0, 3.6");

/* QH, endpoint characteristics and capabilities. [EHCI 1.0, 3.6.2] */
#define EHCI_EP_ADDRESS 0x7fu
#define EHCI_EP_NUMBER(n) ((uint32_t)(n) << 8)
#define EHCI_EP_HIGH_SPEED (2u << 12)
#define EHCI_EP_TOGGLES (1u << 14) /* in the qTDs; else kept in the QH */
#define EHCI_EP_HEAD (1u << 15)
#define EHCI_EP_MPS(n) ((uint32_t)(n) << 16)
#define EHCI_CAPS_MULT (1u << 30)
#define EHCI_CAPS_FRAME 0x01u /* poll in microframe 0 */

/* The memory of a queue: its QH and a ring of qTDs. */
#define EHCI_QTDS 62u
struct ehci_page {
	struct ehci_qh qh;
	struct ehci_qtd qtd[EHCI_QTDS];
};
static_assert(sizeof(struct ehci_page) == 4096, "a page");

#define EHCI_FRAMES 1024u
struct ehci_schedule {
	le32 frame[EHCI_FRAMES];
	struct ehci_qh async, periodic; /* heads that carry no data */
	struct usb_setup set_address;
};

/* Bytes of a qTD: they fit its five pages however they are aligned. */
#define EHCI_CHUNK (16u * KiB)
#define EHCI_MAX_BULK (512u * KiB)
#define EHCI_PORTS_MAX 15u

/* A linked list of queues that the controller walks. */
struct ehci_chain {
	struct list queues;
	struct ehci_qh *head;
	uint32_t end; /* link of the last one */
};

/* An endpoint's queue; freed when the controller is stopped. */
struct ehci_queue {
	struct list link;	 /* in a chain, or in eh->unlinked */
	struct list busy;	 /* in eh->busy: has a transfer */
	struct usb_device *udev; /* only compared; NULL: of no device */
	uint8_t endpoint;	 /* address */
	struct ehci_page *page;
	uint64_t bus;		/* of page */
	uint32_t ep;		/* the QH's word, but for the address */
	uint32_t chunk;		/* bytes of a qTD: whole packets */
	unsigned size;		/* qTDs of the ring */
	unsigned first, used;	/* those in use; the next one is inactive */
	struct usb_transfer *t; /* in flight, or NULL */
	/* Unplugged with a transfer in flight: */
	unsigned doorbells; /* answers until the controller has forgotten it */
	/* Unlinked from the periodic schedule: when it is unused. */
	uint64_t free_at;
	struct usb_pipe *pipe;		      /* or NULL */
	uint8_t report[USB_PIPE_REPORTS + 1]; /* the buffers of its qTDs */
};

enum ehci_port_step {
	EHCI_PORT_IDLE,
	EHCI_PORT_RESET, /* reset is signalled until `until` */
	EHCI_PORT_ENDS,	 /* the controller ends the reset, until `until` */
};

struct ehci {
	struct usb_controller hc;
	const struct pci_function *fn;
	bool enabled; /* decoding and bus mastering */
	uint64_t op;  /* operational registers; 0: not known */
	uint32_t cmd; /* USBCMD, without the doorbell */
	bool companions, switches_power;
	uint32_t stops; /* number of stops: nothing from before is valid */
	struct ehci_schedule *schedule;
	uint64_t schedule_bus;
	struct ehci_chain async, periodic;
	struct list unlinked; /* queues in no chain */
	struct list busy;     /* queues with transfers, by `busy` */
	bool ring;	      /* doorbell at the next kick */
	struct ehci_port {
		enum ehci_port_step step;
		uint64_t until;
		bool foreign; /* its device is not ours to drive */
		bool lost;    /* was disabled or unplugged behind our back */
	} port[EHCI_PORTS_MAX + 1];
};

static inline struct ehci *ehci_of(struct usb_controller *hc)
{
	return container_of(hc, struct ehci, hc);
}

static inline uint32_t ehci_read(const struct ehci *eh, unsigned reg)
{
	return pci_io_read(eh->op + reg, 4);
}

static inline void ehci_write(const struct ehci *eh, unsigned reg,
			      uint32_t value)
{
	pci_io_write(eh->op + reg, 4, value);
}

/* ehci_load - a word that the controller writes, read once, before others. */
static inline uint32_t ehci_load(const le32 *word)
{
	le32 value = { *(const volatile uint32_t *)&word->raw };

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return le32_get(value);
}

/* ehci_barrier - the controller sees earlier writes before later ones. */
static inline void ehci_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* ehci_reaches - does a 32-bit bus address reach all of it? */
static inline bool ehci_reaches(uint64_t bus, uint64_t len)
{
	return bus <= UINT32_MAX && len <= UINT32_MAX - bus;
}

/* ehci.c */

/* ehci_ring - let the controller look at the asynchronous schedule now. */
void ehci_ring(struct ehci *eh);

/* ehci_transfer_end - end a transfer with `status`, reason(). */
void ehci_transfer_end(struct ehci *eh, struct usb_transfer *t, int status);

/* ehci_start.c: see struct driver. */

int ehci_start(struct device *dev);
void ehci_stop(struct device *dev);

/* ehci_port.c */

/* ehci_ports_start - the controller has just been reset. */
void ehci_ports_start(struct ehci *eh);

/* ehci_port_state, ehci_port_reset - see struct usb_controller_ops. */
struct usb_port ehci_port_state(struct usb_controller *hc, unsigned port);
void ehci_port_reset(struct usb_controller *hc, unsigned port);

/* ehci_port_disable - its device hears nothing until the next reset. */
void ehci_port_disable(struct ehci *eh, unsigned port);

/* ehci_port_unplugged - read whether a port has lost its device. */
bool ehci_port_unplugged(struct ehci *eh, unsigned port);

/* ehci_ports_changed - end the transfers of ports that have. */
void ehci_ports_changed(struct ehci *eh);

/* ehci_schedule.c */

/*
 * ehci_schedule_alloc - two empty schedules. Returns 0 or ERR_* with reason().
 * ehci_schedule_free - free them and all queues; the controller is reset.
 */
must_check int ehci_schedule_alloc(struct ehci *eh);
void ehci_schedule_free(struct ehci *eh);

/*
 * ehci_queue_open - an empty queue, toggle 0, for a control or bulk endpoint:
 * the one it had or another one; sets ep->hcd. `address`: of the device.
 * Returns 0 or ERR_* with reason().
 */
must_check int ehci_queue_open(struct ehci *eh, struct usb_endpoint *ep,
			       uint8_t address);

/* ehci_queue_of - the queue of an endpoint, or NULL: it has none. */
struct ehci_queue *ehci_queue_of(const struct usb_endpoint *ep);

/* ehci_queue_retarget - another address or ep0.mps; the queue is empty. */
void ehci_queue_retarget(struct ehci_queue *q, uint8_t address, unsigned mps);

/* ehci_queue_clear - make a queue that the controller does not work at empty
 * again, with toggle 0. */
void ehci_queue_clear(struct ehci_queue *q);

/* ehci_qtd_bus - bus address of a qTD. */
uint32_t ehci_qtd_bus(const struct ehci_queue *q, unsigned i);

/*
 * ehci_qtd_fill - everything except its token. `alt`: where to go on after a
 * short packet, or EHCI_LINK_END: at the next one.
 */
void ehci_qtd_fill(struct ehci_queue *q, unsigned i, uint32_t alt, uint64_t bus,
		   uint32_t len);

/*
 * ehci_pipe_queue - an empty queue of the periodic schedule, not yet linked,
 * for an interrupt endpoint; sets ep->hcd. The one it had is unlinked.
 * Returns NULL with reason(). ehci_pipe_link: the controller starts with it.
 */
struct ehci_queue *ehci_pipe_queue(struct ehci *eh, struct usb_endpoint *ep);
void ehci_pipe_link(struct ehci *eh, struct ehci_queue *q);

/* ehci_queues_forget - a device has been reset: close its pipes. */
void ehci_queues_forget(struct ehci *eh, const struct usb_device *udev);

/*
 * ehci_queues_lose - a port is unplugged: its transfers end with ERR_NODEV when
 * the controller has forgotten them: in ehci_queues_evicted(), which is called
 * when it has answered the doorbell.
 */
void ehci_queues_lose(struct ehci *eh, unsigned port);
void ehci_queues_evicted(struct ehci *eh);

/* ehci_transfer.c */

/*
 * ehci_queue_control, ehci_queue_bulk - start a transfer of a queue that has
 * none; the controller sees it at the next ehci_ring(). Return 0; ERR_INVAL,
 * reason(): the buffer.
 */
must_check int ehci_queue_control(struct ehci *eh, struct ehci_queue *q,
				  struct usb_transfer *t, uint64_t setup_bus);
must_check int ehci_queue_bulk(struct ehci *eh, struct ehci_queue *q,
			       struct usb_transfer *t);

/*
 * ehci_queue_poll - end a queue's transfer if the controller has ended it.
 * Returns whether it has. The controller may have been stopped then: compare
 * eh->stops.
 */
bool ehci_queue_poll(struct ehci *eh, struct ehci_queue *q);

/* ehci_queue_end - end the transfer of a queue that is clear: status, reason(). */
void ehci_queue_end(struct ehci *eh, struct ehci_queue *q, int status);

/* ehci_pipe.c: see struct usb_controller_ops. */

int ehci_pipe_open(struct usb_controller *hc, struct usb_pipe *pipe);
long ehci_pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
		    void *report);

#endif

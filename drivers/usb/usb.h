/* SPDX-License-Identifier: BSD-2-Clause */
/* USB: controllers, devices, interfaces, transfers (USB 2.0, USB 3.2). */
#ifndef DRIVERS_USB_USB_H
#define DRIVERS_USB_USB_H

#include "drivers/device.h"
#include "drivers/dma.h"
#include "drivers/pci/pci.h"
#include "drivers/request.h"
#include "lib/endian.h"

struct usb_controller;
struct usb_device;
struct usb_transfer;

/* As xHCI numbers them. [xHCI 1.2, table 7-13] */
enum usb_speed {
	USB_FULL = 1,
	USB_LOW = 2,
	USB_HIGH = 3,
	USB_SUPER = 4,
};

/* Transfer types: bits 1..0 of bmAttributes. [USB 2.0, table 9-13] */
enum usb_endpoint_type {
	USB_EP_CONTROL = 0,
	USB_EP_ISOCHRONOUS = 1,
	USB_EP_BULK = 2,
	USB_EP_INTERRUPT = 3,
};

/* Direction in bEndpointAddress and in bmRequestType: to the host. */
#define USB_IN 0x80u

/* Class, subclass and protocol of interfaces, and the name of their nodes. */
struct usb_match {
	uint8_t class, subclass, protocol; /* USB_ANY: any */
	const char *node;		   /* "storage"; NULL ends an array */
};
#define USB_ANY 0xffu

#define USB_INTERFACES_MAX 16
#define USB_ENDPOINTS_MAX 4 /* per interface */
#define USB_HUBS_MAX 5	    /* in a row [USB 2.0, 4.1.1] */
#define USB_DEVICES_MAX 127 /* per controller [USB 2.0, 9.4.6] */
#define USB_CONTROL_MAX 4000u

struct usb_endpoint {
	struct usb_device *udev;
	uint8_t address;  /* number, | USB_IN; endpoint 0: 0 */
	uint8_t type;	  /* enum usb_endpoint_type */
	uint8_t interval; /* bInterval */
	uint8_t burst;	  /* SuperSpeed: packets per burst - 1, 0..15 */
	uint16_t mps;	  /* wMaxPacketSize, 1..1024 */
	bool used;	  /* to be set up: its interface has a driver */
	void *hcd;	  /* private to the controller's driver */
};

/* An interface, alternate setting 0: the bus_data of a device on usb_bus. */
struct usb_interface {
	struct usb_device *udev;
	struct node *node;
	uint8_t number, class, subclass, protocol;
	unsigned n_endpoints;
	struct usb_endpoint endpoints[USB_ENDPOINTS_MAX];
};

/* The first configuration of a device. */
struct usb_config {
	uint8_t value; /* for SET_CONFIGURATION */
	unsigned n_interfaces;
	struct usb_interface interfaces[USB_INTERFACES_MAX];
};

/* Eight bytes, as on the wire. [USB 2.0, 9.3] */
struct usb_setup {
	uint8_t type;	 /* bmRequestType */
	uint8_t request; /* bRequest */
	le16 value, index, length;
};
static_assert(sizeof(struct usb_setup) == 8, "USB 2.0, 9.3");

enum usb_transfer_kind {
	/* Data to or from an endpoint. */
	USB_CONTROL, /* endpoint 0: `setup`, then data, then status */
	USB_BULK,
	/*
	 * Give the device an address and set up endpoint 0: the device is in
	 * the default state, enabled, and the only one on its controller. It
	 * may have had an address before its reset: what the controller
	 * remembers of it is dropped first. xHCI: Enable Slot, Address Device;
	 * others: SET_ADDRESS, and udev->address.
	 */
	USB_ADDRESS,
	USB_MPS0, /* ep0.mps has changed [xHCI 1.2, 4.3 step 7] */
	/* Set up the endpoints that are `used`; a hub: also udev->hub_ports. */
	USB_ENDPOINTS,
	/* Only in the core: reset a root port, until it is enabled. */
	USB_RESET_PORT,
	/* Only in the core: stop the controller; nothing, after a delay. */
	USB_STOP,
	USB_DELAY,
};

/*
 * A transfer: a request of udev->requests or of the controller's own queue.
 * Start with zeros. Statuses: 0; USB_STALL; ERR_NODEV: unplugged; ERR_IO, also
 * if the device is not up; ERR_TIMEOUT (the controller has been stopped),
 * ERR_NOMEM; USB_ADDRESS: ERR_NOSPACE, the controller takes no more devices.
 */
struct usb_transfer {
	struct request rq;
	struct usb_device *udev;
	enum usb_transfer_kind kind;
	struct usb_endpoint *ep; /* control: &udev->ep0 */
	struct usb_setup setup;
	void *buf;	 /* data, or NULL */
	uint32_t len;	 /* its bytes; control: <= USB_CONTROL_MAX */
	uint32_t actual; /* bytes moved; the controller bounds it by len */
	uint64_t bus;	 /* bus address of buf; 0: the core maps it */
	/* done - it has ended, see rq.status; may add requests. */
	void (*done)(struct usb_transfer *t);
	/* Private to the core: */
	uint64_t setup_bus; /* for the controller: where `setup` lies */
	bool mapped;
	bool asked;	      /* USB_RESET_PORT: the reset has been started */
	unsigned port;	      /* USB_RESET_PORT */
	enum usb_speed speed; /* USB_RESET_PORT: of the device, if it succeeds */
	/* decide - it has succeeded: is that all, or ask again? Optional. */
	enum request_disposition (*decide)(struct usb_transfer *t);
	/* Private to the controller's driver: */
	void *hcd;
};
#define USB_STALL ERR_NOTSUP

static inline struct usb_transfer *usb_transfer_of(struct request *rq)
{
	return container_of(rq, struct usb_transfer, rq);
}

/* Is data moved to us? */
static inline bool usb_transfer_is_in(const struct usb_transfer *t)
{
	if (t->kind == USB_CONTROL)
		return t->setup.type & USB_IN;
	return t->ep->address & USB_IN;
}

/*
 * Reports of an interrupt IN endpoint that is read as long as the controller
 * runs: not a request, since it need not ever end. The buffers stay with the
 * controller until it is stopped.
 */
struct usb_pipe {
	struct usb_endpoint *ep; /* `used` */
	uint8_t *reports;	 /* USB_PIPE_REPORTS times `size` bytes */
	uint64_t bus;		 /* their bus address */
	unsigned size;		 /* of a report: ep->mps, at most 64 */
	void *hcd;		 /* private to the controller's driver */
};
#define USB_PIPE_REPORTS 8u
#define USB_PIPE_SIZE_MAX 64u

/* State of a root port; `speed` only if it is enabled. */
struct usb_port {
	bool connected, enabled, resetting;
	enum usb_speed speed;
};

/* Operations of a controller's driver. It is started, except as noted. */
struct usb_controller_ops {
	/* port_state - `port`: 1..hc->ports. */
	struct usb_port (*port_state)(struct usb_controller *hc, unsigned port);
	/* port_reset - start a reset; `resetting` until it is over. */
	void (*port_reset)(struct usb_controller *hc, unsigned port);
	/* port_unit - a port's number in unit addresses; NULL: the same. */
	unsigned (*port_unit)(const struct usb_controller *hc, unsigned port);
	/*
	 * submit - as request_ops.submit; `t->bus`, `t->setup_bus` are bus
	 * addresses. Ends by request_done(), also at once. An error leaves the
	 * endpoint empty and ready for the next transfer, its toggle 0 (a
	 * USB_STALL: the user clears the halt in the device).
	 */
	int (*submit)(struct usb_controller *hc, struct usb_transfer *t);
	/* kick - notify of a batch of submits; may be NULL. */
	void (*kick)(struct usb_controller *hc);
	/* poll - call request_done() for each transfer that has ended. */
	void (*poll)(struct usb_controller *hc);
	/* pipe_open - start reading a pipe. Returns 0 or ERR_*, reason(). */
	int (*pipe_open)(struct usb_controller *hc, struct usb_pipe *pipe);
	/*
	 * pipe_read - poll, copy the next report, and reuse its buffer. No
	 * hypercall while there is none. Returns its bytes (0..pipe->size),
	 * ERR_AGAIN: none, ERR_IO: halted or unplugged.
	 */
	long (*pipe_read)(struct usb_controller *hc, struct usb_pipe *pipe,
			  void *report);
};

/*
 * A controller; embedded in its driver's own structure, the `priv` of its
 * device. Its driver's stop() resets it, so that no DMA follows, and drops all
 * it remembers of devices, endpoints and transfers (`hcd`).
 */
struct usb_controller {
	struct device *dev;
	const struct usb_controller_ops *ops;
	struct dma dma;	   /* set by the driver's start() */
	unsigned ports;	   /* root ports; set by start() */
	uint32_t max_bulk; /* longest bulk transfer; set by start() */
	/* Hardware that needs the delays of USB 2.0; see _registers(). */
	bool real;
	/* Private to the core: */
	struct list devices; /* struct usb_device; hubs before their devices */
	struct list waiters; /* devices that wait for `addressing` */
	struct usb_device *addressing; /* at address 0, or NULL */
	struct request_queue root;     /* USB_RESET_PORT */
	struct request *root_slots[1];
	uint32_t seen;	  /* dev->starts that the states of devices refer to */
	uint64_t started; /* deadline_ms() of that start */
	unsigned losses;  /* calls of usb_controller_lost() */
	bool scanning;
	bool waiting; /* a scan, for devices to connect: `wait` */
	struct usb_transfer wait;
	bool full;     /* has said that it takes no more devices */
	uint64_t late; /* deadline_ms(): what is not up is given up */
};

enum usb_state {
	USB_OFF,     /* not brought up since the controller's start */
	USB_WAITING, /* for its hub, or for the bus */
	USB_BUSY,    /* being brought up */
	USB_UP,	     /* has an address and its configuration */
	USB_DROPPED, /* misbehaved: never used again */
	USB_GONE,    /* unplugged */
};

/* One: control transfers share the device's DMA page. */
#define USB_SLOTS 1

struct usb_device {
	struct list link;    /* hc->devices */
	struct list waiting; /* in hc->waiters, or in hub->waiters */
	struct list waiters; /* devices that wait for this hub */
	struct usb_controller *hc;
	struct usb_device *hub; /* NULL: on a root port */
	unsigned port;		/* of the hub or the controller, from 1 */
	unsigned root_port;
	unsigned depth;	       /* number of hubs above */
	uint32_t route;	       /* [xHCI 1.2, 8.9] */
	struct usb_device *tt; /* the high-speed hub that translates, or NULL */
	unsigned tt_port;
	enum usb_speed speed;
	enum usb_state state;
	uint8_t faults;	  /* since it last worked */
	unsigned step;	  /* of the bring-up */
	unsigned at_port; /* a hub: port that the step is about */
	uint8_t number;	  /* 1..127: no other one of the controller has it */
	uint8_t address;  /* `number`, set at USB_ADDRESS; unused by xHCI's */
	uint16_t vendor, product;
	bool known;	    /* vendor, product, config are valid */
	bool unaddressed;   /* its port was reset, and it has no address */
	bool was_addressed; /* since the controller's start */
	bool new_mps0;	    /* ep0.mps has changed */
	bool hub_scanned;   /* a hub: its ports were looked at */
	uint16_t config_len;
	unsigned hub_ports; /* a hub: its ports */
	struct node *node;  /* a hub's, or NULL */
	struct usb_endpoint ep0;
	struct request_queue requests; /* takes struct usb_transfer */
	struct request *slots[USB_SLOTS];
	struct usb_transfer bring_up;
	uint8_t *scratch; /* during the bring-up: data of its transfers */
	/* up - the bring-up of usb_device_recover() has ended; or NULL. */
	void (*up)(struct usb_device *udev, void *arg);
	void *up_arg;
	uint8_t *page; /* DMA memory: setup and data of control transfers */
	uint64_t page_bus;
	void *hcd; /* private to the controller's driver */
	struct usb_config config;
};

/* usb_bus - interfaces; match: an array of struct usb_match. */
extern const struct bus usb_bus;

/* usb_interface_of - the interface of a device on usb_bus. */
static inline struct usb_interface *usb_interface_of(const struct device *dev)
{
	assert(dev->bus == &usb_bus);
	return dev->bus_data;
}

/*
 * usb_controller_attach - for a controller driver's attach(): fill `hc`, set
 * dev->priv to it, add properties and the alias. `kind`: its device_type, "xhci".
 * Returns 0, or ERR_* with reason().
 */
must_check int usb_controller_attach(struct usb_controller *hc,
				     struct device *dev,
				     const struct usb_controller_ops *ops,
				     const char *kind);

/*
 * usb_controller_registers - for a controller driver's start(): set hc->real,
 * and find the registers, in BAR 0. `min`: bytes that there must be; `size`:
 * receives how many there are. Returns their real address, or 0: ERR_NODEV,
 * with reason(). PCI must be enabled before they are used.
 */
must_check uint64_t usb_controller_registers(struct usb_controller *hc,
					     uint64_t min, uint64_t *size);

/* usb_controller_detach - free all devices; the controller is stopped. */
void usb_controller_detach(struct usb_controller *hc);

/*
 * usb_controller_lost - for a controller driver: it is dead (host system error,
 * all ones), with reason(): stop it; its transfers end with ERR_IO. After three
 * times it is not started again.
 */
void usb_controller_lost(struct usb_controller *hc);

/* usb_scan, usb_found, usb_settled - for a controller's struct driver. */
bool usb_scan(struct device *dev);
void usb_found(struct device *dev);
void usb_settled(struct device *dev);

/*
 * usb_device_start - for a class driver's start(): bring a device up, if its
 * controller was stopped in the meantime: reset, address, configuration.
 * Returns 0, or ERR_* with reason().
 */
must_check int usb_device_start(struct usb_device *udev);

/* usb_device_is_up - is it, since the controller's last start? */
bool usb_device_is_up(const struct usb_device *udev);

/*
 * usb_device_recover - a device violated its protocol, with reason(): reset its
 * port and bring it up again; `up` is called at the end, then udev->state is
 * USB_UP, USB_GONE, USB_DROPPED (the second fault since usb_device_worked(),
 * printed with the reason) or USB_OFF (the controller was stopped). It is called
 * at once if the device was dropped before, or if another user of it recovers it
 * (USB_WAITING, USB_BUSY).
 */
void usb_device_recover(struct usb_device *udev,
			void (*up)(struct usb_device *udev, void *arg),
			void *arg);

/* usb_device_worked - it has done something useful: forget its faults. */
void usb_device_worked(struct usb_device *udev);

/* usb_device_name - "/pci@.../usb-xhci@3 port 4.2", in a static buffer. */
const char *usb_device_name(const struct usb_device *udev);

/* usb_port_unit - a root port's number in unit addresses. */
unsigned usb_port_unit(const struct usb_controller *hc, unsigned port);

/* usb_endpoint_find - the first endpoint of a type and direction, or NULL. */
struct usb_endpoint *usb_endpoint_find(struct usb_interface *intf,
				       enum usb_endpoint_type type,
				       unsigned in);

/*
 * usb_transfer_add - add a transfer to its device's queue, at the earliest in
 * `delay_ms`. `t->rq.timeout_ms` 0: USB_CONTROL_MS.
 */
void usb_transfer_add(struct usb_transfer *t, uint32_t delay_ms);
#define USB_CONTROL_MS 5000u /* [USB 2.0, 9.2.6.1] */

/*
 * usb_setup_fill - set `t` up as a control transfer of `len` bytes at `buf`.
 */
void usb_setup_fill(struct usb_transfer *t, struct usb_device *udev,
		    unsigned type, unsigned request, unsigned value,
		    unsigned index, void *buf, unsigned len);

/*
 * usb_setup_address - for a controller driver: SET_ADDRESS to udev->number,
 * which is to be sent to address 0. [USB 2.0, 9.4.6]
 */
struct usb_setup usb_setup_address(const struct usb_device *udev);

/*
 * usb_control - run a control transfer and wait. Returns the bytes moved, or
 * ERR_* with reason(), see struct usb_transfer.
 */
must_check long usb_control(struct usb_device *udev, unsigned type,
			    unsigned request, unsigned value, unsigned index,
			    void *buf, unsigned len);

/* Types and requests. [USB 2.0, tables 9-2, 9-4] */
enum usb_request {
	USB_GET_STATUS = 0,
	USB_CLEAR_FEATURE = 1,
	USB_SET_FEATURE = 3,
	USB_SET_ADDRESS = 5,
	USB_GET_DESCRIPTOR = 6,
	USB_SET_CONFIGURATION = 9,
	USB_SET_HUB_DEPTH = 12, /* [USB 3.2, table 10-8] */
};
#define USB_TYPE_CLASS 0x20u
#define USB_TO_DEVICE 0u
#define USB_TO_INTERFACE 1u
#define USB_TO_ENDPOINT 2u
#define USB_TO_OTHER 3u	     /* a hub's port */
#define USB_ENDPOINT_HALT 0u /* feature */

#endif

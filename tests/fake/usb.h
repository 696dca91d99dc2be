/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake USB controller, and devices that answer by a script. */
#ifndef TESTS_FAKE_USB_H
#define TESTS_FAKE_USB_H

#include "drivers/usb/usb.h"
#include "tests/fake/virtio_dma.h"

/* What the functions of a device return, instead of a number of bytes. */
#define FAKE_USB_NAK (-1000)  /* no response, now or ever */
#define FAKE_USB_PASS (-1001) /* answer as an honest device does */

/*
 * A device. Start with zeros and set what matters. Its functions get memory of
 * exactly `len` bytes, and return the bytes that they move, USB_STALL, ERR_IO,
 * ERR_NODEV, or one of the above.
 */
struct fake_usb_device {
	enum usb_speed speed;
	const uint8_t *descriptor; /* of 18 bytes */
	const uint8_t *config;	   /* the configuration with all in it */
	size_t config_len;
	/* serve - sees every transfer first; NULL: FAKE_USB_PASS. */
	long (*serve)(struct fake_usb_device *fd, const struct usb_transfer *t);
	/* control - then, every request; NULL: FAKE_USB_PASS. */
	long (*control)(struct fake_usb_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len);
	/* bulk - NULL: USB_STALL. */
	long (*bulk)(struct fake_usb_device *fd, uint8_t endpoint,
		     uint8_t *data, uint32_t len);
	/* report - of an interrupt endpoint; NULL: ERR_AGAIN. */
	long (*report)(struct fake_usb_device *fd, uint8_t *report,
		       unsigned size);
	/* reset - its port was reset, or its controller; may be NULL. */
	void (*reset)(struct fake_usb_device *fd);
	/* A hub: what is at its ports, from 1; its control() does the rest. */
	struct fake_usb_device *behind[16];
	uint32_t partial;     /* bytes that the next error comes after */
	bool gone;	      /* unplugged */
	unsigned reset_looks; /* looks at a port until its reset is over */

	/* Its state, and what happened to it. */
	bool enabled, addressed;
	unsigned resetting;
	uint8_t configuration;
	uint32_t halted; /* a bit per endpoint, see fake_usb_bit() */
	unsigned resets, addresses, setups; /* USB_ENDPOINTS: setups */
};

#define FAKE_USB_PORTS 8u

/* A controller, a device below the root. poll() serves its transfers. */
struct fake_usb {
	struct usb_controller hc;
	struct fake_usb_device *port[FAKE_USB_PORTS + 1]; /* from 1 */
	/* How it behaves. */
	bool silent;	     /* no transfer ends */
	bool window;	     /* DMA through a window; otherwise bypass */
	bool backward;	     /* the newest transfer ends first */
	unsigned connect_ms; /* after its start, its ports are empty */
	bool real;	     /* hardware that needs delays */
	unsigned losses;     /* it is dead at this many polls from now on */
	/* It is dead at this poll, look at a port, or submit, from 1; 0: never. */
	unsigned lost_at, lost_look, lost_submit;
	int start_error;
	uint32_t max_bulk; /* 0: 16 MiB */
	uint32_t excess;   /* by which it says that more has moved */
	/* see - changes what a look at a port sees; NULL: the truth. */
	void (*see)(struct usb_port *port);
	bool lies; /* two devices may listen to address 0: hubs lie */
	/* unit - see port_unit(); 0: the same. */
	unsigned unit[FAKE_USB_PORTS + 1];

	/* What happened. */
	bool running;
	uint64_t started;
	unsigned starts, stops, kicks, polls, looks, submits;
	unsigned served; /* transfers that have ended */
	unsigned pipes;	 /* openings of pipes */
	struct usb_transfer *flight[64];
	unsigned n;
};
extern struct fake_usb fake_usb, fake_usb_other;

/* fake_usb_reset - no controllers, no devices. */
void fake_usb_reset(void);

/*
 * fake_usb_plug - add the controller at a node of that name below the root. Its
 * devices are those of fake_usb.port[]. Returns its device.
 */
struct device *fake_usb_plug(const char *name);

/* fake_usb_plug_other - the same for fake_usb_other. */
struct device *fake_usb_plug_other(const char *name);

/* fake_usb_standard - the honest answer to a request that is not of a class. */
long fake_usb_standard(struct fake_usb_device *fd,
		       const struct usb_setup *setup, uint8_t *data,
		       uint32_t len);

/* fake_usb_device_of - what is at the end of a route string, or NULL. */
struct fake_usb_device *fake_usb_device_of(const struct usb_device *udev);

/* fake_usb_device_reset - for a hub: the port of a device was reset. */
void fake_usb_device_reset(struct fake_usb_device *fd, bool enabled);

/* fake_usb_bit - the bit of an endpoint in `halted`. */
static inline uint32_t fake_usb_bit(uint8_t endpoint)
{
	return 1u << ((endpoint & 0xf) | (endpoint & USB_IN ? 16 : 0));
}

#endif

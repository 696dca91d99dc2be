/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots, endpoints and devices of the fake xHCI function. */
#ifndef TESTS_FAKE_XHCI_SLOTS_H
#define TESTS_FAKE_XHCI_SLOTS_H

#include "drivers/usb/xhci.h"

/* What the functions of a device return, instead of a number of bytes. */
#define FAKE_XHCI_NAK (-1000) /* no data yet */
/* The completion code; USB_STALL and ERR_IO are 6 and 4. */
#define FAKE_XHCI_CODE(code) (-2000 - (long)(code))

/* A device. Its functions get memory of exactly `len` bytes. */
struct fake_xhci_device {
	enum usb_speed speed;
	long (*control)(struct fake_xhci_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len);
	long (*data)(struct fake_xhci_device *fd, unsigned endpoint,
		     uint8_t *data, uint32_t len);
	struct fake_xhci_device *behind[16]; /* of a hub: from 1 */
	int address_code;		     /* of Address Device; 0: success */
	void *arg;			     /* the test's */

	/* Its state, and what it saw. */
	unsigned slot; /* 0: not addressed */
	unsigned transfers, trbs, bytes;
};

/* States of an endpoint. [xHCI 1.2, table 6-8] */
enum fake_xhci_state {
	FAKE_DISABLED = 0,
	FAKE_RUNNING = 1,
	FAKE_HALTED = 2,
	FAKE_STOPPED = 3,
};

struct fake_xhci_endpoint {
	enum fake_xhci_state state;
	uint32_t context[5];
	uint64_t at; /* dequeue pointer */
	bool cycle;
	uint64_t last; /* the last TRB that was answered */
};

struct fake_xhci_slot {
	bool enabled;
	struct fake_xhci_device *fd;
	uint32_t context[4];
	struct fake_xhci_endpoint endpoints[32];
};

struct fake_xhci_slots {
	struct fake_xhci_slot slot[XHCI_SLOTS_MAX + 1];
	/* How they behave. */
	unsigned new_slot; /* what Enable Slot returns; 0: a free one */
	unsigned code[64]; /* by command: its completion code; 0: the true one */
	bool silent;	   /* no transfer ends */
	bool twice;	   /* transfers report each event twice */
	uint32_t residual; /* added to what is true */
	bool lenient; /* events were made up: the driver knows another state */
	/* What the driver did. */
	unsigned commands[64]; /* by type */
};
extern struct fake_xhci_slots fake_slots;

/* fake_slots_reset - no slots, honest. fake_slots_disable: HCRST. */
void fake_slots_reset(void);
void fake_slots_disable(void);

/* fake_slots_command - run one. Returns its code; `slot`: of the event. */
unsigned fake_slots_command(unsigned type, uint64_t param, uint32_t control,
			    unsigned *slot);

/* fake_slots_ring - the doorbell of an endpoint; also: data has arrived. */
void fake_slots_ring(unsigned slot, unsigned endpoint);

/* fake_slots_wake - the same for all endpoints of all devices. */
void fake_slots_wake(void);

/* fake_slots_unplug - a device is gone: its transfers never end. */
void fake_slots_unplug(struct fake_xhci_device *fd);

#endif

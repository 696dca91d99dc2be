/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake OHCI function: registers, a clock, frames in which it walks its lists,
 * devices. It checks what the driver may change when, and it can lie.
 */
#ifndef TESTS_FAKE_OHCI_H
#define TESTS_FAKE_OHCI_H

#include "drivers/usb/usb.h"
#include "tests/fake/ohci_regs.h"
#include "tests/fake/virtio_dma.h"

enum fake_ohci_lie {
	FAKE_OHCI_HONEST,
	FAKE_OHCI_GONE,	    /* all registers read as ones */
	FAKE_OHCI_NO_RESET, /* HCReset does not end */
	FAKE_OHCI_DEAD,	    /* UnrecoverableError, no more frames */
	FAKE_OHCI_FROZEN,   /* no more frames, no error */
};

enum fake_ohci_pid {
	FAKE_OHCI_SETUP,
	FAKE_OHCI_OUT,
	FAKE_OHCI_IN,
};

/* What a device returns instead of the bytes it moved: a condition code. */
#define FAKE_OHCI_CODE(code) (-(long)(code))
#define FAKE_OHCI_STALL FAKE_OHCI_CODE(4)
#define FAKE_OHCI_NAK (-100L)
#define FAKE_OHCI_PASS (-101L) /* as without a function */

/* A device; on a root port, or, behind a hub, anywhere. */
struct fake_ohci_device {
	unsigned port; /* the root port; 0: no device */
	bool low, enabled;
	uint8_t address;
	/*
	 * packet - of an endpoint; `len` at most its packet size. Returns bytes
	 * or the above. NULL: endpoint 0 answers `reply`, others NAK.
	 */
	long (*packet)(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
		       unsigned endpoint, uint8_t *data, uint32_t len);
	const uint8_t *reply;
	uint32_t reply_len;
	/* What it has received. */
	uint8_t setup[8], new_address;
	uint8_t got[4096];
	uint32_t at; /* in reply, in got */
	unsigned packets, setups;
	/* The toggle that it expects; a mismatch fails the test. */
	bool toggle[16];
};
#define FAKE_OHCI_DEVICES 140u

struct fake_ohci {
	/* Its properties; set before the driver starts it. */
	unsigned ports, power; /* RhDescriptorA: number, NPS and PSM */
	uint32_t revision, subsystem;
	uint64_t bar_size; /* 0: not assigned */
	unsigned smm;	   /* reads until SMM lets go; ~0u: never */
	bool qemu;	   /* leaves TDs of absent devices alone */
	bool unchecked;	   /* what the driver does is not checked */
	unsigned step;	   /* ms from one look at the clock to the next */
	enum fake_ohci_lie lie;
	struct fake_ohci_device device[FAKE_OHCI_DEVICES];
	/* between - at the start of a frame, also of a stopped controller. */
	void (*between)(void);

	/* What the driver did. */
	bool enabled; /* decoding and bus mastering */
	unsigned resets, bus_resets, port_resets, kicks, powered;
	unsigned takeovers;
	unsigned reads, writes; /* of registers */
	unsigned frames;
	unsigned longest; /* list of EDs */

	/* Registers. */
	uint32_t control, status, filled, hcca, head[2], interval, start;
	uint32_t port[16]; /* from 1 */
	uint16_t frame;
	uint32_t done;
};
extern struct fake_ohci fake_ohci;
extern struct pci_function fake_ohci_fn;

/* fake_ohci_reset - an honest function as QEMU's, without devices. */
void fake_ohci_reset(void);

/* fake_ohci_plug - a device on a root port, not yet reset. */
struct fake_ohci_device *fake_ohci_plug(unsigned port);

/* fake_ohci_unplug - remove it. */
void fake_ohci_unplug(struct fake_ohci_device *fd);

/* fake_ohci_run - let `n` frames pass. */
void fake_ohci_run(unsigned n);

/* fake_ohci_forget - it was stopped: it reads no ED any more. */
void fake_ohci_forget(void);

/* fake_ohci_ed - the first ED with TDs of a list of the controller, or NULL;
 * `list`: 0 control, 1 bulk, 2 + slot: interrupt. */
uint8_t *fake_ohci_ed(unsigned list);

#endif

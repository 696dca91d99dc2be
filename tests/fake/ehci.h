/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake EHCI function: registers, ports, both schedules. It can lie. */
#ifndef TESTS_FAKE_EHCI_H
#define TESTS_FAKE_EHCI_H

#include "drivers/pci/pci.h"
#include "tests/fake/ehci_schedule.h"
#include "tests/fake/virtio_dma.h"

#define FAKE_EHCI_BAR 0x230000000000ULL

/* Ways to misbehave; each lasts until it is changed. */
enum fake_ehci_lie {
	EHCI_HONEST,
	EHCI_GONE,	    /* all registers read as ones */
	EHCI_NO_RESET,	    /* the reset does not end */
	EHCI_NO_RUN,	    /* stays halted */
	EHCI_NO_HALT,	    /* never halts */
	EHCI_NO_PORT_RESET, /* a port's reset does not end */
	EHCI_PORTS_GO_MAD,  /* all ports: connected, enabled, changed */
	EHCI_SILENT,	    /* does not look at its schedules */
	EHCI_STAYS_ACTIVE,  /* moves data, but never ends a qTD */
	EHCI_RESIDUE,	    /* reports more bytes left than asked for */
	EHCI_HALF_HALTED,   /* halts qTDs, not the QH */
	EHCI_SCRIBBLES,	    /* fills each QH and qTD it has used with ones */
	EHCI_STEPS_DOWN,    /* dies with a host system error */
	EHCI_HALTS,	    /* halts by itself */
	EHCI_NO_ADVANCE,    /* never answers the doorbell */
};

/* What a device answers to a qTD; else the bytes moved. */
#define FAKE_NAK (-1) /* not ready: it is tried again */
#define FAKE_STALL (-2)
#define FAKE_BABBLE (-3)
#define FAKE_XACT (-4) /* nothing that makes sense */
#define FAKE_BUFFER (-5)

enum fake_pid {
	FAKE_OUT,
	FAKE_IN,
	FAKE_SETUP,
};

/* A high-speed device at a port, if it is not `slow`. */
struct fake_ehci_device {
	bool plugged, slow, low; /* full speed; low speed */
	uint8_t address, next_address;
	uint16_t toggle; /* expected: a bit per OUT, then per IN endpoint */
	/* SET_ADDRESS works without. Returns the bytes, or FAKE_*. */
	int (*handle)(struct fake_ehci_device *dev, unsigned endpoint,
		      enum fake_pid pid, uint8_t *buf, unsigned len);
};

struct fake_ehci {
	/* Its properties; set before the driver starts it. */
	uint8_t cap_length;
	uint32_t hcsparams, hccparams;
	uint64_t bar_size;
	enum fake_ehci_lie lie;
	bool bios_stays; /* does not give it to the OS */
	bool any_toggle; /* devices do not check it */
	struct fake_ehci_device device[16];

	/* What the driver did. */
	bool enabled; /* decoding and bus mastering */
	unsigned accesses, doorbells, looks, resets, qtds;
	unsigned mps;	   /* of the last QH used */
	uint64_t reset_ms; /* how long the last port's reset was signalled */

	/* Internal registers. */
	uint32_t cmd, sts, segment, periodic, async, configflag, portsc[16];
	uint64_t reset_since;
	uint8_t pci_config[256];
};
extern struct fake_ehci fake_ehci;
extern struct pci_function fake_ehci_fn;

/* fake_ehci_reset - an honest emulated controller of six empty ports. */
void fake_ehci_reset(void);

/* fake_ehci_plug, fake_ehci_unplug - a device at a port, from 1. */
struct fake_ehci_device *fake_ehci_plug(unsigned port);
void fake_ehci_unplug(unsigned port);

#endif

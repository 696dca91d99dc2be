/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake xHCI function: registers, ports, the event ring; xhci_slots.c has its
 * commands and devices. It checks what the driver writes, and can misbehave.
 */
#ifndef TESTS_FAKE_XHCI_H
#define TESTS_FAKE_XHCI_H

#include "drivers/usb/xhci.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/xhci_slots.h"

/* Ways to misbehave. */
enum fake_xhci_lie {
	XHCI_HONEST,
	XHCI_NO_RESET,	  /* HCRST never clears */
	XHCI_NOT_READY,	  /* CNR never clears */
	XHCI_NO_RUN,	  /* HCH never clears */
	XHCI_NO_HALT,	  /* HCH is never set */
	XHCI_DIES,	  /* HCE as soon as it runs */
	XHCI_GONE,	  /* all registers read as ones */
	XHCI_NO_COMMANDS, /* commands do not end */
	XHCI_FLOOD,	  /* new events whenever there is room */
};

#define FAKE_XHCI_BAR 0x210000000000ULL
#define FAKE_XHCI_PORTS 255u

struct fake_xhci {
	/* Its properties; set before the driver starts it. */
	uint64_t bar_size;
	uint32_t cap_length, doorbells, runtime, params1, params2, hcc_params;
	uint32_t page_size;
	uint32_t extended[64]; /* extended capabilities, at FAKE_XHCI_EXTENDED */
	uint32_t subsystem;
	enum fake_xhci_lie lie;
	struct fake_xhci_device *port[FAKE_XHCI_PORTS + 1]; /* from 1 */

	/* Registers. */
	bool enabled; /* decoding and bus mastering */
	uint32_t command, status, config;
	uint64_t command_ring, contexts, event_table, event_read;
	uint32_t event_table_size;
	uint32_t portsc[FAKE_XHCI_PORTS + 1];
	uint64_t command_at; /* dequeue pointer of the command ring */
	bool command_cycle;
	uint64_t events; /* the ring */
	unsigned events_size, event_next;
	bool event_cycle;

	/* What the driver did. */
	unsigned reads, writes, resets, erdp_writes, port_resets;
	unsigned doorbell[XHCI_SLOTS_MAX + 1]; /* by slot */
	unsigned written;		       /* events */
};
extern struct fake_xhci fake_xhci;
extern struct pci_function fake_xhci_fn;

#define FAKE_XHCI_EXTENDED 0x20u /* in the registers */

/* fake_xhci_reset - as QEMU's: 4 USB 3 ports, then 4 USB 2 ports, 64 slots. */
void fake_xhci_reset(void);

/*
 * fake_xhci_event - write an event, with the right cycle bit. Does nothing
 * while the controller does not run.
 */
void fake_xhci_event(uint64_t param, uint32_t status, uint32_t control);

/* fake_xhci_plug, fake_xhci_unplug - a device at a root port, while it runs. */
void fake_xhci_plug(unsigned port, struct fake_xhci_device *fd);
void fake_xhci_unplug(unsigned port);

/* fake_xhci_idle - forget the counts of reads and writes. */
void fake_xhci_idle(void);

/* For xhci_slots.c: a command, which is at command_at. */
void fake_xhci_commands(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI disk of tests/toys/pci_disk.c: registers, DMA through TCEs. */
#ifndef TESTS_FAKE_TOY_DISK_H
#define TESTS_FAKE_TOY_DISK_H

#include "tests/fake/hcall.h"
#include "tree/node.h"

#define TOY_BLOCKS 100u
/* The host bridge's DMA window: these pages, from bus address 0. */
#define TOY_PAGES 1024u

struct fake_toy {
	uint8_t config[256]; /* configuration space, little-endian */
	uint64_t tce[TOY_PAGES];
	uint8_t medium[TOY_BLOCKS * 512];
	bool runs;
	uint32_t ring; /* bus address */
	uint32_t rung; /* entries in flight, a bit each */
	uint32_t most; /* the most in flight */
	/* What it does wrong. */
	uint32_t status;    /* of every entry */
	uint32_t bad_ended; /* entries that it claims to have ended */
	bool silent;
};
extern struct fake_toy toy;

/* fake_toy_reset - off, with a pattern on the medium; answers hypercalls. */
void fake_toy_reset(void);

/* fake_toy_plug - add nodes as QEMU does. Returns the host bridge's. */
struct node *fake_toy_plug(void);

/* fake_toy_mapped - the number of pages that it can reach. */
unsigned fake_toy_mapped(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI and DMA around a fake network card, linked in place of drivers/pci and
 * drivers/dma.c: memory at a bus address, bounds of which are checked.
 */
#ifndef TESTS_FAKE_NET_CARD_H
#define TESTS_FAKE_NET_CARD_H

#include "drivers/network.h"
#include "drivers/pci/pci.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

#define FAKE_CARD_REGS 0x200080000000ULL
#define FAKE_CARD_BUS 0x12340000u

struct fake_card {
	/* Its properties. */
	unsigned bar;
	uint64_t bar_size; /* 0: the BAR has no address */
	bool gone;	   /* its registers read as ones */
	uint32_t (*read)(unsigned reg, unsigned size);
	void (*write)(unsigned reg, unsigned size, uint32_t value);
	long allocations; /* that succeed in attach(); negative: all do */
	/* Called at each access, if set: what happens meanwhile. */
	void (*meanwhile)(void);

	/* Its state. */
	bool decoding, master;
	uint8_t *memory; /* of dma_alloc() */
	size_t size;

	/* What the driver did. */
	struct network_device *nd; /* of network_add() */
	struct device *dev;
	unsigned accesses; /* of registers */
	unsigned switches; /* of decoding and bus mastering */
};
extern struct fake_card fake_card;
extern struct pci_function fake_card_fn;

/* fake_card_reset - a card without a driver, in a new tree. */
void fake_card_reset(void);

/* fake_card_end - remove it; fails if anything is still allocated. */
void fake_card_end(void);

/* fake_card_attach, _start - let the drivers find it, start it. */
void fake_card_attach(void);
void fake_card_start(void);

/* fake_card_start_fails - a start that fails with a reason. */
void fake_card_start_fails(const char *why);

/*
 * fake_card_dma - memory at a bus address that the card accesses. Fails the test
 * if it may not: no bus mastering, or not all of it was given to the card.
 */
void *fake_card_dma(uint64_t bus, size_t len);

/* fake_card_fill, _check - `len` bytes that depend on `seed`. */
void fake_card_fill(uint8_t *frame, size_t len, unsigned seed);
void fake_card_check(const uint8_t *frame, size_t len, unsigned seed);

/* fake_card_send - let the driver send such a frame. Returns as its send(). */
int fake_card_send(size_t len, unsigned seed);

/* fake_card_expect - take the next frame, which must be that one. */
void fake_card_expect(size_t len, unsigned seed);

/* fake_card_silent - there is no frame, which costs no access. */
void fake_card_silent(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the drivers of PCI's network cards share. */
#ifndef DRIVERS_NET_CARD_H
#define DRIVERS_NET_CARD_H

#include "drivers/network.h"
#include "drivers/pci/pci.h"

/* Of a buffer: no card stores or sends more of a frame. */
#define CARD_BUFFER 2048u

/* A driver's constants. */
struct card_type {
	const struct network_ops *ops;
	uint32_t size;	 /* of the driver's structure, a struct card first */
	uint32_t shared; /* of the memory that the card accesses */
	uint16_t bar;	 /* of the registers */
	uint16_t mac;	 /* register of the MAC address: 6 bytes */
	uint16_t end;	 /* of the registers that are used */
};

/* A card; first in the driver's own structure. */
struct card {
	struct network_device net;
	const struct pci_function *fn;
	const struct card_type *type;
	uint64_t regs; /* real address */
	struct dma dma;
	void *shared; /* NULL: stopped */
	uint64_t bus; /* of `shared`; below 4 GiB */
};

/* A value to be written. */
struct card_write {
	uint16_t reg;
	uint16_t size;
	uint32_t value;
};

/*
 * card_attach - for a driver's attach(): make its structure, zeroed, as dev's
 * priv; read the MAC address, with four hypercalls; add the role.
 * Returns as attach().
 */
must_check int card_attach(struct device *dev, const struct card_type *type);

/* card_detach - a driver's detach(). */
void card_detach(struct device *dev);

/*
 * card_start - make `shared`, zeroed; let the card decode addresses, without
 * bus mastering: a client may have left it on.
 * Returns 0 or ERR_* with reason(); then card_stop() is due.
 */
must_check int card_start(struct card *card);

/* card_stop - bus mastering and decoding off; free `shared`. */
void card_stop(struct card *card);

uint32_t card_read(const struct card *card, unsigned reg, unsigned size);
void card_write(const struct card *card, unsigned reg, unsigned size,
		uint32_t value);

/* card_write_all - `count` values, in order. */
void card_write_all(const struct card *card, const struct card_write *writes,
		    unsigned count);

/*
 * card_wait - wait 100 ms until the card has sent enough.
 * Returns 0 or ERR_TIMEOUT with reason().
 */
must_check int card_wait(struct card *card, bool (*done)(void *card));

/* card_barrier - order our accesses to memory that the card uses. */
static inline void card_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif

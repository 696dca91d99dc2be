/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI: host bridges, functions, configuration space, BARs (PCI 3.0). */
#ifndef DRIVERS_PCI_PCI_H
#define DRIVERS_PCI_PCI_H

#include "drivers/device.h"
#include "drivers/dma.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

enum pci_space {
	PCI_IO,
	PCI_MEM32,
	PCI_MEM64,
	PCI_SPACES,
};

/* A window of a PHB: where bus addresses appear to the processor. */
struct pci_window {
	uint64_t bus;  /* first PCI address */
	uint64_t cpu;  /* first real address */
	uint64_t size; /* 0: the PHB has no such window */
};

/* Bus addresses that reach one bus: a PHB's window, or what a bridge forwards. */
struct pci_aperture {
	uint64_t base;
	uint64_t size;	/* bytes; 0: nothing gets there */
	uint64_t align; /* of base, a power of two */
	uint64_t next;	/* behind what is assigned: the rest is for hot-plug */
};

struct pci_phb {
	struct list link;
	struct list functions; /* depth first: a bridge, then all below it */
	struct node *node;
	uint64_t buid;
	struct pci_window window[PCI_SPACES];
	struct pci_aperture aperture[PCI_SPACES]; /* of the root bus */
	uint32_t dma_liobn;
	uint64_t dma_base, dma_size;
};

/* A BAR as it was sized and assigned. */
struct pci_bar {
	uint8_t reg;	      /* offset in configuration space; 0x30 the ROM */
	enum pci_space space; /* where it was put */
	bool is_64;
	bool prefetchable;
	uint64_t size; /* 0: not implemented */
	uint64_t addr; /* PCI address; 0: not assigned */
};
#define PCI_BARS 7 /* six, and the expansion ROM last */

struct pci_function {
	struct list link;
	struct pci_phb *phb;
	struct pci_function *bridge; /* the bridge above, or NULL */
	struct node *node;
	uint8_t bus, devfn;
	uint16_t vendor, device;
	uint32_t class_code; /* 0xBBSSPP */
	bool is_bridge;
	uint8_t secondary, subordinate; /* bridges: bus numbers */
	bool reaches_mem64; /* bridges: prefetchable BARs below may be there */
	struct pci_aperture aperture[PCI_SPACES]; /* bridges: of the bus below */
	struct pci_bar bar[PCI_BARS];
};

/* What drivers match: vendor and device, or base class and subclass. */
struct pci_match {
	uint16_t vendor, device; /* PCI_ANY: does not matter */
	uint32_t class_code;	 /* 0xBBSSPP */
	uint32_t class_mask;	 /* 0: the class does not matter */
};
#define PCI_ANY 0xffffu

/*
 * pci_bus - the functions below host bridges and bridges; match: an array of
 * struct pci_match that ends with vendor 0.
 */
extern const struct bus pci_bus;

/* pci_function_of - the function that a device on pci_bus is. */
static inline struct pci_function *pci_function_of(const struct device *dev)
{
	assert(dev->bus == &pci_bus);
	return dev->bus_data;
}

/* Configuration space; `size` 1, 2, 4. An absent function reads as all ones. */
uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size);
void pci_config_write(const struct pci_function *fn, unsigned reg,
		      unsigned size, uint32_t value);

/*
 * pci_enable - memory and I/O decoding and bus mastering on; pci_disable: all
 * off.
 */
void pci_enable(const struct pci_function *fn);
void pci_disable(const struct pci_function *fn);

/*
 * pci_find_capability - offset of the first capability `id` after `prev` (0:
 * from the start), or 0. Bounded: a looping list ends.
 */
unsigned pci_find_capability(const struct pci_function *fn, uint8_t id,
			     unsigned prev);

/*
 * pci_bar_address - real address of BAR number `bar` (0..5), for pci_io_*().
 * Returns 0 when it is not implemented or not assigned. A 64-bit BAR counts at
 * its lower number.
 */
uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size);

/*
 * Little-endian device registers at a real address; size 1, 2 or 4. Reads of a
 * failing device give all ones.
 */
uint32_t pci_io_read(uint64_t addr, unsigned size);
void pci_io_write(uint64_t addr, unsigned size, uint32_t value);

/* pci_dma_init - DMA through the PHB's window (TCEs). As dma_init_window(). */
must_check int pci_dma_init(const struct pci_function *fn, struct dma *dma);

#endif

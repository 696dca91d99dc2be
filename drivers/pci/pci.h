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

/* A window of a PHB: maps real addresses to bus addresses. */
struct pci_window {
	uint64_t bus;  /* first PCI address */
	uint64_t cpu;  /* first real address */
	uint64_t size; /* 0: the PHB has no such window */
};

/* Bus addresses that reach a bus: by the PHB's window or through a bridge. */
struct pci_aperture {
	uint64_t base;
	uint64_t size;	/* bytes; 0: closed */
	uint64_t align; /* of base, a power of two */
	uint64_t next;	/* first unassigned address, for hot-plug */
};

struct pci_phb {
	struct list link;
	struct list functions; /* depth first: see probe.c */
	struct node *node;
	uint64_t buid;
	struct pci_window window[PCI_SPACES];
	struct pci_aperture aperture[PCI_SPACES]; /* of the root bus */
	uint32_t dma_liobn;
	uint64_t dma_base, dma_size;
};

/* A BAR. */
struct pci_bar {
	uint8_t reg;	      /* offset in configuration space; 0x30 the ROM */
	enum pci_space space; /* where it is assigned */
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
	bool reaches_mem64; /* bridges: prefetchable BARs may be above 4 GiB */
	struct pci_aperture aperture[PCI_SPACES]; /* bridges: of the bus below */
	struct pci_bar bar[PCI_BARS];
};

/* What a driver matches: vendor and device, or a class. */
struct pci_match {
	uint16_t vendor, device; /* PCI_ANY: any */
	uint32_t class_code;	 /* 0xBBSSPP */
	uint32_t class_mask;	 /* 0: any class */
};
#define PCI_ANY 0xffffu

/*
 * pci_bus - the functions below host bridges and bridges; match: an array of
 * struct pci_match that ends with vendor 0.
 */
extern const struct bus pci_bus;

/* pci_function_of - the function of a device on pci_bus. */
static inline struct pci_function *pci_function_of(const struct device *dev)
{
	assert(dev->bus == &pci_bus);
	return dev->bus_data;
}

/* Configuration space; `size`: 1, 2 or 4. Absent functions read all ones. */
uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size);
void pci_config_write(const struct pci_function *fn, unsigned reg,
		      unsigned size, uint32_t value);

/*
 * pci_enable, pci_disable - decoding and bus mastering on, off.
 * pci_enable_decoding - bus mastering off: for a device without DMA. It goes on
 * decoding when everything is shut down.
 */
void pci_enable(const struct pci_function *fn);
void pci_enable_decoding(const struct pci_function *fn);
void pci_disable(const struct pci_function *fn);

/*
 * pci_find_capability - offset of the first capability `id` after `prev` (0:
 * from the start), or 0. Survives a looping list.
 */
unsigned pci_find_capability(const struct pci_function *fn, uint8_t id,
			     unsigned prev);

/*
 * pci_bar_address - real address of BAR number `bar` (0..5), for pci_io_*().
 * `size`: receives its bytes. A 64-bit BAR has its lower number.
 * Returns 0 if it is not implemented or not assigned.
 */
uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size);

/*
 * pci_io_read, pci_io_write - access a little-endian register at a real
 * address;
 * `size`: 1, 2 or 4. A failing device reads all ones.
 */
uint32_t pci_io_read(uint64_t addr, unsigned size);
void pci_io_write(uint64_t addr, unsigned size, uint32_t value);

/* pci_dma_init - DMA through the PHB's window (TCEs). As dma_init_window(). */
must_check int pci_dma_init(const struct pci_function *fn, struct dma *dma);

#endif

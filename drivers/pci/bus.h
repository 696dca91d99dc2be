/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of drivers/pci: registers, nodes, addresses. */
#ifndef DRIVERS_PCI_BUS_H
#define DRIVERS_PCI_BUS_H

#include "drivers/pci/pci.h"

/* Configuration registers: PCI 3.0, 6.1; PCI-to-PCI Bridge 1.2, 3.2. */
enum pci_reg {
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_BAR0 = 0x10,
	PCI_BUS_NUMBERS = 0x18,	  /* primary, secondary, subordinate */
	PCI_IO_BASE_LIMIT = 0x1c, /* 16 bits */
	PCI_MEM_BASE_LIMIT = 0x20,
	PCI_PREF_BASE_LIMIT = 0x24,
	PCI_PREF_BASE_UPPER = 0x28,
	PCI_PREF_LIMIT_UPPER = 0x2c,
	PCI_ROM = 0x30,
	PCI_CAPABILITIES = 0x34,
	PCI_BRIDGE_ROM = 0x38,
};

#define PCI_COMMAND_IO 0x0001u
#define PCI_COMMAND_MEMORY 0x0002u
#define PCI_COMMAND_MASTER 0x0004u
/* Parity error response and SERR#: on from the start, as under SLOF. */
#define PCI_COMMAND_CHECKS 0x0140u
#define PCI_STATUS_CAPS 0x0010u
#define PCI_BAR_PREFETCHABLE 0x8u
#define PCI_PREF_TYPE_MASK 0xfu
#define PCI_PREF_TYPE_64 0x1u
#define PCI_CLASS_BRIDGE 0x0604u /* base class and subclass */
#define PCI_BAR_ROM 6		 /* index in pci_function.bar */
#define PCI_BRIDGE_BAR_COUNT 2

/*
 * Addresses in the tree: phys.hi is npt000ss bbbbbbbb dddddfff rrrrrrrr. (IEEE
 * 1275 PCI binding 2.1, 2.2.1.1)
 */
enum pci_phys_space {
	PCI_PHYS_CONFIG = 0,
	PCI_PHYS_IO = 1,
	PCI_PHYS_MEM32 = 2,
	PCI_PHYS_MEM64 = 3,
};
#define PCI_PHYS_SPACE(hi) ((enum pci_phys_space)((hi) >> 24 & 3))
#define PCI_PHYS_FIXED 0x80000000u
#define PCI_PHYS_PREFETCHABLE 0x40000000u
#define PCI_PHYS_ENTRY 20u   /* bytes: phys.hi/mid/lo, size.hi/lo */
#define PCI_RANGES_ENTRY 28u /* bytes: of a PHB's ranges */

/*
 * pci_function_new - read a function's node, and from its registers what QEMU's
 * node lacks: prefetchability, a bridge's bus numbers.
 * `bridge`: the one above, NULL on the root bus.
 * Returns it, on no list, or NULL: not a function (silent), a contradiction or
 * no memory (printed).
 */
struct pci_function *pci_function_new(struct pci_phb *phb,
				      struct pci_function *bridge,
				      struct node *node);

/* pci_function_unit - phys.hi of a function's configuration space. */
static inline uint32_t pci_function_unit(const struct pci_function *fn)
{
	return (uint32_t)fn->bus << 16 | (uint32_t)fn->devfn << 8;
}

/*
 * pci_phb_new - read a PHB's node.
 * Returns it, on no list, or NULL with reason(): bad node, no memory.
 */
struct pci_phb *pci_phb_new(struct node *node);

/*
 * pci_child_first, pci_child_next - iterate over the functions directly below
 * `bridge`, NULL: on the root bus. NULL at the end.
 */
struct pci_function *pci_child_first(const struct pci_phb *phb,
				     const struct pci_function *bridge);
struct pci_function *pci_child_next(const struct pci_function *fn);

/*
 * pci_assign_all - assign addresses to all BARs and bridge windows below a PHB.
 * Those that do not fit get none; one printed line per window.
 */
void pci_assign_all(struct pci_phb *phb);

/* pci_assign_new - the same for one new function, from what is left. */
void pci_assign_new(struct pci_function *fn);

/* pci_program - write the addresses to the function; enables bridges. */
void pci_program(const struct pci_function *fn);

/* pci_describe - add the properties that describe the addresses. */
void pci_describe(const struct pci_function *fn);

#endif

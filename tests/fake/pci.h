/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake pseries: PHB and function nodes as QEMU writes them, configuration
 * space behind RTAS, recorded drivers. */
#ifndef TESTS_FAKE_PCI_H
#define TESTS_FAKE_PCI_H

#include "drivers/pci/bus.h"
#include "tests/fake/hcall.h"
#include "tests/fake/log.h"
#include "tests/fake/real_heap.h"
#include "tree/prop.h"

enum fake_bar_kind {
	FAKE_IO = 1,
	FAKE_MEM32,
	FAKE_MEM32_PREF,
	FAKE_MEM64,
	FAKE_MEM64_PREF,
	FAKE_ROM,
};

struct fake_bar {
	uint8_t reg;
	enum fake_bar_kind kind; /* 0 ends a list */
	uint64_t size;
};

/* The BARs of QEMU's devices. */
extern const struct fake_bar fake_virtio_net[], fake_vga[], fake_bridge[],
	fake_xhci[], fake_none[];

/* One function; the config bytes are the little-endian ones of PCI. */
struct fake_function {
	struct node *node;
	unsigned phb;
	uint8_t bus, devfn;
	const struct fake_bar *bars;
	uint8_t config[4096];
	unsigned accesses;
};

/*
 * fake_pci_start - empty tree, empty machine, RTAS that answers.
 * fake_pci_stop: remove all nodes and what was made from them.
 */
int fake_pci_start(void **state);
int fake_pci_stop(void **state);

/* fake_phb_add - PHB number `index` with the windows of pseries-7.2; `mem64`:
 * size of the 64-bit window, 0: none, as on pseries-2.1. */
struct node *fake_phb_add(unsigned index, uint64_t mem64);

/* fake_window - set a window of a PHB; code 1, 2 or 3. */
void fake_window(struct node *phb, unsigned code, uint64_t bus, uint64_t cpu,
		 uint64_t size);

/* fake_function_add - a function below a PHB or bridge. */
struct fake_function *fake_function_add(struct node *parent, unsigned slot,
					uint32_t class_code,
					const struct fake_bar *bars);

/* fake_bridge_add - a bridge with bus numbers as QEMU programs them. */
struct fake_function *fake_bridge_add(struct node *parent, unsigned slot,
				      uint8_t secondary, uint8_t subordinate);

/* fake_config_get, fake_config_put - access registers without the firmware. */
uint32_t fake_config_get(const struct fake_function *fn, unsigned reg,
			 unsigned size);
void fake_config_put(struct fake_function *fn, unsigned reg, unsigned size,
		     uint32_t value);

/* Accesses to functions that do not exist, and the address of the last one. */
extern unsigned fake_pci_strays;
extern uint32_t fake_pci_last;

/* The functions that a driver was attached to, except bridges. */
extern struct pci_function *fake_devices[512];
extern unsigned fake_device_count;
/* BARs of their PHBs without an address at that time. */
extern unsigned fake_unassigned;

#endif

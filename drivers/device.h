/* SPDX-License-Identifier: BSD-2-Clause */
/* The device model: drivers match nodes, devices play roles. */
#ifndef DRIVERS_DEVICE_H
#define DRIVERS_DEVICE_H

#include "lib/err.h"
#include "lib/table.h"
#include "tree/prop.h"

struct block_device;
struct console_device;
struct dma;
struct instance;
struct pci_function;
struct scsi_unit;

/* The bus that a node sits on tells how drivers match it. */
enum bus {
	BUS_VIO,  /* children of /vdevice: `compatible` */
	BUS_PCI,  /* functions below a PHB: ids */
	BUS_SCSI, /* logical units: peripheral device type */
};

/* A PCI match: vendor and device, or base class and subclass. */
struct pci_match {
	uint16_t vendor, device; /* PCI_ANY: does not matter */
	uint32_t class_code;	 /* 0xBBSSPP */
	uint32_t class_mask;	 /* 0: the class does not matter */
};
#define PCI_ANY 0xffffu

/*
 * A method that call-method can reach. `args` and `rets` are cells in memory
 * order as the client passes them: args[0] is the top of the Forth stack.
 * `nargs`/`nrets`: the cells the method takes and gives; clients may ask for
 * fewer results. The handler returns 0, or an ERR_* code: the client gets a
 * non-zero catch-result and zeroed returns.
 */
struct method {
	const char *name; /* NULL ends a table */
	uint8_t nargs, nrets;
	int (*call)(struct instance *inst, const cell_t *args, cell_t *rets);
};

/* A device: what a driver made of a node. */
struct device {
	struct list link;
	struct node *node;
	const struct driver *driver;
	void *priv; /* the driver's */

	/* What it sits on: one of these is set. */
	struct pci_function *pci;
	struct scsi_unit *scsi;

	/* The roles it plays; NULL where it does not. */
	struct block_device *block;
	struct console_device *console;

	/* Methods of its instances, in addition to the role's; or NULL. */
	const struct method *methods;
};

struct driver {
	const char *name; /* printed in front of its messages */
	enum bus bus;
	const char *compatible;	     /* BUS_VIO */
	const struct pci_match *pci; /* BUS_PCI: ends with vendor 0 */
	uint32_t scsi_types;	     /* BUS_SCSI: bit per device type */

	/*
	 * attach - take the device: set roles, properties, aliases, children.
	 * Touches the hardware only where it must be asked what it has.
	 * Returns 0, or an ERR_* code (see reason()): the node stays, driverless.
	 */
	int (*attach)(struct device *dev);

	/*
	 * scan - ask a controller what hangs on it, before the client is entered;
	 * optional. Children become nodes and devices. Called once.
	 */
	void (*scan)(struct device *dev);

	/*
	 * quiesce - reset the device, so that it does no DMA any more; optional,
	 * idempotent. Afterwards its requests fail with ERR_NODEV.
	 */
	void (*quiesce)(struct device *dev);

	/*
	 * abandon - an exception has cut off who used the device; optional.
	 * Requests in flight are not touched any more, as their memory may be
	 * somebody else's: forget them, then stop the device.
	 */
	void (*abandon)(struct device *dev);

	/* detach - the node goes away: free what attach() made; optional. */
	void (*detach)(struct device *dev);
};

TABLE_DECLARE(drivers, const struct driver);
/* DRIVER(id) = { ... }; adds a driver to the table. */
#define DRIVER(id) TABLE_ADD(drivers, const struct driver, driver_##id)

/*
 * device_add - find the driver for a node and attach it. `pci`/`scsi`: what it
 * sits on, NULL otherwise. A node without driver is no error.
 * Returns the device, or NULL: no driver, attach failed (printed), no memory.
 */
struct device *device_add(struct node *node, enum bus bus,
			  struct pci_function *pci, struct scsi_unit *scsi);

/* device_scan_all - scan every controller that was not scanned yet. */
void device_scan_all(void);

/*
 * device_quiesce_all - reset every device, except that whose node is `keep` or
 * an ancestor of `keep` (the console); NULL: no exception.
 */
void device_quiesce_all(const struct node *keep);

/* device_sync_all - flush what was written to block devices. */
void device_sync_all(void);

/*
 * device_abandon_all - an exception has cut off whoever used a device: stop all,
 * forget what is in flight. Before any of them is used or closed again.
 */
void device_abandon_all(void);

/* device_of - the device of a node, or NULL. */
static inline struct device *device_of(const struct node *node)
{
	return node->device;
}

/* device_remove - detach and free the device of a node that goes away. */
void device_remove(struct node *node);

/* device_reset_all - forget all devices, at start (and for tests). */
void device_reset_all(void);

/*
 * device_path - full path of a device, for messages. Returns static storage
 * that the second next call overwrites.
 */
const char *device_path(const struct device *dev);

/* vdevice_attach_all - attach drivers to the children of /vdevice. */
void vdevice_attach_all(void);

#endif

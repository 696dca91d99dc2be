/* SPDX-License-Identifier: BSD-2-Clause */
/* The device model: buses have devices, drivers match them, roles use them. */
#ifndef DRIVERS_DEVICE_H
#define DRIVERS_DEVICE_H

#include "drivers/role.h"
#include "lib/list.h"
#include "lib/table.h"
#include "tree/prop.h"

struct device;

/*
 * A bus: how its devices are found and matched. What the files of a bus know
 * about a device is `bus_data`, which nobody else looks at.
 */
struct bus {
	const char *name;
	/* match - does a driver's `match`, of this bus's kind, fit a device? */
	bool (*match)(const struct device *dev, const void *match);
	/*
	 * offer - a node came below `parent`, by CAS or a rescan: make it known
	 * and device_add() it. NULL: device_add() is all there is to do.
	 */
	void (*offer)(struct device *parent, struct node *node);
	/* forget - a node goes away, as its device did; optional. */
	void (*forget)(const struct node *node);
	/*
	 * quiesce - its devices are quiesced: keep them off memory; optional.
	 * `keep` and what it sits on goes on, see device_quiesce_all().
	 */
	void (*quiesce)(const struct node *keep);
};
TABLE_DECLARE(buses, const struct bus);
/* BUS(pci_bus) = { ... }; defines a bus and adds it to the table. */
#define BUS(id) TABLE_ADD_GLOBAL(buses, const struct bus, id)

/* platform_bus - what is directly below the root; match: its `compatible`. */
extern const struct bus platform_bus;

/* bus_match_compatible - for buses whose `match` is a `compatible` string. */
bool bus_match_compatible(const struct device *dev, const void *match);

enum device_state {
	DEVICE_OFF,	 /* does nothing; device_start() starts it */
	DEVICE_STARTING, /* start() is at work, with requests perhaps */
	DEVICE_READY,	 /* started */
	DEVICE_FAILED,	 /* must not be started any more */
	DEVICE_QUIESCED, /* shut down, for good */
};

/* A role that a device plays; a part of the role's own structure. */
struct device_role {
	struct list link;
	struct device *dev;
	const struct role *role;
};

/* A device: what a driver made of a node. */
struct device {
	struct list link;
	struct node *node;
	struct device *parent; /* what it sits on; NULL: the root */
	const struct bus *bus;
	void *bus_data; /* the bus's */
	const struct driver *driver;
	void *priv; /* the driver's */

	struct list roles; /* struct device_role */
	/* What its instances can do; its roles add to the ops. */
	struct instance_ops ops;
	const struct method *methods; /* beside its roles'; or NULL */

	enum device_state state;
	const char *failure;	/* DEVICE_FAILED: why */
	unsigned users;		/* who have it open */
	uint32_t starts;	/* how often it was started */
	uint32_t parent_starts; /* the parent's, when this was started */
	bool holds_parent;	/* it is one of the parent's users */
	bool scanned, found;	/* see struct driver */
};

struct driver {
	const char *name; /* printed in front of its messages */
	const struct bus *bus;
	const void *match; /* of a kind that the bus defines */
	/* The bus of the nodes below; NULL: none. */
	const struct bus *children;
	/* Below the root: attached before the others, and before NVRAM is read. */
	bool early;

	/*
	 * attach - take the device: roles, properties, children. Touches the
	 * hardware only where it must be asked what it has.
	 * Returns 0, or an ERR_* code (see reason()): the node stays, driverless.
	 */
	int (*attach)(struct device *dev);

	/*
	 * start - bring it up; what it sits on is up. stop: leave it so that it
	 * does nothing by itself and a client's driver can have it: nothing in
	 * flight reaches memory any more; in any state. NULL: there is nothing
	 * to do.
	 * start() returns 0 or an ERR_* code with reason().
	 */
	int (*start)(struct device *dev);
	void (*stop)(struct device *dev);

	/*
	 * scan - ask a controller what hangs on it; optional. Called again and
	 * again, with other controllers' in turn, until it returns false; its
	 * requests are in flight meanwhile. found() follows, in the order of
	 * devices: children and aliases are made there. Each once in all.
	 */
	bool (*scan)(struct device *dev);
	void (*found)(struct device *dev);

	/* detach - the node goes away: free what attach() made; optional. */
	void (*detach)(struct device *dev);
};

TABLE_DECLARE(drivers, const struct driver);
/* DRIVER(id) = { ... }; adds a driver to the table. */
#define DRIVER(id) TABLE_ADD(drivers, const struct driver, driver_##id)

/* device_init - at start: there are no devices; take part in nodes' ends. */
void device_init(void);

/*
 * bus_offer - a node has come to the tree: the bus that its parent brings makes
 * a device of it. Nodes below no bus, and devices, are ignored.
 */
void bus_offer(struct node *node);

/* bus_offer_all - at start: offer the early ones below the root, then others. */
void bus_offer_all(bool early);

/*
 * device_add - find the driver for a node on a bus and attach it. A node without
 * driver is no error.
 * Returns the device, or NULL: no driver, attach failed (printed), no memory.
 */
struct device *device_add(struct device *parent, const struct bus *bus,
			  struct node *node, void *bus_data);

/*
 * node_methods_register - a node that no driver has (/, /rtas, /memory@0, /mmu)
 * can be opened: its instances get `ops` and `methods`, kept, not copied. NULL:
 * none. Returns 0 or ERR_NOMEM.
 */
must_check int node_methods_register(struct node *node,
				     const struct instance_ops *ops,
				     const struct method *methods);

/*
 * device_add_role - the device plays a role; `as`: a part of the role's own
 * structure. Its node gets the role's device_type. Returns 0 or ERR_NOMEM.
 */
must_check int device_add_role(struct device *dev, struct device_role *as,
			       const struct role *role);

/* device_role - the part that a device plays in a role, or NULL. */
struct device_role *device_role(const struct device *dev,
				const struct role *role);

/*
 * device_next_role - who else plays a role, after `as`, in the order of devices;
 * NULL: from the first on. NULL: there is no more.
 */
struct device_role *device_next_role(const struct device_role *as,
				     const struct role *role);

/* device_scan_all - scan every controller that was not scanned yet. */
void device_scan_all(void);

/*
 * device_start - bring it up, and what it sits on, unless it is.
 * Returns 0; ERR_NODEV: after quiesce, or it has failed; or start()'s errors.
 */
must_check int device_start(struct device *dev);

/* device_is_up - is it started, and what it sits on still as it was then? */
bool device_is_up(struct device *dev);

/*
 * device_stop - stop it, whoever has it open: the next device_start() starts it
 * again.
 */
void device_stop(struct device *dev);

/* device_fail - it must not be used any more; `why` is kept, not copied. */
void device_fail(struct device *dev, const char *why);

/*
 * device_open, device_close - count who needs it: device_start(), and the last
 * close stops it. Only after a 0 is there something to be closed.
 */
must_check int device_open(struct device *dev);
void device_close(struct device *dev);

/* device_is_kept - is it what is to be kept, or an ancestor of that? */
bool device_is_kept(const struct node *node, const struct node *keep);

/*
 * device_quiesce_all - shut every device down, except that whose node is `keep`
 * or an ancestor of `keep` (the console); NULL: no exception.
 */
void device_quiesce_all(const struct node *keep);

/* device_sync_all - what was written to devices reaches their media. */
void device_sync_all(void);

/*
 * device_abandon_all - an exception has cut off whoever used a device: forget
 * what is in flight, stop all. Before any of them is used or closed again.
 */
void device_abandon_all(void);

/* device_of - the device of a node, or NULL. */
static inline struct device *device_of(const struct node *node)
{
	return node->device;
}

/*
 * device_path - full path of a device, for messages. Returns static storage
 * that the second next call overwrites.
 */
const char *device_path(const struct device *dev);

#endif

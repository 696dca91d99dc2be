/* SPDX-License-Identifier: BSD-2-Clause */
/* The device model: buses find devices, drivers match them, roles use them. */
#ifndef DRIVERS_DEVICE_H
#define DRIVERS_DEVICE_H

#include "drivers/role.h"
#include "lib/list.h"
#include "lib/table.h"
#include "tree/prop.h"

struct device;

/* A bus: how its devices are found and matched. */
struct bus {
	const char *name;
	/* match - does a driver's `match`, of a type the bus defines, fit? */
	bool (*match)(const struct device *dev, const void *match);
	/*
	 * offer - a node was added below `parent`: call device_add() for it,
	 * with its bus_data. NULL: the bus has no bus_data.
	 */
	void (*offer)(struct device *parent, struct node *node);
	/* forget - a node, whose device is gone, is removed; optional. */
	void (*forget)(const struct node *node);
	/*
	 * quiesce - all devices are quiesced: block their DMA; optional. Spare
	 * `keep` and its ancestors, see device_quiesce_all().
	 */
	void (*quiesce)(const struct node *keep);
};
TABLE_DECLARE(buses, const struct bus);
/* BUS(pci_bus) = { ... }; defines a bus and adds it to the table. */
#define BUS(id) TABLE_ADD_GLOBAL(buses, const struct bus, id)

/* platform_bus - the children of the root; match: their `compatible`. */
extern const struct bus platform_bus;

/*
 * bus_driver - the driver for a device of which only node, bus and bus_data are
 * set: of several the first that is no fallback. NULL: none.
 */
const struct driver *bus_driver(const struct device *dev);

/* bus_match_compatible - for buses whose `match` is a `compatible` string. */
bool bus_match_compatible(const struct device *dev, const void *match);

enum device_state {
	DEVICE_OFF,	 /* inactive; device_start() starts it */
	DEVICE_STARTING, /* start() runs and may send requests */
	DEVICE_READY,	 /* started */
	DEVICE_FAILED,	 /* cannot be started again */
	DEVICE_QUIESCED, /* shut down for good */
};

/* A role that a device plays; embedded in the role's own structure. */
struct device_role {
	struct list link;
	struct device *dev;
	const struct role *role;
};

/* A node that has a driver. */
struct device {
	struct list link;
	struct node *node;
	struct device *parent; /* the device of the parent node, or NULL */
	const struct bus *bus;
	void *bus_data; /* private to the bus */
	const struct driver *driver;
	void *priv; /* private to the driver */

	struct device *host; /* nearest ancestor with a start(); NULL: none */
	struct list roles;   /* struct device_role */
	/* For its instances: the driver's, completed by those of its roles. */
	struct instance_ops ops;
	const struct method *methods; /* in addition to its roles'; or NULL */

	enum device_state state;
	const char *failure;  /* DEVICE_FAILED: why */
	unsigned users;	      /* open instances and children that hold it */
	uint32_t starts;      /* number of starts */
	uint32_t host_starts; /* the host's `starts` when this was started */
	bool holds_host;      /* counts as a user of its host */
	bool scanned, found, settled; /* see struct driver */
	uint64_t waited;	      /* ticks; see waits.h */
};

struct driver {
	const char *name; /* prefix of its messages */
	const struct bus *bus;
	const void *match; /* the bus defines its type */
	/* The bus of its child nodes; NULL: none. */
	const struct bus *children;
	/* Platform bus: attach before the others and before NVRAM is read. */
	bool early;
	/* Scan it only if something needs it: device_scan_rest(). */
	bool on_demand;
	/* Only for a device that no other driver matches. */
	bool fallback;
	/* Attach it only when someone looks: device_attach_rest(). */
	bool late;
	/*
	 * QEMU's boot list gives its disks all the same last component, with or
	 * without the path of the controller: see bus_next_disk(). Or NULL.
	 */
	const char *boot_name;

	/*
	 * attach - set up roles, properties and children. Touches the hardware
	 * only if there is no other way to identify it.
	 * Returns 0, or an ERR_* code with reason(): the node has no driver.
	 */
	int (*attach)(struct device *dev);

	/*
	 * start - bring the device up; its host, the nearest ancestor that has
	 * a start(), is up. Returns 0 or an ERR_* code with reason().
	 * stop - reset it from any state: no DMA follows, and a client's driver
	 * can use it. NULL: nothing to do.
	 */
	int (*start)(struct device *dev);
	void (*stop)(struct device *dev);

	/*
	 * scan - find what is attached to a controller; optional. Called in
	 * turn with those of other controllers, while its requests are in
	 * flight, until it returns false. Then found() creates children and
	 * aliases, in the order of devices. A device is scanned once.
	 * settled - all scans are over, also those of its children: release
	 * what found() has left active; optional.
	 */
	bool (*scan)(struct device *dev);
	void (*found)(struct device *dev);
	void (*settled)(struct device *dev);

	/*
	 * resolve - a path has a component, "name[@unit]" of `len` characters,
	 * that matches no child of its node; optional. Returns the node that is
	 * meant, or NULL.
	 */
	struct node *(*resolve)(struct device *dev, const char *part,
				size_t len);

	/* detach - the node is removed: free what attach() made; optional. */
	void (*detach)(struct device *dev);
};

TABLE_DECLARE(drivers, const struct driver);
/* DRIVER(id) = { ... }; adds a driver to the table. */
#define DRIVER(id) TABLE_ADD(drivers, const struct driver, driver_##id)

/* device_init - at start: no devices; hook into the removal of nodes. */
void device_init(void);

/*
 * bus_offer - a node was added to the tree: pass it to its parent's bus, which
 * makes a device of it. Ignored: nodes below no bus, nodes that have a device.
 */
void bus_offer(struct node *node);

/* bus_offer_all - at start: offer the root's children; first the early ones. */
void bus_offer_all(bool early);

/* bus_resolve - the hook of tree_set_child_hook(): asks the node's driver. */
struct node *bus_resolve(struct node *node, const char *part, size_t len);

/*
 * bus_next_disk - iterate over the disks that a word of QEMU's boot list means:
 * of drivers whose boot_name is the last of its `len` characters, below the node
 * before that, in the order of the tree. `after`: NULL: the first.
 * Returns NULL at the end, and for a word that is an ordinary path.
 */
struct node *bus_next_disk(const char *word, size_t len,
			   const struct node *after);

/*
 * device_add - find the driver for a node on a bus and attach it.
 * Returns the device, or NULL: no driver (silent), attach failed or no memory
 * (printed), or its driver is `late` and nobody has looked.
 */
struct device *device_add(struct device *parent, const struct bus *bus,
			  struct node *node, void *bus_data);

/*
 * device_attach_rest - the tree is to be complete, because a client or the boot
 * policy looks at it: attach the devices of `late` drivers, and from now on all
 * others at once. A kernel that is loaded by QEMU may need none of them.
 */
void device_attach_rest(void);

/*
 * node_methods_register - make a node without a driver (/, /rtas, /memory@0,
 * /mmu) openable. Its instances get a copy of `ops`, and `methods`, which must
 * stay valid; NULL: none. Returns 0 or ERR_NOMEM.
 */
must_check int node_methods_register(struct node *node,
				     const struct instance_ops *ops,
				     const struct method *methods);

/*
 * device_add_role - let a device play a role; its node gets the role's
 * device_type. `as`: filled; embedded in the role's own structure, must stay
 * valid. Returns 0 or ERR_NOMEM.
 */
must_check int device_add_role(struct device *dev, struct device_role *as,
			       const struct role *role);

/* device_role - the `as` of a device in a role, or NULL. */
struct device_role *device_role(const struct device *dev,
				const struct role *role);

/*
 * device_next_role - iterate over a role in the order of devices: the one after
 * `as`, NULL: the first. Returns NULL at the end.
 */
struct device_role *device_next_role(const struct device_role *as,
				     const struct role *role);

/*
 * device_scan_all - scan every controller that has not been scanned, except
 * those of drivers with on_demand.
 */
void device_scan_all(void);

/* device_scan_rest - scan those, too. Returns false: there is none. */
bool device_scan_rest(void);

/*
 * device_start - bring a device and its host up, unless they are.
 * Returns 0; ERR_NODEV: quiesced or failed; or the errors of start().
 */
must_check int device_start(struct device *dev);

/* device_is_up - is it started, and has its host not restarted since? */
bool device_is_up(struct device *dev);

/* device_stop - stop it even if it is open; device_start() restarts it. */
void device_stop(struct device *dev);

/*
 * device_fail - never start it again; `why` must stay valid. Also for attach()
 * of a device that is not supported, if that matters only to who boots from it.
 */
void device_fail(struct device *dev, const char *why);

/*
 * device_explain - print why each device without a role has failed: it could
 * have been booted from.
 */
void device_explain(void);

/*
 * device_open, device_close - count users: open is device_start(), the last
 * close stops the device. Close only after open has returned 0.
 */
must_check int device_open(struct device *dev);
void device_close(struct device *dev);

/* device_is_kept - is `node` `keep` or one of its ancestors? */
bool device_is_kept(const struct node *node, const struct node *keep);

/*
 * device_quiesce_all - shut every device down, except those of `keep` (the
 * console) and of its ancestors; NULL: no exception.
 */
void device_quiesce_all(const struct node *keep);

/* device_sync_all - flush everything that was written to devices. */
void device_sync_all(void);

/*
 * device_abandon_all - after an exception: forget all requests and users, stop
 * all devices. Call it before a device is used or closed again.
 */
void device_abandon_all(void);

/* device_of - the device of a node, or NULL. */
static inline struct device *device_of(const struct node *node)
{
	return node->device;
}

/* device_next - in their order, the one after `dev`, NULL: the first; or NULL. */
struct device *device_next(const struct device *dev);

/* device_path - full path, for messages, in one of two static buffers. */
const char *device_path(const struct device *dev);

#endif

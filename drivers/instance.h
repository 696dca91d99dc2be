/* SPDX-License-Identifier: BSD-2-Clause */
/* Open instances of packages (IEEE 1275 2.3, 3.3). */
#ifndef DRIVERS_INSTANCE_H
#define DRIVERS_INSTANCE_H

#include "drivers/device.h"

struct bootable;

struct instance {
	struct list link;
	ihandle_t handle;
	struct node *node;	 /* the package this is an instance of */
	struct instance *parent; /* the instance below, or NULL */
	bool interposed;	 /* disk-label and the like */
	bool covered;		 /* another is opened on it: hidden */
	char *args;		 /* owned, never NULL */
	struct instance_ops ops; /* of its node or package */
	void *priv;
};

/*
 * A support package (IEEE 1275 3.8). Those with a role are interposed on every
 * instance of a device that plays it (disk-label on block devices).
 */
struct package {
	const char *name;	 /* node below /packages */
	const struct role *role; /* NULL: never interposed */
	const struct instance_ops *ops;
	const struct method *methods; /* NULL or a table */
	/*
	 * open - set priv of `inst`; node, args and parent, the device's
	 * instance, are set. Returns 0, or ERR_* with reason().
	 */
	int (*open)(struct instance *inst);
	/* How to boot from its instances; NULL: not bootable. */
	const struct bootable *boot;
};

TABLE_DECLARE(packages, const struct package);
/* PACKAGE(id) = { ... }; adds a package to the table. */
#define PACKAGE(id) TABLE_ADD(packages, const struct package, package_##id)

/* instance_init - called by device_init() at start: no instances. */
void instance_init(void);

/*
 * instance_open - open the node of a path, with the path's arguments; a package
 * is interposed if one matches.
 * `path`: as in tree_find().
 * Returns the topmost instance, or NULL with reason(): no such device, no
 * driver, open failed, no memory, or the firmware is quiesced.
 */
must_check struct instance *instance_open(const char *path);

/* instance_open_node - the same for a node and arguments; NULL args: "". */
must_check struct instance *instance_open_node(struct node *node,
					       const char *args);

/* instance_close - close an instance and those below. NULL is ignored. */
void instance_close(struct instance *inst);

/*
 * instance_get - the open instance of a handle, or NULL: 0, -1, stale, a
 * phandle, or covered by another instance, which closes both.
 */
struct instance *instance_get(ihandle_t handle);

/*
 * instance_path - path and arguments of an instance, with `interposed` also an
 * interposed package as "/%name". Returns as tree_path().
 */
size_t instance_path(const struct instance *inst, bool interposed, char *buf,
		     size_t size);

/*
 * instance_read, instance_write, instance_seek, instance_load - as the ops;
 * ERR_NOTSUP: no such operation, ERR_NODEV: after instance_quiesce().
 */
must_check long instance_read(struct instance *inst, void *buf, size_t len);
must_check long instance_write(struct instance *inst, const void *buf,
			       size_t len);
must_check int instance_seek(struct instance *inst, uint64_t pos);
must_check long instance_load(struct instance *inst, void *buf, size_t room);

/* instance_method - a method of an instance or those below, or NULL. */
const struct method *instance_method(const struct instance *inst,
				     const char *name);

/* instance_remove_node - close all instances of a node being removed. */
void instance_remove_node(struct node *node);

/* instance_quiesce - disable open and all instances but those of one node. */
void instance_quiesce(const struct instance *keep);

/* instance_close_all - close every instance, after a client. */
void instance_close_all(void);

/* node_ops - operations of a node's instances. Returns false: not openable. */
bool node_ops(const struct node *node, struct instance_ops *ops);

/* node_package - the package interposed on a node's instances, or NULL. */
const struct package *node_package(const struct node *node);

/* node_method - a method of a node's instances, or NULL. */
const struct method *node_method(const struct node *node, const char *name);

#endif

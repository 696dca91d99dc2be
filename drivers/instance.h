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
	struct instance *parent; /* what it was opened upon, or NULL */
	bool interposed;	 /* disk-label and the like */
	bool covered;		 /* opened upon: has no handle */
	char *args;		 /* owned, never NULL */
	struct instance_ops ops; /* its node's, or its package's */
	void *priv;
};

/*
 * A support package (IEEE 1275 3.8): it is interposed on the instances of who
 * plays a role, when they are opened by a path (disk-label on block devices).
 */
struct package {
	const char *name;	 /* node below /packages */
	const struct role *role; /* NULL: it is never interposed */
	const struct instance_ops *ops;
	const struct method *methods; /* NULL or a table */
	/*
	 * open - fill priv of `inst`; node, args and parent are set, that is the
	 * instance of the device. Returns 0, or ERR_* with reason().
	 */
	int (*open)(struct instance *inst);
	/* What is booted when nobody names it; NULL: nothing can be. */
	const struct bootable *boot;
};

TABLE_DECLARE(packages, const struct package);
/* PACKAGE(id) = { ... }; adds a package to the table. */
#define PACKAGE(id) TABLE_ADD(packages, const struct package, package_##id)

/* instance_init - at start, by device_init(): nothing is open. */
void instance_init(void);

/*
 * instance_open - open the node that a path names, with the path's arguments.
 * `path`: as in tree_find(). Packages that match are interposed; the result is
 * the topmost instance.
 * Returns it, or NULL with reason(): no such device, no driver, open failed, no
 * memory, or the firmware is quiesced.
 */
must_check struct instance *instance_open(const char *path);

/* instance_open_node - the same for a node and arguments; NULL args: "". */
must_check struct instance *instance_open_node(struct node *node,
					       const char *args);

/* instance_close - close it and what it was opened upon. NULL is ignored. */
void instance_close(struct instance *inst);

/*
 * instance_get - the live instance of a handle, or NULL: 0, -1, stale, a
 * phandle, or an instance that another one is opened upon (closing that one
 * closes both).
 */
struct instance *instance_get(ihandle_t handle);

/*
 * instance_path - the path of an instance with its arguments, interposed ones
 * left out, or shown as "/%name" with `interposed`. As tree_path().
 */
size_t instance_path(const struct instance *inst, bool interposed, char *buf,
		     size_t size);

/*
 * instance_read, instance_write, instance_seek - as the ops; ERR_NOTSUP where
 * the instance has none, ERR_NODEV after instance_quiesce().
 */
must_check long instance_read(struct instance *inst, void *buf, size_t len);
must_check long instance_write(struct instance *inst, const void *buf,
			       size_t len);
must_check int instance_seek(struct instance *inst, uint64_t pos);

/* instance_method - a method of an instance or what it is opened upon. */
const struct method *instance_method(const struct instance *inst,
				     const char *name);

/* instance_remove_node - the node goes away: its instances die. */
void instance_remove_node(struct node *node);

/*
 * instance_quiesce - from now on only instances of `keep`'s node work, and
 * nothing can be opened. NULL: none.
 */
void instance_quiesce(const struct instance *keep);

/* instance_close_all - close every instance: the client has gone. */
void instance_close_all(void);

/*
 * node_ops - what instances of a node can do, when it is opened by its path.
 * Returns false: it cannot be opened.
 */
bool node_ops(const struct node *node, struct instance_ops *ops);

/* node_package - what is interposed when a node is opened, or NULL. */
const struct package *node_package(const struct node *node);

/* node_method - a method that instances of a node have, or NULL. */
const struct method *node_method(const struct node *node, const char *name);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Open instances of packages (IEEE 1275 2.3, 3.3). */
#ifndef DRIVERS_INSTANCE_H
#define DRIVERS_INSTANCE_H

#include "drivers/device.h"

/* What an instance can do; NULL: it cannot. Counts as in IEEE 1275 3.8. */
struct instance_ops {
	/* Bytes read; 0 at the end; ERR_AGAIN: nothing yet (console). */
	long (*read)(struct instance *inst, void *buf, size_t len);
	/* Bytes written, or ERR_*. */
	long (*write)(struct instance *inst, const void *buf, size_t len);
	/* Absolute position in bytes. 0, or ERR_RANGE. */
	int (*seek)(struct instance *inst, uint64_t pos);
	/* Size in bytes, for the loader; ERR_NOTSUP where there is none. */
	long (*size)(struct instance *inst);
	/* Frees priv. */
	void (*close)(struct instance *inst);
};

struct instance {
	struct list link;
	ihandle_t handle;
	struct node *node;		/* the package this is an instance of */
	struct instance *parent;	/* what it was opened upon, or NULL */
	bool interposed;		/* disk-label and the like */
	bool covered;			/* opened upon: has no handle */
	bool holds_device;		/* the block device is open for it */
	char *args;			/* owned, never NULL */
	const struct instance_ops *ops; /* never NULL */
	const struct method *methods;	/* NULL or a table */
	void *priv;
};

/*
 * A support package that is interposed on every instance of a role when it is
 * opened by a path (disk-label on block devices).
 */
struct package {
	const char *name; /* node below /packages */
	/*
	 * open - fill ops, methods and priv of `inst` (node, parent, args are
	 * set; the parent is the raw device's instance).
	 * Returns 0, or ERR_* with reason().
	 */
	int (*open)(struct instance *inst);
	/* match - is it to be interposed on this device? NULL: never. */
	bool (*match)(const struct device *dev);
};

TABLE_DECLARE(packages, const struct package);
/* PACKAGE(id) = { ... }; adds a package to the table. */
#define PACKAGE(id) TABLE_ADD(packages, const struct package, package_##id)

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

/* instance_method - find a method in the instance's tables, or NULL. */
const struct method *instance_method(const struct instance *inst,
				     const char *name);

/* instance_remove_node - the node goes away: its instances die. */
void instance_remove_node(struct node *node);

/*
 * instance_quiesce - from now on only instances of `keep`'s node work, and
 * nothing can be opened. NULL: none. instance_reset(): forget all (start).
 */
void instance_quiesce(const struct instance *keep);
void instance_reset(void);

/* instance_close_all - close every instance: the client has gone. */
void instance_close_all(void);

/* instance_count - open instances, for tests and the prompt. */
size_t instance_count(void);

/*
 * node_methods_register - methods of a node that no driver owns (/, /rtas,
 * /memory@0, /mmu): instances of `path` get `methods` and `ops` (may be NULL).
 * Both are kept, not copied. Returns 0, ERR_NOENT or ERR_NOMEM.
 */
must_check int node_methods_register(const char *path,
				     const struct instance_ops *ops,
				     const struct method *methods);

/* node_ops - what node_methods_register() got for a node, or NULL. */
const struct instance_ops *node_ops(const struct node *node);

/* node_methods - the method table of a node, as its instances would have. */
const struct method *node_methods(const struct node *node);

#endif

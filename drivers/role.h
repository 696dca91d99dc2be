/* SPDX-License-Identifier: BSD-2-Clause */
/* Roles: what a device can do for the rest of the firmware; methods. */
#ifndef DRIVERS_ROLE_H
#define DRIVERS_ROLE_H

#include "lib/err.h"
#include "lib/types.h"

struct device_role;
struct instance;

/* Operations of an instance; NULL: not supported. [IEEE 1275 3.8] */
struct instance_ops {
	/* Returns bytes read; 0: the end; ERR_AGAIN: nothing yet (console). */
	long (*read)(struct instance *inst, void *buf, size_t len);
	/* Returns bytes written, or ERR_*. */
	long (*write)(struct instance *inst, const void *buf, size_t len);
	/* `pos`: in bytes from the start. Returns 0 or ERR_RANGE. */
	int (*seek)(struct instance *inst, uint64_t pos);
	/* Returns bytes in all, for the loader, or ERR_NOTSUP. */
	long (*size)(struct instance *inst);
	/*
	 * load - what the arguments name, whole, to `buf` of `room` bytes.
	 * Returns its size; ERR_NOSPACE: it is larger; or ERR_* with reason().
	 */
	long (*load)(struct instance *inst, void *buf, size_t room);
	/* Frees priv. */
	void (*close)(struct instance *inst);
};

/*
 * A method for call-method. `args` and `rets` are cells in the client's memory
 * order: args[0] is the top of the Forth stack. `nargs`, `nrets`: numbers of
 * arguments and results; clients may ask for fewer results. The handler returns
 * 0, or an ERR_* code: a non-zero catch-result and zeroed results.
 */
struct method {
	const char *name; /* NULL ends a table */
	uint8_t nargs, nrets;
	int (*call)(struct instance *inst, const cell_t *args, cell_t *rets);
};

/* A role: all that the rest of the firmware knows of the devices playing it. */
struct role {
	/* The device_type of its nodes; NULL: unchanged. */
	const char *device_type;
	/* Operations and methods of instances; NULL: none. */
	const struct instance_ops *ops;
	const struct method *methods;
	/*
	 * added - a device plays the role now; optional. If its attach() fails
	 * afterwards, nothing is called: add such a role last.
	 */
	void (*added)(struct device_role *as);
	/*
	 * open - start the device for a new instance, set its priv; optional.
	 * Returns 0, or an ERR_* code with reason().
	 */
	int (*open)(struct instance *inst, struct device_role *as);
	/* sync - flush what was written to the medium; optional. */
	void (*sync)(struct device_role *as);
	/* release - the device is removed: free the role's memory; optional. */
	void (*release)(struct device_role *as);
};

#endif

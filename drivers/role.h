/* SPDX-License-Identifier: BSD-2-Clause */
/* Roles: what devices are to those who use them, and methods. */
#ifndef DRIVERS_ROLE_H
#define DRIVERS_ROLE_H

#include "lib/err.h"
#include "lib/types.h"

struct device_role;
struct instance;

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

/* A role: all that the rest of the firmware knows about what plays it. */
struct role {
	/* What its nodes get as device_type; NULL: they keep what they have. */
	const char *device_type;
	/* What instances can do, and their methods; NULL: nothing, none. */
	const struct instance_ops *ops;
	const struct method *methods;
	/*
	 * open - an instance is opened: start the device, set priv; optional.
	 * Returns 0, or an ERR_* code with reason().
	 */
	int (*open)(struct instance *inst, struct device_role *as);
	/* sync - what was written reaches the medium; optional. */
	void (*sync)(struct device_role *as);
	/* release - the device goes away: free what the role made; optional. */
	void (*release)(struct device_role *as);
};

#endif

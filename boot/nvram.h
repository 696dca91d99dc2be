/* SPDX-License-Identifier: BSD-2-Clause */
/* NVRAM partitions and the variables in one of them (LoPAR 8, CHRP 8.4). */
#ifndef BOOT_NVRAM_H
#define BOOT_NVRAM_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * nvram_open - find the variables and read them.
 * Takes the partition "common", else the one named "system" that QEMU's
 * -prom-env makes; where there is neither, NVRAM is formatted anew, and a line
 * says so. Partitions of other names are left alone. May be called again.
 * Returns 0; 1: it was formatted, there are no variables yet; ERR_NODEV: the
 * machine has no NVRAM; ERR_IO, ERR_NOTSUP, ERR_NOMEM, ERR_NOSPACE (smaller
 * than a partition): see reason(). After a failure there are no variables and
 * nvram_set() fails with ERR_NODEV.
 */
must_check int nvram_open(void);

/*
 * nvram_get - the value of a variable.
 * `name`: compared exactly. Returns a string valid until the next nvram_set()
 * or nvram_unset(), or NULL: no such variable.
 */
const char *nvram_get(const char *name);

/* One variable: `name` is not terminated, `value` is. */
struct nvram_var {
	const char *name;
	size_t name_len;
	const char *value;
};

/*
 * nvram_next - walk over the variables. `*pos`: 0 at the start, kept by the
 * caller. Strings without '=' or with an empty name are skipped.
 * Returns true and fills `var`, valid as nvram_get()'s result; false: no more.
 */
bool nvram_next(size_t *pos, struct nvram_var *var);

/*
 * nvram_set - store `name=value`, in place of an older value. Only the bytes
 * that change are written. `name`: not empty, without '='.
 * Returns 0; ERR_INVAL; ERR_NOSPACE: the partition is full, the older value
 * stands; ERR_NODEV: no NVRAM; ERR_IO, ERR_NOTSUP. See reason().
 */
must_check int nvram_set(const char *name, const char *value);

/* nvram_unset - remove a variable; a missing one is ignored. As nvram_set(). */
must_check int nvram_unset(const char *name);

#endif

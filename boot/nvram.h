/* SPDX-License-Identifier: BSD-2-Clause */
/* NVRAM partitions, and the variables in one of them (LoPAR, NVRAM). */
#ifndef BOOT_NVRAM_H
#define BOOT_NVRAM_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * nvram_open - find the variables and read them.
 * Uses the partition "common", else the partition "system" that QEMU's
 * -prom-env makes. If there is neither, it formats the whole NVRAM, prints a
 * line, and stores `initial`: `len` bytes of "name=value" strings, each
 * NUL-terminated. May be called again.
 * Returns 0; ERR_NODEV: the machine has no NVRAM; ERR_IO, ERR_NOTSUP,
 * ERR_NOMEM, ERR_NOSPACE (too small): see reason(). After a failure there are
 * no variables, and nvram_set() fails with ERR_NODEV.
 */
must_check int nvram_open(const char *initial, size_t len);

/* One variable: `name` is not NUL-terminated, `value` is. */
struct nvram_var {
	const char *name;
	size_t name_len;
	const char *value;
};

/*
 * nvram_next - walk over the variables. `*pos`: 0 at the start, kept by the
 * caller. Strings without '=' or with an empty name are skipped. A name may
 * appear twice: the later value counts.
 * Returns true and fills `var`, valid until the next nvram_set(); false: no
 * more.
 */
bool nvram_next(size_t *pos, struct nvram_var *var);

/*
 * nvram_set - store `name=value`, replacing an older value. Only the bytes from
 * the first to the last change are written. `name`: not empty, without '='.
 * Returns 0; ERR_INVAL; ERR_NOSPACE: the partition is full, the older value
 * remains; ERR_NODEV: no NVRAM; ERR_NOMEM; ERR_IO, ERR_NOTSUP. See reason().
 */
must_check int nvram_set(const char *name, const char *value);

#endif

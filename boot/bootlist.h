/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices to boot, in which order: policy without I/O. */
#ifndef BOOT_BOOTLIST_H
#define BOOT_BOOTLIST_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct boot_target {
	struct list link;
	char *device; /* device path or alias, with or without ":args"; owned */
	char *path; /* its canonical path; `device` if it is not found; owned */
	char *args; /* the client's bootargs, "" for none; owned */
};

/*
 * bootlist_build - list the targets in the order in which to try them.
 * `targets`: an empty list, receives struct boot_target; free it with
 * bootlist_free(), also after a failure.
 * `device`: NULL for the policy: /chosen's qemu,boot-list, qemu,boot-device,
 * the variable boot-device, else the aliases disk*, cdrom*, net*. Otherwise
 * that device, then the variable boot-device.
 * `args`: NULL for the variable boot-file (diag-file with diag-switch?).
 * Returns 0, also with no target at all, or ERR_NOMEM.
 */
must_check int bootlist_build(struct list *targets, const char *device,
			      const char *args);

/*
 * bootlist_wants_rest - may a target be a device that is scanned only on
 * demand (USB)? True without a boot list, and if a device of the list, or
 * `device` if that is not NULL, is not in the tree.
 */
bool bootlist_wants_rest(const char *device);

/*
 * bootlist_next_alias - of the aliases "disk1", "disk2"... of `family` "disk",
 * the one with the lowest number above `*num`, which becomes its number. The
 * plain name has number 0. Returns the name, as in /aliases, or NULL.
 */
const char *bootlist_next_alias(const char *family, uint64_t *num);

/* bootlist_first - the first target, or NULL. */
struct boot_target *bootlist_first(const struct list *targets);

/* bootlist_forget - remove the targets that `tried` has, too. */
void bootlist_forget(struct list *targets, const struct list *tried);

/* bootlist_free - free all targets; the list is empty afterwards. */
void bootlist_free(struct list *targets);

#endif

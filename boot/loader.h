/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading a client from a device, with a reason for each failure. */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "boot/bootlist.h"
#include "packages/elf.h"

/*
 * loader_load - load a target: print "Trying to load: ..." and the outcome; set
 * /chosen bootpath and bootargs; claim the client's memory.
 * Returns 0 with *entry; LOADER_SCRIPT: it was a script of known phrases, which
 * has been run; or ERR_*, printed with its E-code.
 */
must_check int loader_load(const struct boot_target *target,
			   struct elf_entry *entry);

#define LOADER_SCRIPT 1

#endif

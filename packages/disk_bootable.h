/* SPDX-License-Identifier: BSD-2-Clause */
/* What disk-label boots from a disk. */
#ifndef PACKAGES_DISK_BOOTABLE_H
#define PACKAGES_DISK_BOOTABLE_H

#include "packages/bootable.h"

/* disk_bootable - the boot partition, or the file that bootinfo.txt names. */
extern const struct bootable disk_bootable;

#endif

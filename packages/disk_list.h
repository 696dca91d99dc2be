/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt's "ls" of disks. */
#ifndef PACKAGES_DISK_LIST_H
#define PACKAGES_DISK_LIST_H

#include "packages/volume.h"

/*
 * disk_list - print the files of a directory or the partitions of a disk
 * for the prompt's `ls`. `args`: the text after ':' in a path.
 * Returns 0 or ERR_* with reason().
 */
must_check int disk_list(struct block_device *bd, const char *args);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt's "ls" of disks. */
#ifndef PACKAGES_DISK_LIST_H
#define PACKAGES_DISK_LIST_H

#include "packages/filesystem.h"

/*
 * disk_list - print the files of a directory or the partitions of a disk
 * for the prompt's `ls`. `args`: the text after ':' in a path.
 * Returns 0 or ERR_* with reason().
 */
must_check int disk_list(struct block_device *bd, const char *args);

/*
 * disk_each_file - call `each` for the files of a directory, or of a volume's
 * root; a file has none. Returns as disk_list().
 */
must_check int disk_each_file(struct block_device *bd, const char *args,
			      file_each_fn *each, void *arg);

#endif

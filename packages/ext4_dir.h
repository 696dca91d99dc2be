/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories, read from end to end: hashed ones can be, too. */
#ifndef PACKAGES_EXT4_DIR_H
#define PACKAGES_EXT4_DIR_H

#include "packages/ext4.h"

/* Called for each entry; `name` has no NUL. Anything but 0 ends the walk. */
struct ext4_visitor {
	int (*each)(void *arg, uint32_t inode, const char *name, size_t len);
	void *arg;
};

/*
 * ext4_dir_walk - the entries of a directory but "." and "..".
 * Returns 0; what each() returned; ERR_FORMAT: it is malformed; ERR_NOMEM; or a
 * read error.
 */
must_check int ext4_dir_walk(struct ext4 *fs, const struct ext4_inode *dir,
			     const struct ext4_visitor *visitor);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a device that QEMU or the user names is not in the tree. */
#ifndef BOOT_MISSING_H
#define BOOT_MISSING_H

/*
 * missing_explain - after tree_resolve() has failed for `path`, of which it has
 * expanded the aliases: if a controller on the way is there, but not driven,
 * replace reason() by why and what to use instead. `scratch`: TREE_PATH_MAX
 * bytes.
 */
void missing_explain(const char *path, char *scratch);

#endif

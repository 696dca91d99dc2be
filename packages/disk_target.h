/* SPDX-License-Identifier: BSD-2-Clause */
/* What disk arguments name: the disk, a partition, or a file. */
#ifndef PACKAGES_DISK_TARGET_H
#define PACKAGES_DISK_TARGET_H

#include "packages/disk_args.h"
#include "packages/filesystem.h"
#include "packages/image.h"

struct disk_target {
	uint32_t partition; /* as named; 0: none, or the whole disk */
	struct volume vol;  /* the disk or the partition */
	bool is_file;
	struct file file; /* or a directory */
};

/*
 * disk_target_open - find what `args`, the text after ':', names. "" and "0"
 * read no label. A path without a partition is searched on the whole disk; if
 * that has no file system, on its partitions, active ones first.
 * Returns 0: close with disk_target_close(); ERR_INVAL: malformed; ERR_NOENT:
 * no such partition or file; ERR_FORMAT: no table or no known file system;
 * ERR_NOMEM; or a read error; reason() tells.
 */
must_check int disk_target_open(struct block_device *bd, const char *args,
				struct disk_target *target);

/* disk_target_find - the same for parsed arguments. */
must_check int disk_target_find(struct block_device *bd,
				const struct disk_args *args,
				struct disk_target *target);

void disk_target_close(struct disk_target *target);

/*
 * disk_target_read - [offset, offset + len) of the file or volume.
 * Returns 0, ERR_RANGE or a read error.
 */
must_check int disk_target_read(const struct disk_target *target,
				uint64_t offset, void *buf, size_t len);

/*
 * disk_target_image - its bytes, to be loaded. `target` is kept and must stay
 * open.
 */
void disk_target_image(const struct disk_target *target, struct image *img);

/* disk_target_size - bytes of the file or volume. */
uint64_t disk_target_size(const struct disk_target *target);

#endif

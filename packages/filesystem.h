/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems: an open set; each source file adds one to the table. */
#ifndef PACKAGES_FILESYSTEM_H
#define PACKAGES_FILESYSTEM_H

#include "lib/table.h"
#include "packages/volume.h"

struct file {
	const struct filesystem *fs;
	void *mount; /* the file system's */
	uint64_t size;
	bool is_directory;
	uint64_t priv[4]; /* the file system's: extent, inode... */
};

struct filesystem {
	const char *name; /* node below /packages: "iso-9660" */
	/*
	 * mount - 0 with *mount set; ERR_FORMAT: another file system;
	 * ERR_NOMEM; or a read error.
	 */
	int (*mount)(const struct volume *vol, void **mount);
	/* open - `path`: components separated by '/', without a leading '/'. */
	int (*open)(void *mount, const char *path, struct file *file);
	/* read - [offset, offset+len) inside the file's size. */
	int (*read)(const struct file *file, uint64_t offset, void *buf,
		    size_t len);
	/* list - call `each` for every entry of a directory; may be NULL. */
	int (*list)(const struct file *dir,
		    void (*each)(void *arg, const char *name, uint64_t size,
				 bool is_directory),
		    void *arg);
	/* label - the volume's name, untrusted, "" for none; may be NULL. */
	void (*label)(const void *mount, char *buf, size_t size);
	/* unmount - free `mount`. */
	void (*unmount)(void *mount);
};

TABLE_DECLARE(filesystems, const struct filesystem);
#define FILESYSTEM(id)                                                         \
	TABLE_ADD(filesystems, const struct filesystem, filesystem_##id)

/*
 * file_open - open a path (separators '\' or '/', also a leading one) on the
 * volume's file system, of any known kind. Close with file_close().
 * Returns 0; ERR_FORMAT: no known file system; ERR_NOENT: no such file (the
 * reason names the missing component); or a read error.
 */
must_check int file_open(const struct volume *vol, const char *path,
			 struct file *file);

/* file_read - bounds-checked read. Returns 0, ERR_RANGE or a read error. */
must_check int file_read(const struct file *file, uint64_t offset, void *buf,
			 size_t len);

void file_close(struct file *file);

/*
 * volume_label - the name that the volume's file system has: untrusted text, ""
 * for none, cut to `size`. Returns 0; ERR_FORMAT: no known file system;
 * ERR_NOMEM; or a read error.
 */
must_check int volume_label(const struct volume *vol, char *buf, size_t size);

#endif

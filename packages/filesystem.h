/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems: an open set; each source file adds one to the table. */
#ifndef PACKAGES_FILESYSTEM_H
#define PACKAGES_FILESYSTEM_H

#include "lib/table.h"
#include "packages/volume.h"

/* The longest name of a directory entry, in bytes. [POSIX NAME_MAX] */
#define FILE_NAME_MAX 255u
/* The longest path, with what its symbolic links stand for. */
#define FILE_PATH_MAX 1024u
/* Most symbolic links of a path; GRUB: 8, too. */
#define FILE_LINKS_MAX 8u
/* Most lookups of a path: each link and ".." starts again at the root. */
#define FILE_LOOKUPS_MAX 512u
/* The largest directory, in bytes: more would take long to search. */
#define FILE_DIRECTORY_MAX (16 * MiB)

/* A file, a directory or a symbolic link, until its mount is gone. */
struct file {
	const struct filesystem *fs;
	void *mount; /* the file system's */
	uint64_t size;
	bool is_directory;
	bool is_link;
	uint64_t priv[4]; /* the file system's: extent, inode... */
};

/* What an entry of a directory is; anything special is a file. */
enum file_kind {
	FILE_PLAIN,
	FILE_DIRECTORY,
	FILE_LINK
};

/*
 * file_each_fn - gets an entry of a directory, but not "." or "..". `name`:
 * untrusted, valid during the call. `size`: in bytes; of a link: any. It must
 * not use the file system: that would move what the caller walks on.
 */
typedef void file_each_fn(void *arg, const char *name, uint64_t size,
			  enum file_kind kind);

struct filesystem {
	const char *name; /* node below /packages: "iso-9660" */
	/*
	 * mount - 0 with *mount set; ERR_FORMAT: another file system;
	 * ERR_NOTSUP: damaged, or has a feature that cannot be read;
	 * ERR_NOMEM; or a read error.
	 */
	int (*mount)(const struct volume *vol, void **mount);
	/*
	 * root - the root directory. `dir`: zero but for fs and mount; so is
	 * `file` below. Returns 0 or a read error.
	 */
	int (*root)(void *mount, struct file *dir);
	/*
	 * lookup - the entry of a directory with that name, of `len` bytes and
	 * without a NUL; never "", "." or "..". Returns 0; ERR_NOENT, without
	 * reason(): there is none; ERR_NOTSUP: it cannot be read; or a read
	 * error.
	 */
	int (*lookup)(const struct file *dir, const char *name, size_t len,
		      struct file *file);
	/*
	 * readlink - the target of a symbolic link, with a NUL; untrusted.
	 * Separators are '/'. Returns 0; ERR_NOTSUP: it cannot be read;
	 * ERR_NOSPACE: longer than `size`; or a read error. NULL: has no links.
	 */
	int (*readlink)(const struct file *link, char *buf, size_t size);
	/* read - [offset, offset+len) inside the file's size. */
	int (*read)(const struct file *file, uint64_t offset, void *buf,
		    size_t len);
	/* list - call `each` for every entry of a directory; may be NULL. */
	int (*list)(const struct file *dir, file_each_fn *each, void *arg);
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
 * volume's file system, of any known kind; symbolic links are followed. Close
 * with file_close().
 * Returns 0; ERR_FORMAT: no known file system; ERR_NOENT: no such file (the
 * reason names the missing component); ERR_NOTSUP: the file system is damaged or
 * cannot read it, too many links or lookups; ERR_NOSPACE: the path becomes too
 * long; ERR_NOMEM; or a read error.
 */
must_check int file_open(const struct volume *vol, const char *path,
			 struct file *file);

/* file_read - bounds-checked read. Returns 0, ERR_RANGE or a read error. */
must_check int file_read(const struct file *file, uint64_t offset, void *buf,
			 size_t len);

void file_close(struct file *file);

/*
 * file_name_same - for file systems: is `name` the `len` bytes at `want`, in any
 * case of ASCII letters?
 */
bool file_name_same(const char *name, const char *want, size_t len);

/*
 * volume_label - the name that the volume's file system has: untrusted text, ""
 * for none, cut to `size`. Returns 0; ERR_FORMAT: no known file system;
 * ERR_NOMEM; or a read error.
 */
must_check int volume_label(const struct volume *vol, char *buf, size_t size);

#endif

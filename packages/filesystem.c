// SPDX-License-Identifier: BSD-2-Clause
// Files on a volume's file system, of any known kind.
#include "packages/filesystem.h"

#include "lib/heap.h"
#include "lib/reason.h"

/* The volume's file system: the first that can mount it. */
static int filesystem_mount(const struct volume *vol, struct file *file)
{
	const struct filesystem *const *fs;
	int err;

	reason_fail(ERR_FORMAT, "none is built in");
	table_for_each(fs, filesystems) {
		err = (*fs)->mount(vol, &file->mount);
		if (err == ERR_FORMAT)
			continue;
		file->fs = *fs;
		return err;
	}
	return reason_fail(ERR_FORMAT, "unknown file system: %s", reason());
}

int file_open(const struct volume *vol, const char *path, struct file *file)
{
	char *copy, *p;
	int err;

	*file = (struct file){ 0 };
	while (*path == '\\' || *path == '/')
		path++;
	copy = heap_strdup(path);
	if (!copy)
		return reason_fail(ERR_NOMEM, "no memory for a path");
	for (p = copy; *p; p++) {
		if (*p == '\\')
			*p = '/';
	}
	err = filesystem_mount(vol, file);
	if (err < 0)
		goto out_copy;
	err = file->fs->open(file->mount, copy, file);
	if (err < 0)
		file_close(file);
out_copy:
	heap_free(copy);
	return err;
}

int file_read(const struct file *file, uint64_t offset, void *buf, size_t len)
{
	if (offset > file->size || len > file->size - offset)
		return reason_fail(
			ERR_RANGE,
			"byte %llu is past the end of the file at %llu",
			(unsigned long long)offset,
			(unsigned long long)file->size);
	return file->fs->read(file, offset, buf, len);
}

int volume_label(const struct volume *vol, char *buf, size_t size)
{
	struct file file = { 0 };
	int err = filesystem_mount(vol, &file);

	buf[0] = '\0';
	if (err < 0)
		return err;
	if (file.fs->label)
		file.fs->label(file.mount, buf, size);
	file_close(&file);
	return 0;
}

void file_close(struct file *file)
{
	if (file->mount)
		file->fs->unmount(file->mount);
	file->mount = NULL;
}

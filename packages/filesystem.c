// SPDX-License-Identifier: BSD-2-Clause
// Files on a volume's file system, of any known kind.
#include "packages/filesystem.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* The volume's file system: the first that can mount it. */
static int filesystem_mount(const struct volume *vol, struct file *file)
{
	const struct filesystem *const *fs;
	int err;

	table_for_each(fs, filesystems) {
		err = (*fs)->mount(vol, &file->mount);
		if (err == ERR_FORMAT)
			continue;
		file->fs = *fs;
		return err;
	}
	return reason_fail(ERR_FORMAT, "unknown file system");
}

/* A path on its way from the root, with its links replaced so far. */
struct path_walk {
	struct file *file; /* of text[0, done) */
	size_t done;	   /* bytes, up to the next component */
	unsigned links;	   /* followed */
	unsigned lookups;  /* done */
	char *text;	   /* FILE_PATH_MAX bytes; separators are '/' */
};

static int path_restart(struct path_walk *walk)
{
	struct file *file = walk->file;

	walk->done = 0;
	*file = (struct file){ .fs = file->fs,
			       .mount = file->mount,
			       .is_directory = true };
	return file->fs->root(file->mount, file);
}

static int path_fail_long(void)
{
	return reason_fail(ERR_NOSPACE, "the path is longer than %u characters",
			   FILE_PATH_MAX - 1);
}

/* Replaces text[from, to) and starts again at the root, which is cheap. */
static int path_replace(struct path_walk *walk, size_t from, size_t to,
			const char *with)
{
	size_t len = strlen(with), rest = strlen(walk->text + to) + 1;

	if (from + len + rest > FILE_PATH_MAX)
		return path_fail_long();
	memmove(walk->text + from + len, walk->text + to, rest);
	memcpy(walk->text + from, with, len);
	return path_restart(walk);
}

/* Removes "." from the text: ".." must not mistake it for its directory. */
static int path_stay(struct path_walk *walk)
{
	char *dot = walk->text + walk->done;

	memmove(dot, dot + 1, strlen(dot));
	return 0;
}

/* ".." ends at text[end): removes it and the component before it. */
static int path_parent(struct path_walk *walk, size_t end)
{
	size_t from = walk->done;

	while (from && walk->text[from - 1] == '/')
		from--;
	while (from && walk->text[from - 1] != '/')
		from--;
	return path_replace(walk, from, end, "");
}

static int path_fail(int err, const char *name, size_t len)
{
	return reason_fail(err, "\"%.*s\": %s", (int)len, name, reason());
}

/* The component of `len` bytes that follows is `link`. */
static int path_follow(struct path_walk *walk, size_t len,
		       const struct file *link)
{
	size_t at = walk->done;
	char *target;
	int err;

	if (walk->links++ == FILE_LINKS_MAX)
		return reason_fail(ERR_NOTSUP, "more than %u symbolic links",
				   FILE_LINKS_MAX);
	target = heap_alloc(FILE_PATH_MAX);
	if (!target)
		return reason_fail(ERR_NOMEM, "no memory for a path");
	err = link->fs->readlink(link, target, FILE_PATH_MAX);
	if (err == ERR_NOSPACE)
		path_fail_long();
	else if (err == 0 && !*target)
		err = reason_fail(ERR_NOENT, "an empty link");
	if (err < 0)
		path_fail(err, walk->text + at, len);
	else
		err = path_replace(walk, *target == '/' ? 0 : at, at + len,
				   target);
	heap_free(target);
	return err;
}

/* Goes into the component of `len` bytes that follows. */
static int path_enter(struct path_walk *walk, size_t len)
{
	const char *name = walk->text + walk->done;
	struct file next = { .fs = walk->file->fs, .mount = walk->file->mount };
	int err;

	if (walk->lookups++ == FILE_LOOKUPS_MAX)
		return reason_fail(ERR_NOTSUP, "more than %u lookups",
				   FILE_LOOKUPS_MAX);
	err = next.fs->lookup(walk->file, name, len, &next);
	if (err == ERR_NOENT)
		return reason_fail(err, "no file or directory \"%.*s\"",
				   (int)len, name);
	if (err < 0)
		return path_fail(err, name, len);
	if (next.is_link)
		return path_follow(walk, len, &next);
	*walk->file = next;
	walk->done += len;
	return 0;
}

static int path_step(struct path_walk *walk, size_t len)
{
	const char *name = walk->text + walk->done;

	if (!walk->file->is_directory)
		return reason_fail(ERR_NOENT, "no \"%.*s\": not in a directory",
				   (int)len, name);
	if (len == 1 && name[0] == '.')
		return path_stay(walk);
	if (len == 2 && !memcmp(name, "..", len))
		return path_parent(walk, walk->done + len);
	return path_enter(walk, len);
}

static int path_walk(struct path_walk *walk)
{
	const char *name, *slash;
	int err = path_restart(walk);

	while (err == 0 && walk->text[walk->done]) {
		if (walk->text[walk->done] == '/') {
			walk->done++;
			continue;
		}
		name = walk->text + walk->done;
		slash = strchr(name, '/');
		err = path_step(walk,
				slash ? (size_t)(slash - name) : strlen(name));
	}
	return err;
}

int file_open(const struct volume *vol, const char *path, struct file *file)
{
	struct path_walk walk = { .file = file };
	char *p;
	int err;

	*file = (struct file){ 0 };
	if (strlen(path) >= FILE_PATH_MAX)
		return path_fail_long();
	walk.text = heap_alloc(FILE_PATH_MAX);
	if (!walk.text)
		return reason_fail(ERR_NOMEM, "no memory for a path");
	fmt_str(walk.text, FILE_PATH_MAX, "%s", path);
	for (p = walk.text; *p; p++) {
		if (*p == '\\')
			*p = '/';
	}
	err = filesystem_mount(vol, file);
	if (err < 0)
		goto out_text;
	err = path_walk(&walk);
	if (err < 0)
		file_close(file);
	/* What is damaged is a known file system. */
	if (err == ERR_FORMAT)
		err = ERR_NOTSUP;
out_text:
	heap_free(walk.text);
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

bool file_name_same(const char *name, const char *want, size_t len)
{
	return strlen(name) == len && !strncasecmp(name, want, len);
}

void file_close(struct file *file)
{
	if (file->mount)
		file->fs->unmount(file->mount);
	file->mount = NULL;
}

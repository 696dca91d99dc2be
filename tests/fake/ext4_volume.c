// SPDX-License-Identifier: BSD-2-Clause
// The small ext4 file system on a disk.
#include "tests/fake/ext4_volume.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_ext4);

#define READ_MAX (1024u * 1024)

struct fake_block ext4_disk;
struct volume ext4_vol;

void ext4_prepare(void)
{
	static uint8_t image[EXT4_IMAGE_SIZE];
	static bool made;

	if (!made)
		ext4_make(image);
	made = true;
	fake_block_init(&ext4_disk, image, sizeof(image), 1024);
	assert(volume_whole(&ext4_disk.bd, &ext4_vol) == 0);
}

void ext4_finish(void)
{
	fake_block_free(&ext4_disk);
	assert(fake_heap_live() == 0);
}

uint8_t *ext4_inode(unsigned number)
{
	return ext4_fake_inode(ext4_disk.data, number);
}

uint8_t *ext4_block(unsigned block)
{
	return ext4_fake_block(ext4_disk.data, block);
}

static void use_entry(void *arg, const char *name, uint64_t size,
		      enum file_kind kind)
{
	(void)size;
	assert(kind <= FILE_LINK);
	assert(strlen(name) <= FILE_NAME_MAX);
	++*(unsigned *)arg;
}

/* In one piece, then in pieces that begin and end anywhere. */
static int use_read(const struct file *file)
{
	size_t size = (size_t)MIN(file->size, READ_MAX), at;
	uint8_t *whole = malloc(size + 1), *part = malloc(size + 1);
	int err = file_read(file, 0, whole, size);

	for (at = 0; err == 0 && at < size; at += 1500) {
		size_t len = MIN(size - at, 1500);

		err = file_read(file, at, part, len);
		assert(err || !memcmp(part, whole + at, len));
	}
	if (err == 0 && file->size > READ_MAX)
		err = file_read(file, file->size - 1, part, 1);
	free(whole);
	free(part);
	return err;
}

int ext4_use(const char *path)
{
	unsigned entries = 0;
	struct file file;
	int err = file_open(&ext4_vol, path, &file);

	if (err < 0)
		return err;
	if (file.is_directory)
		err = file.fs->list(&file, use_entry, &entries);
	else
		err = use_read(&file);
	file_close(&file);
	return err;
}

unsigned ext4_use_all(void)
{
	static const char *const paths[EXT4_PATHS] = {
		"",	  "file",	   "map",	  "deep",
		"inline", "link",	   "slow",	  "dir",
		"small",  "dir/dots/name", "small/first", "dir/deeper/second",
	};
	unsigned i, works = 0;

	for (i = 0; i < EXT4_PATHS; i++)
		works += ext4_use(paths[i]) == 0;
	return works;
}

void ext4_expect_block(const struct file *file, unsigned index, unsigned want)
{
	static const uint8_t zeros[1024];
	uint8_t buf[1024];

	assert(file_read(file, index * 1024ull, buf, sizeof(buf)) == 0);
	assert(!memcmp(buf, want ? ext4_block(want) : zeros, sizeof(buf)));
}

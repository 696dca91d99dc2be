// SPDX-License-Identifier: BSD-2-Clause
// ISO 9660 as xorriso makes it: names, links and bytes are those of the tree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/heap.h"
#include "tests/fake/host_file.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_iso9660);

#define FOLDER "build/images/iso9660"
#define TREE FOLDER "/tree"

static struct fake_block disk;
static struct volume vol;
static unsigned files, links, directories;

static void open_file(const char *path, struct file *file)
{
	if (file_open(&vol, path, file))
		fail_msg("%s: %s", path, reason());
}

static void check_file(const char *host, const char *path)
{
	struct host_file want = host_file_map(host);
	uint8_t *buf = malloc(want.size + 1);
	struct file file;

	open_file(path, &file);
	assert_false(file.is_directory || file.is_link);
	assert_int_equal(file.size, want.size);
	assert_int_equal(file_read(&file, 0, buf, want.size), 0);
	if (want.size)
		assert_memory_equal(buf, want.data, want.size);
	file_close(&file);
	free(buf);
	host_file_unmap(&want);
	files++;
}

/* filesystem.c follows links: the file system alone reads them. */
static void check_link(const char *host, const char *path)
{
	char parent[FILE_PATH_MAX], text[FILE_PATH_MAX], want[FILE_PATH_MAX];
	const char *name = strrchr(path, '/') + 1;
	ssize_t len = readlink(host, want, sizeof(want) - 1);
	struct file dir, link;

	assert_true(len > 0);
	want[len] = '\0';
	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	open_file(parent, &dir);
	link = (struct file){ .fs = dir.fs, .mount = dir.mount };
	assert_int_equal(dir.fs->lookup(&dir, name, strlen(name), &link), 0);
	assert_true(link.is_link);
	assert_int_equal(dir.fs->readlink(&link, text, sizeof(text)), 0);
	assert_string_equal(text, want);
	assert_int_equal(dir.fs->readlink(&link, text, strlen(want)),
			 ERR_NOSPACE);
	file_close(&dir);
	links++;
}

static void count_entry(void *arg, const char *name, uint64_t size,
			enum file_kind kind)
{
	(void)size;
	/* It has nothing that is not elsewhere. */
	if (kind == FILE_DIRECTORY && !strcmp(name, "rr_moved"))
		return;
	++*(unsigned *)arg;
}

static void check_directory(const char *host, const char *path)
{
	unsigned count = 0, want = 0;
	DIR *dir = opendir(host);
	struct file file;

	assert_non_null(dir);
	while (readdir(dir))
		want++;
	closedir(dir);
	open_file(path, &file);
	assert_true(file.is_directory);
	assert_int_equal(file.fs->list(&file, count_entry, &count), 0);
	assert_int_equal(count, want - 2);
	file_close(&file);
	directories++;
}

static int check_entry(const char *host, const struct stat *st, int type,
		       struct FTW *ftw)
{
	const char *path = host + strlen(TREE);

	(void)st;
	(void)ftw;
	if (type == FTW_F)
		check_file(host, path);
	else if (type == FTW_SL)
		check_link(host, path);
	else
		check_directory(host, path);
	return 0;
}

static void check_image(const char *name)
{
	struct host_file image = host_file_map(name);

	files = links = directories = 0;
	host_file_attach(&image, &disk, 2048);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	assert_int_equal(nftw(TREE, check_entry, 30, FTW_PHYS), 0);
	assert_true(files > 700 && links > 700 && directories > 22);
	/* Through links: over the root, up, and out of a moved directory. */
	check_file(TREE "/boot/vmlinux-6.1.0-50-powerpc64le", "\\vmlinuz");
	check_file(TREE "/boot/initrd.img",
		   "/boot/root/boot/boot/../initrd.img");
	check_file(TREE "/level1/level2/level3/level4/level5/level6/level7/"
			"level8/level9/file",
		   "/level1/level2/level3/level4/level5/level6/level7/level8/"
		   "level9/level10/level11/../above");
	host_file_detach(&disk);
	host_file_unmap(&image);
	assert_int_equal(fake_heap_live(), 0);
}

static void a_disc_is_read_as_its_tree(void **state)
{
	(void)state;
	check_image(FOLDER "/deep.iso");
}

static void directories_in_rr_moved_are_in_their_old_places(void **state)
{
	(void)state;
	check_image(FOLDER "/moved.iso");
}

static int make_images(void **state)
{
	(void)state;
	return system("ci-scripts/make-iso-images " FOLDER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disc_is_read_as_its_tree),
		cmocka_unit_test(
			directories_in_rr_moved_are_in_their_old_places),
	};

	return cmocka_run_group_tests(tests, make_images, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// ext2, ext3 and ext4 as mke2fs makes them: each byte is what debugfs reads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/heap.h"
#include "tests/fake/host_file.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_ext4);

#define FOLDER "build/images/ext4"
/* A larger file is compared in places. */
#define LARGE (200 * MiB)

static struct fake_block disk;
static struct volume vol;

static void prepare(const char *name, struct host_file *image, uint32_t block)
{
	char path[256];

	snprintf(path, sizeof(path), FOLDER "/%s.img", name);
	*image = host_file_map(path);
	host_file_attach(image, &disk, block);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
}

static void finish(struct host_file *image)
{
	host_file_detach(&disk);
	host_file_unmap(image);
	assert_int_equal(fake_heap_live(), 0);
}

static void open_file(const char *path, struct file *file)
{
	if (file_open(&vol, path, file))
		fail_msg("%s: %s", path, reason());
}

static void compare(const struct file *file, const struct host_file *want,
		    uint64_t offset, size_t len)
{
	uint8_t *buf = malloc(len ? len : 1);

	if (file_read(file, offset, buf, len))
		fail_msg("at %llu: %s", (unsigned long long)offset, reason());
	if (len && memcmp(buf, want->data + offset, len))
		fail_msg("%zu bytes at %llu differ", len,
			 (unsigned long long)offset);
	free(buf);
}

/* In large pieces, in small ones at odd places, and backwards. */
static void compare_all(const struct file *file, const struct host_file *want)
{
	uint64_t at;

	for (at = 0; at < want->size; at += 3 * MiB + 7)
		compare(file, want, at, MIN(want->size - at, 3 * MiB + 7));
	for (at = want->size; at >= 77777; at -= 77777)
		compare(file, want, at - 77777, 4099);
}

/* A file of 5 GiB: where it has data, and what lies beside. */
static void compare_places(const struct file *file,
			   const struct host_file *want)
{
	compare(file, want, 0, MiB);
	compare(file, want, (4ULL << 30) - MiB, 2 * MiB);
	compare(file, want, (5ULL << 30) - MiB, MiB + 100);
	compare(file, want, 1ULL << 30, MiB + 1);
}

static void check_file(const char *path, const char *reference)
{
	struct host_file want = host_file_map(reference);
	struct file file;

	open_file(path, &file);
	assert_int_equal(file.size, want.size);
	assert_false(file.is_directory);
	if (want.size < LARGE)
		compare_all(&file, &want);
	else
		compare_places(&file, &want);
	file_close(&file);
	host_file_unmap(&want);
}

static void count_entry(void *arg, const char *name, uint64_t size,
			enum file_kind kind)
{
	(void)size;
	(void)kind;
	assert_true(strcmp(name, ".") && strcmp(name, ".."));
	++*(unsigned *)arg;
}

/* Counts the lines of the list whose path is directly below. */
static unsigned children(const char *list, const char *path)
{
	size_t len = strlen(path);
	unsigned count = 0;

	for (; list; list = strchr(list, '\n')) {
		list += *list == '\n';
		if (!*list)
			break;
		if (strncmp(list + 2, path, len) || list[2 + len] != '/')
			continue;
		count += strcspn(list + 2 + len + 1, "/\t") ==
			 strcspn(list + 2 + len + 1, "\t");
	}
	return count;
}

static void check_directory(const char *path, const char *list)
{
	struct file file;
	unsigned count = 0;

	open_file(path, &file);
	assert_true(file.is_directory);
	assert_int_equal(file.fs->list(&file, count_entry, &count), 0);
	assert_int_equal(count, children(list, path));
	file_close(&file);
}

/* filesystem.c follows links: the file system alone reads them. */
static void check_link(const char *path, const char *target)
{
	char parent[512], text[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct file dir, link;

	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	open_file(parent, &dir);
	link = (struct file){ .fs = dir.fs, .mount = dir.mount };
	assert_int_equal(dir.fs->lookup(&dir, name, strlen(name), &link), 0);
	assert_true(link.is_link);
	assert_int_equal(dir.fs->readlink(&link, text, sizeof(text)), 0);
	assert_string_equal(text, target);
	assert_int_equal(dir.fs->readlink(&link, text, strlen(target)),
			 ERR_NOSPACE);
	file_close(&dir);
	open_file(path, &dir);
	file_close(&dir);
}

static void check_line(char *line, const char *list)
{
	char *path = line + 2, *more = strchr(path, '\t');

	assert_non_null(more);
	*more++ = '\0';
	if (*line == 'f')
		check_file(path, more);
	else if (*line == 'd')
		check_directory(path, list);
	else
		check_link(path, more);
}

/* Everything in an image; returns how many paths it has. */
static unsigned check_image(const char *name, uint32_t block)
{
	char path[256], line[4096];
	struct host_file image, list;
	unsigned count = 0;
	FILE *f;

	prepare(name, &image, block);
	snprintf(path, sizeof(path), FOLDER "/%s.list", name);
	list = host_file_map(path);
	f = fopen(path, "r");
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f); count++) {
		line[strcspn(line, "\n")] = '\0';
		check_line(line, (const char *)list.data);
	}
	fclose(f);
	host_file_unmap(&list);
	finish(&image);
	return count;
}

static void block_maps_of_every_level_are_read(void **state)
{
	(void)state;
	assert_true(check_image("ext2", 512) > 15);
	assert_true(check_image("revision_0", 512) > 15);
	assert_true(check_image("small_inodes", 4096) > 15);
}

static void extents_of_every_depth_are_read(void **state)
{
	(void)state;
	assert_true(check_image("depths", 512) > 15);
}

static void a_file_of_more_than_4_gib_is_read(void **state)
{
	(void)state;
	assert_true(check_image("far", 4096) > 15);
}

static void hashed_directories_are_read(void **state)
{
	(void)state;
	assert_true(check_image("htree", 512) > 1200);
}

static void descriptors_in_every_place_are_found(void **state)
{
	(void)state;
	assert_true(check_image("meta_bg", 512) > 400);
	assert_true(check_image("meta_bg_every", 1024) > 400);
	assert_true(check_image("meta_bg_two", 512) > 400);
}

static void clusters_of_blocks_are_read(void **state)
{
	(void)state;
	assert_true(check_image("bigalloc", 512) > 400);
	assert_true(check_image("bigalloc_1k", 512) > 15);
	assert_true(check_image("bigalloc_1k_plain", 512) > 15);
}

static void inline_data_are_read(void **state)
{
	(void)state;
	assert_true(check_image("inline", 512) > 25);
	assert_true(check_image("inline_1024", 2048) > 25);
}

static void features_without_a_meaning_for_readers_are_accepted(void **state)
{
	(void)state;
	assert_true(check_image("features", 512) > 15);
	assert_true(check_image("big_inodes", 512) > 15);
}

static void blocks_of_64_kib_are_read(void **state)
{
	(void)state;
	assert_true(check_image("blocks_64k", 512) > 15);
}

/* The block of lost+found, inode 11, becomes one entry that is not used. */
static void entries_of_64_kib_have_two_lengths(void **state)
{
	static const uint8_t start[] = { 11, 0, 0, 0, 12, 0 };
	static const uint8_t unused[][6] = { { 0, 0, 0, 0, 0, 0 },
					     { 0, 0, 0, 0, 0xff, 0xff } };
	struct host_file image;
	uint8_t *block;

	(void)state;
	prepare("blocks_64k", &image, 512);
	block = image.data;
	while (memcmp(block, start, sizeof(start)))
		block += 64 * KiB;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(block, unused[i], sizeof(unused[i]));
		check_directory("lost+found", "");
	}
	finish(&image);
}

static void unwritten_blocks_are_zeros(void **state)
{
	(void)state;
	assert_true(check_image("unwritten", 512) > 15);
}

static void recovery_is_told_once(void **state)
{
	(void)state;
	fake_log_start();
	assert_true(check_image("recovery", 512) > 15);
	assert_true(fake_log_has("needs journal recovery"));
	fake_log_start();
	assert_true(check_image("recovery", 512) > 15);
	assert_false(fake_log_has("needs journal recovery"));
	fake_log_stop();
}

static void what_is_encrypted_is_refused(void **state)
{
	struct host_file image;
	struct file file;

	(void)state;
	prepare("encrypted", &image, 512);
	assert_int_equal(file_open(&vol, "files/4096", &file), ERR_NOTSUP);
	assert_string_equal(reason(), "\"4096\": it is encrypted");
	assert_int_equal(file_open(&vol, "empty/x", &file), ERR_NOTSUP);
	check_file("files/1024", FOLDER "/encrypted.tree/files/1024");
	finish(&image);
}

static int make_images(void **state)
{
	(void)state;
	return system("ci-scripts/make-ext4-images " FOLDER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_maps_of_every_level_are_read),
		cmocka_unit_test(extents_of_every_depth_are_read),
		cmocka_unit_test(a_file_of_more_than_4_gib_is_read),
		cmocka_unit_test(hashed_directories_are_read),
		cmocka_unit_test(descriptors_in_every_place_are_found),
		cmocka_unit_test(clusters_of_blocks_are_read),
		cmocka_unit_test(inline_data_are_read),
		cmocka_unit_test(
			features_without_a_meaning_for_readers_are_accepted),
		cmocka_unit_test(blocks_of_64_kib_are_read),
		cmocka_unit_test(entries_of_64_kib_have_two_lengths),
		cmocka_unit_test(unwritten_blocks_are_zeros),
		cmocka_unit_test(recovery_is_told_once),
		cmocka_unit_test(what_is_encrypted_is_refused),
	};

	return cmocka_run_group_tests(tests, make_images, NULL);
}

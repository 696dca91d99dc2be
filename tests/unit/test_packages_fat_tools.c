// SPDX-License-Identifier: BSD-2-Clause
// FAT file systems of mkfs.fat and mtools: each file as mcopy reads it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_fat);

/*
 * Makes an image of $SIZE KiB by mkfs.fat $OPTIONS in $DIR, which has the files
 * in `tree`, holes, and a file in these; copies all of it to `out`. FSInfo,
 * where FAT32 says where free clusters begin, is set to "unknown". mtools takes
 * FAT32 of less than 65525 clusters for FAT16: test_packages_fat.c has such.
 */
static const char script[] =
	"set -eu; cd \"$DIR\"; rm -rf image out; mkdir out\n"
	"export LC_ALL=C.UTF-8 MTOOLS_SKIP_CHECK=1\n"
	"mkfs.fat $OPTIONS -n 'A LABEL' -C image $SIZE >log 2>&1\n"
	"mcopy -Q -s -i image tree/* tree/.dot ::\n"
	"mkdir -p holes; cd holes\n"
	"for n in $(seq 100 160); do head -c 9000 ../pattern >$n; done\n"
	"mcopy -Q -i ../image * ::\n"
	"mdel -i ../image $(seq -f ::%g 100 2 160); cd ..\n"
	"case $OPTIONS in *32*) printf '\\377\\377\\377\\377' |\n"
	"dd of=image bs=1 seek=$((SECTOR + 492)) conv=notrunc status=none\n"
	"esac\n"
	"mcopy -Q -i image pattern ::pieces.bin\n"
	"mcopy -Q -s -n -i image '::*' out\n"
	"mshowfat -i image ::pieces.bin | tr ' ' '\\n' | grep -c '<' >extents\n";

static char dir[] = "/tmp/quoin-fat-XXXXXX";
static struct volume vol;
static unsigned compared;

static void put_file(const char *name, size_t size)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	for (size_t i = 0; i < size; i++)
		fputc((int)((i * 7 + i / 512 * 13 + strlen(name)) & 0xff), f);
	fclose(f);
}

static void put_folder(const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0777), 0);
}

/* Names and sizes of every kind. */
static void put_tree(void)
{
	static const char *const names[] = {
		"KERNEL.BIN",
		"lower.txt",
		"Mixed.Txt",
		"vmlinux-6.1.0-44-powerpc64le",
		"K\xc3\xb6ln gr\xc3\xbc\xc3\x9ft.txt",
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.elf",
		"\xf0\x9f\x98\x80 smile.bin",
		"thirteen.char",
		"twenty-six-characters.long",
		"a b  c.d e",
		".dot",
		"two.dots.here",
	};
	static const size_t sizes[] = { 0,    1,    511,  512,	 513,	4095,
					4096, 4097, 8192, 65536, 65537, 300000 };
	char name[300];

	put_folder("tree");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(name, sizeof(name), "tree/%s", names[i]);
		put_file(name, sizes[i]);
	}
	snprintf(name, sizeof(name), "tree/%0*d", 255, 7);
	put_file(name, 1000);
	put_folder("tree/many files");
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "tree/many files/file number %u",
			 i);
		put_file(name, i % 7);
	}
	put_folder("tree/a");
	put_folder("tree/a/deeper");
	put_folder("tree/a/deeper/folder");
	put_file("tree/a/deeper/folder/x", 20000);
	put_file("pattern", 200000);
}

static int compare(const char *path, const struct stat *status, int kind,
		   struct FTW *ftw)
{
	const char *inner = path + strlen(dir) + strlen("/out");
	size_t size = (size_t)status->st_size;
	uint8_t *expected, *got;
	struct file file;
	FILE *f;

	(void)ftw;
	if (file_open(&vol, inner, &file))
		fail_msg("%s: %s", inner, reason());
	assert_int_equal(file.is_directory, kind == FTW_D);
	if (kind == FTW_F) {
		expected = malloc(size + 1);
		got = malloc(size + 1);
		f = fopen(path, "r");
		assert_true(f && expected && got);
		assert_int_equal(fread(expected, 1, size, f), size);
		fclose(f);
		assert_int_equal(file.size, size);
		assert_int_equal(file_read(&file, 0, got, size), 0);
		assert_memory_equal(got, expected, size);
		free(expected);
		free(got);
		compared++;
	}
	file_close(&file);
	return 0;
}

static unsigned listed;

static void count_entry(void *arg, const char *name, uint64_t size,
			enum file_kind kind)
{
	(void)arg;
	(void)name;
	(void)size;
	(void)kind;
	listed++;
}

static unsigned count(const char *path)
{
	struct file file;

	listed = 0;
	assert_int_equal(file_open(&vol, path, &file), 0);
	assert_int_equal(file.fs->list(&file, count_entry, NULL), 0);
	file_close(&file);
	return listed;
}

static void *load(const char *name, size_t *size)
{
	char path[100];
	uint8_t *data;
	long end;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	end = ftell(f);
	rewind(f);
	data = calloc(1, (size_t)end + 1);
	assert_non_null(data);
	*size = fread(data, 1, (size_t)end, f);
	assert_int_equal(*size, end);
	fclose(f);
	return data;
}

static void check(const char *options, unsigned kib, unsigned sector,
		  uint32_t block_size)
{
	struct fake_block disk;
	char text[80];
	void *data;
	size_t size;

	setenv("OPTIONS", options, 1);
	snprintf(text, sizeof(text), "%u", kib);
	setenv("SIZE", text, 1);
	snprintf(text, sizeof(text), "%u", sector);
	setenv("SECTOR", text, 1);
	assert_int_equal(system(script), 0);
	data = load("extents", &size);
	assert_in_range(atoi(data), 10, 1000);
	free(data);
	data = load("image", &size);
	fake_block_init(&disk, data, size, block_size);
	free(data);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	compared = 0;
	snprintf(text, sizeof(text), "%s/out", dir);
	assert_int_equal(nftw(text, compare, 10, FTW_PHYS), 0);
	assert_int_equal(compared, 12 + 1 + 200 + 1 + 30 + 1);
	assert_int_equal(count("many files"), 200);
	assert_int_equal(count(""), 12 + 1 + 2 + 30 + 1);
	assert_int_equal(volume_label(&vol, text, sizeof(text)), 0);
	assert_string_equal(text, "A LABEL");
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void all_files_are_read_as_mcopy_does(void **state)
{
	(void)state;
	if (system("command -v mkfs.fat >/dev/null && "
		   "command -v mshowfat >/dev/null"))
		fail_msg("Debian's dosfstools or mtools is not installed");
	assert_non_null(mkdtemp(dir));
	setenv("DIR", dir, 1);
	put_tree();
	check("-F 12 -s 2", 2880, 512, 512);
	check("-F 12 -s 8", 4000, 512, 2048);
	check("-F 16 -s 1", 16384, 512, 512);
	check("-F 16 -s 2 -f 1 -r 160", 16384, 512, 4096);
	check("-F 16 -S 4096 -s 1", 32768, 4096, 4096);
	check("-F 16 -S 2048 -s 1", 32768, 2048, 512);
	check("-F 32 -s 1", 34816, 512, 512);
	check("-F 32 -s 2", 70000, 512, 4096);
	assert_int_equal(system("rm -r \"$DIR\""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_files_are_read_as_mcopy_does),
	};

	/* mkfs.fat is not in every user's path. */
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

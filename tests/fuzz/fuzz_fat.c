// SPDX-License-Identifier: BSD-2-Clause
// FAT12, FAT16 and FAT32: a sound file system, changed.
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/fat_image.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/input.h"

TABLE_LINK(filesystems, filesystem_fat);

static void each(void *arg, const char *name, uint64_t size,
		 enum file_kind kind)
{
	(void)arg;
	(void)size;
	(void)kind;
	assert(strlen(name) < FAT_NAME_SIZE);
}

static void use(const struct volume *vol, const char *path)
{
	static uint8_t buf[16384];
	struct file file;

	if (file_open(vol, path, &file))
		return;
	if (file.is_directory)
		(void)!file.fs->list(&file, each, NULL);
	if (!file.is_directory && file.size) {
		(void)!file_read(&file, 0, buf, MIN(file.size, sizeof(buf)));
		(void)!file_read(&file, file.size / 2, buf, 1);
		(void)!file_read(&file, 0, buf, 1);
		assert(file_read(&file, file.size, buf, 1));
	}
	file_close(&file);
}

static void make(struct fat_image *image)
{
	uint32_t folder;

	fat_image_make(image);
	fat_image_record(image, FAT_IMAGE_ROOT, "LABEL      ", 8, 0, 0);
	fat_image_long(image, FAT_IMAGE_ROOT, "ALONGN~1   ",
		       "a long name of a folder");
	folder = fat_image_file(image, FAT_IMAGE_ROOT, "ALONGN~1   ", NULL);
	fat_image_record(image, folder, ".          ", 0x10, folder, 0);
	fat_image_record(image, folder, "..         ", 0x10, 0, 0);
	fat_image_file(image, folder, "TEXT       ", "text");
	fat_image_fill(image, "BIG     BIN", 4000, 1);
	fat_image_fill(image, "PIECES  BIN", 4000, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t bits[] = { 12, 16, 32, 12 };
	struct fuzz_input in = { data, size };
	struct fat_image image = { 0 };
	struct fake_block disk;
	struct volume vol;
	uint8_t kind = fuzz_u8(&in), which;
	char path[256], label[12];
	size_t starts[4], used;

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	image.bits = bits[kind & 3];
	image.sector = 512u << (kind >> 2 & 1);
	make(&image);
	fuzz_str(&in, path, sizeof(path));
	/* Patches of the boot sector, the table, the root, the clusters. */
	starts[0] = 0;
	starts[1] = image.table;
	starts[2] = image.root;
	starts[3] = image.clusters_at;
	/* The rest, most of FAT16, is zeros. */
	used = fat_image_cluster(&image, image.free + 2);
	while (in.left) {
		which = fuzz_u8(&in) & 3;
		fuzz_patch(&in, image.data + starts[which],
			   used - starts[which]);
	}
	fake_block_init(&disk, image.data, used, kind & 8 ? 4096 : 512);
	disk.blocks = image.size / disk.block_size;
	fat_image_free(&image);
	assert(!volume_whole(&disk.bd, &vol));
	use(&vol, path);
	use(&vol, "a long name of a folder/text");
	use(&vol, "alongn~1");
	use(&vol, "big.bin");
	use(&vol, "pieces.bin");
	use(&vol, "");
	(void)!volume_label(&vol, label, sizeof(label));
	fake_block_free(&disk);
	assert(fake_heap_live() == 0);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// ISO 9660 discs with Rock Ridge, links and moved directories: changed.
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/block_iso.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/input.h"

TABLE_LINK(filesystems, filesystem_iso9660);

static const struct iso_node nodes[] = {
	{ .name = "" },
	{ .name = "PPC", .rock_name = "ppc" },
	{ .name = "BOOTINFO.TXT;1",
	  .rock_name = "bootinfo.txt",
	  .text = "<chrp-boot>",
	  .parent = 1 },
	{ .name = "POWERPC.ELF;1",
	  .rock_name = "powerpc-ieee1275.elf",
	  .text = "ELF one",
	  .parent = 1,
	  .continued = true },
	{ .name = "RR_MOVED", .rock_name = "rr_moved" },
	{ .name = "DEEP", .rock_name = "deep", .parent = 4, .relocated = true },
	{ .name = "FILE.;1", .text = "deep file", .parent = 5 },
	{ .name = "DEEP.;1", .rock_name = "deep", .child = 5, .parent = 1 },
	{ .name = "UP.;1", .target = "../rel", .parent = 5 },
	{ .name = "REL.;1",
	  .rock_name = "rel-link",
	  .target = "./ppc/deep/./file",
	  .continued = true },
	{ .name = "ABS.;1", .target = "/ppc/.." },
	{ .name = NULL },
};

/* All that lies on the disc but zeros ends before this. */
#define USED (32u * 2048)

static void each(void *arg, const char *name, uint64_t size,
		 enum file_kind kind)
{
	(void)arg;
	(void)size;
	assert(kind <= FILE_LINK);
	assert(strlen(name) < 1024);
}

static void use(const struct volume *vol, const char *path)
{
	struct file file;
	char buf[64];

	if (file_open(vol, path, &file))
		return;
	if (file.is_directory && file.fs->list)
		(void)!file.fs->list(&file, each, NULL);
	if (!file.is_directory && file.size) {
		(void)!file_read(&file, 0, buf, MIN(file.size, sizeof(buf)));
		(void)!file_read(&file, file.size - 1, buf, 1);
		assert(file_read(&file, file.size, buf, 1));
	}
	file_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t image[ISO_IMAGE_SIZE];
	struct fuzz_input in = { data, size };
	struct fake_block disk;
	struct volume vol;
	uint8_t kind = fuzz_u8(&in);
	char path[256];

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	iso_make(image, nodes, kind & 1);
	fuzz_str(&in, path, sizeof(path));
	/* From the volume descriptors on; further than a patch reaches. */
	fuzz_patch(&in, image + 32768, USED);
	fake_block_init(&disk, image, kind & 2 ? 32768 + USED : 40 * 2048,
			kind & 4 ? 512 : 2048);
	assert(!volume_whole(&disk.bd, &vol));
	use(&vol, path);
	use(&vol, "ppc\\bootinfo.txt");
	use(&vol, "/ppc/powerpc-ieee1275.elf");
	use(&vol, "\\");
	use(&vol, "ppc");
	use(&vol, "rel-link");
	use(&vol, "abs/ppc/deep/up");
	fake_block_free(&disk);
	assert(fake_heap_live() == 0);
	return 0;
}

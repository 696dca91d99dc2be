// SPDX-License-Identifier: BSD-2-Clause
// Disks with contents.
#include "tests/fake/block_disk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/endian.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_iso9660);

#define DISK_SIZE (2 * 1024 * 1024)
#define BOOTINFO_NODE 2u

static uint8_t iso_image[ISO_IMAGE_SIZE];

void disk_with_nothing(struct fake_block *disk)
{
	fake_block_init(disk, NULL, DISK_SIZE, 512);
}

static void make_files(const char *which)
{
	const struct iso_node nodes[] = {
		{ .name = "" },
		{ .name = "BOOT", .rock_name = "boot" },
		{ .name = "CORE.ELF;1",
		  .rock_name = "core.elf",
		  .text = "core",
		  .parent = 1 },
		{ .name = "WHICH.;1", .text = which },
		{ .name = NULL },
	};

	iso_make(iso_image, nodes, true);
}

/* Copies the image to a block of a disk. */
static void put_image(struct fake_block *disk, uint64_t lba)
{
	memcpy(disk->data + lba * disk->block_size, iso_image,
	       sizeof(iso_image));
}

void disk_with_iso(struct fake_block *disk)
{
	make_files("whole");
	fake_block_init(disk, iso_image, sizeof(iso_image), 2048);
}

void disk_with_mbr(struct fake_block *disk)
{
	disk_with_nothing(disk);
	make_files("whole");
	put_image(disk, DISK_ISO_LBA);
	table_mbr(disk, 0, 0, 0x80, 0x41, 64, 32);
	table_mbr(disk, 0, 1, 0, 0x96, DISK_ISO_LBA, ISO_IMAGE_SIZE / 512);
}

void disk_with_two_isos(struct fake_block *disk)
{
	uint32_t blocks = ISO_IMAGE_SIZE / 512;

	disk_with_nothing(disk);
	make_files("first");
	put_image(disk, DISK_ISO_LBA);
	make_files("second");
	put_image(disk, DISK_ISO_LBA + blocks);
	table_mbr(disk, 0, 0, 0, 0x96, DISK_ISO_LBA, blocks);
	table_mbr(disk, 0, 2, 0x80, 0x96, DISK_ISO_LBA + blocks, blocks);
}

static void make_bootinfo(const char *script)
{
	static char text[4096];
	const struct iso_node nodes[] = {
		{ .name = "" },
		{ .name = "PPC", .rock_name = "ppc" },
		[BOOTINFO_NODE] = { .name = "BOOTINFO.TXT;1",
				    .text = text,
				    .parent = 1 },
		{ .name = "BOOT" },
		{ .name = "CORE.ELF;1", .text = "core", .parent = 3 },
		{ .name = NULL },
	};

	snprintf(text, sizeof(text),
		 "<chrp-boot><boot-script>%s</boot-script></chrp-boot>",
		 script);
	iso_make(iso_image, nodes, true);
}

void disk_put_bootinfo(struct fake_block *disk, uint64_t lba,
		       const char *script)
{
	make_bootinfo(script);
	put_image(disk, lba);
}

void disk_with_bootinfo(struct fake_block *disk, const char *script)
{
	make_bootinfo(script);
	fake_block_init(disk, iso_image, sizeof(iso_image), 2048);
}

void disk_set_bootinfo_size(struct fake_block *disk, uint32_t size)
{
	/* The third record of \ppc, after "." and "..". */
	uint8_t *record = disk->data + (size_t)iso_extent(1) * 2048;

	record += *record;
	record += *record;
	le32_store(record + 10, size);
}

void disk_with_bad_name(struct fake_block *disk)
{
	static const struct iso_node nodes[] = {
		{ .name = "" },
		{ .name = "A.;1", .rock_name = "\033[2Jx", .text = "a" },
		{ .name = "B.;1", .rock_name = "link", .target = "a" },
		{ .name = NULL },
	};

	iso_make(iso_image, nodes, true);
	fake_block_init(disk, iso_image, sizeof(iso_image), 2048);
}

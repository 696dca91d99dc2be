// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD's boot1: looks for a file system on every partition by its number,
// and continues with ihandle 0 if nothing opened.

#include "tests/guest/clients/freebsd/freebsd.h"

#define SECTOR_SIZE 512u
#define PARTITIONS 16u

// sys/ufs/ffs/fs.h: SBLOCK_UFS2, fs_magic and its offset in struct fs
#define SUPERBLOCK 65536u
#define MAGIC_OFFSET 1372u
#define MAGIC 0x19540119u

// The test disk's "loader": words that hold their position divided by 4.
#define LOADER_AT (1u << 20)
#define LOADER_SIZE 300000u
#define LOADER_ADDRESS 0x1c00000u

// The volume that has the file system, and its number.
static uint32_t volume, partition = MISSING;

static bool on_disk(void)
{
	if (booted_from_file())
		skip("booted from a disc");
	return !booted_from_file();
}

static void reads_chosen(void)
{
	uint32_t chosen = find("/chosen");
	char text[128];

	expect_is(get_property(chosen, "stdin", text, 4), 4, "stdin");
	expect_is(get_property(chosen, "stdout", text, 4), 4, "stdout");
	expect(get_property(chosen, "bootargs", text, 128) <= 128, "bootargs");
	expect(get_property(chosen, "bootpath", text, 128) <= 128, "bootpath");
}

static void whole_volume_opens(void)
{
	unsigned char sector[SECTOR_SIZE];
	uint32_t disk;

	if (!on_disk())
		return;
	disk = open_path(boot_device());
	if (!expect(disk && disk != MISSING, "it does not open"))
		return;
	expect_is(read_bytes(disk, sector, SECTOR_SIZE), SECTOR_SIZE, "read");
	expect_is((uint32_t)sector[510] << 8 | sector[511], 0x55aa,
		  "the master boot record's end");
	close_instance(disk);
}

static const char *numbered(uint32_t number)
{
	char text[3] = { 0 };

	if (number >= 10)
		text[0] = (char)('0' + number / 10);
	text[number >= 10] = (char)('0' + number % 10);
	return with_argument(boot_device(), text);
}

static void absent_partition_does_not_open(void)
{
	uint32_t disk;

	if (!on_disk())
		return;
	for (uint32_t n = 9; n < PARTITIONS; n++) {
		disk = open_path(numbered(n));
		if (!expect_is(disk, 0, "the instance"))
			close_instance(disk);
	}
}

// dskread(): the results of seek and read are not checked.
static void read_sectors(uint32_t disk, uint64_t sector, void *to, uint32_t n)
{
	seek_to(disk, sector * SECTOR_SIZE);
	read_bytes(disk, to, n * SECTOR_SIZE);
}

static bool has_file_system(uint32_t disk)
{
	static unsigned char sector[SECTOR_SIZE];
	uint32_t at = SUPERBLOCK + MAGIC_OFFSET;

	memset(sector, 0, sizeof(sector));
	read_sectors(disk, at / SECTOR_SIZE, sector, 1);
	return guest_be32(sector + at % SECTOR_SIZE) == MAGIC;
}

static void finds_its_partition(void)
{
	uint32_t n, disk;

	if (!on_disk())
		return;
	for (n = 0; n < PARTITIONS && partition == MISSING; n++) {
		disk = open_path(numbered(n));
		if (disk == MISSING)
			continue;
		if (has_file_system(disk)) {
			volume = disk;
			partition = n;
		} else {
			close_instance(disk);
		}
	}
	expect_is(partition, 2, "the file system's partition");
}

static void tells_the_loader_where_it_is(void)
{
	const char *path = numbered(partition == MISSING ? 2 : partition);
	uint32_t size = (uint32_t)strlen(path) + 1, chosen = find("/chosen");
	char text[128];

	if (!on_disk())
		return;
	expect_is(ci1("setprop", 4, chosen, cell("bootargs"), cell(path), size),
		  size, "setprop");
	memset(text, 0x7f, sizeof(text));
	expect_is(get_property(chosen, "bootargs", text, 128), size, "getprop");
	expect_text(text, path, "bootargs");
}

static void loads_the_loader(void)
{
	unsigned char *to = (unsigned char *)LOADER_ADDRESS;
	uint32_t n;

	if (!on_disk() || !expect(volume, "there is no volume"))
		return;
	expect_is(claim(LOADER_ADDRESS, LOADER_SIZE, 0), LOADER_ADDRESS,
		  "claim");
	for (n = 0; n < LOADER_SIZE; n += SECTOR_SIZE)
		read_sectors(volume, (LOADER_AT + n) / SECTOR_SIZE, to + n, 1);
	expect(is_disk_data(to, LOADER_AT, LOADER_SIZE), "what was read");
	// the same in one piece
	memset(to, 0, LOADER_SIZE);
	read_sectors(volume, LOADER_AT / SECTOR_SIZE, to,
		     LOADER_SIZE / SECTOR_SIZE);
	expect(is_disk_data(to, LOADER_AT,
			    LOADER_SIZE / SECTOR_SIZE * SECTOR_SIZE),
	       "what was read in one piece");
	close_instance(volume);
}

#define BOOT1 "FreeBSD boot1.chrp/boot1.c"

static const struct test_case cases[] = {
	RUNS("FreeBSD: boot1 reads stdin, stdout, bootargs and bootpath", BOOT1,
	     EXPECTED, reads_chosen),
	CALLS("FreeBSD: boot1 closes ihandle 0, which is harmless", BOOT1,
	      EXPECTED, "close", IN(NUM(0))),
	CALLS("FreeBSD: boot1 seeks on ihandle 0, which says -1", BOOT1,
	      EXPECTED, "seek", IN(NUM(0), NUM(0), NUM(65536)), OUT(IS(-1))),
	CALLS("FreeBSD: boot1 reads from ihandle 0, which says -1", BOOT1,
	      EXPECTED, "read", IN(NUM(0), BUFFER, NUM(512)), OUT(IS(-1)),
	      BYTES("")),
	RUNS("FreeBSD: boot1 opens the whole volume without a partition", BOOT1,
	     EXPECTED, whole_volume_opens),
	RUNS("FreeBSD: boot1 gets 0 for a partition that is not there", BOOT1,
	     EXPECTED, absent_partition_does_not_open),
	RUNS("FreeBSD: boot1 finds its file system by partition numbers", BOOT1,
	     EXPECTED, finds_its_partition),
	RUNS("FreeBSD: boot1 leaves the partition in bootargs", BOOT1, EXPECTED,
	     tells_the_loader_where_it_is),
	RUNS("FreeBSD: boot1 reads the loader in sectors, to where it belongs",
	     BOOT1, EXPECTED, loads_the_loader),
};

GROUP("10", "boot1", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// A disk through its instances: positions, reads and writes in bytes (IEEE
// 1275-1994 6.3.2.3).

#include "tests/guest/conformance/io.h"

#define IO "IEEE 1275 6.3.2.3"
#define GRUB_DISK "GRUB disk/ieee1275/ofdisk.c"

// Most cases: open the whole disk, do something, close it.
static void with_disk(void (*test)(uint32_t disk))
{
	uint32_t disk = open_disk("0");

	if (disk) {
		test(disk);
		close_instance(disk);
	}
}

static void seek_status(uint32_t disk)
{
	seeks(disk, 0);
	seeks(disk, DISK_WORDS + 1);
	seeks(disk, DISK_4G + SECTOR);
	seeks(disk, DISK_SIZE - SECTOR);
}

static void seek_returns_0(void)
{
	with_disk(seek_status);
}

static void sizes(uint32_t disk)
{
	static const uint32_t n[] = { 1,   2,	 3,    4,    511,  512,
				      513, 1023, 1024, 4096, 4097, 65536 };
	unsigned int i;

	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		expect_words(disk, DISK_WORDS + i * 8192, big_buffer, n[i]);
}

static void reads_all_sizes(void)
{
	with_disk(sizes);
}

static void positions(uint32_t disk)
{
	static const uint32_t at[] = { 1, 3, 510, 511, 512, 513, 1023, 4095 };
	unsigned int i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		expect_words(disk, DISK_WORDS + at[i], big_buffer, 1);
		expect_words(disk, DISK_WORDS + at[i], big_buffer, 2);
		expect_words(disk, DISK_WORDS + at[i], big_buffer, 600);
	}
}

static void reads_any_position(void)
{
	with_disk(positions);
}

static void alignments(uint32_t disk)
{
	unsigned int i;

	for (i = 0; i < 17; i++)
		expect_words(disk, DISK_WORDS + 512 * i, big_buffer + i, 1024);
	expect_words(disk, DISK_WORDS, big_buffer + 4096 - 1, 4099);
}

static void reads_any_alignment(void)
{
	with_disk(alignments);
}

static void big(uint32_t disk)
{
	expect_words(disk, DISK_WORDS, big_buffer, BIG_BUFFER);
	expect_next_words(disk, DISK_WORDS + BIG_BUFFER, big_buffer, SECTOR);
	expect_words(disk, DISK_WORDS + 5, big_buffer + 3, BIG_BUFFER + 3);
	expect_next_words(disk, DISK_WORDS + 5 + BIG_BUFFER + 3, big_buffer, 7);
}

static void reads_a_megabyte(void)
{
	with_disk(big);
}

static void sequence(uint32_t disk)
{
	static const uint32_t n[] = { 1, 511, 512, 513, 3, 4096, 0, 100 };
	uint64_t at = DISK_WORDS + 2;
	unsigned int i;

	seeks(disk, at);
	for (i = 0; i < sizeof(n) / sizeof(n[0]); at += n[i++])
		expect_next_words(disk, at, big_buffer, n[i]);
}

static void position_moves(void)
{
	with_disk(sequence);
}

static void starts_at_0(void)
{
	uint32_t disk = open_disk("0"), other;

	if (!disk)
		return;
	seeks(disk, DISK_WORDS);
	other = open_disk("0");
	memset(big_buffer, 0, 2 * SECTOR);
	read_bytes(other, big_buffer, SECTOR);
	read_sector(disk, 0, big_buffer + SECTOR);
	expect_bytes(big_buffer, big_buffer + SECTOR, SECTOR,
		     "what a new instance reads first");
	close_instance(other);
	close_instance(disk);
}

static void no_bytes(uint32_t disk)
{
	seeks(disk, DISK_WORDS + 9);
	expect_is(read_bytes(disk, cases_buffer, 0), 0, "bytes read");
	expect_is(cases_buffer[0], CASES_FILL, "the byte at the buffer");
	expect_is(ci1("read", 3, disk, 0, 0, 0), 0, "bytes read to NULL");
	expect_next_words(disk, DISK_WORDS + 9, big_buffer, 9);
}

static void reads_no_bytes(void)
{
	with_disk(no_bytes);
}

static void at_4g(uint32_t disk)
{
	expect_words(disk, DISK_4G, big_buffer, SECTOR);
	expect_words(disk, DISK_4G + 3 * SECTOR + 7, big_buffer, 1000);
	expect_words(disk, DISK_4G - SECTOR, big_buffer, SECTOR);
	expect_words(disk, DISK_4G - 1, big_buffer, 1);
	expect_next_words(disk, DISK_4G, big_buffer, 1);
	expect_words(disk, DISK_4G - 4 * SECTOR, big_buffer, 8 * SECTOR);
	expect_words(disk, DISK_4G - 100, big_buffer, 200);
	expect_words(disk, DISK_4G - 64 * SECTOR, big_buffer, 128 * SECTOR);
}

static void reads_across_4g(void)
{
	with_disk(at_4g);
}

static void last(uint32_t disk)
{
	expect_words(disk, DISK_SIZE - SECTOR, big_buffer, SECTOR);
	expect_words(disk, DISK_SIZE - 1, big_buffer, 1);
	expect_words(disk, DISK_SIZE - 4 * SECTOR, big_buffer, 4 * SECTOR);
	expect_words(disk, DISK_SIZE - SECTOR - 10, big_buffer, SECTOR + 10);
}

static void reads_the_last_sector(void)
{
	with_disk(last);
}

// At the end: the bytes that exist, or none; nothing beyond them.
static void expect_end(uint32_t disk, uint64_t at, uint32_t n)
{
	uint32_t there = at < DISK_SIZE ? (uint32_t)(DISK_SIZE - at) : 0, got;
	uint32_t i;

	memset(big_buffer, CASES_FILL, n + BIG_GUARD);
	if (seek_to(disk, at) == MISSING)
		return;
	got = read_bytes(disk, big_buffer, n);
	if (got == MISSING)
		return;
	if (!expect(got <= there, "more was read than there is"))
		return;
	expect(is_disk_data(big_buffer, at, got), "the data is not the disk's");
	for (i = there; i < n + BIG_GUARD && big_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, n + BIG_GUARD, "bytes that no data is for are kept up to");
}

static void across_the_end(uint32_t disk)
{
	expect_end(disk, DISK_SIZE - SECTOR, 2 * SECTOR);
	expect_end(disk, DISK_SIZE - 10, 100);
	expect_end(disk, DISK_SIZE - 3 * SECTOR, 65536);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
}

static void reads_across_the_end(void)
{
	with_disk(across_the_end);
}

static void behind_the_end(uint32_t disk)
{
	expect_end(disk, DISK_SIZE, SECTOR);
	expect_end(disk, DISK_SIZE + 1, 1);
	expect_end(disk, DISK_SIZE + 4096, 2 * SECTOR);
	expect_end(disk, UINT64_C(1) << 41, SECTOR);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
}

static void reads_behind_the_end(void)
{
	with_disk(behind_the_end);
}

static void far_behind(uint32_t disk)
{
	static const uint64_t at[] = { UINT64_C(1) << 60,
				       UINT64_C(0x7fffffffffffffff),
				       UINT64_C(0x8000000000000000),
				       UINT64_C(0xfffffffffffffe00),
				       UINT64_C(0xffffffffffffffff) };
	unsigned int i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		expect_end(disk, at[i], SECTOR);
		expect_end(disk, at[i], 1);
	}
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
}

static void reads_far_behind(void)
{
	with_disk(far_behind);
}

static void interleaved(void)
{
	uint32_t one = open_disk("0"), two = open_disk(NULL), i;

	seeks(one, DISK_WORDS);
	seeks(two, DISK_4G - 4096);
	for (i = 0; one && two && i < 16; i++) {
		expect_next_words(one, DISK_WORDS + i * 700, big_buffer, 700);
		expect_next_words(two, DISK_4G - 4096 + i * SECTOR, big_buffer,
				  SECTOR);
	}
	close_instance(two);
	if (one)
		expect_next_words(one, DISK_WORDS + i * 700, big_buffer, 700);
	close_instance(one);
}

static uint32_t le32(const unsigned char *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[1] << 8 | at[0];
}

// The disk's first partition, in sectors; 0 after skip().
static uint32_t first_partition(uint32_t disk, uint32_t *count)
{
	unsigned char mbr[SECTOR];
	uint32_t start;

	if (!read_sector(disk, 0, mbr))
		return 0;
	start = le32(mbr + 446 + 8);
	*count = le32(mbr + 446 + 12);
	if (mbr[510] == 0x55 && mbr[511] == 0xaa && mbr[446 + 4] && start &&
	    *count >= 8)
		return start;
	skip("the disk has no MBR with a partition");
	return 0;
}

// Reads the partition and the same place on the disk.
static void same_data(uint32_t disk, uint32_t part, uint64_t start, uint64_t at,
		      uint32_t n)
{
	unsigned char *two = big_buffer + n;

	memset(big_buffer, 0, n);
	memset(two, 1, n);
	seeks(disk, start + at);
	seeks(part, at);
	expect_is(read_bytes(disk, big_buffer, n), n, "bytes of the disk");
	expect_is(read_bytes(part, two, n), n, "bytes of the partition");
	expect_bytes(two, big_buffer, n, "the partition's data");
}

static void partition_place(uint32_t disk)
{
	uint32_t count, start = first_partition(disk, &count), part;
	uint64_t from = (uint64_t)start * SECTOR;

	part = start ? open_disk("1") : 0;
	if (!part)
		return;
	same_data(disk, part, from, 0, SECTOR);
	same_data(disk, part, from, 5, 600);
	same_data(disk, part, from, 4096, 4096);
	same_data(disk, part, from, (uint64_t)(count - 1) * SECTOR, SECTOR);
	close_instance(part);
}

static void partition_begins(void)
{
	with_disk(partition_place);
}

static void partition_end(uint32_t disk)
{
	uint32_t count, start = first_partition(disk, &count), part, got, i;
	uint64_t end = (uint64_t)count * SECTOR;

	part = start ? open_disk("1") : 0;
	if (!part)
		return;
	for (i = 0; i <= SECTOR; i += SECTOR) {
		seek_to(part, end - i);
		got = read_bytes(part, big_buffer, 2 * SECTOR);
		expect(got == MISSING || got <= i,
		       "more was read than the partition has");
	}
	close_instance(part);
}

static void partition_ends(void)
{
	with_disk(partition_end);
}

#define PLACE(sector) (DISK_SCRATCH + (sector)*SECTOR)
#define SCRATCH_SECTORS 64u

static unsigned char scratch[SCRATCH_SECTORS * SECTOR];

static unsigned char written(uint32_t i, uint32_t seed)
{
	return (unsigned char)(i * 7 + i / SECTOR + seed);
}

// Writes sectors of the scratch area; expects them there and no other
// changes.
static void expect_write(uint32_t disk, uint32_t sector, uint32_t count,
			 unsigned char *from, uint32_t seed)
{
	uint32_t n = count * SECTOR, i;

	seeks(disk, PLACE(0));
	expect_is(read_bytes(disk, scratch, sizeof(scratch)), sizeof(scratch),
		  "bytes read");
	for (i = 0; i < n; i++)
		scratch[sector * SECTOR + i] = from[i] = written(i, seed);
	seeks(disk, PLACE(sector));
	expect_is(write_bytes(disk, from, n), n, "bytes written");
	for (i = 0; i < n && from[i] == written(i, seed); i++)
		;
	expect_is(i, n, "the buffer is as before up to");
	expect_words(disk, DISK_WORDS_END - SECTOR, big_buffer, SECTOR);
	seeks(disk, PLACE(0));
	memset(big_buffer, 0, sizeof(scratch));
	expect_is(read_bytes(disk, big_buffer, sizeof(scratch)),
		  sizeof(scratch), "bytes read back");
	expect_bytes(big_buffer, scratch, sizeof(scratch), "the scratch area");
}

static void write_sectors(uint32_t disk)
{
	expect_write(disk, 0, 1, big_buffer, 1);
	expect_write(disk, 5, 3, big_buffer, 2);
	expect_write(disk, 63, 1, big_buffer, 3);
	expect_write(disk, 0, 64, big_buffer, 4);
}

static void writes_sectors(void)
{
	with_disk(write_sectors);
}

static void write_unaligned(uint32_t disk)
{
	expect_write(disk, 8, 2, big_buffer + 1, 5);
	expect_write(disk, 9, 9, big_buffer + 4094, 6);
}

static void writes_any_alignment(void)
{
	with_disk(write_unaligned);
}

static void write_moves(uint32_t disk)
{
	uint32_t i;

	memset(big_buffer, 0x11, SECTOR);
	memset(big_buffer + SECTOR, 0x22, SECTOR);
	seeks(disk, PLACE(20));
	for (i = 0; i < 2; i++)
		expect_is(write_bytes(disk, big_buffer + i * SECTOR, SECTOR),
			  SECTOR, "bytes written");
	memset(big_buffer + 2 * SECTOR, 0, 2 * SECTOR);
	seeks(disk, PLACE(20));
	read_bytes(disk, big_buffer + 2 * SECTOR, 2 * SECTOR);
	expect_bytes(big_buffer + 2 * SECTOR, big_buffer, 2 * SECTOR,
		     "two sectors written in turn");
}

static void write_moves_position(void)
{
	with_disk(write_moves);
}

static void seen_by_other(uint32_t disk)
{
	uint32_t other = open_disk("0");

	read_sector(other, PLACE(30), big_buffer);
	memset(big_buffer, (unsigned char)~big_buffer[0], SECTOR);
	seeks(disk, PLACE(30));
	expect_is(write_bytes(disk, big_buffer, SECTOR), SECTOR,
		  "bytes written");
	read_sector(other, PLACE(30), big_buffer + SECTOR);
	expect_bytes(big_buffer + SECTOR, big_buffer, SECTOR,
		     "what another instance reads");
	close_instance(other);
}

static void write_is_seen(void)
{
	with_disk(seen_by_other);
}

static const struct test_case cases[] = {
	RUNS("seek of a disk is 0 or 1", IO, REQUIRED, seek_returns_0),
	RUNS("a new instance starts at the disk's start", IO, REQUIRED,
	     starts_at_0),
	RUNS("read of a disk takes any length", IO, REQUIRED, reads_all_sizes),
	RUNS("read of a disk takes any position", IO, REQUIRED,
	     reads_any_position),
	RUNS("read of a disk takes any buffer alignment", IO, REQUIRED,
	     reads_any_alignment),
	RUNS("read of a megabyte, and of 3 bytes more", IO, REQUIRED,
	     reads_a_megabyte),
	RUNS("read moves the position by what it read", IO, REQUIRED,
	     position_moves),
	RUNS("read of no bytes is 0 and moves nothing", IO, REQUIRED,
	     reads_no_bytes),
	RUNS("seek's high cell reaches beyond 4 GiB, read crosses it", IO,
	     REQUIRED, reads_across_4g),
	RUNS("the disk's last sector can be read", IO, REQUIRED,
	     reads_the_last_sector),
	RUNS("GRUB: a read across a disk's end is short or fails", GRUB_DISK,
	     EXPECTED, reads_across_the_end),
	RUNS("GRUB: a read past a disk's end gives nothing", GRUB_DISK,
	     EXPECTED, reads_behind_the_end),
	RUNS("a read from 2^60 and higher gives nothing", IO, EXPECTED,
	     reads_far_behind),
	RUNS("two instances of a disk have positions of their own", IO,
	     REQUIRED, interleaved),
	RUNS("a partition's instance begins where the partition does",
	     "CHRP 11.1.2", REQUIRED, partition_begins),
	RUNS("a partition's instance ends where the partition does",
	     "CHRP 11.1.2", REQUIRED, partition_ends),
	RUNS("GRUB: whole sectors can be written, and no others change",
	     GRUB_DISK, EXPECTED, writes_sectors),
	RUNS("write to a disk takes any buffer alignment", IO, EXPECTED,
	     writes_any_alignment),
	RUNS("write moves the position by what it wrote", IO, EXPECTED,
	     write_moves_position),
	RUNS("another instance reads what was written", IO, EXPECTED,
	     write_is_seen),
};

GROUP("55", "disk", NULL);

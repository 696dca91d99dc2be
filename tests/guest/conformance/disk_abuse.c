// SPDX-License-Identifier: BSD-2-Clause
// A client asks a disk for the impossible: the firmware refuses and
// survives; memory and disk stay unchanged.

#include "tests/guest/conformance/io.h"

#define IO "IEEE 1275 6.3.2.3"
#define PLACE(sector) (DISK_SCRATCH + (sector)*SECTOR)

static uint32_t disk;

static void with_disk(void (*test)(void))
{
	disk = open_disk("0");
	if (!disk)
		return;
	test();
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
	close_instance(disk);
	expect_alive();
}

static void read_into(const struct bad_place *place)
{
	uint32_t n;

	seeks(disk, DISK_WORDS);
	n = ci1("read", 3, disk, place->at, place->length, 0);
	expect(n == MISSING || n == 0, place->name);
	// The next read continues undisturbed.
	expect_words(disk, DISK_WORDS + SECTOR, big_buffer, SECTOR);
}

static void read_into_bad_places(void)
{
	for_bad_places(read_into);
}

static void bad_reads(void)
{
	with_disk(read_into_bad_places);
}

static void write_from(const struct bad_place *place)
{
	uint32_t n;

	memset(big_buffer, 0, 2 * SECTOR);
	read_sector(disk, PLACE(40), big_buffer);
	seeks(disk, PLACE(40));
	n = ci1("write", 3, disk, place->at, SECTOR, 0);
	expect(n == MISSING || n == 0, place->name);
	read_sector(disk, PLACE(40), big_buffer + SECTOR);
	expect_bytes(big_buffer + SECTOR, big_buffer, SECTOR,
		     "the sector not written");
}

static void write_from_bad_places(void)
{
	for_bad_places(write_from);
}

static void bad_writes(void)
{
	with_disk(write_from_bad_places);
}

// No one owns the last bytes below 2^32 here: a length that reaches them from
// the client is refused or cut to the disk's size.
static void huge_read(void)
{
	static const uint32_t lengths[] = { 0x7fffffff, 0x80000000, 0xfffffe00,
					    0xffffffff };
	unsigned int i, j;

	for (i = 0; i < 4; i++) {
		uint32_t got;

		memset(big_buffer, CASES_FILL, 2 * SECTOR);
		seeks(disk, DISK_SIZE - SECTOR);
		got = read_bytes(disk, big_buffer, lengths[i]);
		if (!expect(got == MISSING || got <= SECTOR,
			    "more was read than there is"))
			return;
		if (got != MISSING)
			expect(is_disk_data(big_buffer, DISK_SIZE - SECTOR,
					    got),
			       "the data is not the disk's");
		for (j = SECTOR; j < 2 * SECTOR; j++)
			expect(big_buffer[j] == CASES_FILL,
			       "bytes past the disk's last changed");
	}
}

static void huge_reads(void)
{
	with_disk(huge_read);
}

// Writes the existing contents, in case a firmware writes a part.
static void huge_write(void)
{
	uint32_t n;

	read_sector(disk, DISK_SIZE - SECTOR, big_buffer);
	seeks(disk, DISK_SIZE - SECTOR);
	n = write_bytes(disk, big_buffer, 0xfffffe00);
	expect(n == MISSING || n <= SECTOR, "more was written than there is");
	seeks(disk, DISK_SIZE - SECTOR);
	n = write_bytes(disk, big_buffer, 2 * SECTOR);
	expect(n == MISSING || n <= SECTOR, "more was written than there is");
	expect_words(disk, DISK_SIZE - SECTOR, big_buffer, SECTOR);
}

static void huge_writes(void)
{
	with_disk(huge_write);
}

static void write_behind(void)
{
	static const uint64_t at[] = { DISK_SIZE, DISK_SIZE + 4096,
				       UINT64_C(1) << 41, UINT64_C(1) << 60,
				       UINT64_C(0xfffffffffffffe00) };
	unsigned int i;

	memset(big_buffer, 0x77, 2 * SECTOR);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint32_t n;

		if (seek_to(disk, at[i]) == MISSING)
			continue;
		n = write_bytes(disk, big_buffer, SECTOR);
		expect(n == MISSING || n == 0, "a write past the end");
	}
	expect_words(disk, DISK_SIZE - SECTOR, big_buffer, SECTOR);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
}

static void writes_behind_the_end(void)
{
	with_disk(write_behind);
}

// Half a sector may be refused or written; its neighbours never change.
static void write_part(uint64_t at, uint32_t n)
{
	unsigned char *old = big_buffer, *new = big_buffer + 4096;
	unsigned char *now = big_buffer + 8192;
	uint32_t got, from = (uint32_t)(at - PLACE(44));

	seeks(disk, PLACE(44));
	read_bytes(disk, old, 4 * SECTOR);
	memset(new, old[from] ^ 0xff, n);
	seeks(disk, at);
	got = write_bytes(disk, new, n);
	if (got != MISSING && expect(got <= n, "more was written than asked"))
		memcpy(old + from, new, got);
	seeks(disk, PLACE(44));
	read_bytes(disk, now, 4 * SECTOR);
	expect_bytes(now, old, 4 * SECTOR, "the sectors around a part");
}

static void write_parts(void)
{
	write_part(PLACE(45), 100);
	write_part(PLACE(45), 1);
	write_part(PLACE(45) + 1, SECTOR);
	write_part(PLACE(45) + 7, 11);
	write_part(PLACE(45), SECTOR + 1);
	write_part(PLACE(46) - 1, 2);
}

static void part_writes(void)
{
	with_disk(write_parts);
}

static void write_nothing(void)
{
	seeks(disk, PLACE(50));
	expect_is(write_bytes(disk, big_buffer, 0), 0, "bytes written");
	expect_is(ci1("write", 3, disk, 0, 0, 0), 0, "bytes written from NULL");
	read_sector(disk, PLACE(50), big_buffer);
	seeks(disk, PLACE(50));
	write_bytes(disk, cases_buffer, 0);
	expect_is(read_bytes(disk, big_buffer + SECTOR, SECTOR), SECTOR,
		  "bytes read");
	expect_bytes(big_buffer + SECTOR, big_buffer, SECTOR,
		     "the sector at the position");
}

static void empty_writes(void)
{
	with_disk(write_nothing);
}

// Firmware may protect the partition table, but must report it.
static void write_first_sectors(void)
{
	static const uint32_t sectors[] = { 1, 33, 34 };
	unsigned char *now = big_buffer + SECTOR;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		uint64_t at = (uint64_t)sectors[i] * SECTOR;
		uint32_t n;

		read_sector(disk, at, big_buffer);
		big_buffer[100] ^= 0xff;
		seeks(disk, at);
		n = write_bytes(disk, big_buffer, SECTOR);
		if (n != SECTOR)
			big_buffer[100] ^= 0xff;
		read_sector(disk, at, now);
		expect_bytes(now, big_buffer, SECTOR, "the sector");
		if (n != SECTOR) {
			expect(!n || n == MISSING,
			       "a refused write wrote some bytes");
			continue;
		}
		big_buffer[100] ^= 0xff;
		seeks(disk, at);
		write_bytes(disk, big_buffer, SECTOR);
	}
}

static void first_sectors(void)
{
	with_disk(write_first_sectors);
}

// Address 0 is memory, so the read may succeed; restores the contents.
// A loop hides the null pointer from the compiler.
static void copy_bytes(unsigned char *to, uintptr_t to_low,
		       const unsigned char *from)
{
	volatile unsigned char *low = (volatile unsigned char *)to_low;
	uint32_t i;

	for (i = 0; i < SECTOR; i++)
		if (to)
			to[i] = low[i];
		else
			low[i] = from[i];
}

static void read_to_null(void)
{
	static unsigned char before[SECTOR], after[SECTOR];
	volatile uintptr_t null = 0;
	uint32_t n;

	copy_bytes(before, null, NULL);
	seeks(disk, DISK_WORDS);
	n = ci1("read", 3, disk, 0, SECTOR, 0);
	copy_bytes(after, null, NULL);
	copy_bytes(NULL, null, before);
	if (n == SECTOR)
		expect(is_disk_data(after, DISK_WORDS, SECTOR),
		       "the data is not the disk's");
	else if (expect(n == MISSING || n == 0, "a part was read"))
		expect_bytes(after, before, SECTOR, "memory at 0");
}

static void null_reads(void)
{
	with_disk(read_to_null);
}

static void phandle_is_none(void)
{
	uint32_t node;

	if (!data_disk())
		return;
	node = find(data_disk());
	expect_is(read_bytes(node, cases_buffer, 16), MISSING, "read");
	expect_is(write_bytes(node, cases_buffer, SECTOR), MISSING, "write");
	expect_is(seek_to(node, 0), MISSING, "seek");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
	expect_alive();
}

static void stale_is_none(void)
{
	uint32_t old = open_disk("0"), new;

	if (!old)
		return;
	close_instance(old);
	new = open_disk("0");
	seeks(new, DISK_WORDS);
	expect_is(seek_to(old, DISK_WORDS + 4096), MISSING, "seek");
	expect_is(read_bytes(old, cases_buffer, 16), MISSING, "read");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
	expect_next_words(new, DISK_WORDS, big_buffer, SECTOR);
	close_instance(new);
	expect_alive();
}

// Buffer changes between calls do not affect the earlier call.
static void buffer_reused(void)
{
	unsigned char *pages = big_buffer;
	uint32_t i;

	for (i = 0; i < 8; i++) {
		memset(pages, (int)i, 4096);
		expect_words(disk, DISK_WORDS + i * 4096, pages, 4096);
		expect_words(disk, DISK_4G + i * SECTOR, pages, SECTOR);
	}
}

static void one_buffer(void)
{
	with_disk(buffer_reused);
}

static const struct test_case cases[] = {
	RUNS("read of a disk into foreign memory fails and harms nothing", IO,
	     EXPECTED, bad_reads),
	RUNS("write to a disk from foreign memory fails, nothing is written",
	     IO, EXPECTED, bad_writes),
	RUNS("read of a disk to address 0 is done, or fails", IO, EXPECTED,
	     null_reads),
	RUNS("read of 4 GiB at a disk's end is short or fails", IO, EXPECTED,
	     huge_reads),
	RUNS("write of 4 GiB at a disk's end is short or fails", IO, EXPECTED,
	     huge_writes),
	RUNS("write past a disk's end fails", IO, EXPECTED,
	     writes_behind_the_end),
	RUNS("write of part of a sector changes no other byte", IO, EXPECTED,
	     part_writes),
	RUNS("write of no bytes to a disk is 0 and moves nothing", IO, REQUIRED,
	     empty_writes),
	RUNS("write to a disk's first sectors is done or refused", IO, EXPECTED,
	     first_sectors),
	RUNS("one buffer takes read after read", IO, REQUIRED, one_buffer),
	RUNS("read, write and seek of a disk's phandle are -1", IO, EXPECTED,
	     phandle_is_none),
	RUNS("a closed ihandle does not move a new instance", IO, EXPECTED,
	     stale_is_none),
};

GROUP("56", "disk abuse", NULL);

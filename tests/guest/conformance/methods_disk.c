// SPDX-License-Identifier: BSD-2-Clause
// Methods that a disk or its label may have besides those that services call
// (IEEE 1275-1994 3.8).

#include "tests/guest/conformance/io.h"

static bool lacks(const char *method)
{
	const char *path = data_disk();

	if (path && !has_method(find(path), method))
		skip("a disk has no such method");
	return !path || !has_method(find(path), method);
}

static uint32_t blocks(uint32_t disk)
{
	struct method_call call = { "#blocks", disk, 0, 1, { 0 }, { 0 } };

	expect_is(call_method(&call), 0, "the catch-result");
	return call.out[0];
}

static void gives_blocks(void)
{
	uint32_t disk, part, size;

	if (lacks("#blocks"))
		return;
	disk = open_disk("0");
	expect_is(blocks(disk), (uint32_t)(DISK_SIZE / SECTOR), "#blocks");
	close_instance(disk);
	part = open_path(disk_path("1"));
	if (!part || part == MISSING)
		return;
	size = blocks(part);
	expect(size && size < DISK_SIZE / SECTOR, "#blocks of a partition is "
						  "not less than the disk's");
	expect(read_sector(part, (uint64_t)(size - 1) * SECTOR, big_buffer),
	       "its last sector cannot be read");
	seeks(part, (uint64_t)size * SECTOR);
	size = read_bytes(part, big_buffer, SECTOR);
	expect(!size || size == MISSING, "there are more sectors");
	close_instance(part);
}

static void move_once(uint32_t disk, uint32_t limit)
{
	uint32_t n = limit < BIG_BUFFER ? limit : BIG_BUFFER;

	expect(limit && !(limit % SECTOR), "max-transfer is not of blocks");
	expect_words(disk, DISK_WORDS, big_buffer, n);
}

static void largest_transfer(void)
{
	struct method_call call = { "max-transfer", 0, 0, 1, { 0 }, { 0 } };

	if (lacks("max-transfer"))
		return;
	call.ihandle = open_disk("0");
	if (call_method(&call))
		skip("an opened disk has no such method");
	else
		move_once(call.ihandle, call.out[0]);
	close_instance(call.ihandle);
}

// read-blocks ( addr block# #blocks -- #read )
static void blocks_by_method(void)
{
	struct method_call call = { "read-blocks",
				    0,
				    3,
				    1,
				    { 4, DISK_WORDS / SECTOR, cell(big_buffer) },
				    { 0 } };

	if (lacks("read-blocks"))
		return;
	call.ihandle = open_disk("0");
	if (call_method(&call)) {
		skip("an opened disk has no such method");
	} else {
		expect_is(call.out[0], 4, "blocks read");
		expect(is_disk_data(big_buffer, DISK_WORDS, 4 * SECTOR),
		       "the data is not the disk's");
	}
	close_instance(call.ihandle);
}

// The first partition's start from the MBR, in bytes below 4 GiB.
static uint32_t partition_start(void)
{
	uint32_t disk = open_disk("0");
	unsigned char *mbr = big_buffer;

	if (!disk || !read_sector(disk, 0, mbr))
		return 0;
	close_instance(disk);
	return ((uint32_t)mbr[456] << 16 | (uint32_t)mbr[455] << 8 | mbr[454]) *
	       SECTOR;
}

// A partition's offset ( d.relative -- d.absolute ) and load ( addr -- size );
// a caught call means that the method is missing.
static void partition_method(struct method_call *call,
			     void (*check_results)(struct method_call *call))
{
	const char *path = disk_path("1");

	call->ihandle = path ? open_path(path) : 0;
	if (path && (!call->ihandle || call->ihandle == MISSING))
		skip("there is no partition");
	if (!path || !call->ihandle || call->ihandle == MISSING)
		return;
	if (call_method(call))
		skip("an opened partition has no such method");
	else
		check_results(call);
	close_instance(call->ihandle);
}

static void check_offset(struct method_call *call)
{
	expect_is(call->out[0], 0, "the high cell");
	expect_is(call->out[1], partition_start() + 0x1234, "the low cell");
}

static void adds_offset(void)
{
	struct method_call call = { "offset", 0, 2, 2, { 0, 0x1234 }, { 0 } };

	partition_method(&call, check_offset);
}

static void check_load(struct method_call *call)
{
	const void *at = (const void *)(uintptr_t)call->in[0];

	expect_not(call->out[0], 0, "the size");
	read_sector(call->ihandle, 0, big_buffer);
	expect_bytes(at, big_buffer, SECTOR, "what was loaded");
}

static void loads_partition(void)
{
	uint32_t place = claim(0, 16u << 20, 0x1000);
	struct method_call call = { "load", 0, 1, 1, { place }, { 0 } };

	if (!expect_not(place, MISSING, "memory to load into"))
		return;
	partition_method(&call, check_load);
	release(place, 16u << 20);
}

static const struct test_case cases[] = {
	RUNS("#blocks tells how many blocks a disk or partition has",
	     "FreeBSD ofw_disk.c", EXTENSION, gives_blocks),
	RUNS("max-transfer of a disk can be read at once", "IEEE 1275 3.8",
	     EXTENSION, largest_transfer),
	RUNS("read-blocks of a disk reads blocks", "IEEE 1275 3.8", EXTENSION,
	     blocks_by_method),
	RUNS("offset of a partition adds where it begins", "IEEE 1275 3.8",
	     EXTENSION, adds_offset),
	RUNS("load of a partition loads it", "IEEE 1275 3.8", EXTENSION,
	     loads_partition),
};

GROUP("62", "disk methods", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Instances and their input and output (IEEE 1275-1994 6.3.2.3), on the
// console and on a disk whose every 4-byte word is its own number.

#include "tests/guest/ci/ci.h"

#define SECTOR 512u
#define MANY 300

static unsigned char buffer[1 << 20];

// The disk's byte at a position (see tests/system/test_guest_ci.py).
static unsigned char pattern(uint64_t position)
{
	return (unsigned char)(position / 4 >> (24 - 8 * (position % 4)));
}

static bool is_pattern(const unsigned char *data, uint64_t at, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (data[i] != pattern(at + i))
			return false;
	return true;
}

static bool reads(uint32_t disk, uint64_t at, unsigned char *to, uint32_t n)
{
	memset(to, 0x55, n);
	return seek_to(disk, at) < 2 && read_bytes(disk, to, n) == n &&
	       is_pattern(to, at, n);
}

static void check_many_instances(void)
{
	static uint32_t instances[MANY];
	unsigned int opened, i;

	for (opened = 0; opened < MANY; opened++) {
		instances[opened] = open_path("disk:0");
		if (!instances[opened])
			break;
	}
	check_eq(opened, MANY, "300 instances can be open at a time");
	check(reads(instances[0], 4096, buffer, SECTOR) &&
		      reads(instances[opened - 1], 512, buffer, SECTOR),
	      "the first and the last of them work");
	for (i = 0; i < opened; i++)
		close_instance(instances[i]);
}

void check_instances(void)
{
	uint32_t disk = open_path("disk:0"), root = open_path("/");
	char path[128] = "", alias[128];

	text_property("/aliases", "disk", alias, sizeof(alias));
	check(disk && disk != MISSING, "open of a disk gives an instance");
	check(root && root != MISSING, "Linux: the root can be opened");
	check_eq(ci1("instance-to-package", 1, disk, 0, 0, 0), find("disk"),
		 "instance-to-package gives the device's node");
	check_eq(ci1("instance-to-package", 1, BAD_HANDLE, 0, 0, 0), MISSING,
		 "instance-to-package of a bad handle is -1");
	check_eq(ci1("instance-to-package", 1, find("disk"), 0, 0, 0), MISSING,
		 "a phandle is not taken for an ihandle");
	check_eq(ci1("instance-to-path", 3, disk, cell(path), 128, 0),
		 strlen(path), "instance-to-path returns the length");
	check(!memcmp(path, alias, strlen(alias)),
	      "instance-to-path gives the device's path");
	check_eq(ci1("instance-to-path", 3, BAD_HANDLE, cell(path), 128, 0),
		 MISSING, "instance-to-path of a bad handle is -1");
	check(ci1("instance-to-interposed-path", 3, disk, cell(path), 128, 0) !=
		      MISSING,
	      "instance-to-interposed-path knows an instance");
	check_eq(ci1("instance-to-interposed-path", 3, 0, cell(path), 128, 0),
		 MISSING, "instance-to-interposed-path of 0 is -1");
	close_instance(disk);
	close_instance(disk);
	check_eq(read_bytes(disk, buffer, 1), MISSING,
		 "a closed instance does not read");
	check_eq(ci1("instance-to-package", 1, disk, 0, 0, 0), MISSING,
		 "a closed instance is unknown");
	close_instance(root);
	close_instance(0);
	check_eq(open_path("/no-such"), 0, "open of nothing is 0");
	check_eq(open_path("disk:9"), 0, "open of a missing partition is 0");
	check_many_instances();
}

void check_console(void)
{
	uint32_t stdout = guest_number("/chosen", "stdout", 0);
	uint32_t stdin = guest_number("/chosen", "stdin", 0);
	char key[1] = { 'x' };

	check(stdin && stdout, "/chosen names the console");
	check_eq(write_bytes(stdout, "# written\r\n", 11), 11,
		 "write to stdout returns the length");
	check_eq(read_bytes(stdin, key, 1), (uint32_t)-2,
		 "read of stdin without a key is -2");
	check_eq((unsigned char)key[0], 0,
		 "GRUB: read of stdin without a key clears the byte");
	check_eq(write_bytes(0, "x", 1), MISSING, "write to ihandle 0 is -1");
	check_eq(write_bytes(BAD_HANDLE, "x", 1), MISSING,
		 "write to a bad ihandle is -1");
	check_eq(read_bytes(0, key, 1), MISSING, "read of ihandle 0 is -1");
	check_eq(seek_to(BAD_HANDLE, 0), MISSING, "seek of a bad handle is -1");
}

void check_disk_reads(void)
{
	uint32_t disk = open_path("disk:0"), other = open_path("disk");
	const uint32_t size = 8 << 20;
	uint32_t got;

	check(reads(disk, 0, buffer, SECTOR), "a sector can be read");
	check(reads(disk, 3, buffer, 1), "a byte inside a sector can be read");
	check(reads(disk, 1021, buffer + 1, 1030),
	      "a read may cross sectors at any alignment");
	check(reads(disk, 65536, buffer, sizeof(buffer)),
	      "a megabyte can be read at once");
	check(reads(other, 512, buffer, SECTOR) &&
		      read_bytes(disk, buffer, SECTOR) == SECTOR &&
		      is_pattern(buffer, 65536 + sizeof(buffer), SECTOR),
	      "instances have positions of their own");
	check(reads(disk, size - SECTOR, buffer, SECTOR),
	      "the last sector can be read");
	seek_to(disk, size - 10);
	got = read_bytes(disk, buffer, 100);
	check(got == MISSING ||
		      (got == 10 && is_pattern(buffer, size - 10, 10)),
	      "a read across the end is short or fails");
	seek_to(disk, size + 4096);
	got = read_bytes(disk, buffer, SECTOR);
	check(got == MISSING || !got, "a read past the end fails");
	seek_to(disk, (uint64_t)1 << 60);
	got = read_bytes(disk, buffer, SECTOR);
	check(got == MISSING || !got, "a read far past the end fails");
	check(reads(disk, 0, buffer, SECTOR), "the disk still works after it");
	close_instance(disk);
	close_instance(other);
}

void check_disk_writes(void)
{
	uint32_t disk = open_path("disk:0");
	unsigned int i;

	for (i = 0; i < 2 * SECTOR; i++)
		buffer[i] = (unsigned char)(i * 7);
	seek_to(disk, 40 * SECTOR);
	check_eq(write_bytes(disk, buffer, 2 * SECTOR), 2 * SECTOR,
		 "GRUB: whole sectors can be written");
	seek_to(disk, 40 * SECTOR);
	memset(buffer, 0, 2 * SECTOR);
	read_bytes(disk, buffer, 2 * SECTOR);
	for (i = 0; i < 2 * SECTOR && buffer[i] == (unsigned char)(i * 7); i++)
		;
	check_eq(i, 2 * SECTOR, "what was written can be read");
	check(reads(disk, 42 * SECTOR, buffer, SECTOR) &&
		      reads(disk, 39 * SECTOR, buffer, SECTOR),
	      "the sectors beside it are unchanged");
	seek_to(disk, 33 * SECTOR);
	check_eq(write_bytes(disk, buffer, SECTOR), MISSING,
		 "blocks below 34 are protected: write is -1");
	check(reads(disk, 33 * SECTOR, buffer, SECTOR),
	      "blocks below 34 are protected: nothing is written");
	seek_to(disk, 50 * SECTOR);
	check_eq(write_bytes(disk, buffer, 100), MISSING,
		 "a part of a sector cannot be written");
	check(reads(disk, 50 * SECTOR, buffer, SECTOR),
	      "a refused write changes nothing");
	close_instance(disk);
}

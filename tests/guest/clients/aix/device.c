// SPDX-License-Identifier: BSD-2-Clause
// The AIX-style client reads its boot image again, then stops the firmware.

#include "tests/guest/clients/aix/aix.h"

#define PIECE 65536u

// MBR: four records from byte 446 on; type at 4, first sector at 8 (little)
#define MBR_RECORDS 446
#define TYPE_PREP 0x41

static void block_size_is_told(void)
{
	uint32_t disk = open_path(with_argument(boot_device(), "0")), size;

	if (!expect(disk && disk != MISSING, "the boot device does not open"))
		return;
	expect_is(call_method("block-size", disk, 0, NULL, 1, &size), 0,
		  "catch-result");
	expect_is(size, booted_from_file() ? 2048 : 512, "block-size");
	close_instance(disk);
}

// The byte position of the PReP partition; 0 if there is none.
static uint64_t partition_start(uint32_t block_size)
{
	unsigned char mbr[512];
	const unsigned char *r = mbr + MBR_RECORDS;
	unsigned int i;

	if (!read_at(boot_device(), "0", 0, mbr, sizeof(mbr)))
		return 0;
	for (i = 0; i < 4; i++, r += 16)
		if (r[4] == TYPE_PREP)
			return ((uint32_t)r[8] | (uint32_t)r[9] << 8 |
				(uint32_t)r[10] << 16 | (uint32_t)r[11] << 24) *
			       (uint64_t)block_size;
	return 0;
}

// Compares pieces read from the open instance with the image in memory.
static void compare(uint32_t instance, uint64_t start)
{
	uint32_t at, n, end = image_size();
	const unsigned char *memory = (const unsigned char *)LOAD_BASE;

	for (at = 0; at < end; at += end / 5 / 4 * 4) {
		n = end - at < PIECE ? end - at : PIECE;
		expect_not(seek_to(instance, start + at), MISSING, "seek");
		expect_is(read_bytes(instance, cases_buffer, n), n, "read");
		expect_bytes(cases_buffer, memory + at, n, "a piece");
	}
}

static void image_can_be_read_again(void)
{
	char path[PATH_SIZE];
	uint64_t start = 0;
	uint32_t instance;

	text_property("/chosen", "bootpath", path, sizeof(path));
	if (!booted_from_file()) {
		start = partition_start(512);
		if (!expect(start, "there is no PReP partition"))
			return;
	}
	instance = open_path(start ? with_argument(boot_device(), "0") : path);
	if (!expect(instance && instance != MISSING, "it does not open"))
		return;
	compare(instance, start);
	close_instance(instance);
}

static void boot_partition_can_be_opened(void)
{
	uint32_t instance;

	if (booted_from_file()) {
		skip("booted from a disc");
		return;
	}
	instance = open_path(with_argument(boot_device(), "1"));
	if (!expect(instance && instance != MISSING, "it does not open"))
		return;
	compare(instance, 0);
	close_instance(instance);
}

static void console_outlives_quiesce(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0);

	expect_is((uint32_t)ci("quiesce", 0, 0, NULL), 0, "r3 of quiesce");
	expect_is(write_bytes(out, "\r\nAIX goes on\r\n", 15), 15,
		  "what write says");
}

static void image_outlives_quiesce(void)
{
	uint32_t cells[4] = { 20, cell(cases_buffer), 1024, UNTOUCHED };

	expect_image();
	if (rtas.entry) {
		rtas_call(rtas_token("ibm,get-system-parameter"), 3, 1, cells);
		expect_is(cells[3], 0, "the status of an RTAS call");
	}
}

static const struct test_case cases[] = {
	RUNS("AIX: the boot device tells its block size",
	     "GRUB disk/ieee1275/ofdisk.c", EXPECTED, block_size_is_told),
	RUNS("AIX: the boot image on the device is the one in memory",
	     "AIX boot log", EXPECTED, image_can_be_read_again),
	RUNS("AIX: the boot partition is opened by its number", "CHRP 11.1.2",
	     EXPECTED, boot_partition_can_be_opened),
	RUNS("AIX: the console goes on after quiesce", "Linux prom_init.c",
	     EXPECTED, console_outlives_quiesce),
	RUNS("AIX: the image and RTAS stay until the client ends",
	     "AIX boot log", EXPECTED, image_outlives_quiesce),
};

GROUP("40", "device", NULL);

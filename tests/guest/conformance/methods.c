// SPDX-License-Identifier: BSD-2-Clause
// call-method (IEEE 1275-1994 6.3.2.2): the catch-result, the order of
// arguments and results, and failures.

#include "tests/guest/conformance/io.h"

#define TREE "IEEE 1275 6.3.2.2"
#define GRUB_DISK "GRUB disk/ieee1275/ofdisk.c"
#define PLACE(sector) (DISK_SCRATCH + (sector)*SECTOR)

static uint32_t with_disk(uint32_t (*method)(uint32_t disk))
{
	uint32_t disk = open_disk("0"), result;

	if (!disk)
		return 0;
	result = method(disk);
	close_instance(disk);
	return result;
}

// A method with no arguments and one result, which must succeed.
static uint32_t number_of(uint32_t ihandle, const char *method)
{
	struct method_call call = { method, ihandle, 0, 1, { 0 }, { 0 } };

	expect_is(call_method(&call), 0, "the catch-result");
	return call.out[0];
}

static uint32_t block_size(uint32_t disk)
{
	return number_of(disk, "block-size");
}

static void gives_block_size(void)
{
	uint32_t size = with_disk(block_size);

	if (data_disk())
		expect_is(size, SECTOR, "block-size");
}

static uint32_t method_seek(uint32_t ihandle, uint64_t at, uint32_t *status)
{
	struct method_call call = {
		"seek", ihandle, 2, 1, { (uint32_t)(at >> 32), (uint32_t)at },
		{ 0 },
	};
	uint32_t caught = call_method(&call);

	*status = call.out[0];
	return caught;
}

// read and write: ( addr len -- actual ), with the length on top.
static uint32_t method_move(const char *name, uint32_t ihandle,
			    const void *buffer, uint32_t n, uint32_t *actual)
{
	struct method_call call = {
		name, ihandle, 2, 1, { n, cell(buffer) }, { 0 },
	};
	uint32_t caught = call_method(&call);

	*actual = call.out[0];
	return caught;
}

static uint32_t seek_and_read(uint32_t disk)
{
	static const uint64_t at[] = { DISK_WORDS + SECTOR, DISK_4G,
				       DISK_4G + 3 * SECTOR };
	uint32_t status, actual, i;

	for (i = 0; i < 3; i++) {
		expect_is(method_seek(disk, at[i], &status), 0, "catch");
		expect(status <= 1, "the status of seek");
		memset(big_buffer, 0, 2 * SECTOR);
		expect_is(method_move("read", disk, big_buffer, SECTOR,
				      &actual),
			  0, "the catch-result of read");
		expect_is(actual, SECTOR, "bytes read");
		expect(is_disk_data(big_buffer, at[i], SECTOR),
		       "the data is not the disk's");
		expect_is(big_buffer[SECTOR], 0, "the byte after the data");
		// The service continues from there.
		expect_next_words(disk, at[i] + SECTOR, big_buffer, SECTOR);
	}
	return 0;
}

static void reads_by_method(void)
{
	with_disk(seek_and_read);
}

static uint32_t write_by_method(uint32_t disk)
{
	uint32_t actual;

	memset(big_buffer, 0x3c, SECTOR);
	seeks(disk, PLACE(60));
	expect_is(method_move("write", disk, big_buffer, SECTOR, &actual), 0,
		  "the catch-result of write");
	expect_is(actual, SECTOR, "bytes written");
	read_sector(disk, PLACE(60), big_buffer + SECTOR);
	expect_bytes(big_buffer + SECTOR, big_buffer, SECTOR, "the sector");
	return 0;
}

static void writes_by_method(void)
{
	with_disk(write_by_method);
}

static void console_by_method(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0), actual;
	uint32_t in = guest_number("/chosen", "stdin", 0), left = 100;

	expect_is(method_move("write", out, "# method\r\n", 10, &actual), 0,
		  "the catch-result of write");
	expect_is(actual, 10, "bytes written");
	while (left-- && read_bytes(in, cases_buffer, 1) == 1)
		;
	expect_is(method_move("read", in, cases_buffer, 1, &actual), 0,
		  "the catch-result of read");
	expect_is(actual, (uint32_t)-2, "read of nothing");
}

// Any failure gives a nonzero catch-result, and r3 as always.
static void expect_caught(const char *method, uint32_t ihandle,
			  unsigned int nargs, const uint32_t *in)
{
	struct method_call call = { method, ihandle, nargs, 2, { 0 }, { 0 } };
	unsigned int i;

	for (i = 0; i < nargs; i++)
		call.in[i] = in[i];
	expect_not(call_method(&call), 0, "the catch-result");
}

static uint32_t unknown_method(uint32_t disk)
{
	expect_caught("no-such-method", disk, 0, NULL);
	expect_caught("", disk, 0, NULL);
	expect_caught("block-siz", disk, 0, NULL);
	expect_caught("block-sizes", disk, 0, NULL);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
	return 0;
}

static void unknown_is_caught(void)
{
	static const uint32_t two[] = { 0, 0 };
	uint32_t root = open_path("/");

	if (root && root != MISSING) {
		expect_caught("read", root, 2, two);
		expect_caught("seek", root, 2, two);
		close_instance(root);
	}
	expect_caught("no-such-method", guest_number("/chosen", "stdout", 0), 0,
		      NULL);
	expect_caught("block-size", guest_number("/chosen", "stdout", 0), 0,
		      NULL);
	expect_caught("translate", guest_number("/chosen", "stdout", 0), 0,
		      NULL);
	expect_alive();
	with_disk(unknown_method);
}

static uint32_t failed_results(uint32_t ihandle)
{
	struct method_call call = {
		"no-such-method", ihandle, 0, 4, { 0 }, { 0 }
	};
	unsigned int i;

	expect_not(call_method(&call), 0, "the catch-result");
	for (i = 0; i < 4; i++)
		expect_is(call.out[i], 0, "a result of a failed method");
	return 0;
}

static void failure_zeroes(void)
{
	failed_results(guest_number("/chosen", "stdout", 0));
	with_disk(failed_results);
}

static void not_minus_one(void)
{
	uint32_t root = open_path("/");
	struct method_call call = { "claim", root, 3, 1, { 0 }, { 0 } };

	if (!root || root == MISSING) {
		skip("the root cannot be opened");
		return;
	}
	expect_not(call_method(&call), MISSING, "the catch-result");
	expect_not(call.out[0], UNTOUCHED, "the result");
	close_instance(root);
}

static void expect_not_called(uint32_t name, uint32_t ihandle)
{
	uint32_t cells[4] = { name, ihandle, UNTOUCHED, UNTOUCHED };
	int32_t r3 = ci("call-method", 2, 2, cells);

	expect(r3 == -1 || cells[2] != 0, "a bad call is said to succeed");
}

static void expect_not_read(uint32_t ihandle)
{
	uint32_t cells[6] = { cell("read"),	  ihandle,   4,
			      cell(cases_buffer), UNTOUCHED, UNTOUCHED };
	int32_t r3 = ci("call-method", 4, 2, cells);

	expect(r3 == -1 || cells[4] != 0, "a bad read is said to succeed");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
}

static void bad_instances(void)
{
	const uint32_t *bad;
	uint32_t stale = stale_instance();

	for (bad = not_instances(); *bad != UNTOUCHED; bad++) {
		expect_not_called(cell("block-size"), *bad);
		expect_not_called(cell("open"), *bad);
		expect_not_read(*bad);
	}
	if (stale) {
		expect_not_called(cell("block-size"), stale);
		expect_not_read(stale);
	}
	expect_alive();
}

static void call_bad_place(const struct bad_place *place)
{
	expect_not_called(place->at, guest_number("/chosen", "stdout", 0));
}

static void bad_names(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0);

	expect_not_called(0, out);
	memset(cases_buffer, 'm', CASES_BUFFER);
	expect_not_called(cell(cases_buffer), out);
	cases_buffer[CASES_BUFFER - 1] = 0;
	expect_not_called(cell(cases_buffer), out);
	for_bad_places(call_bad_place);
}

static uint32_t too_few(uint32_t disk)
{
	static const uint32_t one[] = { 0 };

	expect_caught("seek", disk, 1, one);
	expect_caught("read", disk, 1, one);
	expect_caught("read", disk, 0, NULL);
	expect_caught("write", disk, 1, one);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
	return 0;
}

static void too_few_arguments(void)
{
	with_disk(too_few);
	expect_alive();
}

static void only_a_name(void)
{
	uint32_t cells[3] = { cell("block-size"), UNTOUCHED, UNTOUCHED };
	int32_t r3 = ci("call-method", 1, 1, cells);

	expect(r3 == -1 || cells[1] != 0, "a call without ihandle succeeded");
	r3 = ci("call-method", 0, 1, cells);
	expect(r3 == -1 || cells[0] != 0, "a call without name succeeded");
	expect_alive();
}

static uint32_t fewer_results(uint32_t disk)
{
	uint32_t cells[4] = { cell("block-size"), disk, UNTOUCHED, UNTOUCHED };

	expect_is((uint32_t)ci("call-method", 2, 1, cells), 0, "r3");
	expect_is(cells[2], 0, "the catch-result alone");
	expect_is(cells[3], UNTOUCHED, "the cell after");
	expect_is((uint32_t)ci("call-method", 2, 0, cells), 0,
		  "r3 without results");
	expect_is(block_size(disk), SECTOR, "block-size afterwards");
	return 0;
}

static void results_left_out(void)
{
	with_disk(fewer_results);
}

static uint32_t bad_read_of;

static void method_to_bad_place(const struct bad_place *place)
{
	struct method_call call = {
		"read", bad_read_of, 2, 1, { place->length, place->at }, { 0 }
	};
	uint32_t caught;

	seeks(bad_read_of, DISK_WORDS);
	caught = call_method(&call);
	expect(caught || call.out[0] == MISSING || !call.out[0], place->name);
}

static uint32_t foreign_buffers(uint32_t disk)
{
	bad_read_of = disk;
	for_bad_places(method_to_bad_place);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
	return 0;
}

static void methods_of_foreign_buffers(void)
{
	with_disk(foreign_buffers);
}

// color! ( r g b index -- ) is for displays; it may fail elsewhere.
static void sets_colours(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0), i;

	for (i = 0; i < 8; i++) {
		struct method_call call = {
			"color!", out, 4, 0, { i, 0xaa, 0x55, 0 }, { 0 }
		};

		call_method(&call);
	}
	expect_is(write_bytes(out, "# colours\r\n", 11), 11, "bytes written");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("GRUB: block-size of a disk is 512, the catch-result 0", GRUB_DISK,
	     EXPECTED, gives_block_size),
	RUNS("the first argument of a method is the top of the stack", TREE,
	     REQUIRED, reads_by_method),
	RUNS("write of a disk can be called as a method", TREE, EXPECTED,
	     writes_by_method),
	RUNS("read and write of the console can be called as methods", TREE,
	     REQUIRED, console_by_method),
	RUNS("a method that is not there gives a catch-result", TREE, REQUIRED,
	     unknown_is_caught),
	RUNS("GRUB: a failed method leaves zeros in its results", GRUB_DISK,
	     EXPECTED, failure_zeroes),
	RUNS("FreeBSD: a missing claim method is not caught as -1",
	     "FreeBSD ofw_copy.c", EXPECTED, not_minus_one),
	RUNS("a method of a bad ihandle fails", TREE, EXPECTED, bad_instances),
	RUNS("a method without a good name fails", TREE, EXPECTED, bad_names),
	RUNS("a method with too few arguments gives a catch-result", TREE,
	     EXPECTED, too_few_arguments),
	RUNS("call-method without ihandle or name fails", TREE, EXPECTED,
	     only_a_name),
	RUNS("a method's results may be left out", TREE, EXPECTED,
	     results_left_out),
	RUNS("read as a method into foreign memory fails", TREE, EXPECTED,
	     methods_of_foreign_buffers),
	RUNS("GRUB: color! of stdout does no harm",
	     "GRUB term/ieee1275/console.c", EXPECTED, sets_colours),
};

GROUP("60", "methods", NULL);

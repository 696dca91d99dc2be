// SPDX-License-Identifier: BSD-2-Clause
// Strings and buffers at the end of free memory: up to it they work, past
// it they fail (IEEE 1275-1994 6.3.2.2; memory has gaps).

#include "tests/guest/conformance/ranges.h"
#include "tests/guest/conformance/walk.h"

#define SPEC "IEEE 1275 6.3.2.2"
#define SIZE 0x20000u
#define FILL 'x' // not a digit

static uint32_t place, end;

// Claims the last free bytes below 4 GiB and fills them.
static bool at_the_end(void)
{
	static struct ranges free;
	unsigned int i;
	uint64_t last = 0;

	read_available(&free);
	for (i = 0; i < free.count; i++)
		if (free.at[i].base + free.at[i].size <= FOUR_GIB &&
		    free.at[i].size > SIZE)
			last = free.at[i].base + free.at[i].size;
	if (!expect(last, "there is no free memory below 4 GiB"))
		return false;
	end = (uint32_t)last;
	place = end - SIZE;
	if (!expect_is(claim(place, SIZE, 0), place, "claim of free memory"))
		return false;
	memset((void *)(uintptr_t)place, FILL, SIZE);
	return true;
}

static char *put_at_end(const char *text, uint32_t n)
{
	return memcpy((void *)(uintptr_t)(end - n), text, n);
}

static void name_services(const char *name, const char *what)
{
	uint32_t chosen = find("/chosen");
	char next[NAME_ROOM];

	expect_is(property_length(chosen, name), MISSING, what);
	expect_is(get_property(chosen, name, cases_buffer, 64), MISSING, what);
	expect_is(ci1("nextprop", 3, chosen, cell(name), cell(next), 0),
		  MISSING, what);
	expect_is(find(name), MISSING, what);
	expect_is(ci1("canon", 3, cell(name), cell(cases_buffer), 64, 0),
		  MISSING, what);
	expect(buffer_kept(0), "a failing call wrote to the buffer");
	expect_alive();
}

// 128 KiB without a NUL.
static void endless_text(void)
{
	if (!at_the_end())
		return;
	name_services((char *)(uintptr_t)place, "a text of 128 KiB");
	release(place, SIZE);
}

// An endless name in every other service that accepts one.
static void name_others(const char *name, const char *what)
{
	uint32_t out = guest_number("/chosen", "stdout", 0);
	uint32_t cells[4] = { cell(name), out, UNTOUCHED, UNTOUCHED };

	expect_not(ci1("test", 1, cell(name), 0, 0, 0), 0, what);
	expect_not(ci1("test-method", 2, find("/"), cell(name), 0, 0), 0, what);
	expect_is(open_path(name), 0, what);
	expect_not(interpret(name), 0, what);
	if (!ci("call-method", 2, 2, cells))
		expect_not(cells[2], 0, what);
	expect_not((uint32_t)ci(name, 0, 1, cells), 0, what);
	expect_alive();
}

static void endless_name(void)
{
	if (!at_the_end())
		return;
	name_others((char *)(uintptr_t)place, "a name of 128 KiB");
	release(place, SIZE);
}

static void name_without_end(void)
{
	if (!at_the_end())
		return;
	if (end == memory_size()) {
		name_others(put_at_end("milliseconds", 12), "a service");
		name_others(put_at_end("open", 4), "a method");
		name_others(put_at_end("/", 1), "a path");
		name_others(put_at_end("cursor-on", 9), "a word of Forth");
	}
	release(place, SIZE);
}

// finddevice with its array in memory's last 20 bytes; r3.
static uint32_t call_at_the_end(uint32_t nargs)
{
	unsigned char *array = (unsigned char *)(uintptr_t)(end - 20);

	store_cell(array, cell("finddevice"));
	store_cell(array + 4, nargs);
	store_cell(array + 8, 1);
	store_cell(array + 12, cell("/chosen"));
	store_cell(array + 16, UNTOUCHED);
	return (uint32_t)guest_ci_enter((uint32_t)guest_entry.gpr[5], array);
}

static void array_at_the_end(void)
{
	if (!at_the_end())
		return;
	expect_is(call_at_the_end(1), 0, "r3");
	expect_is(guest_be32((void *)(uintptr_t)(end - 4)), find("/chosen"),
		  "the result");
	release(place, SIZE);
}

static void array_beyond_the_end(void)
{
	if (!at_the_end())
		return;
	if (end == memory_size())
		expect_is(call_at_the_end(2), MISSING, "r3");
	release(place, SIZE);
	expect_alive();
}

static void disk_at_the_end(void)
{
	const char *path = data_disk();
	uint32_t disk = path ? open_path(path) : 0;
	unsigned char *to;

	if (!path || !expect_not(disk, 0, "open of the disk"))
		return;
	if (at_the_end()) {
		to = (unsigned char *)(uintptr_t)(end - 2 * SECTOR);
		seek_to(disk, DISK_WORDS);
		expect_is(read_bytes(disk, to, 2 * SECTOR), 2 * SECTOR,
			  "bytes read to the last ones");
		expect(is_disk_data(to, DISK_WORDS, 2 * SECTOR),
		       "the data is not the disk's");
		expect_is(to[-1], FILL, "the byte in front");
		seek_to(disk, DISK_SCRATCH);
		expect_is(write_bytes(disk, to, 2 * SECTOR), 2 * SECTOR,
			  "bytes written from the last ones");
		seek_to(disk, DISK_SCRATCH);
		expect_is(read_bytes(disk, cases_buffer, 2 * SECTOR),
			  2 * SECTOR, "bytes read back");
		expect_bytes(cases_buffer, to, 2 * SECTOR, "what was written");
		release(place, SIZE);
	}
	close_instance(disk);
}

static void text_without_end(void)
{
	if (!at_the_end())
		return;
	// Elsewhere, other memory follows and may hold a NUL.
	if (end == memory_size()) {
		name_services(put_at_end("/chosen", 7), "a text without NUL");
		name_services(put_at_end("a", 1), "a letter without NUL");
		expect_is(set_property(find("/chosen"),
				       put_at_end("test,edge", 9), "x", 1),
			  MISSING, "setprop of a name without NUL");
	}
	release(place, SIZE);
	expect_alive();
}

static void text_up_to_the_end(void)
{
	unsigned char value[8];

	if (!at_the_end())
		return;
	expect_is(find(put_at_end("/chosen", 8)), find("/chosen"),
		  "finddevice of a path in the last bytes");
	expect_is(property_length(find("/chosen"), put_at_end("name", 5)), 7,
		  "getproplen of a name in the last bytes");
	expect_is(set_property(find("/chosen"), "test,edge",
			       put_at_end("edge", 4), 4),
		  4, "setprop of the last bytes");
	expect_is(get_property(find("/chosen"), "test,edge", value, 8), 4,
		  "getprop of it");
	expect_bytes(value, "edge", 4, "the value");
	expect_is(set_property(find("/chosen"), put_at_end("test,edge2", 11),
			       "x", 1),
		  1, "setprop of a name in the last bytes");
	release(place, SIZE);
}

static void buffer_up_to_the_end(void)
{
	uint32_t chosen = find("/chosen");
	char *to;

	if (!at_the_end())
		return;
	to = put_at_end("0123456", 7);
	expect_is(get_property(chosen, "name", to, 7), 7,
		  "getprop to the last bytes");
	expect_bytes(to, "chosen", 7, "the value");
	to = put_at_end("0123456789", 10);
	expect_is(ci1("package-to-path", 3, find("/memory@0"), cell(to), 10, 0),
		  9, "package-to-path to the last bytes");
	expect_bytes(to, "/memory@0", 10, "the path");
	to = put_at_end("0123456", 7);
	expect_is(ci1("canon", 3, cell("/chosen"), cell(to), 7, 0), 7,
		  "canon to the last bytes");
	expect_bytes(to, "/chosen", 7, "the path");
	release(place, SIZE);
}

// The property name fits, but not its NUL.
static void name_beyond_the_end(uint32_t node)
{
	char name[NAME_ROOM] = "", *to;
	uint32_t n;

	if (!expect_is(next_property(node, "", name), 1, "nextprop"))
		return;
	n = (uint32_t)strlen(name);
	to = put_at_end(name, n + 1);
	memset(to, 'a', n + 1);
	expect_is(ci1("nextprop", 3, node, cell(""), cell(to), 0), 1,
		  "nextprop to the last bytes");
	expect_bytes(to, name, n + 1, "the name in the last bytes");
	memset(to, 'a', n + 1);
	expect_is(ci1("nextprop", 3, node, cell(""), cell(to + 1), 0), MISSING,
		  "nextprop that has no room for the NUL");
	expect_bytes(to, "aaaaaaaa", n + 1 < 8 ? n + 1 : 8, "the buffer");
}

static void buffer_beyond_the_end(void)
{
	uint32_t chosen = find("/chosen");
	char *to;

	if (!at_the_end())
		return;
	if (end == memory_size()) {
		name_beyond_the_end(chosen);
		to = put_at_end("012345", 6);
		expect_is(get_property(chosen, "name", to, 64), MISSING,
			  "getprop beyond the last byte");
		expect_bytes(to, "012345", 6, "the buffer after getprop");
		expect_is(ci1("package-to-path", 3, find("/memory@0"), cell(to),
			      7, 0),
			  MISSING, "package-to-path beyond the last byte");
		expect_is(ci1("canon", 3, cell("/chosen"), cell(to), 7, 0),
			  MISSING, "canon beyond the last byte");
		expect_is(ci1("nextprop", 3, chosen, cell(""), end, 0), MISSING,
			  "nextprop beyond the last byte");
		expect_is(set_property(chosen, "test,beyond", to, 7), MISSING,
			  "setprop from beyond the last byte");
		expect_bytes(to, "012345", 6, "the buffer");
	}
	release(place, SIZE);
	expect_alive();
}

// Address 0, hidden from the compiler.
static unsigned char *low_memory(void)
{
	uintptr_t at = 0;

	__asm__("" : "+r"(at));
	return (unsigned char *)at;
}

#define ANSWERS 21

static uint32_t block_size_of_nothing(void)
{
	uint32_t cells[4] = { cell("block-size"), BAD_HANDLE, UNTOUCHED,
			      UNTOUCHED };

	return ci("call-method", 2, 2, cells) || cells[2];
}

// Calls that make a firmware look for missing things.
static void ask_for_nothing(const char *last, uint32_t answers[ANSWERS])
{
	uint32_t root = find("/"), chosen = find("/chosen"), n = 0;
	char to[NAME_ROOM];

	answers[n++] = find("/no-such");
	answers[n++] = find("/no-such/x@1:y/z");
	answers[n++] = find("no-such-alias/x");
	answers[n++] = property_length(chosen, "no-such");
	answers[n++] = get_property(chosen, "no-such", to, 4);
	answers[n++] = next_property(chosen, "no-such", to);
	answers[n++] = next_property(chosen, last, to);
	answers[n++] = peer_of(root);
	answers[n++] = child_of(chosen);
	answers[n++] = parent_of(root);
	answers[n++] = child_of(BAD_HANDLE);
	answers[n++] = property_length(BAD_HANDLE, "name");
	answers[n++] = set_property(BAD_HANDLE, "p", "x", 1);
	answers[n++] = path_of(BAD_HANDLE, to, sizeof(to));
	answers[n++] = ci1("canon", 3, cell("/no-such"), cell(to), 64, 0);
	answers[n++] = open_path("/no-such");
	answers[n++] = ci1("instance-to-package", 1, BAD_HANDLE, 0, 0, 0);
	answers[n++] = read_bytes(BAD_HANDLE, to, 4);
	answers[n++] = write_bytes(BAD_HANDLE, to, 4);
	answers[n++] = seek_to(BAD_HANDLE, 0);
	answers[n++] = block_size_of_nothing();
}

// prom_init copies its processor hold code there and keeps calling.
static void low_memory_is_the_clients(void)
{
	static const unsigned char fills[] = { 0x00, 0x5a, 0xff, 0x01 };
	struct properties p = PROPERTIES(find("/chosen"));
	unsigned char saved[256], *low = low_memory();
	uint32_t before[ANSWERS], after[ANSWERS];
	char first[NAME_ROOM];
	unsigned int i, k;

	if (!needs_pseries())
		return;
	while (property_step(&p))
		;
	next_property(p.node, "", first);
	ask_for_nothing(p.name, before);
	memcpy(saved, low, sizeof(saved));
	for (i = 0; i < sizeof(fills); i++) {
		memset(low, fills[i], sizeof(saved));
		ask_for_nothing(p.name, after);
		for (k = 0; k < ANSWERS; k++)
			expect_is(after[k], before[k],
				  "what is not there, answered anew");
		expect_alive();
	}
	memcpy(low, "no-such", 8);
	expect_is(ci1("nextprop", 3, p.node, 0, cell(cases_buffer), 0), 1,
		  "FreeBSD's nextprop of NULL");
	expect_text((char *)cases_buffer, first, "its name");
	memcpy(low, saved, sizeof(saved));
}

static void null_names_nothing(void)
{
	unsigned char saved[8], *low = low_memory();
	uint32_t chosen = find("/chosen"), length;

	if (!needs_pseries())
		return;
	memcpy(saved, low, sizeof(saved));
	memcpy(low, "name", 5);
	length = property_length(chosen, NULL);
	memcpy(low, "/chosen", 8);
	expect_is(find(NULL), MISSING, "finddevice of NULL");
	memcpy(low, saved, sizeof(saved));
	expect_is(length, MISSING, "getproplen of NULL");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("a text of 128 KiB names nothing", SPEC, EXPECTED, endless_text),
	RUNS("a text that memory ends before its NUL names nothing", SPEC,
	     EXPECTED, text_without_end),
	RUNS("a name of 128 KiB is no service, method, path or word", SPEC,
	     EXPECTED, endless_name),
	RUNS("a name that memory ends before its NUL is nothing, either", SPEC,
	     EXPECTED, name_without_end),
	RUNS("an argument array may end with memory's last byte",
	     "IEEE 1275 6.3.1", REQUIRED, array_at_the_end),
	RUNS("an argument array whose result is beyond memory is refused",
	     "IEEE 1275 6.3.1", EXPECTED, array_beyond_the_end),
	RUNS("a disk reads to and writes from memory's last bytes",
	     "IEEE 1275 6.3.2.3", REQUIRED, disk_at_the_end),
	RUNS("texts and values may end with memory's last byte", SPEC, REQUIRED,
	     text_up_to_the_end),
	RUNS("buffers may end with memory's last byte", SPEC, REQUIRED,
	     buffer_up_to_the_end),
	RUNS("Linux: the first 256 bytes of memory are the client's",
	     "Linux prom_init.c", EXPECTED, low_memory_is_the_clients),
	RUNS("NULL names nothing, whatever stands at address 0", SPEC,
	     EXTENSION, null_names_nothing),
	RUNS("buffers that reach beyond memory are refused", SPEC, EXPECTED,
	     buffer_beyond_the_end),
};

GROUP("43", "ends of memory", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Shared by the cases on instances, the console, disks and methods.

#include "tests/guest/conformance/io.h"

#define FILLED 0x55
#define CODE_SIZE 256u

unsigned char big_room[BIG_BUFFER + 4096 + 2 * BIG_GUARD]
	__attribute__((aligned(64)));

uint32_t path_by(const char *service, uint32_t handle, void *to, uint32_t size)
{
	return ci1(service, 3, handle, cell(to), size, 0);
}

uint32_t node_of(uint32_t ihandle)
{
	return ci1("instance-to-package", 1, ihandle, 0, 0, 0);
}

const char *disk_path(const char *args)
{
	static char path[PATH_SIZE + 64];
	const char *disk = data_disk();
	size_t n;

	if (!disk)
		return NULL;
	n = strlen(disk);
	memcpy(path, disk, n + 1);
	if (args) {
		path[n] = ':';
		memcpy(path + n + 1, args, strlen(args) + 1);
	}
	return path;
}

uint32_t open_disk(const char *args)
{
	const char *path = disk_path(args);
	uint32_t disk;

	if (!path)
		return 0;
	disk = open_path(path);
	if (expect_not(disk, 0, "open of the disk") &&
	    expect_not(disk, MISSING, "open of the disk"))
		return disk;
	return 0;
}

uint32_t stale_instance(void)
{
	uint32_t ihandle = open_path("/");

	if (!ihandle || ihandle == MISSING) {
		skip("nothing can be opened");
		return 0;
	}
	close_instance(ihandle);
	return ihandle;
}

const uint32_t *not_instances(void)
{
	static uint32_t handles[5];

	handles[0] = 0;
	handles[1] = MISSING;
	handles[2] = BAD_HANDLE;
	handles[3] = find("/");
	handles[4] = UNTOUCHED;
	return handles;
}

// The end of the memory that contains an address, from the nodes of type memory
// below the root, whose addresses and sizes have one or two cells; 0: it is not
// memory, -1: the end is above 4 GiB.
static uint32_t memory_end(uint32_t at)
{
	uint32_t cells = guest_number("/", "#address-cells", 2);
	uint32_t node = ci1("child", 1, find("/"), 0, 0, 0), pair = 8 * cells;
	unsigned char reg[64];
	char type[8];

	for (; node && node != MISSING; node = ci1("peer", 1, node, 0, 0, 0)) {
		uint32_t n, i;

		memset(type, 0, sizeof(type));
		get_property(node, "device_type", type, sizeof(type));
		n = get_property(node, "reg", reg, sizeof(reg));
		if (!same_text(type, "memory") || n > sizeof(reg))
			continue;
		for (i = 0; i + pair <= n; i += pair) {
			uint32_t low = guest_be32(reg + i + pair / 2 - 4);
			uint32_t size = guest_be32(reg + i + pair - 4);
			bool big = cells == 2 && guest_be32(reg + i + 8);

			if (at >= low && (big || at - low < size))
				return big ? MISSING : low + size;
		}
	}
	return 0;
}

#define EDGE 128u

// The end of memory, or 0 if it is not below 4 GiB.
static uint32_t last_end(void)
{
	uint32_t end = memory_end(cell(cases_buffer)), next;

	while (end && end != MISSING && (next = memory_end(end)))
		end = next;
	return end == MISSING ? 0 : end;
}

// The start of the unclaimable memory around the firmware's code; 0 if nothing
// can be claimed down to 64 MiB below it.
static uint32_t firmware_start(uint32_t code)
{
	uint32_t page = code & ~0xfffu, at = page, i;

	for (i = 0; i < 1024 && at > 0x10000; i++, at -= 0x10000) {
		if (claim(at - 0x10000, 0x1000, 0) == MISSING)
			continue;
		release(at - 0x10000, 0x1000);
		for (at -= 0xf000; at < page; at += 0x1000) {
			if (claim(at, 0x1000, 0) == MISSING)
				return at;
			release(at, 0x1000);
		}
		return 0;
	}
	return 0;
}

static void at_place(const struct bad_place *place,
		     void (*each)(const struct bad_place *place))
{
	static unsigned char before[512];
	void *memory = (void *)(uintptr_t)place->at;

	memcpy(before, memory, place->keep);
	each(place);
	if (!expect_bytes(memory, before, place->keep, place->name))
		memcpy(memory, before, place->keep);
	expect_alive();
}

void for_bad_places(void (*each)(const struct bad_place *place))
{
	uint32_t code = (uint32_t)guest_entry.gpr[5] & ~15u;
	uint32_t end = last_end(), start = firmware_start(code);
	const struct bad_place places[] = {
		{ "a buffer past the memory's end", 0xdead0000, 4096, 0 },
		{ "a buffer that runs over 2^32", 0xffffff00, 512, 0 },
		{ "a buffer over the memory's end", end - EDGE, 512, EDGE },
		{ "a buffer in the firmware", code, CODE_SIZE, CODE_SIZE },
		{ "a buffer that runs into the firmware", start - EDGE, 512,
		  512 },
	};

	if (!memory_end(places[0].at))
		at_place(&places[0], each);
	if (!memory_end(places[1].at))
		at_place(&places[1], each);
	if (end)
		at_place(&places[2], each);
	at_place(&places[3], each);
	if (start)
		at_place(&places[4], each);
}

bool seeks(uint32_t ihandle, uint64_t position)
{
	uint32_t status = seek_to(ihandle, position);

	if (status > 1)
		expect_is(status, 0, "the status of a seek");
	return status <= 1;
}

static bool is_filled(const unsigned char *at, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n && at[i] == FILLED; i++)
		;
	return i == n;
}

bool expect_next_words(uint32_t ihandle, uint64_t at, unsigned char *to,
		       uint32_t n)
{
	memset(to - BIG_GUARD, FILLED, n + 2 * BIG_GUARD);
	return expect_is(read_bytes(ihandle, to, n), n, "bytes read") &&
	       expect(is_disk_data(to, at, n), "the data is not the disk's") &&
	       expect(is_filled(to - BIG_GUARD, BIG_GUARD),
		      "bytes in front of the buffer changed") &&
	       expect(is_filled(to + n, BIG_GUARD),
		      "bytes after the buffer changed");
}

bool expect_words(uint32_t ihandle, uint64_t at, unsigned char *to, uint32_t n)
{
	return seeks(ihandle, at) && expect_next_words(ihandle, at, to, n);
}

bool read_sector(uint32_t ihandle, uint64_t at, void *to)
{
	return seeks(ihandle, at) && expect_is(read_bytes(ihandle, to, SECTOR),
					       SECTOR, "bytes of a sector");
}

uint32_t call_method(struct method_call *call)
{
	uint32_t cells[2 + 6 + METHOD_RESULTS];
	unsigned int i, n = call->nargs + 2;

	cells[0] = cell(call->name);
	cells[1] = call->ihandle;
	for (i = 0; i < call->nargs; i++)
		cells[2 + i] = call->in[i];
	for (i = 0; i <= call->nresults; i++)
		cells[n + i] = UNTOUCHED;
	expect_is((uint32_t)ci("call-method", n, call->nresults + 1, cells), 0,
		  "r3 after call-method");
	for (i = 0; i < call->nresults; i++)
		call->out[i] = cells[n + 1 + i];
	return cells[n];
}

bool has_method(uint32_t node, const char *name)
{
	return !ci1("test-method", 2, node, cell(name), 0, 0);
}

// SPDX-License-Identifier: BSD-2-Clause
// Helpers for all cases: service wrappers, text, the data disk, time.

#include "tests/guest/conformance/conformance.h"

uint32_t find(const char *path)
{
	return ci1("finddevice", 1, cell(path), 0, 0, 0);
}

uint32_t open_path(const char *path)
{
	return ci1("open", 1, cell(path), 0, 0, 0);
}

void close_instance(uint32_t ihandle)
{
	ci("close", 1, 0, &ihandle);
}

uint32_t seek_to(uint32_t ihandle, uint64_t position)
{
	return ci1("seek", 3, ihandle, (uint32_t)(position >> 32),
		   (uint32_t)position, 0);
}

uint32_t read_bytes(uint32_t ihandle, void *to, uint32_t n)
{
	return ci1("read", 3, ihandle, cell(to), n, 0);
}

uint32_t write_bytes(uint32_t ihandle, const void *from, uint32_t n)
{
	return ci1("write", 3, ihandle, cell(from), n, 0);
}

uint32_t claim(uint32_t base, uint32_t size, uint32_t align)
{
	return ci1("claim", 3, base, size, align, 0);
}

void release(uint32_t base, uint32_t size)
{
	uint32_t cells[2] = { base, size };

	ci("release", 2, 0, cells);
}

uint32_t interpret(const char *text)
{
	return ci1("interpret", 1, cell(text), 0, 0, 0);
}

uint32_t get_property(uint32_t node, const char *name, void *to, uint32_t size)
{
	return ci1("getprop", 4, node, cell(name), cell(to), size);
}

void store_cell(void *at, uint32_t value)
{
	unsigned char *p = at;

	p[0] = (unsigned char)(value >> 24);
	p[1] = (unsigned char)(value >> 16);
	p[2] = (unsigned char)(value >> 8);
	p[3] = (unsigned char)value;
}

bool has_service(const char *name)
{
	return !ci1("test", 1, cell(name), 0, 0, 0);
}

void text_property(const char *path, const char *property, char *to,
		   uint32_t size)
{
	uint32_t node = find(path);

	memset(to, 0, size);
	if (node != MISSING)
		get_property(node, property, to, size - 1);
}

bool same_text(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && !memcmp(a, b, n);
}

bool has_text(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; *text; text++)
		if (strlen(text) >= n && !memcmp(text, part, n))
			return true;
	return false;
}

const char *data_disk(void)
{
	static char path[PATH_SIZE];

	if (!path[0] && !guest_argument("disk", path, sizeof(path)))
		text_property("/aliases", "disk", path, sizeof(path));
	if (path[0])
		return path;
	skip("there is no disk");
	return NULL;
}

bool is_disk_data(const unsigned char *data, uint64_t at, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t word = (uint32_t)((at + i) / 4);

		if (data[i] !=
		    (unsigned char)(word >> (24 - 8 * ((at + i) % 4))))
			return false;
	}
	return true;
}

void expect_alive(void)
{
	unsigned char name[8] = "########";
	uint32_t root = ci1("peer", 1, 0, 0, 0, 0);

	expect(root && root != MISSING && find("/") == root,
	       "afterwards the root is lost");
	expect_is(get_property(find("/chosen"), "name", name, sizeof(name)), 7,
		  "afterwards getprop of /chosen's name");
	expect_bytes(name, "chosen\0#", 8, "afterwards the name of /chosen");
}

uint64_t timebase(void)
{
	uint64_t now;

	guest_timebase(&now);
	return now;
}

uint32_t timebase_hz(void)
{
	uint32_t cpu = ci1("child", 1, find("/cpus"), 0, 0, 0);
	unsigned char value[4];

	if (get_property(cpu, "timebase-frequency", value, 4) != 4)
		return 512000000; // QEMU's pseries
	return guest_be32(value);
}

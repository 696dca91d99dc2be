// SPDX-License-Identifier: BSD-2-Clause
// A client that calls every service of the client interface, rightly and
// wrongly, and says what it got; /chosen/bootargs may ask for one of the
// services that do not return.

#include "tests/guest/ci/ci.h"

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

void text_property(const char *path, const char *property, char *to,
		   uint32_t size)
{
	uint32_t node = find(path);

	memset(to, 0, size);
	if (node != MISSING)
		ci1("getprop", 4, node, cell(property), cell(to), size - 1);
}

bool same_text(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && !memcmp(a, b, n);
}

bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; *text; text++)
		if (strlen(text) >= n && !memcmp(text, word, n))
			return true;
	return false;
}

static void check_everything(void)
{
	check_entry();
	check_services();
	check_nodes();
	check_properties();
	check_paths();
	check_instances();
	check_console();
	check_disk_reads();
	check_disk_writes();
	check_methods();
	check_claim();
	check_available();
	check_spoilt();
	check_time();
	check_interpret();
	check_callbacks();
	check_start_cpu();
	check_fdt_fetch();
	check_quiesce();
	check_plan();
}

// chain enters here as a new program: no stack of ours, so no return.
static void chained(void)
{
	guest_print("GUEST-CHAINED\r\n");
	guest_power_off();
}

static void call_chain(void)
{
	uint32_t cells[5] = { 0, 0, cell((const void *)(uintptr_t)chained), 0,
			      0 };

	ci("chain", 5, 0, cells);
}

static void call_boot(const char *bootargs)
{
	uint32_t text = cell(bootargs);

	ci("boot", 1, 0, &text);
}

int guest_main(void)
{
	char bootargs[256];

	text_property("/chosen", "bootargs", bootargs, sizeof(bootargs));
	guest_print("\r\nGUEST-START ");
	guest_print(bootargs);
	guest_print("\r\n");
	if (has_word(bootargs, "test=return"))
		return 1;
	if (has_word(bootargs, "test=booted"))
		guest_print("GUEST-BOOTED\r\n");
	else if (has_word(bootargs, "test=exit"))
		ci("exit", 0, 0, NULL);
	else if (has_word(bootargs, "test=enter"))
		ci("enter", 0, 0, NULL);
	else if (has_word(bootargs, "test=chain"))
		call_chain();
	else if (has_word(bootargs, "test=boot"))
		call_boot("disk test=booted");
	else if (has_word(bootargs, "test=reset"))
		ci1("interpret", 1, cell("reset-all"), 0, 0, 0);
	else if (has_word(bootargs, "test=power-off"))
		ci1("interpret", 1, cell("power-off"), 0, 0, 0);
	else
		check_everything();
	guest_print("GUEST-END\r\n");
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/* A client made of a fuzzer's bytes: its cells, strings and calls. */
#include "tests/fuzz/client.h"

#include "ci/call.h"
#include "lib/endian.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Strings of the input stand here, one after the other. */
#define STRINGS 0x20000u
#define STRINGS_END 0x30000u
#define BUFFERS 0x40000u
#define IMAGE_CALLS 32u

static struct fuzz_input *in;
static cell_t next_string, handles[8];
static unsigned next_handle;

void client_start(struct fuzz_input *input)
{
	in = input;
	next_string = STRINGS;
	next_handle = 2;
	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = i < 2 ? CI("open", fake_str("disk:0")) : 0;
}

/* A string of a list, or of the input; with its NUL in the client's memory. */
static cell_t string_arg(void)
{
	static const char *const texts[] = {
		"/",
		"/chosen",
		"/options",
		"/vdevice/disk@71000002",
		"disk:0",
		"disk",
		"/rtas",
		"/memory@0",
		"/aliases",
		"name",
		"reg",
		"available",
		"stdout",
		"compatible",
		"ibm,client-architecture-support",
		"instantiate-rtas",
		"block-size",
		"turn",
		"seek",
		"read",
		"write",
		"claim",
		"release",
		"#address-cells",
		"output-device",
		"/packages/disk-label",
		"translate",
		"get-time",
		"set-time",
		"/vdevice/vty@71000000",
		"rtas-size",
	};
	uint8_t pick = fuzz_u8(in);
	cell_t addr = next_string;
	char own[256];
	const char *text = pick & 0x80 ? fuzz_str(in, own, sizeof(own))
				       : texts[pick % ARRAY_SIZE(texts)];

	if (addr + strlen(text) + 1 > STRINGS_END)
		addr = STRINGS;
	sound_write(addr, text, strlen(text) + 1);
	next_string = addr + (cell_t)strlen(text) + 1;
	return addr;
}

static cell_t chosen_arg(void)
{
	static const char *const names[] = { "stdin", "stdout", "memory", "mmu",
					     "cpu" };
	uint8_t pick = fuzz_u8(in) % ARRAY_SIZE(names);
	uint32_t value = 0;
	const struct node *node = tree_find("/chosen");

	if (node)
		(void)!tree_get_u32(node, names[pick], 0, &value);
	return value;
}

static cell_t node_arg(void)
{
	static const char *const paths[] = {
		"/",	     "/chosen",	  "/options",
		"/rtas",     "/memory@0", "/vdevice/disk@71000002",
		"/mmu",	     "/aliases",  "/cpus/PowerPC,POWER9@8",
		"/packages", "/rtc",	  "/vdevice/vty@71000000",
		"/openprom",
	};

	return fake_phandle(paths[fuzz_u8(in) % ARRAY_SIZE(paths)]);
}

static cell_t edge_arg(void)
{
	static const cell_t edges[] = {
		0,	    FAKE_WINDOW,    FAKE_WINDOW_END,
		FAKE_STACK, FAKE_STACK_END, FAKE_MEMORY,
		0x80000000, FAKE_ARRAY,	    BUFFERS,
		0x40000000, 0x20000000,	    0xfffff000,
	};
	uint8_t pick = fuzz_u8(in) % ARRAY_SIZE(edges);

	return edges[pick] + fuzz_u8(in) - 128;
}

static cell_t handle_arg(void)
{
	return handles[fuzz_u8(in) % ARRAY_SIZE(handles)];
}

static cell_t any_arg(void)
{
	switch (fuzz_u8(in) % 9) {
	case 0:
		return fuzz_u32(in);
	case 1:
		return fuzz_u8(in);
	case 2:
		return string_arg();
	case 3:
		return handle_arg();
	case 4:
		return node_arg();
	case 5:
		return chosen_arg();
	case 6:
		return BUFFERS + fuzz_u16(in);
	case 7:
		return edge_arg();
	default:
		return 0xffffffff - fuzz_u8(in);
	}
}

/* What a well-meaning client gives: node, instance, string, buffer, length. */
static const struct {
	const char *service, *kinds;
} usual[] = {
	{ "test", "s" },
	{ "test-method", "ns" },
	{ "peer", "n" },
	{ "child", "n" },
	{ "parent", "n" },
	{ "instance-to-package", "i" },
	{ "getproplen", "ns" },
	{ "getprop", "nsbl" },
	{ "nextprop", "nsb" },
	{ "setprop", "nsbl" },
	{ "canon", "sbl" },
	{ "finddevice", "s" },
	{ "instance-to-path", "ibl" },
	{ "instance-to-interposed-path", "ibl" },
	{ "package-to-path", "nbl" },
	{ "call-method", "silbl" },
	{ "open", "s" },
	{ "close", "i" },
	{ "read", "ibl" },
	{ "write", "ibl" },
	{ "seek", "ill" },
	{ "claim", "bll" },
	{ "release", "bl" },
	{ "boot", "s" },
	{ "interpret", "sll" },
	{ "start-cpu", "nbl" },
	{ "fdt-fetch", "bl" },
};

static cell_t kind_arg(char kind)
{
	switch (kind) {
	case 'n':
		return node_arg();
	case 'i':
		return fuzz_u8(in) & 1 ? handle_arg() : chosen_arg();
	case 's':
		return string_arg();
	case 'b':
		return BUFFERS + fuzz_u16(in);
	default:
		return fuzz_u16(in);
	}
}

/* Argument number `i` of a service: most often what it expects. */
static cell_t service_arg(const char *service, unsigned i)
{
	const char *kinds = "";

	for (size_t n = 0; n < ARRAY_SIZE(usual); n++) {
		if (!strcmp(usual[n].service, service))
			kinds = usual[n].kinds;
	}
	if (i >= strlen(kinds) || fuzz_u8(in) >= 0xc0)
		return any_arg();
	return kind_arg(kinds[i]);
}

/* What results may be handles is remembered. */
static void keep_results(cell_t array, unsigned nargs, unsigned nrets)
{
	for (unsigned i = 0; i < nrets && i < 4; i++) {
		const uint8_t *ret = fake_memory + array + 12 + 4 * (nargs + i);

		handles[next_handle++ % ARRAY_SIZE(handles)] = be32_load(ret);
	}
}

/* Where an array of `size` bytes stands: mostly where there is room. */
static cell_t array_place(uint8_t pick, cell_t size)
{
	switch (pick) {
	case 1:
		return FAKE_ARRAY + 1;
	case 2:
		return FAKE_MEMORY - size;
	case 3: /* the last return is behind the memory */
		return FAKE_MEMORY - size + 4;
	case 4:
		return FAKE_WINDOW - size;
	case 5: /* in the firmware's window */
		return FAKE_WINDOW - size + 4;
	case 6:
		return FAKE_STACK;
	case 7:
		return FAKE_STACK_END - size + 4;
	default:
		return FAKE_ARRAY;
	}
}

void client_service(unsigned n)
{
	const struct ci_service *s = &ci_services[n];
	uint8_t shape = fuzz_u8(in), array[12 + 4 * 40];
	/* One too few, as many as it takes, or more. */
	unsigned nargs = s->nargs + shape % 8, nrets = s->nrets + shape / 64;
	cell_t at;

	if (nargs && (shape & 0x38) == 0x38)
		nargs--;
	sound_write(FAKE_ARRAY + 0x400, s->name, strlen(s->name) + 1);
	be32_store(array, FAKE_ARRAY + 0x400);
	be32_store(array + 4, nargs);
	be32_store(array + 8, nrets);
	for (unsigned i = 0; i < nargs; i++)
		be32_store(array + 12 + 4 * i, service_arg(s->name, i));
	for (unsigned i = nargs; i < nargs + nrets; i++)
		be32_store(array + 12 + 4 * i, 0x5a5a5a5a);
	at = array_place((shape & 0x38) == 0x30 ? fuzz_u8(in) : 0,
			 12 + 4 * (nargs + nrets));
	sound_write(at, array, 12 + 4 * (nargs + nrets));
	if (sound_call(at) == 0)
		keep_results(at, nargs, nrets);
}

void client_raw(void)
{
	cell_t at = FAKE_ARRAY;

	for (unsigned i = fuzz_u8(in) % 32; i; i--) {
		be32 cell = be32_make(any_arg());

		sound_write(at, &cell, sizeof(cell));
		at += 4;
	}
	(void)sound_call(fuzz_u8(in) & 1 ? FAKE_ARRAY : edge_arg());
}

void client_poke(void)
{
	uint8_t bytes[256];
	cell_t at = any_arg();

	sound_write(at, bytes, fuzz_take(in, bytes, fuzz_u8(in)));
}

void client_image(void)
{
	static uint8_t image[4096];
	static const cell_t ends[] = { 0x3000, FAKE_MEMORY, FAKE_WINDOW,
				       FAKE_STACK_END };
	uint8_t kind = fuzz_u8(in);
	size_t len = fuzz_take(in, image, sizeof(image));
	cell_t at = ends[kind % 4] - (cell_t)len;

	/* Its end is the end of what a client has, or it starts at a place. */
	if (kind & 4)
		at = kind & 8 ? 0 : FAKE_ARRAY;
	sound_write(at, image, len);
	for (size_t i = 0; i + 2 <= MIN(len, 2 * IMAGE_CALLS); i += 2) {
		unsigned offset = image[i] << 8 | image[i + 1];

		if (!offset || fake_left >= 0)
			break;
		(void)sound_call(at + offset);
	}
}

void client_check(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		sound_handle(handles[i]);
}

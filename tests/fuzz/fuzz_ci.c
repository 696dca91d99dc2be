// SPDX-License-Identifier: BSD-2-Clause
// The client interface: a client's memory and calls, on a whole machine.
// LINK: ci/call.c ci/claim.c ci/fdt.c ci/mem.c ci/methods.c ci/nodes.c
// LINK: ci/phrases.c ci/quiesce.c ci/services.c ci/svc_control.c
// LINK: ci/svc_device.c ci/svc_memory.c ci/svc_tree.c drivers/block.c
// LINK: drivers/console.c drivers/device.c drivers/instance.c
// LINK: drivers/vio/vdevice.c drivers/vio/vty.c hcall/hcall.c hcall/rtas.c
// LINK: lib/deadline.c lib/err.c lib/fmt.c lib/log.c lib/reason.c
// LINK: tree/alias.c tree/blob.c tree/flatten.c tree/merge.c tree/names.c
// LINK: tree/node.c tree/path.c tree/phandle.c tree/prop.c libfdt
// LINK: tests/fake/blocks.c tests/fake/hcall.c tests/fake/machine.c
// LINK: tests/fake/timebase.c tests/fake/fdt.c tests/fuzz/fdt.c
#include "ci/call.h"
#include "drivers/console.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/machine.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/fdt.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Strings of the input stand here, one after the other. */
#define STRINGS 0x20000u
#define STRINGS_END 0x30000u
#define BUFFERS 0x40000u
/* So that one input takes no longer than some milliseconds. */
#define CALLS_MAX 64u

static struct fuzz_input in;
static cell_t next_string, handles[8];
static unsigned next_handle;

static int64_t fuzz_cas(struct hcall *h)
{
	uint8_t *buf = (uint8_t *)(uintptr_t)h->reg[1];
	size_t size;
	const void *blob = fuzz_fdt(&in, &size);

	assert(size <= h->reg[2] - 4);
	memcpy(buf, "\1\0\0\1", 4);
	memcpy(buf + 4, blob, size);
	return H_SUCCESS;
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
		"claim",
		"release",
		"#address-cells",
		"output-device",
		"/packages/disk-label",
	};
	uint8_t pick = fuzz_u8(&in);
	cell_t addr = next_string;
	char own[256];
	const char *text = pick & 0x80 ? fuzz_str(&in, own, sizeof(own))
				       : texts[pick % ARRAY_SIZE(texts)];

	if (addr + strlen(text) + 1 > STRINGS_END)
		addr = STRINGS;
	memcpy(fake_memory + addr, text, strlen(text) + 1);
	next_string = addr + (cell_t)strlen(text) + 1;
	return addr;
}

static cell_t chosen_arg(void)
{
	static const char *const names[] = { "stdin", "stdout", "memory", "mmu",
					     "cpu" };
	uint32_t value = 0;
	const struct node *node = tree_find("/chosen");

	if (node)
		(void)!tree_get_u32(node,
				    names[fuzz_u8(&in) % ARRAY_SIZE(names)], 0,
				    &value);
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

	return fake_phandle(paths[fuzz_u8(&in) % ARRAY_SIZE(paths)]);
}

static cell_t edge_arg(void)
{
	static const cell_t edges[] = {
		0,	    FAKE_WINDOW,    FAKE_WINDOW_END,
		FAKE_STACK, FAKE_STACK_END, FAKE_MEMORY,
		0x80000000, FAKE_ARRAY,	    BUFFERS,
		0x40000000, 0x20000000,	    0xfffff000,
	};

	return edges[fuzz_u8(&in) % ARRAY_SIZE(edges)] + fuzz_u8(&in) - 16;
}

static cell_t any_arg(void)
{
	switch (fuzz_u8(&in) % 9) {
	case 0:
		return fuzz_u32(&in);
	case 1:
		return fuzz_u8(&in);
	case 2:
		return string_arg();
	case 3:
		return handles[fuzz_u8(&in) % ARRAY_SIZE(handles)];
	case 4:
		return node_arg();
	case 5:
		return chosen_arg();
	case 6:
		return BUFFERS + fuzz_u16(&in);
	case 7:
		return edge_arg();
	default:
		return 0xffffffff - fuzz_u8(&in);
	}
}

/* What results may be handles is remembered. */
static void keep_results(cell_t array, unsigned nargs, unsigned nrets)
{
	for (unsigned i = 0; i < nrets && i < 4; i++) {
		const uint8_t *ret = fake_memory + array + 12 + 4 * (nargs + i);

		handles[next_handle++ % ARRAY_SIZE(handles)] = be32_load(ret);
	}
}

static unsigned service_count(void)
{
	unsigned n = 0;

	while (ci_services[n].name)
		n++;
	return n;
}

/* A call in due form, with cells of any kind. */
static void call_service(const struct ci_service *s)
{
	uint8_t shape = fuzz_u8(&in), *array = fake_memory + FAKE_ARRAY;
	unsigned nargs = s->nargs + shape % 8, nrets = s->nrets + shape / 64;
	size_t len = strlen(s->name) + 1;

	memcpy(fake_memory + FAKE_ARRAY + 0x400, s->name, len);
	be32_store(array, FAKE_ARRAY + 0x400);
	be32_store(array + 4, nargs);
	be32_store(array + 8, nrets);
	for (unsigned i = 0; i < nargs; i++)
		be32_store(array + 12 + 4 * i, any_arg());
	if (ci_call(FAKE_ARRAY) == 0)
		keep_results(FAKE_ARRAY, nargs, nrets);
}

/* Any bytes at any address are an argument array. */
static void call_raw(void)
{
	uint8_t *array = fake_memory + FAKE_ARRAY;

	for (unsigned i = fuzz_u8(&in) % 32; i; i--) {
		be32_store(array, any_arg());
		array += 4;
	}
	(void)ci_call(fuzz_u8(&in) & 1 ? FAKE_ARRAY : fuzz_u32(&in));
}

/* The machine's own troubles. */
static void trouble(void)
{
	switch (fuzz_u8(&in) % 6) {
	case 0:
		fake_blocks_fail_after((int8_t)fuzz_u8(&in));
		break;
	case 1:
		fake_blocks_fail_after(-1);
		break;
	case 2:
		fake_rtas_status = (int8_t)fuzz_u8(&in);
		break;
	case 3:
		fake_disk_error = fuzz_u8(&in) & 1 ? ERR_IO : 0;
		break;
	case 4:
		fake_disk_read_error = fuzz_u8(&in) & 1 ? ERR_IO : 0;
		break;
	default:
		fake_console_typed("some keys\r");
	}
}

static void run_client(void)
{
	for (unsigned n = 0; in.left && n < CALLS_MAX && fake_left < 0; n++) {
		uint8_t what = fuzz_u8(&in);

		if (what >= 0xf8)
			fuzz_take(&in, fake_memory + BUFFERS, fuzz_u8(&in));
		else if (what >= 0xf0)
			trouble();
		else if (what >= 0xe0)
			call_raw();
		else
			call_service(&ci_services[what % service_count()]);
	}
}

/* Nobody but the firmware writes to its window, whatever a client names. */
static void check_window(void)
{
	for (unsigned i = FAKE_WINDOW; i < FAKE_WINDOW_END; i += 8) {
		static const uint64_t clean = 0xeeeeeeeeeeeeeeee;

		if (i == FAKE_STACK)
			i = FAKE_STACK_END;
		assert(!memcmp(fake_memory + i, &clean, 8));
	}
}

static void unplug(void)
{
	fake_machine_stop(NULL);
	device_reset_all();
	instance_reset();
	console_reset();
	/* Takes the text of the last boot off. */
	assert(!ci_leave_boot(""));
	fake_blocks_purge(ci_boot_text());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = (struct fuzz_input){ data, size };
	next_string = STRINGS;
	next_handle = 0;
	fake_quiet = false;
	fake_machine_start(NULL);
	fake_quiet = true;
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	fake_hcall_set(KVMPPC_H_CAS, fuzz_cas);
	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = i < 2 ? CI("open", fake_str("disk:0")) : 0;
	ci_set_trace(fuzz_u8(&in) & 1);
	run_client();
	check_window();
	unplug();
	return 0;
}

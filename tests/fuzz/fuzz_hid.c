// SPDX-License-Identifier: BSD-2-Clause
// Keyboards: reports and key codes to bytes, faults at any time.
#include <stdlib.h>

#include "drivers/input/report.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

static struct fuzz_input in;
static struct keyboard kb;
static struct report_state reports;
static bool running;
/* The most that what was fetched can type. */
static size_t room;

/* A report in memory of exactly its size. */
static void fetch_report(size_t len)
{
	uint8_t bytes[256], *report;
	size_t n = fuzz_take(&in, bytes, len);

	report = malloc(n ? n : 1);
	assert(report);
	memcpy(report, bytes, n);
	report_take(&reports, &kb, report, n);
	free(report);
	room += KEYBOARD_KEYS_MAX * KEYMAP_KEY_MAX;
}

static void fetch_key(void)
{
	uint8_t usage = keymap_usage(fuzz_u16(&in));

	kb.map.modifiers = fuzz_u8(&in);
	keyboard_press(&kb, usage, kb.map.modifiers & 1);
	room += KEYMAP_KEY_MAX;
}

static bool fetch(struct keyboard *of)
{
	uint8_t what = fuzz_u8(&in);

	assert(of == &kb && running);
	if (!in.left)
		return false;
	if (what < 0xe0) {
		/* Mostly of the right size. */
		fetch_report(what < 0x80 ? REPORT_LEN : what - 0x80u);
		return true;
	}
	if (what < 0xf0) {
		fetch_key();
		return true;
	}
	if (what < 0xf8) {
		fake_clock_advance((uint64_t)fuzz_u8(&in) << 20);
		room += KEYMAP_KEY_MAX;
		return report_none(&reports, of);
	}
	reason_fail(ERR_IO, "fuzz");
	keyboard_fault(of);
	return false;
}

static int keyboard_attach(struct device *dev)
{
	kb = (struct keyboard){ .fetch = fetch };
	reports = (struct report_state){ 0 };
	dev->priv = &kb;
	return keyboard_describe(&kb, dev);
}

static int keyboard_start(struct device *dev)
{
	(void)dev;
	if (fuzz_u8(&in) == 0xff)
		return reason_fail(ERR_IO, "fuzz");
	running = true;
	return 0;
}

static void keyboard_stop(struct device *dev)
{
	(void)dev;
	running = false;
}

DRIVER(fuzz_keyboard) = {
	.name = "fuzz-keyboard",
	.bus = &platform_bus,
	.match = "fuzz,keyboard",
	.attach = keyboard_attach,
	.start = keyboard_start,
	.stop = keyboard_stop,
	.scan = keyboard_scan,
	.found = keyboard_found,
};

static struct device *plug(void)
{
	struct node *node;

	log_reset();
	running = false;
	room = 0;
	fake_clock_step(1);
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "keyboard@1", TREE_QUOIN);
	assert(!tree_set_str(node, "compatible", "fuzz,keyboard"));
	assert(device_add(NULL, &platform_bus, node, NULL));
	device_scan_all();
	return device_of(node);
}

/* Returns the bytes read. */
static size_t read_some(size_t len)
{
	char *buf = malloc(len);
	long n;

	assert(buf);
	n = kb.in.read(&kb.in, buf, len);
	assert(n >= 0 && (size_t)n <= len);
	for (long i = 0; i < n; i++)
		assert((uint8_t)buf[i] < 0x7f);
	assert(kb.open || !running);
	free(buf);
	return (size_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device *dev;
	size_t total = 0;

	in = (struct fuzz_input){ data, size };
	dev = plug();
	while (in.left) {
		size_t left = in.left;

		total += read_some(KEYMAP_KEY_MAX + fuzz_u8(&in) % 12u);
		assert(in.left < left && total <= room);
	}
	/* It is empty at last. */
	for (unsigned i = 0; i < 16; i++)
		total += read_some(16);
	assert(total <= room && read_some(16) == 0);
	tree_remove_node(dev->node);
	assert(!running);
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of entry/window.c: where the firmware goes, and a crash's dump. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "entry/window.h"
#include "lib/endian.h"
#include "tests/fake/fdt.h"

/* Where QEMU puts the tree of a machine with 1 GiB. */
#define FDT_AT (GiB - 2 * MiB)
#define USUAL (FDT_AT - WINDOW_SIZE)
#define BOOT (512 * MiB)

/* A dump as Linux registers it: processors, hash table, boot memory. */
#define SECTIONS 3
struct dump {
	uint8_t bytes[40 + 40 * SECTIONS];
	size_t len;
};

static uint8_t *blob;
static size_t blob_size;

static int map(void **state)
{
	(void)state;
	blob = mmap((void *)(uintptr_t)FDT_AT, FDT_MAX_SIZE,
		    PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return blob == (void *)(uintptr_t)FDT_AT ? 0 : -1;
}

static uint8_t *section(struct dump *dump, unsigned i)
{
	return dump->bytes + 40 + 40 * i;
}

static struct dump make_dump(uint64_t boot)
{
	static const uint16_t types[SECTIONS] = { 1, 2, 0x11 };
	struct dump dump = { .len = sizeof(dump.bytes) };

	be32_store(dump.bytes, 1);
	be16_store(dump.bytes + 4, SECTIONS);
	be32_store(dump.bytes + 8, 40);
	for (unsigned i = 0; i < SECTIONS; i++) {
		be16_store(section(&dump, i) + 4, types[i]);
		be64_store(section(&dump, i) + 16, 4096);
	}
	be64_store(section(&dump, 2) + 16, boot);
	be64_store(section(&dump, 2) + 32, BOOT);
	return dump;
}

/* The tree of a machine that has crashed; NULL: that has not. */
static void tree_of(const struct dump *dump, uint64_t kernel, uint64_t size)
{
	void *made;

	fake_fdt_start();
	fake_fdt_reserve(4 * MiB, 60 * MiB);
	if (size)
		fake_fdt_reserve(kernel, size);
	fake_fdt_str("model", "IBM pSeries");
	fake_fdt_node("chosen");
	/* The right name in the wrong places. */
	fake_fdt_str("ibm,kernel-dump", "no");
	fake_fdt_node("rtas");
	fake_fdt_str("ibm,kernel-dump", "neither");
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("rtas");
	fake_fdt_u32("ibm,configure-kernel-dump", 0x202d);
	fake_fdt_node("ibm,kernel-dump");
	fake_fdt_end();
	fake_fdt_str("rtas-size", "odd");
	if (dump)
		fake_fdt_prop("ibm,kernel-dump", dump->bytes, dump->len);
	fake_fdt_end();
	fake_fdt_node("vdevice");
	fake_fdt_end();
	made = fake_fdt_finish(&blob_size);
	memcpy(blob, made, blob_size);
}

static void assert_usual(void)
{
	assert_int_equal(window_dump(FDT_AT), 0);
	assert_int_equal(window_place(FDT_AT), USUAL);
}

static void assert_below(uint64_t top)
{
	assert_int_equal(window_dump(FDT_AT), top);
	assert_int_equal(window_place(FDT_AT),
			 ALIGN_DOWN(top - WINDOW_SIZE, WINDOW_ALIGN));
}

static void without_a_dump_the_window_is_below_the_tree(void **state)
{
	(void)state;
	tree_of(NULL, 0, 0);
	assert_usual();
	memcpy(blob, fake_fdt_machine(&blob_size), FDT_MAX_SIZE / 64);
	assert_usual();
}

static void a_dump_keeps_the_window_in_boot_memory(void **state)
{
	struct dump dump = make_dump(BOOT);

	(void)state;
	tree_of(&dump, 0, 0);
	assert_below(BOOT);
	/* Not aligned: still all of it below. */
	dump = make_dump(BOOT + 4096);
	tree_of(&dump, 0, 0);
	assert_below(BOOT + 4096);
	dump = make_dump(WINDOW_BOOT_MIN);
	tree_of(&dump, 0, 0);
	assert_below(WINDOW_BOOT_MIN);
}

static void sections_may_come_in_any_order_and_place(void **state)
{
	struct dump dump = make_dump(BOOT);

	(void)state;
	memmove(section(&dump, 0), section(&dump, 2), 40);
	tree_of(&dump, 0, 0);
	assert_below(BOOT);
	dump = make_dump(BOOT);
	be16_store(dump.bytes + 4, 2);
	be32_store(dump.bytes + 8, 80);
	tree_of(&dump, 0, 0);
	assert_below(BOOT);
}

static void boot_memory_up_to_the_tree_or_beyond_changes_nothing(void **state)
{
	struct dump dump = make_dump(3 * GiB);

	(void)state;
	tree_of(&dump, 0, 0);
	assert_int_equal(window_place(FDT_AT), USUAL);
	assert_int_equal(window_dump(FDT_AT), 3 * GiB);
	dump = make_dump(FDT_AT);
	tree_of(&dump, 0, 0);
	assert_int_equal(window_place(FDT_AT), USUAL);
}

static void boot_memory_without_room_is_ignored(void **state)
{
	struct dump dump = make_dump(WINDOW_BOOT_MIN - 1);

	(void)state;
	tree_of(&dump, 0, 0);
	assert_usual();
	dump = make_dump(0);
	tree_of(&dump, 0, 0);
	assert_usual();
}

/* A big initrd: it lies where the window would. */
static void the_window_never_covers_kernel_or_initrd(void **state)
{
	struct dump dump = make_dump(BOOT);

	(void)state;
	tree_of(&dump, BOOT - WINDOW_SIZE - MiB, MiB);
	assert_below(BOOT);
	tree_of(&dump, BOOT - WINDOW_SIZE - MiB, MiB + 1);
	assert_usual();
	tree_of(&dump, BOOT - 1, 1);
	assert_usual();
	tree_of(&dump, 64 * MiB, GiB);
	assert_usual();
	tree_of(&dump, BOOT, MiB);
	assert_below(BOOT);
	tree_of(&dump, 64 * MiB, UINT64_MAX);
	assert_usual();
}

static void a_damaged_dump_is_ignored(void **state)
{
	static const struct {
		unsigned at, size;
		uint32_t value;
	} damage[] = {
		{ 0, 4, 2 },	      /* version */
		{ 4, 2, 0 },	      /* no sections */
		{ 4, 2, 2 },	      /* too few */
		{ 8, 4, 160 },	      /* they begin at the end */
		{ 8, 4, 0xfffffff0 }, /* or far behind it */
		{ 8, 4, 121 },	      /* the last one is cut */
		{ 124, 2, 0x12 },     /* type */
		{ 128, 4, 1 },	      /* source address */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		struct dump dump = make_dump(BOOT);

		if (damage[i].size == 2)
			be16_store(dump.bytes + damage[i].at,
				   (uint16_t)damage[i].value);
		else
			be32_store(dump.bytes + damage[i].at, damage[i].value);
		tree_of(&dump, 0, 0);
		assert_usual();
	}
	for (size_t len = 0; len < sizeof(((struct dump *)0)->bytes); len++) {
		struct dump dump = make_dump(BOOT);

		dump.len = len;
		tree_of(&dump, 0, 0);
		assert_usual();
	}
}

static void more_sections_than_there_are_end_with_the_property(void **state)
{
	struct dump dump = make_dump(BOOT);

	(void)state;
	be16_store(section(&dump, 2) + 4, 1);
	be16_store(dump.bytes + 4, 0xffff);
	tree_of(&dump, 0, 0);
	assert_usual();
}

/* The tree is checked later, by libfdt: here nothing may be read outside. */
static void no_damage_to_the_tree_leads_outside_of_it(void **state)
{
	static const uint32_t values[] = {
		0, 1, 3, 4, 9, 0x7ffffff0, 0xffffffff
	};
	struct dump dump = make_dump(BOOT);
	uint8_t *end = blob + FDT_MAX_SIZE;
	uint8_t *tree;
	uint64_t top;

	(void)state;
	tree_of(&dump, 0, 0);
	assert_below(BOOT);
	/* Its end is that of memory. */
	tree = end - ALIGN_UP(blob_size, 8);
	for (size_t at = 0; at + 4 <= blob_size; at += 4) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			memcpy(tree, blob, blob_size);
			be32_store(tree + at, values[v]);
			top = window_dump((uintptr_t)tree);
			assert_true(!top || top >= WINDOW_BOOT_MIN);
		}
	}
	be32_store(blob, 0xd00dfeee);
	assert_usual();
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_dump_the_window_is_below_the_tree),
		T(a_dump_keeps_the_window_in_boot_memory),
		T(sections_may_come_in_any_order_and_place),
		T(boot_memory_up_to_the_tree_or_beyond_changes_nothing),
		T(boot_memory_without_room_is_ignored),
		T(the_window_never_covers_kernel_or_initrd),
		T(a_damaged_dump_is_ignored),
		T(more_sections_than_there_are_end_with_the_property),
		T(no_damage_to_the_tree_leads_outside_of_it),
	};

	return cmocka_run_group_tests(tests, map, NULL);
}

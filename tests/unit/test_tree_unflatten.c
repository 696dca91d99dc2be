// SPDX-License-Identifier: BSD-2-Clause
// From blobs to the live tree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/fdt.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	log_reset();
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void the_live_tree_has_what_the_blob_has(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	const struct node *node;
	uint32_t cell, len;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	memset(blob, 0xff, size); /* nothing may point into it */
	assert_string_equal(tree_get_str(tree_root(), "model"),
			    "IBM pSeries (emulated by qemu)");
	node = tree_find("/pci@800000020000000/pci@1/scsi@1,1");
	assert_non_null(node);
	assert_int_equal(tree_get_u32(node, "vendor-id", 0, &cell), 0);
	assert_int_equal(cell, 0x1af4);
	assert_string_equal(tree_get_str(node, "name"), "scsi");
	assert_int_equal(node->owner, TREE_QEMU);
	assert_true(tree_has_string(tree_find("/vdevice/vty"), "compatible",
				    "hvterm-protocol"));
	node = tree_find("/chosen");
	assert_non_null(tree_getprop(node, "qemu,boot-kernel-le", &len));
	assert_int_equal(len, 0);
}

static void children_and_properties_keep_qemus_order(void **state)
{
	static const char *const nodes[] = { "chosen",
					     "cpus",
					     "memory",
					     "memory",
					     "vdevice",
					     "pci",
					     "interrupt-controller" };
	size_t size;
	void *blob = fake_fdt_machine(&size);
	struct node *node;
	bool found;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	node = tree_root()->child;
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++, node = node->next)
		assert_string_equal(node->name, nodes[i]);
	assert_null(node);
	node = tree_find("/vdevice");
	assert_string_equal(tree_next_prop(node, NULL, &found)->name, "name");
	assert_string_equal(tree_next_prop(node, "name", &found)->name,
			    "device_type");
	assert_string_equal(tree_next_prop(node, "device_type", &found)->name,
			    "#address-cells");
}

static void each_node_has_a_phandle_and_qemus_are_kept(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	struct node *node;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	assert_ptr_equal(tree_by_phandle(0x1111),
			 tree_find("/interrupt-controller"));
	for (node = tree_root(); node; node = tree_next(node))
		assert_ptr_equal(tree_by_phandle(node->phandle), node);
}

static void a_property_that_comes_twice_is_there_once(void **state)
{
	size_t size;
	void *blob;
	const struct prop *p;
	unsigned count = 0;

	(void)state;
	fake_fdt_start();
	fake_fdt_u32("a", 1);
	fake_fdt_u32("b", 2);
	fake_fdt_u32("a", 3);
	fake_fdt_str("name", "liar");
	fake_fdt_node("child");
	fake_fdt_u32("a", 4);
	fake_fdt_end();
	/* libfdt writes it, and reads it: properties behind a child. */
	fake_fdt_u32("b", 5);
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_unflatten(blob, size), size);
	list_for_each(p, &tree_root()->props, link)
		count++;
	assert_int_equal(count, 3); /* name, a, b */
	assert_memory_equal(tree_getprop(tree_root(), "a", NULL), "\0\0\0\3",
			    4);
	assert_memory_equal(tree_getprop(tree_root(), "b", NULL), "\0\0\0\5",
			    4);
	assert_string_equal(tree_get_str(tree_root(), "name"), "");
}

static void a_phandle_used_twice_goes_to_the_first(void **state)
{
	size_t size;
	void *blob;

	(void)state;
	fake_fdt_start();
	fake_fdt_node("a");
	fake_fdt_u32("phandle", 5);
	fake_fdt_end();
	fake_fdt_node("b");
	fake_fdt_u32("phandle", 5);
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_unflatten(blob, size), size);
	assert_ptr_equal(tree_by_phandle(5), tree_find("/a"));
	assert_ptr_equal(tree_by_phandle(tree_find("/b")->phandle),
			 tree_find("/b"));
}

static void the_reserve_map_is_read(void **state)
{
	struct fdt_range range;
	size_t size;
	void *blob = fake_fdt_machine(&size);

	(void)state;
	assert_int_equal(tree_fdt_reserve(blob, 0, &range), 0);
	assert_int_equal(range.addr, 0x10000);
	assert_int_equal(range.size, 0x2000);
	assert_int_equal(tree_fdt_reserve(blob, 1, &range), ERR_NOENT);
	assert_int_equal(tree_fdt_reserve(blob, -1, &range), ERR_NOENT);
}

static void bad_names_and_bad_blobs_are_refused(void **state)
{
	size_t size;
	void *blob;

	(void)state;
	fake_fdt_start();
	fake_fdt_str("", "x");
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_unflatten(blob, size), ERR_FORMAT);
	assert_int_equal(tree_unflatten(blob, 10), ERR_FORMAT);
}

/* The seed is no part of the machine, nor is what is between values. */
static void seed_and_padding_are_cleared(void **state)
{
	size_t size;
	char *blob, *copy;

	(void)state;
	fake_fdt_start();
	fake_fdt_node("chosen");
	fake_fdt_str("first", "aaaaaaa");
	fake_fdt_str("rng-seed", "bbbbbbb");
	fake_fdt_str("short", "cccc");
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	copy = malloc(size);
	memcpy(copy, blob, size);
	/* The three bytes after "cccc" and its NUL. */
	for (size_t i = 0; i + 8 <= size; i++) {
		if (!memcmp(copy + i, "cccc", 4))
			memcpy(blob + i + 5, "bbb", 3);
	}
	tree_fdt_settle(blob);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(blob[i], copy[i] == 'b' ? 0 : copy[i]);
	free(copy);
}

static void each_lack_of_memory_is_told(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	long err;

	(void)state;
	for (long n = 0;; n++) {
		tree_free();
		assert_int_equal(tree_init(), 0);
		fake_heap_fail_after(n);
		err = tree_unflatten(blob, size);
		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
		fake_heap_fail_after(-1);
	}
	assert_int_equal(err, size);
}

/* Each blob that the check lets through must be read without harm. */
static void no_flipped_bit_does_harm(void **state)
{
	size_t size;
	unsigned char *blob = fake_fdt_machine(&size);
	unsigned good = 0;

	(void)state;
	for (size_t bit = 0; bit < size * 8; bit++) {
		unsigned char *copy;

		tree_free();
		assert_int_equal(tree_init(), 0);
		log_reset();
		/* A block of its own: ASan guards its ends. */
		copy = aligned_alloc(8, (size + 7) & ~(size_t)7);
		assert_non_null(copy);
		memcpy(copy, blob, size);
		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
		good += tree_unflatten(copy, size) > 0;
		free(copy);
	}
	assert_true(good > size); /* most bits are of values and names */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_live_tree_has_what_the_blob_has, setup, teardown),
		cmocka_unit_test_setup_teardown(
			children_and_properties_keep_qemus_order, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			each_node_has_a_phandle_and_qemus_are_kept, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_property_that_comes_twice_is_there_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_phandle_used_twice_goes_to_the_first, setup,
			teardown),
		cmocka_unit_test_setup_teardown(the_reserve_map_is_read, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			bad_names_and_bad_blobs_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(seed_and_padding_are_cleared,
						setup, teardown),
		cmocka_unit_test_setup_teardown(each_lack_of_memory_is_told,
						setup, teardown),
		cmocka_unit_test_setup_teardown(no_flipped_bit_does_harm, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

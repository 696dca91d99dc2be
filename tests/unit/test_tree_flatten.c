// SPDX-License-Identifier: BSD-2-Clause
// From the live tree to blobs, with libfdt as the judge.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <libfdt.h>

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/fmt.h"
#include "lib/log.h"
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

static char *flatten(unsigned omit, size_t *size)
{
	void *blob = NULL;
	long len = tree_flatten(omit, 8, &blob);

	assert_true(len > 0);
	assert_int_equal((uintptr_t)blob % 8, 0);
	assert_int_equal(fdt_check_full(blob, (size_t)len), 0);
	assert_int_equal(fdt_totalsize(blob), len);
	*size = (size_t)len;
	return blob;
}

/* The properties of both nodes are the same, but for our phandles. */
static void assert_same_props(const void *a, int at_a, const void *b, int at_b)
{
	int pa = fdt_first_property_offset(a, at_a);
	int pb = fdt_first_property_offset(b, at_b);

	while (pb >= 0) {
		const char *name_a, *name_b;
		const void *val_a, *val_b;
		int len_a, len_b;

		val_b = fdt_getprop_by_offset(b, pb, &name_b, &len_b);
		pb = fdt_next_property_offset(b, pb);
		if (strcmp(name_b, "phandle") == 0 &&
		    !fdt_getprop(a, at_a, "phandle", NULL))
			continue;
		assert_true(pa >= 0);
		val_a = fdt_getprop_by_offset(a, pa, &name_a, &len_a);
		pa = fdt_next_property_offset(a, pa);
		assert_string_equal(name_a, name_b);
		assert_int_equal(len_a, len_b);
		assert_memory_equal(val_a, val_b, (size_t)len_a);
	}
	assert_int_equal(pa, -FDT_ERR_NOTFOUND);
}

static void assert_same_trees(const void *a, const void *b)
{
	int at_a = 0, at_b = 0, depth_a = 0, depth_b = 0;

	/* libfdt ends the walk behind the root's end, at depth -1. */
	while (depth_a >= 0) {
		assert_true(at_a >= 0 && at_b >= 0);
		assert_int_equal(depth_a, depth_b);
		assert_string_equal(fdt_get_name(a, at_a, NULL),
				    fdt_get_name(b, at_b, NULL));
		assert_same_props(a, at_a, b, at_b);
		at_a = fdt_next_node(a, at_a, &depth_a);
		at_b = fdt_next_node(b, at_b, &depth_b);
	}
	assert_int_equal(depth_b, -1);
}

static void a_round_trip_gives_back_the_tree(void **state)
{
	size_t size, flat_size;
	void *blob = fake_fdt_machine(&size);
	char *flat;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	flat = flatten(0, &flat_size);
	assert_same_trees(blob, flat);
	assert_int_equal(fdt_boot_cpuid_phys(flat), 8);
	assert_int_equal(fdt_version(flat), 17);
	assert_int_equal(fdt_num_mem_rsv(flat), 0);
	heap_free(flat);
}

static void a_second_round_trip_changes_no_byte(void **state)
{
	size_t size, size1, size2;
	void *blob = fake_fdt_machine(&size);
	char *flat1, *flat2;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	flat1 = flatten(0, &size1);
	tree_free();
	assert_int_equal(tree_init(), 0);
	assert_int_equal(tree_unflatten(flat1, size1), size1);
	flat2 = flatten(0, &size2);
	assert_int_equal(size1, size2);
	assert_memory_equal(flat1, flat2, size1);
	heap_free(flat1);
	heap_free(flat2);
}

static void padding_is_zero_whatever_memory_held(void **state)
{
	size_t size;
	char *flat;
	const char *value;

	(void)state;
	assert_int_equal(tree_setprop(tree_root(), "p", "x", 1, TREE_QEMU), 0);
	flat = flatten(0, &size);
	value = fdt_getprop(flat, 0, "p", NULL);
	assert_memory_equal(value, "x\0\0\0", 4);
	heap_free(flat);
}

static void each_node_has_its_phandle_once(void **state)
{
	size_t size, flat_size;
	void *blob = fake_fdt_machine(&size);
	struct node *node;
	char *flat;
	char path[128];

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	/* A client cannot change it. */
	node = tree_by_phandle(0x1111);
	assert_int_equal(tree_set_u32(node, "phandle", 7), 0);
	assert_int_equal(tree_set_u32(node, "linux,phandle", 7), 0);
	assert_int_equal(
		tree_setprop(tree_root(), "phandle", "x", 1, TREE_CLIENT), 0);
	flat = flatten(0, &flat_size);
	for (node = tree_root(); node; node = tree_next(node)) {
		int at, prop, count = 0;

		tree_path(node, path, sizeof(path));
		at = fdt_path_offset(flat, path);
		assert_true(at >= 0);
		assert_int_equal(fdt_get_phandle(flat, at), node->phandle);
		fdt_for_each_property_offset(prop, flat, at)
		{
			const char *name;

			fdt_getprop_by_offset(flat, prop, &name, NULL);
			count += strcmp(name, "phandle") == 0;
			assert_string_not_equal(name, "name");
		}
		assert_int_equal(count, 1);
	}
	heap_free(flat);
}

static void add(const char *parent, const char *name, const char *prop,
		const char *value, enum tree_owner owner)
{
	struct node *node = tree_add_node(tree_find(parent), name, owner);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, prop, value), 0);
}

static void what_is_needed_least_can_be_left_out(void **state)
{
	static const struct {
		unsigned omit;
		const char *path, *prop;
	} parts[] = {
		{ TREE_OMIT_OPENPROM, "/openprom", "model" },
		{ TREE_OMIT_OPTIONS, "/options", "boot-device" },
		{ TREE_OMIT_ALIASES, "/aliases", "disk" },
		{ TREE_OMIT_PACKAGES, "/packages/disk-label", "x" },
		{ TREE_OMIT_DISKS, "/scsi/disk@8000", "device_type" },
		{ 0, "/qdisk", "device_type" },
		{ 0, "/scsi/tape", "device_type" },
		{ 0, "/last", "x" },
	};
	size_t size;

	(void)state;
	add("/", "openprom", "model", "x", TREE_QUOIN);
	add("/", "options", "boot-device", "disk", TREE_QUOIN);
	add("/", "aliases", "disk", "/scsi/disk", TREE_QUOIN);
	add("/", "packages", "x", "kept", TREE_QUOIN);
	add("/packages", "disk-label", "x", "y", TREE_QUOIN);
	add("/packages/disk-label", "below", "x", "y", TREE_QUOIN);
	add("/", "scsi", "x", "y", TREE_QEMU);
	add("/scsi", "disk@8000", "device_type", "block", TREE_QUOIN);
	add("/scsi", "tape", "device_type", "byte", TREE_QUOIN);
	add("/", "qdisk", "device_type", "block", TREE_QEMU);
	add("/", "last", "x", "y", TREE_QUOIN);
	for (unsigned omit = 0; omit < 32; omit++) {
		char *flat = flatten(omit, &size);

		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			int at = fdt_path_offset(flat, parts[i].path);
			const void *p =
				fdt_getprop(flat, at, parts[i].prop, NULL);

			assert_true(!p == !!(parts[i].omit & omit));
		}
		assert_true(fdt_path_offset(flat, "/options") > 0);
		assert_true(fdt_get_phandle(flat,
					    fdt_path_offset(flat, "/aliases")));
		assert_non_null(fdt_getprop(
			flat, fdt_path_offset(flat, "/packages"), "x", NULL));
		heap_free(flat);
	}
}

/* Its time is linear: this would take minutes otherwise. */
static void a_large_tree_with_many_names_is_flattened(void **state)
{
	char name[32];
	size_t size;
	char *flat;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		struct node *node;

		fmt_str(name, sizeof(name), "cpu@%x", i);
		node = tree_add_node(tree_root(), name, TREE_QEMU);
		assert_non_null(node);
		for (uint32_t j = 0; j < 10; j++) {
			fmt_str(name, sizeof(name), "property-%u", i + j);
			assert_int_equal(tree_set_u32(node, name, j), 0);
		}
	}
	flat = flatten(0, &size);
	assert_int_equal(
		be32_load(fdt_getprop(flat, fdt_path_offset(flat, "/cpu@7cf"),
				      "property-2008", NULL)),
		9);
	assert_true(fdt_size_dt_strings(flat) < 2100 * 14);
	heap_free(flat);
}

static void a_deep_tree_is_flattened(void **state)
{
	struct node *node = tree_root();
	size_t size;
	char *flat;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		node = tree_add_node(node, "n", TREE_QEMU);
		assert_non_null(node);
	}
	flat = flatten(0, &size);
	heap_free(flat);
}

static void each_lack_of_memory_is_told(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	void *flat = NULL;
	long len;

	(void)state;
	assert_int_equal(tree_unflatten(blob, size), size);
	for (long n = 0;; n++) {
		long live = fake_heap_live();

		fake_heap_fail_after(n);
		len = tree_flatten(0, 0, &flat);
		if (!fake_heap_failed())
			break;
		assert_int_equal(len, ERR_NOMEM);
		assert_int_equal(fake_heap_live(), live);
	}
	assert_true(len > 0);
	heap_free(flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_round_trip_gives_back_the_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_second_round_trip_changes_no_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			padding_is_zero_whatever_memory_held, setup, teardown),
		cmocka_unit_test_setup_teardown(each_node_has_its_phandle_once,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_needed_least_can_be_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_large_tree_with_many_names_is_flattened, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_deep_tree_is_flattened, setup,
						teardown),
		cmocka_unit_test_setup_teardown(each_lack_of_memory_is_told,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// The tree that CAS brings: what changes, and what must not.
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

static char shown[512];

static void show(struct node *node)
{
	size_t len = strlen(shown);

	tree_path(node, shown + len, sizeof(shown) - len);
	strcat(shown, " ");
}

static const struct tree_merge_ops ops = { .added = show };

/* The live tree of the fake machine, with what quoin and a client add. */
static int setup(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size);
	struct node *aliases;

	(void)state;
	shown[0] = '\0';
	fake_heap_fail_after(-1);
	assert_int_equal(tree_init(), 0);
	assert_int_equal(tree_unflatten(blob, size), size);
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert_non_null(aliases);
	assert_int_equal(tree_set_str(aliases, "bridge", "/pci/pci@1"), 0);
	assert_int_equal(tree_set_str(aliases, "disk", "/pci/scsi@2"), 0);
	assert_non_null(tree_add_node(tree_find("/pci/scsi@2"), "disk@8000",
				      TREE_QUOIN));
	assert_non_null(tree_add_node(tree_root(), "client-made", TREE_CLIENT));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_set_remove_hook(NULL);
	fake_heap_fail_after(-1);
	log_reset();
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/*
 * What QEMU returns for a POWER9 that takes XIVE: no bootargs, another
 * interrupt controller, new memory; here the bridge is gone and a new one with
 * a device below it came.
 */
static void *cas_blob(size_t *size)
{
	fake_fdt_start();
	fake_fdt_str("model", "IBM pSeries (emulated by qemu)");
	fake_fdt_prop("ibm,plat-res-int-priorities", "\0\0\0\7\0\0\0\xf8", 8);
	fake_fdt_node("ibm,dynamic-reconfiguration-memory");
	fake_fdt_u32("ibm,lmb-size", 0x10000000);
	fake_fdt_end();
	fake_fdt_node("interrupt-controller@60302031b0000");
	fake_fdt_u32("phandle", 0x1111);
	fake_fdt_u32("linux,phandle", 0x1111);
	fake_fdt_end();
	fake_fdt_node("chosen");
	fake_fdt_str("ibm,architecture-vec-5", "x");
	fake_fdt_end();
	fake_fdt_node("cpus");
	fake_fdt_node("PowerPC,POWER9@0");
	fake_fdt_u32("reg", 0);
	fake_fdt_u32("cpu-version", 0x0f000005);
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("memory@0");
	fake_fdt_end();
	fake_fdt_node("memory@40000000");
	fake_fdt_end();
	fake_fdt_node("vdevice");
	fake_fdt_node("v-scsi@71000003");
	fake_fdt_end();
	fake_fdt_node("vty@71000000");
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("pci@800000020000000");
	fake_fdt_node("scsi@2");
	fake_fdt_u32("vendor-id", 0x1234);
	fake_fdt_end();
	fake_fdt_node("pci@3");
	fake_fdt_node("ethernet@4");
	fake_fdt_u32("phandle", 0x2222);
	fake_fdt_end();
	fake_fdt_str("device_type", "pci");
	fake_fdt_end();
	fake_fdt_end();
	return fake_fdt_finish(size);
}

static void merge(void)
{
	size_t size;
	void *blob = cas_blob(&size);

	/* The buffer is larger than what came. */
	assert_int_equal(tree_merge(blob, size + 64, &ops), size);
	memset(blob, 0xff, size); /* nothing may point into it */
}

static void the_same_tree_changes_nothing(void **state)
{
	size_t size;
	void *blob = fake_fdt_machine(&size), *before, *after;
	long len;

	(void)state;
	len = tree_flatten(0, 0, &before);
	assert_true(len > 0);
	assert_int_equal(tree_merge(blob, size, &ops), size);
	assert_int_equal(tree_flatten(0, 0, &after), len);
	assert_memory_equal(before, after, (size_t)len);
	assert_string_equal(shown, "");
	heap_free(before);
	heap_free(after);
}

static void properties_are_set_and_none_is_deleted(void **state)
{
	uint32_t cell;

	(void)state;
	merge();
	assert_string_equal(tree_get_str(tree_find("/chosen"), "bootargs"),
			    "quiet");
	assert_string_equal(tree_get_str(tree_find("/chosen"),
					 "ibm,architecture-vec-5"),
			    "x");
	assert_int_equal(tree_get_u32(tree_find("/cpus/PowerPC,POWER9"),
				      "cpu-version", 0, &cell),
			 0);
	assert_int_equal(cell, 0x0f000005);
	assert_int_equal(tree_get_u32(tree_find("/pci/scsi@2"), "vendor-id", 0,
				      &cell),
			 0);
	assert_int_equal(cell, 0x1234);
	assert_non_null(
		tree_getprop(tree_root(), "ibm,plat-res-int-priorities", NULL));
	assert_non_null(tree_getprop(tree_find("/memory@0"), "reg", NULL));
}

static void the_new_interrupt_controller_takes_over_the_phandle(void **state)
{
	phandle_t old = 0x1111;
	struct node *node;

	(void)state;
	merge();
	assert_null(tree_child_named(tree_root(), "interrupt-controller"));
	node = tree_by_phandle(old);
	assert_non_null(node);
	assert_string_equal(node->unit, "60302031b0000");
	assert_memory_equal(tree_getprop(node, "phandle", NULL), "\0\0\x11\x11",
			    4);
}

static void only_what_qemu_made_and_left_out_goes(void **state)
{
	phandle_t bridge = tree_find("/pci/pci@1")->phandle;
	phandle_t below = tree_find("/pci/pci@1/scsi@1,1")->phandle;

	(void)state;
	merge();
	assert_null(tree_find("/pci/pci@1"));
	assert_null(tree_by_phandle(bridge));
	assert_null(tree_by_phandle(below));
	assert_non_null(tree_find("/pci/scsi@2/disk@8000"));
	assert_non_null(tree_find("/client-made"));
	assert_non_null(tree_find("/aliases"));
}

static void handles_of_surviving_nodes_stay(void **state)
{
	static const char *const paths[] = { "/",
					     "/chosen",
					     "/memory@0",
					     "/memory@40000000",
					     "/pci",
					     "/pci/scsi@2",
					     "/pci/scsi@2/disk@8000",
					     "/vdevice/vty",
					     "/client-made" };
	struct node *nodes[ARRAY_SIZE(paths)];
	phandle_t handles[ARRAY_SIZE(paths)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		nodes[i] = tree_find(paths[i]);
		handles[i] = nodes[i]->phandle;
	}
	merge();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		assert_ptr_equal(tree_find(paths[i]), nodes[i]);
		assert_ptr_equal(tree_by_phandle(handles[i]), nodes[i]);
	}
}

static void a_handle_of_a_surviving_node_is_not_qemus_to_change(void **state)
{
	struct node *node = tree_find("/chosen");
	phandle_t handle = node->phandle;
	size_t size;
	void *blob;

	(void)state;
	fake_fdt_start();
	fake_fdt_node("chosen");
	fake_fdt_u32("phandle", 0x7777);
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_merge(blob, size, NULL), size);
	assert_int_equal(node->phandle, handle);
	assert_null(tree_by_phandle(0x7777));
	assert_null(tree_getprop(node, "phandle", NULL));
}

static void new_nodes_are_shown_whole_parents_first(void **state)
{
	(void)state;
	merge();
	assert_string_equal(shown, "/pci@800000020000000/pci@3 "
				   "/pci@800000020000000/pci@3/ethernet@4 "
				   "/ibm,dynamic-reconfiguration-memory "
				   "/interrupt-controller@60302031b0000 ");
	assert_string_equal(
		tree_get_str(tree_find("/pci/pci@3"), "device_type"), "pci");
	assert_ptr_equal(tree_by_phandle(0x2222),
			 tree_find("/pci/pci@3/ethernet"));
	assert_int_equal(tree_find("/pci/pci@3")->owner, TREE_QEMU);
}

static void show_and_add(struct node *node)
{
	show(node);
	if (strcmp(node->name, "ethernet") == 0)
		assert_non_null(tree_add_node(node, "phy", TREE_QUOIN));
}

static void the_caller_may_add_nodes_of_its_own(void **state)
{
	static const struct tree_merge_ops adding = { .added = show_and_add };
	size_t size;
	void *blob = cas_blob(&size);

	(void)state;
	assert_int_equal(tree_merge(blob, size, &adding), size);
	assert_null(strstr(shown, "phy"));
	assert_non_null(tree_find("/pci/pci@3/ethernet/phy"));
}

static void aliases_to_removed_nodes_go(void **state)
{
	const struct node *aliases = tree_find("/aliases");

	(void)state;
	merge();
	assert_null(tree_get_str(aliases, "bridge"));
	assert_non_null(tree_get_str(aliases, "disk"));
}

static void note_removed(struct node *node)
{
	strcat(shown, "-");
	show(node);
}

static void removals_are_told_before_additions(void **state)
{
	(void)state;
	tree_set_remove_hook(note_removed);
	merge();
	assert_int_equal(
		strncmp(shown,
			"-/pci@800000020000000/pci@1/scsi@1,1 "
			"-/pci@800000020000000/pci@1 -/interrupt-controller ",
			88),
		0);
}

static void a_second_merge_goes_by_its_own_blob(void **state)
{
	size_t size;
	void *blob;

	(void)state;
	merge();
	shown[0] = '\0';
	merge();
	assert_string_equal(shown, "");
	blob = fake_fdt_machine(&size);
	assert_int_equal(tree_merge(blob, size, &ops), size);
	assert_string_equal(shown, "/pci@800000020000000/pci@1 "
				   "/pci@800000020000000/pci@1/scsi@1,1 "
				   "/interrupt-controller ");
	assert_null(tree_find("/pci/pci@3"));
}

static void a_bad_blob_changes_nothing(void **state)
{
	void *before, *after;
	size_t size;
	void *blob;
	long len = tree_flatten(0, 0, &before);

	(void)state;
	assert_true(len > 0);
	blob = cas_blob(&size);
	assert_int_equal(tree_merge(blob, size - 8, &ops), ERR_FORMAT);
	assert_int_equal(tree_merge((char *)blob + 4, size, &ops), ERR_FORMAT);
	fake_fdt_start();
	fake_fdt_str("model", "other");
	fake_fdt_node("new");
	fake_fdt_str("", "nameless");
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_merge(blob, size, &ops), ERR_FORMAT);
	fake_fdt_start();
	fake_fdt_node("new");
	fake_fdt_str("a/b", "no property of ours");
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	assert_int_equal(tree_merge(blob, size, &ops), ERR_FORMAT);
	assert_int_equal(tree_flatten(0, 0, &after), len);
	assert_memory_equal(before, after, (size_t)len);
	heap_free(before);
	heap_free(after);
}

static void each_lack_of_memory_is_told_and_does_no_harm(void **state)
{
	long rc;

	for (long n = 0;; n++) {
		size_t size;
		void *blob;
		struct node *node;

		teardown(state);
		setup(state);
		blob = cas_blob(&size);
		fake_heap_fail_after(n);
		rc = tree_merge(blob, size, NULL);
		if (!fake_heap_failed())
			break;
		assert_int_equal(rc, ERR_NOMEM);
		fake_heap_fail_after(-1);
		for (node = tree_root(); node; node = tree_next(node)) {
			char path[128];

			tree_path(node, path, sizeof(path));
			assert_ptr_equal(tree_find(path), node);
			assert_int_not_equal(node->phandle, 0);
			assert_ptr_equal(tree_by_phandle(node->phandle), node);
		}
		/* New nodes come all or not at all. */
		assert_null(tree_find("/pci/pci@3"));
		assert_null(tree_find("/interrupt-controller@60302031b0000"));
	}
	assert_true(rc > 0);
	assert_non_null(tree_find("/pci/pci@3/ethernet@4"));
}

static void no_flipped_bit_does_harm(void **state)
{
	size_t size;
	unsigned char *blob = cas_blob(&size), *orig = malloc(size);

	assert_non_null(orig);
	memcpy(orig, blob, size);
	for (size_t bit = 0; bit < size * 8; bit += 3) {
		unsigned char *copy;

		teardown(state);
		setup(state);
		copy = aligned_alloc(8, (size + 7) & ~(size_t)7);
		assert_non_null(copy);
		memcpy(copy, orig, size);
		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
		(void)(tree_merge(copy, size, NULL) > 0);
		free(copy);
	}
	free(orig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_tree_changes_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			properties_are_set_and_none_is_deleted, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_new_interrupt_controller_takes_over_the_phandle,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			only_what_qemu_made_and_left_out_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(handles_of_surviving_nodes_stay,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_handle_of_a_surviving_node_is_not_qemus_to_change,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			new_nodes_are_shown_whole_parents_first, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_caller_may_add_nodes_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(aliases_to_removed_nodes_go,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			removals_are_told_before_additions, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_second_merge_goes_by_its_own_blob, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bad_blob_changes_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_lack_of_memory_is_told_and_does_no_harm, setup,
			teardown),
		cmocka_unit_test_setup_teardown(no_flipped_bit_does_harm, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

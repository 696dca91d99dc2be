// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_tree.c: canon, package-to-path, fdt-fetch. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "lib/endian.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

#define FAIL CELL_FAIL

/* Handles that name no node: -1, wild, QEMU's range, ours but not yet used. */
static const cell_t bad_phandles[] = { 0xffffffff, 1,	       0x1111,
				       0x2ffffffe, 0x7fffffff, 0x80000000 };

/* Addresses that are no strings. */
static const cell_t bad_strings[] = { 0,	   FAKE_MEMORY - 1, FAKE_MEMORY,
				      FAKE_WINDOW, FAKE_WINDOW + 5, 0x7fffffff,
				      0xfffffffe,  0xffffffff };

/* Buffers of 16 bytes that are not all the client's. */
static const cell_t bad_buffers[] = { FAKE_MEMORY - 15,	   FAKE_MEMORY,
				      FAKE_WINDOW - 15,	   FAKE_WINDOW,
				      FAKE_STACK_END - 15, FAKE_WINDOW_END - 1,
				      0xfffffff0,	   0xffffffff };

static cell_t chosen(void)
{
	return fake_phandle("/chosen");
}

static void canon_gives_the_full_path(void **state)
{
	cell_t buf = fake_buf(64);

	(void)state;
	assert_int_equal(CI("canon", fake_str("disk:1"), buf, 64), 24);
	assert_string_equal(fake_text(buf), "/vdevice/disk@71000002:1");
	assert_int_equal(CI("canon", fake_str("/"), buf, 64), 1);
	assert_string_equal(fake_text(buf), "/");
}

static void canon_failures_write_nothing(void **state)
{
	cell_t buf = fake_buf(64), path = fake_str("disk");

	(void)state;
	assert_int_equal(CI("canon", fake_str("none"), buf, 64), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("canon", bad_strings[i], buf, 64), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++)
		assert_int_equal(CI("canon", path, bad_buffers[i], 16), FAIL);
	assert_int_equal(CI("canon", path, buf, 0xffffffff), FAIL);
	fake_blocks_fail_after(0);
	assert_int_equal(CI("canon", path, buf, 64), FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
}

static void canon_frees_what_it_takes(void **state)
{
	cell_t buf = fake_buf(64);
	size_t live = fake_blocks_live();

	(void)state;
	CI("canon", fake_str("disk"), buf, 64);
	CI("canon", fake_str("none"), buf, 64);
	assert_int_equal(fake_blocks_live(), live);
}

/* The length without NUL, all of it even if cut; the rest is cleared. */
static void grub_package_to_path_fills_the_buffer_with_zeroes(void **state)
{
	cell_t disk = fake_phandle("/vdevice/disk@71000002");

	(void)state;
	for (cell_t size = 0; size < 32; size++) {
		cell_t buf = fake_buf(32);
		size_t n = MIN(size, 22u);

		assert_int_equal(CI("package-to-path", disk, buf, size), 22);
		assert_memory_equal(fake_memory + buf, "/vdevice/disk@71000002",
				    n);
		for (size_t i = n; i < size; i++)
			assert_int_equal(fake_memory[buf + i], 0);
		assert_int_equal(fake_memory[buf + size], 0xee);
	}
	assert_int_equal(
		CI("package-to-path", tree_root()->phandle, fake_buf(4), 4), 1);
}

static void package_to_path_failures_are_minus_one(void **state)
{
	cell_t buf = fake_buf(64);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_phandles); i++)
		assert_int_equal(
			CI("package-to-path", bad_phandles[i], buf, 64), FAIL);
	assert_int_equal(CI("package-to-path", 0, buf, 64), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++)
		assert_int_equal(CI("package-to-path", chosen(), bad_buffers[i],
				    16),
				 FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
}

/* As deep as a machine has buses. */
static void package_to_path_knows_deep_nodes(void **state)
{
	struct node *node = tree_root();
	cell_t buf = fake_buf(4096);
	size_t live;

	(void)state;
	for (int i = 1; i <= 256; i++)
		node = tree_add_node(node, "pci-bridge@1f", TREE_QEMU);
	live = fake_blocks_live();
	assert_int_equal(CI("package-to-path", node->phandle, buf, 4096),
			 256 * 14);
	assert_string_equal(fake_text(buf) + 255 * 14, "/pci-bridge@1f");
	assert_int_equal(CI("package-to-path", node->phandle, buf, 4),
			 256 * 14);
	assert_int_equal(fake_blocks_live(), live);
	fake_blocks_fail_after(0);
	assert_int_equal(CI("package-to-path", node->phandle, buf, 64), FAIL);
}

static void fdt_fetch_gives_a_tree(void **state)
{
	cell_t buf = fake_buf(65536);

	(void)state;
	assert_int_equal(CI("fdt-fetch", buf, 65536), 0);
	assert_int_equal(be32_load(fake_memory + buf), 0xd00dfeed);
}

static void fdt_fetch_needs_room_and_memory(void **state)
{
	cell_t buf = fake_buf(65536), size;

	(void)state;
	assert_int_equal(CI("fdt-fetch", buf, 65536), 0);
	size = be32_load(fake_memory + buf + 4);
	memset(fake_memory + buf, 0xee, 65536);
	assert_int_equal(CI("fdt-fetch", buf, size - 1), FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
	assert_int_equal(CI("fdt-fetch", FAKE_WINDOW - 16, 65536), FAIL);
	assert_int_equal(CI("fdt-fetch", buf, 0xffffffff), FAIL);
	assert_int_equal(CI("fdt-fetch", buf, 0), FAIL);
	assert_int_equal(CI("fdt-fetch", buf, size), 0);
	fake_blocks_fail_after(0);
	assert_int_equal(CI("fdt-fetch", buf, size), FAIL);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(canon_gives_the_full_path),
		T(canon_failures_write_nothing),
		T(canon_frees_what_it_takes),
		T(grub_package_to_path_fills_the_buffer_with_zeroes),
		T(package_to_path_failures_are_minus_one),
		T(package_to_path_knows_deep_nodes),
		T(fdt_fetch_gives_a_tree),
		T(fdt_fetch_needs_room_and_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

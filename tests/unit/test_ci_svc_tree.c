// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_tree.c: the device tree's services, as clients call them. */
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

static cell_t stdin_handle(void)
{
	uint32_t handle;

	assert_int_equal(
		tree_get_u32(tree_find("/chosen"), "stdin", 0, &handle), 0);
	return handle;
}

static void linux_peer_of_zero_is_the_root(void **state)
{
	(void)state;
	assert_int_equal(CI("peer", 0), tree_root()->phandle);
	assert_int_equal(CI("peer", tree_root()->phandle), 0);
}

static void linux_walks_the_whole_tree(void **state)
{
	unsigned nodes = 0, walked = 0;
	cell_t at = CI("peer", 0);

	(void)state;
	for (struct node *node = tree_root(); node; node = tree_next(node))
		nodes++;
	while (at) {
		cell_t next = CI("child", at);

		walked++;
		while (!next && at) {
			next = CI("peer", at);
			if (!next)
				at = CI("parent", at);
		}
		at = next;
	}
	assert_int_equal(walked, nodes);
}

static void relatives_of_bad_handles_are_zero(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_phandles); i++) {
		assert_int_equal(CI("peer", bad_phandles[i]), 0);
		assert_int_equal(CI("child", bad_phandles[i]), 0);
		assert_int_equal(CI("parent", bad_phandles[i]), 0);
	}
	assert_int_equal(CI("child", 0), 0);
	assert_int_equal(CI("parent", 0), 0);
	assert_int_equal(CI("parent", tree_root()->phandle), 0);
}

static void an_ihandle_is_no_phandle(void **state)
{
	cell_t ih = stdin_handle();

	(void)state;
	assert_int_equal(CI("peer", ih), 0);
	assert_int_equal(CI("child", ih), 0);
	assert_int_equal(CI("parent", ih), 0);
	assert_int_equal(CI("getproplen", ih, fake_str("name")), FAIL);
	assert_int_equal(CI("package-to-path", ih, fake_buf(64), 64), FAIL);
	assert_int_equal(CI("setprop", ih, fake_str("x"), 0, 0), FAIL);
}

static void a_removed_nodes_handle_is_stale(void **state)
{
	struct node *node = tree_add_node(tree_root(), "gone", TREE_QEMU);
	cell_t handle = node->phandle;

	(void)state;
	assert_int_not_equal(CI("getproplen", handle, fake_str("name")), FAIL);
	tree_remove_node(node);
	assert_int_equal(CI("getproplen", handle, fake_str("name")), FAIL);
	assert_int_equal(CI("parent", handle), 0);
	node = tree_add_node(tree_root(), "gone", TREE_QEMU);
	assert_int_not_equal(node->phandle, handle);
}

static void finddevice_takes_paths_aliases_and_arguments(void **state)
{
	cell_t disk = fake_phandle("/vdevice/disk@71000002");

	(void)state;
	assert_int_equal(CI("finddevice", fake_str("/")), tree_root()->phandle);
	assert_int_equal(CI("finddevice", fake_str("disk")), disk);
	assert_int_equal(CI("finddevice", fake_str("disk:1,\\boot")), disk);
	assert_int_equal(CI("finddevice", fake_str("/vdevice/disk:0")), disk);
	assert_int_equal(CI("finddevice", fake_str("/vdevice/disk@71000002:")),
			 disk);
	/* GRUB and FreeBSD read the memory so. */
	assert_int_equal(CI("finddevice", fake_str("/memory")),
			 fake_phandle("/memory@0"));
}

static void finddevice_of_nothing_is_minus_one(void **state)
{
	static const char *const names[] = {
		"/none",   "none",	   "", ":", "/vdevice/disk@3",
		"//////x", "/chosen/stdin"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(CI("finddevice", fake_str(names[i])), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("finddevice", bad_strings[i]), FAIL);
}

static void unterminated_strings_are_refused(void **state)
{
	(void)state;
	/* To the end of memory, and to the firmware's border. */
	memset(fake_memory + FAKE_MEMORY - 64, 'a', 64);
	assert_int_equal(CI("finddevice", FAKE_MEMORY - 64), FAIL);
	fake_memory[FAKE_WINDOW - 2] = '/';
	fake_memory[FAKE_WINDOW - 1] = 'x';
	fake_memory[FAKE_WINDOW] = '\0';
	assert_int_equal(CI("finddevice", FAKE_WINDOW - 2), FAIL);
	/* All of it outside: the NUL is the last byte before the border. */
	fake_memory[FAKE_WINDOW - 1] = '\0';
	assert_int_equal(CI("finddevice", FAKE_WINDOW - 2),
			 tree_root()->phandle);
}

static void getprop_copies_and_returns_the_length(void **state)
{
	cell_t buf = fake_buf(32), name = fake_str("device_type");
	cell_t node = fake_phandle("/vdevice");

	(void)state;
	assert_int_equal(CI("getproplen", node, name), 8);
	assert_int_equal(CI("getprop", node, name, buf, 32), 8);
	assert_string_equal(fake_text(buf), "vdevice");
	/* Nothing behind the value is touched. */
	assert_int_equal(fake_memory[buf + 8], 0xee);
}

/* It gives a length first, then the buffer; both cells of it count. */
static void grub_gets_the_full_length_of_a_cut_value(void **state)
{
	cell_t name = fake_str("device_type"), node = fake_phandle("/vdevice");

	(void)state;
	for (cell_t size = 0; size < 8; size++) {
		cell_t buf = fake_buf(8);

		assert_int_equal(CI("getprop", node, name, buf, size), 8);
		assert_memory_equal(fake_memory + buf, "vdevice", size);
		assert_int_equal(fake_memory[buf + size], 0xee);
	}
	assert_int_equal(CI("getprop", node, name, 0, 0), 8);
}

/* It asks -1 for properties of nodes that it has not found. */
static void grub_getprop_of_garbage_handles_fails(void **state)
{
	cell_t buf = fake_buf(16), name = fake_str("name");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_phandles); i++)
		assert_int_equal(CI("getprop", bad_phandles[i], name, buf, 16),
				 FAIL);
	assert_int_equal(CI("getprop", 0, name, buf, 16), FAIL);
	assert_int_equal(CI("getprop", chosen(), fake_str("none"), buf, 16),
			 FAIL);
	assert_int_equal(CI("getproplen", chosen(), fake_str("none")), FAIL);
	assert_int_equal(CI("getproplen", chosen(), fake_str("")), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++) {
		assert_int_equal(CI("getproplen", chosen(), bad_strings[i]),
				 FAIL);
		assert_int_equal(
			CI("getprop", chosen(), bad_strings[i], buf, 16), FAIL);
	}
	assert_int_equal(fake_memory[buf], 0xee);
}

static void getprop_never_writes_outside_the_client(void **state)
{
	cell_t value = fake_str("0123456789abcde"), name = fake_str("x");

	(void)state;
	CI("setprop", chosen(), name, value, 16);
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++)
		assert_int_equal(CI("getprop", chosen(), name, bad_buffers[i],
				    16),
				 FAIL);
	assert_int_equal(fake_memory[FAKE_WINDOW - 1], 0xee);
	assert_int_equal(fake_memory[FAKE_WINDOW], 0xee);
	assert_int_equal(fake_memory[FAKE_MEMORY - 1], 0xee);
	assert_int_equal(CI("getprop", chosen(), name, FAKE_MEMORY - 16, 16),
			 16);
	/* The size is a limit, not a claim that so much is there. */
	assert_int_equal(CI("getprop", chosen(), name, FAKE_WINDOW - 16,
			    0xffffffff),
			 16);
}

static unsigned count_props(cell_t first)
{
	cell_t prev = first, buf = fake_buf(64);
	unsigned n = 0;

	while (CI("nextprop", chosen(), prev, buf) == 1) {
		assert_int_equal(strlen(fake_text(buf)) < 64, 1);
		prev = fake_str(fake_text(buf));
		n++;
	}
	assert_int_equal(fake_ret[0], 0);
	return n;
}

static void grub_nextprop_starts_with_an_empty_name(void **state)
{
	(void)state;
	assert_true(count_props(fake_str("")) > 5);
}

static void freebsd_nextprop_starts_with_null(void **state)
{
	(void)state;
	assert_int_equal(count_props(0), count_props(fake_str("")));
}

static void linux_nextprop_in_place_works(void **state)
{
	cell_t buf = fake_buf(64);
	unsigned n = 0;

	(void)state;
	fake_memory[buf] = '\0';
	while (CI("nextprop", chosen(), buf, buf) == 1)
		n++;
	assert_int_equal(n, count_props(0));
}

static void nextprop_of_a_bad_name_or_handle_is_minus_one(void **state)
{
	cell_t buf = fake_buf(64);

	(void)state;
	assert_int_equal(CI("nextprop", chosen(), fake_str("none"), buf), FAIL);
	assert_int_equal(CI("nextprop", 0, 0, buf), FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_phandles); i++)
		assert_int_equal(CI("nextprop", bad_phandles[i], 0, buf), FAIL);
	for (size_t i = 1; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("nextprop", chosen(), bad_strings[i], buf),
				 FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
}

/* "name" and its NUL are five bytes. */
static void nextprop_never_writes_outside_the_client(void **state)
{
	(void)state;
	assert_int_equal(CI("nextprop", chosen(), 0, FAKE_MEMORY - 5), 1);
	assert_string_equal(fake_text(FAKE_MEMORY - 5), "name");
	assert_int_equal(CI("nextprop", chosen(), 0, FAKE_MEMORY - 4), FAIL);
	assert_int_equal(CI("nextprop", chosen(), 0, FAKE_WINDOW - 4), FAIL);
	assert_int_equal(CI("nextprop", chosen(), 0, FAKE_WINDOW), FAIL);
	assert_int_equal(CI("nextprop", chosen(), 0, 0xffffffff), FAIL);
	assert_int_equal(fake_memory[FAKE_WINDOW - 4], 0xee);
	/* The end needs no buffer. */
	assert_int_equal(CI("nextprop", chosen(), fake_str("bootargs"), 0), 0);
}

static void setprop_creates_replaces_and_appends(void **state)
{
	cell_t name = fake_str("linux,stdout"), buf = fake_buf(16);

	(void)state;
	assert_int_equal(CI("setprop", chosen(), name, fake_str("abc"), 4), 4);
	assert_int_equal(CI("getprop", chosen(), name, buf, 16), 4);
	assert_string_equal(fake_text(buf), "abc");
	/* Another length, longer and shorter. */
	assert_int_equal(
		CI("setprop", chosen(), name, fake_str("0123456789"), 11), 11);
	assert_int_equal(CI("getprop", chosen(), name, buf, 16), 11);
	assert_string_equal(fake_text(buf), "0123456789");
	assert_int_equal(CI("setprop", chosen(), name, buf, 1), 1);
	assert_int_equal(CI("getproplen", chosen(), name), 1);
	assert_int_equal(CI("nextprop", chosen(), name, buf), 0);
}

static void linux_setprop_of_nothing_is_a_flag(void **state)
{
	cell_t name = fake_str("flag"), buf = fake_buf(4);

	(void)state;
	assert_int_equal(CI("setprop", chosen(), name, 0, 0), 0);
	assert_int_equal(CI("getproplen", chosen(), name), 0);
	assert_int_equal(CI("getprop", chosen(), name, buf, 4), 0);
	assert_int_equal(fake_memory[buf], 0xee);
}

static void setprop_failures_change_nothing(void **state)
{
	cell_t name = fake_str("bootargs"), value = fake_str("abc");
	char name64[65];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_phandles); i++)
		assert_int_equal(CI("setprop", bad_phandles[i], name, value, 4),
				 FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("setprop", chosen(), bad_strings[i], value,
				    4),
				 FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++)
		assert_int_equal(CI("setprop", chosen(), name, bad_buffers[i],
				    16),
				 FAIL);
	assert_int_equal(CI("setprop", chosen(), name, value, 0xffffffff),
			 FAIL);
	assert_int_equal(CI("setprop", chosen(), fake_str(""), value, 4), FAIL);
	/* Linux's buffer for names has 64 bytes. */
	memset(name64, 'x', 64);
	name64[64] = '\0';
	assert_int_equal(CI("setprop", chosen(), fake_str(name64), value, 4),
			 FAIL);
	assert_string_equal(tree_get_str(tree_find("/chosen"), "bootargs"), "");
}

static void setprop_without_memory_fails(void **state)
{
	cell_t name = fake_str("new"), value = fake_str("abc");

	(void)state;
	fake_blocks_fail_after(0);
	assert_int_equal(CI("setprop", chosen(), name, value, 4), FAIL);
	fake_blocks_fail_after(-1);
	assert_int_equal(CI("getproplen", chosen(), name), FAIL);
	assert_int_equal(CI("setprop", chosen(), name, value, 4), 4);
}

/* What a client writes to /options goes to NVRAM; elsewhere it does not. */
static void setprop_of_options_is_reported(void **state)
{
	(void)state;
	CI("setprop", chosen(), fake_str("auto-boot?"), fake_str("false"), 6);
	assert_string_equal(fake_option, "");
	assert_int_equal(CI("setprop", fake_phandle("/options"),
			    fake_str("auto-boot?"), fake_str("false"), 5),
			 5);
	assert_string_equal(fake_option, "auto-boot?=false");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(linux_peer_of_zero_is_the_root),
		T(linux_walks_the_whole_tree),
		T(relatives_of_bad_handles_are_zero),
		T(an_ihandle_is_no_phandle),
		T(a_removed_nodes_handle_is_stale),
		T(finddevice_takes_paths_aliases_and_arguments),
		T(finddevice_of_nothing_is_minus_one),
		T(unterminated_strings_are_refused),
		T(getprop_copies_and_returns_the_length),
		T(grub_gets_the_full_length_of_a_cut_value),
		T(grub_getprop_of_garbage_handles_fails),
		T(getprop_never_writes_outside_the_client),
		T(grub_nextprop_starts_with_an_empty_name),
		T(freebsd_nextprop_starts_with_null),
		T(linux_nextprop_in_place_works),
		T(nextprop_of_a_bad_name_or_handle_is_minus_one),
		T(nextprop_never_writes_outside_the_client),
		T(setprop_creates_replaces_and_appends),
		T(linux_setprop_of_nothing_is_a_flag),
		T(setprop_failures_change_nothing),
		T(setprop_without_memory_fails),
		T(setprop_of_options_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

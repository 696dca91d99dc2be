// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_device.c: call-method and test-method. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/quiesce.h"
#include "drivers/instance.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tests/fake/blocks.h"
#include "tests/fake/machine.h"

#define FAIL CELL_FAIL

static const cell_t bad_strings[] = {
	0, FAKE_MEMORY - 1, FAKE_MEMORY, FAKE_WINDOW, 0x7fffffff, 0xffffffff
};

static cell_t chosen_handle(const char *name)
{
	uint32_t handle;

	assert_int_equal(tree_get_u32(tree_find("/chosen"), name, 0, &handle),
			 0);
	return handle;
}

static cell_t open_disk(void)
{
	cell_t handle = CI("open", fake_str("disk:0"));

	assert_int_not_equal(handle, 0);
	assert_int_not_equal(handle, FAIL);
	return handle;
}

static void fill_disk(void)
{
	for (size_t i = 0; i < sizeof(fake_disk); i++)
		fake_disk[i] = (uint8_t)(i * 7 + i / 256);
}

static void call_method_gives_catch_first_and_the_stack_top_first(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	assert_int_equal(
		CI_N("call-method", 4, fake_str("turn"), disk, 1, 2, 3), 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 3);
	assert_int_equal(fake_ret[2], 2);
	assert_int_equal(fake_ret[3], 1);
}

/* It walks counts of methods that failed: they must be zero. */
static void grub_sees_zeroes_when_a_method_fails(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	assert_int_equal(
		CI_N("call-method", 5, fake_str("turn"), disk, 13, 2, 3), 0);
	assert_int_not_equal(fake_ret[0], 0);
	for (int i = 1; i < 5; i++)
		assert_int_equal(fake_ret[i], 0);
	CI_N("call-method", 3, fake_str("fcp-targets"), disk);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0);
	assert_int_equal(fake_ret[2], 0);
}

/* Its loader takes -1 from /memory's claim for "no such memory". */
static void freebsd_never_sees_minus_one_as_catch_result(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	CI_N("call-method", 2, fake_str("turn"), disk, 13, 0, 0);
	assert_int_not_equal(fake_ret[0], FAIL);
	CI_N("call-method", 2, fake_str("none"), disk);
	assert_int_not_equal(fake_ret[0], FAIL);
	CI_N("call-method", 2, fake_str("none"), 0);
	assert_int_not_equal(fake_ret[0], FAIL);
}

static void a_method_gives_no_more_than_its_row_says(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	CI_N("call-method", 6, fake_str("turn"), disk, 1, 2, 3);
	assert_int_equal(fake_ret[3], 1);
	assert_int_equal(fake_ret[4], 0);
	assert_int_equal(fake_ret[5], 0);
}

/* Calls of a display's color!, each as r g b index. */
static cell_t colours[4][4];
static unsigned colour_calls;

static int colour(struct instance *inst, const cell_t *args, cell_t *rets)
{
	(void)inst;
	(void)rets;
	if (args[0] == 13 || colour_calls == 4)
		return ERR_RANGE;
	for (unsigned i = 0; i < 4; i++)
		colours[colour_calls][i] = args[3 - i];
	colour_calls++;
	return 0;
}

static const struct method colour_methods[] = {
	{ "color!", 4, 0, colour },
	{ .name = NULL },
};

static void set_colors_sets_each_colour_of_a_display(void **state)
{
	cell_t node = CI("finddevice", fake_str("disk")), disk = open_disk();
	struct device *dev = device_of(tree_by_phandle(node));
	const struct method *own = dev->methods;
	cell_t rgb = fake_buf(9);

	(void)state;
	memcpy(fake_memory + rgb, "\1\2\3\4\5\6\7\x8\xff", 9);
	CI_N("call-method", 1, fake_str("set-colors"), disk, 2, 5, rgb);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(CI("test-method", node, fake_str("set-colors")), FAIL);
	dev->methods = colour_methods;
	assert_int_equal(CI("test-method", node, fake_str("set-colors")), 0);
	colour_calls = 0;
	CI_N("call-method", 1, fake_str("set-colors"), disk, 2, 5, rgb);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(colour_calls, 2);
	assert_memory_equal(colours, ((cell_t[]){ 1, 2, 3, 5, 4, 5, 6, 6 }),
			    32);
	/* The second fails, the third is not tried. */
	CI_N("call-method", 1, fake_str("set-colors"), disk, 3, 12, rgb);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(colour_calls, 3);
	/* More than a palette has, no memory, and more than there is. */
	CI_N("call-method", 1, fake_str("set-colors"), disk, 257, 14,
	     fake_buf(3 * 257));
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 1, fake_str("set-colors"), disk, 2, 5, FAKE_WINDOW);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 1, fake_str("set-colors"), disk, 0x55555556, 5,
	     rgb);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(colour_calls, 3);
	dev->methods = own;
}

static void a_method_with_too_few_arguments_is_not_run(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	CI_N("call-method", 4, fake_str("turn"), disk, 1, 2);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0);
	CI_N("call-method", 4, fake_str("turn"), disk);
	assert_int_not_equal(fake_ret[0], 0);
	/* More than it takes is fine: the stack just is deeper. */
	CI_N("call-method", 4, fake_str("turn"), disk, 1, 2, 3, 4, 5);
	assert_int_equal(fake_ret[0], 0);
}

static void results_may_be_fewer_or_more_than_asked_for(void **state)
{
	cell_t disk = open_disk(), name = fake_str("turn");

	(void)state;
	assert_int_equal(CI_N("call-method", 0, name, disk, 1, 2, 3), 0);
	assert_int_equal(CI_N("call-method", 2, name, disk, 1, 2, 3), 0);
	assert_int_equal(fake_ret[1], 3);
	assert_int_equal(CI_N("call-method", 24, name, disk, 1, 2, 3), 0);
	for (int i = 4; i < 24; i++)
		assert_int_equal(fake_ret[i], 0);
}

static void bad_method_names_are_unknown_methods(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++) {
		CI_N("call-method", 2, bad_strings[i], disk);
		assert_int_equal(fake_ret[0], (cell_t)-13);
		assert_int_equal(fake_ret[1], 0);
	}
	CI_N("call-method", 2, fake_str(""), disk);
	assert_int_equal(fake_ret[0], (cell_t)-13);
	assert_string_equal(fake_printed, "");
}

static void grub_asks_a_disk_for_its_block_size(void **state)
{
	(void)state;
	CI_N("call-method", 2, fake_str("block-size"), open_disk());
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 512);
}

/* read ( addr len -- n ): the top, first in memory, is len. */
static void read_write_and_seek_are_methods_too(void **state)
{
	cell_t disk = open_disk(), buf = fake_buf(32);

	(void)state;
	fill_disk();
	CI_N("call-method", 2, fake_str("seek"), disk, 0, 32);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0);
	CI_N("call-method", 2, fake_str("read"), disk, 16, buf);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 16);
	assert_memory_equal(fake_memory + buf, fake_disk + 32, 16);
	CI_N("call-method", 2, fake_str("write"), chosen_handle("stdout"), 2,
	     fake_str("ok"));
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 2);
	assert_string_equal(fake_console_out, "0:ok1:ok");
	CI_N("call-method", 2, fake_str("read"), chosen_handle("stdin"), 4,
	     buf);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], (cell_t)-2);
}

static void methods_fail_as_the_services_do(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	CI_N("call-method", 2, fake_str("seek"), disk, 1, 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], FAIL);
	CI_N("call-method", 2, fake_str("read"), disk, 16, FAKE_WINDOW);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 2, fake_str("write"), disk, 16, 0x8000);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 2, fake_str("write"), disk, 16, FAKE_WINDOW);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 2, fake_str("seek"), chosen_handle("stdin"), 0, 0);
	assert_int_equal(fake_ret[0], (cell_t)-13);
	CI_N("call-method", 2, fake_str("read"), chosen_handle("memory"), 4, 0);
	assert_int_equal(fake_ret[0], (cell_t)-13);
}

static cell_t tested(const char *path, const char *method)
{
	return CI("test-method", fake_phandle(path), fake_str(method));
}

static void *load_buf;
static size_t load_room;
static bool load_held;

static long load_some(struct instance *inst, void *buf, size_t room)
{
	(void)inst;
	load_buf = buf;
	load_room = room;
	load_held = fake_blocks_held();
	if (room < 100)
		return reason_fail(ERR_IO, "no room for the file");
	memset(buf, 'f', 100);
	return 100;
}

/* load ( addr -- size ), of network cards: it must not reach the firmware. */
static void load_gets_all_memory_up_to_the_firmware(void **state)
{
	cell_t disk = open_disk(), name = fake_str("load");

	(void)state;
	CI_N("call-method", 2, name, disk, 0x8000);
	assert_int_equal(fake_ret[0], (cell_t)-13);
	assert_int_equal(tested("/vdevice/disk@71000002", "load"), FAIL);
	instance_get(disk)->ops.load = load_some;
	CI_N("call-method", 2, name, disk, FAKE_WINDOW - 100);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 100);
	assert_ptr_equal(load_buf, fake_memory + FAKE_WINDOW - 100);
	assert_int_equal(load_room, 100);
	/* Nor does the firmware take of it meanwhile. */
	assert_true(load_held);
	assert_false(fake_blocks_held());
	fake_log_clear();
	CI_N("call-method", 2, name, disk, FAKE_WINDOW - 99);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0);
	assert_true(fake_log_has("no room for the file"));
	assert_false(fake_blocks_held());
	load_buf = NULL;
	CI_N("call-method", 2, name, disk, FAKE_WINDOW);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 2, name, disk, FAKE_MEMORY);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 2, name, disk, FAIL);
	assert_int_not_equal(fake_ret[0], 0);
	assert_null(load_buf);
}

/* The client gets 0 only; GRUB opens all drives, also empty ones. */
static void open_of_a_failing_disk_is_told(void **state)
{
	static const int errors[] = { ERR_IO, ERR_TIMEOUT, ERR_NOMEDIUM,
				      ERR_FORMAT };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		fake_log_clear();
		fake_disk_error = errors[i];
		assert_int_equal(CI("open", fake_str("disk:0")), 0);
		assert_int_equal(fake_log_has("it is broken"), i < 2);
	}
	fake_log_clear();
	assert_int_equal(CI("open", fake_str("/none")), 0);
	assert_false(fake_log_has("none"));
}

static void test_method_knows_nodes_methods(void **state)
{
	(void)state;
	assert_int_equal(tested("/", "ibm,client-architecture-support"), 0);
	assert_int_equal(tested("/rtas", "instantiate-rtas"), 0);
	assert_int_equal(tested("/memory@0", "claim"), 0);
	assert_int_equal(tested("/rtc", "get-time"), 0);
	assert_int_equal(tested("/vdevice/disk@71000002", "block-size"), 0);
	assert_int_equal(tested("/vdevice/disk@71000002", "read"), 0);
	assert_int_equal(tested("/vdevice/disk@71000002", "open"), 0);
	assert_int_equal(tested("/vdevice/vty@71000000", "write"), 0);
}

static void test_method_of_what_is_missing_is_true(void **state)
{
	cell_t root = fake_phandle("/");

	(void)state;
	assert_int_equal(tested("/", "claim"), FAIL);
	assert_int_equal(tested("/chosen", "open"), FAIL);
	assert_int_equal(tested("/vdevice/vty@71000000", "seek"), FAIL);
	assert_int_equal(tested("/", ""), FAIL);
	assert_int_equal(CI("test-method", 0, fake_str("open")), FAIL);
	assert_int_equal(CI("test-method", FAIL, fake_str("open")), FAIL);
	assert_int_equal(CI("test-method", chosen_handle("stdin"),
			    fake_str("read")),
			 FAIL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("test-method", root, bad_strings[i]), FAIL);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(call_method_gives_catch_first_and_the_stack_top_first),
		T(grub_sees_zeroes_when_a_method_fails),
		T(freebsd_never_sees_minus_one_as_catch_result),
		T(a_method_gives_no_more_than_its_row_says),
		T(set_colors_sets_each_colour_of_a_display),
		T(a_method_with_too_few_arguments_is_not_run),
		T(results_may_be_fewer_or_more_than_asked_for),
		T(bad_method_names_are_unknown_methods),
		T(grub_asks_a_disk_for_its_block_size),
		T(read_write_and_seek_are_methods_too),
		T(methods_fail_as_the_services_do),
		T(load_gets_all_memory_up_to_the_firmware),
		T(open_of_a_failing_disk_is_told),
		T(test_method_knows_nodes_methods),
		T(test_method_of_what_is_missing_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

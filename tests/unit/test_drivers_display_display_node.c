// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/display.c: the node and its mode, for clients.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "tests/fake/display.h"
#include "tree/path.h"

static struct device *dev;

static int start(void **state)
{
	(void)state;
	dev = fake_display_begin();
	return dev ? 0 : -1;
}

static void a_client_opens_it_and_sets_colours(void **state)
{
	const cell_t args[] = { 3, 0x30, 0x20, 0x10 };
	const struct method *colour;
	struct instance *inst;

	(void)state;
	fake_display.next.depth = 8;
	fake_display_text("a");
	console_show(true);
	inst = instance_open("screen");
	assert_non_null(inst);
	assert_int_equal(fake_display.starts, 1);
	colour = instance_method(inst, "color!");
	assert_non_null(colour);
	assert_int_equal(colour->call(inst, args, NULL), 0);
	assert_int_equal(fake_display.palette[3], 0x102030);
	instance_close(inst);
	assert_true(fake_display.running);
}

/* -nographic keeps the card: Linux's offb wants its mode set. */
static void a_client_opens_one_that_had_no_text(void **state)
{
	const cell_t args[] = { 3, 0x30, 0x20, 0x10 };
	struct instance *inst = instance_open("/display@1");
	cell_t rets[2];

	(void)state;
	assert_non_null(inst);
	assert_int_equal(fake_display.starts, 1);
	assert_true(fake_display.running);
	/* There is no palette. */
	assert_int_equal(
		instance_method(inst, "color!")->call(inst, args, rets), 0);
	assert_int_equal(
		instance_method(inst, "dimensions")->call(inst, NULL, rets), 0);
	assert_int_equal(rets[0], 60);
	assert_int_equal(rets[1], 100);
	assert_int_equal(inst->ops.write(inst, "hi", 2), 2);
	console_show(true);
	assert_string_equal(fake_display_row(0), "hi");
	instance_close(inst);
}

static void the_node_is_a_display_named_screen(void **state)
{
	const struct node *node = tree_find("screen");

	(void)state;
	assert_ptr_equal(node, dev->node);
	assert_string_equal(tree_get_str(node, "device_type"), "display");
	assert_string_equal(tree_get_str(node, "character-set"), "ISO8859-1");
	/* Above 4 GiB: offb would map the wrong place. */
	assert_null(tree_getprop(node, "address", NULL));
}

static void without_memory_there_is_no_display(void **state)
{
	struct node *node;

	(void)state;
	tree_remove_node(dev->node);
	tree_drop_aliases();
	node = tree_add_node(tree_root(), "display@1", TREE_QEMU);
	assert_int_equal(tree_set_str(node, "compatible", "fake,display"), 0);
	dev = NULL;
	for (long n = 0; !dev; n++) {
		assert_in_range(n, 0, 20);
		fake_heap_fail_after(n);
		dev = device_add(NULL, &platform_bus, node, NULL);
		fake_heap_fail_after(-1);
	}
	assert_true(fake_log_has("fake-display /display@1: cannot create an "
				 "alias: out of memory"));
	assert_true(fake_log_has("fake-display /display@1: out of memory"));
}

static void the_mode_is_described(void **state)
{
	static const struct display_mode m = { 800, 600, 15, 1200, 0 };
	static const struct {
		const char *name;
		uint32_t value;
	} props[] = {
		{ "width", 800 },
		{ "height", 600 },
		{ "linebytes", 1600 },
		{ "depth", 15 },
	};

	(void)state;
	assert_int_equal(display_describe(dev, &m), 0);
	for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
		uint32_t value;

		assert_int_equal(
			tree_get_u32(dev->node, props[i].name, 0, &value), 0);
		assert_int_equal(value, props[i].value);
	}
	fake_heap_fail_after(0);
	tree_delprop(dev->node, "width");
	assert_int_equal(display_describe(dev, &m), ERR_NOMEM);
	fake_heap_fail_after(-1);
}

static const struct {
	uint32_t width, height, depth;
	uint64_t memory;
	struct display_mode mode;
} wanted[] = {
	{ 800, 600, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 1024, 768, 8, 16 * MiB, { 1024, 768, 8, 768, 0 } },
	{ 1024, 768, 15, 16 * MiB, { 1024, 768, 15, 768, 0 } },
	{ 1024, 768, 16, 16 * MiB, { 1024, 768, 16, 768, 0 } },
	{ 1024, 768, 24, 16 * MiB, { 1024, 768, 32, 768, 0 } },
	{ 1024, 768, 0, 16 * MiB, { 1024, 768, 32, 768, 0 } },
	{ 0, 0, 0, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 7, 600, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 800, 15, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 1024, 4096, 32, 16 * MiB, { 1024, 4096, 32, 4096, 0 } },
	{ 1024, 4097, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 4096, 4096, 8, 16 * MiB, { 4096, 4096, 8, 4096, 0 } },
	{ UINT32_MAX, UINT32_MAX, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 1 << 30, 1 << 30, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 1 << 31, 1 << 31, 32, 16 * MiB, { 800, 600, 32, 600, 0 } },
	{ 800, 600, 32, 0, { 800, 600, 32, 600, 0 } },
};

static void the_mode_wanted_is_checked(void **state)
{
	struct node *chosen = tree_find("/chosen");
	struct display_mode m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		assert_int_equal(tree_set_u32(chosen, "qemu,graphic-width",
					      wanted[i].width),
				 0);
		assert_int_equal(tree_set_u32(chosen, "qemu,graphic-height",
					      wanted[i].height),
				 0);
		assert_int_equal(tree_set_u32(chosen, "qemu,graphic-depth",
					      wanted[i].depth),
				 0);
		display_wanted(&m, wanted[i].memory);
		assert_memory_equal(&m, &wanted[i].mode, sizeof(m));
	}
	tree_delprop(chosen, "qemu,graphic-width");
	display_wanted(&m, 16 * MiB);
	assert_memory_equal(&m, &wanted[0].mode, sizeof(m));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, start, fake_display_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_opens_it_and_sets_colours),
		TEST(a_client_opens_one_that_had_no_text),
		TEST(the_node_is_a_display_named_screen),
		TEST(without_memory_there_is_no_display),
		TEST(the_mode_is_described),
		TEST(the_mode_wanted_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

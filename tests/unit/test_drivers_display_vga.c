// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/vga.c, against a VGA that can lie. The terminal on
// top is not here: these functions are what it gives a driver.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/display/display.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/vga.h"

TABLE_LINK(drivers, driver_vga);

static struct display_mode wanted, described;
static unsigned descriptions, halts;
static struct display *display;
static struct device *dev;

int display_add(struct display *d, struct device *device)
{
	assert_non_null(d->ops->draw);
	assert_ptr_equal(device->priv, d);
	display = d;
	return 0;
}

void display_wanted(struct display_mode *mode, uint64_t memory)
{
	uint64_t pixels = (uint64_t)wanted.width * wanted.height;

	*mode = wanted;
	if (pixels * display_pixel_bytes(wanted.depth) > memory)
		*mode = (struct display_mode){ 800, 600, 32, 0, 0 };
}

int display_describe(struct device *device, const struct display_mode *mode)
{
	assert_non_null(device->node);
	described = *mode;
	descriptions++;
	return 0;
}

void display_halt(struct display *d)
{
	assert_ptr_equal(d, display);
	halts++;
}

static int setup(void **state)
{
	(void)state;
	fake_log_start();
	fake_hcall_reset();
	fake_vga_reset(16 * MiB);
	assert_int_equal(tree_init(), 0);
	device_init();
	wanted = (struct display_mode){ 800, 600, 32, 0, 0 };
	descriptions = halts = 0;
	display = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	fake_vga_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void again(void)
{
	teardown(NULL);
	setup(NULL);
}

static void attach(void)
{
	struct node *node = tree_add_node(tree_root(), "vga@0", TREE_QEMU);

	dev = device_add(NULL, &pci_bus, node, &fake_vga_fn);
}

static void start(void)
{
	attach();
	assert_non_null(dev);
	if (device_open(dev) < 0)
		fail_msg("no start: %s", reason());
}

static void start_fails(const char *why)
{
	attach();
	assert_true(device_open(dev) < 0);
	assert_string_equal(reason(), why);
}

static void mode_is(uint32_t width, uint32_t height, uint32_t depth,
		    uint32_t lines, uint32_t blank)
{
	const uint32_t bytes = width * ((depth + 7) / 8);

	blank = blank ? MIN(fake_vga_black() / bytes, lines) : 0;
	assert_int_equal(display->mode.width, width);
	assert_int_equal(display->mode.height, height);
	assert_int_equal(display->mode.depth, depth);
	assert_int_equal(display->mode.lines, lines);
	assert_int_equal(display->mode.blank, blank);
	assert_memory_equal(&described, &display->mode, sizeof(described));
}

static void a_client_sees_the_mode_before_the_device_is_touched(void **state)
{
	(void)state;
	attach();
	assert_non_null(dev);
	assert_int_equal(fake_vga.accesses, 0);
	assert_false(fake_vga.decoding);
	assert_int_equal(descriptions, 1);
	mode_is(800, 600, 32, 600, 0);
	assert_true(tree_has_string(dev->node, "compatible", "qemu,std-vga"));
	assert_null(tree_getprop(dev->node, "address", NULL));
	assert_null(tree_getprop(dev->node, "big-endian", NULL));
	assert_null(tree_getprop(dev->node, "little-endian", NULL));
}

static void the_start_sets_the_mode_and_unblanks(void **state)
{
	(void)state;
	start();
	mode_is(800, 600, 32, 5242, 600);
	assert_int_equal(fake_vga.modes, 2);
	assert_int_equal(fake_vga.byte_order, 0xbebebebe);
	assert_false(fake_vga.blank);
	assert_false(fake_vga.master);
	assert_int_equal(display->mode.blank, 3840);
}

/* The index or the data of an attribute could be next. */
static void a_half_written_attribute_does_not_keep_it_blank(void **state)
{
	(void)state;
	start();
	device_close(dev);
	assert_int_equal(device_open(dev), 0);
	assert_false(fake_vga.blank);
	assert_int_equal(fake_vga.modes, 4);
}

static void each_depth_has_its_lines(void **state)
{
	static const struct {
		uint32_t depth, bytes;
	} depths[] = { { 8, 1 }, { 15, 2 }, { 16, 2 }, { 32, 4 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(depths); i++) {
		wanted = (struct display_mode){ 1024, 768, depths[i].depth, 0,
						0 };
		start();
		mode_is(1024, 768, depths[i].depth,
			(16 << 20) / 1024 / depths[i].bytes, 768);
		assert_int_equal(fake_vga.reg[3], depths[i].depth);
		again();
	}
}

/* The register that shows a line has 16 bits. */
static void lines_that_cannot_be_shown_are_not_used(void **state)
{
	(void)state;
	fake_vga_reset(64 * MiB);
	wanted = (struct display_mode){ 640, 480, 8, 0, 0 };
	start();
	mode_is(640, 480, 8, 65535, 480);
}

static void a_width_is_a_multiple_of_8_for_every_version(void **state)
{
	(void)state;
	wanted = (struct display_mode){ 1366, 768, 32, 0, 0 };
	start();
	mode_is(1360, 768, 32, 3084, 768);
	again();
	fake_vga.rounding = 2;
	wanted = (struct display_mode){ 1366, 768, 32, 0, 0 };
	start();
	mode_is(1360, 768, 32, 3084, 768);
}

static void with_little_memory_there_are_fewer_lines(void **state)
{
	(void)state;
	fake_vga_reset(1 * MiB);
	start();
	mode_is(800, 327, 32, 327, 327);
	assert_int_equal(descriptions, 2);
}

static void bochs_display_has_32_bits_and_clears_nothing(void **state)
{
	(void)state;
	fake_vga.bochs_display = true;
	wanted = (struct display_mode){ 1024, 768, 8, 0, 0 };
	start();
	mode_is(1024, 768, 32, 4096, 0);
	assert_int_equal(fake_vga_pixel(0, 0), 0x55555555);
	/* Nobody sees a palette. */
	display->ops->colour(display, 1, 0xffffff);
	assert_int_equal(fake_vga.palette[1][0], 0);
}

static void bochs_display_falls_back_if_32_bits_do_not_fit(void **state)
{
	(void)state;
	fake_vga_reset(4 * MiB);
	fake_vga.bochs_display = true;
	wanted = (struct display_mode){ 1600, 1200, 16, 0, 0 };
	start();
	mode_is(800, 600, 32, 1310, 0);
}

static void a_mode_too_small_or_too_large_is_the_default(void **state)
{
	(void)state;
	wanted = (struct display_mode){ 64, 63, 8, 0, 0 };
	start();
	mode_is(800, 600, 32, 5242, 600);
	again();
	wanted = (struct display_mode){ 71, 64, 8, 0, 0 };
	start();
	mode_is(64, 64, 8, 65535, 64);
	again();
	wanted = (struct display_mode){ 65600, 200, 8, 0, 0 };
	start();
	mode_is(800, 600, 32, 5242, 600);
}

static void an_old_machine_has_no_byte_order(void **state)
{
	(void)state;
	fake_vga.old = true;
	start();
	mode_is(800, 600, 32, 5242, 600);
	assert_int_equal(fake_vga.byte_order, 0x1e1e1e1e);
}

static void pixels_go_to_their_place(void **state)
{
	static const _Alignas(8) uint32_t pixels[4] = { 1, 2, 3, 4 };

	(void)state;
	start();
	display->ops->draw(display, 8, 3, 2, 2, pixels);
	assert_int_equal(fake_vga.copies, 2);
	assert_int_equal(fake_vga.elements, 2);
	assert_memory_equal(fake_vga.memory + (3 * 800 + 8) * 4, pixels, 8);
	assert_memory_equal(fake_vga.memory + (4 * 800 + 8) * 4, pixels + 2, 8);
	assert_int_equal(fake_vga_pixel(7, 3), 0);
	assert_int_equal(fake_vga_pixel(10, 3), 0);
	/* Odd pixels, in smaller pieces. */
	display->ops->draw(display, 799, 599, 1, 1, pixels);
	assert_int_equal(fake_vga.elements, 3);
	assert_memory_equal(fake_vga.memory + (600 * 800 - 1) * 4, pixels, 4);
}

/* A hypercall costs as much as eight elements. */
static void whole_lines_are_one_copy(void **state)
{
	static _Alignas(8) uint8_t pixels[16 * 800 * 4];

	(void)state;
	start();
	memset(pixels, 0x7e, sizeof(pixels));
	display->ops->draw(display, 0, 5242 - 16, 800, 16, pixels);
	assert_int_equal(fake_vga.copies, 1);
	assert_int_equal(fake_vga.elements, sizeof(pixels) / 8);
	assert_memory_equal(fake_vga.memory + (5242 - 16) * 3200, pixels,
			    sizeof(pixels));
}

static void bytes_are_copied_one_by_one_if_they_must(void **state)
{
	static const _Alignas(8)
		uint8_t pixels[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	(void)state;
	wanted = (struct display_mode){ 640, 480, 8, 0, 0 };
	start();
	display->ops->draw(display, 8, 0, 8, 1, pixels);
	assert_int_equal(fake_vga.elements, 1);
	display->ops->draw(display, 17, 0, 7, 1, pixels + 1);
	assert_int_equal(fake_vga.elements, 8);
	assert_memory_equal(fake_vga.memory + 8, pixels, 8);
	assert_memory_equal(fake_vga.memory + 17, pixels + 1, 7);
}

static void the_visible_part_moves(void **state)
{
	(void)state;
	start();
	memset(fake_vga.memory + 16 * 3200, 0x11, 3200);
	display->ops->show(display, 16);
	assert_int_equal(fake_vga_pixel(5, 0), 0x11111111);
	display->ops->show(display, 5242 - 600);
	assert_int_equal(fake_vga.reg[9], 5242 - 600);
	display->ops->show(display, 0);
	assert_int_equal(fake_vga_pixel(5, 16), 0x11111111);
}

static void a_colour_has_8_bits_a_part(void **state)
{
	static const uint8_t parts[3] = { 0x12, 0xab, 0xff };

	(void)state;
	wanted.depth = 8;
	start();
	assert_int_equal(fake_vga.reg[4] & 0x20, 0x20);
	display->ops->colour(display, 255, 0x12abff);
	assert_memory_equal(fake_vga.palette[255], parts, 3);
	assert_int_equal(fake_vga.palette[0][0], 0);
}

/* Linux's offb maps the memory, but does not enable it. */
static void a_stopped_display_goes_on_decoding(void **state)
{
	(void)state;
	start();
	device_quiesce_all(NULL);
	assert_int_equal(halts, 1);
	assert_true(fake_vga.decoding);
	assert_false(fake_vga.master);
	assert_int_equal(fake_vga.reg[4] & 1, 1);
}

static void a_function_without_registers_has_no_driver(void **state)
{
	(void)state;
	fake_vga_fn.bar[2].size = 0;
	attach();
	assert_null(dev);
	assert_string_equal(fake_printed,
			    "vga /vga@0: BAR 2 has no address\r\n");
}

static void registers_that_end_early_are_none(void **state)
{
	(void)state;
	fake_vga_fn.bar[2].size = 0x400;
	attach();
	assert_null(dev);
	fake_vga_fn.bar[0].addr = 0;
	attach();
	assert_null(dev);
	assert_string_equal(fake_printed,
			    "vga /vga@0: BAR 2 has no address\r\n"
			    "vga /vga@0: BAR 0 has no address\r\n");
}

static void without_memory_for_it_there_is_no_driver(void **state)
{
	(void)state;
	/* The node, the device, what the driver has. */
	for (long n = 0; n < 4; n++) {
		struct node *node =
			tree_add_node(tree_root(), "vga@0", TREE_QEMU);

		fake_heap_fail_after(n);
		dev = device_add(NULL, &pci_bus, node, &fake_vga_fn);
		fake_heap_fail_after(-1);
		if (dev)
			break;
		tree_remove_node(node);
	}
	assert_non_null(dev);
	assert_non_null(strstr(fake_printed, "vga: out of memory"));
	assert_non_null(strstr(fake_printed, "vga /vga@0: out of memory"));
	assert_non_null(strstr(fake_printed, "vga /vga@0: cannot describe it"));
}

static void a_device_that_lies_is_refused_with_a_reason(void **state)
{
	static const struct {
		enum fake_vga_lie lie;
		const char *why;
	} lies[] = {
		{ VGA_GONE, "no display of Bochs: its id is 0xffff" },
		{ VGA_OTHER_ID, "no display of Bochs: its id is 0x1013" },
		{ VGA_NO_MEMORY, "no mode that fits: 800x600x32, 800 pixels in "
				 "a line, 0 KiB of memory" },
		{ VGA_NO_MODE, "no mode that fits: 0x0x32, 800 pixels in a "
			       "line, 16384 KiB of memory" },
		{ VGA_OTHER_DEPTH, "no mode that fits: 800x600x8, 800 pixels "
				   "in a line, 16384 KiB of memory" },
		{ VGA_LONG_LINES, "no mode that fits: 800x600x32, 864 pixels "
				  "in a line, 16384 KiB of memory" },
		{ VGA_HUGE, "no mode that fits: 65535x65535x32, 800 pixels in "
			    "a line, 16384 KiB of memory" },
		{ VGA_LITTLE_ENDIAN, "its pixels are little-endian" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_vga.lie = lies[i].lie;
		start_fails(lies[i].why);
		assert_int_equal(dev->state, DEVICE_OFF);
		again();
	}
}

static void memory_outside_of_the_bar_is_not_used(void **state)
{
	(void)state;
	fake_vga.lie = VGA_MORE_MEMORY;
	start();
	mode_is(800, 600, 32, 5242, 600);
}

/* MIN() would ask twice. */
static void memory_that_grows_is_asked_for_once(void **state)
{
	(void)state;
	fake_vga.lie = VGA_GROWING;
	start();
	mode_is(800, 600, 32, 1310, 600);
	assert_int_equal(fake_vga.asked, 1);
}

static void what_goes_to_a_dead_device_is_lost(void **state)
{
	static const uint64_t pixels[4];

	(void)state;
	start();
	fake_vga.lie = VGA_GONE;
	display->ops->draw(display, 0, 0, 8, 1, pixels);
	display->ops->show(display, 16);
	device_close(dev);
	assert_true(device_open(dev) < 0);
}

static void virtio_vga_is_one_and_virtio_gpu_is_not(void **state)
{
	(void)state;
	fake_vga_fn.vendor = 0x1af4;
	fake_vga_fn.device = 0x1050;
	attach();
	assert_non_null(dev);
	tree_remove_node(dev->node);
	fake_vga_fn.class_code = 0x038000;
	attach();
	assert_null(dev);
	assert_string_equal(fake_printed, "");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_sees_the_mode_before_the_device_is_touched),
		T(the_start_sets_the_mode_and_unblanks),
		T(a_half_written_attribute_does_not_keep_it_blank),
		T(each_depth_has_its_lines),
		T(lines_that_cannot_be_shown_are_not_used),
		T(a_width_is_a_multiple_of_8_for_every_version),
		T(with_little_memory_there_are_fewer_lines),
		T(bochs_display_has_32_bits_and_clears_nothing),
		T(bochs_display_falls_back_if_32_bits_do_not_fit),
		T(a_mode_too_small_or_too_large_is_the_default),
		T(an_old_machine_has_no_byte_order),
		T(pixels_go_to_their_place),
		T(whole_lines_are_one_copy),
		T(bytes_are_copied_one_by_one_if_they_must),
		T(the_visible_part_moves),
		T(a_colour_has_8_bits_a_part),
		T(a_stopped_display_goes_on_decoding),
		T(a_function_without_registers_has_no_driver),
		T(registers_that_end_early_are_none),
		T(without_memory_for_it_there_is_no_driver),
		T(a_device_that_lies_is_refused_with_a_reason),
		T(memory_outside_of_the_bar_is_not_used),
		T(memory_that_grows_is_asked_for_once),
		T(what_goes_to_a_dead_device_is_lost),
		T(virtio_vga_is_one_and_virtio_gpu_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

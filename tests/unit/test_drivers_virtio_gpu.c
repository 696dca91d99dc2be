// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/gpu.c: sizes, the image, life cycle.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/gpu_display.h"

static void a_display_is_left_alone_until_it_is_started(void **state)
{
	(void)state;
	device_scan_all();
	assert_int_equal(fake_virtio.resets, 0);
	assert_false(fake_virtio.enabled);
	gpu_start();
	assert_string_equal(fake_gpu.commands, "info create attach scanout ");
	assert_int_equal(gpu.display->mode.width, 1280);
	assert_int_equal(gpu.display->mode.height, 800);
	assert_int_equal(gpu.display->mode.lines, 800);
	assert_int_equal(gpu.display->mode.blank, 800);
	assert_int_equal(gpu.display->mode.depth, 32);
	assert_int_equal(fake_gpu.scanout, 0);
	/* The queue of the pointer is not used. */
	assert_false(fake_virtio.desc[1]);
	assert_string_equal(fake_printed, "");
}

static void a_vga_card_with_the_same_id_is_left_to_its_driver(void **state)
{
	(void)state;
	fake_virtio_fn.class_code = 0x030000;
	assert_null(device_add(NULL, &pci_bus, gpu.node, &fake_virtio_fn));
	fake_virtio_fn.class_code = 0x038000;
	fake_virtio_fn.device = 0x1052;
	assert_null(device_add(NULL, &pci_bus, gpu.node, &fake_virtio_fn));
}

static void the_first_flush_shows_the_whole_image(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	assert_int_equal(fake_gpu.transfers, 1);
	assert_int_equal(fake_gpu.pixels, 1280 * 800);
	assert_int_equal(fake_gpu_pixel(0, 0), 0);
	assert_int_equal(fake_gpu_pixel(1279, 799), 0);
	gpu_flush();
	assert_int_equal(fake_gpu.transfers, 1);
}

static void what_was_drawn_is_shown_by_one_update(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	fake_virtio.notified[0] = 0;
	gpu_fill(100, 200, 8, 16, 0xc0ffee);
	gpu_fill(40, 216, 8, 16, 0x123456);
	assert_int_equal(fake_virtio.notified[0], 0);
	assert_int_equal(fake_gpu_pixel(100, 200), 0);
	gpu_flush();
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_int_equal(fake_gpu.transfers, 2);
	assert_int_equal(fake_gpu.x, 40);
	assert_int_equal(fake_gpu.y, 200);
	assert_int_equal(fake_gpu.width, 68);
	assert_int_equal(fake_gpu.height, 32);
	assert_int_equal(fake_gpu_pixel(100, 200), 0xc0ffee);
	assert_int_equal(fake_gpu_pixel(107, 215), 0xc0ffee);
	assert_int_equal(fake_gpu_pixel(108, 215), 0);
	assert_int_equal(fake_gpu_pixel(99, 215), 0);
	assert_int_equal(fake_gpu_pixel(100, 216), 0);
	assert_int_equal(fake_gpu_pixel(40, 216), 0x123456);
	gpu_flush();
	assert_int_equal(fake_gpu.transfers, 2);
	/* The next one starts anew. */
	gpu_fill(1279, 799, 1, 1, 0xffffff);
	gpu_flush();
	assert_int_equal(fake_gpu.x, 1279);
	assert_int_equal(fake_gpu.y, 799);
	assert_int_equal(fake_gpu.width, 1);
	assert_int_equal(fake_gpu.height, 1);
	assert_int_equal(fake_gpu_pixel(1279, 799), 0xffffff);
}

static void drawing_in_any_order_covers_all_parts(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	gpu_fill(500, 400, 10, 10, 1);
	gpu_fill(400, 300, 300, 300, 2);
	gpu_fill(450, 450, 1, 1, 3);
	gpu_flush();
	assert_int_equal(fake_gpu.x, 400);
	assert_int_equal(fake_gpu.y, 300);
	assert_int_equal(fake_gpu.width, 300);
	assert_int_equal(fake_gpu.height, 300);
	assert_int_equal(fake_gpu_pixel(450, 450), 3);
	assert_int_equal(fake_gpu_pixel(500, 400), 2);
}

static void the_device_chooses_the_size(void **state)
{
	(void)state;
	gpu_set_screen(32, 32, 1);
	gpu_expect_mode(32, 32);
	gpu_set_screen(1023, 767, 1);
	gpu_expect_mode(1023, 767);
	gpu_set_screen(1920, 1200, 1);
	gpu_expect_mode(1920, 1200);
}

static void a_large_screen_gets_a_smaller_image(void **state)
{
	(void)state;
	gpu_set_screen(3840, 2160, 1);
	gpu_expect_mode(1920, 1200);
	gpu_set_screen(8192, 100, 1);
	gpu_expect_mode(1920, 100);
	gpu_set_screen(100, 8192, 1);
	gpu_expect_mode(100, 1200);
}

static void a_screen_that_is_off_gets_the_usual_size(void **state)
{
	(void)state;
	gpu_set_screen(0, 0, 0);
	gpu_expect_mode(800, 600);
	assert_int_equal(fake_gpu.scanout, 0);
}

static void another_screen_is_used_if_the_first_is_off(void **state)
{
	(void)state;
	gpu_set_screen(1280, 800, 0);
	fake_gpu.screens[1] = (struct fake_gpu_screen){ 640, 480, 1 };
	gpu_expect_mode(640, 480);
	assert_int_equal(fake_gpu.scanout, 1);
}

static void the_image_is_mapped_where_there_is_an_iommu(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	gpu_start();
	assert_true(fake_dma_used_window());
	assert_true(fake_dma_mapped(fake_gpu.backing));
	gpu_fill(3, 4, 5, 6, 0x112233);
	gpu_flush();
	assert_int_equal(fake_gpu_pixel(7, 9), 0x112233);
}

static void quiesce_leaves_the_picture(void **state)
{
	unsigned resets;

	(void)state;
	gpu_start();
	gpu_flush();
	gpu_fill(5, 5, 40, 40, 0x00ff00);
	gpu.halt_colour = 0xff0000;
	resets = fake_virtio.resets;
	device_quiesce_all(NULL);
	assert_int_equal(gpu.halts, 1);
	gpu_assert_left(resets);
	assert_int_equal(fake_gpu_pixel(0, 0), 0xff0000);
	assert_int_equal(fake_gpu_pixel(44, 44), 0x00ff00);
	/* Every access to a register fails from here on. */
	gpu_fill(0, 0, 32, 32, 0x0000ff);
	gpu_flush();
	assert_int_equal(fake_gpu_pixel(0, 0), 0xff0000);
	assert_int_equal(device_start(gpu.dev), ERR_NODEV);
}

/* It is the client's console. */
static void a_display_that_is_kept_shows_what_it_has(void **state)
{
	unsigned resets;

	(void)state;
	gpu_start();
	gpu_fill(0, 0, 32, 32, 0x00ff00);
	gpu_flush();
	resets = fake_virtio.resets;
	gpu.display->ops->keep(gpu.display);
	device_quiesce_all(gpu.node);
	gpu_assert_left(resets);
	gpu_fill(0, 0, 32, 32, 0x0000ff);
	gpu_flush();
	gpu.display->ops->keep(gpu.display);
	gpu_assert_left(resets);
	assert_int_equal(fake_gpu_pixel(0, 0), 0x00ff00);
	device_abandon_all();
	gpu_assert_left(resets);
}

static void quiesce_does_not_touch_a_display_that_never_ran(void **state)
{
	(void)state;
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.resets, 0);
	assert_false(fake_virtio.enabled);
}

static void a_display_that_was_left_starts_again_with_a_reset(void **state)
{
	unsigned resets;

	(void)state;
	gpu_start();
	gpu_fill(0, 0, 10, 10, 0x777777);
	device_stop(gpu.dev);
	resets = fake_virtio.resets;
	gpu_assert_left(resets);
	gpu_set_screen(640, 480, 1);
	gpu_start();
	assert_int_equal(fake_virtio.resets, resets + 1);
	assert_string_equal(fake_gpu.commands, "info create attach scanout ");
	assert_int_equal(gpu.display->mode.width, 640);
	gpu_flush();
	assert_int_equal(fake_gpu.pixels, 640 * 480);
	assert_int_equal(fake_gpu_pixel(0, 0), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, gpu_plug, gpu_unplug)
#define O(name)                                                                \
	cmocka_unit_test_setup_teardown(name, gpu_plug_nothing, gpu_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_display_is_left_alone_until_it_is_started),
		O(a_vga_card_with_the_same_id_is_left_to_its_driver),
		T(the_first_flush_shows_the_whole_image),
		T(what_was_drawn_is_shown_by_one_update),
		T(drawing_in_any_order_covers_all_parts),
		T(the_device_chooses_the_size),
		T(a_large_screen_gets_a_smaller_image),
		T(a_screen_that_is_off_gets_the_usual_size),
		T(another_screen_is_used_if_the_first_is_off),
		T(the_image_is_mapped_where_there_is_an_iommu),
		T(quiesce_leaves_the_picture),
		T(a_display_that_is_kept_shows_what_it_has),
		T(quiesce_does_not_touch_a_display_that_never_ran),
		T(a_display_that_was_left_starts_again_with_a_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

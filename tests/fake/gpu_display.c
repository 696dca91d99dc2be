// SPDX-License-Identifier: BSD-2-Clause
// A virtio-gpu with its driver: see tests/fake/gpu_display.h.
#include "tests/fake/gpu_display.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/table.h"

TABLE_LINK(drivers, driver_virtio_gpu);

struct gpu_machine gpu;

/* In place of drivers/display/display.c. */

int display_add(struct display *d, struct device *dev)
{
	assert_non_null(d->ops->draw);
	assert_non_null(d->ops->flush);
	assert_non_null(d->ops->keep);
	assert_null(d->ops->show);
	assert_ptr_equal(dev->node, gpu.node);
	gpu.display = d;
	return gpu.add_err ? reason_fail(gpu.add_err, "no memory for an alias")
			   : 0;
}

int display_describe(struct device *dev, const struct display_mode *mode)
{
	assert_ptr_equal(dev, gpu.dev);
	assert_ptr_equal(mode, &gpu.display->mode);
	return gpu.describe_err;
}

void display_halt(struct display *d)
{
	assert_ptr_equal(d, gpu.display);
	gpu.halts++;
	if (gpu.dev->state != DEVICE_QUIESCED)
		return;
	gpu_fill(0, 0, 32, 32, gpu.halt_colour);
	gpu_flush();
}

int gpu_plug_nothing(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	deadline_init(0);
	fake_gpu_plug();
	memset(&gpu, 0, sizeof(gpu));
	assert_int_equal(tree_init(), 0);
	device_init();
	gpu.node = tree_add_node(tree_root(), "display@2", TREE_QEMU);
	fake_virtio_fn.node = gpu.node;
	return 0;
}

int gpu_plug(void **state)
{
	gpu_plug_nothing(state);
	gpu.dev = device_add(NULL, &pci_bus, gpu.node, &fake_virtio_fn);
	assert_non_null(gpu.dev);
	assert_non_null(gpu.display);
	return 0;
}

int gpu_unplug(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	deadline_set_poll(NULL);
	tree_remove_node(gpu.node);
	tree_free();
	fake_gpu_unplug();
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

void gpu_set_screen(uint32_t width, uint32_t height, uint32_t enabled)
{
	fake_gpu.screens[0] =
		(struct fake_gpu_screen){ width, height, enabled };
}

void gpu_start(void)
{
	assert_int_equal(device_start(gpu.dev), 0);
}

void gpu_fill(uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	      uint32_t colour)
{
	size_t len = 4 * (size_t)width * height;
	uint8_t *pixels = test_malloc(len);

	for (size_t i = 0; i < len; i += 4)
		be32_store(pixels + i, colour);
	gpu.display->ops->draw(gpu.display, x, y, width, height, pixels);
	test_free(pixels);
}

void gpu_flush(void)
{
	gpu.display->ops->flush(gpu.display);
}

void gpu_expect_mode(uint32_t width, uint32_t height)
{
	gpu_start();
	assert_int_equal(gpu.display->mode.width, width);
	assert_int_equal(gpu.display->mode.height, height);
	assert_int_equal(gpu.display->mode.lines, height);
	gpu_flush();
	assert_int_equal(fake_gpu.pixels, width * height);
	gpu_fill(width - 1, height - 1, 1, 1, 0xabcdef);
	gpu_flush();
	assert_int_equal(fake_gpu_pixel(width - 1, height - 1), 0xabcdef);
	device_stop(gpu.dev);
	assert_int_equal(fake_dma_live(), 0);
}

void gpu_assert_off(void)
{
	assert_int_equal(fake_virtio.status & ~VIRTIO_FAILED, 0);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_gpu_shows());
}

void gpu_assert_left(unsigned resets)
{
	assert_int_equal(fake_virtio.resets, resets);
	assert_true(fake_virtio.status & VIRTIO_DRIVER_OK);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_true(fake_gpu_shows());
	/* It does not even know where the image was. */
	assert_int_equal(fake_gpu.backing, 0);
}

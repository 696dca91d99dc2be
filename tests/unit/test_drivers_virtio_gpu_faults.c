// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/gpu.c: nonsense, shortages, devices that fail.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/gpu_display.h"

static void insane_sizes_are_refused(void **state)
{
	static const struct {
		uint32_t width, height;
		const char *why;
	} cases[] = {
		{ 0, 0, "screen 0 of 0 by 0 pixels" },
		{ 0, 800, "screen 0 of 0 by 800 pixels" },
		{ 1280, 0, "screen 0 of 1280 by 0 pixels" },
		{ 31, 32, "screen 0 of 31 by 32 pixels" },
		{ 32, 31, "screen 0 of 32 by 31 pixels" },
		{ 8193, 600, "screen 0 of 8193 by 600 pixels" },
		{ 800, 8193, "screen 0 of 800 by 8193 pixels" },
		{ 65536, 65536, "screen 0 of 65536 by 65536 pixels" },
		{ 32768, 32768, "screen 0 of 32768 by 32768 pixels" },
		{ UINT32_MAX, UINT32_MAX,
		  "screen 0 of 4294967295 by 4294967295 pixels" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		gpu_set_screen(cases[i].width, cases[i].height, 1);
		assert_int_equal(device_start(gpu.dev), ERR_IO);
		assert_string_equal(reason(), cases[i].why);
		gpu_assert_off();
	}
}

static void a_device_without_modern_registers_is_refused(void **state)
{
	(void)state;
	fake_virtio.modern = false;
	memset(fake_virtio.pci_config, 0, sizeof(fake_virtio.pci_config));
	assert_int_equal(device_start(gpu.dev), ERR_NOTSUP);
	assert_string_equal(reason(), "no modern virtio registers");
	gpu_assert_off();
}

static void a_device_that_fails_at_its_start_can_be_tried_again(void **state)
{
	(void)state;
	fake_gpu.lies = true;
	fake_gpu.lie_to = GPU_SET_SCANOUT;
	fake_gpu.lie_type = 0x1202;
	fake_gpu.lie_len = 24;
	assert_int_equal(device_start(gpu.dev), ERR_IO);
	assert_string_equal(
		reason(),
		"command \"set scanout\": error 0x1202 (invalid scanout)");
	gpu_assert_off();
	fake_gpu.lies = false;
	gpu_expect_mode(1280, 800);
}

static void running_out_of_memory_leaves_nothing(void **state)
{
	long n = 0;

	(void)state;
	do {
		fake_heap_fail_after(n++);
		if (device_start(gpu.dev) == 0)
			break;
		gpu_assert_off();
	} while (n < 100);
	assert_in_range(n, 3, 20);
	assert_false(fake_heap_failed());
}

static void a_full_dma_window_leaves_nothing(void **state)
{
	unsigned n = 0;

	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	do {
		fake_dma_fail(++n);
		if (device_start(gpu.dev) == 0)
			break;
		gpu_assert_off();
	} while (n < 100);
	assert_in_range(n, 5, 20);
	fake_dma_fail(0);
	/* An image that does not fit. */
	device_stop(gpu.dev);
	fake_dma_limit(1280 * 800 * 4 - 1);
	assert_int_equal(device_start(gpu.dev), ERR_NOMEM);
	assert_string_equal(reason(), "dma: window is full");
}

static void properties_that_find_no_memory_are_a_failed_start(void **state)
{
	(void)state;
	gpu.describe_err = ERR_NOMEM;
	assert_int_equal(device_start(gpu.dev), ERR_NOMEM);
	gpu_assert_off();
}

static void a_display_that_cannot_be_added_has_no_driver(void **state)
{
	(void)state;
	gpu.add_err = ERR_NOMEM;
	assert_null(device_add(NULL, &pci_bus, gpu.node, &fake_virtio_fn));
	assert_string_equal(fake_printed, "virtio-gpu /display@2: no memory "
					  "for an alias\r\n");
	fake_heap_fail_after(1);
	assert_null(device_add(NULL, &pci_bus, gpu.node, &fake_virtio_fn));
}

static void expect_lost(const char *why)
{
	gpu_start();
	gpu_flush();
	assert_string_equal(why, reason());
	assert_int_equal(gpu.dev->state, DEVICE_FAILED);
	assert_string_equal(gpu.dev->failure, why);
	gpu_assert_off();
	/* A screen that is silent, and costs no time. */
	fake_clock_step(0);
	for (unsigned i = 0; i < 10; i++) {
		gpu_fill(0, 0, 1280, 800, i);
		gpu_flush();
		assert_int_equal(device_start(gpu.dev), ERR_NODEV);
		assert_string_equal(reason(), why);
	}
	gpu_assert_off();
	device_quiesce_all(NULL);
	gpu_assert_off();
	/* It is for the display to print the reason. */
	assert_string_equal(fake_printed, "");
}

static void a_device_that_falls_silent_is_lost(void **state)
{
	uint64_t before;

	(void)state;
	gpu_start();
	fake_virtio.lie = FAKE_SILENT;
	before = deadline_ms();
	expect_lost("no response in 5000 ms");
	assert_in_range(deadline_ms() - before, 5000, 5100);
}

static void a_device_that_fails_an_update_is_lost(void **state)
{
	(void)state;
	fake_gpu.lies = true;
	fake_gpu.lie_to = GPU_FLUSH;
	fake_gpu.lie_type = 0x1203;
	fake_gpu.lie_len = 24;
	expect_lost("command \"flush\": error 0x1203 (invalid resource)");
}

static void a_device_that_breaks_the_protocol_is_lost(void **state)
{
	(void)state;
	gpu_start();
	fake_virtio.lie = FAKE_WRONG_ID;
	expect_lost("the device violates the virtio protocol: response to an "
		    "unknown request, 64");
}

static void a_device_that_does_not_even_reset_is_cut_off(void **state)
{
	(void)state;
	gpu_start();
	fake_virtio.lie = FAKE_NO_RESET;
	fake_gpu.lies = true;
	gpu_flush();
	assert_int_equal(gpu.dev->state, DEVICE_FAILED);
	assert_string_equal(gpu.dev->failure,
			    "command \"transfer\": response 0x1100 of 0 bytes");
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_virtio.enabled);
}

static void a_device_lost_by_the_last_update_is_reset(void **state)
{
	(void)state;
	gpu_start();
	fake_virtio.lie = FAKE_SILENT;
	device_quiesce_all(NULL);
	assert_int_equal(gpu.halts, 1);
	gpu_assert_off();
}

static void a_device_that_does_not_forget_the_image_is_reset(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	fake_gpu.lies = true;
	fake_gpu.lie_to = GPU_DETACH;
	device_quiesce_all(NULL);
	gpu_assert_off();
}

/* A wait lets other outputs show their text, and this one, too. */
static unsigned polls;

static void draw_then_answer(void)
{
	if (polls++ == 0) {
		gpu_fill(600, 600, 4, 4, 0x00beef);
		gpu_flush();
	} else {
		fake_virtio.holds = 0;
		fake_virtio_answer(0);
	}
}

static void what_is_drawn_during_an_update_follows_it(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	polls = 0;
	gpu_fill(1, 1, 2, 2, 0x00cafe);
	fake_virtio.holds = 1;
	deadline_set_poll(draw_then_answer);
	gpu_flush();
	assert_int_equal(fake_gpu.transfers, 3);
	assert_int_equal(fake_gpu.x, 600);
	assert_int_equal(fake_gpu.width, 4);
	assert_int_equal(fake_gpu_pixel(1, 1), 0x00cafe);
	assert_int_equal(fake_gpu_pixel(603, 603), 0x00beef);
}

static void draw_and_show(void)
{
	gpu_fill(600, 600, 4, 4, 0x00beef);
	gpu_flush();
	fake_virtio.holds = 0;
	fake_virtio_answer(0);
}

static void what_is_drawn_during_the_end_is_not_shown(void **state)
{
	(void)state;
	gpu_start();
	gpu_flush();
	fake_virtio.holds = 1;
	deadline_set_poll(draw_and_show);
	device_stop(gpu.dev);
	gpu_assert_left(fake_virtio.resets);
	assert_string_equal(fake_gpu.commands, "info create attach scanout "
					       "transfer flush detach ");
}

static jmp_buf exception;

static void raise(void)
{
	longjmp(exception, 1);
}

static void an_exception_in_an_update_ends_it(void **state)
{
	(void)state;
	gpu_start();
	fake_virtio.holds = 1;
	deadline_set_poll(raise);
	if (!setjmp(exception)) {
		gpu_flush();
		fail_msg("nothing was raised");
	}
	deadline_set_poll(NULL);
	fake_virtio.holds = 0;
	fake_virtio.notified[0] = 0;
	device_abandon_all();
	assert_int_equal(fake_virtio.notified[0], 0);
	/* The update was in flight: no picture stays. */
	assert_int_equal(gpu.halts, 1);
	gpu_assert_off();
	gpu_start();
	gpu_fill(0, 0, 1, 1, 0x654321);
	gpu_flush();
	assert_int_equal(fake_gpu_pixel(0, 0), 0x654321);
}

#define T(name) cmocka_unit_test_setup_teardown(name, gpu_plug, gpu_unplug)
#define O(name)                                                                \
	cmocka_unit_test_setup_teardown(name, gpu_plug_nothing, gpu_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(insane_sizes_are_refused),
		T(a_device_without_modern_registers_is_refused),
		T(a_device_that_fails_at_its_start_can_be_tried_again),
		T(running_out_of_memory_leaves_nothing),
		T(a_full_dma_window_leaves_nothing),
		T(properties_that_find_no_memory_are_a_failed_start),
		O(a_display_that_cannot_be_added_has_no_driver),
		T(a_device_that_falls_silent_is_lost),
		T(a_device_that_fails_an_update_is_lost),
		T(a_device_that_breaks_the_protocol_is_lost),
		T(a_device_that_does_not_even_reset_is_cut_off),
		T(a_device_lost_by_the_last_update_is_reset),
		T(a_device_that_does_not_forget_the_image_is_reset),
		T(what_is_drawn_during_an_update_follows_it),
		T(what_is_drawn_during_the_end_is_not_shown),
		T(an_exception_in_an_update_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

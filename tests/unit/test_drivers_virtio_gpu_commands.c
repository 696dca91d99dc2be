// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/gpu_commands.c: commands, and responses that lie.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/virtio/gpu_commands.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/virtio_gpu.h"

static struct gpu_control gpu;
static const struct gpu_screen screen = { 3, 64, 48, true };
static uint8_t *image;
static uint64_t image_bus;

static int plug(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_gpu_plug();
	memset(&gpu, 0, sizeof(gpu));
	assert_int_equal(virtio_pci_start(&gpu.vd, &fake_virtio_fn, 0, 1), 0);
	image = dma_alloc(&gpu.vd.dma, 64 * 48 * 4, &image_bus);
	assert_non_null(image);
	reason_clear();
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	virtio_stop(&gpu.vd);
	dma_free(&gpu.vd.dma, image, image_bus, 64 * 48 * 4);
	fake_gpu_unplug();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void restart(void)
{
	virtio_stop(&gpu.vd);
	assert_int_equal(virtio_pci_start(&gpu.vd, &fake_virtio_fn, 0, 1), 0);
}

static void the_first_screen_that_is_on_is_found(void **state)
{
	struct gpu_screen found;

	(void)state;
	fake_gpu.screens[0] = (struct fake_gpu_screen){ 1, 2, 0 };
	fake_gpu.screens[2] = (struct fake_gpu_screen){ 1920, 1080, 1 };
	fake_gpu.screens[3] = (struct fake_gpu_screen){ 800, 600, 1 };
	assert_int_equal(gpu_find_screen(&gpu, &found), 0);
	assert_int_equal(found.scanout, 2);
	assert_int_equal(found.width, 1920);
	assert_int_equal(found.height, 1080);
	assert_true(found.on);
	assert_string_equal(fake_gpu.commands, "info ");
}

static void a_device_whose_screens_are_off_still_has_the_first(void **state)
{
	struct gpu_screen found;

	(void)state;
	fake_gpu.screens[0] = (struct fake_gpu_screen){ 1280, 800, 0 };
	assert_int_equal(gpu_find_screen(&gpu, &found), 0);
	assert_int_equal(found.scanout, 0);
	assert_int_equal(found.width, 0);
	assert_false(found.on);
}

static void the_last_of_sixteen_screens_is_found(void **state)
{
	struct gpu_screen found;

	(void)state;
	fake_gpu.screens[0].enabled = 0;
	fake_gpu.screens[15] = (struct fake_gpu_screen){ UINT32_MAX, 1, 7 };
	assert_int_equal(gpu_find_screen(&gpu, &found), 0);
	assert_int_equal(found.scanout, 15);
	assert_int_equal(found.width, UINT32_MAX);
	assert_int_equal(found.height, 1);
}

static void the_screen_shows_the_image(void **state)
{
	(void)state;
	assert_int_equal(gpu_show_image(&gpu, &screen, image_bus), 0);
	assert_string_equal(fake_gpu.commands, "create attach scanout ");
	assert_int_equal(fake_gpu.scanout, 3);
	assert_int_equal(fake_gpu.backing, image_bus);
}

static void a_part_is_updated_with_one_notification(void **state)
{
	const struct gpu_rect part = { 5, 7, 11, 13 };

	(void)state;
	assert_int_equal(gpu_show_image(&gpu, &screen, image_bus), 0);
	memset(image, 0x42, 64 * 48 * 4);
	fake_virtio.notified[0] = 0;
	assert_int_equal(gpu_update(&gpu, &screen, &part), 0);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_int_equal(fake_gpu.transfers, 1);
	assert_int_equal(fake_gpu.flushes, 1);
	assert_int_equal(fake_gpu_pixel(5, 7), 0x42424242);
	assert_int_equal(fake_gpu_pixel(15, 19), 0x42424242);
	assert_int_equal(fake_gpu_pixel(4, 7), 0xa5a5a5a5);
	assert_int_equal(fake_gpu_pixel(16, 19), 0xa5a5a5a5);
	assert_int_equal(fake_gpu_pixel(15, 20), 0xa5a5a5a5);
}

/* All commands, until one fails. */
static int run_all(void)
{
	const struct gpu_rect all = { 0, 0, 64, 48 };
	struct gpu_screen found;
	int err = gpu_find_screen(&gpu, &found);

	if (err == 0)
		err = gpu_show_image(&gpu, &screen, image_bus);
	if (err == 0)
		err = gpu_update(&gpu, &screen, &all);
	return err ? err : gpu_forget_image(&gpu);
}

static const struct {
	uint32_t type;
	const char *name;
} commands[] = {
	{ GPU_DISPLAY_INFO, "display info" },
	{ GPU_CREATE, "create" },
	{ GPU_ATTACH, "attach" },
	{ GPU_SET_SCANOUT, "set scanout" },
	{ GPU_TRANSFER, "transfer" },
	{ GPU_FLUSH, "flush" },
	{ GPU_DETACH, "detach" },
};

static void honest_responses_are_accepted(void **state)
{
	(void)state;
	assert_int_equal(run_all(), 0);
	assert_string_equal(fake_gpu.commands, "info create attach scanout "
					       "transfer flush detach ");
	assert_string_equal(reason(), "");
}

static void expect_failure(unsigned command, const char *why)
{
	char expected[120];

	fake_gpu.lies = true;
	fake_gpu.lie_to = commands[command].type;
	assert_int_equal(run_all(), ERR_IO);
	fmt_str(expected, sizeof(expected), "command \"%s\": %s",
		commands[command].name, why);
	assert_string_equal(reason(), expected);
	fake_gpu.lies = false;
	restart();
}

static void short_responses_are_refused(void **state)
{
	char why[64];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		unsigned whole = i ? 24 : 408;

		for (unsigned len = 0; len < whole; len++) {
			fake_gpu.lie_len = len;
			fmt_str(why, sizeof(why), "response 0x%x of %u bytes",
				i ? 0x1100 : 0x1101, len);
			expect_failure(i, why);
		}
	}
}

static void errors_are_named(void **state)
{
	(void)state;
	fake_gpu.lie_len = 24;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		fake_gpu.lie_type = 0x1200;
		expect_failure(i, "error 0x1200 (unspecified)");
		fake_gpu.lie_type = 0x1201;
		expect_failure(i, "error 0x1201 (out of memory)");
		fake_gpu.lie_type = 0x1202;
		expect_failure(i, "error 0x1202 (invalid scanout)");
		fake_gpu.lie_type = 0x1203;
		expect_failure(i, "error 0x1203 (invalid resource)");
		fake_gpu.lie_type = 0x1204;
		expect_failure(i, "error 0x1204 (invalid context)");
		fake_gpu.lie_type = 0x1205;
		expect_failure(i, "error 0x1205 (invalid parameter)");
		fake_gpu.lie_type = 0x1206;
		expect_failure(i, "error 0x1206 (unknown)");
		fake_gpu.lie_type = UINT32_MAX;
		expect_failure(i, "error 0xffffffff (unknown)");
	}
}

/* Of the other kind, too. */
static void wrong_types_are_refused(void **state)
{
	static const uint32_t types[] = { 1, 0x100, 0x10ff, 0x1102, 0x11ff };
	char why[64];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		fake_gpu.lie_len = i ? 24 : 408;
		fake_gpu.lie_type = i ? 0x1101 : 0x1100;
		fmt_str(why, sizeof(why), "response 0x%x of %u bytes",
			fake_gpu.lie_type, fake_gpu.lie_len);
		expect_failure(i, why);
		for (unsigned j = 0; j < ARRAY_SIZE(types); j++) {
			fake_gpu.lie_type = types[j];
			fmt_str(why, sizeof(why), "response 0x%x of %u bytes",
				types[j], fake_gpu.lie_len);
			expect_failure(i, why);
		}
	}
}

/* What an earlier command has left there must not count. */
static void a_response_that_is_not_written_has_type_0(void **state)
{
	(void)state;
	assert_int_equal(run_all(), 0);
	fake_virtio.handle = NULL;
	assert_int_equal(run_all(), ERR_IO);
	assert_string_equal(
		reason(), "command \"display info\": response 0x0 of 0 bytes");
}

static void a_silent_device_is_waited_for_5_seconds(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(run_all(), ERR_TIMEOUT);
	assert_string_equal(reason(), "no response in 5000 ms");
	assert_in_range(deadline_ms() - before, 5000, 5100);
}

/* Of two commands, the device obeys one. */
static void answer_one(void)
{
	static bool done;

	if (!done)
		done = fake_virtio_answer_next(0);
}

static void half_an_update_is_no_update(void **state)
{
	const struct gpu_rect all = { 0, 0, 64, 48 };

	(void)state;
	assert_int_equal(gpu_show_image(&gpu, &screen, image_bus), 0);
	fake_virtio.holds = 1;
	deadline_set_poll(answer_one);
	assert_int_equal(gpu_update(&gpu, &screen, &all), ERR_TIMEOUT);
	deadline_set_poll(NULL);
	assert_int_equal(fake_gpu.transfers, 1);
	assert_int_equal(fake_gpu.flushes, 0);
}

static void violations_of_the_ring_protocol_end_the_wait(void **state)
{
	static const enum fake_lie lies[] = { FAKE_WRONG_ID, FAKE_OTHER_ID,
					      FAKE_TWICE, FAKE_LONG,
					      FAKE_INDEX };
	uint64_t before = deadline_ms();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_virtio.lie = lies[i];
		assert_int_equal(run_all(), ERR_IO);
		assert_non_null(strstr(reason(), "violates the virtio"));
		fake_virtio.lie = FAKE_HONEST;
		restart();
	}
	assert_in_range(deadline_ms() - before, 0, 1000);
}

static void a_full_dma_window_is_an_error_of_each_command(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i <= 14; i++) {
		fake_dma_fail(i);
		assert_int_equal(run_all(), ERR_NOSPACE);
		restart();
	}
	fake_dma_fail(i);
	assert_int_equal(run_all(), 0);
	fake_dma_fail(0);
}

static void a_queue_of_too_few_entries_is_an_error(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 2;
	restart();
	assert_int_equal(run_all(), ERR_BUSY);
	assert_string_equal(reason(), "queue 0 is full");
}

#define T(name) cmocka_unit_test_setup_teardown(name, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_screen_that_is_on_is_found),
		T(a_device_whose_screens_are_off_still_has_the_first),
		T(the_last_of_sixteen_screens_is_found),
		T(the_screen_shows_the_image),
		T(a_part_is_updated_with_one_notification),
		T(honest_responses_are_accepted),
		T(short_responses_are_refused),
		T(errors_are_named),
		T(wrong_types_are_refused),
		T(a_response_that_is_not_written_has_type_0),
		T(a_silent_device_is_waited_for_5_seconds),
		T(half_an_update_is_no_update),
		T(violations_of_the_ring_protocol_end_the_wait),
		T(a_full_dma_window_is_an_error_of_each_command),
		T(a_queue_of_too_few_entries_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

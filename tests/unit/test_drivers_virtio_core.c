// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/core.c: life cycle, negotiation, configuration.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/timebase.h"
#include "tests/fake/heap.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

static struct virtio_device vd;

static void make(bool modern)
{
	fake_virtio_reset(modern);
	fake_heap_fail_after(-1);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
}

static int make_modern(void **state)
{
	(void)state;
	make(true);
	return 0;
}

static int make_legacy(void **state)
{
	(void)state;
	make(false);
	return 0;
}

static int leaves_nothing(void **state)
{
	(void)state;
	virtio_stop(&vd);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void a_modern_device_is_started_as_the_standard_says(void **state)
{
	(void)state;
	fake_virtio.features |= 1 << 5 | 1 << 9;
	assert_int_equal(virtio_start(&vd, 1 << 9, 1), 0);
	assert_int_equal(fake_virtio.resets, 1);
	assert_int_equal(fake_virtio.accepted, VIRTIO_F_VERSION_1 | 1 << 9);
	assert_int_equal(vd.features, VIRTIO_F_VERSION_1 | 1 << 9);
	assert_int_equal(fake_virtio.status,
			 VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER |
				 VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
	assert_false(fake_dma_used_window());
}

static void a_legacy_device_gets_no_features_ok(void **state)
{
	(void)state;
	fake_virtio.features = 1 << 6;
	assert_int_equal(virtio_start(&vd, 1 << 6 | 1 << 9, 1), 0);
	assert_int_equal(fake_virtio.accepted, 1 << 6);
	assert_int_equal(fake_virtio.status,
			 VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK);
}

static void platform_access_goes_through_the_window(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_true(fake_virtio.accepted & VIRTIO_F_ACCESS_PLATFORM);
	assert_true(fake_dma_used_window());
}

static void a_device_that_does_not_reset_is_given_up_and_cut_off(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_virtio.status = VIRTIO_DRIVER_OK;
	fake_virtio.lie = FAKE_NO_RESET;
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_TIMEOUT);
	assert_string_equal(reason(), "reset timed out after 1000 ms");
	assert_in_range(deadline_ms() - before, 1000, 5000);
	assert_false(fake_virtio.enabled);
}

/* A client may have a driver of its own for it. */
static void a_stopped_device_is_no_bus_master(void **state)
{
	(void)state;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_true(fake_virtio.enabled);
	virtio_stop(&vd);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_true(fake_virtio.enabled);
}

static void a_device_that_is_gone_does_not_hold_us_up(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	fake_virtio.lie = FAKE_GONE;
	before = deadline_ms();
	virtio_stop(&vd);
	assert_in_range(deadline_ms() - before, 0, 20);
}

static void refused_features_are_an_error_and_marked_failed(void **state)
{
	(void)state;
	fake_virtio.lie = FAKE_NO_FEATURES;
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_NOTSUP);
	assert_string_equal(reason(), "features 0x100000000 refused");
	assert_int_equal(fake_virtio.status, VIRTIO_FAILED);
	assert_false(fake_virtio.enabled);
}

static void a_modern_device_must_offer_version_1(void **state)
{
	(void)state;
	fake_virtio.features = 0;
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_NOTSUP);
}

static void impossible_queue_sizes_are_refused(void **state)
{
	static const uint16_t sizes[] = { 0, 3, 255, 65535 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_virtio.queue_size[0] = sizes[i];
		assert_int_equal(virtio_start(&vd, 0, 1), ERR_NOTSUP);
		assert_int_equal(fake_dma_live(), 0);
	}
}

static void a_modern_queue_is_cut_to_one_page(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 32768;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(fake_virtio.size_set[0], 128);
	assert_int_equal(fake_dma_live(), 1);
}

static void a_small_modern_queue_keeps_its_size(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 8;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(fake_virtio.size_set[0], 8);
}

static void a_notify_register_outside_its_structure_is_refused(void **state)
{
	(void)state;
	fake_virtio.notify_off[0] = 0x1000 / 4;
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_IO);
	assert_string_equal(
		reason(), "queue 0's notify register is outside its structure");
}

static void a_notify_register_at_an_odd_address_is_refused(void **state)
{
	(void)state;
	fake_virtio.notify_off[0] = 1;
	vd.notify_multiplier = 3;
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_IO);
	assert_string_equal(reason(), "queue 0's notify register is odd");
}

static void running_out_of_memory_leaves_the_device_reset(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(virtio_start(&vd, 0, 1), ERR_NOMEM);
		assert_int_equal(fake_virtio.status, VIRTIO_FAILED);
		assert_false(fake_virtio.enabled);
		assert_int_equal(fake_heap_live(), 0);
	}
}

static void stopping_twice_resets_once(void **state)
{
	(void)state;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	virtio_stop(&vd);
	virtio_stop(&vd);
	assert_int_equal(fake_virtio.resets, 2);
	assert_int_equal(fake_virtio.status, 0);
}

static void a_device_that_is_left_goes_on_without_a_master(void **state)
{
	uint8_t status;

	(void)state;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	status = fake_virtio.status;
	virtio_leave(&vd);
	virtio_leave(&vd);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_virtio.status, status);
	assert_int_equal(fake_virtio.resets, 1);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	/* There is nothing to stop; a client's driver resets it. */
	virtio_stop(&vd);
	assert_int_equal(fake_virtio.resets, 1);
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(fake_virtio.resets, 2);
	assert_int_equal(fake_virtio.status, status);
}

static void leaving_a_device_that_never_ran_touches_nothing(void **state)
{
	struct virtio_device none = { 0 };

	(void)state;
	virtio_leave(&none);
	assert_int_equal(fake_virtio.resets, 0);
}

static void configuration_is_little_endian_on_modern_devices(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 16; i++)
		fake_virtio.config[i] = (uint8_t)(i + 1);
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(virtio_config(&vd, 2, 1), 3);
	assert_int_equal(virtio_config(&vd, 2, 2), 0x0403);
	assert_int_equal(virtio_config(&vd, 4, 4), 0x08070605);
	assert_int_equal(virtio_config(&vd, 8, 8), 0x100f0e0d0c0b0a09);
}

static void configuration_is_guest_endian_on_legacy_devices(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 16; i++)
		fake_virtio.config[i] = (uint8_t)(i + 1);
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(virtio_config(&vd, 2, 1), 3);
	assert_int_equal(virtio_config(&vd, 2, 2), 0x0304);
	assert_int_equal(virtio_config(&vd, 4, 4), 0x05060708);
	assert_int_equal(virtio_config(&vd, 8, 8), 0x090a0b0c0d0e0f10);
}

static void a_configuration_that_never_rests_is_read_all_the_same(void **state)
{
	(void)state;
	fake_virtio.lie = FAKE_TORN;
	fake_virtio.config[0] = 7;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(virtio_config(&vd, 0, 8), 7);
}

static void configuration_past_the_end_reads_as_ones(void **state)
{
	(void)state;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	assert_int_equal(virtio_config(&vd, 62, 4), UINT32_MAX);
	assert_int_equal(virtio_config(&vd, 64, 4), UINT32_MAX);
}

static void request_numbers_have_the_devices_byte_order(void **state)
{
	uint64_t wire64;
	uint32_t wire32;
	uint16_t wire16;
	int modern;

	(void)state;
	for (modern = 0; modern < 2; modern++) {
		make(modern);
		wire16 = virtio_wire16(&vd, 0x0102);
		wire32 = virtio_wire32(&vd, 0x01020304);
		wire64 = virtio_wire64(&vd, 0x0102030405060708);
		assert_int_equal(((uint8_t *)&wire16)[0], modern ? 2 : 1);
		assert_int_equal(((uint8_t *)&wire32)[0], modern ? 4 : 1);
		assert_int_equal(((uint8_t *)&wire64)[0], modern ? 8 : 1);
		assert_int_equal(virtio_wire16(&vd, wire16), 0x0102);
		assert_int_equal(virtio_wire32(&vd, wire32), 0x01020304);
	}
}

/* virtio-serial: two for each port, and only those of consoles. */
static void a_driver_may_have_many_queues_and_use_some(void **state)
{
	static struct virtio_queue *queues[VIRTIO_QUEUES_MAX];
	const uint64_t used = 1ULL << 63 | 1ULL << 33 | 6;
	unsigned i;

	(void)state;
	memset(&vd, 0, sizeof(vd));
	vd.queue = queues;
	for (i = 0; i < FAKE_QUEUES; i++)
		fake_virtio.queue_size[i] = used >> (i % 64) & 1 ? 16 : 0;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_int_equal(virtio_start(&vd, 0, used), 0);
	for (i = 0; i < VIRTIO_QUEUES_MAX; i++) {
		assert_int_equal(queues[i] != NULL, used >> i & 1);
		assert_int_equal(fake_virtio.desc[i] != 0, used >> i & 1);
	}
	virtio_stop(&vd);
	for (i = 0; i < VIRTIO_QUEUES_MAX; i++)
		assert_null(queues[i]);
	/* One that the device does not have. */
	assert_int_equal(virtio_start(&vd, 0, used | 1), ERR_NOTSUP);
	assert_int_equal(fake_dma_live(), 0);
	memset(&vd, 0, sizeof(vd));
}

#define MODERN(test)                                                           \
	cmocka_unit_test_setup_teardown(test, make_modern, leaves_nothing)
#define LEGACY(test)                                                           \
	cmocka_unit_test_setup_teardown(test, make_legacy, leaves_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(a_modern_device_is_started_as_the_standard_says),
		LEGACY(a_legacy_device_gets_no_features_ok),
		MODERN(platform_access_goes_through_the_window),
		MODERN(a_device_that_does_not_reset_is_given_up_and_cut_off),
		MODERN(a_stopped_device_is_no_bus_master),
		LEGACY(a_stopped_device_is_no_bus_master),
		LEGACY(a_device_that_is_gone_does_not_hold_us_up),
		MODERN(refused_features_are_an_error_and_marked_failed),
		MODERN(a_modern_device_must_offer_version_1),
		MODERN(impossible_queue_sizes_are_refused),
		LEGACY(impossible_queue_sizes_are_refused),
		MODERN(a_modern_queue_is_cut_to_one_page),
		MODERN(a_small_modern_queue_keeps_its_size),
		MODERN(a_notify_register_outside_its_structure_is_refused),
		MODERN(a_notify_register_at_an_odd_address_is_refused),
		MODERN(running_out_of_memory_leaves_the_device_reset),
		LEGACY(running_out_of_memory_leaves_the_device_reset),
		MODERN(stopping_twice_resets_once),
		MODERN(a_device_that_is_left_goes_on_without_a_master),
		MODERN(leaving_a_device_that_never_ran_touches_nothing),
		MODERN(configuration_is_little_endian_on_modern_devices),
		LEGACY(configuration_is_guest_endian_on_legacy_devices),
		MODERN(a_configuration_that_never_rests_is_read_all_the_same),
		MODERN(configuration_past_the_end_reads_as_ones),
		MODERN(request_numbers_have_the_devices_byte_order),
		MODERN(a_driver_may_have_many_queues_and_use_some),
		LEGACY(a_driver_may_have_many_queues_and_use_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

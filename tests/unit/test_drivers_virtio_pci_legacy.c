// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/pci_legacy.c: the registers of the I/O BAR.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/virtio/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/virtio.h"

static struct virtio_device vd;

static int init(void **state)
{
	(void)state;
	fake_virtio_reset(false);
	return virtio_pci_init(&vd, &fake_virtio_fn);
}

static int stop(void **state)
{
	(void)state;
	virtio_stop(&vd);
	return 0;
}

static void the_queue_is_told_by_page_number_and_keeps_its_size(void **state)
{
	struct virtio_queue *vq;

	(void)state;
	fake_virtio.queue_size[0] = 1024;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	vq = vd.queue[0];
	assert_int_equal(vq->size, 1024);
	assert_int_equal(fake_virtio.desc[0], vq->ring_bus);
	assert_int_equal(fake_virtio.avail[0], vq->ring_bus + 16 * 1024);
	assert_int_equal(fake_virtio.used[0], vq->ring_bus + vq->used);
	assert_int_equal(vq->used % 4096, 0);
}

static void each_queue_is_selected_before_it_is_told(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		fake_virtio.queue_size[i] = 64;
	assert_int_equal(virtio_start(&vd, 0, 7), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(fake_virtio.desc[i], vd.queue[i]->ring_bus);
}

static void a_queue_above_16_tib_cannot_be_told(void **state)
{
	struct virtio_queue vq = { .ring_bus = 1ULL << 44 };

	(void)state;
	assert_int_equal(virtio_pci_legacy.queue_setup(&vd, &vq), ERR_NOTSUP);
}

static void features_have_32_bits(void **state)
{
	(void)state;
	pci_enable(&fake_virtio_fn);
	fake_virtio.features = 0x80000001;
	assert_int_equal(virtio_pci_legacy.get_features(&vd), 0x80000001);
	virtio_pci_legacy.set_features(&vd, 0x300000002);
	assert_int_equal(fake_virtio.accepted, 2);
}

static void configuration_ends_with_the_bar(void **state)
{
	(void)state;
	pci_enable(&fake_virtio_fn);
	memset(fake_virtio.config, 0x11, sizeof(fake_virtio.config));
	vd.config_len = 24;
	assert_int_equal(virtio_config(&vd, 20, 4), 0x11111111);
	assert_int_equal(virtio_config(&vd, 20, 8), UINT64_MAX);
	assert_int_equal(virtio_config(&vd, 40, 2), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_queue_is_told_by_page_number_and_keeps_its_size,
			init, stop),
		cmocka_unit_test_setup_teardown(
			each_queue_is_selected_before_it_is_told, init, stop),
		cmocka_unit_test_setup_teardown(
			a_queue_above_16_tib_cannot_be_told, init, stop),
		cmocka_unit_test_setup_teardown(features_have_32_bits, init,
						stop),
		cmocka_unit_test_setup_teardown(configuration_ends_with_the_bar,
						init, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

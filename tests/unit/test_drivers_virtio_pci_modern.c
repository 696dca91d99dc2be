// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/pci_modern.c: the common configuration structure.
#include <setjmp.h>
#include <stdarg.h>

#include "drivers/virtio/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/virtio.h"

static struct virtio_device vd;

static int init(void **state)
{
	(void)state;
	fake_virtio_reset(true);
	return virtio_pci_init(&vd, &fake_virtio_fn);
}

static int stop(void **state)
{
	(void)state;
	virtio_stop(&vd);
	return 0;
}

static void the_three_parts_of_each_queue_are_told(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		fake_virtio.queue_size[i] = 64;
	assert_int_equal(virtio_start(&vd, 0, 7), 0);
	for (i = 0; i < 3; i++) {
		const struct virtio_queue *vq = vd.queue[i];

		assert_int_equal(fake_virtio.desc[i], vq->ring_bus);
		assert_int_equal(fake_virtio.avail[i],
				 vq->ring_bus + vq->avail);
		assert_int_equal(fake_virtio.used[i], vq->ring_bus + vq->used);
		assert_int_equal(vq->avail % 2, 0);
		assert_int_equal(vq->used % 4, 0);
	}
}

static void features_have_64_bits(void **state)
{
	(void)state;
	pci_enable(&fake_virtio_fn);
	fake_virtio.features = 0x300000005;
	assert_int_equal(virtio_pci_modern.get_features(&vd), 0x300000005);
	virtio_pci_modern.set_features(&vd, 0x100000004);
	assert_int_equal(fake_virtio.accepted, 0x100000004);
}

static void each_queue_is_notified_at_its_own_register(void **state)
{
	static char byte;
	const struct virtio_buf buf = { &byte, 1, false };
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		fake_virtio.queue_size[i] = 4;
	fake_virtio.notify_off[2] = 3;
	assert_int_equal(virtio_start(&vd, 0, 7), 0);
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(virtio_submit(&vd, 2, &buf, 1, &byte), 0);
	virtio_kick(&vd, 2);
	/* The fake counts by the register that was written. */
	assert_int_equal(fake_virtio.notified[3], 1);
	assert_int_equal(fake_virtio.notified[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_three_parts_of_each_queue_are_told, init, stop),
		cmocka_unit_test_setup_teardown(features_have_64_bits, init,
						stop),
		cmocka_unit_test_setup_teardown(
			each_queue_is_notified_at_its_own_register, init, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

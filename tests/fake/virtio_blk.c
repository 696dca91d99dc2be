// SPDX-License-Identifier: BSD-2-Clause
// A fake virtio-blk disk: see tests/fake/virtio_blk.h.
#include "tests/fake/virtio_blk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/log.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_blk);

struct blk_disk blk_disk;

/* The header, then data in or out, then the status. [virtio 1.2, 5.2.6] */
uint32_t blk_disk_serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	uint32_t type = fake_get32(bufs[0].ptr);
	uint64_t at = fake_get64(bufs[0].ptr + 8) * 512;
	uint32_t written = 1;
	unsigned i;

	assert_int_equal(queue, 0);
	assert_int_equal(bufs[0].len, 16);
	assert_int_equal(fake_get32(bufs[0].ptr + 4), 0);
	assert_int_equal(bufs[n - 1].len, 1);
	assert_true(bufs[n - 1].device_writes);
	blk_disk.flushes += type == 4;
	blk_disk.data_bufs = n - 2;
	for (i = 1; i + 1 < n; i++) {
		assert_true(at + bufs[i].len <= sizeof(blk_disk.data));
		assert_int_equal(bufs[i].device_writes, type == 0);
		if (type == 0)
			memcpy(bufs[i].ptr, blk_disk.data + at, bufs[i].len);
		else
			memcpy(blk_disk.data + at, bufs[i].ptr, bufs[i].len);
		at += bufs[i].len;
		written += type == 0 ? bufs[i].len : 0;
	}
	if (!blk_disk.no_status)
		*bufs[n - 1].ptr = fake_get64(bufs[0].ptr + 8) &&
						   blk_disk.status_behind
					   ? blk_disk.status_behind
					   : blk_disk.status;
	return written - blk_disk.shorter;
}

void blk_disk_config(uint32_t size_max, uint32_t seg_max, uint32_t blk_size)
{
	fake_put64(fake_virtio.config, BLK_DISK_SECTORS);
	fake_put32(fake_virtio.config + 8, size_max);
	fake_put32(fake_virtio.config + 12, seg_max);
	fake_put32(fake_virtio.config + 20, blk_size);
}

void blk_disk_plug(bool modern)
{
	struct device *dev;
	unsigned i;

	memset(&blk_disk, 0, sizeof(blk_disk));
	for (i = 0; i < sizeof(blk_disk.data); i++)
		blk_disk.data[i] = (uint8_t)(i / 512 * 3 + i);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	log_reset();
	fake_virtio_reset(modern);
	fake_virtio_fn.device = modern ? 0x1042 : 0x1001;
	fake_virtio.features |= BLK_F_BLK_SIZE | BLK_F_FLUSH;
	fake_virtio.handle = blk_disk_serve;
	blk_disk_config(0, 0, 512);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	blk_disk.node = tree_add_node(tree_root(), "scsi@1", TREE_QEMU);
	dev = device_add(NULL, &pci_bus, blk_disk.node, &fake_virtio_fn);
	assert_non_null(dev);
	blk_disk.dev = dev;
	blk_disk.bd = block_of(dev);
	assert_non_null(blk_disk.bd);
}

void blk_disk_unplug(void)
{
	tree_remove_node(blk_disk.node);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
}

// SPDX-License-Identifier: BSD-2-Clause
// A virtio-scsi controller with units: see tests/fake/virtio_scsi.h.
#include "tests/fake/virtio_scsi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/endian.h"
#include "lib/watch.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_scsi);
TABLE_LINK(drivers, driver_scsi_disk);

struct scsi_card scsi_card;

/* [virtio 1.2, 5.6.6.1]: 51 bytes, data out, 108 bytes, data in. */
static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	bool write = n == 3 && !bufs[1].device_writes;
	struct fake_buf *answer = &bufs[write ? 2 : 1];
	struct fake_buf *payload = n == 3 ? &bufs[write ? 1 : 2] : NULL;
	struct fake_result res;
	uint32_t len = payload ? payload->len : 0;

	assert_int_equal(queue, 2);
	assert_int_equal(bufs[0].len, 51);
	assert_int_equal(answer->len, 108);
	assert_int_equal(bufs[0].ptr[0], 1);
	res = fake_scsi_serve(be64_load(bufs[0].ptr), bufs[0].ptr + 19,
			      payload ? payload->ptr : NULL, len, write);
	fake_put32(answer->ptr, scsi_card.sense_len_lie
					? scsi_card.sense_len_lie
					: res.sense_len);
	fake_put32(answer->ptr + 4, scsi_card.residual_lie
					    ? scsi_card.residual_lie
					    : res.residual);
	answer->ptr[10] = res.status;
	answer->ptr[11] = res.absent ? 3 : scsi_card.response;
	if (scsi_card.response_behind)
		scsi_card.response = scsi_card.response_behind;
	memcpy(answer->ptr + 12, res.sense, 96);
	return 108 + (write ? 0 : len - res.residual);
}

static uint64_t entry_of(uint64_t lun)
{
	return (lun >> 32 & 0xffff) << 48;
}

void scsi_card_set_limits(uint32_t max_sectors, uint16_t max_target)
{
	fake_put32(fake_virtio.config + 8, max_sectors);
	fake_put16(fake_virtio.config + 30, max_target);
}

static void plug(bool modern)
{
	unsigned i;

	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_virtio_reset(modern);
	watch_memory((uintptr_t)scsi_card.buf, sizeof(scsi_card.buf));
	fake_virtio_fn.device = modern ? 0x1048 : 0x1004;
	fake_virtio.handle = serve;
	for (i = 0; i < 3; i++)
		fake_virtio.queue_size[i] = 256;
	scsi_card_set_limits(0xffff, 255);
	fake_scsi_reset();
	fake_lun_mask = 0xffffULL << 48;
	fake_lun_entry = entry_of;
	memset(&scsi_card, 0, sizeof(scsi_card));
	for (i = 0; i < sizeof(scsi_card.data); i++)
		scsi_card.data[i] = (uint8_t)(i / 512 * 9 + i);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	scsi_card.node = tree_add_node(tree_root(), "scsi@2", TREE_QEMU);
	assert_non_null(
		device_add(NULL, &pci_bus, scsi_card.node, &fake_virtio_fn));
}

int scsi_card_plug_modern(void **state)
{
	(void)state;
	plug(true);
	return 0;
}

int scsi_card_plug_legacy(void **state)
{
	(void)state;
	plug(false);
	return 0;
}

/* As CAS takes a controller away. */
int scsi_card_unplug(void **state)
{
	(void)state;
	tree_remove_node(scsi_card.node);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

struct fake_unit *scsi_card_add_disk(unsigned target, unsigned lun)
{
	struct fake_unit *unit = fake_unit_add(SCSI_CARD_UNIT(target, lun), 0);

	unit->data = scsi_card.data;
	unit->len = sizeof(scsi_card.data);
	unit->blocks = sizeof(scsi_card.data) / 512;
	return unit;
}

struct block_device *scsi_card_open_disk(const char *path)
{
	struct block_device *bd;

	device_scan_all();
	assert_non_null(tree_find(path));
	bd = block_of(device_of(tree_find(path)));
	assert_int_equal(block_open(bd), 0);
	return bd;
}

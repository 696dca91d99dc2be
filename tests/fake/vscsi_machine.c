// SPDX-License-Identifier: BSD-2-Clause
// A machine with one spapr-vscsi: see tests/fake/vscsi_machine.h.
#include "tests/fake/vscsi_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/vio/vio.h"
#include "lib/endian.h"
#include "lib/watch.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_vscsi);
TABLE_LINK(drivers, driver_scsi_disk);

struct node *vscsi_node;
uint8_t vscsi_data[1 << 20], vscsi_buf[1 << 20];

/* LUN 0 lists all targets. [QEMU hw/scsi/spapr_vscsi.c, vscsi_report_luns] */
static uint32_t report_all(uint64_t lun, uint8_t *list, uint32_t room)
{
	bool lun0 = false;
	uint32_t len = 8;
	unsigned i;

	if (lun != 0)
		return fake_report_target(lun, list, room);
	for (i = 0; i < fake_unit_count; i++)
		lun0 |= fake_units[i].lun == VSCSI_UNIT(0, 0, 0);
	if (!lun0)
		len += 8;
	assert_true(len + 8 * fake_unit_count <= room);
	for (i = 0; i < fake_unit_count; i++, len += 8) {
		uint64_t entry = fake_units[i].lun;

		if (!(entry << 2 & 0xff80ULL << 48))
			entry &= ~(2ULL << 62);
		be64_store(list + len, entry);
	}
	be32_store(list, len - 8);
	return len;
}

int vscsi_plug(void **state)
{
	static const uint32_t window[] = { 0x71000002, 0, 0, 0, 0x10000000 };
	unsigned i;

	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_vscsi_reset();
	watch_memory((uintptr_t)vscsi_buf, sizeof(vscsi_buf));
	fake_scsi_reset();
	fake_lun_mask = 0xffe0ULL << 48;
	fake_report = report_all;
	for (i = 0; i < sizeof(vscsi_data); i++)
		vscsi_data[i] = (uint8_t)(i / 512 * 11 + i);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	vscsi_node = tree_add_node(tree_root(), "v-scsi@71000002", TREE_QEMU);
	assert_int_equal(tree_set_str(vscsi_node, "compatible", "IBM,v-scsi"),
			 0);
	assert_int_equal(tree_set_u32(vscsi_node, "reg", FAKE_VSCSI_UNIT), 0);
	assert_int_equal(
		tree_set_cells(vscsi_node, "ibm,my-dma-window", window, 5), 0);
	assert_non_null(device_add(NULL, &vio_bus, vscsi_node, NULL));
	return 0;
}

int vscsi_unplug(void **state)
{
	(void)state;
	tree_remove_node(vscsi_node);
	tree_free();
	assert_int_equal(fake_vscsi.queue, 0);
	assert_false(fake_vscsi.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

struct fake_unit *vscsi_add_disk(uint64_t lun)
{
	struct fake_unit *unit = fake_unit_add(lun, 0);

	unit->data = vscsi_data;
	unit->len = sizeof(vscsi_data);
	unit->blocks = sizeof(vscsi_data) / 512;
	return unit;
}

struct block_device *vscsi_disk(const char *path)
{
	const struct node *node = tree_find(path);

	assert_non_null(node);
	return block_of(device_of(node));
}

struct block_device *vscsi_open_disk(void)
{
	vscsi_add_disk(VSCSI_UNIT(0, 0, 0));
	device_scan_all();
	assert_int_equal(block_open(vscsi_disk("disk")), 0);
	return vscsi_disk("disk");
}

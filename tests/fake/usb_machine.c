// SPDX-License-Identifier: BSD-2-Clause
// A machine with one USB controller: see tests/fake/usb_machine.h.
#include "tests/fake/usb_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/watch.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"
#include <cmocka.h>

TABLE_LINK(drivers, driver_usb_storage);
TABLE_LINK(drivers, driver_scsi_disk);

struct device *usb_controller;
struct fake_stick usb_stick[4];
uint8_t usb_data[4 << 20], usb_buf[4 << 20];

#define STICK_LUN(i) ((i + 1ULL) << 8)

int usb_plug(void **state)
{
	unsigned i;

	(void)state;
	fake_heap_fail_after(-1);
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_usb_reset();
	fake_scsi_reset();
	watch_memory((uintptr_t)usb_buf, sizeof(usb_buf));
	for (i = 0; i < sizeof(usb_data); i++)
		usb_data[i] = (uint8_t)(i / 512 * 11 + i);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	usb_controller = fake_usb_plug("usb@3");
	return 0;
}

int usb_unplug(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_remove_node(usb_controller->node);
	tree_free();
	assert_false(fake_usb.running);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

struct fake_unit *usb_add_unit(unsigned i, unsigned lun, uint8_t type)
{
	struct fake_unit *unit = fake_unit_add(STICK_LUN(i) + lun, type);

	unit->data = usb_data;
	unit->len = sizeof(usb_data);
	unit->block_size = type == SCSI_TYPE_CDROM ? 2048 : 512;
	unit->blocks = sizeof(usb_data) / unit->block_size;
	usb_stick[i].max_lun = (int)MAX((unsigned)usb_stick[i].max_lun, lun);
	return unit;
}

struct fake_stick *usb_plug_stick(unsigned i, unsigned port,
				  enum usb_speed speed)
{
	fake_stick_init(&usb_stick[i], speed, STICK_LUN(i));
	fake_usb.port[port] = &usb_stick[i].fd;
	usb_add_unit(i, 0, 0);
	return &usb_stick[i];
}

struct fake_unit *usb_unit(unsigned i, unsigned lun)
{
	unsigned n = 0;

	while (fake_units[n].lun != STICK_LUN(i) + lun)
		assert_true(++n < fake_unit_count);
	return &fake_units[n];
}

struct block_device *usb_disk(const char *path)
{
	const struct node *node = tree_find(path);

	assert_non_null(node);
	assert_non_null(device_of(node));
	return block_of(device_of(node));
}

struct block_device *usb_open_disk(void)
{
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_rest();
	assert_int_equal(block_open(usb_disk("disk")), 0);
	return usb_disk("disk");
}

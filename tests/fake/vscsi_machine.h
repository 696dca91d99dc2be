/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine with one spapr-vscsi and its disks. */
#ifndef TESTS_FAKE_VSCSI_MACHINE_H
#define TESTS_FAKE_VSCSI_MACHINE_H

#include "drivers/block.h"
#include "tests/fake/log.h"
#include "tests/fake/scsi.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/vscsi.h"

/* A LUN in logical unit addressing. [SAM-5 4.7.7.4] */
#define VSCSI_UNIT(bus, target, lun)                                           \
	((0x8000ULL | (target) << 8 | (bus) << 5 | (lun)) << 48)

extern struct node *vscsi_node;
/* The contents of every disk, and a buffer of the same size. */
extern uint8_t vscsi_data[1 << 20], vscsi_buf[1 << 20];

/* vscsi_plug, vscsi_unplug - cmocka's set-up and tear-down: no leaks. */
int vscsi_plug(void **state);
int vscsi_unplug(void **state);

/* vscsi_add_disk - a unit that is found by the next scan. */
struct fake_unit *vscsi_add_disk(uint64_t lun);

/* vscsi_disk - the disk at an existing path. */
struct block_device *vscsi_disk(const char *path);

/* vscsi_open_disk - add one at bus 0, target 0, scan, open it. */
struct block_device *vscsi_open_disk(void);

#endif

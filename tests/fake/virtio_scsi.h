/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio-scsi controller with units: fake_scsi_serve() behind the function. */
#ifndef TESTS_FAKE_VIRTIO_SCSI_H
#define TESTS_FAKE_VIRTIO_SCSI_H

#include "drivers/block.h"
#include "tests/fake/log.h"
#include "tests/fake/scsi.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

/* Unit addresses as QEMU's boot list has them. */
#define SCSI_CARD_UNIT(target, lun)                                            \
	((0x100ULL | (target)) << 48 | (uint64_t)(lun) << 32)

struct scsi_card {
	struct node *node; /* /scsi@2 */
	/* The contents of every disk, and a buffer of the same size. */
	uint8_t data[1 << 20], buf[1 << 20];
	/* False responses; 0: the true ones. */
	uint8_t response, response_behind; /* to the first; to later ones */
	uint32_t sense_len_lie, residual_lie;
};
extern struct scsi_card scsi_card;

/* scsi_card_plug_* - cmocka's set-up: an honest controller without units. */
int scsi_card_plug_modern(void **state);
int scsi_card_plug_legacy(void **state);

/* scsi_card_unplug - and its tear-down, as CAS does it: no leaks. */
int scsi_card_unplug(void **state);

/* scsi_card_set_limits - sectors of a transfer, 0: any; the last target. */
void scsi_card_set_limits(uint32_t max_sectors, uint16_t max_target);

/* scsi_card_add_disk - a unit that is found by the next scan. */
struct fake_unit *scsi_card_add_disk(unsigned target, unsigned lun);

/* scsi_card_open_disk - scan, then open the disk at a path. */
struct block_device *scsi_card_open_disk(const char *path);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake virtio-blk disk: the driver's device behind the fake function. */
#ifndef TESTS_FAKE_VIRTIO_BLK_H
#define TESTS_FAKE_VIRTIO_BLK_H

#include "drivers/block.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

struct node;

/* Feature bits. [virtio 1.2, 5.2.3] */
#define BLK_F_SIZE_MAX (1 << 1)
#define BLK_F_SEG_MAX (1 << 2)
#define BLK_F_RO (1 << 5)
#define BLK_F_BLK_SIZE (1 << 6)
#define BLK_F_FLUSH (1 << 9)

#define BLK_DISK_SECTORS 8192u

struct blk_disk {
	struct device *dev;
	struct block_device *bd;
	struct node *node; /* /scsi@1 */
	uint8_t data[BLK_DISK_SECTORS * 512];
	/* Its answers. */
	uint8_t status, status_behind; /* for sector 0, for all others */
	uint32_t shorter;	       /* bytes reported too few */
	bool no_status;
	/* What it saw. */
	unsigned data_bufs, flushes;
};
extern struct blk_disk blk_disk;

/* blk_disk_plug - attach an honest disk of 512-byte blocks with a cache. */
void blk_disk_plug(bool modern);

/* blk_disk_unplug - detach it; assert that nothing is left. */
void blk_disk_unplug(void);

/* blk_disk_config - set the limits and block size that it reports. */
void blk_disk_config(uint32_t size_max, uint32_t seg_max, uint32_t blk_size);

/* blk_disk_serve - answer a request, as fake_virtio.handle. */
uint32_t blk_disk_serve(unsigned queue, struct fake_buf *bufs, unsigned n);

#endif

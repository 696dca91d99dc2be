/* SPDX-License-Identifier: BSD-2-Clause */
/* spapr-vscsi's SCSI host: commands to the partner and what becomes of them. */
#ifndef DRIVERS_VIO_VSCSI_H
#define DRIVERS_VIO_VSCSI_H

#include "drivers/scsi/scsi.h"
#include "drivers/vio/crq.h"
#include "drivers/vio/luns.h"

/*
 * Commands at a time. QEMU has 24 and loses one for good with each REPORT LUNS
 * of all targets. [hw/scsi/spapr_vscsi.c, VSCSI_REQ_LIMIT, vscsi_queue_cmd]
 */
#define VSCSI_SLOTS 16u

/* A command in flight. */
struct vscsi_slot {
	bool busy;
	struct scsi_command *cmd; /* NULL: it was forgotten */
	uint64_t tag;
	uint64_t bus; /* of the data, where it is mapped */
	uint32_t len; /* of the data */
};

struct vscsi {
	struct scsi_host host;
	uint32_t unit;
	struct crq crq;
	struct dma dma;
	bool bypass;
	uint8_t *iu; /* information units; NULL: not started */
	uint64_t iu_bus;
	uint64_t sequence;
	bool lost;     /* a command may still write: bypass stays off */
	bool given_up; /* the same, and there is no window: never used again */
	struct vscsi_slot slots[VSCSI_SLOTS];
	struct vscsi_luns luns;
};

/*
 * vscsi_host_init - the host of the device `dev` whose node has the unit
 * address `unit`. Nothing is asked of the partner before it is started.
 */
void vscsi_host_init(struct vscsi *vs, struct device *dev, uint32_t unit);

#endif

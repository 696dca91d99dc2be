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

/* What the partner has of a command in flight. */
struct vscsi_slot {
	uint64_t tag; /* 0: nothing */
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
	bool lost; /* a command may still write: bypass stays off */
	struct request *requests[VSCSI_SLOTS];
	struct vscsi_slot slots[VSCSI_SLOTS];
	struct vscsi_luns luns;
};

/* vscsi_of - what a device of the driver's is. */
static inline struct vscsi *vscsi_of(const struct device *dev)
{
	return container_of(dev->priv, struct vscsi, host);
}

/* vscsi_host_ops - the queue of its host. */
extern const struct request_ops vscsi_host_ops;

/* vscsi_start, vscsi_stop - the driver's, see struct driver. */
must_check int vscsi_start(struct device *dev);
void vscsi_stop(struct device *dev);

#endif

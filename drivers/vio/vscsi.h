/* SPDX-License-Identifier: BSD-2-Clause */
/* spapr-vscsi: the SCSI host, which sends commands to the partner. */
#ifndef DRIVERS_VIO_VSCSI_H
#define DRIVERS_VIO_VSCSI_H

#include "drivers/scsi/scsi.h"
#include "drivers/vio/crq.h"
#include "drivers/vio/luns.h"

/*
 * Commands in flight. QEMU has 24 and leaks one with each REPORT LUNS for all
 * targets. [hw/scsi/spapr_vscsi.c, VSCSI_REQ_LIMIT, vscsi_queue_cmd]
 */
#define VSCSI_SLOTS 16u

/* A command in flight. */
struct vscsi_slot {
	uint64_t tag; /* 0: free */
	uint64_t bus; /* where the data is mapped */
	uint32_t len; /* of the data */
};

struct vscsi {
	struct scsi_host host;
	uint32_t unit;
	struct crq crq;
	struct dma dma;
	uint8_t *iu; /* information units; NULL: not started */
	uint64_t iu_bus;
	uint64_t sequence;
	bool lost; /* a command may still write: bypass stays off */
	struct request *requests[VSCSI_SLOTS];
	struct vscsi_slot slots[VSCSI_SLOTS];
	struct vscsi_luns luns;
};

/* vscsi_of - the state of a device of this driver. */
static inline struct vscsi *vscsi_of(const struct device *dev)
{
	return container_of(dev->priv, struct vscsi, host);
}

/* vscsi_host_ops - for the host's queue. */
extern const struct request_ops vscsi_host_ops;

/* vscsi_start, vscsi_stop - see struct driver. */
must_check int vscsi_start(struct device *dev);
void vscsi_stop(struct device *dev);

#endif

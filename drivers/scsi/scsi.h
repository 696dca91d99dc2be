/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI: commands, hosts, logical units (SAM-5, SPC-4, SBC-3, MMC-6). */
#ifndef DRIVERS_SCSI_SCSI_H
#define DRIVERS_SCSI_SCSI_H

#include "drivers/device.h"
#include "drivers/dma.h"
#include "drivers/request.h"

struct scsi_host;
struct scsi_scan;

#define SCSI_CDB_MAX 16u
#define SCSI_SENSE_MAX 96u /* what virtio-scsi and SRP deliver at most */

/* Peripheral device types. [SPC-4 6.6.2, table 142] */
enum scsi_type {
	SCSI_TYPE_DISK = 0x00,
	SCSI_TYPE_CDROM = 0x05,
	SCSI_TYPE_OPTICAL = 0x07,
	SCSI_TYPE_RBC = 0x0e, /* simplified direct access */
};

/* Those that have a driver, a bit each. */
#define SCSI_DISK_TYPES                                                        \
	(1u << SCSI_TYPE_DISK | 1u << SCSI_TYPE_CDROM |                        \
	 1u << SCSI_TYPE_OPTICAL | 1u << SCSI_TYPE_RBC)

/* SAM-5 5.3.1. */
enum scsi_status {
	SCSI_GOOD = 0x00,
	SCSI_CHECK_CONDITION = 0x02,
	SCSI_CONDITION_MET = 0x04,
	SCSI_BUSY = 0x08,
	SCSI_RESERVATION_CONFLICT = 0x18,
	SCSI_TASK_SET_FULL = 0x28,
	SCSI_ACA_ACTIVE = 0x30,
	SCSI_TASK_ABORTED = 0x40,
};

/* What unit attentions have told, the worst last. [SPC-4 annex F] */
enum scsi_attention {
	SCSI_ATTENTION_NONE,
	SCSI_ATTENTION_OTHER,	 /* a reset, for example */
	SCSI_ATTENTION_CAPACITY, /* 2a/09: its size is another */
	SCSI_ATTENTION_MEDIUM,	 /* 28/xx, 3a/xx: another one, or gone */
};

/* One command, in the queue of a host; begin with scsi_command_init(). */
struct scsi_command {
	struct request rq;
	uint64_t lun; /* 8-byte SAM LUN / SRP LUN, host order */
	uint8_t cdb[SCSI_CDB_MAX];
	uint8_t cdb_len;
	enum dma_dir dir; /* ignored when len is 0 */
	void *buf;
	uint32_t len;
	bool one_medium; /* not tried again on one that was exchanged */
	/* What the host sets before it ends the request with 0: */
	uint8_t status;	   /* enum scsi_status */
	uint32_t residual; /* bytes not transferred */
	uint8_t sense[SCSI_SENSE_MAX];
	uint8_t sense_len;
	/* The worst that all its tries have met. */
	enum scsi_attention attention;
};

static inline struct scsi_command *scsi_command_of(struct request *rq)
{
	return container_of(rq, struct scsi_command, rq);
}

/* Which targets a host has, and what their LUNs look like on the wire. */
struct scsi_addressing {
	/*
	 * targets - how many are asked together in this round, from 0 on; they
	 * are asked round by round until one answers, or there are none.
	 * target - what REPORT LUNS is sent to.
	 */
	size_t (*targets)(const struct scsi_host *host, unsigned round);
	uint64_t (*target)(const struct scsi_host *host, unsigned round,
			   size_t i);
	/*
	 * lun_of - a LUN, as in scsi_command, of a target's 8-byte entry in a
	 * REPORT LUNS list; 0: the host cannot reach it.
	 */
	uint64_t (*lun_of)(uint64_t target, uint64_t entry);
};

/*
 * A host, the `priv` of its device: the driver's start() and stop() bring it up
 * and reset it.
 */
struct scsi_host {
	struct device *dev;
	struct request_queue queue; /* takes struct scsi_command */
	const struct scsi_addressing *addressing;
	uint32_t max_transfer; /* bytes per command, 512 or more */
	struct list units;     /* struct scsi_unit, in the order of LUNs */
	struct scsi_scan *scan;
};

/* A logical unit that answered INQUIRY: what a device on scsi_bus sits on. */
struct scsi_unit {
	struct list link;
	struct scsi_host *host;
	struct node *node; /* disk@<lun> below the controller; NULL: not yet */
	uint64_t lun;	   /* as in scsi_command and in the unit address */
	uint8_t type;	   /* peripheral device type */
	bool removable;
};

/* scsi_bus - units; match: a pointer to a uint32_t with a bit per type. */
extern const struct bus scsi_bus;

/* scsi_unit_of - the unit that a device on scsi_bus is. */
static inline struct scsi_unit *scsi_unit_of(const struct device *dev)
{
	assert(dev->bus == &scsi_bus);
	return dev->bus_data;
}

/*
 * scsi_host_init - fill `host`. `ops`: submit, kick and poll of its queue, and
 * scsi_decide. `slots`, `n`: as in request_queue_init().
 */
void scsi_host_init(struct scsi_host *host, struct device *dev,
		    const struct request_ops *ops, struct request **slots,
		    unsigned n, const struct scsi_addressing *addressing);

/* scsi_host_release - forget units; their nodes and devices are gone. */
void scsi_host_release(struct scsi_host *host);

/*
 * scsi_scan, scsi_found - a host's driver->scan and ->found. REPORT LUNS goes to
 * each target, INQUIRY to each LUN found (LUN 0 only where REPORT LUNS fails),
 * as many in flight as the host takes; then a disk@<lun> child and a device for
 * each disk and CD, in the order of their LUNs.
 */
bool scsi_scan(struct device *dev);
void scsi_found(struct device *dev);

/*
 * scsi_execute - run one command to its end, with retries where SAM says so
 * (unit attention, busy, becoming ready). `timeout_ms`: how long the device may
 * be silent, or busy. Returns 0 with status GOOD;
 * ERR_NOMEDIUM, ERR_IO, ERR_PERM (write-protected), ERR_RANGE (LBA out of
 * range), ERR_NOTSUP (no such command), ERR_NODEV, ERR_TIMEOUT (silent, or busy
 * to the end); the reason names status, or sense key and code.
 */
must_check int scsi_execute(struct scsi_host *host, struct scsi_command *cmd,
			    uint32_t timeout_ms);

/*
 * scsi_decide - for a host's queue: what status and sense data of a finished
 * command mean. See struct request_ops, and scsi_execute() for the errors.
 */
enum request_disposition scsi_decide(struct request *rq, int *status);

#endif

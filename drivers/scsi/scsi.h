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

/* A version in INQUIRY data. [SPC-4 6.6.2, table 144] */
#define SCSI_SPC_3 0x05

/* Vendor, blank, product, NUL. [SPC-4 6.6.2] */
#define SCSI_PRODUCT_MAX (8u + 1 + 16 + 1)

/* Types that have a driver, a bit each. */
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

/* Kinds of unit attentions, the worst last. [SPC-4 annex F] */
enum scsi_attention {
	SCSI_ATTENTION_NONE,
	SCSI_ATTENTION_OTHER,	 /* a reset, for example */
	SCSI_ATTENTION_CAPACITY, /* 2a/09: the capacity changed */
	SCSI_ATTENTION_MEDIUM,	 /* 28/xx, 3a/xx: changed or removed */
};

/* A command for a host's queue; start with scsi_command_init(). */
struct scsi_command {
	struct request rq;
	uint64_t lun; /* 8-byte SAM LUN / SRP LUN, host order */
	uint8_t cdb[SCSI_CDB_MAX];
	uint8_t cdb_len;
	enum dma_dir dir; /* ignored when len is 0 */
	void *buf;
	uint32_t len;
	bool one_medium; /* no retry after a change of the medium */
	bool started;	 /* private to sense.c: START UNIT was sent */
	/* Set by the host before it ends the request with 0: */
	uint8_t status;	   /* enum scsi_status */
	uint32_t residual; /* bytes not transferred */
	uint8_t sense[SCSI_SENSE_MAX];
	uint8_t sense_len;
	/* The worst of all tries. */
	enum scsi_attention attention;
};

static inline struct scsi_command *scsi_command_of(struct request *rq)
{
	return container_of(rq, struct scsi_command, rq);
}

/* How a host numbers its targets and their LUNs. */
struct scsi_addressing {
	/*
	 * targets - number of targets in a round, 0: no such round. A scan
	 * goes round by round, from 0 on, until a target responds.
	 * target - the LUN of target `i` that REPORT LUNS goes to.
	 */
	size_t (*targets)(const struct scsi_host *host, unsigned round);
	uint64_t (*target)(const struct scsi_host *host, unsigned round,
			   size_t i);
	/*
	 * lun_of - convert an 8-byte entry of a target's REPORT LUNS list to a
	 * LUN as in scsi_command; 0: not addressable. NULL: the targets of
	 * round 0 are the LUNs, in ascending order, without REPORT LUNS; the
	 * first response may add to them.
	 */
	uint64_t (*lun_of)(uint64_t target, uint64_t entry);
	/*
	 * other_unit - a second unit address by which paths find a LUN's node,
	 * 0: none. NULL: of no LUN.
	 */
	uint64_t (*other_unit)(const struct scsi_host *host, uint64_t lun);
};

/* A host; the `priv` of its device. */
struct scsi_host {
	struct device *dev;
	struct request_queue queue; /* takes struct scsi_command */
	const struct scsi_addressing *addressing;
	uint32_t max_transfer; /* bytes per command, 512 or more */
	/*
	 * vital - its units may be asked for vital product data. Sticks at USB
	 * may not: Linux never does. [drivers/usb/storage/scsiglue.c]
	 */
	bool vital;
	bool gone_invalid; /* an absent unit responds with 5/24/00, not 5/25/00 */
	struct scsi_command start_unit; /* private to sense.c */
	struct list units; /* struct scsi_unit, in the order of LUNs */
	struct scsi_scan *scan;
};

/* A logical unit, found by INQUIRY: the bus_data of a device on scsi_bus. */
struct scsi_unit {
	struct list link;
	struct scsi_host *host;
	struct node *node; /* disk@<lun> below the host; NULL: not yet */
	uint64_t lun;	   /* as in scsi_command and in the unit address */
	uint8_t type;	   /* peripheral device type */
	uint8_t version;   /* of the standard: SCSI_SPC_3 or another */
	bool removable;
	char product[SCSI_PRODUCT_MAX]; /* vendor and product; untrusted */
};

/* scsi_bus - logical units; match: a uint32_t with a bit per type. */
extern const struct bus scsi_bus;

/* scsi_unit_of - the unit of a device on scsi_bus. */
static inline struct scsi_unit *scsi_unit_of(const struct device *dev)
{
	assert(dev->bus == &scsi_bus);
	return dev->bus_data;
}

/*
 * scsi_host_init - fill `host` and set dev->priv to it. `ops`: for its queue;
 * decide is scsi_decide(). `slots`, `n`: as in request_queue_init().
 */
void scsi_host_init(struct scsi_host *host, struct device *dev,
		    const struct request_ops *ops, struct request **slots,
		    unsigned n, const struct scsi_addressing *addressing);

/* scsi_host_release - free the units, whose nodes and devices are gone. */
void scsi_host_release(struct scsi_host *host);

/*
 * scsi_scan, scsi_found - for a host's struct driver. scan sends REPORT LUNS to
 * each target, see struct scsi_addressing, and INQUIRY to each LUN found (to LUN
 * 0 if REPORT LUNS fails).
 * found adds a disk@<lun> child and a device for each disk and CD, in the order
 * of their LUNs.
 */
bool scsi_scan(struct device *dev);
void scsi_found(struct device *dev);

/*
 * scsi_execute - run a command and wait for its end, with the retries of SAM
 * (unit attention, busy, becoming ready, START UNIT). `timeout_ms`: without
 * progress.
 * Returns 0 with status GOOD; ERR_NOMEDIUM, ERR_IO, ERR_PERM (write-protected),
 * ERR_RANGE (LBA out of range), ERR_NOTSUP (no such command), ERR_INVAL (the
 * unit refuses the command's parameters), ERR_NODEV,
 * ERR_TIMEOUT (no response, or always busy); the reason names status, or sense
 * key and code.
 */
must_check int scsi_execute(struct scsi_host *host, struct scsi_command *cmd,
			    uint32_t timeout_ms);

/* scsi_decide - decide() of a host's queue; errors as in scsi_execute(). */
enum request_disposition scsi_decide(struct request *rq, int *status);

#endif

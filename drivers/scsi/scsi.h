/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI: commands, hosts, logical units (SAM-5, SPC-4, SBC-3, MMC-6). */
#ifndef DRIVERS_SCSI_SCSI_H
#define DRIVERS_SCSI_SCSI_H

#include "drivers/dma.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct device;
struct node;
struct scsi_host;

#define SCSI_CDB_MAX 16u
#define SCSI_SENSE_MAX 96u /* what virtio-scsi and SRP deliver at most */

/* Peripheral device types. [SPC-4 6.6.2, table 142] */
enum scsi_type {
	SCSI_TYPE_DISK = 0x00,
	SCSI_TYPE_CDROM = 0x05,
	SCSI_TYPE_OPTICAL = 0x07,
	SCSI_TYPE_RBC = 0x0e, /* simplified direct access */
};

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

/* One command; the caller owns it until `result` is not SCSI_PENDING. */
struct scsi_command {
	struct list link; /* the host's, while in flight */
	uint64_t lun;	  /* 8-byte SAM LUN / SRP LUN, host order */
	uint8_t cdb[SCSI_CDB_MAX];
	uint8_t cdb_len;
	enum dma_dir dir; /* ignored when len is 0 */
	void *buf;
	uint32_t len;
	/* Results: */
	int result;	/* SCSI_PENDING; 0: look at status; ERR_NODEV: no such
			     target; ERR_IO, ERR_TIMEOUT */
	uint8_t status; /* enum scsi_status */
	uint32_t residual; /* bytes not transferred */
	uint8_t sense[SCSI_SENSE_MAX];
	uint8_t sense_len;
	char why[80]; /* scsi_done()'s: reason(), "" if there was none */
	/* scsi_try_again()'s: */
	enum scsi_attention attention; /* the worst that was met */
	uint8_t retries;	       /* at once, so far */
	uint8_t pause;	     /* ms before the last try that was waited for */
	uint64_t not_before; /* deadline_ms() of the next try */
	/* scsi_run()'s: */
	int error;    /* SCSI_PENDING, then as scsi_execute() returns */
	bool queued;  /* in flight */
	bool waiting; /* for its next try */
};
#define SCSI_PENDING 1

/*
 * scsi_done - the host has finished a command. `result`: as there; reason()
 * says why it failed, but for ERR_NODEV: scans meet many empty targets.
 */
void scsi_done(struct scsi_command *cmd, int result);

/* scsi_command_reset - it has not run yet, nothing is known of it. */
void scsi_command_reset(struct scsi_command *cmd);

struct scsi_host_ops {
	/* start - bring the host up; called before the first command. */
	int (*start)(struct scsi_host *host);
	/* submit - queue it. 0; ERR_BUSY: queue full, poll; others: reason() */
	int (*submit)(struct scsi_host *host, struct scsi_command *cmd);
	/* kick - tell the device about all submitted ones; may be NULL. */
	void (*kick)(struct scsi_host *host);
	/* poll - scsi_done() for each command that is. */
	void (*poll)(struct scsi_host *host);
	/*
	 * reset - a command is lost, or nobody needs the host: reset it, so
	 * that it does nothing by itself; fail all in flight: reason() why.
	 */
	void (*reset)(struct scsi_host *host);
	/* forget - commands in flight, which may be gone: touch them no more. */
	void (*forget)(struct scsi_host *host);
};

struct scsi_host {
	struct device *dev;
	const struct scsi_host_ops *ops;
	bool started;
	bool quiesced;
	unsigned users;	       /* disks that are open, a scan */
	unsigned starts;       /* counts them */
	uint32_t max_transfer; /* bytes per command, 512 or more */
	struct list units;     /* struct scsi_unit */
	void *priv;
};

/* A logical unit that answered INQUIRY. */
struct scsi_unit {
	struct list link;
	struct scsi_host *host;
	struct node *node; /* disk@<lun> below the controller */
	uint64_t lun;	   /* as in scsi_command and in the unit address */
	uint8_t type;	   /* peripheral device type */
	bool removable;
};

/*
 * scsi_host_init - fill the common part; `dev`, `ops`, `max_transfer` as given.
 */
void scsi_host_init(struct scsi_host *host, struct device *dev,
		    const struct scsi_host_ops *ops, uint32_t max_transfer);

/*
 * scsi_host_open - somebody needs the host: it is started if it is not yet.
 * Returns as scsi_host_start(). Only after a 0 is there something to be closed.
 */
must_check int scsi_host_open(struct scsi_host *host);

/* scsi_host_close - after the last one the host is reset and stays so. */
void scsi_host_close(struct scsi_host *host);

/*
 * scsi_host_start - start it again, for who has it open.
 * Returns 0, what ops->start returns, or ERR_NODEV after quiesce.
 */
must_check int scsi_host_start(struct scsi_host *host);

/*
 * scsi_host_reset - a command is lost: reset the host, fail all that is in
 * flight. The next scsi_host_start() brings it up again.
 */
void scsi_host_reset(struct scsi_host *host);

/* scsi_host_abandon - whoever has it open is gone: forget, then reset. */
void scsi_host_abandon(struct scsi_host *host);

/* scsi_host_quiesce - reset it for good. */
void scsi_host_quiesce(struct scsi_host *host);

/* scsi_host_release - forget units; their nodes and devices are gone. */
void scsi_host_release(struct scsi_host *host);

/*
 * scsi_scan - find the logical units of a host: REPORT LUNS to each of `n`
 * targets (`targets`: what to send it to), as many in flight as the host takes,
 * INQUIRY to each LUN found (LUN 0 only where REPORT LUNS fails), a disk@<lun>
 * child and a device for each disk and CD, in the order of their LUNs.
 * `lun_of(target, entry)` makes a LUN, as in scsi_command, of a target's 8-byte
 * entry in a REPORT LUNS list; 0: it has an address that the host cannot reach.
 * Returns how many targets answered REPORT LUNS.
 */
size_t scsi_scan(struct scsi_host *host, const uint64_t *targets, size_t n,
		 uint64_t (*lun_of)(uint64_t target, uint64_t entry));

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
 * scsi_run - the same for `n` commands, as many in flight together as the host
 * takes; the time counts from the last one that ended. What became of each is
 * in its `error`; scsi_explain() tells why.
 */
void scsi_run(struct scsi_host *host, struct scsi_command *cmds, size_t n,
	      uint32_t timeout_ms);

/* What to do about a command that the host has finished. */
enum scsi_verdict {
	SCSI_DONE,  /* with `err` */
	SCSI_RETRY, /* at once: unit attention, aborted */
	SCSI_WAIT,  /* for a while: busy, becoming ready */
};

/*
 * scsi_judge - status and sense data of a finished command (sense.c).
 * `err`: receives 0 or the error, see scsi_execute(); set also for a retry, for
 * the case that it was the last. No reason is set.
 */
enum scsi_verdict scsi_judge(const struct scsi_command *cmd, int *err);

/* scsi_attention - what a command's sense data says about its unit. */
enum scsi_attention scsi_attention(const struct scsi_command *cmd);

/* scsi_explain - set the reason for the error that a command ended with. */
void scsi_explain(const struct scsi_command *cmd, int err);

/* How often a command is tried again at once. */
#define SCSI_RETRIES 8
/* Longest pause between two tries of one whose unit is busy. */
#define SCSI_PAUSE_MAX_MS 100u

/*
 * scsi_try_again - is a finished command to be submitted again, from its
 * `not_before` on? For a unit that is busy the pauses grow, and whoever waits
 * says when it is enough. `err`: as scsi_judge().
 */
bool scsi_try_again(struct scsi_command *cmd, int *err);

/* scsi_back_off - the command could not be submitted: pause, likewise. */
void scsi_back_off(struct scsi_command *cmd);

/* scsi_due - has the pause of a command ended? */
bool scsi_due(const struct scsi_command *cmd);

#endif

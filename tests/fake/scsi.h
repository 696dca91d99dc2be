/* SPDX-License-Identifier: BSD-2-Clause */
/* Fake SCSI logical units, and a fake host in front of them. */
#ifndef TESTS_FAKE_SCSI_H
#define TESTS_FAKE_SCSI_H

#include "drivers/scsi/scsi.h"
#include "tests/fake/log.h"

/* One logical unit; zero it and set what matters. */
struct fake_unit {
	uint64_t lun;	  /* as the host addresses it */
	uint8_t type;	  /* first byte of INQUIRY data, qualifier included */
	uint8_t version;  /* of INQUIRY data; from 5 on it has page B0 */
	uint32_t limit;	  /* most blocks of a transfer; 0: any number */
	bool hides_limit; /* it has no page B0 */
	bool removable;
	uint32_t block_size;
	uint32_t block_size_16; /* of READ CAPACITY(16), if it lies; 0: the same */
	uint64_t blocks;	/* what READ CAPACITY reports */
	uint8_t *data;		/* blocks past its end read as zeros */
	size_t len;

	/* The next `fail_times` commands (`fail_op`; -1: any) end like this. */
	unsigned fail_times;
	int fail_op;
	uint8_t fail_status;
	uint8_t fail_sense[SCSI_SENSE_MAX];
	uint8_t fail_sense_len;
	/* It needs START UNIT, then is not ready this many times. */
	bool stopped;
	unsigned spins_up;
	/* READ and WRITE omit this many bytes. */
	uint32_t shorter;
};

#define FAKE_UNITS_MAX 700
extern struct fake_unit fake_units[FAKE_UNITS_MAX];
extern unsigned fake_unit_count;

/* Vendor, product and revision in INQUIRY data: 28 bytes. */
#define FAKE_SCSI_PRODUCT "QEMU    QEMU HARDDISK   2.5+"
extern const char *fake_scsi_product;

/* fake_unit_add - a unit of INQUIRY type `type` at `lun`. */
struct fake_unit *fake_unit_add(uint64_t lun, uint8_t type);

/* fake_unit_status - the next `times` commands end with a status. */
void fake_unit_status(struct fake_unit *unit, unsigned times, uint8_t status);

/* fake_unit_sense - the next `times` commands fail with fixed sense data. */
void fake_unit_sense(struct fake_unit *unit, unsigned times, uint8_t key,
		     uint8_t asc, uint8_t ascq);

/* The outcome of a command. */
struct fake_result {
	bool absent; /* no unit has this LUN */
	uint8_t status;
	uint32_t residual;
	uint8_t sense[SCSI_SENSE_MAX];
	uint8_t sense_len;
};

/* Answers REPORT LUNS; NULL: fake_report_target. `list` has `room` bytes. */
extern uint32_t (*fake_report)(uint64_t lun, uint8_t *list, uint32_t room);

/* The units of a target: those whose LUN differs in fake_lun_mask only. */
extern uint64_t fake_lun_mask;
/* The entry of a unit in its target's list. */
extern uint64_t (*fake_lun_entry)(uint64_t lun);
uint32_t fake_report_target(uint64_t lun, uint8_t *list, uint32_t room);

/* fake_scsi_serve - run a command on the units. */
struct fake_result fake_scsi_serve(uint64_t lun, const uint8_t *cdb, void *data,
				   uint32_t len, bool write);

/* Commands that were served, by their first byte. */
extern unsigned fake_scsi_served[256];

/*
 * A fake host, a device below the root. poll() answers its commands.
 */
struct fake_scsi_host {
	struct scsi_host host;
	struct request *slots[64];
	/* The commands in flight, in order. */
	struct fake_flight {
		struct scsi_command *cmd;
		uint64_t due; /* time of the answer; 0: the next poll */
	} queue[64];
	unsigned n, room;
	bool running;
	unsigned starts, kicks, stops, most; /* most in flight together */
	int start_error, submit_error;
	unsigned refusals; /* by submit_error */
	unsigned busy_at;  /* this submission from now is refused; 0: none */
	bool silent;
	unsigned answers; /* commands until it falls silent; 0: any number */
	bool backwards;	  /* the last one is answered first */
	bool goes;	  /* goes away once it has answered */
	uint64_t delay;	  /* ticks that each command takes */
	uint64_t pace;	  /* the same, but one after the other */
	uint64_t last;	  /* time of their last answer, past or due */
	/* The targets of a scan's first round; other rounds have none. */
	const uint64_t *targets;
	size_t n_targets;
	unsigned rounds; /* rounds that scans have begun */
};
extern struct fake_scsi_host fake_scsi_host, fake_scsi_other;

/* The LUN of a target's entry, see struct scsi_addressing; NULL: the target. */
extern uint64_t (*fake_lun_of)(uint64_t target, uint64_t entry);

/* fake_scsi_reset - no units, no hosts. */
void fake_scsi_reset(void);

/* fake_scsi_start - the same in a new tree, without devices or other text. */
void fake_scsi_start(void);

/*
 * fake_scsi_plug - add a host at a node of that name: first fake_scsi_host,
 * then fake_scsi_other. It has room for 16 commands.
 */
struct device *fake_scsi_plug(const char *name);

/* fake_scsi_plug_unit - add the first host with a unit as its only target. */
struct fake_unit *fake_scsi_plug_unit(const char *name, uint64_t lun,
				      uint8_t type);

#endif

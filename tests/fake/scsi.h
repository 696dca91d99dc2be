/* SPDX-License-Identifier: BSD-2-Clause */
/* Fake SCSI logical units, and a fake host in front of them. */
#ifndef TESTS_FAKE_SCSI_H
#define TESTS_FAKE_SCSI_H

#include "drivers/scsi/scsi.h"
#include "tests/fake/log.h"

/* One logical unit; zero it and set what matters. */
struct fake_unit {
	uint64_t lun; /* as the host addresses it */
	uint8_t type; /* first byte of INQUIRY data, qualifier included */
	bool removable;
	uint32_t block_size;
	uint64_t blocks; /* what READ CAPACITY says */
	uint8_t *data;	 /* blocks behind the end of it read as zeros */
	size_t len;

	/* The next `fail_times` commands (`fail_op`, or any: -1) end so. */
	unsigned fail_times;
	int fail_op;
	uint8_t fail_status;
	uint8_t fail_sense[SCSI_SENSE_MAX];
	uint8_t fail_sense_len;
	/* READ and WRITE leave that many bytes out. */
	uint32_t shorter;
};

#define FAKE_UNITS_MAX 700
extern struct fake_unit fake_units[FAKE_UNITS_MAX];
extern unsigned fake_unit_count;

/* fake_unit_add - a unit of INQUIRY type `type` at `lun`. */
struct fake_unit *fake_unit_add(uint64_t lun, uint8_t type);

/* fake_unit_status - the next `times` commands end with a status. */
void fake_unit_status(struct fake_unit *unit, unsigned times, uint8_t status);

/* fake_unit_sense - the next `times` commands fail with fixed sense data. */
void fake_unit_sense(struct fake_unit *unit, unsigned times, uint8_t key,
		     uint8_t asc, uint8_t ascq);

/* What became of a command. */
struct fake_result {
	bool absent; /* nobody has this LUN */
	uint8_t status;
	uint32_t residual;
	uint8_t sense[SCSI_SENSE_MAX];
	uint8_t sense_len;
};

/* Who answers REPORT LUNS; NULL: fake_report_target. `list` has `room` bytes. */
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
 * A fake host, a device below the root. A command that it was given is answered
 * at a look at it.
 */
struct fake_scsi_host {
	struct scsi_host host;
	struct request *slots[64];
	/* What is in flight, in the order in which it came. */
	struct fake_flight {
		struct scsi_command *cmd;
		uint64_t due; /* time of the answer; 0: the next look */
	} queue[64];
	unsigned n, room;
	bool running;
	unsigned starts, kicks, stops, most; /* most in flight together */
	int start_error, submit_error;
	unsigned refusals; /* by submit_error */
	unsigned busy_at;  /* this submission from now on is refused; 0: none */
	bool silent;
	unsigned answers; /* commands until it falls silent; 0: any number */
	bool backwards;	  /* the last one is answered first */
	bool goes;	  /* away, once it has answered */
	uint64_t delay;	  /* ticks that each command takes */
	uint64_t pace;	  /* the same, but one after the other */
	uint64_t last;	  /* when the last answer came, or will, of those */
	/* Whom a scan asks in its first round; there is nobody in others. */
	const uint64_t *targets;
	size_t n_targets;
	unsigned rounds; /* that a scan has begun */
};
extern struct fake_scsi_host fake_scsi_host, fake_scsi_other;

/* A LUN of a target's entry, as struct scsi_addressing; NULL: the target. */
extern uint64_t (*fake_lun_of)(uint64_t target, uint64_t entry);

/* fake_scsi_reset - no units, no hosts. */
void fake_scsi_reset(void);

/* fake_scsi_start - the same in a new tree, without devices or other text. */
void fake_scsi_start(void);

/*
 * fake_scsi_plug - a host at a node of that name: the first one is
 * fake_scsi_host, the second fake_scsi_other. It has room for 16 commands.
 */
struct device *fake_scsi_plug(const char *name);

/* fake_scsi_plug_unit - the first host, whose only target is a unit, as well. */
struct fake_unit *fake_scsi_plug_unit(const char *name, uint64_t lun,
				      uint8_t type);

#endif

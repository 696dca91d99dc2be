/* SPDX-License-Identifier: BSD-2-Clause */
/* Fake SCSI logical units, and a fake host in front of them. */
#ifndef TESTS_FAKE_SCSI_H
#define TESTS_FAKE_SCSI_H

#include "drivers/scsi/scsi.h"

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

/* The fake host: commands that are submitted are done at poll(). */
struct fake_scsi_host {
	struct scsi_host host;
	struct scsi_command *queue[64];
	unsigned n, room;
	unsigned starts, kicks, resets, most; /* most in flight together */
	int start_error, submit_error;
	unsigned refusals; /* by submit_error */
	unsigned busy_at;  /* this submission from now on is refused; 0: none */
	bool silent;
	unsigned answers; /* commands until it falls silent; 0: any number */
	unsigned forgets;
	bool goes;     /* away, once it has answered */
	uint64_t pace; /* ticks for each command; 0: all at the next look */
	uint64_t next; /* time of the next answer at that pace */
};
extern struct fake_scsi_host fake_scsi_host;

/* fake_scsi_reset - no units, a host with room for 16 commands. */
void fake_scsi_reset(struct device *dev);

#endif

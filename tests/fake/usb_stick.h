/* SPDX-License-Identifier: BSD-2-Clause */
/* A USB mass storage device, whose LUNs are fake SCSI units. */
#ifndef TESTS_FAKE_USB_STICK_H
#define TESTS_FAKE_USB_STICK_H

#include "tests/fake/scsi.h"
#include "tests/fake/usb.h"

/* The parts of a command, and how the device is between them. */
enum stick_phase {
	STICK_COMMAND,
	STICK_DATA,
	STICK_STATUS,
	STICK_CONFUSED, /* stalls until its port is reset */
};

/* What it does if it has less data than was asked for. */
enum stick_short {
	STICK_ENDS,   /* a short packet */
	STICK_PADS,   /* zeros, like QEMU; the residue tells */
	STICK_STALLS, /* a short packet, then a stall */
};

/* Lengths as on the wire. */
#define STICK_CBW 31u
#define STICK_CSW 13u

struct fake_stick {
	struct fake_usb_device fd;
	uint64_t lun;	      /* of its first unit; the next ones follow */
	int max_lun;	      /* -1: it stalls; otherwise its answer */
	uint32_t max_lun_len; /* bytes of the answer */
	enum stick_short how;
	bool hides_sense; /* of LUNs above 0, like QEMU */
	bool patient;	  /* real: see looks */
	bool mute[3];	  /* by phase: it does not answer */
	bool mute_max_lun;
	/*
	 * lie - changes an honest answer, if set: `data` and `n`, the result
	 * of a bulk transfer in `phase`. Returns another one.
	 */
	long (*lie)(struct fake_stick *stick, enum stick_phase phase,
		    uint8_t *data, uint32_t len, long n);
	unsigned lies; /* for the lie's own use */

	/* What happened. */
	unsigned max_luns, commands[256];
	uint32_t longest; /* data of a command */
	/* The command in progress. */
	enum stick_phase phase;
	uint8_t cbw[STICK_CBW];
	struct fake_result res;
	uint32_t len, moved;
	/*
	 * fake_usb.looks when the data ended: without an access since, QEMU
	 * forgets to send the status.
	 */
	unsigned looks;
	/* Sense data of the last failure. */
	uint8_t sense[18];
};

/*
 * fake_stick_init - an honest device of a speed: one LUN, the SCSI unit
 * `lun`, which fake_unit_add() has made or will make.
 */
void fake_stick_init(struct fake_stick *stick, enum usb_speed speed,
		     uint64_t lun);

#endif

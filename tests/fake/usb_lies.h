/* SPDX-License-Identifier: BSD-2-Clause */
/* An open disk on a USB stick that lies: usb_stick[0] of a USB machine. */
#ifndef TESTS_FAKE_USB_LIES_H
#define TESTS_FAKE_USB_LIES_H

#include "tests/fake/usb_machine.h"

extern struct block_device *lies_disk;

/* lies_open - plug, scan, open; then nothing has been printed or counted. */
void lies_open(void);

/* lies_read - read block 7. lies_expect_block - and get it. */
int lies_read(void);
void lies_expect_block(void);

/* lies_expect_reason - reason() contains `why`. */
void lies_expect_reason(const char *why);

/*
 * lies_with - the next `times` answers in a phase are `n`; FAKE_USB_PASS: what
 * is honest. stick->lies counts them.
 */
void lies_with(unsigned times, enum stick_phase phase, long n);

/* lies_in_status - the next `times` statuses have another number. [BOT 5.2] */
enum lies_field {
	LIES_SIGNATURE = 0,
	LIES_TAG = 4,
	LIES_RESIDUE = 8,
	LIES_STATUS = 12,
};
void lies_in_status(unsigned times, enum lies_field field, uint32_t val);

/* lies_in_control - `n` answers each control request of a kind. */
void lies_in_control(unsigned type, unsigned request, long n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* All error codes, grouped by cause. */
#ifndef LIB_ERR_H
#define LIB_ERR_H

/*
 * Functions return 0 or a count on success and one of these on failure.
 * Only hcall/ converts hypervisor codes to ERR_*; only ci/ converts ERR_* to
 * client cells. Our own bugs are asserts, not codes.
 */
enum err {
	ERR_OK = 0,

	/* It is not there. */
	ERR_NOENT = -1,	   /* no such node, property, file, partition */
	ERR_NODEV = -2,	   /* no such device, or no driver for it */
	ERR_NOMEDIUM = -3, /* the drive is empty */
	ERR_NOTSUP = -4,   /* the object does not support the operation */

	/* The request is wrong. */
	ERR_INVAL = -10, /* malformed argument */
	ERR_RANGE = -11, /* outside the object */
	ERR_PERM = -12,	 /* refused, for example a protected block */
	ERR_EXIST = -13, /* already there, already claimed */
	ERR_BUSY = -14,	 /* in use, full; the driver tries again */
	ERR_AGAIN = -15, /* no data yet, e.g. no key pressed */
	ERR_ABORT = -16, /* the user pressed ESC */

	/* The data is bad. */
	ERR_FORMAT = -20,   /* not of the expected format */
	ERR_CHECKSUM = -21, /* right format, wrong checksum */

	/* The device or the hypervisor failed. */
	ERR_IO = -30,	   /* the device reported an error */
	ERR_TIMEOUT = -31, /* the device did not answer in time */

	/* We ran out of something. */
	ERR_NOMEM = -40,   /* no memory left */
	ERR_NOSPACE = -41, /* the buffer, table or partition is full */
};

/*
 * err_str - describe an ERR_* code in a few words.
 * Returns a constant string; "unknown error" if `err` is not a code.
 */
const char *err_str(int err);

#endif

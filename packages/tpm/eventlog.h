/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a TPM 2.0: what its PCRs were extended with, and why. */
#ifndef PACKAGES_TPM_EVENTLOG_H
#define PACKAGES_TPM_EVENTLOG_H

#include "lib/digest.h"
#include "lib/err.h"

/*
 * Zero bytes after the last entry: the end of the log for a reader. Linux does
 * not show an entry that ends where the log does.
 * [drivers/char/tpm/eventlog/tpm2.c, tpm2_bios_measurements_start()]
 */
#define EVENTLOG_TAIL 16u

/* The longest event of the last entry, see eventlog_last(). */
#define EVENTLOG_LAST 32u

/* The least size of a log: its header, the last entry and the tail. */
#define EVENTLOG_MIN 512u

/*
 * A log in the crypto agile format, little-endian also on Power, in memory that
 * the caller owns. [TCG PC Client Platform Firmware Profile 1.05, 10.2]
 */
struct eventlog {
	uint8_t *base;
	size_t size, used;
	unsigned set; /* of DIGEST_BIT(): the hashes of every entry */
	bool closed;  /* it has its last entry */
};

/*
 * eventlog_begin - write the header for the banks of `set` to `buf`, of `size` >=
 * EVENTLOG_MIN bytes, all of which the log uses from now on.
 */
void eventlog_begin(struct eventlog *log, void *buf, size_t size, unsigned set);

/* eventlog_fits - is there room for an entry with `len` bytes of event? */
bool eventlog_fits(const struct eventlog *log, size_t len);

/*
 * eventlog_add - append an entry. `values`: at least the hashes of the log.
 * Returns 0, or ERR_NOSPACE: it does not fit, or the log is closed; the log is
 * unchanged.
 */
must_check int eventlog_add(struct eventlog *log, uint32_t pcr, uint32_t type,
			    const struct digest_values *values,
			    const void *event, size_t len);

/*
 * eventlog_last - append an entry for which there is always room, with at most
 * EVENTLOG_LAST bytes of event, and close the log. Only once.
 */
void eventlog_last(struct eventlog *log, uint32_t pcr, uint32_t type,
		   const struct digest_values *values, const void *event,
		   size_t len);

/* eventlog_size - bytes that a copy needs: all entries and the tail. */
size_t eventlog_size(const struct eventlog *log);

/*
 * eventlog_copy - copy the log to `dst`, of `size` bytes; zeros follow it.
 * Returns 0, or ERR_NOSPACE: the entries do not fit; nothing is written.
 */
must_check int eventlog_copy(const struct eventlog *log, void *dst,
			     size_t size);

#endif

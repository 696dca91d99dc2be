/* SPDX-License-Identifier: BSD-2-Clause */
/* The TPM role: commands and responses as bytes. */
#ifndef DRIVERS_TPM_H
#define DRIVERS_TPM_H

#include "drivers/device.h"

/* The longest command and response, in bytes; a device may have less. */
#define TPM_BUFFER_MAX 4096u
#define TPM_BUFFER_MIN 1024u

/* How long a command may take: a host may be busy. */
#define TPM_TIMEOUT_MS 30000u

/* A TPM 2.0. */
struct tpm_device {
	struct device_role as;
	/* The longest command and response; known once the device is open. */
	size_t max;
	/*
	 * transmit - pass a command of `len` <= max bytes, and wait for its
	 * response, of `room` bytes at most; both may be the same memory. The
	 * device is started. Returns the bytes that came, or ERR_* with
	 * reason(); then the device is ready for another command, or stopped.
	 */
	long (*transmit)(struct tpm_device *tpm, const void *cmd, size_t len,
			 void *rsp, size_t room);
};

extern const struct role tpm_role;

static inline struct tpm_device *tpm_device_of(struct device_role *as)
{
	return container_of(as, struct tpm_device, as);
}

/* The header of commands and responses: tag, size in all, code. */
#define TPM_HEADER 10u

/*
 * tpm_transmit - start the device if its last command has stopped it, and pass
 * a command of `len` bytes. `room`: for its response, at least TPM_HEADER; both
 * may be the same memory. The device is open.
 * Returns the response's size as its header has it: TPM_HEADER to `room`; or,
 * with reason(), ERR_INVAL: `len` or `room` is wrong; ERR_FORMAT: the header is
 * not intact; ERR_NODEV: shut down; or the errors of transmit().
 */
must_check long tpm_transmit(struct tpm_device *tpm, const void *cmd,
			     size_t len, void *rsp, size_t room);

#endif

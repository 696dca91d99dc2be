// SPDX-License-Identifier: BSD-2-Clause
// The TPM role: checks that hold for every transport.
#include "drivers/tpm.h"

#include "lib/endian.h"
#include "lib/reason.h"

/* Where a header has the size. [TCG TPM 2.0 Library, part 1, 18] */
#define HEADER_SIZE 2u

/* Its node has a device_type of its own. */
const struct role tpm_role = { .device_type = NULL };

/* Returns the size that a response says it has. */
static long tpm_check_response(const uint8_t *rsp, size_t got, size_t room)
{
	uint32_t size;

	if (got < TPM_HEADER || got > room)
		return reason_fail(ERR_FORMAT, "response of %zu bytes", got);
	size = be32_load(rsp + HEADER_SIZE);
	if (size < TPM_HEADER || size > got)
		return reason_fail(ERR_FORMAT,
				   "response of %zu bytes says it has %u", got,
				   size);
	return (long)size;
}

long tpm_transmit(struct tpm_device *tpm, const void *cmd, size_t len,
		  void *rsp, size_t room)
{
	long got = device_start(tpm->as.dev);

	if (got < 0)
		return got;
	if (len < TPM_HEADER || len > tpm->max || room < TPM_HEADER)
		return reason_fail(ERR_INVAL,
				   "command of %zu bytes, room for %zu", len,
				   room);
	got = tpm->transmit(tpm, cmd, len, rsp, room);
	return got < 0 ? got : tpm_check_response(rsp, (size_t)got, room);
}

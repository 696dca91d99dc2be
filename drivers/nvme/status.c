// SPDX-License-Identifier: BSD-2-Clause
// NVMe: status codes in words (NVMe 1.4, 4.6.1).
#include "drivers/nvme/nvme.h"
#include "lib/reason.h"

/* Retries of a command, at once. */
#define TRIES_MAX 3u

/* By type and code; sorted. */
static const struct status {
	uint16_t code;
	int8_t err;
	uint8_t retry; /* enum request_disposition */
	const char *words;
} status_table[] = {
	{ 0x001, ERR_NOTSUP, REQUEST_DONE, "invalid opcode" },
	{ 0x002, ERR_IO, REQUEST_DONE, "invalid field" },
	{ 0x004, ERR_IO, REQUEST_DONE, "data transfer error" },
	{ 0x006, ERR_IO, REQUEST_DONE, "internal error" },
	{ 0x007, ERR_IO, REQUEST_DONE, "aborted" },
	{ 0x008, ERR_IO, REQUEST_RETRY, "queue deleted" },
	{ 0x00b, ERR_NODEV, REQUEST_DONE, "invalid namespace" },
	{ 0x013, ERR_IO, REQUEST_DONE, "invalid PRP offset" },
	{ 0x020, ERR_PERM, REQUEST_DONE, "namespace write-protected" },
	{ 0x080, ERR_RANGE, REQUEST_DONE, "LBA out of range" },
	{ 0x082, ERR_IO, REQUEST_WAIT, "namespace not ready" },
	{ 0x083, ERR_PERM, REQUEST_DONE, "reservation conflict" },
	{ 0x100, ERR_IO, REQUEST_DONE, "invalid completion queue" },
	{ 0x101, ERR_IO, REQUEST_DONE, "invalid queue id" },
	{ 0x102, ERR_IO, REQUEST_DONE, "invalid queue size" },
	{ 0x280, ERR_IO, REQUEST_DONE, "write fault" },
	{ 0x281, ERR_IO, REQUEST_DONE, "unrecovered read error" },
	{ 0x282, ERR_IO, REQUEST_DONE, "guard check error" },
	{ 0x283, ERR_IO, REQUEST_DONE, "application tag check error" },
	{ 0x284, ERR_IO, REQUEST_DONE, "reference tag check error" },
	{ 0x286, ERR_PERM, REQUEST_DONE, "access denied" },
	{ 0x287, ERR_IO, REQUEST_DONE, "block never written" },
	{ 0x301, ERR_IO, REQUEST_DONE, "path lost for good" },
	{ 0x302, ERR_IO, REQUEST_DONE, "path inaccessible" },
	{ 0x303, ERR_IO, REQUEST_WAIT, "path in transition" },
	{ 0x360, ERR_IO, REQUEST_DONE, "controller path error" },
	{ 0x370, ERR_IO, REQUEST_DONE, "host path error" },
};

static const struct status *status_find(uint16_t status)
{
	static const struct status other = { .err = ERR_IO };

	for (unsigned i = 0; i < ARRAY_SIZE(status_table); i++) {
		if (status_table[i].code == NVME_STATUS_CODE(status))
			return &status_table[i];
	}
	return &other;
}

int nvme_status(uint16_t status)
{
	unsigned code = NVME_STATUS_CODE(status);
	const struct status *found = status_find(status);

	if (!code)
		return 0;
	return reason_fail(found->err, "status %x/%02x%s%s%s%s", code >> 8,
			   code & 0xff, found->words ? " (" : "",
			   found->words ? found->words : "",
			   found->words ? ")" : "",
			   status & NVME_STATUS_DNR ? ", do not retry" : "");
}

enum request_disposition nvme_status_retry(struct nvme_command *cmd)
{
	const struct status *found = status_find(cmd->status);

	if (cmd->status & NVME_STATUS_DNR)
		return REQUEST_DONE;
	if (found->retry == REQUEST_RETRY && cmd->tries++ == TRIES_MAX)
		return REQUEST_DONE;
	return (enum request_disposition)found->retry;
}

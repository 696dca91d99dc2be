// SPDX-License-Identifier: BSD-2-Clause
// SCSI: evaluating status and sense data (SPC-4 4.5).

#include "drivers/scsi/cdb.h"
#include "drivers/scsi/scsi.h"
#include "lib/reason.h"

/* [SPC-4 4.5.6, table 48] */
enum sense_key {
	KEY_NO_SENSE = 0x0,
	KEY_RECOVERED = 0x1,
	KEY_NOT_READY = 0x2,
	KEY_MEDIUM_ERROR = 0x3,
	KEY_HARDWARE_ERROR = 0x4,
	KEY_ILLEGAL_REQUEST = 0x5,
	KEY_UNIT_ATTENTION = 0x6,
	KEY_DATA_PROTECT = 0x7,
	KEY_ABORTED = 0xb,
};

static const char *const key_names[16] = {
	"no sense",	   "recovered error", "not ready",
	"medium error",	   "hardware error",  "illegal request",
	"unit attention",  "data protect",    "blank check",
	"vendor specific", "copy aborted",    "aborted command",
	"reserved",	   "volume overflow", "miscompare",
	"completed",
};

/* Additional sense code and qualifier as one number. [SPC-4 annex F] */
enum sense_code {
	CODE_NEEDS_START = 0x0402,
	CODE_INVALID_FIELD = 0x2400,
	CODE_CAPACITY_CHANGED = 0x2a09,
	ASC_MEDIUM_MAY_HAVE_CHANGED = 0x28,
	ASC_NO_MEDIUM = 0x3a,
};

/*
 * What sense data means, the first row that fits: those that QEMU and its host
 * send [scsi/utils.c], others by their key. Bits outside `mask` do not count.
 */
struct meaning {
	uint8_t key;
	uint8_t disposition; /* enum request_disposition */
	uint16_t code, mask;
	int8_t err;	   /* ERR_* */
	const char *words; /* NULL: only key and code are told */
};
#define EXACT 0xffff
#define ASC 0xff00

/* clang-format off */
static const struct meaning meanings[] = {
	{ KEY_NO_SENSE, REQUEST_DONE, 0, 0, 0, NULL },
	{ KEY_RECOVERED, REQUEST_DONE, 0, 0, 0, NULL },
	{ KEY_NOT_READY, REQUEST_WAIT, 0x0401, EXACT, ERR_IO,
	  "becoming ready" },
	{ KEY_NOT_READY, REQUEST_WAIT, CODE_NEEDS_START, EXACT, ERR_IO,
	  "stopped" },
	{ KEY_NOT_READY, REQUEST_DONE, 0x0403, EXACT, ERR_IO,
	  "manual intervention required" },
	{ KEY_NOT_READY, REQUEST_DONE, ASC_NO_MEDIUM << 8, ASC, ERR_NOMEDIUM,
	  NULL },
	{ KEY_MEDIUM_ERROR, REQUEST_DONE, 0x1100, ASC, ERR_IO,
	  "unrecovered read error" },
	{ KEY_HARDWARE_ERROR, REQUEST_DONE, 0x4400, EXACT, ERR_IO,
	  "target failure" },
	/* QEMU says so of a LUN 0 that has left. [hw/scsi/scsi-bus.c] */
	{ KEY_ILLEGAL_REQUEST, REQUEST_DONE, 0x2000, EXACT, ERR_NOTSUP,
	  "no such command, or the unit is gone" },
	{ KEY_ILLEGAL_REQUEST, REQUEST_DONE, 0x2100, EXACT, ERR_RANGE,
	  "block out of range" },
	{ KEY_ILLEGAL_REQUEST, REQUEST_DONE, CODE_INVALID_FIELD, EXACT,
	  ERR_INVAL, "invalid field" },
	{ KEY_ILLEGAL_REQUEST, REQUEST_DONE, 0x2500, EXACT, ERR_IO,
	  "the unit is gone" },
	{ KEY_ILLEGAL_REQUEST, REQUEST_DONE, 0x3000, ASC, ERR_IO,
	  "medium of the wrong format" },
	{ KEY_UNIT_ATTENTION, REQUEST_RETRY, ASC_MEDIUM_MAY_HAVE_CHANGED << 8,
	  ASC, ERR_IO, "medium changed" },
	{ KEY_UNIT_ATTENTION, REQUEST_RETRY, 0x2900, ASC, ERR_IO, "reset" },
	{ KEY_UNIT_ATTENTION, REQUEST_RETRY, CODE_CAPACITY_CHANGED, EXACT,
	  ERR_IO, "capacity changed" },
	{ KEY_UNIT_ATTENTION, REQUEST_RETRY, 0x3f0e, EXACT, ERR_IO,
	  "units changed" },
	{ KEY_UNIT_ATTENTION, REQUEST_RETRY, 0, 0, ERR_IO, NULL },
	{ KEY_DATA_PROTECT, REQUEST_DONE, 0x2707, EXACT, ERR_PERM,
	  "the host's storage is full" },
	{ KEY_DATA_PROTECT, REQUEST_DONE, 0x2700, ASC, ERR_PERM,
	  "write-protected" },
	{ KEY_DATA_PROTECT, REQUEST_DONE, 0, 0, ERR_PERM, NULL },
	{ KEY_ABORTED, REQUEST_RETRY, 0x0006, EXACT, ERR_IO,
	  "I/O error on the host" },
	{ KEY_ABORTED, REQUEST_RETRY, 0x0500, EXACT, ERR_IO, "path lost" },
	{ KEY_ABORTED, REQUEST_RETRY, 0x0800, EXACT, ERR_IO, "path lost" },
	{ KEY_ABORTED, REQUEST_RETRY, 0x2907, EXACT, ERR_IO, "path lost" },
	{ KEY_ABORTED, REQUEST_RETRY, 0x2e02, EXACT, ERR_IO, "timed out" },
	{ KEY_ABORTED, REQUEST_RETRY, 0x2f02, EXACT, ERR_IO, "cleared" },
	{ KEY_ABORTED, REQUEST_RETRY, 0, 0, ERR_IO, NULL },
};
/* clang-format on */

struct sense {
	uint8_t key;
	uint16_t code;
};

/* [SPC-4 4.5.2, 4.5.3] Returns false: too short, or not sense data. */
static bool sense_decode(const struct scsi_command *cmd, struct sense *sense)
{
	const uint8_t *data = cmd->sense;
	uint8_t format;

	*sense = (struct sense){ 0 };
	if (cmd->sense_len < 4)
		return false;
	format = data[0] & 0x7f;
	if (format == 0x72 || format == 0x73) {
		sense->key = data[1] & 0xf;
		sense->code = (uint16_t)(data[2] << 8 | data[3]);
		return true;
	}
	if (format != 0x70 && format != 0x71)
		return false;
	sense->key = data[2] & 0xf;
	if (cmd->sense_len >= 14)
		sense->code = (uint16_t)(data[12] << 8 | data[13]);
	return true;
}

static const struct meaning *sense_meaning(const struct sense *sense)
{
	static const struct meaning other = { .disposition = REQUEST_DONE,
					      .err = ERR_IO };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if (m->key == sense->key &&
		    !((m->code ^ sense->code) & m->mask))
			return m;
	}
	return &other;
}

/*
 * QEMU reports a new disc in a drive as 3a/00, then 28/00.
 * [hw/scsi/scsi-disk.c, scsi_cd_change_media_cb]
 */
static enum scsi_attention sense_attention(const struct sense *sense)
{
	uint8_t asc = (uint8_t)(sense->code >> 8);

	if (sense->key != KEY_UNIT_ATTENTION)
		return SCSI_ATTENTION_NONE;
	if (asc == ASC_MEDIUM_MAY_HAVE_CHANGED || asc == ASC_NO_MEDIUM)
		return SCSI_ATTENTION_MEDIUM;
	return sense->code == CODE_CAPACITY_CHANGED ? SCSI_ATTENTION_CAPACITY
						    : SCSI_ATTENTION_OTHER;
}

static const char *sense_status_name(uint8_t status)
{
	static const struct {
		uint8_t status;
		const char *name;
	} names[] = {
		{ SCSI_CONDITION_MET, "condition met" },
		{ SCSI_BUSY, "busy" },
		{ SCSI_RESERVATION_CONFLICT,
		  "reservation conflict: another host has reserved the disk" },
		{ SCSI_TASK_SET_FULL, "task set full" },
		{ SCSI_ACA_ACTIVE, "ACA active" },
		{ SCSI_TASK_ABORTED, "task aborted" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].status == status)
			return names[i].name;
	}
	return "unknown";
}

/* Any status but GOOD and CHECK CONDITION. [SAM-5 5.3.1] */
static enum request_disposition sense_decide_status(uint8_t status, int *err)
{
	*err = reason_fail(ERR_IO, "SCSI status 0x%02x (%s)", status,
			   sense_status_name(status));
	if (status == SCSI_BUSY || status == SCSI_TASK_SET_FULL)
		return REQUEST_WAIT;
	/* Another initiator has aborted it. */
	return status == SCSI_TASK_ABORTED ? REQUEST_RETRY : REQUEST_DONE;
}

static struct scsi_host *sense_host(const struct scsi_command *cmd)
{
	return container_of(cmd->rq.queue, struct scsi_host, queue);
}

static void sense_tell(const struct scsi_command *cmd,
		       const struct sense *sense, const struct meaning *m)
{
	const char *words = m->words;

	if (m->err == ERR_NOMEDIUM) {
		reason_fail(m->err, "no medium");
		return;
	}
	if (m->code == CODE_INVALID_FIELD && sense_host(cmd)->gone_invalid)
		words = "the unit is gone, or refuses the command";
	reason_fail(m->err, "sense key %x (%s), code %02x/%02x%s%s%s",
		    sense->key, key_names[sense->key], sense->code >> 8,
		    sense->code & 0xff, words ? " (" : "", words ? words : "",
		    words ? ")" : "");
}

/* Sends START UNIT, once for a command, which waits for the unit meanwhile. */
static void sense_start_unit(struct scsi_command *cmd)
{
	struct scsi_host *host = sense_host(cmd);
	struct scsi_command *start = &host->start_unit;

	if (!cmd->started && start->rq.status != REQUEST_PENDING) {
		scsi_command_init(start, cmd->lun, SCSI_START_STOP_UNIT, 6);
		start->cdb[1] = SCSI_START_IMMEDIATE;
		start->cdb[4] = SCSI_START;
		start->started = true;
		start->rq.timeout_ms = cmd->rq.timeout_ms;
		request_add(&host->queue, &start->rq);
	}
	cmd->started = true;
}

static enum request_disposition
sense_decide(struct scsi_command *cmd, const struct sense *sense, int *err)
{
	const struct meaning *m = sense_meaning(sense);

	*err = m->err;
	if (m->err < 0)
		sense_tell(cmd, sense, m);
	if (cmd->one_medium && cmd->attention == SCSI_ATTENTION_MEDIUM)
		return REQUEST_DONE;
	if (sense->key == KEY_NOT_READY && sense->code == CODE_NEEDS_START)
		sense_start_unit(cmd);
	return (enum request_disposition)m->disposition;
}

enum request_disposition scsi_decide(struct request *rq, int *status)
{
	struct scsi_command *cmd = scsi_command_of(rq);
	struct sense sense;

	/* For an error, the host has set the reason. */
	if (*status < 0 || cmd->status == SCSI_GOOD)
		return REQUEST_DONE;
	if (cmd->status != SCSI_CHECK_CONDITION)
		return sense_decide_status(cmd->status, status);
	if (!sense_decode(cmd, &sense)) {
		*status = reason_fail(ERR_IO,
				      "check condition without sense data");
		return REQUEST_DONE;
	}
	cmd->attention = MAX(cmd->attention, sense_attention(&sense));
	return sense_decide(cmd, &sense, status);
}

// SPDX-License-Identifier: BSD-2-Clause
// SCSI: evaluating status and sense data (SPC-4 4.5).

#include "drivers/scsi/scsi.h"
#include "lib/reason.h"

/* [SPC-4 4.5.6, table 48] */
enum sense_key {
	KEY_NO_SENSE = 0x0,
	KEY_RECOVERED = 0x1,
	KEY_NOT_READY = 0x2,
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
	CODE_BECOMING_READY = 0x0401,
	CODE_INVALID_OPCODE = 0x2000,
	CODE_LBA_OUT_OF_RANGE = 0x2100,
	CODE_CAPACITY_CHANGED = 0x2a09,
	ASC_MEDIUM_MAY_HAVE_CHANGED = 0x28,
	ASC_NO_MEDIUM = 0x3a,
};

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

static int sense_error(const struct sense *sense)
{
	if (sense->key == KEY_NO_SENSE || sense->key == KEY_RECOVERED)
		return 0;
	if (sense->key == KEY_NOT_READY && sense->code >> 8 == ASC_NO_MEDIUM)
		return ERR_NOMEDIUM;
	if (sense->key == KEY_DATA_PROTECT)
		return ERR_PERM;
	if (sense->key != KEY_ILLEGAL_REQUEST)
		return ERR_IO;
	if (sense->code == CODE_LBA_OUT_OF_RANGE)
		return ERR_RANGE;
	return sense->code == CODE_INVALID_OPCODE ? ERR_NOTSUP : ERR_IO;
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
		{ SCSI_RESERVATION_CONFLICT, "reservation conflict" },
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

static enum request_disposition sense_decide(const struct scsi_command *cmd,
					     const struct sense *sense,
					     int *err)
{
	*err = sense_error(sense);
	if (*err == ERR_NOMEDIUM)
		reason_fail(*err, "no medium");
	else if (*err < 0)
		reason_fail(*err, "sense key %x (%s), code %02x/%02x",
			    sense->key, key_names[sense->key], sense->code >> 8,
			    sense->code & 0xff);
	if (cmd->one_medium && cmd->attention == SCSI_ATTENTION_MEDIUM)
		return REQUEST_DONE;
	if (sense->key == KEY_UNIT_ATTENTION || sense->key == KEY_ABORTED)
		return REQUEST_RETRY;
	if (sense->key == KEY_NOT_READY && sense->code == CODE_BECOMING_READY)
		return REQUEST_WAIT;
	return REQUEST_DONE;
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

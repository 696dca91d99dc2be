// SPDX-License-Identifier: BSD-2-Clause
// SCSI: what status and sense data mean (SPC-4 4.5).

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

/*
 * Fixed and descriptor format. [SPC-4 4.5.2, 4.5.3] Returns false: too short,
 * or not sense data.
 */
static bool decode(const struct scsi_command *cmd, struct sense *sense)
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

enum scsi_verdict scsi_judge(const struct scsi_command *cmd, int *err)
{
	struct sense sense;

	*err = cmd->result;
	if (cmd->result < 0 || cmd->status == SCSI_GOOD)
		return SCSI_DONE;
	*err = ERR_IO;
	if (cmd->status == SCSI_BUSY || cmd->status == SCSI_TASK_SET_FULL)
		return SCSI_WAIT;
	/* By another initiator. [SAM-5 5.3.1] */
	if (cmd->status == SCSI_TASK_ABORTED)
		return SCSI_RETRY;
	if (cmd->status != SCSI_CHECK_CONDITION || !decode(cmd, &sense))
		return SCSI_DONE;
	*err = sense_error(&sense);
	if (sense.key == KEY_UNIT_ATTENTION || sense.key == KEY_ABORTED)
		return SCSI_RETRY;
	if (sense.key == KEY_NOT_READY && sense.code == CODE_BECOMING_READY)
		return SCSI_WAIT;
	return SCSI_DONE;
}

/*
 * QEMU tells of a new disc in a drive by 3a/00 and then 28/00.
 * [hw/scsi/scsi-disk.c, scsi_cd_change_media_cb]
 */
enum scsi_attention scsi_attention(const struct scsi_command *cmd)
{
	struct sense sense;

	if (cmd->result < 0 || cmd->status != SCSI_CHECK_CONDITION ||
	    !decode(cmd, &sense) || sense.key != KEY_UNIT_ATTENTION)
		return SCSI_ATTENTION_NONE;
	switch (sense.code >> 8) {
	case ASC_MEDIUM_MAY_HAVE_CHANGED:
	case ASC_NO_MEDIUM:
		return SCSI_ATTENTION_MEDIUM;
	}
	return sense.code == CODE_CAPACITY_CHANGED ? SCSI_ATTENTION_CAPACITY
						   : SCSI_ATTENTION_OTHER;
}

static const char *status_name(uint8_t status)
{
	switch (status) {
	case SCSI_CONDITION_MET:
		return "condition met";
	case SCSI_BUSY:
		return "busy";
	case SCSI_RESERVATION_CONFLICT:
		return "reservation conflict";
	case SCSI_TASK_SET_FULL:
		return "task set full";
	case SCSI_ACA_ACTIVE:
		return "ACA active";
	case SCSI_TASK_ABORTED:
		return "task aborted";
	default:
		return "unknown";
	}
}

static void explain_status(const struct scsi_command *cmd, int err)
{
	struct sense sense;

	if (err == ERR_NOMEDIUM)
		reason_fail(err, "no medium");
	else if (cmd->status != SCSI_CHECK_CONDITION)
		reason_fail(err, "SCSI status 0x%02x (%s)", cmd->status,
			    status_name(cmd->status));
	else if (!decode(cmd, &sense))
		reason_fail(err, "check condition without sense data");
	else
		reason_fail(err, "sense key %x (%s), code %02x/%02x", sense.key,
			    key_names[sense.key], sense.code >> 8,
			    sense.code & 0xff);
}

void scsi_explain(const struct scsi_command *cmd, int err)
{
	if (cmd->why[0])
		reason_fail(err, "%s", cmd->why);
	else if (cmd->result == ERR_NODEV)
		reason_fail(err, "the device is gone");
	else if (cmd->result == 0)
		explain_status(cmd, err);
}

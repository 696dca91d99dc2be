// SPDX-License-Identifier: BSD-2-Clause
// USB mass storage: what a device says about a command (BOT 5.2, 6.3).
#include "drivers/scsi/cdb.h"
#include "drivers/usb/bot_status.h"
#include "lib/reason.h"

/* Failures in a row for which QEMU has no reason: unit attentions, usually. */
#define GUESSES 3u

/*
 * Some devices count wrongly. It shows in commands whose length is known.
 * [Linux drivers/usb/storage/transport.c, usb_stor_Bulk_transport]
 */
static void csw_note_residue(struct bot *bot, const struct bot_csw *csw)
{
	uint8_t op = bot->cmd->cdb[0];
	bool known = (op == SCSI_INQUIRY && bot->len == 36) ||
		     (op == SCSI_READ_CAPACITY_10 && bot->len == 8);

	if (csw->status == CSW_PASSED && le32_get(csw->residue) && known &&
	    !bot->sensing && bot->moved == bot->len)
		bot->false_residue = true;
}

int bot_check_csw(struct bot *bot, const struct bot_csw *csw)
{
	uint32_t residue = le32_get(csw->residue);

	if (le32_get(csw->signature) != CSW_SIGNATURE)
		return reason_fail(ERR_IO, "status with a wrong signature");
	if (le32_get(csw->tag) != bot->tag)
		return reason_fail(ERR_IO, "status of another command");
	if (csw->status == CSW_PHASE_ERROR)
		return reason_fail(ERR_IO, "phase error");
	if (csw->status > CSW_PHASE_ERROR)
		return reason_fail(ERR_IO, "unknown status %u", csw->status);
	csw_note_residue(bot, csw);
	if (residue > bot->len && !bot->false_residue)
		return reason_fail(ERR_IO, "a residue of %u bytes of %u",
				   residue, bot->len);
	return 0;
}

static bool sense_is(const uint8_t *sense, uint8_t key, uint8_t asc)
{
	return (sense[2] & 0xf) == key && sense[12] == asc;
}

static void sense_set(uint8_t *sense, uint8_t key, uint8_t asc)
{
	sense[2] = key;
	sense[12] = asc;
	sense[13] = 0;
}

/*
 * QEMU keeps the sense data of LUNs above 0 to itself: they do not exist (5,
 * 25/00). [hw/scsi/scsi-bus.c, scsi_target_send_command] They do: at first it
 * is taken for a changed medium (6, 28/00), then for an empty drive (2, 3a/00).
 */
static void sense_guess(struct bot *bot, uint8_t *sense)
{
	if (!bot_lun(bot->cmd) || !sense_is(sense, 0x5, 0x25))
		return;
	if (bot->guesses++ < GUESSES) {
		sense_set(sense, 0x6, 0x28);
		return;
	}
	bot->guesses = 0;
	if (bot->cmd->cdb[0] == SCSI_TEST_UNIT_READY)
		sense_set(sense, 0x2, 0x3a);
}

void bot_check_sense(struct bot *bot, struct scsi_command *cmd)
{
	if (cmd->sense_len < SENSE_CODES)
		return;
	sense_guess(bot, cmd->sense);
	if (sense_is(cmd->sense, 0, 0))
		cmd->sense_len = 0;
}

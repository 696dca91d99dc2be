/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to bot.c and bot_status.c: what goes over the wire. */
#ifndef DRIVERS_USB_BOT_STATUS_H
#define DRIVERS_USB_BOT_STATUS_H

#include "drivers/usb/bot.h"
#include "lib/endian.h"

/* Command block wrapper. [BOT 5.1] */
struct bot_cbw {
	le32 signature;
	le32 tag;
	le32 len; /* bytes of data */
	uint8_t flags;
	uint8_t lun;
	uint8_t cdb_len;
	uint8_t cdb[16];
};
#define CBW_LEN 31u
#define CBW_SIGNATURE 0x43425355u
#define CBW_IN 0x80u
static_assert(offsetof(struct bot_cbw, cdb) + 16 == CBW_LEN, "BOT 5.1");

/* Command status wrapper. [BOT 5.2] */
struct bot_csw {
	le32 signature;
	le32 tag;
	le32 residue;
	uint8_t status;
};
#define CSW_LEN 13u
#define CSW_SIGNATURE 0x53425355u
static_assert(offsetof(struct bot_csw, status) + 1 == CSW_LEN, "BOT 5.2");

enum csw_status {
	CSW_PASSED = 0,
	CSW_FAILED = 1,
	CSW_PHASE_ERROR = 2,
};

/* [BOT 3.2] */
#define GET_MAX_LUN 0xfeu
#define LUNS_MAX 16u

/* Some devices fail if asked for more. [Linux drivers/usb/storage, usb.h] */
#define SENSE_LEN 18u
#define SENSE_CODES 14u /* up to the additional sense code and qualifier */

/* In DMA memory. */
struct bot_wire {
	struct bot_cbw cbw;
	struct bot_csw csw;
	uint8_t sense[SENSE_LEN];
};

/* bot_lun - the LUN of a command, as the device counts. */
static inline uint8_t bot_lun(const struct scsi_command *cmd)
{
	return cmd->lun >> 32 & (LUNS_MAX - 1);
}

/*
 * bot_check_csw - check a status against the command that was sent. [BOT 6.3]
 * Returns 0, or ERR_IO with reason().
 */
must_check int bot_check_csw(struct bot *bot, const struct bot_csw *csw);

/*
 * bot_check_sense - correct the sense data of a failure: if it has no reason,
 * it is none; QEMU's may be a false one.
 */
void bot_check_sense(struct bot *bot, struct scsi_command *cmd);

#endif

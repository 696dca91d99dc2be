/* SPDX-License-Identifier: BSD-2-Clause */
/* Command descriptor blocks (SPC-4, SBC-3). */
#ifndef DRIVERS_SCSI_CDB_H
#define DRIVERS_SCSI_CDB_H

#include <string.h>

#include "drivers/scsi/scsi.h"
#include "lib/endian.h"

enum scsi_opcode {
	SCSI_TEST_UNIT_READY = 0x00,	  /* SPC-4 6.47 */
	SCSI_REQUEST_SENSE = 0x03,	  /* SPC-4 6.39 */
	SCSI_INQUIRY = 0x12,		  /* SPC-4 6.6 */
	SCSI_START_STOP_UNIT = 0x1b,	  /* SBC-3 5.25 */
	SCSI_READ_CAPACITY_10 = 0x25,	  /* SBC-3 5.15 */
	SCSI_READ_10 = 0x28,		  /* SBC-3 5.11 */
	SCSI_WRITE_10 = 0x2a,		  /* SBC-3 5.32 */
	SCSI_SYNCHRONIZE_CACHE_10 = 0x35, /* SBC-3 5.22 */
	SCSI_READ_16 = 0x88,		  /* SBC-3 5.13 */
	SCSI_WRITE_16 = 0x8a,		  /* SBC-3 5.34 */
	SCSI_SERVICE_ACTION_IN_16 = 0x9e, /* SBC-3 5.16 */
	SCSI_REPORT_LUNS = 0xa0,	  /* SPC-4 6.33 */
};
/* The service action READ CAPACITY(16). [SBC-3 5.16] */
#define SCSI_SA_READ_CAPACITY_16 0x10
/* INQUIRY's byte 1: for vital product data. [SPC-4 6.6.1] */
#define SCSI_INQUIRY_EVPD 0x01
/* Bits of START STOP UNIT's bytes 1 and 4. [SBC-3 5.25] */
#define SCSI_START_IMMEDIATE 0x01
#define SCSI_START 0x01

/*
 * scsi_command_init - prepare a command without data; the rest of its `cdb_len`
 * bytes is 0. Does not clear the sense buffer: a scan has hundreds of commands.
 */
static inline void scsi_command_init(struct scsi_command *cmd, uint64_t lun,
				     enum scsi_opcode op, uint8_t cdb_len)
{
	cmd->lun = lun;
	memset(cmd->cdb, 0, sizeof(cmd->cdb));
	cmd->cdb[0] = (uint8_t)op;
	cmd->cdb_len = cdb_len;
	cmd->buf = NULL;
	cmd->len = 0;
	cmd->one_medium = cmd->started = false;
	cmd->sense_len = 0;
	cmd->attention = SCSI_ATTENTION_NONE;
	cmd->rq.done = NULL;
}

/* scsi_command_read - let a command read `len` bytes to `buf`. */
static inline void scsi_command_read(struct scsi_command *cmd, void *buf,
				     uint32_t len)
{
	cmd->dir = DMA_FROM_DEVICE;
	cmd->buf = buf;
	cmd->len = len;
}

static inline void scsi_cdb_report_luns(struct scsi_command *cmd, uint64_t lun,
					void *buf, uint32_t len)
{
	scsi_command_init(cmd, lun, SCSI_REPORT_LUNS, 12);
	be32_store(&cmd->cdb[6], len);
	scsi_command_read(cmd, buf, len);
}

static inline void scsi_cdb_inquiry(struct scsi_command *cmd, uint64_t lun,
				    void *buf, uint8_t len)
{
	scsi_command_init(cmd, lun, SCSI_INQUIRY, 6);
	cmd->cdb[4] = len;
	scsi_command_read(cmd, buf, len);
}

/* READ or WRITE; the 16-byte forms only if the 10-byte ones are too small. */
static inline void scsi_cdb_transfer(struct scsi_command *cmd, uint64_t lun,
				     bool write, uint64_t lba, uint32_t count)
{
	if (lba + count <= UINT32_MAX && count <= UINT16_MAX) {
		scsi_command_init(cmd, lun,
				  write ? SCSI_WRITE_10 : SCSI_READ_10, 10);
		be32_store(&cmd->cdb[2], (uint32_t)lba);
		be16_store(&cmd->cdb[7], (uint16_t)count);
		return;
	}
	scsi_command_init(cmd, lun, write ? SCSI_WRITE_16 : SCSI_READ_16, 16);
	be64_store(&cmd->cdb[2], lba);
	be32_store(&cmd->cdb[10], count);
}

#endif

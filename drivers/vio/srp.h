/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI RDMA Protocol: the information units we use (SRP, T10 r16a). */
#ifndef DRIVERS_VIO_SRP_H
#define DRIVERS_VIO_SRP_H

#include "lib/endian.h"

/* Most bytes of an information unit. [QEMU hw/scsi/srp.h, viosrp.h] */
#define SRP_IU_MAX 256u

enum srp_opcode {
	SRP_CMD = 0x02,
	SRP_RSP = 0xc1,
};

/* Data buffer descriptor formats: low nibble in, high nibble out. [r16a 6.8] */
#define SRP_IN_DIRECT 0x01
#define SRP_IN_INDIRECT 0x02
#define SRP_OUT_DIRECT 0x10
#define SRP_OUT_INDIRECT 0x20

/* [r16a 5.6] Memory descriptor. */
struct srp_direct {
	be64 va;
	be32 key;
	be32 len;
};
static_assert(sizeof(struct srp_direct) == 16, "SRP memory descriptor");

/*
 * [r16a 6.8] After the CDB: a descriptor of the data, or a descriptor of a
 * table of descriptors, followed by the data's length.
 */
struct srp_data {
	struct srp_direct direct;
	be32 indirect_len;
} __attribute__((packed));
static_assert(sizeof(struct srp_data) == 20, "SRP indirect data buffer");

struct srp_cmd {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved1[3];
	uint8_t buf_fmt;
	uint8_t out_count, in_count;
	be64 tag;
	uint8_t reserved2[4];
	uint8_t lun[8];
	uint8_t reserved3;
	uint8_t task_attr;
	uint8_t reserved4;
	uint8_t add_cdb_len;
	uint8_t cdb[16];
	struct srp_data data;
} __attribute__((packed));
static_assert(sizeof(struct srp_cmd) == 68, "SRP_CMD with one descriptor");

/* [r16a 6.9], flags. */
enum srp_rsp_flag {
	SRP_RSP_VALID = 0x01,
	SRP_SENSE_VALID = 0x02,
	SRP_OUT_UNDER = 0x08,
	SRP_IN_UNDER = 0x20,
};

struct srp_rsp {
	uint8_t opcode;
	uint8_t sol_not;
	uint8_t reserved1[2];
	be32 request_limit_delta;
	uint8_t tag[8]; /* big-endian */
	uint8_t reserved2[2];
	uint8_t flags;
	uint8_t status;
	be32 out_residual;
	be32 in_residual;
	be32 sense_len;
	be32 response_len;
	uint8_t data[]; /* response data, then sense data */
};
static_assert(sizeof(struct srp_rsp) == 36, "SRP_RSP without data");

#endif

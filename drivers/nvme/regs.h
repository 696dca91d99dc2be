/* SPDX-License-Identifier: BSD-2-Clause */
/* NVMe: registers, queue entries, commands, identify data (NVMe base 1.4). */
#ifndef DRIVERS_NVME_REGS_H
#define DRIVERS_NVME_REGS_H

#include "lib/endian.h"

/* Registers of 32 bits, in BAR 0; the 64-bit ones low word first. [1.4, 3.1] */
enum nvme_reg {
	NVME_CAP = 0x00,
	NVME_CAP_HIGH = 0x04,
	NVME_CC = 0x14,
	NVME_CSTS = 0x1c,
	NVME_AQA = 0x24,
	NVME_ASQ = 0x28,
	NVME_ACQ = 0x30,
	NVME_DOORBELLS = 0x1000,
};

/* CAP and its upper half. [3.1.1] */
#define NVME_CAP_MQES(cap) ((cap)&0xffffu)	   /* entries - 1 */
#define NVME_CAP_TO(cap) ((cap) >> 24)		   /* times 500 ms */
#define NVME_CAP_STRIDE(high) (4u << ((high)&0xf)) /* of doorbells, bytes */
#define NVME_CAP_NVM (1u << 5) /* CSS: the NVM command set */
#define NVME_CAP_MPSMIN(high) ((high) >> 16 & 0xf) /* pages of 4 KiB << n */
#define NVME_TO_MS 500u

/* CC: pages of 4 KiB, the NVM command set, entries of 64 and 16 bytes. [3.1.5] */
#define NVME_CC_ENABLE (1u << 0)
#define NVME_CC_ON (NVME_CC_ENABLE | 6u << 16 | 4u << 20)
#define NVME_CC_SHUTDOWN (1u << 14) /* normal */

/* CSTS. [3.1.6] */
#define NVME_CSTS_READY (1u << 0)
#define NVME_CSTS_FATAL (1u << 1)
#define NVME_CSTS_SHUTDOWN (3u << 2)
#define NVME_CSTS_SHUTDOWN_DONE (2u << 2)
#define NVME_GONE UINT32_MAX /* what an absent controller reads as */

#define NVME_PAGE 4096u

/* A command. [4.2] */
struct nvme_sqe {
	uint8_t opcode;
	uint8_t flags; /* 0: not fused, PRPs */
	le16 cid;
	le32 nsid;
	le32 reserved[2];
	le64 metadata;
	le64 prp[2];
	le32 cdw[6]; /* dwords 10 to 15 */
};
static_assert(sizeof(struct nvme_sqe) == 64, "NVMe 1.4, 4.2");

/* A completion. [4.6] */
struct nvme_cqe {
	le32 result;
	le32 reserved;
	le16 sq_head;
	le16 sq_id;
	le16 cid;
	le16 status; /* bit 0: the phase */
};
static_assert(sizeof(struct nvme_cqe) == 16, "NVMe 1.4, 4.6");

#define NVME_PHASE 1u
/* The status without the phase: code and type; do not retry. [4.6.1] */
#define NVME_STATUS_CODE(status) ((status)&0x7ffu)
#define NVME_STATUS_DNR (1u << 14)

/* Opcodes of both kinds of queues. [5, 6] */
enum nvme_opcode {
	NVME_CREATE_SQ = 0x01,
	NVME_CREATE_CQ = 0x05,
	NVME_IDENTIFY = 0x06,
	NVME_SET_FEATURES = 0x09,

	NVME_FLUSH = 0x00,
	NVME_WRITE = 0x01,
	NVME_READ = 0x02,
};
#define NVME_FEATURE_QUEUES 0x07u /* [5.21.1.7] */
#define NVME_CONTIGUOUS 1u	  /* a queue's memory [5.3, 5.4] */
#define NVME_IO_PRACT (1u << 29)  /* the drive does protection [6.9] */

/* Identify: what, and where it is in the answer. [5.15] */
enum nvme_cns {
	NVME_CNS_NAMESPACE = 0,
	NVME_CNS_CONTROLLER = 1,
	NVME_CNS_LIST = 2, /* active namespaces above a number */
};
enum nvme_controller_field {
	NVME_CTRL_MODEL = 24,
	NVME_CTRL_MDTS = 77, /* most data: pages << n; 0: no limit */
	NVME_CTRL_VWC = 525,
};
#define NVME_MODEL_LEN 40u
#define NVME_VWC_PRESENT 1u

enum nvme_namespace_field {
	NVME_NS_SIZE = 0, /* blocks */
	NVME_NS_NLBAF = 25,
	NVME_NS_FLBAS = 26,
	NVME_NS_DPS = 29,
	NVME_NS_ATTR = 99,
	NVME_NS_LBAF = 128,
};
#define NVME_FLBAS_INDEX(flbas) (((flbas)&0xfu) | ((flbas) >> 1 & 0x30u))
#define NVME_DPS_TYPE 7u
#define NVME_PI_LEN 8u /* bytes of protection information */
#define NVME_ATTR_PROTECTED 1u
#define NVME_LIST_MAX 1024u

#endif

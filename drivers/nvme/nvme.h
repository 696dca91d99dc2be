/* SPDX-License-Identifier: BSD-2-Clause */
/* NVMe: controllers, their queues, namespaces as block devices. */
#ifndef DRIVERS_NVME_NVME_H
#define DRIVERS_NVME_NVME_H

#include "drivers/block.h"
#include "drivers/dma.h"
#include "drivers/nvme/regs.h"
#include "drivers/pci/pci.h"

struct nvme;

/* Commands in flight per queue: as many as a transfer has. */
#define NVME_SLOTS BLOCK_FLIGHT
/* Entries of a queue, if the controller allows as many. */
#define NVME_ENTRIES 32u
/* Most data of a command: one page holds its list of addresses. */
#define NVME_TRANSFER_MAX MiB
/* PRP 1 is a multiple of 4. [NVMe 1.4, 4.3] */
#define NVME_ALIGN 4u

/* A command for a queue; start with zeros. */
struct nvme_command {
	struct request rq;
	uint8_t opcode; /* enum nvme_opcode */
	uint32_t nsid;
	uint32_t cdw[5]; /* dwords 10 to 14 */
	/* Data; len 0: none. */
	void *buf;
	uint32_t len; /* bytes, <= NVME_TRANSFER_MAX */
	enum dma_dir dir;
	uint64_t page; /* without data: the bus address of a page, or 0 */
	/* From the controller: */
	uint32_t result;
	uint16_t status; /* see nvme_status() */
	uint8_t tries;
};

static inline struct nvme_command *nvme_command_of(struct request *rq)
{
	return container_of(rq, struct nvme_command, rq);
}

/* What a controller reads and writes, in pages. */
struct nvme_shared {
	_Alignas(NVME_PAGE) struct nvme_sqe admin_sq[NVME_ENTRIES];
	_Alignas(NVME_PAGE) struct nvme_cqe admin_cq[NVME_ENTRIES];
	_Alignas(NVME_PAGE) uint8_t answer[NVME_PAGE]; /* of Identify */
	/* Not for a scan: */
	_Alignas(NVME_PAGE) struct nvme_sqe sq[NVME_ENTRIES];
	_Alignas(NVME_PAGE) struct nvme_cqe cq[NVME_ENTRIES];
	_Alignas(NVME_PAGE) le64 lists[NVME_SLOTS][NVME_PAGE / 8];
};

/* A pair of rings, and their requests. */
struct nvme_queue {
	struct request_queue requests; /* takes struct nvme_command */
	struct nvme *nv;
	unsigned id;
	struct nvme_sqe *sq; /* NULL: not set up */
	struct nvme_cqe *cq;
	le64 (*lists)[NVME_PAGE / 8]; /* a page per slot; NULL: no data */
	uint64_t lists_bus;
	uint64_t tail_bell, head_bell; /* real addresses */
	unsigned entries;
	unsigned tail;	  /* of sq: next entry to fill */
	unsigned sq_head; /* of sq, as the controller said last */
	unsigned head;	  /* of cq: next entry to read */
	unsigned unread;  /* entries that the controller takes for unread */
	unsigned phase;	  /* of a new entry at `head` */
	unsigned generation;
	uint64_t look_ms; /* deadline_ms() of the next look at CSTS */
	struct request *slots[NVME_SLOTS];
	struct {
		uint16_t cid;
		uint32_t len; /* mapped bytes; 0: none */
		uint64_t bus;
	} flight[NVME_SLOTS];
};

/* The command of a block request. */
struct nvme_block_command {
	struct nvme_command cmd;
	struct request *rq;
};

/* A namespace; the `priv` of its device, or part of its controller. */
struct nvme_namespace {
	struct block_device bd;
	struct nvme *nv;
	uint32_t id;		    /* 0: not known, or there is none */
	uint32_t dw12;		    /* of reads and writes */
	struct request_queue queue; /* relays to the controller's */
	struct request *slots[BLOCK_FLIGHT];
	struct nvme_block_command commands[BLOCK_FLIGHT];
};

/* A controller; the `priv` of its device. */
struct nvme {
	struct device *dev;
	const struct pci_function *fn;
	struct dma dma;
	bool active;		    /* start() has begun */
	struct nvme_shared *shared; /* NULL: off */
	uint64_t shared_bus;
	size_t shared_len;
	uint64_t regs; /* real address */
	uint32_t cap, cap_high;
	bool ready;	   /* CSTS.RDY was seen since it was enabled */
	uint64_t ready_ms; /* deadline_ms() when it must be */
	struct nvme_queue admin, io;
	/* What it said of itself. */
	uint32_t transfer_max; /* bytes */
	bool has_cache;
	char model[NVME_MODEL_LEN + 1];
	/* Its active namespaces, ascending; the first is also `first`. */
	uint32_t *ids;
	unsigned n_ids;
	struct nvme_namespace first;
	/* The scan: */
	bool scanning, scan_failed;
	unsigned scan_step;
	struct nvme_command scan_command;
};

/* nvme_read, nvme_write - access a register. */
uint32_t nvme_read(const struct nvme *nv, enum nvme_reg reg);
void nvme_write(const struct nvme *nv, enum nvme_reg reg, uint32_t value);

/*
 * nvme_check - does the controller work? Sets `ready`.
 * Returns 0; ERR_IO, ERR_TIMEOUT: no longer, with reason().
 */
must_check int nvme_check(struct nvme *nv);

/*
 * nvme_queue_init - at attach: a queue without rings. `id`: 0 for the
 * admin queue.
 */
void nvme_queue_init(struct nvme_queue *nq, struct nvme *nv, unsigned id);

/*
 * nvme_queue_start - use rings of `entries`, 2 or more, in zeroed memory.
 * nvme_queue_stop - the controller is off: unmap the data in flight.
 */
void nvme_queue_start(struct nvme_queue *nq, struct nvme_sqe *sq,
		      struct nvme_cqe *cq, unsigned entries);
void nvme_queue_stop(struct nvme_queue *nq);

/*
 * nvme_status - a status without phase as text and code. Returns 0, or an
 * ERR_* code with reason(). [NVMe 1.4, 4.6.1]
 * nvme_status_retry - what to do about a command's; counts `tries`.
 */
must_check int nvme_status(uint16_t status);
enum request_disposition nvme_status_retry(struct nvme_command *cmd);

/*
 * nvme_identify_fill - Identify into the answer page. nvme_admin_add - send a
 * command. nvme_admin_result - its status, with reason(), in which `what` names
 * it. nvme_admin_run - send it, wait for its end, and return that.
 */
void nvme_identify_fill(const struct nvme *nv, struct nvme_command *cmd,
			enum nvme_cns cns, uint32_t nsid);
void nvme_admin_add(struct nvme *nv, struct nvme_command *cmd);
must_check int nvme_admin_result(const struct nvme *nv,
				 const struct nvme_command *cmd,
				 const char *what);
must_check int nvme_admin_run(struct nvme *nv, struct nvme_command *cmd,
			      const char *what);

/*
 * nvme_take_controller, nvme_take_list - read the answer to Identify. The list
 * replaces `ids`.
 * Return 0 or ERR_NOMEM with reason().
 */
void nvme_take_controller(struct nvme *nv);
must_check int nvme_take_list(struct nvme *nv);

/*
 * nvme_scan, nvme_found, nvme_resolve - for struct driver. NVME_BOOT_NAME: its
 * boot_name. [QEMU hw/nvme/ns.c]
 */
bool nvme_scan(struct device *dev);
void nvme_found(struct device *dev);
struct node *nvme_resolve(struct device *dev, const char *part, size_t len);
#define NVME_BOOT_NAME "nvme-ns"

/*
 * nvme_namespace_init - a namespace of a device, which is up when its block
 * device is used. `id`: 0: not known yet.
 */
void nvme_namespace_init(struct nvme_namespace *ns, struct nvme *nv,
			 struct device *dev, uint32_t id);

/* nvme_bus - namespaces: the bus_data is struct nvme_namespace. */
extern const struct bus nvme_bus;

#endif

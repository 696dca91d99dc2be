// SPDX-License-Identifier: BSD-2-Clause
// NVMe namespaces as block devices (NVMe 1.4, 5.15, 6).
#include "drivers/nvme/nvme.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* A format, from Identify. */
struct namespace_format {
	unsigned index, count;
	unsigned metadata; /* bytes of a block */
	unsigned shift;	   /* a block has 1 << shift bytes */
	bool protection;
};

static struct namespace_format format_read(const uint8_t *id)
{
	struct namespace_format f = {
		.index = NVME_FLBAS_INDEX(id[NVME_NS_FLBAS]),
		.count = id[NVME_NS_NLBAF] + 1u,
		.protection = id[NVME_NS_DPS] & NVME_DPS_TYPE,
	};
	uint32_t lbaf = le32_load(&id[NVME_NS_LBAF + 4 * f.index]);

	f.metadata = lbaf & 0xffff;
	f.shift = lbaf >> 16 & 0xff;
	return f;
}

/*
 * Protection information alone, the drive inserts and strips. Other metadata
 * would go to a buffer of its own, or between the blocks.
 */
static int format_check(const struct namespace_format *f, uint64_t blocks)
{
	if (f->index >= f->count)
		return reason_fail(ERR_FORMAT, "format %u of %u", f->index,
				   f->count);
	if (f->metadata && (f->metadata != NVME_PI_LEN || !f->protection))
		return reason_fail(ERR_NOTSUP,
				   "blocks with %u bytes of metadata",
				   f->metadata);
	if (f->shift > 31)
		return reason_fail(ERR_FORMAT, "blocks of 2^%u bytes",
				   f->shift);
	if (!blocks)
		return reason_fail(ERR_NODEV, "the namespace has no blocks");
	if (blocks > (uint64_t)INT64_MAX >> f->shift)
		return reason_fail(ERR_FORMAT, "%llu blocks of %u bytes",
				   (unsigned long long)blocks, 1u << f->shift);
	return 0;
}

static int namespace_take(struct nvme_namespace *ns)
{
	const uint8_t *id = ns->nv->shared->answer;
	uint64_t blocks = le64_load(&id[NVME_NS_SIZE]);
	struct namespace_format f = format_read(id);
	struct block_device *bd = &ns->bd;
	int err = format_check(&f, blocks);

	if (err < 0)
		return err;
	bd->block_size = 1u << f.shift;
	bd->blocks = blocks;
	bd->max_blocks = ns->nv->transfer_max >> f.shift;
	bd->read_only = id[NVME_NS_ATTR] & NVME_ATTR_PROTECTED;
	ns->dw12 = f.metadata ? NVME_IO_PRACT : 0;
	return 0;
}

/* Not by a start: the controller's other namespaces work all the same. */
static int namespace_measure(struct block_device *bd)
{
	struct nvme_namespace *ns = container_of(bd, struct nvme_namespace, bd);
	struct nvme *nv = ns->nv;
	struct nvme_command cmd;
	int err;

	nvme_identify_fill(nv, &cmd, NVME_CNS_NAMESPACE, ns->id);
	if (ns->id)
		err = nvme_admin_run(nv, &cmd, "Identify");
	else
		err = reason_fail(ERR_NODEV, "no active namespace");
	if (err == 0)
		err = namespace_take(ns);
	/* Else the controller has failed. */
	return err < 0 && nv->shared ? ERR_FORMAT : err;
}

static void namespace_done(struct request *rq)
{
	struct nvme_command *cmd = nvme_command_of(rq);
	struct request *block_rq =
		container_of(cmd, struct nvme_block_command, cmd)->rq;

	if (rq->status < 0)
		reason_fail(rq->status, "%s", rq->why);
	request_done(block_rq, rq->status);
}

static void namespace_fill(const struct nvme_namespace *ns,
			   struct nvme_command *cmd,
			   const struct block_request *req)
{
	static const uint8_t opcodes[] = {
		[BLOCK_READ] = NVME_READ,
		[BLOCK_WRITE] = NVME_WRITE,
		[BLOCK_FLUSH] = NVME_FLUSH,
	};

	*cmd = (struct nvme_command){
		.rq = { .timeout_ms = req->rq.timeout_ms,
			.done = namespace_done },
		.opcode = opcodes[req->op],
		.nsid = ns->id,
	};
	if (req->op == BLOCK_FLUSH)
		return;
	cmd->cdw[0] = (uint32_t)req->lba;
	cmd->cdw[1] = (uint32_t)(req->lba >> 32);
	cmd->cdw[2] = ns->dw12 | (req->count - 1);
	/* The reference tag of the first block; Linux checks it. [1.4, 8.3] */
	cmd->cdw[4] = (uint32_t)req->lba;
	cmd->buf = req->buf;
	cmd->len = req->count * ns->bd.block_size;
	cmd->dir = req->op == BLOCK_WRITE ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
}

static int namespace_submit(struct request_queue *queue, struct request *rq)
{
	struct nvme_namespace *ns =
		container_of(queue, struct nvme_namespace, queue);
	struct nvme_block_command *command = &ns->commands[rq->slot];
	const struct block_request *req = block_request_of(rq);

	if (req->op == BLOCK_FLUSH && !ns->nv->has_cache) {
		request_done(rq, 0);
		return 0;
	}
	namespace_fill(ns, &command->cmd, req);
	command->rq = rq;
	request_add(&ns->nv->io.requests, &command->cmd.rq);
	return 0;
}

static const struct request_ops namespace_ops = { .submit = namespace_submit };

void nvme_namespace_init(struct nvme_namespace *ns, struct nvme *nv,
			 struct device *dev, uint32_t id)
{
	ns->nv = nv;
	ns->id = id;
	request_queue_init(&ns->queue, dev, &namespace_ops, ns->slots,
			   BLOCK_FLIGHT);
	ns->bd.queue = &ns->queue;
	ns->bd.measure = namespace_measure;
	ns->bd.align = NVME_ALIGN;
	ns->bd.product = nv->model;
}

static int namespace_attach(struct device *dev)
{
	struct nvme_namespace *ns = dev->bus_data;

	dev->priv = ns;
	nvme_namespace_init(ns, ns->nv, dev, ns->id);
	return device_add_role(dev, &ns->bd.as, &block_role);
}

static void namespace_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static bool namespace_match(const struct device *dev, const void *match)
{
	(void)dev;
	(void)match;
	return true;
}

BUS(nvme_bus) = {
	.name = "nvme",
	.match = namespace_match,
};

DRIVER(nvme_namespace) = {
	.name = "nvme",
	.bus = &nvme_bus,
	.boot_name = NVME_BOOT_NAME,
	.attach = namespace_attach,
	.detach = namespace_detach,
};

// SPDX-License-Identifier: BSD-2-Clause
// NVMe controllers: registers, start, shutdown, Identify (NVMe 1.4, 7.6).
#include "drivers/nvme/nvme.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* CAP.TO may be more; nobody waits that long. */
#define READY_MAX_MS 30000u
#define SHUTDOWN_MS 5000u

uint32_t nvme_read(const struct nvme *nv, enum nvme_reg reg)
{
	return pci_io_read(nv->regs + reg, 4);
}

void nvme_write(const struct nvme *nv, enum nvme_reg reg, uint32_t value)
{
	pci_io_write(nv->regs + reg, 4, value);
}

static void controller_write64(const struct nvme *nv, enum nvme_reg reg,
			       uint64_t value)
{
	pci_io_write(nv->regs + reg, 4, (uint32_t)value);
	pci_io_write(nv->regs + reg + 4, 4, (uint32_t)(value >> 32));
}

static uint32_t controller_ready_limit(const struct nvme *nv)
{
	return MIN(MAX(NVME_CAP_TO(nv->cap), 1u) * NVME_TO_MS, READY_MAX_MS);
}

int nvme_check(struct nvme *nv)
{
	uint32_t status = nvme_read(nv, NVME_CSTS);

	if (status == NVME_GONE)
		return reason_fail(ERR_IO, "the controller is gone");
	if (status & NVME_CSTS_FATAL)
		return reason_fail(
			ERR_IO, "fatal controller error, status 0x%x", status);
	if (nv->ready && !(status & NVME_CSTS_READY))
		return reason_fail(ERR_IO,
				   "the controller has stopped, status "
				   "0x%x",
				   status);
	nv->ready = status & NVME_CSTS_READY;
	if (!nv->ready && deadline_ms() >= nv->ready_ms)
		return reason_fail(ERR_TIMEOUT,
				   "not ready after %u ms, status 0x%x",
				   controller_ready_limit(nv), status);
	return 0;
}

static int registers_check(const struct nvme *nv, uint64_t size)
{
	/* Tail and head of two queues. */
	uint32_t end = NVME_DOORBELLS + 4 * NVME_CAP_STRIDE(nv->cap_high);

	if (nv->cap == NVME_GONE && nv->cap_high == NVME_GONE)
		return reason_fail(ERR_IO, "its registers cannot be read");
	if (!NVME_CAP_MQES(nv->cap))
		return reason_fail(ERR_NOTSUP, "queues of one entry");
	if (!(nv->cap_high & NVME_CAP_NVM))
		return reason_fail(ERR_NOTSUP, "it lacks the NVM command set");
	if (NVME_CAP_MPSMIN(nv->cap_high))
		return reason_fail(ERR_NOTSUP, "it needs pages of %llu bytes",
				   (unsigned long long)NVME_PAGE
					   << NVME_CAP_MPSMIN(nv->cap_high));
	if (end > size)
		return reason_fail(ERR_IO,
				   "doorbells end at 0x%x, outside its "
				   "BAR",
				   end);
	return 0;
}

static int registers_find(struct nvme *nv)
{
	uint64_t size, bar = pci_bar_address(nv->fn, 0, &size);

	if (!bar || size < NVME_DOORBELLS)
		return reason_fail(ERR_NODEV, "its registers have no address");
	nv->regs = bar;
	nv->cap = nvme_read(nv, NVME_CAP);
	nv->cap_high = nvme_read(nv, NVME_CAP_HIGH);
	return registers_check(nv, size);
}

static bool disable_is_done(void *arg)
{
	uint32_t status = nvme_read(arg, NVME_CSTS);

	return !(status & NVME_CSTS_READY) || status == NVME_GONE;
}

/* It may be enabled by whoever ran before. [NVMe 1.4, 7.6.1] */
static int controller_disable(struct nvme *nv)
{
	uint32_t limit = controller_ready_limit(nv);

	nvme_write(nv, NVME_CC, 0);
	if (deadline_wait(disable_is_done, nv, limit) < 0)
		return reason_fail(ERR_TIMEOUT, "still active after %u ms",
				   limit);
	return 0;
}

static unsigned controller_entries(const struct nvme *nv)
{
	return MIN(NVME_CAP_MQES(nv->cap) + 1, NVME_ENTRIES);
}

/* Does not wait until it is ready: see queue_poll(). */
static int controller_enable(struct nvme *nv)
{
	unsigned n = controller_entries(nv);
	struct nvme_shared *shared;

	nv->shared_len = nv->scanning ? offsetof(struct nvme_shared, sq)
				      : sizeof(*shared);
	shared = dma_alloc(&nv->dma, nv->shared_len, &nv->shared_bus);
	if (!shared)
		return ERR_NOMEM;
	nv->shared = shared;
	nvme_queue_start(&nv->admin, shared->admin_sq, shared->admin_cq, n);
	nvme_write(nv, NVME_AQA, (n - 1) << 16 | (n - 1));
	controller_write64(nv, NVME_ASQ,
			   nv->shared_bus +
				   offsetof(struct nvme_shared, admin_sq));
	controller_write64(nv, NVME_ACQ,
			   nv->shared_bus +
				   offsetof(struct nvme_shared, admin_cq));
	nv->ready = false;
	nv->ready_ms = deadline_ms() + controller_ready_limit(nv);
	nvme_write(nv, NVME_CC, NVME_CC_ON);
	return 0;
}

void nvme_identify_fill(const struct nvme *nv, struct nvme_command *cmd,
			enum nvme_cns cns, uint32_t nsid)
{
	memset(nv->shared->answer, 0, sizeof(nv->shared->answer));
	*cmd = (struct nvme_command){
		.opcode = NVME_IDENTIFY,
		.nsid = nsid,
		.cdw = { cns },
		.page = nv->shared_bus + offsetof(struct nvme_shared, answer),
	};
}

/* If the controller is off now, it did not refuse this command. */
int nvme_admin_result(const struct nvme *nv, const struct nvme_command *cmd,
		      const char *what)
{
	int err = cmd->rq.status;

	/* What came after its completion was nonsense. */
	if (err == 0 && !nv->shared)
		return reason_fail(ERR_IO, "the controller was reset in the "
					   "meantime");
	if (err < 0 && nv->ready)
		return reason_fail(err, "%s: %s", what, cmd->rq.why);
	return err < 0 ? reason_fail(err, "%s", cmd->rq.why) : 0;
}

void nvme_admin_add(struct nvme *nv, struct nvme_command *cmd)
{
	cmd->rq.timeout_ms = block_timeout();
	if (!nv->ready)
		cmd->rq.timeout_ms += controller_ready_limit(nv);
	request_add(&nv->admin.requests, &cmd->rq);
}

int nvme_admin_run(struct nvme *nv, struct nvme_command *cmd, const char *what)
{
	nvme_admin_add(nv, cmd);
	while (cmd->rq.status == REQUEST_PENDING)
		request_wait();
	return nvme_admin_result(nv, cmd, what);
}

void nvme_take_controller(struct nvme *nv)
{
	const uint8_t *id = nv->shared->answer;
	unsigned mdts = id[NVME_CTRL_MDTS], len = NVME_MODEL_LEN;

	nv->transfer_max = NVME_TRANSFER_MAX;
	if (mdts && mdts < 8)
		nv->transfer_max = NVME_PAGE << mdts;
	nv->has_cache = id[NVME_CTRL_VWC] & NVME_VWC_PRESENT;
	memcpy(nv->model, &id[NVME_CTRL_MODEL], len);
	nv->model[len] = '\0';
	len = (unsigned)strlen(nv->model);
	while (len && nv->model[len - 1] == ' ')
		nv->model[--len] = '\0';
}

/*
 * Ascending ids; 0 ends the list, and so does any other that is not above the
 * last one. [NVMe 1.4, 5.15.2.3]
 */
int nvme_take_list(struct nvme *nv)
{
	uint32_t *ids = heap_alloc(NVME_LIST_MAX * sizeof(*ids)), last = 0;
	unsigned n;

	if (!ids)
		return reason_fail(ERR_NOMEM, "no memory for namespaces");
	for (n = 0; n < NVME_LIST_MAX; n++) {
		uint32_t id = le32_load(&nv->shared->answer[4 * n]);

		if (id <= last)
			break;
		ids[n] = last = id;
	}
	heap_free(nv->ids);
	nv->ids = heap_realloc(ids, MAX(n, 1u) * sizeof(*ids));
	if (!nv->ids)
		nv->ids = ids;
	nv->n_ids = n;
	nv->first.id = n ? nv->ids[0] : 0;
	return 0;
}

static int start_queues_wanted(struct nvme *nv)
{
	struct nvme_command cmd = {
		.opcode = NVME_SET_FEATURES,
		/* One pair: numbers less one. */
		.cdw = { NVME_FEATURE_QUEUES, 0 },
	};

	return nvme_admin_run(nv, &cmd, "number of queues");
}

static int start_ring(struct nvme *nv, enum nvme_opcode opcode, size_t offset,
		      uint32_t flags)
{
	struct nvme_command cmd = {
		.opcode = (uint8_t)opcode,
		.cdw = { (controller_entries(nv) - 1) << 16 | nv->io.id,
			 flags | NVME_CONTIGUOUS },
		.page = nv->shared_bus + offset,
	};

	return nvme_admin_run(nv, &cmd,
			      opcode == NVME_CREATE_CQ ? "completion queue"
						       : "submission queue");
}

/* Without interrupts. */
static int start_rings(struct nvme *nv)
{
	struct nvme_shared *shared = nv->shared;
	int err = start_ring(nv, NVME_CREATE_CQ,
			     offsetof(struct nvme_shared, cq), 0);

	if (err == 0)
		err = start_ring(nv, NVME_CREATE_SQ,
				 offsetof(struct nvme_shared, sq),
				 nv->io.id << 16);
	if (err < 0)
		return err;
	nvme_queue_start(&nv->io, shared->sq, shared->cq,
			 controller_entries(nv));
	nv->io.lists = shared->lists;
	nv->io.lists_bus = nv->shared_bus + offsetof(struct nvme_shared, lists);
	return 0;
}

static int start_identify(struct nvme *nv)
{
	struct nvme_command cmd;
	int err;

	nvme_identify_fill(nv, &cmd, NVME_CNS_CONTROLLER, 0);
	err = nvme_admin_run(nv, &cmd, "Identify");
	if (err < 0)
		return err;
	nvme_take_controller(nv);
	/* Known, unless the scan has failed. */
	if (nv->first.id)
		return 0;
	nvme_identify_fill(nv, &cmd, NVME_CNS_LIST, 0);
	err = nvme_admin_run(nv, &cmd, "list of namespaces");
	return err < 0 ? err : nvme_take_list(nv);
}

static bool shutdown_is_done(void *arg)
{
	uint32_t status = nvme_read(arg, NVME_CSTS);

	return (status & NVME_CSTS_SHUTDOWN) == NVME_CSTS_SHUTDOWN_DONE ||
	       status & NVME_CSTS_FATAL || status == NVME_GONE;
}

/* Before power is lost, or another driver takes over. [NVMe 1.4, 7.6.2] */
static void controller_shut_down(struct nvme *nv)
{
	nvme_write(nv, NVME_CC, NVME_CC_ON | NVME_CC_SHUTDOWN);
	if (deadline_wait(shutdown_is_done, nv, SHUTDOWN_MS) < 0)
		log_err("nvme %s: no shutdown in %u ms", device_path(nv->dev),
			SHUTDOWN_MS);
}

static void controller_stop(struct device *dev)
{
	struct nvme *nv = dev->priv;
	struct reason_kept kept;

	if (!nv->active)
		return;
	nv->active = false;
	reason_keep(&kept);
	if (nv->ready && dev->state == DEVICE_QUIESCED)
		controller_shut_down(nv);
	/* Without bus mastering, no DMA follows even if this fails. */
	if (nv->shared)
		(void)!controller_disable(nv);
	reason_put_back(&kept);
	pci_disable(nv->fn);
	nvme_queue_stop(&nv->admin);
	nvme_queue_stop(&nv->io);
	dma_free(&nv->dma, nv->shared, nv->shared_bus, nv->shared_len);
	nv->shared = NULL;
	nv->ready = false;
}

/* A scan waits for several controllers at a time. */
static int controller_start(struct device *dev)
{
	struct nvme *nv = dev->priv;
	int err;

	nv->active = true;
	pci_enable(nv->fn);
	err = pci_dma_init(nv->fn, &nv->dma);
	if (err == 0)
		err = registers_find(nv);
	if (err == 0)
		err = controller_disable(nv);
	if (err == 0)
		err = controller_enable(nv);
	if (err < 0 || nv->scanning)
		return err;
	err = start_identify(nv);
	if (err == 0)
		err = start_queues_wanted(nv);
	if (err == 0)
		err = start_rings(nv);
	return err;
}

/* No I/O. The scan finds out whether it is a disk. */
static int controller_attach(struct device *dev)
{
	struct nvme *nv = heap_zalloc(sizeof(*nv));

	if (!nv)
		return reason_fail(ERR_NOMEM, "no memory");
	dev->priv = nv;
	nv->dev = dev;
	nv->fn = pci_function_of(dev);
	nvme_queue_init(&nv->admin, nv, 0);
	nvme_queue_init(&nv->io, nv, 1);
	nvme_namespace_init(&nv->first, nv, dev, 0);
	return 0;
}

static void controller_detach(struct device *dev)
{
	struct nvme *nv = dev->priv;

	heap_free(nv->ids);
	heap_free(nv);
}

/* [PCI Code and ID Assignment 1.11, 1.2.8] */
static const struct pci_match controller_ids[] = {
	{ PCI_ANY, PCI_ANY, 0x010802, 0xffffff },
	{ .vendor = 0 },
};

DRIVER(nvme) = {
	.name = "nvme",
	.bus = &pci_bus,
	.match = controller_ids,
	.boot_name = NVME_BOOT_NAME,
	.attach = controller_attach,
	.start = controller_start,
	.stop = controller_stop,
	.scan = nvme_scan,
	.found = nvme_found,
	.resolve = nvme_resolve,
	.detach = controller_detach,
};

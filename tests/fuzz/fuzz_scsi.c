// SPDX-License-Identifier: BSD-2-Clause
// SCSI answers: REPORT LUNS, INQUIRY, READ CAPACITY, sense data, residuals.
#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/scsi.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/block.h"
#include "tests/fuzz/scsi.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_scsi_disk);

#define QUEUE 8u

static struct fuzz_input in;
static struct device *controller;
static struct scsi_host host;
static struct request *slots[2 * QUEUE];
static struct scsi_command *queue[QUEUE];
static unsigned queued, n_slots, n_targets;
static uint32_t max_transfer;
static bool running;

static int host_start(struct device *dev)
{
	(void)dev;
	running = fuzz_u8(&in) != 0xff;
	return running ? 0 : ERR_IO;
}

static void host_stop(struct device *dev)
{
	(void)dev;
	running = false;
	queued = 0;
}

static int host_submit(struct request_queue *q, struct request *rq)
{
	struct scsi_command *cmd = scsi_command_of(rq);

	(void)q;
	assert(running);
	assert(!cmd->len || cmd->buf);
	assert(cmd->len <= host.max_transfer);
	if (queued == QUEUE)
		return ERR_BUSY;
	queue[queued++] = cmd;
	return 0;
}

static void answer_data(struct scsi_command *cmd, bool changed)
{
	uint8_t answer[FUZZ_SCSI_ANSWER] = { 0 };
	size_t n = fuzz_scsi_usual(&in, cmd->cdb[0], 1ULL << 48, answer);

	if (changed)
		n = fuzz_take(&in, answer, fuzz_u8(&in));
	n = MIN(n, cmd->len);
	if (n && cmd->dir == DMA_FROM_DEVICE)
		memcpy(cmd->buf, answer, n);
	cmd->residual = cmd->len - (uint32_t)n;
	if (cmd->len > sizeof(answer))
		cmd->residual = fuzz_u8(&in);
}

static int fail(int err)
{
	if (err == ERR_NODEV)
		reason_clear();
	else
		reason_fail(err, "fuzz");
	return err;
}

/* What a host may hand on: lengths within their fields, all else hostile. */
static void finish(struct scsi_command *cmd)
{
	static const int results[] = { ERR_NODEV, ERR_IO, ERR_TIMEOUT };
	uint8_t how = fuzz_u8(&in);
	int result = 0;

	cmd->status = SCSI_GOOD;
	cmd->sense_len = 0;
	if (how < 0xe0) {
		answer_data(cmd, how & 1);
	} else if (how < 0xf8) {
		cmd->status = how & 1 ? SCSI_CHECK_CONDITION : fuzz_u8(&in);
		cmd->sense_len = (uint8_t)fuzz_take(
			&in, cmd->sense, fuzz_u8(&in) % (SCSI_SENSE_MAX + 1));
		cmd->residual = cmd->len ? fuzz_u8(&in) % cmd->len : 0;
	} else {
		result = fail(results[how % 3]);
	}
	request_done(&cmd->rq, result);
}

/*
 * Not always, and not always all: the host may go away after an answer, or be
 * reset for somebody else's sake.
 */
static void host_poll(struct request_queue *q)
{
	unsigned n = queued, answered = n, i;
	uint8_t what = fuzz_u8(&in);

	if (what >= 0xf0)
		return;
	if (n && what >= 0xe8)
		answered = what % n;
	for (i = 0; i < answered; i++)
		finish(queue[i]);
	queued = n - answered;
	memmove(queue, queue + answered, queued * sizeof(queue[0]));
	if (n && what >= 0xec)
		device_stop(controller);
	else if (n && what >= 0xe8)
		request_lose(q, fail(ERR_IO));
}

static size_t targets(const struct scsi_host *h, unsigned round)
{
	(void)h;
	return round == 0 ? n_targets : 0;
}

static uint64_t target(const struct scsi_host *h, unsigned round, size_t i)
{
	(void)h;
	assert(round == 0 && i < n_targets);
	return (i + 1ULL) << 32;
}

static uint64_t lun_of(uint64_t target_lun, uint64_t entry)
{
	return entry & 0xffffffffffff ? 0 : target_lun | entry >> 48;
}

static int host_attach(struct device *dev)
{
	static const struct request_ops ops = {
		.submit = host_submit,
		.poll = host_poll,
		.decide = scsi_decide,
	};
	static const struct scsi_addressing addressing = {
		.targets = targets,
		.target = target,
		.lun_of = lun_of,
	};

	scsi_host_init(&host, dev, &ops, slots, n_slots, &addressing);
	host.max_transfer = max_transfer;
	host.vital = true;
	return 0;
}

static void host_detach(struct device *dev)
{
	scsi_host_release(dev->priv);
}

DRIVER(fuzz_scsi) = {
	.name = "fuzz-scsi",
	.bus = &platform_bus,
	.match = "fuzz,scsi",
	.attach = host_attach,
	.start = host_start,
	.stop = host_stop,
	.scan = scsi_scan,
	.found = scsi_found,
	.detach = host_detach,
};

static void use(struct block_device *bd)
{
	uint64_t lba = fuzz_u8(&in) ? fuzz_u8(&in) : fuzz_u64(&in);

	if (block_open(bd))
		return;
	assert(bd->block_size >= BLOCK_SIZE_MIN &&
	       bd->block_size <= BLOCK_SIZE_MAX);
	assert(bd->max_blocks);
	fuzz_block_read(bd, lba, fuzz_u8(&in) % 32);
	fuzz_block_read_bytes(bd, lba, fuzz_u16(&in));
	fuzz_block_write(bd, lba, fuzz_u8(&in) % 32);
	(void)!block_flush(bd);
	block_close(bd);
}

static void plug(uint8_t kind)
{
	static const uint32_t transfers[] = { 65536, 512, 1024, 262144 };
	struct node *node;

	max_transfer = transfers[kind % 4];
	/* One target has all the room for its answer. */
	n_targets = kind & 4 ? 1 : 2;
	/* The host is full when the engine thinks so, or before. */
	n_slots = kind & 8 ? QUEUE : 2 * QUEUE;
	queued = 0;
	running = false;
	log_reset();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 2);
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "scsi@3", TREE_QEMU);
	assert(!tree_set_str(node, "compatible", "fuzz,scsi"));
	controller = device_add(NULL, &platform_bus, node, NULL);
	assert(controller);
}

static void unplug(void)
{
	tree_remove_node(controller->node);
	assert(!running);
	tree_free();
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = (struct fuzz_input){ data, size };
	plug(fuzz_u8(&in));
	device_scan_all();
	for (struct node *n = controller->node->child; n; n = n->next) {
		if (n->device && block_of(device_of(n)))
			use(block_of(device_of(n)));
	}
	unplug();
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// SCSI answers: REPORT LUNS, INQUIRY, READ CAPACITY, sense data, residuals.
#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/scsi.h"
#include "lib/log.h"
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
static struct device controller;
static struct scsi_host host;
static struct scsi_command *queue[QUEUE];
static unsigned queued;

static int host_start(struct scsi_host *h)
{
	(void)h;
	return fuzz_u8(&in) == 0xff ? ERR_IO : 0;
}

static int host_submit(struct scsi_host *h, struct scsi_command *cmd)
{
	assert(h->started);
	assert(!cmd->len || cmd->buf);
	assert(cmd->len <= h->max_transfer);
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

/* What a host may hand on: lengths within their fields, all else hostile. */
static void finish(struct scsi_command *cmd)
{
	static const int results[] = { ERR_NODEV, ERR_IO, ERR_TIMEOUT };
	uint8_t how = fuzz_u8(&in);

	cmd->status = SCSI_GOOD;
	cmd->sense_len = 0;
	if (how < 0xe0) {
		answer_data(cmd, how & 1);
		cmd->result = 0;
	} else if (how < 0xf8) {
		cmd->status = how & 1 ? SCSI_CHECK_CONDITION : fuzz_u8(&in);
		cmd->sense_len = (uint8_t)fuzz_take(
			&in, cmd->sense, fuzz_u8(&in) % (SCSI_SENSE_MAX + 1));
		cmd->residual = cmd->len ? fuzz_u8(&in) % cmd->len : 0;
		cmd->result = 0;
	} else {
		scsi_done(cmd, results[how % 3]);
	}
}

/* Not always, and not always all: the host may go away after an answer. */
static void host_poll(struct scsi_host *h)
{
	unsigned n = queued, answered = n;
	uint8_t what = fuzz_u8(&in);

	if (what >= 0xf0)
		return;
	if (n && what >= 0xe8) {
		answered = what % n;
		h->started = false;
	}
	queued = 0;
	for (unsigned i = 0; i < n; i++) {
		if (i < answered)
			finish(queue[i]);
		else
			scsi_done(queue[i], ERR_IO);
	}
}

static void host_reset(struct scsi_host *h)
{
	(void)h;
	for (unsigned i = 0; i < queued; i++)
		scsi_done(queue[i], ERR_TIMEOUT);
	queued = 0;
}

static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	return entry & 0xffffffffffff ? 0 : target | entry >> 48;
}

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

static void unplug(void)
{
	for (struct node *n = controller.node->child; n; n = n->next) {
		if (n->device)
			device_remove(n);
	}
	scsi_host_release(&host);
	tree_free();
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct driver driver = { .name = "fuzz-scsi" };
	static const struct scsi_host_ops ops = {
		.start = host_start,
		.submit = host_submit,
		.poll = host_poll,
		.reset = host_reset,
	};
	static const uint64_t targets[] = { 1ULL << 32, 2ULL << 32 };
	static const uint32_t transfers[] = { 65536, 512, 1024, 262144 };
	uint8_t kind;

	in = (struct fuzz_input){ data, size };
	queued = 0;
	log_reset();
	device_reset_all();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 2);
	assert(!tree_init());
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	controller.node = tree_add_node(tree_root(), "scsi@3", TREE_QEMU);
	controller.driver = &driver;
	kind = fuzz_u8(&in);
	scsi_host_init(&host, &controller, &ops, transfers[kind % 4]);
	/* One target has all the room for its answer. */
	assert(scsi_scan(&host, targets, kind & 4 ? 1 : 2, lun_of) <= 2);
	for (struct node *n = controller.node->child; n; n = n->next) {
		if (n->device && device_of(n)->block)
			use(device_of(n)->block);
	}
	unplug();
	return 0;
}

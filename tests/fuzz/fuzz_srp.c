// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi's partner: queue elements, SRP answers, data, at any time.
#include "drivers/block.h"
#include "drivers/vio/vio.h"
#include "hcall/rtas.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/hcall.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/block.h"
#include "tests/fuzz/scsi.h"
#include "tree/path.h"
#include "tree/prop.h"

TABLE_LINK(drivers, driver_vscsi);
TABLE_LINK(drivers, driver_scsi_disk);

#define UNIT 0x71000002u
#define QUEUE_LEN 4096u
#define INIT 0xc001000000000000ULL
#define INIT_DONE 0xc002000000000000ULL
#define MESSAGE 0x8001000000000000ULL
#define EVENT 0xff00000000000000ULL
/* Offsets in SRP_CMD and SRP_RSP. [SRP r16a 6.8, 6.9] */
#define CMD_FORMAT 5u
#define CMD_TAG 8u
#define CMD_CDB 32u
#define CMD_DATA 48u
#define RSP_LEN 36u
#define PENDING 32u

static struct fuzz_input in;
static uint64_t clock_now;
static uint64_t queue; /* bus address; 0: none */
static unsigned next;
/* Information units that were sent, and are not answered. */
static uint64_t pending[PENDING];
static unsigned pending_count;
static bool bypass_allowed;
/* It may have answered what it still has: then it must not touch the data. */
static bool forged;

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	(void)on;
	assert(unit == UNIT);
	return bypass_allowed ? 0 : ERR_NOTSUP;
}

/* [QEMU hw/ppc/spapr_vio.c, spapr_vio_send_crq] */
static void post(uint64_t high, uint64_t low)
{
	uint8_t *at;

	if (!queue)
		return;
	at = fake_dma_ptr(queue + next, 16, DMA_FROM_DEVICE);
	be64_store(at + 8, low);
	be64_store(at, high);
	next = (next + 16) % QUEUE_LEN;
}

/* Writes to a piece of the data, which must be mapped, all of it. */
static void write_piece(const uint8_t *desc, bool write, const uint8_t *from,
			size_t n)
{
	uint32_t len = be32_load(desc + 12);
	uint8_t *to = fake_dma_ptr(be64_load(desc), len,
				   write ? DMA_TO_DEVICE : DMA_FROM_DEVICE);

	if (!write)
		memcpy(to, from, MIN(n, len));
}

/* The descriptors of a command are ours: none of them may be wrong. */
static void transfer(const uint8_t *iu, const uint8_t *answer, size_t n)
{
	const uint8_t *data = iu + CMD_DATA;
	uint8_t format = iu[CMD_FORMAT];
	bool write = format >> 4;
	uint32_t len = be32_load(data + 12);
	const uint8_t *table;

	if ((format & 0xf) == 1 || format >> 4 == 1) {
		write_piece(data, write, answer, n);
	} else if (format) {
		table = fake_dma_ptr(be64_load(data), len, DMA_TO_DEVICE);
		for (uint32_t i = 0; i < len; i += 16)
			write_piece(table + i, write, answer, n);
	}
}

/* An SRP_RSP in the place of the SRP_CMD, then changed as the input wants. */
static size_t respond(uint8_t *iu, uint8_t how)
{
	uint8_t tag[8];
	size_t n = 0;

	memcpy(tag, iu + CMD_TAG, sizeof(tag));
	memset(iu, 0, 256);
	iu[0] = 0xc1;
	memcpy(iu + 8, tag, sizeof(tag));
	if (how & 2) {
		iu[18] = 0x02;
		iu[19] = 2;
		n = fuzz_take(&in, iu + RSP_LEN, fuzz_u8(&in) % 220);
		be32_store(iu + 28, (uint32_t)n);
	}
	if (how & 4) {
		size_t at = fuzz_u8(&in) % RSP_LEN;
		size_t len = fuzz_u8(&in) % 8;

		fuzz_take(&in, iu + at, MIN(len, RSP_LEN - at));
	}
	return RSP_LEN + n;
}

static void answer_one(uint8_t how)
{
	uint8_t answer[FUZZ_SCSI_ANSWER] = { 0 }, *iu;
	unsigned i = how >> 4;
	uint64_t tag;
	size_t n;

	if (!pending_count || !queue)
		return;
	i %= pending_count;
	iu = fake_dma_ptr(pending[i], 256, DMA_BOTH);
	pending[i] = pending[--pending_count];
	tag = be64_load(iu + CMD_TAG);
	n = fuzz_scsi_usual(&in, iu[CMD_CDB], 0x8100ULL << 48, answer);
	if (how & 1) {
		uint8_t len = fuzz_u8(&in);

		n = fuzz_take(&in, answer, len);
	}
	if (!forged)
		transfer(iu, answer, n);
	n = respond(iu, how);
	if (how & 8)
		n = fuzz_u16(&in);
	post(MESSAGE | (n & 0xffff), tag);
}

static void scribble(void)
{
	size_t at = fuzz_u16(&in) % QUEUE_LEN, len = fuzz_u8(&in) % 32;

	forged = true;
	if (queue)
		fuzz_take(&in,
			  (uint8_t *)fake_dma_ptr(queue, QUEUE_LEN,
						  DMA_FROM_DEVICE) +
				  at,
			  MIN(len, QUEUE_LEN - at));
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);
	uint64_t high;

	if (what < 0x80) {
		for (unsigned n = what >> 4; n; n--)
			answer_one(fuzz_u8(&in));
	} else if (what < 0x90) {
		scribble();
	} else if (what < 0x98) {
		high = fuzz_u64(&in);
		forged = true;
		post(high, fuzz_u64(&in));
	} else if (what < 0xa0) {
		static const uint64_t others[] = { INIT, INIT_DONE, EVENT,
						   MESSAGE };

		forged = true;
		post(others[what % 4], fuzz_u8(&in));
	}
}

/* Each look at the clock lets the partner act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 4;
	return clock_now;
}

static int64_t reg_crq(struct hcall *h)
{
	static const int64_t errors[] = { H_RESOURCE, H_CLOSED, H_HARDWARE,
					  H_PARAMETER };
	uint8_t how = fuzz_u8(&in);

	assert(h->reg[0] == UNIT && h->reg[2] == QUEUE_LEN);
	assert(h->reg[1] % 4096 == 0);
	if (how >= 0xf0 && errors[how % 4] != H_CLOSED)
		return errors[how % 4];
	if (queue)
		return H_RESOURCE;
	queue = h->reg[1];
	next = 0;
	if (how & 1)
		post(INIT, 0);
	return how >= 0xf0 ? H_CLOSED : H_SUCCESS;
}

static int64_t free_crq(struct hcall *h)
{
	assert(h->reg[0] == UNIT);
	queue = 0;
	pending_count = 0;
	forged = false;
	return H_SUCCESS;
}

static int64_t send_crq(struct hcall *h)
{
	uint8_t how = fuzz_u8(&in);

	assert(h->reg[0] == UNIT);
	if (!queue || how >= 0xf8)
		return how & 1 ? H_CLOSED : H_DROPPED;
	if (h->reg[1] == INIT && how < 0xc0)
		post(INIT_DONE, 0);
	if (h->reg[1] >> 48 != MESSAGE >> 48)
		return H_SUCCESS;
	/* All of the unit can be reached until it is answered. */
	(void)fake_dma_ptr(h->reg[2], 256, DMA_BOTH);
	assert(pending_count < PENDING);
	pending[pending_count++] = h->reg[2];
	return H_SUCCESS;
}

static struct node *plug(uint8_t kind)
{
	static const uint32_t window[] = { 0x71000002, 0, 0, 0, 0x40000000 };
	struct node *node;

	queue = 0;
	pending_count = 0;
	forged = false;
	bypass_allowed = kind & 1;
	fake_dma_reset();
	if (kind & 2)
		fake_dma_limit(fuzz_u16(&in));
	/* And between two looks at its answers. */
	if (kind & 8)
		fake_dma_between = act;
	fake_hcall_reset();
	fake_hcall_set(H_REG_CRQ, reg_crq);
	fake_hcall_set(H_FREE_CRQ, free_crq);
	fake_hcall_set(H_SEND_CRQ, send_crq);
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "v-scsi@71000002", TREE_QEMU);
	assert(node && !tree_set_u32(node, "reg", UNIT));
	assert(!tree_set_str(node, "compatible", "IBM,v-scsi"));
	if (!(kind & 4))
		assert(!tree_set_cells(node, "ibm,my-dma-window", window, 5));
	(void)device_add(NULL, &vio_bus, node, NULL);
	return node;
}

static void use(struct block_device *bd)
{
	uint8_t lba = fuzz_u8(&in), n = fuzz_u8(&in);

	if (block_open(bd))
		return;
	assert(bd->block_size >= BLOCK_SIZE_MIN && bd->max_blocks);
	/* More than a descriptor takes, where the input wants it. */
	fuzz_block_read(bd, lba, MIN(n, 131072 / bd->block_size));
	fuzz_block_write(bd, lba, n % 16);
	(void)!block_flush(bd);
	block_close(bd);
}

static void unplug(struct node *node)
{
	tree_remove_node(node);
	tree_free();
	assert(!queue);
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *node;

	in = (struct fuzz_input){ data, size };
	log_reset();
	node = plug(fuzz_u8(&in));
	device_scan_all();
	for (unsigned i = 0; i < 2; i++) {
		for (struct node *n = node->child; n; n = n->next) {
			if (n->device && block_of(device_of(n)))
				use(block_of(device_of(n)));
		}
	}
	unplug(node);
	return 0;
}

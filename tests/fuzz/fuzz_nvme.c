// SPDX-License-Identifier: BSD-2-Clause
// NVMe controllers that write what they like to registers, rings, answers.
#include "drivers/device.h"
#include "tests/fake/nvme.h"
#include "tests/fuzz/block.h"
#include "tests/fuzz/input.h"

static struct fuzz_input in;
static struct fake_nvme *const fn = &fake_nvmes[0];

/* A ring or the answer to Identify, where the controller may write. */
static void scribble(uint64_t bus)
{
	unsigned at = fuzz_u8(&in), n = fuzz_u8(&in) % 32;
	uint8_t *to = fake_nvme_dma(bus + at, 32, FAKE_NVME_WRITES);

	if (to)
		fuzz_take(&in, to, n);
}

static void post(unsigned q)
{
	uint16_t head = fuzz_u8(&in), cid = fuzz_u16(&in);

	if (fn->queue[q].cq_size)
		fake_nvme_post(fn, q, head, cid, fuzz_u8(&in));
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);
	unsigned q = what >> 4 & 1;

	switch (what & 15) {
	case 1:
		post(q);
		break;
	case 2:
		scribble(fn->queue[q].cq);
		break;
	case 3:
		fn->csts = fuzz_u8(&in);
		break;
	case 4:
		fn->gone = what >> 4 == 1;
		break;
	case 5:
		fn->lie = 1 + fuzz_u8(&in) % (FAKE_NVME_LIES - 1);
		break;
	case 6:
		fn->fails = what >> 4;
		fn->fail_queue = q;
		fn->fail_opcode = fuzz_u8(&in) & 15;
		fn->status = fuzz_u16(&in) & 0x7fff;
		break;
	case 7:
		fn->hold = q;
		break;
	}
}

static void answer(unsigned cns, uint32_t nsid, uint8_t *page)
{
	(void)cns;
	(void)nsid;
	if (fuzz_u8(&in) & 1)
		fuzz_patch(&in, page, 4096);
}

static void plug_namespaces(void)
{
	unsigned n = fuzz_u8(&in) % 4;
	uint8_t id = 0;

	fn->n_ns = 0;
	while (n--) {
		struct fake_nvme_namespace *ns;

		id = (uint8_t)(id + 1 + fuzz_u8(&in) % 8);
		ns = fake_nvme_add(fn, id);
		if (fuzz_u8(&in) & 1)
			ns->shift = 12;
	}
}

static void plug(uint8_t kind)
{
	(void)fake_nvme_plug(NULL);
	/* A look at CSTS at each turn, deadlines after some hundred. */
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 80);
	fn->lie = NVME_LIE_FUZZ;
	fn->mdts = fuzz_u8(&in);
	fn->vwc = fuzz_u8(&in);
	if (kind & 2)
		fn->cap ^= (uint64_t)fuzz_u32(&in) << 32 | fuzz_u32(&in);
	if (kind & 4)
		fake_nvme_machine.pages = 16 + fuzz_u8(&in);
	plug_namespaces();
	fn->identify = answer;
	if (kind & 8)
		fake_nvme_machine.meanwhile = act;
	fake_nvme_device(1 + (kind & 1));
}

static void use(struct block_device *bd)
{
	for (unsigned n = 0; n < 3; n++) {
		if (block_open(bd))
			continue;
		assert(bd->block_size >= BLOCK_SIZE_MIN && bd->max_blocks);
		assert(bd->blocks <= INT64_MAX / bd->block_size);
		fuzz_block_read(bd, fuzz_u8(&in), fuzz_u8(&in) % 32);
		fuzz_block_write(bd, 34 + fuzz_u8(&in), fuzz_u8(&in) % 16);
		fuzz_block_read_bytes(bd, fuzz_u16(&in), fuzz_u16(&in));
		(void)!block_flush(bd);
		if (fuzz_u8(&in) & 1)
			block_close(bd);
	}
}

static void use_all(void)
{
	struct node *node;

	for (node = tree_root(); node; node = tree_next(node)) {
		struct block_device *bd = node->device ? block_of(node->device)
						       : NULL;

		if (bd && in.left)
			use(bd);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;

	in = (struct fuzz_input){ data, size };
	kind = fuzz_u8(&in);
	plug(kind);
	use_all();
	/* Those that are still open: others have reset their controller. */
	use_all();
	if (kind & 16)
		device_quiesce_all(NULL);
	(void)fake_nvme_unplug(NULL);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// Single fields of what an NVMe controller says, changed at random: each use of
// its disks ends, stays in its buffer, and does not succeed by a forgery.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/nvme/nvme.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/nvme.h"

#define ROUNDS 600u
#define READ_MAX (128 * 1024u)
#define GUARD 4096u
/* What changes: an answer to Identify, by CNS; or: */
#define LIE_REGISTERS 3u
#define LIE_COMPLETIONS 4u

static struct fake_nvme *const fn = &fake_nvmes[0];
static uint8_t area[2 * GUARD + 4096 + READ_MAX], guard[GUARD];
static uint32_t seed, lie, odds; /* against changing CSTS, or a completion */
static bool failed, forged;	 /* something; a completion of a read */

/* Numerical Recipes' generator; its high bits are the better ones. */
static uint32_t pick(uint32_t limit)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * limit >> 32);
}

/* A value as a tester would choose it. */
static uint64_t pick_value(uint64_t old, uint32_t bits)
{
	static const uint64_t edges[] = {
		0,  1,	  8,	  9,	      12,	  13,	      31,
		32, 4096, 0xffff, UINT32_MAX, 1ull << 54, UINT64_MAX,
	};
	uint32_t n = pick(2 * ARRAY_SIZE(edges));

	if (n < ARRAY_SIZE(edges))
		return edges[n];
	return pick(2) ? old ^ 1ull << pick(bits) : old + pick(9) - 4;
}

/* A little-endian field of `size` bytes gets another value. */
static void change(uint8_t *at, size_t size)
{
	uint8_t raw[8] = { 0 };

	memcpy(raw, at, size);
	le64_store(raw, pick_value(le64_load(raw), 8 * (uint32_t)size));
	memcpy(at, raw, size);
}

/* Blocks have 512 bytes; if it says that they are larger, it sends a part. */
static int read_blocks(struct block_device *bd, uint64_t lba)
{
	uint32_t id = container_of(bd, struct nvme_namespace, bd)->id;
	uint64_t most = 1 + pick(READ_MAX / bd->block_size);
	size_t count = MIN(bd->blocks - lba, most);
	size_t len = count * bd->block_size;
	uint8_t *buf = area + GUARD + pick(4096);
	int err;

	forged = false;
	memset(buf - GUARD, 0xa5, len + 2 * GUARD);
	err = block_read_bytes(bd, lba * bd->block_size, buf, len);
	assert_memory_equal(buf - GUARD, guard, GUARD);
	assert_memory_equal(buf + len, guard, GUARD);
	if (err == 0 && bd->block_size == 512) {
		lba += 8ull * (id - 1);
		assert_true(id <= 5 && lba + count <= FAKE_NVME_DATA / 512);
		assert_memory_equal(buf, fake_nvme_data + lba * 512, len);
	}
	assert_false(forged && err == 0);
	failed |= err < 0;
	return err;
}

static void use(struct block_device *bd)
{
	if (block_open(bd) < 0) {
		failed = true;
		return;
	}
	assert_in_range(bd->block_size, BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
	assert_true(bd->blocks && bd->blocks <= INT64_MAX / bd->block_size);
	assert_true(bd->max_blocks <= NVME_TRANSFER_MAX / bd->block_size);
	assert_true(memchr(bd->product, 0, NVME_MODEL_LEN + 1));
	read_blocks(bd, 0);
	read_blocks(bd, bd->blocks - 1);
	read_blocks(bd, pick((uint32_t)MIN(bd->blocks, 4096)));
	failed |= block_flush(bd) < 0;
	block_close(bd);
}

/* The ids of a controller ascend, from 1; 0: not known before it is opened. */
static void use_all(void)
{
	struct device_role *as = device_next_role(NULL, &block_role);
	uint32_t last = 0;

	failed = !as;
	for (unsigned n = 0; as; as = device_next_role(as, &block_role)) {
		const struct nvme_namespace *ns =
			container_of(as, struct nvme_namespace, bd.as);

		assert_true(ns->id > last || (!ns->id && !n));
		last = ns->id;
		if (n++ < 8)
			use(block_of(as->dev));
	}
}

static void use_honest(void)
{
	struct block_device *bd = fake_nvme_block("/mass-storage@0");

	fn->cap = 0x004018200f010001ULL + pick(40); /* rings of any length */
	fn->identify = NULL;
	fn->read = NULL;
	fn->completion = NULL;
	if (block_open(bd) < 0 || read_blocks(bd, pick(4000)) < 0)
		fail_msg("an honest controller fails: %s", reason());
	block_close(bd);
}

/* However often something times out, an hour is enough. */
static void check_time(void)
{
	assert_true(deadline_ms() < 3600 * 1000);
}

static void plug(void)
{
	fake_nvme_plug(NULL);
	/* A look at CSTS at each turn, deadlines after some hundred. */
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 80);
	fake_nvme_machine.meanwhile = check_time;
	for (uint32_t id = 3; id <= 5; id += 2) {
		struct fake_nvme_namespace *ns = fake_nvme_add(fn, id);

		ns->data += 4096 * (id - 1);
		ns->len -= 4096 * (id - 1);
		ns->blocks = ns->len / 512;
	}
	fn->mdts = (uint8_t)(1 + pick(5)); /* often less than a read */
	odds = 1u << pick(9);
}

static uint32_t change_csts(unsigned reg, uint32_t value)
{
	if (reg != 0x1c || pick(odds))
		return value;
	return (uint32_t)pick_value(value, pick(4) ? 4 : 32);
}

static void change_registers(void)
{
	if (pick(2))
		fn->read = change_csts;
	else if (pick(2))
		fn->cap ^= (uint64_t)pick(256) << 8 * pick(8);
	else if (pick(2)) /* MQES */
		fn->cap = (fn->cap & ~0xffffull) | pick(12);
	else
		fn->cap = pick_value(fn->cap, 64);
}

/* Fields, by CNS: where, of how many bytes, how many. [NVMe 1.4, 5.15.2] */
static void change_answer(unsigned cns, uint32_t nsid, uint8_t *page)
{
	static const uint16_t fields[][3 * 8] = {
		/* NSZE, NCAP; NLBAF; FLBAS; DPS; NSATTR; MS, LBADS, RP */
		{ 0,  8, 2, 25,	 1, 2, 26,  1, 1, 29,  1, 1,
		  99, 1, 1, 128, 2, 2, 130, 1, 2, 128, 4, 16 },
		/* VID; model; MDTS; VER; NN; VWC */
		{ 0,  2, 2, 24,	 1, 40, 77,  1, 1, 77, 1, 1,
		  80, 4, 1, 516, 4, 1,	525, 1, 1, 0,  4, 1024 },
		{ 0, 4, 1, 4, 4, 1, 8, 4, 1,  12, 4, 1,
		  0, 4, 2, 0, 4, 8, 0, 4, 64, 0,  4, 1024 },
	};

	(void)nsid;
	if (cns != lie)
		return;
	if (pick(16) == 0)
		memset(page, (int)pick(256), 4096);
	for (uint32_t n = pick(64) || cns != NVME_CNS_LIST ? 0 : 1024; n; n--)
		le32_store(page + 4 * (n - 1), n);
	for (uint32_t left = pick(4); left; left--) {
		const uint16_t *f = &fields[cns][3 * pick(8)];

		change(page + f[0] + (size_t)f[1] * pick(f[2]), f[1]);
	}
}

static void change_completion(unsigned q, uint8_t *cqe)
{
	uint32_t ids = le32_load(cqe + 10); /* of the queue, of the command */

	if (lie == LIE_COMPLETIONS && !pick(odds))
		change(cqe + 2 * pick(8), 2);
	forged |= le32_load(cqe + 10) != ids ||
		  le16_load(cqe + 8) >= fn->queue[q].sq_size;
}

static void check_rounds(void **state)
{
	unsigned rounds[2] = { 0, 0 };

	lie = *(const unsigned *)*state;
	seed = lie + 1;
	memset(guard, 0xa5, sizeof(guard));
	print_message("seed %u, %u rounds\n", seed, ROUNDS);
	for (unsigned i = 0; i < ROUNDS; i++) {
		plug();
		fn->identify = change_answer;
		fn->completion = change_completion;
		if (lie == LIE_REGISTERS)
			change_registers();
		fake_nvme_device(1);
		use_all();
		rounds[failed]++;
		if (lie != NVME_CNS_LIST) /* which is read once */
			use_honest();
		device_quiesce_all(NULL);
		assert_false(fake_nvme_machine.master[0]);
		assert_int_equal(fake_nvme_machine.mapped, 0);
		fake_nvme_unplug(NULL);
	}
	assert_true(rounds[false] && rounds[true]);
}

int main(void)
{
	static unsigned a[] = { 0, 1, 2, LIE_REGISTERS, LIE_COMPLETIONS };
	const struct CMUnitTest tests[] = {
		{ "namespaces_may_say_anything", check_rounds, 0, 0, a },
		{ "controllers_may_say_anything", check_rounds, 0, 0, a + 1 },
		{ "lists_may_say_anything", check_rounds, 0, 0, a + 2 },
		{ "registers_may_say_anything", check_rounds, 0, 0, a + 3 },
		{ "completions_may_say_anything", check_rounds, 0, 0, a + 4 },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

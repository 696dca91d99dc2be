// SPDX-License-Identifier: BSD-2-Clause
// tpm-spapr's partner and a TPM 2.0: queue elements and responses, at any time.
#include "drivers/vio/vio.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/tpm/tpm2.h"
#include "tests/fake/hcall.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"
#include "tree/prop.h"
#include <assert.h>

TABLE_LINK(drivers, driver_vtpm);

#define UNIT 0x71000002u
#define QUEUE_LEN 4096u
#define PAGE_LEN 4096u
#define INIT 0xc001000000000000ULL
#define INIT_DONE 0xc002000000000000ULL
#define EVENT 0xff00000000000000ULL
#define ERROR 0x80ff000000000000ULL
#define VERSION 0x8001000000000000ULL
#define COMMAND 0x8002000000000000ULL
#define RESULT 0x0080000000000000ULL

static struct fuzz_input in;
static uint64_t clock_now;
static uint64_t queue; /* bus address; 0: none */
static unsigned next;
static uint64_t running; /* page of a command; 0: none */
/* Of that command: its tag is in the response. */
static uint16_t tag;

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

/* A response whose sizes are right, of the input's bytes; `how` spoils it. */
static size_t respond(uint8_t *page, uint8_t how)
{
	size_t session = tag == 0x8002 ? 4 : 0;
	size_t n = fuzz_u8(&in), at = 10 + session;

	if (how & 1)
		n = fuzz_u16(&in) % (PAGE_LEN - at - 5);
	memset(page, 0, PAGE_LEN);
	n = fuzz_take(&in, page + at, n);
	be16_store(page, tag);
	be32_store(page + 10, session ? (uint32_t)n : be32_load(page + 10));
	n += at + (session ? 5 : 0);
	be32_store(page + 2, (uint32_t)n);
	if (how & 2)
		be32_store(page + 6, fuzz_u32(&in));
	if (how & 4)
		fuzz_take(&in, page + fuzz_u8(&in) % 16, 4);
	return n;
}

static void answer(uint8_t how)
{
	uint64_t bus = running;
	size_t len;

	if (!bus || (how & 0x60) == 0x60)
		return;
	running = 0;
	if (!fake_dma_mapped(bus)) {
		post(ERROR | 4, 0);
		return;
	}
	len = respond(fake_dma_ptr(bus, PAGE_LEN, DMA_BOTH), how);
	if (how & 8)
		len = fuzz_u16(&in);
	if (how & 0x10)
		bus ^= PAGE_LEN;
	post(COMMAND | RESULT | (uint64_t)(len & 0xffff) << 32 | bus, 0);
	if (how & 0x20)
		post(COMMAND | RESULT | (uint64_t)(len & 0xffff) << 32 | bus,
		     0);
}

static void scribble(void)
{
	size_t at = fuzz_u16(&in) % QUEUE_LEN, len = fuzz_u8(&in) % 32;
	uint8_t *bytes;

	if (!queue)
		return;
	bytes = fake_dma_ptr(queue, QUEUE_LEN, DMA_FROM_DEVICE);
	fuzz_take(&in, bytes + at, MIN(len, QUEUE_LEN - at));
}

static void act(void)
{
	static const uint64_t others[] = { INIT, INIT_DONE, EVENT, ERROR | 3 };
	uint8_t what = fuzz_u8(&in);

	if (what < 0x80) {
		answer(what);
	} else if (what < 0x90) {
		scribble();
	} else if (what < 0x98) {
		uint64_t high = fuzz_u64(&in);

		post(high, fuzz_u64(&in));
	} else if (what < 0xa0) {
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
	uint8_t how = fuzz_u8(&in);

	assert(h->reg[0] == UNIT && h->reg[2] == QUEUE_LEN);
	assert(h->reg[1] % 4096 == 0);
	if (how >= 0xf8)
		return how & 1 ? H_HARDWARE : H_PARAMETER;
	if (queue)
		return H_RESOURCE;
	queue = h->reg[1];
	next = 0;
	return how & 1 ? H_CLOSED : H_SUCCESS;
}

static int64_t free_crq(struct hcall *h)
{
	assert(h->reg[0] == UNIT);
	queue = 0;
	return H_SUCCESS;
}

/* A command is whole, and all of its page is there. */
static int64_t take_command(uint64_t high)
{
	uint64_t bus = high & 0xffffffff;
	uint32_t len = high >> 32 & 0xffff;
	const uint8_t *page = fake_dma_ptr(bus, PAGE_LEN, DMA_BOTH);

	assert(bus % PAGE_LEN == 0);
	assert(len >= TPM_HEADER && len == be32_load(page + 2));
	for (uint32_t i = len; i < PAGE_LEN; i++)
		assert(page[i] == 0);
	if (running)
		return H_BUSY;
	running = bus;
	tag = be16_load(page);
	assert(tag == 0x8001 || tag == 0x8002);
	return H_SUCCESS;
}

/* Version 2 and a whole page, if the input does not want others. */
static void take_message(uint64_t high, uint8_t how)
{
	uint64_t data = 2, len = PAGE_LEN;

	if (how & 0x80) {
		data = fuzz_u8(&in);
		len = fuzz_u16(&in);
	}
	post(high | RESULT | len << 32 | data, data);
}

static int64_t send_crq(struct hcall *h)
{
	uint64_t high = h->reg[1];
	uint8_t how = fuzz_u8(&in);

	assert(h->reg[0] == UNIT);
	if (how >= 0xfc)
		return how & 1 ? H_CLOSED : H_DROPPED;
	if (high >> 48 == COMMAND >> 48)
		return take_command(high);
	if (how >= 0xf0)
		return H_SUCCESS;
	if (high >> 56 == VERSION >> 56)
		take_message(high, how);
	else
		post(high, 0);
	return H_SUCCESS;
}

static struct node *plug(uint8_t kind)
{
	static const uint32_t window[] = { UNIT, 0, 0, 0, 0x10000000 };
	struct node *node;

	queue = 0;
	running = 0;
	fake_dma_reset();
	if (kind & 2)
		fake_dma_fail(fuzz_u8(&in) % 4);
	fake_hcall_reset();
	fake_hcall_set(H_REG_CRQ, reg_crq);
	fake_hcall_set(H_FREE_CRQ, free_crq);
	fake_hcall_set(H_SEND_CRQ, send_crq);
	assert(!tree_init());
	device_init();
	node = tree_add_node(tree_root(), "vtpm@71000002", TREE_QEMU);
	assert(node && !tree_set_u32(node, "reg", UNIT));
	assert(!tree_set_str(node, "compatible", "IBM,vtpm20"));
	if (!(kind & 4))
		assert(!tree_set_cells(node, "ibm,my-dma-window", window, 5));
	assert(device_add(NULL, &vio_bus, node, NULL));
	return node;
}

static int list_banks(struct tpm_device *tpm)
{
	struct tpm2_banks banks;
	int err = tpm2_get_banks(tpm, &banks);

	assert(banks.count <= TPM2_BANKS_MAX);
	for (size_t i = 0; i < banks.count && err == 0; i++) {
		for (size_t j = 0; j < i; j++)
			assert(banks.bank[i].alg != banks.bank[j].alg);
	}
	return err == 0 ? tpm2_allocate(tpm, &banks) : err;
}

static int extend(struct tpm_device *tpm)
{
	struct digest_values values;

	digest_of(fuzz_u8(&in) & DIGEST_ALL, "x", 1, &values);
	return tpm2_extend(tpm, fuzz_u8(&in) % 25, &values);
}

static int read_pcr(struct tpm_device *tpm)
{
	uint8_t value[DIGEST_MAX];

	return tpm2_pcr_read(tpm, fuzz_u8(&in) % 25,
			     fuzz_u8(&in) % DIGEST_HASHES, value);
}

static int get_random(struct tpm_device *tpm)
{
	uint8_t buf[100];

	return tpm2_random(tpm, buf, fuzz_u8(&in) % sizeof(buf));
}

static int lock(struct tpm_device *tpm)
{
	static const uint8_t auth[TPM2_AUTH] = { 1, 2, 3 };

	return tpm2_lock_platform(tpm, auth);
}

static int cap(struct tpm_device *tpm)
{
	return tpm2_cap(tpm, 7, 0x10 + fuzz_u8(&in) % 0x20);
}

/* As a client passes one through: it may be longer than ours. */
static int pass(struct tpm_device *tpm)
{
	static uint8_t buf[TPM_BUFFER_MAX];
	size_t len = 10 + fuzz_u16(&in) % (sizeof(buf) - 9);
	long got;

	memset(buf, 0x11, sizeof(buf));
	be16_store(buf, 0x8001);
	be32_store(buf + 2, (uint32_t)len);
	got = tpm_transmit(tpm, buf, len, buf, sizeof(buf));
	assert(got < 0 || (got >= TPM_HEADER && got == be32_load(buf + 2)));
	return got < 0 ? (int)got : 0;
}

static void use(struct tpm_device *tpm)
{
	static int (*const calls[])(struct tpm_device * tpm) = {
		tpm2_startup,
		tpm2_self_test,
		list_banks,
		extend,
		read_pcr,
		get_random,
		lock,
		cap,
		tpm2_clear,
		tpm2_shutdown,
		tpm2_disable_identity,
		pass,
	};
	unsigned n = fuzz_u8(&in) % 16;

	if (device_open(tpm->as.dev) < 0)
		return;
	assert(tpm->max >= TPM_BUFFER_MIN && tpm->max <= TPM_BUFFER_MAX);
	while (n--) {
		reason_clear();
		if (calls[fuzz_u8(&in) % ARRAY_SIZE(calls)](tpm) < 0)
			assert(reason()[0]);
	}
	device_close(tpm->as.dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *node;
	struct device_role *as;

	in = (struct fuzz_input){ data, size };
	log_reset();
	node = plug(fuzz_u8(&in));
	as = device_role(device_of(node), &tpm_role);
	use(tpm_device_of(as));
	use(tpm_device_of(as));
	tree_remove_node(node);
	tree_free();
	assert(!queue);
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
	return 0;
}

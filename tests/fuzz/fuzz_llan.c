// SPDX-License-Identifier: BSD-2-Clause
// Fuzz target: what a logical LAN writes to its queue, and when.
#include <setjmp.h>
#include <stdarg.h>

#include "drivers/instance.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "tests/fake/heap.h"
#include "tests/fake/llan.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

#define QUEUE_LEN(bd) ((uint32_t)((bd) >> 32 & 0xffffff))

static struct fuzz_input in;
static uint64_t clock_now;
static struct network_device *nd;
static uint8_t frame[FAKE_LLAN_MAX];
/* Honest frames that are for us: how many came, and were seen. */
static uint32_t put, seen;

/* Numbered, so that none is lost or comes twice. */
static void put_frame(size_t len)
{
	static const uint8_t head[] = FAKE_LLAN_MAC "\2\0\0\0\0\1\x08";

	memcpy(frame, head, 13);
	len = MIN(len, sizeof(frame));
	if (len >= NETWORK_HEADER)
		len = MAX(len, NETWORK_HEADER + sizeof(put));
	be32_store(frame + NETWORK_HEADER, put);
	if (fake_llan_put(frame, len) && len >= NETWORK_HEADER &&
	    len <= NETWORK_FRAME_MAX)
		put++;
}

static void forge(void)
{
	static const uint16_t handles = 260;
	uint8_t control = fuzz_u8(&in);
	uint16_t offset = fuzz_u16(&in);
	uint32_t len = fuzz_u32(&in);
	uint16_t i = fuzz_u16(&in);

	fake_llan.forges = true;
	fake_llan_entry(control, control & 1 ? offset : 8,
			control & 2 ? len : 60 + len % 1455,
			control & 4 ? fuzz_u64(&in) : i % handles);
}

/* A part of the queue, whatever is there. */
static void scribble(void)
{
	uint32_t size = QUEUE_LEN(fake_llan.queue);
	size_t at = fuzz_u16(&in) % size, len = fuzz_u8(&in) % 40;

	fake_llan.forges = true;
	len = MIN(len, size - at);
	fuzz_take(&in, fake_llan_ptr(fake_llan.queue) + at, len);
	memcpy(fake_llan.shadow + at, fake_llan_ptr(fake_llan.queue) + at, len);
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);

	if (!fake_llan.open || !fake_llan.queue)
		return;
	if (what < 0x40) {
		for (unsigned n = what % 32; n; n--)
			put_frame(60 + n * 50);
	} else if (what < 0x60) {
		put_frame(fuzz_u16(&in));
	} else if (what < 0x68) {
		put_frame(65536u + fuzz_u16(&in));
	} else if (what < 0x78) {
		forge();
	} else if (what < 0x80) {
		scribble();
	} else if (what < 0x84) {
		fake_llan.busy = fuzz_u8(&in);
	} else if (what < 0x86) {
		fake_llan.send_error = (int8_t)fuzz_u8(&in);
	} else if (what < 0x87) {
		fake_llan.adds_left = fuzz_u8(&in);
		fake_llan.add_error = (int8_t)fuzz_u8(&in);
	}
}

/* Each look at the clock lets the LAN act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 50;
	return clock_now;
}

/* The hypervisor does not have what is shown. */
static void check_frame(const uint8_t *at, size_t len)
{
	uint64_t bd;

	assert(len <= FAKE_LLAN_MAX + 4096);
	for (unsigned i = 0; i < fake_llan.n_bds && !fake_llan.forges; i++) {
		bd = fake_llan.bds[i];
		assert(at + len <= fake_llan_ptr(bd) ||
		       at >= fake_llan_ptr(bd) + QUEUE_LEN(bd));
	}
	/* ASan sees what is outside of the whole. */
	for (size_t i = 0; i < len; i += 64)
		frame[0] ^= at[i];
}

static void look(unsigned n)
{
	while (n--) {
		size_t len = 0;
		const uint8_t *at = network_peek(nd, &len);

		if (!at)
			return;
		check_frame(at, len);
		if (!fake_llan.forges)
			assert(be32_load(at + NETWORK_HEADER) == seen);
		seen++;
		if (fuzz_u8(&in) & 1)
			act();
		network_release(nd);
	}
}

static void use(void)
{
	uint64_t lost;
	uint8_t what;

	fake_llan.register_error = fuzz_u8(&in) == 1 ? H_PARAMETER : 0;
	if (network_open(nd))
		return;
	/* It forgets what came before. */
	put = seen = 0;
	while (in.left && (what = fuzz_u8(&in)) != 0xff) {
		if (what < 0x80)
			act();
		else if (what < 0xf0)
			look(what % 64);
		else
			(void)!network_send(nd, frame, 14 + what % 64);
	}
	network_counts(nd, &lost);
	/* All that comes honestly is seen in the end. */
	for (unsigned i = 0; i < 4096 && seen != put; i++)
		look(64);
	assert(fake_llan.forges || fake_llan.add_error || seen == put);
	network_close(nd);
	assert(!fake_llan.open && !fake_llan.bypass && !fake_dma_live());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *node;
	uint8_t kind;

	in = (struct fuzz_input){ data, size };
	log_reset();
	fake_llan_reset();
	kind = fuzz_u8(&in);
	fake_llan.no_bypass = kind & 1;
	fake_llan.page = kind & 2;
	if (kind & 4)
		fake_dma_limit(fuzz_u16(&in));
	node = fake_llan_plug(kind & 8 ? 6 : 8);
	nd = network_of(device_of(node));
	for (unsigned i = 0; i == 0 || (in.left && i < 3); i++) {
		fake_llan.forges = fake_llan.add_error = false;
		fake_llan.busy = 0;
		/* A client has left it open. */
		fake_llan.open = fuzz_u8(&in) == 1;
		fake_llan.queue = 0;
		use();
	}
	tree_remove_node(node);
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}

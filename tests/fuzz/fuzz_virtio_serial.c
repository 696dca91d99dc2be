// SPDX-License-Identifier: BSD-2-Clause
// virtio-serial cards that send what they like: control messages, input, rings.
#include "drivers/console.h"
#include "drivers/device.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_console);
TABLE_LINK(drivers, driver_virtio_port);

#define MULTIPORT (1u << 1)
#define CONTROL_RX 2u
#define CONTROL_TX 3u
#define EVENT_PORT_ADD 1
#define EVENT_PORT_READY 3
#define EVENT_CONSOLE_PORT 4

static struct fuzz_input in;
static uint64_t clock_now;
static uint8_t message[300];
static uint32_t message_len;

/* Input queues hold the driver's buffers. */
#define HOLDS 0x5555555555555555

/*
 * A card that has written nonsense into a ring only writes more of it, until it
 * is reset: the fake would follow chains that the driver has taken back.
 */
static bool tainted;
static unsigned tainted_at; /* number of resets */

static void taint(void)
{
	tainted = true;
	tainted_at = fake_virtio.resets;
	fake_virtio.holds = UINT64_MAX;
}

static void untaint(void)
{
	if (!tainted || tainted_at == fake_virtio.resets)
		return;
	tainted = false;
	fake_virtio.holds = HOLDS;
	if (fake_virtio.lie == FAKE_OTHER_ID || fake_virtio.lie == FAKE_TWICE ||
	    fake_virtio.lie == FAKE_INDEX)
		fake_virtio.lie = FAKE_HONEST;
}

static bool reaches_rings(void)
{
	return fake_virtio.lie != FAKE_GONE && fake_virtio.enabled &&
	       fake_virtio.status & VIRTIO_DRIVER_OK;
}

static bool works(void)
{
	untaint();
	return reaches_rings() && !tainted;
}

/* Fills the oldest buffer that waits in an input queue. */
static void give(unsigned q)
{
	if (works())
		fake_virtio_answer_next(q);
}

static void say(uint32_t id, uint16_t event, uint32_t len)
{
	memset(message, 0, sizeof(message));
	fake_put32(message, id);
	fake_put16(message + 4, event);
	fake_put16(message + 6, 1);
	message_len = len;
	give(CONTROL_RX);
}

static void say_anything(void)
{
	uint32_t id = fuzz_u8(&in), event = fuzz_u8(&in);

	if (id >= 0x80)
		id = fuzz_u32(&in);
	say(id, (uint16_t)(event < 0x80 ? event % 9 : event << 8),
	    event & 64 ? fuzz_u16(&in) : 8);
}

static void type(unsigned q)
{
	message_len = (uint32_t)fuzz_take(&in, message, fuzz_u8(&in) % 65);
	give(q & ~1u);
}

/* The used ring of a queue; NULL: the card reaches none. */
static uint8_t *used_ring(unsigned q, unsigned *len)
{
	const struct fake_virtio *fv = &fake_virtio;

	if (!reaches_rings() || !fv->desc[q])
		return NULL;
	*len = 4 + 8u * (fv->size_set[q] ? fv->size_set[q] : fv->queue_size[q]);
	return fake_dma_ptr(fv->used[q], *len, DMA_FROM_DEVICE);
}

static void scribble(unsigned q)
{
	unsigned len, at, n;
	uint8_t *used = used_ring(q, &len);

	if (!used)
		return;
	taint();
	at = fuzz_u8(&in) % len;
	n = fuzz_u8(&in) % 16;
	fuzz_take(&in, used + at, MIN(n, len - at));
}

/* Says that a chain is done: perhaps one that is in flight. */
static void finish_one(unsigned q)
{
	unsigned len;
	uint8_t *used = used_ring(q, &len), *entry;
	uint16_t idx;

	if (!used)
		return;
	taint();
	idx = (uint16_t)(fake_virtio.modern ? used[2] | used[3] << 8
					    : used[2] << 8 | used[3]);
	entry = used + 4 + 8 * (idx % ((len - 4) / 8));
	fake_put32(entry, fuzz_u8(&in));
	fake_put32(entry + 4, fuzz_u8(&in));
	fake_put16(used + 2, (uint16_t)(idx + 1));
}

static void lie(enum fake_lie which)
{
	if (fake_virtio.lie == FAKE_GONE || which > FAKE_TORN)
		return;
	fake_virtio.lie = which;
	/* Of the next answer; then it is what scribbling is. */
	if (which == FAKE_OTHER_ID || which == FAKE_TWICE ||
	    which == FAKE_INDEX) {
		if (works())
			fake_virtio_answer_next(CONTROL_RX);
		taint();
	}
}

/* Whether the card reads the output of a port. */
static void turn_output(unsigned q)
{
	if (!works())
		return;
	fake_virtio.holds ^= 1ULL << q;
	while (!(fake_virtio.holds >> q & 1) && fake_virtio_answer_next(q))
		;
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);
	unsigned q = what >> 3;

	untaint();
	switch (what & 7) {
	case 1:
		say_anything();
		break;
	case 2:
		type(q);
		break;
	case 3:
		scribble(q);
		break;
	case 4:
		turn_output(q | 1);
		break;
	case 5:
		lie(q);
		break;
	case 6:
		finish_one(q);
		break;
	case 7:
		fake_virtio.features ^= q ? 0 : MULTIPORT;
		break;
	}
}

/* Each look at the clock lets the card act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 100;
	return clock_now;
}

/* A driver's message: mostly an honest answer, so that more follows. */
static void converse(const struct fake_buf *buf)
{
	uint32_t id = fake_get32(buf->ptr);
	unsigned event = buf->ptr[4] | buf->ptr[5];
	uint32_t ports;

	assert(buf->len == 8 && !buf->device_writes);
	if (event == EVENT_PORT_READY && (id & 1 || fuzz_u8(&in) & 1))
		say(id, EVENT_CONSOLE_PORT, 8);
	for (ports = event ? 0 : fuzz_u8(&in); ports; ports &= ports - 1)
		say((uint32_t)__builtin_ctz(ports) * 5, EVENT_PORT_ADD, 8);
}

static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert(n == 1);
	if (queue == CONTROL_TX)
		converse(bufs);
	if (!bufs->device_writes)
		return 0;
	memcpy(bufs->ptr, message, MIN(bufs->len, sizeof(message)));
	return message_len;
}

static void plug(uint8_t kind)
{
	static const uint16_t sizes[] = { 128, 32, 1, 2, 4, 64, 0, 3, 256 };
	bool modern = kind & 1;

	fake_virtio_reset(modern);
	fake_virtio_fn.device = modern ? 0x1043 : 0x1003;
	for (unsigned i = 0; i < FAKE_QUEUES; i++)
		fake_virtio.queue_size[i] = i / 2 == 1 ? 32 : 128;
	if (kind & 2) {
		uint8_t pick = fuzz_u8(&in), of = fuzz_u8(&in);

		fake_virtio.queue_size[of % FAKE_QUEUES] =
			sizes[pick % ARRAY_SIZE(sizes)];
	}
	if (kind & 4)
		fake_virtio.features |= fuzz_u32(&in);
	else
		fake_virtio.features |= MULTIPORT;
	fake_virtio.handle = serve;
	fake_virtio.holds = HOLDS;
	tainted = false;
	if (kind & 8)
		fake_dma_limit(fuzz_u16(&in));
	/* And between two looks at its answers. */
	if (kind & 16)
		fake_dma_between = act;
	if (kind & 32)
		fake_heap_fail_after(fuzz_u8(&in));
}

static void use(const struct device *dev)
{
	static char text[20000];
	struct console_output *out = console_output_of(dev);
	struct console_input *from = console_input_of(dev);
	char buf[16];
	long n;

	if (!out || !from)
		return;
	n = (long)(fuzz_u8(&in) & 1 ? fuzz_u16(&in) % sizeof(text)
				    : fuzz_u8(&in) % 4);
	n = out->write(out, text, (size_t)n);
	assert(n >= 0 || n == ERR_NODEV);
	n = console_read(from, buf, sizeof(buf));
	assert(n <= (long)sizeof(buf));
	if (fuzz_u8(&in) & 1)
		out->flush(out);
}

static void use_all(struct node *bus, unsigned times)
{
	while (times--) {
		for (struct node *n = bus; n; n = tree_next(n)) {
			if (n->device)
				use(n->device);
		}
		act();
	}
}

static void quiesce(struct node *bus)
{
	uint8_t how = fuzz_u8(&in);
	struct node *keep = how & 2 && bus->child ? bus->child : bus;

	if (how & 4) {
		device_abandon_all();
		use_all(bus, 2);
	}
	if (!(how & 1))
		return;
	if (how & 8 || !keep->device || !console_output_of(keep->device))
		keep = NULL;
	console_keep(keep);
	device_quiesce_all(keep);
	use_all(bus, 3);
	/* In between, the card reaches no memory. */
	assert(!fake_virtio.enabled && !fake_dma_live());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *bus;
	uint8_t kind;

	in = (struct fuzz_input){ data, size };
	log_reset();
	plug(0);
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	bus = tree_add_node(tree_root(), "serial@1", TREE_QEMU);
	kind = fuzz_u8(&in);
	plug(kind);
	fake_virtio_fn.node = bus;
	if (kind & 64)
		log_set_topics("drivers");
	(void)device_add(NULL, &pci_bus, bus, &fake_virtio_fn);
	device_scan_all();
	fake_heap_fail_after(-1);
	console_follow_all();
	for (unsigned i = 0; i < 16 && in.left; i++) {
		use_all(bus, 1);
		print("line %u\n", i);
	}
	quiesce(bus);
	tree_remove_node(bus);
	tree_free();
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// virtio devices that write what they like to rings, configuration, answers.
#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/scsi.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/block.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_blk);
TABLE_LINK(drivers, driver_virtio_scsi);
TABLE_LINK(drivers, driver_scsi_disk);

static struct fuzz_input in;
static uint64_t clock_now;

/* The whole used ring of a queue, or NULL: it is not set up. */
static uint8_t *used_ring(unsigned q, unsigned *len)
{
	const struct fake_virtio *fv = &fake_virtio;
	unsigned size = fv->size_set[q] ? fv->size_set[q] : fv->queue_size[q];

	if (fv->lie == FAKE_GONE || !fv->enabled)
		return NULL;
	if (!(fv->status & VIRTIO_DRIVER_OK) || !fv->desc[q])
		return NULL;
	*len = 4 + 8 * size;
	return fake_dma_ptr(fv->used[q], *len, DMA_FROM_DEVICE);
}

static void scribble(unsigned q)
{
	unsigned len, at, n;
	uint8_t *used = used_ring(q, &len);

	if (!used)
		return;
	at = fuzz_u8(&in) % len;
	n = fuzz_u8(&in) % 16;
	fuzz_take(&in, used + at, MIN(n, len - at));
}

static void finish_one(unsigned q)
{
	unsigned len, size;
	uint8_t *used = used_ring(q, &len), *entry;
	uint16_t idx;

	if (!used)
		return;
	size = (len - 4) / 8;
	idx = (uint16_t)(fake_virtio.modern ? used[2] | used[3] << 8
					    : used[2] << 8 | used[3]);
	entry = used + 4 + 8 * (idx % size);
	fake_put32(entry, fuzz_u8(&in));
	fake_put32(entry + 4, fuzz_u8(&in) & 1 ? fuzz_u32(&in) : 1);
	fake_put16(used + 2, (uint16_t)(idx + 1));
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);
	unsigned q = what >> 4 & 3;

	switch (what & 15) {
	case 1:
		scribble(q);
		break;
	case 2:
		finish_one(q);
		break;
	case 3:
		fake_virtio.config[fuzz_u8(&in) % 64] = fuzz_u8(&in);
		break;
	case 4:
		/* What is gone stays away: nobody has reset it. */
		if (fake_virtio.lie != FAKE_GONE)
			fake_virtio.lie = what >> 4;
		break;
	}
}

/* Each look at the clock lets the device act. */
uint64_t timebase_read(void)
{
	act();
	clock_now += TIMEBASE_DEFAULT_HZ / 4;
	return clock_now;
}

/* Buffers that the device may write get the input's bytes, or zeros. */
static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	uint32_t written = 0, len;
	uint8_t how = fuzz_u8(&in);

	(void)queue;
	for (unsigned i = 0; i < n; i++) {
		if (!bufs[i].device_writes)
			continue;
		memset(bufs[i].ptr, 0, bufs[i].len);
		len = how & 1 ? fuzz_u8(&in) : 0;
		fuzz_take(&in, bufs[i].ptr, MIN(bufs[i].len, len));
		written += bufs[i].len;
	}
	return how & 2 ? fuzz_u32(&in) : written;
}

static void plug(uint8_t kind)
{
	static const uint16_t sizes[] = { 256, 128, 1, 2,    4,	    64,
					  0,   3,   8, 1024, 32768, 65535 };
	bool modern = kind & 1, scsi = kind & 2;

	fake_virtio_reset(modern);
	fake_virtio_fn.device = modern ? (scsi ? 0x1048 : 0x1042)
				       : (scsi ? 0x1004 : 0x1001);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t pick = fuzz_u8(&in);

		fake_virtio.queue_size[i] = sizes[pick % ARRAY_SIZE(sizes)];
		if (pick >= 0xf8)
			fake_virtio.notify_off[i] = UINT16_MAX;
	}
	fake_virtio.features |= fuzz_u32(&in);
	fake_put64(fake_virtio.config, 8192);
	fake_put32(fake_virtio.config + 20, 512);
	if (scsi) {
		fake_put32(fake_virtio.config + 8, 65535);
		fake_put16(fake_virtio.config + 30, 2);
	}
	fuzz_take(&in, fake_virtio.config, fuzz_u8(&in) % 64);
	fake_virtio.handle = serve;
	fake_virtio.lie = FAKE_HONEST;
	if (kind & 16)
		fake_dma_limit(fuzz_u16(&in));
	/* And between two looks at its answers. */
	if (kind & 32)
		fake_dma_between = act;
}

static void use(struct block_device *bd)
{
	for (unsigned n = 0; n < 4 && in.left; n++) {
		if (block_open(bd))
			continue;
		assert(bd->block_size >= BLOCK_SIZE_MIN && bd->max_blocks);
		fuzz_block_read(bd, fuzz_u8(&in), fuzz_u8(&in) % 16);
		fuzz_block_write(bd, 34 + fuzz_u8(&in), fuzz_u8(&in) % 16);
		fuzz_block_read_bytes(bd, fuzz_u16(&in), fuzz_u16(&in));
		(void)!block_flush(bd);
		block_close(bd);
	}
}

/* Every device below `bus`, disks of a controller included. */
static void use_all(struct node *bus)
{
	device_scan_all();
	for (struct node *n = bus; n; n = tree_next(n)) {
		struct block_device *bd = n->device ? block_of(n->device)
						    : NULL;

		if (bd)
			use(bd);
	}
}

static void unplug(struct node *bus)
{
	tree_remove_node(bus);
	tree_free();
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *bus;

	in = (struct fuzz_input){ data, size };
	log_reset();
	plug(fuzz_u8(&in));
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	bus = tree_add_node(tree_root(), "scsi@1", TREE_QEMU);
	(void)device_add(NULL, &pci_bus, bus, &fake_virtio_fn);
	use_all(bus);
	unplug(bus);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// A fake virtio-net card: see tests/fake/virtio_net.h.
#include "tests/fake/virtio_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_virtio_net);

/* Queues. [virtio 1.2, 5.1.2] */
#define RX 0u
#define TX 1u

/* MTU, MAC, STATUS. [virtio 1.2, 5.1.3] */
#define FEATURES (1 << 3 | 1 << 5 | 1 << 16)

struct fake_net fake_net;

/* [virtio 1.2, 5.1.6] */
static uint32_t header_len(void)
{
	return fake_virtio.modern ? 12 : 10;
}

static uint32_t serve_tx(const struct fake_buf *buf)
{
	static const uint8_t zeroes[12];
	uint32_t header = header_len();

	assert_false(buf->device_writes);
	assert_in_range(buf->len, header + NETWORK_FRAME_MIN,
			header + NETWORK_FRAME_MAX);
	assert_memory_equal(buf->ptr, zeroes, header);
	fake_net.sent++;
	fake_net.len = buf->len - header;
	memcpy(fake_net.frame, buf->ptr + header, fake_net.len);
	return 0;
}

static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert_int_equal(n, 1);
	if (queue == TX)
		return serve_tx(bufs);
	assert_true(bufs->device_writes);
	assert_true(bufs->len >= 12 + NETWORK_FRAME_MAX);
	assert_true(fake_net.in_len <= bufs->len);
	memcpy(bufs->ptr, fake_net.in, fake_net.in_len);
	return fake_net.in_len;
}

static void plug(bool modern, const char *mac)
{
	enum fake_lie lie = fake_virtio.lie;

	memset(&fake_net, 0, sizeof(fake_net));
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_log_start();
	fake_virtio_reset(modern);
	fake_virtio.lie = lie;
	fake_virtio_fn.device = modern ? 0x1041 : 0x1000;
	fake_virtio.queue_size[TX] = 256;
	fake_virtio.features |= FEATURES;
	fake_virtio.handle = serve;
	/* It answers when a frame arrives. */
	fake_virtio.holds = 1 << RX;
	memcpy(fake_virtio.config, mac, NETWORK_MAC);
	fake_put16(fake_virtio.config + 6, 1);
	fake_put16(fake_virtio.config + 10, NETWORK_MTU);
	assert_int_equal(tree_init(), 0);
	device_init();
	device_attach_rest();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	fake_net.node = tree_add_node(tree_root(), "ethernet@1", TREE_QEMU);
	fake_net.dev =
		device_add(NULL, &pci_bus, fake_net.node, &fake_virtio_fn);
	if (fake_net.dev)
		fake_net.nd = network_of(fake_net.dev);
}

void fake_net_plug(bool modern)
{
	plug(modern, FAKE_NET_MAC);
}

void fake_net_plug_with(const char *mac)
{
	plug(fake_virtio.modern, mac);
}

void fake_net_unplug(void)
{
	tree_remove_node(fake_net.node);
	tree_free();
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
}

bool fake_net_put_raw(const void *bytes, size_t len)
{
	assert_true(len <= sizeof(fake_net.in));
	memcpy(fake_net.in, bytes, len);
	fake_net.in_len = (uint32_t)len;
	return fake_virtio_answer_next(RX);
}

/* The header is of no matter to the driver: QEMU leaves parts of it unset. */
bool fake_net_put(const void *frame, size_t len)
{
	uint32_t header = header_len();

	assert_true(len <= FAKE_NET_FRAME);
	memset(fake_net.in, 0xa5, header);
	memcpy(fake_net.in + header, frame, len);
	fake_net.in_len = header + (uint32_t)len;
	return fake_virtio_answer_next(RX);
}

// SPDX-License-Identifier: BSD-2-Clause
// A fake network card: see tests/fake/network.h.
#include "tests/fake/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"

struct fake_network fake_network;

static struct fake_network_frame *slot(struct fake_network_frame *frames,
				       unsigned n)
{
	return &frames[n % FAKE_NETWORK_FRAMES];
}

static int fake_send(struct network_device *nd, const void *frame, size_t len)
{
	struct fake_network *fake = &fake_network;
	struct fake_network_frame *out = slot(fake->out, fake->n_out);

	assert_ptr_equal(nd, &fake->nd);
	assert_true(fake->started);
	assert_in_range(len, NETWORK_FRAME_MIN, NETWORK_FRAME_MAX);
	if (fake->send_result)
		return reason_fail(fake->send_result, "the fake is told so");
	out->len = len;
	memcpy(out->bytes, frame, len);
	fake->n_out++;
	return 0;
}

static void fake_kick(struct network_device *nd)
{
	struct fake_network *fake = &fake_network;

	assert_ptr_equal(nd, &fake->nd);
	assert_true(fake->started);
	fake->kicks++;
	while (fake->kicked != fake->n_out) {
		struct fake_network_frame *out =
			slot(fake->out, fake->kicked++);

		if (fake->sent)
			fake->sent(out->bytes, out->len);
	}
}

static const void *fake_peek(struct network_device *nd, size_t *len)
{
	struct fake_network *fake = &fake_network;
	struct fake_network_frame *in = slot(fake->in, fake->taken);

	assert_ptr_equal(nd, &fake->nd);
	assert_true(fake->started);
	fake->peeks++;
	if (!fake_network_waiting())
		return NULL;
	*len = in->len;
	return in->bytes;
}

static void fake_release(struct network_device *nd)
{
	struct fake_network *fake = &fake_network;

	assert_ptr_equal(nd, &fake->nd);
	assert_true(fake_network_waiting() > 0);
	if (fake->endless)
		fake->endless--;
	else
		fake->taken++;
}

static bool fake_link(struct network_device *nd)
{
	assert_ptr_equal(nd, &fake_network.nd);
	return !fake_network.down;
}

static uint64_t fake_dropped(struct network_device *nd)
{
	assert_ptr_equal(nd, &fake_network.nd);
	return fake_network.lost;
}

static const struct network_ops fake_ops = {
	.send = fake_send,
	.kick = fake_kick,
	.peek = fake_peek,
	.release = fake_release,
	.link = fake_link,
	.dropped = fake_dropped,
};

static int fake_attach(struct device *dev)
{
	struct network_device *nd = &fake_network.nd;

	nd->ops = &fake_ops;
	nd->mtu = NETWORK_MTU;
	return network_add(nd, dev);
}

static int fake_start(struct device *dev)
{
	(void)dev;
	if (fake_network.start_result)
		return reason_fail(fake_network.start_result,
				   "the fake is told not to start");
	fake_network.starts++;
	fake_network.started = true;
	return 0;
}

static void fake_stop(struct device *dev)
{
	(void)dev;
	fake_network.stops += fake_network.started;
	fake_network.started = false;
}

DRIVER(fake_network) = {
	.name = "fake-network",
	.bus = &platform_bus,
	.match = "fake,network",
	.attach = fake_attach,
	.start = fake_start,
	.stop = fake_stop,
};

void fake_network_attach(void)
{
	struct fake_network *fake = &fake_network;
	struct node *node = tree_add_node(tree_root(), "ethernet@1", TREE_QEMU);

	memset(fake, 0, sizeof(*fake));
	memcpy(fake->nd.mac, FAKE_NETWORK_MAC, NETWORK_MAC);
	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", "fake,network"), 0);
	bus_offer(node);
	fake->node = node;
	fake->dev = device_of(node);
	assert_non_null(fake->dev);
}

void fake_network_plug(void)
{
	fake_log_start();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	fake_network_attach();
}

void fake_network_unplug(void)
{
	tree_remove_node(fake_network.node);
	tree_free();
}

bool fake_network_put(const void *frame, size_t len)
{
	struct fake_network *fake = &fake_network;
	struct fake_network_frame *in = slot(fake->in, fake->n_in);

	assert_true(len <= FAKE_NETWORK_BYTES);
	if (fake_network_waiting() == FAKE_NETWORK_FRAMES)
		return false;
	in->len = len;
	memcpy(in->bytes, frame, len);
	fake->n_in++;
	return true;
}

void fake_network_put_for(const void *mac, size_t len)
{
	uint8_t frame[FAKE_NETWORK_BYTES];

	assert_in_range(len, NETWORK_HEADER, sizeof(frame));
	memcpy(frame, mac, NETWORK_MAC);
	memcpy(frame + NETWORK_MAC, FAKE_NETWORK_PEER, NETWORK_MAC);
	memcpy(frame + 2 * NETWORK_MAC, "\x08\x00", 2);
	for (size_t i = NETWORK_HEADER; i < len; i++)
		frame[i] = (uint8_t)(i - NETWORK_HEADER);
	assert_true(fake_network_put(frame, len));
}

unsigned fake_network_waiting(void)
{
	return fake_network.n_in - fake_network.taken;
}

const struct fake_network_frame *fake_network_out(void)
{
	assert_true(fake_network.n_out > 0);
	return slot(fake_network.out, fake_network.n_out - 1);
}

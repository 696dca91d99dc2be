// SPDX-License-Identifier: BSD-2-Clause
// virtio-gpu devices that respond as they like, at any time, or not at all.
#include "drivers/display/display.h"
#include "drivers/virtio/gpu_commands.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/input.h"

TABLE_LINK(drivers, driver_virtio_gpu);

/* Types of the commands and of the honest responses. [virtio 1.2, 5.7.6.7] */
#define GET_DISPLAY_INFO 0x100
#define RESOURCE_CREATE_2D 0x101
#define TRANSFER_TO_HOST_2D 0x105
#define RESOURCE_ATTACH_BACKING 0x106
#define OK_NODATA 0x1100
#define OK_DISPLAY_INFO 0x1101

static struct fuzz_input in;
static uint64_t clock_now;
static struct display *display;
static bool lost;

/* What the driver says of its image. */
static uint32_t image_width, image_height;
static uint64_t image_bus;

static uint32_t word(const struct fake_buf *buf, unsigned i)
{
	return le32_load(buf->ptr + sizeof(struct gpu_header) + 4 * i);
}

/* In place of drivers/display/display.c. */

int display_add(struct display *d, struct device *dev)
{
	(void)dev;
	display = d;
	return 0;
}

int display_describe(struct device *dev, const struct display_mode *mode)
{
	(void)dev;
	assert(mode->width >= 32 && mode->width <= 1920);
	assert(mode->height >= 32 && mode->height <= 1200);
	assert(mode->lines == mode->height && mode->depth == 32);
	return 0;
}

/* Within the mode, somewhere. */
static void draw(void)
{
	static uint8_t pixels[256 * 256 * 4];
	const struct display_mode *mode = &display->mode;
	uint32_t x, y, width, height;

	if (!mode->width)
		return;
	x = fuzz_u16(&in) % mode->width;
	y = fuzz_u16(&in) % mode->height;
	width = fuzz_u8(&in) % MIN(mode->width - x, 255) + 1;
	height = fuzz_u8(&in) % MIN(mode->height - y, 255) + 1;
	display->ops->draw(display, x, y, width, height, pixels);
}

void display_halt(struct display *d)
{
	assert(d == display);
	draw();
	d->ops->flush(d);
}

/* The device. */

static bool reaches_rings(void)
{
	return fake_virtio.enabled && fake_virtio.lie != FAKE_GONE &&
	       fake_virtio.status & VIRTIO_DRIVER_OK && fake_virtio.desc[0];
}

/*
 * A device that has written nonsense into its ring only writes more of it, until
 * it is reset: the fake would follow chains that the driver has taken back.
 */
static bool tainted;
static unsigned tainted_at; /* number of resets */

static void set_lie(enum fake_lie lie)
{
	if (fake_virtio.lie == FAKE_GONE ||
	    (tainted && tainted_at == fake_virtio.resets))
		return;
	tainted = false;
	fake_virtio.lie = lie;
}

static void scribble(void)
{
	unsigned len, at;
	uint8_t *used;

	if (!reaches_rings())
		return;
	len = 4 + 8u * (fake_virtio.size_set[0] ? fake_virtio.size_set[0]
						: fake_virtio.queue_size[0]);
	used = fake_dma_ptr(fake_virtio.used[0], len, DMA_FROM_DEVICE);
	at = fuzz_u8(&in) % 16;
	fuzz_take(&in, used + MIN(at, len), MIN(16, len - MIN(at, len)));
	fake_virtio.lie = FAKE_SILENT;
	tainted = true;
	tainted_at = fake_virtio.resets;
}

static void act(void)
{
	uint8_t what = fuzz_u8(&in);

	switch (what & 7) {
	case 1:
		if (reaches_rings() && fake_virtio.lie == FAKE_HONEST)
			fake_virtio_answer_next(0);
		break;
	case 2:
		scribble();
		break;
	case 3:
		set_lie(what >> 3 <= FAKE_TORN ? what >> 3 : FAKE_HONEST);
		break;
	case 4:
		fake_virtio.holds ^= 1;
		break;
	case 5:
		/* A wait that lets others show their text. */
		if (display) {
			draw();
			display->ops->flush(display);
		}
		break;
	}
}

/* Each look at the clock lets the device act. */
uint64_t timebase_read(void)
{
	static bool acting;

	if (!acting) {
		acting = true;
		act();
		acting = false;
	}
	clock_now += TIMEBASE_DEFAULT_HZ / 4;
	return clock_now;
}

/* What an honest device relies on. */
static void check_command(uint32_t type, const struct fake_buf *buf)
{
	switch (type) {
	case RESOURCE_CREATE_2D:
		image_width = word(buf, 2);
		image_height = word(buf, 3);
		break;
	case RESOURCE_ATTACH_BACKING:
		image_bus = word(buf, 2) | (uint64_t)word(buf, 3) << 32;
		assert(word(buf, 4) == image_width * image_height * 4);
		fake_dma_ptr(image_bus, word(buf, 4), DMA_TO_DEVICE);
		break;
	case TRANSFER_TO_HOST_2D:
		assert(word(buf, 2) && word(buf, 0) < image_width);
		assert(word(buf, 2) <= image_width - word(buf, 0));
		assert(word(buf, 3) && word(buf, 1) < image_height);
		assert(word(buf, 3) <= image_height - word(buf, 1));
		fake_dma_ptr(image_bus, image_width * image_height * 4,
			     DMA_TO_DEVICE);
		break;
	}
}

static void put_displays(uint8_t *out)
{
	for (unsigned i = 0; i < GPU_SCANOUTS; i++) {
		uint8_t *one = out + sizeof(struct gpu_header) +
			       i * sizeof(struct gpu_display);
		uint8_t pick = fuzz_u8(&in);

		le32_store(one + 8, pick & 1 ? fuzz_u32(&in) : 100);
		le32_store(one + 12, pick & 2 ? fuzz_u32(&in) : 60);
		le32_store(one + 16, pick & 12);
		if (pick & 12)
			break;
	}
}

/* Mostly an honest response, so that more follows. */
static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	struct fake_buf *out = &bufs[1];
	uint8_t how = fuzz_u8(&in);
	uint32_t type, written;

	assert(queue == 0 && n == 2);
	assert(!bufs[0].device_writes && out->device_writes);
	type = le32_load(bufs[0].ptr);
	check_command(type, &bufs[0]);
	written = out->len;
	if (type == GET_DISPLAY_INFO)
		put_displays(out->ptr);
	le32_store(out->ptr,
		   type == GET_DISPLAY_INFO ? OK_DISPLAY_INFO : OK_NODATA);
	if (how >= 0xf0)
		le32_store(out->ptr,
			   how & 1 ? fuzz_u32(&in) : 0x1200u + fuzz_u8(&in));
	if (how >= 0xe0 && how & 2)
		written = fuzz_u16(&in);
	if (how >= 0xe0 && how & 4)
		fuzz_take(&in, out->ptr, out->len);
	return written;
}

static void plug(uint8_t kind)
{
	static const uint16_t sizes[] = { 64, 256, 1, 2, 4, 0, 3, 128 };
	uint8_t pick = 0;

	tainted = false;
	fake_virtio_reset(!(kind & 1) || !(kind & 64));
	fake_virtio_fn.device = 0x1050;
	fake_virtio_fn.class_code = 0x038000;
	if (kind & 2)
		pick = fuzz_u8(&in);
	fake_virtio.queue_size[0] = sizes[pick % ARRAY_SIZE(sizes)];
	if (kind & 4)
		fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	if (kind & 8)
		fake_dma_fail(fuzz_u8(&in) % 32);
	if (kind & 16)
		fake_heap_fail_after(fuzz_u8(&in) % 16);
	fake_virtio.handle = serve;
}

/* As the display role does: a failed device is started no more. */
static void use(struct device *dev)
{
	uint8_t what = fuzz_u8(&in);

	if (device_start(dev) < 0) {
		lost |= dev->state == DEVICE_FAILED;
		assert(reason()[0]);
		return;
	}
	assert(!lost);
	draw();
	if (what & 1)
		draw();
	display->ops->flush(display);
	if ((what & 0x7e) == 2)
		device_abandon_all();
	if ((what & 0x7e) == 4)
		device_stop(dev);
	if ((what & 0x7e) == 6)
		display->ops->keep(display);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *node;
	struct device *dev;

	in = (struct fuzz_input){ data, size };
	log_reset();
	fake_heap_fail_after(-1);
	display = NULL;
	lost = false;
	plug(0);
	assert(!tree_init());
	device_init();
	node = tree_add_node(tree_root(), "display@1", TREE_QEMU);
	assert(node);
	plug(fuzz_u8(&in));
	fake_virtio_fn.node = node;
	dev = device_add(NULL, &pci_bus, node, &fake_virtio_fn);
	for (unsigned i = 0; dev && i < 16 && in.left; i++)
		use(dev);
	if (dev && fuzz_u8(&in) & 1) {
		device_quiesce_all(NULL);
		assert(!fake_virtio.enabled && !fake_dma_live());
		draw();
		display->ops->flush(display);
	}
	fake_heap_fail_after(-1);
	tree_remove_node(node);
	tree_free();
	assert(!fake_virtio.enabled);
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// A fake virtio-gpu: see tests/fake/virtio_gpu.h.
#include "tests/fake/virtio_gpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

#define HEADER 24u
#define INFO_LEN (HEADER + 16 * 24u)
#define OK_NODATA 0x1100u
#define OK_INFO 0x1101u
/* Big-endian 0x00RRGGBB. [QEMU include/hw/virtio/virtio-gpu-pixman.h] */
#define X8R8G8B8 4u

struct fake_gpu fake_gpu;

void fake_gpu_plug(void)
{
	fake_gpu_unplug();
	fake_virtio_reset(true);
	fake_virtio_fn.device = 0x1050;
	fake_virtio_fn.class_code = 0x038000;
	fake_virtio.queue_size[0] = 64;
	fake_virtio.queue_size[1] = 16;
	fake_virtio.handle = fake_gpu_answer;
	fake_gpu.screens[0] = (struct fake_gpu_screen){ 1280, 800, 1 };
}

static void forget(void)
{
	free(fake_gpu.host);
	free(fake_gpu.picture);
	fake_gpu.host = fake_gpu.picture = NULL;
	fake_gpu.commands[0] = '\0';
	fake_gpu.transfers = fake_gpu.flushes = 0;
	fake_gpu.pixels = fake_gpu.backing = 0;
}

void fake_gpu_unplug(void)
{
	forget();
	memset(&fake_gpu, 0, sizeof(fake_gpu));
}

/* A reset frees all images and blanks the screens. */
static void look_for_reset(void)
{
	if (fake_gpu.resets != fake_virtio.resets)
		forget();
	fake_gpu.resets = fake_virtio.resets;
}

static void note(const char *name)
{
	size_t len = strlen(fake_gpu.commands);

	/* Only the first ones. */
	if (len + strlen(name) < sizeof(fake_gpu.commands))
		strcpy(fake_gpu.commands + len, name);
}

static uint32_t word(const struct fake_buf *buf, unsigned i)
{
	return le32_load(buf->ptr + HEADER + 4 * i);
}

static void check_length(const struct fake_buf *buf, unsigned words)
{
	assert_int_equal(buf->len, HEADER + 4 * words);
}

/* A rectangle within the image. */
static void take_rect(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;

	gpu->x = word(buf, 0);
	gpu->y = word(buf, 1);
	gpu->width = word(buf, 2);
	gpu->height = word(buf, 3);
	assert_true(gpu->width && gpu->x < gpu->image_width);
	assert_true(gpu->width <= gpu->image_width - gpu->x);
	assert_true(gpu->height && gpu->y < gpu->image_height);
	assert_true(gpu->height <= gpu->image_height - gpu->y);
}

static void display_info(struct fake_buf *out)
{
	note("info ");
	assert_int_equal(out->len, INFO_LEN);
	for (unsigned i = 0; i < 16; i++) {
		const struct fake_gpu_screen *screen = &fake_gpu.screens[i];
		uint8_t *one = out->ptr + HEADER + 24 * i;

		le32_store(one + 8, screen->width);
		le32_store(one + 12, screen->height);
		le32_store(one + 16, screen->enabled);
	}
}

static void create(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;

	note("create ");
	check_length(buf, 4);
	assert_null(gpu->host);
	assert_int_equal(word(buf, 0), 1);
	assert_int_equal(word(buf, 1), X8R8G8B8);
	gpu->image_width = word(buf, 2);
	gpu->image_height = word(buf, 3);
	assert_in_range(gpu->image_width, 1, 16384);
	assert_in_range(gpu->image_height, 1, 16384);
	gpu->host = malloc((size_t)gpu->image_width * gpu->image_height * 4);
	assert_non_null(gpu->host);
	/* Undefined: the driver has to transfer all of it. */
	memset(gpu->host, 0xa5,
	       (size_t)gpu->image_width * gpu->image_height * 4);
}

static void attach(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;

	note("attach ");
	check_length(buf, 6);
	assert_non_null(gpu->host);
	assert_int_equal(word(buf, 0), 1);
	assert_int_equal(word(buf, 1), 1);
	gpu->backing = word(buf, 2) | (uint64_t)word(buf, 3) << 32;
	gpu->backing_len = word(buf, 4);
	assert_int_equal(gpu->backing_len,
			 gpu->image_width * gpu->image_height * 4);
	fake_dma_ptr(gpu->backing, gpu->backing_len, DMA_TO_DEVICE);
}

static void detach(const struct fake_buf *buf)
{
	note("detach ");
	check_length(buf, 2);
	assert_true(fake_gpu.backing);
	assert_int_equal(word(buf, 0), 1);
	fake_gpu.backing = 0;
}

static void set_scanout(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;
	size_t len = (size_t)gpu->image_width * gpu->image_height * 4;

	note("scanout ");
	check_length(buf, 6);
	assert_non_null(gpu->host);
	take_rect(buf);
	assert_int_equal(gpu->width, gpu->image_width);
	assert_int_equal(gpu->height, gpu->image_height);
	gpu->scanout = word(buf, 4);
	assert_in_range(gpu->scanout, 0, 15);
	assert_int_equal(word(buf, 5), 1);
	assert_null(gpu->picture);
	gpu->picture = malloc(len);
	assert_non_null(gpu->picture);
	memcpy(gpu->picture, gpu->host, len);
}

static void copy_rect(uint8_t *to, const uint8_t *from)
{
	const struct fake_gpu *gpu = &fake_gpu;

	for (uint32_t i = 0; i < gpu->height; i++) {
		size_t at =
			4 * ((size_t)(gpu->y + i) * gpu->image_width + gpu->x);

		memcpy(to + at, from + at, 4 * (size_t)gpu->width);
	}
}

static void transfer(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;
	uint64_t offset = word(buf, 4) | (uint64_t)word(buf, 5) << 32;

	note("transfer ");
	check_length(buf, 8);
	assert_true(gpu->backing);
	take_rect(buf);
	assert_int_equal(offset,
			 4 * ((uint64_t)gpu->y * gpu->image_width + gpu->x));
	assert_int_equal(word(buf, 6), 1);
	gpu->transfers++;
	gpu->pixels += (uint64_t)gpu->width * gpu->height;
	copy_rect(gpu->host,
		  fake_dma_ptr(gpu->backing, gpu->backing_len, DMA_TO_DEVICE));
}

/* The part that was transferred before. */
static void flush(const struct fake_buf *buf)
{
	struct fake_gpu *gpu = &fake_gpu;
	uint32_t x = gpu->x, y = gpu->y, width = gpu->width;

	note("flush ");
	check_length(buf, 6);
	assert_non_null(gpu->picture);
	take_rect(buf);
	assert_true(x == gpu->x && y == gpu->y && width == gpu->width);
	assert_int_equal(word(buf, 4), 1);
	gpu->flushes++;
	copy_rect(gpu->picture, gpu->host);
}

static void obey(uint32_t type, struct fake_buf *bufs)
{
	switch (type) {
	case GPU_DISPLAY_INFO:
		check_length(&bufs[0], 0);
		display_info(&bufs[1]);
		break;
	case GPU_CREATE:
		create(&bufs[0]);
		break;
	case GPU_ATTACH:
		attach(&bufs[0]);
		break;
	case GPU_DETACH:
		detach(&bufs[0]);
		break;
	case GPU_SET_SCANOUT:
		set_scanout(&bufs[0]);
		break;
	case GPU_TRANSFER:
		transfer(&bufs[0]);
		break;
	case GPU_FLUSH:
		flush(&bufs[0]);
		break;
	default:
		fail_msg("command 0x%x", type);
	}
}

uint32_t fake_gpu_answer(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	const struct fake_gpu *gpu = &fake_gpu;
	uint32_t type, response;

	assert_int_equal(queue, 0);
	assert_int_equal(n, 2);
	assert_false(bufs[0].device_writes);
	assert_true(bufs[1].device_writes);
	look_for_reset();
	type = le32_load(bufs[0].ptr);
	for (unsigned i = 4; i < HEADER; i++)
		assert_int_equal(bufs[0].ptr[i], 0);
	obey(type, bufs);
	response = type == GPU_DISPLAY_INFO ? OK_INFO : OK_NODATA;
	if (type != GPU_DISPLAY_INFO)
		assert_int_equal(bufs[1].len, HEADER);
	if (!gpu->lies || (gpu->lie_to && gpu->lie_to != type)) {
		le32_store(bufs[1].ptr, response);
		return bufs[1].len;
	}
	le32_store(bufs[1].ptr, gpu->lie_type ? gpu->lie_type : response);
	return MIN(gpu->lie_len, bufs[1].len);
}

bool fake_gpu_shows(void)
{
	look_for_reset();
	return fake_gpu.picture;
}

uint32_t fake_gpu_pixel(uint32_t x, uint32_t y)
{
	assert_true(fake_gpu_shows());
	assert_true(x < fake_gpu.image_width && y < fake_gpu.image_height);
	return be32_load(fake_gpu.picture +
			 4 * ((size_t)y * fake_gpu.image_width + x));
}
